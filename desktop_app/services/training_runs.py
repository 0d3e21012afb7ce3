"""Training on private data sets, proving it, and verifying what others have proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.services.data_sets import DataSetService
from desktop_app.services.hidden_models import HiddenModel, HiddenModelService
from desktop_app.services.kept_proofs import SUFFIX, KeptProofs, test_name
from desktop_app.services.training_files import new_file, read_consents, read_file
from desktop_app.services.training_licences import Reference, TrainingLicences
from desktop_app.services.training_steps import (
    Losses,
    RunSummary,
    Settings,
    begin,
    go_on,
    make_hidden,
    make_segments,
    proofs_to_make,
    proved_accuracy,
    shares,
    summary,
    trained,
)
from desktop_app.store.ids import new_id
from desktop_app.store.training_runs import TrainingRun, TrainingRunRepository
from desktop_app.training.certificate import (
    Proved,
    TrainingCertificate,
    Verified,
    parse,
    require_other_rows,
    verify_certificate,
)
from desktop_app.training.consent import Consent, Terms
from desktop_app.training.dataset import CommittedData, rounded_features
from desktop_app.training.network_statement import read_run
from desktop_app.training.statement import MAX_STATEMENT_SIZE, Statement, nonce_of
from desktop_app.training.table_files import read_table
from desktop_app.training.verifier import Expected
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

LOSS_UNIT = 1_000_000
WEIGHT_UNIT = 1 << 18


@dataclass(frozen=True)
class ProofFile:
    path: Path
    certificate: TrainingCertificate
    size: int


@dataclass(frozen=True)
class HiddenProof:
    """A proof of a training that does not show its weights, and the model that is committed to."""

    file: ProofFile
    model: HiddenModel


@dataclass(frozen=True)
class RunState:
    """How far a run has come."""

    run: TrainingRun
    statement: Statement
    planned: int
    """Steps that were asked for."""
    proved: int
    """Steps that are proved from the first on, in proofs that are kept."""

    @property
    def trained(self) -> int:
        return self.statement.recipe.steps


class TrainingService:
    def __init__(
        self,
        runs: TrainingRunRepository,
        data_sets: DataSetService,
        hidden: HiddenModelService,
        licences: TrainingLicences,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._runs = runs
        self._data_sets = data_sets
        self._hidden = hidden
        self._licences = licences
        self._paths = paths
        self._clock = clock

    def run(
        self,
        data_sets: Sequence[str],
        settings: Settings,
        task: Task | None = None,
        watch: Losses | None = None,
        proof: Path | None = None,
    ) -> RunSummary:
        """Train on these data sets together, and keep the recipe and the result; nothing is shown yet.

        What is trained is kept after each segment: stopped, `resume` goes on from there. With `proof`, a
        folder or a new file, each segment is proved at once and that certificate grows.

        Where the licence is a reference to a network (`training_licences`), it must be one for training on
        these data sets, of an account of this wallet, with a run left; that account becomes the first party.
        Raises InvalidInputError for a recipe that does not fit, RefusedError where training diverges or the
        licence does not permit it.
        """
        if not data_sets:
            raise InvalidInputError("training.no_data_set")
        if not 1 <= settings.segments <= settings.steps:
            raise InvalidInputError("training.wrong_segments", steps=settings.steps)
        found = [self._data_sets.get(reference) for reference in data_sets]
        settings = self._licensed(settings, [item.identity for item in found])
        data = [self._data_sets.open(item.id) for item in found]
        number = new_id()
        if proof is not None:
            new_file(proof, f"{number}{SUFFIX}")
        run = TrainingRun(
            number, tuple(item.id for item in found), b"", (), self._clock.now(), settings.steps,
            settings.segments,
        )  # fmt: skip
        return self._go_on(run, begin(data, settings, number), data, task or Task(), watch, proof)

    def resume(
        self,
        run_id: str,
        more: int = 0,
        task: Task | None = None,
        watch: Losses | None = None,
        proof: Path | None = None,
    ) -> RunSummary:
        """Train a run that was stopped to its end, or so many steps beyond it.

        Under a licence on a network a run has the steps that it began with, as its owners may have signed.
        """
        state = self.state(self._runs.get(run_id))
        planned = state.planned + more
        if planned <= state.trained:
            raise RefusedError("training.run_is_whole", steps=state.trained)
        if more and Reference.read(state.statement.licence) is not None:
            raise RefusedError("training.licensed_steps")
        data = [self._data_sets.open(item) for item in state.run.data_sets]
        segments = state.run.segments + (1 if more else 0)
        run = replace(state.run, planned=planned, segments=segments)
        return self._go_on(run, state.statement, data, task or Task(), watch, proof)

    def _go_on(
        self,
        run: TrainingRun,
        so_far: Statement,
        data: Sequence[CommittedData],
        task: Task,
        watch: Losses | None,
        proof: Path | None,
    ) -> RunSummary:
        losses = [loss / LOSS_UNIT for loss in run.losses]
        at = so_far.recipe.steps
        lengths = shares(run.planned - at, max(1, run.segments - _pieces(run, at)))
        if proof is not None:
            self._data_sets.require(run.data_sets, len(lengths), so_far.security)
        for number, steps in enumerate(lengths):
            piece = task.part(number, len(lengths))
            so_far = go_on(
                so_far, data, steps, losses, piece if proof is None else piece.part(0, 2), watch
            )
            earlier = run.statement
            run = replace(
                run, statement=so_far.encode(), losses=tuple(round(loss * LOSS_UNIT) for loss in losses)
            )
            if earlier:
                self._runs.went_on(run)
            else:
                self._runs.add(run)
            if proof is not None:
                self.prove(run.id, proof, task=piece.part(1, 2), grow=True)
        return summary(so_far, data, losses)

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
        """About all steps made so far."""
        return read_run(canonical_json.read(run.statement, MAX_STATEMENT_SIZE))

    def state(self, run: TrainingRun) -> RunState:
        """How far a run has come."""
        whole = self.statement_of(run)
        steps = whole.recipe.steps
        return RunState(run, whole, max(run.planned, steps), self._kept(run.id).proved_steps(steps))

    def summary(self, run_id: str) -> RunSummary:
        """How good a run is on its own rows; opens them. Raises RefusedError for a locked wallet."""
        run = self._runs.get(run_id)
        data = [self._data_sets.open(item) for item in run.data_sets]
        return summary(self.statement_of(run), data, [loss / LOSS_UNIT for loss in run.losses])

    def prove(
        self,
        run_id: str,
        output: Path | None = None,
        segments: int | None = None,
        task: Task | None = None,
        tests: Sequence[str] = (),
        consents: Sequence[Path] = (),
        *,
        grow: bool = False,
    ) -> ProofFile:
        """Make the certificate of a run, as far as it is trained: `output` is a folder or a new file; `tests`
        are data sets on which it also shows how good the result is; `consents` are files with signatures
        under the run's terms.

        Each segment is kept as soon as it is proved: stopped in between, the same call goes on where it was,
        and what is proved already costs nothing when it is written again. Every new segment uses one proof of
        each data set's opening budget. With `grow` the run's earlier certificate may be the file.
        """
        run = self._runs.get(run_id)
        whole = self.statement_of(run)
        if segments is not None and segments != run.segments:
            if not 1 <= segments <= whole.recipe.steps:
                raise InvalidInputError("training.wrong_segments", steps=whole.recipe.steps)
            run = replace(run, segments=segments)
            self._runs.went_on(run)
        pieces = max(1, _pieces(run, whole.recipe.steps))
        path = self._target(run, output, grow=grow)
        signatures = read_consents(consents, Terms.of([whole]))
        task, kept = task or Task(), self._kept(run.id)
        self._data_sets.require(run.data_sets, proofs_to_make(whole, pieces, kept), whole.security)
        test_sets = [self._data_sets.get(item) for item in tests]
        headers = [item.header for item in test_sets]
        require_other_rows(headers, whole.data)
        if kept.find(test_name(whole.recipe.steps, headers)) is None:
            self._data_sets.require([item.id for item in test_sets], 1, whole.security)
        data = [self._data_sets.open(item) for item in run.data_sets]
        test_data = [self._data_sets.open(item.id) for item in test_sets]
        claims = make_segments(
            whole, data, pieces, self._data_sets.spend, kept, task.part(0, 2) if test_data else task
        )
        if test_data:
            claims.append(self._test(whole, test_data, kept, task.part(1, 2)))
        shown = [*run.data_sets, *(item.id for item in test_sets)]
        return self._write(run, path, claims, shown, signatures)

    def prove_hidden(
        self,
        run_id: str,
        output: Path | None = None,
        answers: int | None = None,
        task: Task | None = None,
        consents: Sequence[Path] = (),
    ) -> HiddenProof:
        """Make a certificate of a whole run that does not show its weights, but commits to them.

        The model can then answer, proved, in so many files (`services.hidden_models`). Uses one proof of each
        data set's budget, and one of the model's.
        """
        run = self._runs.get(run_id)
        whole = self.statement_of(run)
        if whole.hidden:
            raise InvalidInputError("training.network_weights_are_shown")
        path = self._target(run, output, grow=False)
        signatures = read_consents(consents, Terms.of([whole]))
        self._data_sets.require(run.data_sets, 1, whole.security)
        data = [self._data_sets.open(item) for item in run.data_sets]
        model = self._hidden.commit(run, whole, answers)
        claim = make_hidden(whole, data, model, self._data_sets.spend, task)
        made = self._write(run, path, [claim], run.data_sets, signatures)
        return HiddenProof(made, self._hidden.get(model.header.identity()))

    def verify(
        self,
        path: Path,
        expected: Expected | None = None,
        task: Task | None = None,
        *,
        trained: Path | None = None,
        inputs: Path | None = None,
    ) -> Verified:
        """Check a certificate of anybody's, without the data.

        Of answers: `trained` is the proof of the training of the model that must have given them, `inputs`
        the table that they must be about. Raises NotFoundError for no file, InvalidInputError for none of
        ours, RefusedError for a proof that does not hold or answers another question.
        """
        task = task or Task()
        certificate = parse(read_file(path))
        if trained is not None:
            model = verify_certificate(parse(read_file(trained)), None, task.part(0, 2)).hidden_model
            if model is None:
                raise RefusedError("training.weights_are_shown")
            if expected is not None and expected.model not in (None, model.identity()):
                raise RefusedError("training.other_model")
            expected = replace(expected or Expected(), model=model.identity())
            task = task.part(1, 2)
        verified = verify_certificate(certificate, expected, task)
        if inputs is not None:
            _check_inputs(certificate, inputs)
        return verified

    def _test(
        self, whole: Statement, data: Sequence[CommittedData], kept: KeptProofs, task: Task
    ) -> Proved:
        name = test_name(whole.recipe.steps, [item.header for item in data])
        found = kept.find(name)
        if found is None:
            found = proved_accuracy(whole, data, self._data_sets.spend, task)
            kept.keep(name, found)
        return found

    def _write(
        self,
        run: TrainingRun,
        path: Path,
        claims: Sequence[Proved],
        data_sets: Sequence[str],
        signatures: tuple[Consent, ...],
    ) -> ProofFile:
        validity = [claim for item in data_sets for claim in self._validity(item)]
        certificate = TrainingCertificate((*claims, *validity), signatures)
        encoded = certificate.encode()
        replace_file(path, encoded)
        self._runs.proved(run.id, path)
        return ProofFile(path, certificate, len(encoded))

    def _target(self, run: TrainingRun, output: Path | None, *, grow: bool) -> Path:
        name, earlier = f"{run.id}{SUFFIX}", run.certificate
        if grow and earlier is not None and _shows_weights_of(earlier, run.id):
            given = earlier if output is None else expanded(output).absolute()
            if earlier in (given, given / name):
                return earlier
        return new_file(output or self._paths.certificates, name).absolute()

    def _kept(self, run_id: str) -> KeptProofs:
        return KeptProofs(self._paths.training / run_id)

    def _validity(self, data_set: str) -> tuple[Proved, ...]:
        path = self._data_sets.certificate(data_set)
        return parse(path.read_bytes()).claims if path.is_file() else ()


def _shows_weights_of(path: Path, run_id: str) -> bool:
    """Whether a longer certificate may take the place of this one: it is of the run, and hides nothing."""
    try:
        segments = parse(read_file(path)).segments
    except (NotFoundError, InvalidInputError):
        return False
    return bool(segments) and segments[0].run == run_id and not segments[-1].model


def _pieces(run: TrainingRun, steps: int) -> int:
    """How many of the run's pieces lie within so many steps."""
    return sum(end <= steps for end in accumulate(shares(max(run.planned, steps), run.segments)))


def _check_inputs(certificate: TrainingCertificate, table: Path) -> None:
    """Whether the answers are about the rows of this table, in order."""
    if certificate.answers is None or certificate.schema is None:
        raise RefusedError("training.no_answers_in_file")
    rows = rounded_features(certificate.schema.inputs(read_table(expanded(table))))
    if [tuple(row) for row in rows.tolist()] != list(certificate.answers.inputs):
        raise RefusedError("training.other_inputs")
