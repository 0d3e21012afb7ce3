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
from desktop_app.training.claim import VERSION, check_weights
from desktop_app.training.code_tree import CodeTree, blocks_of, committed, on_all_processors
from desktop_app.training.dataset import CommittedData, features_of, randomised_rows
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Trace, Watch, train
from desktop_app.training.inference import InferenceStatement
from desktop_app.training.layout import Layout
from desktop_app.training.masks import Masks, on_double
from desktop_app.training.model import CommittedWeights
from desktop_app.training.network import NetworkTrace, drawn_weights, train_network
from desktop_app.training.network_accuracy import KIND as NETWORK_ACCURACY_KIND
from desktop_app.training.network_accuracy import (
    NetworkAccuracyShape,
    NetworkAccuracyStatement,
    NetworkEvaluation,
    evaluate_network,
    network_accuracy_values,
)
from desktop_app.training.network_statement import KIND as NETWORK_KIND
from desktop_app.training.network_statement import NetworkShape, NetworkStatement
from desktop_app.training.network_witness import network_first_values
from desktop_app.training.proof_format import Tests, TreeOpening
from desktop_app.training.quadratic_constraints import combine
from desktop_app.training.recipe import Recipe, schedule, weight_count
from desktop_app.training.shape import TrainingShape
from desktop_app.training.statement import KIND, Statement
from desktop_app.training.system import Combination, System, lagrange
from desktop_app.training.training_witness import first_values
from desktop_app.training.validity import ValidityStatement, validity_values
from desktop_app.training.witness import Values, saturation_room

Committed = CommittedData | CommittedWeights
"""What has a tree of its own, made before the proof."""

AnyTrace = Trace | NetworkTrace

SpendColumns = Callable[[tuple[str, ...], int], None]
"""Called once with the identities of all commitments and a number of columns before any is shown. It must
have stored the new count of each when it returns, and raise RefusedError where one is past its capacity
(`OpeningBudget.spend`), with no count changed."""


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
    hidden: int = 0,
    task: Task | None = None,
    watch: Watch | None = None,
) -> tuple[Statement, AnyTrace]:
    """Train, and state the result. `nonce` is the verifier's (64 hexadecimal digits).

    With `hidden` units it is a network that is trained; without, linear or logistic regression.

    Raises InvalidInputError for a recipe that does not fit, RefusedError where training diverges.
    """
    features, labels = features_of(data)
    rows, columns = features.shape
    recipe.check(rows, columns, hidden)
    identities = [item.header.identity() for item in data]
    batches = schedule(recipe, identities, nonce, first_step)
    start = tuple(initial) if initial is not None else (0,) * (columns + 1)
    if hidden and initial is None:
        start = drawn_weights(identities, nonce, columns, hidden)
    check_weights(start, weight_count(columns, hidden))
    trace: AnyTrace
    if hidden:
        trace = train_network(features, labels, recipe, batches, start, hidden, task, watch)
    else:
        trace = train(features, labels, recipe, batches, start, task, watch)
    parts = (
        VERSION, security, recipe, first_step, start, trace.final, (), saturation_room(trace.excess),
        tuple(item.header for item in data), tuple(parties), licence, run, nonce,
    )  # fmt: skip
    statement = NetworkStatement(NETWORK_KIND, *parts, hidden) if hidden else Statement(KIND, *parts)
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
    trace: AnyTrace,
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
    (features, labels), shape = features_of(data), statement.shape()
    if isinstance(trace, NetworkTrace) and isinstance(shape, NetworkShape):
        first = network_first_values(features, labels, trace, shape)
    elif isinstance(trace, Trace) and isinstance(shape, TrainingShape):
        first = first_values(features, labels, trace, shape)
    else:
        raise RefusedError("training.not_the_statement")
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
    (features, labels), model, units = features_of(data), Model(about.recipe.model), about.hidden
    found = (
        evaluate_network(features, labels, about.final, model, units)
        if units
        else evaluate_rows(features, labels, about.final, model)
    )
    parts = (
        VERSION, security or about.security, tuple(item.header for item in data), about.final,
        found.total, saturation_room(found.excess), about.parties, about.licence, about.run, about.nonce,
    )  # fmt: skip
    statement = (
        NetworkAccuracyStatement(NETWORK_ACCURACY_KIND, *parts, units)
        if units
        else AccuracyStatement(ACCURACY_KIND, *parts)
    )
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
    (features, labels), shape = features_of(data), statement.shape()
    if isinstance(found, NetworkEvaluation) and isinstance(shape, NetworkAccuracyShape):
        values = network_accuracy_values(features, labels, found, shape)
    else:
        values = accuracy_values(features, labels, found, shape)
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
    commit = task.part(0, 2)
    parts = len(data) + 2
    trees = [item.tree(commit.part(number, parts)) for number, item in enumerate(data)]
    rows = _randomised(system.trees[-2], first, system, seed + b"first")
    trees.append(_committed(rows, system, seed + b"first", commit.part(parts - 2, parts)))
    transcript.absorb("first root", trees[-1].columns.root())
    challenges = Challenges.draw(transcript, system.shape, system.degree)

    second = system.relation.second_values(first, system.shape, challenges)
    masks = Masks.draw(system, seed)
    blocks = _randomised(system.trees[-1], second, system, seed + b"second")
    rows = np.concatenate([blocks, reed_solomon.transform(masks.rows)])
    trees.append(_committed(rows, system, seed + b"second", commit.part(parts - 1, parts)))
    transcript.absorb("second root", trees[-1].columns.root())

    combination = system.combine(transcript, challenges)
    tests = run_tests(system, combination, trees, masks, task.part(1, 2))
    transcript.absorb("tests", tests.encode())
    positions = transcript.positions("columns", system.statement.queries, system.columns)
    task.check()
    # What is spent is spent: from here on nothing asks whether to stop.
    spend(tuple(header.identity() for header in system.statement.committed), len(positions))
    openings = _open(system, trees, positions)
    roots = [tree.columns.root() for tree in trees[-2:]]
    return b"".join([*roots, tests.encode(), *(opening.encode() for opening in openings)])


def run_tests(
    system: System,
    combination: Combination,
    trees: Sequence[CodeTree],
    masks: Masks,
    task: Task | None = None,
) -> Tests:
    """The polynomials of the three tests from all rows, by their values on H and on the coset 7 * H."""
    count = 2 * system.degree_bound - 1
    here, there = _linear(system, combination, trees, task or Task())
    linear = reed_solomon.from_subgroup_and_coset(here, there)[:, :count]
    return Tests(
        field.add(_closeness(system, combination, trees), masks.closeness),
        field.add(linear, masks.linear),
        field.add(_quotient(system, combination, trees), masks.quotient),
    )


def _closeness(system: System, combination: Combination, trees: Sequence[CodeTree]) -> Array:
    """The sum of all rows but the first mask, which has weight 1 and lies behind the last tree's blocks."""
    degree, height = system.degree, system.trees[-1].row_count
    parts = [*(tree.rows for tree in trees[:-1]), trees[-1].rows[:height], trees[-1].rows[height + degree :]]
    result = np.zeros((degree, system.degree_bound), dtype=np.uint64)
    done = 0
    for rows in parts:
        weights = combination.closeness[:, done : done + len(rows)]
        result = field.add(result, matrix.product(weights, rows))
        done += len(rows)
    return reed_solomon.inverse_transform(result)


def _linear(
    system: System, combination: Combination, trees: Sequence[CodeTree], task: Task
) -> tuple[Array, Array]:
    """The sum over rows of weight polynomial * row on H and on 7 * H, shape (degree, K) each."""
    here = np.zeros((system.degree, system.degree_bound), dtype=np.uint64)
    there = np.zeros_like(here)
    for number, tree in enumerate(trees):
        weights = combination.form.rows(number)
        # The masks of the last tree, behind its blocks, have no weights.
        parts = blocks_of(weights.shape[1], system.degree_bound)
        blocks = [(weights[:, part], tree.rows[part], tree.on_coset[part]) for part in parts]
        within = task.part(number, len(trees))
        for done, (on_subgroup, on_coset) in enumerate(on_all_processors(_weighted, blocks)):
            here = field.add(here, on_subgroup)
            there = field.add(there, on_coset)
            within.report(done + 1, len(parts), "training.proving")
    return here, there


def _weighted(block: tuple[Array, Array, Array]) -> tuple[Array, Array]:
    weights, rows, on_coset = block
    degree, height, slots = weights.shape
    places = np.zeros((degree, height, rows.shape[1]), dtype=np.uint64)
    places[:, :, :slots] = weights
    polynomials = reed_solomon.inverse_transform(places.reshape(degree * height, -1))
    weights_there = reed_solomon.on_coset(polynomials).reshape(places.shape)
    return (
        field.total(field.mul(places, rows), axis=1),
        field.total(field.mul(weights_there, on_coset), axis=1),
    )


def _quotient(system: System, combination: Combination, trees: Sequence[CodeTree]) -> Array:
    """The combined products divided by the polynomial that vanishes where they must."""
    bound, slots = system.degree_bound, system.slots
    here: dict[str, Array] = {}
    there: dict[str, Array] = {}
    for layout, tree in zip(system.trees, trees, strict=True):
        for name, place in layout.places().items():
            here[name], there[name] = tree.rows[place, slots:], tree.on_coset[place]

    def head_there(count: int) -> Array:
        return reed_solomon.on_coset(reed_solomon.inverse_transform(system.head_slots(count)))

    def combined(found: dict[str, Array], head: Callable[[int], Array]) -> Array:
        return combine(
            combination.constraints,
            combination.quadratic,
            lambda name: system.as_elements(name, found[name]),
            head,
        )

    on_subgroup = np.zeros((system.degree, bound), dtype=np.uint64)
    on_subgroup[:, slots:] = combined(here, lambda count: system.head_slots(count)[:, slots:])
    products = reed_solomon.from_subgroup_and_coset(on_subgroup, combined(there, head_there))
    vanishing = system.vanishing(reed_solomon.double_points(bound))
    divided = field.mul(on_double(products), extension.inverse(vanishing[None])[0])
    return reed_solomon.from_double(divided)[:, : 2 * bound - 1 - slots]


def _seed(system: System, data: Sequence[Committed]) -> bytes:
    """Fresh randomness, hedged: should the system's generator fail, the secrets of the data still hide."""
    parts = [secrets.token_bytes(32), *(item.seed for item in data), system.statement.encode()]
    return hashlib.shake_256(b"colophon/v1/training/prover" + b"".join(parts)).digest(32)


def _randomised(layout: Layout, values: Values, system: System, seed: bytes) -> Array:
    return randomised_rows(layout.rows(values), system.degree_bound, seed, "proof")


def _committed(rows: Array, system: System, seed: bytes, task: Task | None = None) -> CodeTree:
    if rows.shape[1] != system.degree_bound:
        raise BugError(f"rows of {rows.shape[1]} values for {system.degree_bound}")
    return committed(rows, seed, task)


def _open(system: System, trees: Sequence[CodeTree], positions: list[int]) -> list[TreeOpening]:
    bound = system.degree_bound
    at_positions = lagrange(reed_solomon.points(system.columns)[positions], bound, bound)
    return [
        TreeOpening(matrix.product(tree.rows, at_positions), *tree.columns.open(positions)) for tree in trees
    ]
