"""Making a training proof: Ligero (Ames et al. 2017) over all rows, made non-interactive."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from desktop_app.core.errors import BugError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.training import extension, field, matrix, reed_solomon
from desktop_app.training.accuracy import KIND as ACCURACY_KIND
from desktop_app.training.accuracy import AccuracyStatement, Evaluation, accuracy_values, evaluate_rows
from desktop_app.training.activation import Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import VERSION
from desktop_app.training.code_tree import BLOCK_ROWS, committed, on_all_processors
from desktop_app.training.columns import ColumnTree
from desktop_app.training.dataset import CommittedData, features_of, randomised_rows
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Trace, Watch, train
from desktop_app.training.inference import InferenceStatement
from desktop_app.training.layout import Layout
from desktop_app.training.masks import Masks
from desktop_app.training.model import CommittedWeights
from desktop_app.training.proof_format import Tests, TreeOpening
from desktop_app.training.quadratic_constraints import combine
from desktop_app.training.recipe import Recipe, schedule
from desktop_app.training.statement import KIND, Statement
from desktop_app.training.system import Combination, System, vandermonde
from desktop_app.training.training_witness import first_values
from desktop_app.training.validity import ValidityStatement, validity_values
from desktop_app.training.witness import Values, saturation_room

Committed = CommittedData | CommittedWeights
"""What has a tree of its own, made before the proof."""

SpendColumns = Callable[[str, int], None]
"""Called with a data set's identity and a number of columns before any is shown. It must have stored the
new count when it returns, and raise RefusedError past the capacity (`OpeningBudget.spend`)."""


def train_and_state(
    data: Sequence[CommittedData],
    recipe: Recipe,
    *,
    licence: str,
    run: str,
    nonce: str,
    parties: Sequence[str] = (),
    security: int = 100,
    initial: Sequence[int] | None = None,
    first_step: int = 0,
    task: Task | None = None,
    watch: Watch | None = None,
) -> tuple[Statement, Trace]:
    """Train, and state the result. `nonce` is the verifier's (64 hexadecimal digits).

    Raises InvalidInputError for a recipe that does not fit, RefusedError where training diverges.
    """
    features, labels = features_of(data)
    recipe.check(*features.shape)
    start = tuple(initial) if initial is not None else (0,) * (features.shape[1] + 1)
    batches = schedule(recipe, [item.header.identity() for item in data], nonce, first_step)
    trace = train(features, labels, recipe, batches, start, task, watch)
    statement = Statement(
        KIND, VERSION, security, recipe, first_step, start, trace.final, (), saturation_room(trace.excess),
        tuple(item.header for item in data), tuple(parties), licence, run, nonce,
    )  # fmt: skip
    statement.check()
    return statement, trace


def with_committed_weights(statement: Statement, model: CommittedWeights) -> Statement:
    """The same statement, the final weights not shown but committed to."""
    hidden = replace(statement, final=(), model=(model.header,))
    hidden.check()
    return hidden


def prove(
    statement: Statement,
    data: Sequence[CommittedData],
    trace: Trace,
    spend: SpendColumns,
    task: Task | None = None,
    model: CommittedWeights | None = None,
) -> bytes:
    """A proof of the statement; `trace` is what `train_and_state` returned with it.

    Raises RefusedError where the data or the trace are not those of the statement, or a budget is spent.
    """
    statement.check()
    given = (model.header,) if model else ()
    final = model.weights if model else statement.final
    headers = tuple(item.header for item in data)
    if (headers, given, trace.final) != (statement.data, statement.model, final):
        raise RefusedError("training.not_the_statement")
    system = System.of(statement)
    first = first_values(*features_of(data), trace, statement.shape())
    trees: list[Committed] = [*data, *([model] if model else [])]
    return prove_values(system, trees, first, spend, task or Task())


def prove_validity(
    statement: ValidityStatement, data: CommittedData, spend: SpendColumns, task: Task | None = None
) -> bytes:
    """A proof that every row of a data set is in range; raises RefusedError where it is not."""
    statement.check()
    if data.header != statement.data:
        raise RefusedError("training.not_the_statement")
    values = validity_values(statement, data)
    return prove_values(System.of(statement), [data], values, spend, task or Task())


def state_accuracy(
    about: Statement, data: Sequence[CommittedData], security: int | None = None
) -> tuple[AccuracyStatement, Evaluation]:
    """How good the final weights of a run are on these (other) data sets."""
    features, labels = features_of(data)
    found = evaluate_rows(features, labels, about.final, Model(about.recipe.model))
    statement = AccuracyStatement(
        ACCURACY_KIND, VERSION, security or about.security, tuple(item.header for item in data), about.final,
        found.total, saturation_room(found.excess), about.parties, about.licence, about.run, about.nonce,
    )  # fmt: skip
    statement.check()
    return statement, found


def prove_accuracy(
    statement: AccuracyStatement,
    data: Sequence[CommittedData],
    found: Evaluation,
    spend: SpendColumns,
    task: Task | None = None,
) -> bytes:
    """A proof of the statement; `found` is what `state_accuracy` returned with it."""
    statement.check()
    if tuple(item.header for item in data) != statement.data or found.total != statement.error:
        raise RefusedError("training.not_the_statement")
    values = accuracy_values(*features_of(data), found, statement.shape())
    return prove_values(System.of(statement), data, values, spend, task or Task())


def prove_inference(
    statement: InferenceStatement,
    model: CommittedWeights,
    first: Values,
    spend: SpendColumns,
    task: Task | None = None,
) -> bytes:
    """A proof of the statement; both are what `inference.answer` returned."""
    statement.check()
    if model.header != statement.model:
        raise RefusedError("training.not_the_statement")
    return prove_values(System.of(statement), [model], first, spend, task or Task())


def prove_values(
    system: System, data: Sequence[Committed], first: Values, spend: SpendColumns, task: Task
) -> bytes:
    """A proof from the first blocks of the witness; whether they are right is for the verifier to find."""
    seed = _seed(system, data)
    transcript = system.transcript()
    task.report(0, 6, "training.proving")
    trees = [item.tree() for item in data]
    rows = [item.coefficients() for item in data]

    rows.append(_randomised(system.trees[-2], first, system, seed + b"first"))
    trees.append(_committed(rows[-1], system, seed + b"first"))
    transcript.absorb("first root", trees[-1].root())
    challenges = Challenges.draw(transcript, system.shape, system.degree)
    task.report(2, 6, "training.proving")

    second = system.relation.second_values(first, system.shape, challenges)
    masks = Masks.draw(system, seed)
    blocks = _randomised(system.trees[-1], second, system, seed + b"second")
    rows.append(np.concatenate([blocks, masks.rows]))
    trees.append(_committed(rows[-1], system, seed + b"second"))
    transcript.absorb("second root", trees[-1].root())
    task.report(3, 6, "training.proving")

    combination = system.combine(transcript, challenges)
    tests = run_tests(system, combination, rows, masks)
    transcript.absorb("tests", tests.encode())
    positions = transcript.positions("columns", system.statement.queries, system.columns)
    task.report(5, 6, "training.proving")
    for header in system.statement.committed:
        spend(header.identity(), len(positions))
    openings = _open(system, rows, trees, positions)
    task.report(6, 6, "training.proving")
    return b"".join(
        [trees[-2].root(), trees[-1].root(), tests.encode(), *(opening.encode() for opening in openings)]
    )


def run_tests(system: System, combination: Combination, rows: Sequence[Array], masks: Masks) -> Tests:
    """The polynomials of the three tests from the coefficients of all rows, tree by tree."""
    bound, degree = system.degree_bound, system.degree
    everything = np.concatenate(rows)
    # The first mask itself has no weight; it lies right after the blocks of the last tree.
    first_mask = len(everything) - system.mask_rows
    others = np.delete(everything, np.s_[first_mask : first_mask + degree], axis=0)
    closeness = field.add(matrix.product(combination.closeness, others), masks.closeness)
    linear = np.zeros((degree, 2 * bound), dtype=np.uint64)
    doubles = []
    for tree, coefficients in enumerate(rows):
        weights = combination.form.rows(tree)
        values = np.empty((weights.shape[1], 2 * bound), dtype=np.uint64)
        # The masks of the last tree, behind its blocks, have no weights.
        parts = [slice(start, start + BLOCK_ROWS) for start in range(0, len(values), BLOCK_ROWS)]
        ends = [(weights[:, part], coefficients[: len(values)][part]) for part in parts]
        for part, (doubled, weighted) in zip(parts, on_all_processors(_double, ends), strict=True):
            values[part] = doubled
            linear = field.add(linear, weighted)
        doubles.append(values)
    sums = reed_solomon.from_double(linear)[:, : 2 * bound - 1]
    return Tests(
        closeness,
        field.add(sums, masks.linear),
        field.add(_quotient(system, combination, doubles), masks.quotient),
    )


def _double(part: tuple[Array, Array]) -> tuple[Array, Array]:
    """Rows on the double coset, (rows, 2K), and the sum of weight polynomial * row there, (degree, 2K)."""
    weights, coefficients = part
    values = reed_solomon.on_double(coefficients)
    return values, _weighted(weights, values, coefficients.shape[1])


def _weighted(weights: Array, values: Array, bound: int) -> Array:
    """The sum over rows of weight polynomial * row, on the double coset, shape (degree, 2K)."""
    degree, rows, slots = weights.shape
    places = np.zeros((degree * rows, bound), dtype=np.uint64)
    places[:, :slots] = weights.reshape(degree * rows, slots)
    polynomials = reed_solomon.on_double(reed_solomon.inverse_transform(places))
    products = field.mul(polynomials.reshape(degree, rows, -1), values[None])
    return field.total(products, axis=1)


def _quotient(system: System, combination: Combination, doubles: Sequence[Array]) -> Array:
    found: dict[str, Array] = {}
    for tree, values in zip(system.trees, doubles, strict=True):
        found |= {name: values[place] for name, place in tree.places().items()}

    def head(count: int) -> Array:
        return reed_solomon.on_double(reed_solomon.inverse_transform(system.head_slots(count)))

    values = combine(
        combination.constraints,
        combination.quadratic,
        lambda name: system.as_elements(name, found[name]),
        head,
    )
    vanishing = system.vanishing(reed_solomon.double_points(system.degree_bound))
    divided = field.mul(values, extension.inverse(vanishing[None])[0])
    return reed_solomon.from_double(divided)[:, : 2 * system.degree_bound - 1 - system.slots]


def _seed(system: System, data: Sequence[Committed]) -> bytes:
    """Fresh randomness, hedged: should the system's generator fail, the secrets of the data still hide."""
    parts = [secrets.token_bytes(32), *(item.seed for item in data), system.statement.encode()]
    return hashlib.shake_256(b"colophon/v1/training/prover" + b"".join(parts)).digest(32)


def _randomised(layout: Layout, values: Values, system: System, seed: bytes) -> Array:
    return randomised_rows(layout.rows(values), system.degree_bound, seed, "proof")


def _committed(coefficients: Array, system: System, seed: bytes) -> ColumnTree:
    if coefficients.shape[1] != system.degree_bound:
        raise BugError(f"rows of {coefficients.shape[1]} coefficients for {system.degree_bound}")
    return committed(coefficients, seed)


def _open(
    system: System, rows: Sequence[Array], trees: Sequence[ColumnTree], positions: list[int]
) -> list[TreeOpening]:
    powers = vandermonde(reed_solomon.points(system.columns)[positions], system.degree_bound)
    return [
        TreeOpening(matrix.product(coefficients, powers), *tree.open(positions))
        for coefficients, tree in zip(rows, trees, strict=True)
    ]
