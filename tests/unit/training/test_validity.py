"""A data set's own proof: as many rows as stated, every value within its range. One attack per constraint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from unit.training.attacks import unchecked

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.training import extension, field, relation
from desktop_app.training import proof as proof_module
from desktop_app.training.activation import CELLS, Model
from desktop_app.training.dataset import CommittedData, data_layout, randomised_rows
from desktop_app.training.field import P
from desktop_app.training.proof import prove_validity, prove_values
from desktop_app.training.system import System
from desktop_app.training.validity import (
    VALIDITY_CONSTRAINTS,
    ValidityStatement,
    ranges_of,
    validity_quadratics,
    validity_values,
)
from desktop_app.training.verifier import verify_claim
from desktop_app.training.witness import Values


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


@pytest.mark.parametrize(("model", "security"), [(Model.LOGISTIC, 100), (Model.LINEAR, 128)])
def test_a_valid_data_set_is_proved_valid(model: Model, security: int, new_data: Any) -> None:
    data = new_data(model=model)
    statement = ValidityStatement.of(data.header, ranges_of(data), security)
    spent: list[Any] = []
    proof = prove_validity(statement, data, lambda *item: spent.append(item))
    assert verify_claim(statement, proof).bits >= security
    assert spent == [((data.header.identity(),), statement.queries)]
    assert statement.soundness().matrix_products == 0
    again = ValidityStatement.read(canonical_json.read(statement.encode(), 1 << 20))
    assert again == statement
    low, high = statement.ranges[1]
    for ranges in ((low, high - 1), (low + 1, high)):
        wrong = (statement.ranges[0], ranges, *statement.ranges[2:])
        with pytest.raises(RefusedError, match="not_in_range"):
            prove_validity(replace(statement, ranges=wrong), data, spend)
        with pytest.raises((RefusedError, InvalidInputError)):
            verify_claim(replace(statement, ranges=wrong), proof)


def test_a_proof_for_one_row_more_or_another_schema_is_refused(new_data: Any) -> None:
    data = new_data()
    statement = ValidityStatement.of(data.header)
    proof = prove_validity(statement, data, spend)
    for changes in ({"rows": 15}, {"rows": 13}, {"schema_sha256": "00" * 32}, {"features": 4}):
        other = replace(statement, data=replace(data.header, **changes))
        with pytest.raises((RefusedError, InvalidInputError)):
            verify_claim(other, proof)


@pytest.mark.parametrize(
    "ranges",
    [((0, 1),) * 3, ((5, 4),) * 3 + ((0, 1),), ((0, 1 << 15),) * 3 + ((0, 1),), ((0, 1),) * 3 + ((0, 2),)],
)
def test_ranges_that_cannot_be_meant_are_refused(ranges: Any, new_data: Any) -> None:
    with pytest.raises(InvalidInputError):
        ValidityStatement.of(new_data().header, ranges).check()


@dataclass
class Attack:
    data: CommittedData
    statement: ValidityStatement
    values: Values
    patch: Callable[[Values, Values, Any], None] = lambda *_: None


def recounted(values: Values) -> Values:
    narrow = values["narrow"][0]
    inside = narrow[narrow < np.uint64(CELLS)].astype(np.int64)
    values["narrow_count"] = np.bincount(inside, minlength=CELLS).astype(np.uint64)[None]
    return values


def other_rows(data: CommittedData) -> Attack:
    """The proof is about other rows than the committed ones, which are all in range."""
    forged = unchecked(data.data.schema, data.data.features + (1 << 40), data.data.labels)
    statement = ValidityStatement.of(forged.header)
    return Attack(forged, statement, validity_values(statement, data))


def beyond(data: CommittedData, section: str) -> Attack:
    """One value lies beyond its stated end; the other end, and the range of all features, are kept."""
    ranges = list(ranges_of(data))
    low, high = ranges[1]
    ranges[1] = (low + 1, high) if section == "above" else (low, high - 1)
    statement = ValidityStatement.of(data.header, tuple(ranges))
    values = validity_values(ValidityStatement.of(data.header, ranges_of(data)), data)
    place = statement.shape().sections[section]
    cells = values["narrow"][0, place].reshape(3, -1)[1]
    moved = np.where(cells == 0, cells, cells - np.uint64(1))
    values["narrow"][0, place.start + len(cells) : place.start + 2 * len(cells)] = moved
    return Attack(data, statement, recounted(values))


def out_of_range(data: CommittedData) -> Attack:
    """A difference to the lower end that is negative, written as a field element."""
    ranges = list(ranges_of(data))
    low, high = ranges[1]
    ranges[1] = (low + 1, high)
    statement = ValidityStatement.of(data.header, tuple(ranges))
    values = validity_values(ValidityStatement.of(data.header, ranges_of(data)), data)
    start, rows = statement.shape().sections["above"].start, data.header.rows
    for place in range(start + rows, start + 2 * rows):
        values["narrow"][0, place] = (int(values["narrow"][0, place]) - 1) % P
    return Attack(data, statement, recounted(values))


def out_of_range_with_a_forged_inverse(data: CommittedData) -> Attack:
    attack = out_of_range(data)
    narrow = attack.values["narrow"][0]
    places = np.nonzero(narrow >= np.uint64(CELLS))[0]
    attack.values["narrow_count"][0, 0] += np.uint64(len(places))

    def patch(first: Values, second: Values, challenges: Any) -> None:
        for place in places:
            second["narrow_inverse"][:, place] = extension.inverse_element(challenges.range_point)

    return replace(attack, patch=patch)


def a_label_of_two(data: CommittedData) -> Attack:
    labels = data.data.labels.copy()
    labels[4] = 2
    forged = unchecked(data.data.schema, data.data.features, labels)
    statement = ValidityStatement.of(forged.header)
    return Attack(forged, statement, validity_values(statement, forged))


@dataclass(frozen=True)
class Longer(CommittedData):
    """A data tree with a value behind the stated rows."""

    def rows(self) -> Any:
        cells = np.concatenate([self.data.features.T.reshape(-1), self.data.labels])
        rows = data_layout(self.header).rows({"data": field.array(cells)[None]})
        rows[-1, -1] = 7
        return randomised_rows(rows, self.header.degree_bound, self.seed, "data")


def a_row_more_than_stated(data: CommittedData) -> Attack:
    header = replace(data.header, root=Longer(**vars(data)).tree().columns.root().hex())
    longer = Longer(header, data.data, data.seed)
    statement = ValidityStatement.of(header)
    return Attack(longer, statement, validity_values(statement, longer))


ATTACKS: dict[str, Callable[[CommittedData], Attack]] = {
    "data_is_committed": other_rows,
    "values_lie_above": lambda data: beyond(data, "above"),
    "values_lie_below": lambda data: beyond(data, "below"),
    "ranges_are_looked_up": out_of_range,
    "unused_cells_are_zero": a_row_more_than_stated,
    "ranges_are_inverted": out_of_range_with_a_forged_inverse,
    "labels_are_bits": a_label_of_two,
}


def send(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> bytes:
    honest = relation.validity_second_values

    def second(first: Values, shape: Any, challenges: Any) -> Values:
        values = {name: value.copy() for name, value in honest(first, shape, challenges).items()}
        attack.patch(first, values, challenges)
        return values

    with monkeypatch.context() as patched:
        patched.setattr(relation, "validity_second_values", second)
        return prove_values(System.of(attack.statement), [attack.data], attack.values, spend, Task())


def test_every_constraint_has_its_attack(new_data: Any) -> None:
    system = System.of(ValidityStatement.of(new_data().header))
    drawn = proof_module.Challenges.draw(system.transcript(), system.shape, 2)
    quadratic = {item.name for item in system.relation.quadratic(system.shape, drawn)}
    assert set(ATTACKS) == set(VALIDITY_CONSTRAINTS) | quadratic


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(ATTACKS))
def test_the_attack_fails_and_succeeds_without_its_constraint(
    constraint: str, new_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = ATTACKS[constraint](new_data())
    with pytest.raises(RefusedError, match=r"(linear|quadratic)_test"):
        verify_claim(attack.statement, send(attack, monkeypatch))
    if constraint in VALIDITY_CONSTRAINTS:
        monkeypatch.setitem(VALIDITY_CONSTRAINTS, constraint, lambda _: None)
    else:

        def others(shape: Any, challenges: Any) -> Any:
            return [item for item in validity_quadratics(shape, challenges) if item.name != constraint]

        monkeypatch.setattr(relation, "validity_quadratics", others)
    verify_claim(attack.statement, send(attack, monkeypatch))
