"""Verifying a training proof: needs the statement and the proof, no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desktop_app.core.errors import RefusedError
from desktop_app.training import field, matrix, reed_solomon
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import Claim
from desktop_app.training.columns import opened_root
from desktop_app.training.field import Array
from desktop_app.training.masks import joined, sum_over_subgroup
from desktop_app.training.proof_format import ProofReader, Tests
from desktop_app.training.quadratic_constraints import combine
from desktop_app.training.soundness import SoundnessError
from desktop_app.training.statement import Statement
from desktop_app.training.system import MASK_PIECES, Combination, System, lagrange, vandermonde


@dataclass(frozen=True)
class Expected:
    """What the verifier knows from elsewhere; None where it accepts any."""

    nonce: str | None = None
    licence: str | None = None
    run: str | None = None
    data: Sequence[str] | None = None
    """Identities of the data sets, in order."""
    signers: Sequence[str] | None = None
    """Addresses (EIP-55) that must have signed the terms of the run."""
    model: str | None = None
    """Identity of the hidden model that was trained, or that answers."""


def verify(statement: Statement, proof: bytes, expected: Expected | None = None) -> SoundnessError:
    """The error with which a false statement about a training run passes, where the proof holds.

    Raises InvalidInputError for what is no statement or no proof of its form, RefusedError for a proof that
    does not hold or answers somebody else's question.
    """
    statement.check()
    _as_expected(statement, expected or Expected())
    return verify_claim(statement, proof)


def verify_claim(statement: Claim, proof: bytes) -> SoundnessError:
    """The same for any kind of statement, whoever it was made for."""
    statement.check()
    system = System.of(statement)
    reader = ProofReader(proof)
    reader.check_size(system)
    transcript = system.transcript()
    first_root = reader.root()
    transcript.absorb("first root", first_root)
    challenges = Challenges.draw(transcript, system.shape, system.degree)
    second_root = reader.root()
    transcript.absorb("second root", second_root)
    try:
        combination = system.combine(transcript, challenges)
    except ZeroDivisionError as error:
        raise RefusedError("training.pole") from error
    tests = reader.tests(system)
    transcript.absorb("tests", tests.encode())
    positions = transcript.positions("columns", statement.queries, system.columns)
    openings = reader.openings(system, positions)
    reader.end()
    roots = [*(bytes.fromhex(header.root) for header in statement.committed), first_root, second_root]
    for root, opening in zip(roots, openings, strict=True):
        found = opened_root(positions, system.columns, opening.columns, opening.salts, opening.nodes)
        if found != root:
            raise RefusedError("training.wrong_column")
    points = reed_solomon.points(system.columns)[positions]
    check_tests(system, combination, tests, [opening.columns for opening in openings], points)
    return statement.soundness()


def check_tests(
    system: System, combination: Combination, tests: Tests, columns: Sequence[Array], points: Array
) -> None:
    """Compare the three test polynomials with the opened columns, tree by tree; raises RefusedError."""
    bound, degree = system.degree_bound, system.degree
    powers = vandermonde(points, 2 * bound - 1)
    everything = np.concatenate(columns)
    masks = everything[len(everything) - system.mask_rows :]
    pieces = masks[degree:].reshape(2, MASK_PIECES, degree, -1)

    weighted = matrix.product(
        combination.closeness, np.concatenate([everything[: -system.mask_rows], masks[degree:]])
    )
    if not np.array_equal(
        matrix.product(tests.closeness, powers[:bound]), field.add(weighted, masks[:degree])
    ):
        raise RefusedError("training.not_a_codeword")

    if sum_over_subgroup(tests.linear, bound) != combination.form.target:
        raise RefusedError("training.linear_test")
    sums = field.add(_linear(system, combination, columns, points), joined(pieces[0], points, bound))
    if not np.array_equal(matrix.product(tests.linear, powers), sums):
        raise RefusedError("training.linear_test")

    products = field.add(
        _quadratic(system, combination, everything, points), joined(pieces[1], points, bound)
    )
    quotient = matrix.product(tests.quotient, powers[: tests.quotient.shape[1]])
    if not np.array_equal(field.mul(quotient, system.vanishing(points)), products):
        raise RefusedError("training.quadratic_test")


def _linear(system: System, combination: Combination, columns: Sequence[Array], points: Array) -> Array:
    """The sum over rows of weight polynomial * row at the points, shape (degree, points)."""
    result = np.zeros((system.degree, len(points)), dtype=np.uint64)
    widest = max(tree.slots for tree in system.trees)
    at_points = lagrange(points, system.degree_bound, widest)
    for tree, layout in enumerate(system.trees):
        weights = combination.form.rows(tree)
        degree, rows, slots = weights.shape
        values = matrix.product(weights.reshape(degree * rows, slots), at_points[:slots])
        products = field.mul(values.reshape(degree, rows, -1), columns[tree][None, : layout.row_count])
        result = field.add(result, field.total(products, axis=1))
    return result


def _quadratic(system: System, combination: Combination, everything: Array, points: Array) -> Array:
    places = system.places()
    at_points = lagrange(points, system.degree_bound, system.slots)

    def head(count: int) -> Array:
        return matrix.product(system.head_slots(count)[:, : system.slots], at_points)

    return combine(
        combination.constraints,
        combination.quadratic,
        lambda name: system.as_elements(name, everything[places[name]]),
        head,
    )


def _as_expected(statement: Statement, expected: Expected) -> None:
    if expected.nonce is not None and statement.nonce != expected.nonce:
        raise RefusedError("training.other_verifier")
    if expected.licence is not None and statement.licence != expected.licence:
        raise RefusedError("training.other_licence")
    if expected.run is not None and statement.run != expected.run:
        raise RefusedError("training.other_run")
    if expected.model is not None and [each.identity() for each in statement.model] != [expected.model]:
        raise RefusedError("training.other_model")
    if expected.data is not None:
        found = [header.identity() for header in statement.data]
        if found != list(expected.data):
            raise RefusedError("training.other_data")
