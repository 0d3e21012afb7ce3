"""Training and proving piece by piece, on open data sets; what is kept where is the callers' matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.localised import typed_number
from desktop_app.core.progress import Task
from desktop_app.services.kept_proofs import KeptProofs, segment_name
from desktop_app.training import quality
from desktop_app.training.activation import Model, model_of
from desktop_app.training.certificate import Proved
from desktop_app.training.claim import VERSION
from desktop_app.training.dataset import CommittedData, features_of
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.model import CommittedWeights
from desktop_app.training.network import drawn_weights
from desktop_app.training.network_statement import KIND as NETWORK_KIND
from desktop_app.training.network_statement import NetworkStatement
from desktop_app.training.proof import (
    prove,
    prove_accuracy,
    state_accuracy,
    train_and_state,
    with_committed_weights,
)
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import KIND, Statement, nonce_of

Spend = Callable[[tuple[str, ...], int], None]
Losses = Callable[[Sequence[float]], None]
"""Called after each step with the losses of all steps so far, on the thread that trains."""


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
    segments: int = 1
    """Pieces after each of which the training is kept, and in which it is proved."""
    hidden: int = 0
    """Units of a hidden layer between the columns and the prediction; 0 for regression."""

    @staticmethod
    def typed(
        steps: str,
        rate: str,
        batches: str,
        l2: str,
        segments: str,
        *,
        licence: str = "",
        challenge: str = "",
        parties: str = "",
        units: str = "0",
    ) -> Settings:
        """From what a person typed, parties with commas between them.

        Raises InvalidInputError for what is no number, or outside of what can be meant.
        """
        try:
            whole = [int(typed_number(text)) for text in (steps, batches, segments)]
            hidden = int(typed_number(units))
            broken = [float(typed_number(text)) for text in (rate, l2)]
        except ValueError as error:
            raise InvalidInputError("training.no_numbers") from error
        if min(whole) < 1 or hidden < 0 or not 0 < broken[0] < 1e6 or not 0 <= broken[1] < 1e6:
            raise InvalidInputError("training.no_numbers")
        names = tuple(name.strip() for name in parties.split(",") if name.strip())
        return Settings(
            whole[0], broken[0], whole[1], broken[1], licence=licence, challenge=challenge, parties=names,
            segments=whole[2], hidden=hidden,
        )  # fmt: skip

    def recipe(self, data: Sequence[CommittedData]) -> Recipe:
        rows = sum(item.header.rows for item in data)
        model = model_of(data[0].header.model)
        return Recipe.of(
            model, rows, self.steps, self.rate, batches=self.batches, l2=self.l2, hidden=self.hidden
        )


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


def begin(data: Sequence[CommittedData], settings: Settings, number: str) -> Statement:
    """The run before its first step: for `go_on` to take further, with nothing in it to be proved yet."""
    nonce, features, hidden = nonce_of(settings.challenge), data[0].header.features, settings.hidden
    identities = [item.header.identity() for item in data]
    start = drawn_weights(identities, nonce, features, hidden) if hidden else (0,) * (features + 1)
    parts = (
        VERSION, settings.security, replace(settings.recipe(data), steps=0), 0, start, start, (), 1,
        tuple(item.header for item in data), settings.parties, settings.licence, number, nonce,
    )  # fmt: skip
    return NetworkStatement(NETWORK_KIND, *parts, hidden) if hidden else Statement(KIND, *parts)


def go_on(
    so_far: Statement,
    data: Sequence[CommittedData],
    steps: int,
    losses: list[float],
    task: Task,
    watch: Losses | None = None,
) -> Statement:
    """The run with so many steps more; their losses are added to `losses` one by one.

    Raises InvalidInputError for a recipe that does not fit, RefusedError where training diverges.
    """
    labels = features_of(data)[1]
    recipe, model = so_far.recipe, Model(so_far.recipe.model)
    size = recipe.batch_rows(len(labels))

    def told(_step: int, batch: int, output: Integers) -> None:
        rows = slice(batch * size, batch * size + size)
        losses.append(quality.mean_loss(output, labels[rows], model))
        if watch is not None:
            watch(losses)

    piece, _ = train_and_state(
        data, replace(recipe, steps=steps), licence=so_far.licence, run=so_far.run, nonce=so_far.nonce,
        parties=so_far.parties, security=so_far.security, initial=so_far.final, first_step=recipe.steps,
        hidden=so_far.hidden, task=task, watch=told,
    )  # fmt: skip
    further = replace(
        so_far,
        recipe=replace(recipe, steps=recipe.steps + steps),
        final=piece.final,
        saturation=max(so_far.saturation, piece.saturation),
    )
    further.check()
    return further


def summary(whole: Statement, data: Sequence[CommittedData], losses: Sequence[float]) -> RunSummary:
    """How good the result of a run is on the rows that it was trained on."""
    features, labels = features_of(data)
    hidden = whole.hidden
    floats = quality.float_weights(features, labels, whole.recipe, whole.batches(), whole.initial, hidden)
    logistic = model_of(whole.recipe.model) is Model.LOGISTIC
    return RunSummary(
        whole.run,
        whole,
        tuple(losses),
        quality.hits(features, labels, whole.final, hidden) if logistic else None,
        None if logistic else quality.mean_squared_error(features, labels, whole.final, hidden),
        quality.distance(whole.final, floats),
    )


def trained(
    data: Sequence[CommittedData],
    settings: Settings,
    number: str,
    task: Task | None = None,
    watch: Losses | None = None,
) -> RunSummary:
    """Train in one piece, and say how good the result is on the rows that it was trained on."""
    losses: list[float] = []
    whole = go_on(begin(data, settings, number), data, settings.steps, losses, task or Task(), watch)
    return summary(whole, data, losses)


def shares(steps: int, pieces: int) -> list[int]:
    """Steps of each piece, as even as can be, the longer ones first."""
    return [steps // pieces + (place < steps % pieces) for place in range(pieces)]


def make_segments(
    whole: Statement,
    data: Sequence[CommittedData],
    segments: int,
    spend: Spend,
    kept: KeptProofs | None = None,
    task: Task | None = None,
) -> list[Proved]:
    """One proof for each segment of the run. What is kept is taken, and the rest is cut so that all are
    `segments` (one at least is cut); each new one is kept as soon as it is made.
    """
    task = task or Task()
    claims, weights, at = _kept_segments(whole, kept)
    lengths = _lengths(whole, segments, len(claims), at)
    for number, steps in enumerate(lengths):
        statement, trace = train_and_state(
            data, replace(whole.recipe, steps=steps), licence=whole.licence, run=whole.run, nonce=whole.nonce,
            parties=whole.parties, security=whole.security, initial=weights, first_step=at,
            hidden=whole.hidden,
        )  # fmt: skip
        proof = prove(statement, data, trace, spend, task.part(number, len(lengths)))
        claim = Proved(statement, proof)
        if kept is not None:
            kept.keep(segment_name(at, steps), claim)
        claims.append(claim)
        weights, at = statement.final, at + steps
    if weights != whole.final:
        raise RefusedError("training.not_the_statement")
    return claims


def proofs_to_make(whole: Statement, segments: int, kept: KeptProofs) -> int:
    """How many proofs `make_segments` would make: what each data set's budget must allow."""
    claims, _, at = _kept_segments(whole, kept)
    return len(_lengths(whole, segments, len(claims), at))


def _kept_segments(
    whole: Statement, kept: KeptProofs | None
) -> tuple[list[Proved], tuple[int, ...], int]:
    """The proofs that are kept of the run's first steps, and the weights and the step they end at."""
    claims: list[Proved] = []
    weights, at = whole.initial, whole.first_step
    end = whole.first_step + whole.recipe.steps
    while kept is not None and at < end and (claim := kept.segment(at)) is not None:
        statement = claim.statement
        if not isinstance(statement, Statement) or not _fits(statement, whole, weights, at, end):
            break
        claims.append(claim)
        weights, at = statement.final, at + statement.recipe.steps
    return claims, weights, at


def _lengths(whole: Statement, segments: int, done: int, at: int) -> list[int]:
    left = whole.first_step + whole.recipe.steps - at
    return shares(left, max(1, segments - done)) if left else []


def make_hidden(
    whole: Statement,
    data: Sequence[CommittedData],
    model: CommittedWeights,
    spend: Spend,
    task: Task | None = None,
) -> Proved:
    """A proof of the whole run in one piece that does not show the weights."""
    shown, trace = train_and_state(
        data, whole.recipe, licence=whole.licence, run=whole.run, nonce=whole.nonce, parties=whole.parties,
        security=whole.security, initial=whole.initial, first_step=whole.first_step,
        hidden=whole.hidden,
    )  # fmt: skip
    hidden = with_committed_weights(shown, model)
    return Proved(hidden, prove(hidden, data, trace, spend, task or Task(), model))


def proved_accuracy(
    about: Statement, data: Sequence[CommittedData], spend: Spend, task: Task | None = None
) -> Proved:
    """How good the weights of a run are on other rows, with the proof."""
    statement, found = state_accuracy(about, data)
    return Proved(statement, prove_accuracy(statement, data, found, spend, task))


def _fits(piece: Statement, whole: Statement, weights: tuple[int, ...], at: int, end: int) -> bool:
    """Whether a proved piece is one of this run, from these weights at this step, within its steps."""
    as_in_the_run = replace(
        whole,
        recipe=replace(whole.recipe, steps=piece.recipe.steps),
        first_step=at,
        initial=weights,
        final=piece.final,
        saturation=piece.saturation,
    )
    return piece == as_in_the_run and at + piece.recipe.steps <= end
