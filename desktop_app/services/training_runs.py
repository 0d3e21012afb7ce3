"""Training on private data sets, proving it, and verifying what others have proved."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.services.data_sets import DataSetService
from desktop_app.services.training_files import new_file, read_consents, read_file
from desktop_app.services.training_licences import Reference, TrainingLicences
from desktop_app.store.ids import new_id
from desktop_app.store.training_runs import TrainingRun, TrainingRunRepository
from desktop_app.training import quality
from desktop_app.training.activation import Model, model_of
from desktop_app.training.certificate import (
    Proved,
    TrainingCertificate,
    Verified,
    parse,
    require_other_rows,
    verify_certificate,
)
from desktop_app.training.consent import Terms
from desktop_app.training.dataset import CommittedData, features_of
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.proof import prove, prove_accuracy, state_accuracy, train_and_state
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import MAX_STATEMENT_SIZE, Statement
from desktop_app.training.verifier import Expected, verify_claim
from desktop_app.wallet.durable import replace_file

__all__ = [
    "Expected",
    "ProofFile",
    "RunSummary",
    "Settings",
    "TrainingRun",
    "TrainingService",
    "Verified",
    "make_segments",
    "nonce_of",
    "trained",
]

SUFFIX = ".training.colophon"
LOSS_UNIT = 1_000_000
WEIGHT_UNIT = 1 << 18


@dataclass(frozen=True)
class Settings:
    """How to train. `rate` and `l2` as in floating point; the recipe has the nearest integers."""

    steps: int = 64
    rate: float = 0.5
    batches: int = 1
    l2: float = 0.0
    security: int = 100
    licence: str = ""
    challenge: str = ""
    """The verifier's own words; without it the proof is not made for anybody in particular."""
    parties: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunSummary:
    """A run on this machine, and how good it was on its own rows."""

    id: str
    statement: Statement
    losses: tuple[float, ...]
    hits: int | None
    """Logistic: rows on the right side."""
    squared_error: float | None
    """Linear: mean over the rows, in spreads of the label."""
    distance: float
    """The largest difference of a weight from the same descent in floating point."""


@dataclass(frozen=True)
class ProofFile:
    path: Path
    certificate: TrainingCertificate
    size: int


Losses = Callable[[Sequence[float]], None]
"""Called after each step with the losses of all steps so far, on the thread that trains."""


def nonce_of(challenge: str) -> str:
    """The 32 bytes (hex) that stand for a challenge; the prover chooses nothing about them."""
    return hashlib.sha256(b"colophon/v1/training/challenge\0" + challenge.strip().encode()).hexdigest()


class TrainingService:
    def __init__(
        self,
        runs: TrainingRunRepository,
        data_sets: DataSetService,
        licences: TrainingLicences,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._runs = runs
        self._data_sets = data_sets
        self._licences = licences
        self._paths = paths
        self._clock = clock

    def run(
        self,
        data_sets: Sequence[str],
        settings: Settings,
        task: Task | None = None,
        watch: Losses | None = None,
    ) -> RunSummary:
        """Train on these data sets together, and keep the recipe and the result; nothing is shown yet.

        Where the licence is a reference to a network (`training_licences`), it must be one for training on
        these data sets, of an account of this wallet, with a run left; that account becomes the first party.
        Raises InvalidInputError for a recipe that does not fit, RefusedError where training diverges or the
        licence does not permit it.
        """
        if not data_sets:
            raise InvalidInputError("training.no_data_set")
        found = [self._data_sets.get(reference) for reference in data_sets]
        settings = self._licensed(settings, [item.identity for item in found])
        data = [self._data_sets.open(item.id) for item in found]
        number = new_id()
        summary = trained(data, settings, number, task, watch)
        self._runs.add(
            TrainingRun(
                number,
                tuple(item.id for item in found),
                summary.statement.encode(),
                tuple(round(loss * LOSS_UNIT) for loss in summary.losses),
                self._clock.now(),
            )
        )
        return summary

    def _licensed(self, settings: Settings, identities: Sequence[str]) -> Settings:
        reference = Reference.read(settings.licence)
        if reference is None:
            return settings
        earlier = [Reference.read(self.statement_of(run).licence) for run in self._runs.newest(10_000)]
        uses = Counter(
            number
            for one in earlier
            if one and (one.chain_id, one.contract) == (reference.chain_id, reference.contract)
            for number in one.numbers
        )
        trainer = self._licences.require(reference, identities, uses)[0].licensee
        others = tuple(name for name in settings.parties if name != trainer)
        return replace(settings, parties=(trainer, *others))

    def get(self, run_id: str) -> TrainingRun:
        """Raises NotFoundError."""
        return self._runs.get(run_id)

    def all(self) -> list[TrainingRun]:
        """Newest first."""
        return self._runs.newest()

    @staticmethod
    def statement_of(run: TrainingRun) -> Statement:
        return Statement.read(canonical_json.read(run.statement, MAX_STATEMENT_SIZE))

    def prove(
        self,
        run_id: str,
        output: Path | None = None,
        segments: int = 1,
        task: Task | None = None,
        tests: Sequence[str] = (),
        consents: Sequence[Path] = (),
    ) -> ProofFile:
        """Make the certificate of a run: `output` is a folder or a new file; `tests` are data sets on which
        it also shows how good the result is; `consents` are files with signatures under the run's terms.

        In several segments, each is kept as soon as it is made: stopped in between, the same call goes on
        where it was. Every segment uses one proof of each data set's opening budget.
        """
        run = self._runs.get(run_id)
        whole = self.statement_of(run)
        if not 1 <= segments <= whole.recipe.steps:
            raise InvalidInputError("training.wrong_segments", steps=whole.recipe.steps)
        path = new_file(output or self._paths.certificates, f"{run.id}{SUFFIX}")
        signatures = read_consents(consents, Terms.of([whole]))
        data = [self._data_sets.open(item) for item in run.data_sets]
        test_sets = [self._data_sets.get(item) for item in tests]
        require_other_rows([item.header for item in test_sets], whole.data)
        test_data = [self._data_sets.open(item.id) for item in test_sets]
        folder = self._paths.training / f"{run.id}-{segments}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        claims = make_segments(whole, data, segments, self._data_sets.spend, folder, task)
        if test_data:
            claims.append(proved_accuracy(whole, test_data, self._data_sets.spend))
        shown = [*run.data_sets, *(item.id for item in test_sets)]
        validity = [claim for item in shown for claim in self._validity(item)]
        certificate = TrainingCertificate((*claims, *validity), signatures)
        encoded = certificate.encode()
        replace_file(path, encoded)
        self._runs.proved(run.id, path)
        shutil.rmtree(folder, ignore_errors=True)
        return ProofFile(path, certificate, len(encoded))

    def verify(self, path: Path, expected: Expected | None = None, task: Task | None = None) -> Verified:
        """Check a certificate of anybody's, without the data.

        Raises NotFoundError for no file, InvalidInputError for none of ours, RefusedError for a proof that
        does not hold or answers another question.
        """
        return verify_certificate(parse(read_file(path)), expected, task)

    def _validity(self, data_set: str) -> tuple[Proved, ...]:
        path = self._data_sets.certificate(data_set)
        return parse(path.read_bytes()).claims if path.is_file() else ()


def trained(
    data: Sequence[CommittedData],
    settings: Settings,
    number: str,
    task: Task | None,
    watch: Losses | None = None,
) -> RunSummary:
    """Train, and say how good the result is on the rows that it was trained on."""
    features, labels = features_of(data)
    model = model_of(data[0].header.model)
    recipe = Recipe.of(
        model, len(features), settings.steps, settings.rate, batches=settings.batches, l2=settings.l2
    )
    losses: list[float] = []
    size = recipe.batch_rows(len(labels))

    def told(_step: int, batch: int, output: Integers) -> None:
        rows = slice(batch * size, batch * size + size)
        losses.append(quality.mean_loss(output, labels[rows], model))
        if watch is not None:
            watch(losses)

    statement, trace = train_and_state(
        data, recipe, licence=settings.licence, run=number, nonce=nonce_of(settings.challenge),
        parties=settings.parties, security=settings.security, task=task, watch=told,
    )  # fmt: skip
    batches = statement.batches()
    floats = quality.float_weights(features, labels, recipe, batches, statement.initial)
    logistic = model is Model.LOGISTIC
    return RunSummary(
        number,
        statement,
        tuple(losses),
        quality.hits(features, labels, trace.final) if logistic else None,
        None if logistic else quality.mean_squared_error(features, labels, trace.final),
        quality.distance(trace.final, floats),
    )


def make_segments(
    whole: Statement,
    data: Sequence[CommittedData],
    segments: int,
    spend: Callable[[str, int], None],
    folder: Path | None,
    task: Task | None,
) -> list[Proved]:
    """One proof for each segment of the run, taken from `folder` where an earlier attempt left it."""
    task = task or Task()
    claims: list[Proved] = []
    weights, first_step = whole.initial, whole.first_step
    for number, steps in enumerate(_shares(whole.recipe.steps, segments)):
        task.report(number, segments, "training.proving")
        statement, trace = train_and_state(
            data, replace(whole.recipe, steps=steps), licence=whole.licence, run=whole.run, nonce=whole.nonce,
            parties=whole.parties, security=whole.security, initial=weights, first_step=first_step,
        )  # fmt: skip
        kept = folder / f"{number:04}{SUFFIX}" if folder else None
        claim = _kept(kept, statement)
        if claim is None:
            within = task if segments == 1 else Task()
            claim = Proved(statement, prove(statement, data, trace, spend, within))
            if kept is not None:
                replace_file(kept, TrainingCertificate((claim,)).encode())
        claims.append(claim)
        weights, first_step = statement.final, first_step + steps
    if weights != whole.final:
        raise RefusedError("training.not_the_statement")
    return claims


def proved_accuracy(
    about: Statement, data: Sequence[CommittedData], spend: Callable[[str, int], None]
) -> Proved:
    """How good the weights of a run are on other rows, with the proof."""
    statement, found = state_accuracy(about, data)
    return Proved(statement, prove_accuracy(statement, data, found, spend))


def _kept(path: Path | None, statement: Statement) -> Proved | None:
    if path is None or not path.is_file():
        return None
    try:
        claim = parse(path.read_bytes()).claims[0]
        if claim.statement != statement:
            return None
        verify_claim(claim.statement, claim.proof)
    except (InvalidInputError, RefusedError):
        return None
    return claim


def _shares(steps: int, segments: int) -> list[int]:
    return [steps // segments + (place < steps % segments) for place in range(segments)]
