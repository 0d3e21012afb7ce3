"""How good a network is on other rows: its own constraints, each with the attack that it alone stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from desktop_app.core.errors import RefusedError
from desktop_app.core.progress import Task
from desktop_app.training import extension, relation
from desktop_app.training.activation import CELLS, LOWEST
from desktop_app.training.certificate import Proved, TrainingCertificate, verify_certificate
from desktop_app.training.challenges import Challenges
from desktop_app.training.field import P
from desktop_app.training.network_accuracy import (
    NETWORK_ACCURACY_CONSTRAINTS,
    NetworkAccuracyStatement,
    NetworkEvaluation,
    network_accuracy_quadratics,
    network_accuracy_second_values,
    network_accuracy_values,
)
from desktop_app.training.proof import prove_values, state_accuracy
from desktop_app.training.system import System
from desktop_app.training.verifier import verify_claim
from desktop_app.training.witness import Values

Second = Callable[[Values, Any, Challenges], Values]


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


class Test:
    """A test of a network on other rows, and what is sent for it."""

    __test__ = False

    def __init__(self, network: Any, data: Any) -> None:
        statement, found = state_accuracy(network.statement, [data])
        assert isinstance(statement, NetworkAccuracyStatement)
        assert isinstance(found, NetworkEvaluation)
        self.statement, self.found, self.data, self.network = statement, found, data, network
        self.second: Second = network_accuracy_second_values
        self.values = self.made()

    def made(self) -> Values:
        data = self.data.data
        return network_accuracy_values(data.features, data.labels, self.found, self.statement.shape())

    def predicted(self, value: Any = None, **moved: Any) -> None:
        """Go on honestly from other hidden values, and state what comes out."""
        value = self.found.value if value is None else value
        units = self.statement.units
        top = np.asarray(self.statement.weights[-units - 1 :])
        z = value @ top[:-1] + (top[-1] << 10)
        output = (z >= 0).astype(np.int64)
        self.found = replace(
            self.found, value=value, remainder=z & ((1 << 18) - 1), cell=z >> 18, output=output,
            error=output - self.data.data.labels, **moved,
        )  # fmt: skip
        self.statement = replace(self.statement, error=self.found.total)
        self.values = self.made()

    def send(self, monkeypatch: pytest.MonkeyPatch) -> bytes:
        with monkeypatch.context() as patched:
            patched.setattr(relation, "network_accuracy_second_values", self.second)
            return prove_values(System.of(self.statement), [self.data], self.values, spend, Task())


def a_wrong_unit(test: Test) -> None:
    magnitude = test.found.magnitude.copy()
    magnitude[2, 0] += 700
    test.predicted(test.found.sign * magnitude, magnitude=magnitude)


def a_wrong_prediction(test: Test) -> None:
    cell, output = test.found.cell.copy(), test.found.output.copy()
    cell[2], output[2] = (-1, 0) if output[2] else (0, 1)
    test.found = replace(test.found, cell=cell, output=output, error=output - test.data.data.labels)
    test.statement = replace(test.statement, error=test.found.total)
    test.values = test.made()


def a_remainder_with_a_bit_too_many(test: Test) -> None:
    """The cell before, and a remainder that is larger than a cell."""
    cell = test.found.cell.copy()
    cell[2] -= 1
    output = (cell >= 0).astype(np.int64)
    test.found = replace(test.found, cell=cell, output=output, error=output - test.data.data.labels)
    test.statement = replace(test.statement, error=test.found.total)
    test.values = test.made()
    sections = test.statement.shape().sections
    narrow = test.values["narrow"][0]
    place = sections["remainder_high"].start + 2
    narrow[place] += np.uint64(4)
    narrow[sections["remainder_high_shifted"].start + 2] = int(narrow[place]) << 14 & 0xFFFF
    recount(test)


def recount(test: Test) -> None:
    looked_up = np.concatenate([test.values[name][0] for name in test.statement.shape().ranged])
    small = looked_up[looked_up < np.uint64(CELLS)].astype(np.int64)
    test.values["narrow_count"] = np.bincount(small, minlength=CELLS).astype(np.uint64)[None]


def an_active_unit_that_counts_as_inactive(test: Test) -> None:
    row, unit = (int(one[0]) for one in np.nonzero(test.found.value))
    sign, value, magnitude = (
        part.copy() for part in (test.found.sign, test.found.value, test.found.magnitude)
    )
    was = int(value[row, unit])
    sign[row, unit] = value[row, unit] = magnitude[row, unit] = 0
    test.predicted(value, sign=sign, magnitude=magnitude)
    place = row * test.statement.units + unit
    test.values["magnitude"][0, place] = P - 1 - was
    honest = test.second

    def second(first: Values, shape: Any, challenges: Challenges) -> Values:
        values = {name: each.copy() for name, each in honest(first, shape, challenges).items()}
        values["magnitude_inverse"][:, place] = extension.inverse_element(challenges.range_point)
        return values

    test.second = second


def a_sign_of_two(test: Test) -> None:
    value, sign, magnitude = (
        part.copy() for part in (test.found.value, test.found.sign, test.found.magnitude)
    )
    row, unit = (int(one[0]) for one in np.nonzero((value > 1) & (value % 3 == 1)))
    magnitude[row, unit], sign[row, unit] = (int(value[row, unit]) - 1) // 3, 2
    value[row, unit] = 2 * magnitude[row, unit]
    test.predicted(value, sign=sign, magnitude=magnitude)


def a_value_that_is_not_rectified(test: Test) -> None:
    value, magnitude = test.found.value.copy(), test.found.magnitude.copy()
    value[2, 0] += 500
    magnitude[2, 0] += 1000
    test.predicted(value, magnitude=magnitude)


ATTACKS: dict[str, Callable[[Test], None]] = {
    "units_follow": a_wrong_unit,
    "predictions_follow": a_wrong_prediction,
    "remainders_are_small": a_remainder_with_a_bit_too_many,
    "magnitudes_are_inverted": an_active_unit_that_counts_as_inactive,
    "signs_are_bits": a_sign_of_two,
    "values_are_rectified": a_value_that_is_not_rectified,
}
SHARED = {
    "data_is_committed", "errors_follow", "errors_add_up", "errors_are_squared",
    "saturated_values_lie_beyond", "ranges_are_looked_up", "cells_are_looked_up", "unused_cells_are_zero",
    "ranges_are_inverted", "cells_are_inverted", "saturated_are_counted", "labels_are_bits",
}  # fmt: skip
"""Attacked in `test_accuracy` and `test_mutants`: the very same functions."""


@pytest.fixture
def test(network: Any, new_data: Any) -> Test:
    return Test(network, new_data(rows=40, seed=12))


def test_every_constraint_has_its_attack(test: Test) -> None:
    system = System.of(test.statement)
    drawn = Challenges.draw(system.transcript(), system.shape, 2)
    quadratic = {item.name for item in network_accuracy_quadratics(test.statement.shape(), drawn)}
    assert set(ATTACKS) | SHARED == set(NETWORK_ACCURACY_CONSTRAINTS) | quadratic
    assert int(test.found.cell.min()) > LOWEST


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(ATTACKS))
def test_the_attack_fails_and_succeeds_without_its_constraint(
    constraint: str, test: Test, monkeypatch: pytest.MonkeyPatch
) -> None:
    ATTACKS[constraint](test)
    with pytest.raises(RefusedError, match=r"(linear|quadratic)_test"):
        verify_claim(test.statement, test.send(monkeypatch))
    if constraint in NETWORK_ACCURACY_CONSTRAINTS:
        monkeypatch.setitem(NETWORK_ACCURACY_CONSTRAINTS, constraint, lambda _: None)
    else:

        def others(shape: Any, challenges: Any) -> Any:
            return [
                item for item in network_accuracy_quadratics(shape, challenges) if item.name != constraint
            ]

        monkeypatch.setattr(relation, "network_accuracy_quadratics", others)
    verify_claim(test.statement, test.send(monkeypatch))


def test_a_test_of_a_network_says_how_many_units_it_has(network: Any, test: Test) -> None:
    trained = Proved(network.statement, b"")
    for units in (2, 4):
        other = Proved(replace(test.statement, units=units), b"")
        with pytest.raises(RefusedError, match="stray_claim"):
            verify_certificate(TrainingCertificate((trained, other)))
