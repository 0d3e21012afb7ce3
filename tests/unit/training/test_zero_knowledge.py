"""What opened columns and test polynomials tell about the rows: nothing, up to the budget, and no further."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from desktop_app.training import field, matrix, reed_solomon
from desktop_app.training import proof as proof_module
from desktop_app.training.dataset import CommittedData, data_layout
from desktop_app.training.field import Array, P
from desktop_app.training.system import System, lagrange


def solve(left: Array, right: Array) -> Array | None:
    """x with left @ x = right modulo p, by Gauss; None where left is singular."""
    work = np.concatenate([left, right], axis=1)
    size = len(left)
    for i in range(size):
        pivots = np.nonzero(work[i:, i])[0]
        if not len(pivots):
            return None
        work[[i, i + pivots[0]]] = work[[i + pivots[0], i]]
        work[i] = field.mul(work[i], np.uint64(pow(int(work[i, i]), -1, P)))
        factors = work[:, i].copy()
        factors[i] = 0
        work = field.sub(work, field.mul(factors[:, None], work[i][None]))
    return work[:, size:]


def openings(run: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[Array], Any]:
    """Positions, opened columns of each tree and the test polynomials of one honest proof."""
    seen: list[Any] = []
    honest_open, honest_tests = proof_module._open, proof_module.run_tests

    def opened(system: System, trees: Any, positions: list[int]) -> Any:
        found = honest_open(system, trees, positions)
        seen.extend((positions, [item.columns for item in found]))
        return found

    def tests(*arguments: Any) -> Any:
        found = honest_tests(*arguments)
        seen.append(found)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(proof_module, "_open", opened)
        patched.setattr(proof_module, "run_tests", tests)
        run.prove()
    polynomials, positions, columns = seen
    return positions, columns, polynomials


def uneven(values: Array) -> float:
    """Chi-square statistic of the upper 4 bits against uniform: 15 degrees of freedom, mean 15."""
    counts = np.bincount((values.ravel() >> np.uint64(60)).astype(np.int64), minlength=16)
    expected = values.size / 16
    return float(np.sum((counts - expected) ** 2) / expected)


def encoding(header: Any, positions: list[int]) -> tuple[Array, Array]:
    """The matrices from slots and from random places to the columns at these positions."""
    points = reed_solomon.points(header.degree_bound * 8)[positions]
    whole = lagrange(points, header.degree_bound, header.degree_bound)
    return whole[: header.slots], whole[header.slots :]


@pytest.mark.usefixtures("column_oracle")
def test_a_whole_budget_of_columns_fits_any_other_data(
    run: Any, new_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For other rows of the same shape there is padding that gives just the columns that were opened:
    each set of rows is equally likely, whatever the attacker does with the columns of all proofs."""
    data: CommittedData = run.data[0]
    seen: dict[int, Array] = {}
    for _ in range(2):
        positions, columns, _ = openings(run, monkeypatch)
        seen |= dict(zip(positions, columns[0].T, strict=True))
    positions = sorted(seen)
    others = [place for place in range(data.header.degree_bound) if place not in seen]
    positions += others[: data.header.capacity - len(positions)]
    assert len(positions) == data.header.capacity == 2 * run.statement.queries
    shown = reed_solomon.encode(reed_solomon.inverse_transform(data.rows()))[:, positions]
    for place, column in seen.items():
        assert np.array_equal(shown[:, positions.index(place)], column)
    from_slots, from_padding = encoding(data.header, positions)
    other = new_data(seed=77).data
    cells = field.array(np.concatenate([other.features.T.reshape(-1), other.labels]))
    message = data_layout(data.header).rows({"data": cells[None]})
    wanted = field.sub(shown, matrix.product(message, from_slots))
    padding = solve(np.ascontiguousarray(from_padding.T), np.ascontiguousarray(wanted.T))
    assert padding is not None
    again = field.add(matrix.product(message, from_slots), matrix.product(padding.T.copy(), from_padding))
    assert np.array_equal(again, shown)


def test_without_a_budget_the_rows_could_be_solved_for(new_data: Any) -> None:
    """Why the budget is enforced: as many columns as the row has coefficients give the row away."""
    data: CommittedData = new_data()
    bound = data.header.degree_bound
    points = reed_solomon.points(8 * bound)[:bound]
    shown = reed_solomon.encode(reed_solomon.inverse_transform(data.rows()))[:, :bound]
    unshift = field.powers(pow(int(points[0]), -1, P), bound)
    found = field.mul(reed_solomon.inverse_transform(shown), unshift)
    values = reed_solomon.transform(found)[:, : data.header.slots].reshape(-1)
    cells = np.concatenate([data.data.features.T.reshape(-1), data.data.labels])
    assert field.signed(values)[: len(cells)].tolist() == cells.tolist()


@pytest.mark.usefixtures("column_oracle")
def test_opened_columns_and_test_polynomials_of_different_data_look_alike(
    new_run: Any, new_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (3, 4):
        run = new_run([new_data(seed=seed)])
        _, columns, polynomials = openings(run, monkeypatch)
        for values in (*columns, *vars(polynomials).values()):
            # 15 degrees of freedom: above 70 with probability 10^-8.
            assert uneven(values) < 70


def test_unmasked_columns_would_not_pass_that_test(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop_app.training import dataset

    def zeros(_: Any, count: int) -> Array:
        return np.zeros(count, dtype=np.uint64)

    monkeypatch.setattr(dataset, "uniform_elements", zeros)
    rows = dataset.randomised_rows(np.zeros((40, 800), dtype=np.uint64), 1024, bytes(32), "proof")
    assert uneven(reed_solomon.encode(reed_solomon.inverse_transform(rows))) > 1000


def test_a_column_that_was_guessed_right_is_not_confirmed_by_its_leaf(run: Any) -> None:
    """The leaf of a column has a salt of its own, so that two trees of the same rows share no leaf."""
    data: CommittedData = run.data[0]
    first, second = data.tree(), CommittedData(data.header, data.data, b"7" * 32).tree()
    first.columns.root(), second.columns.root()
    assert not set(first.columns._levels[0]) & set(second.columns._levels[0])
    assert len(set(first.columns._levels[0])) == len(first.columns._levels[0])


def test_secrets_are_in_no_repr(run: Any) -> None:
    data: CommittedData = run.data[0]
    assert "seed" not in repr(data)
    assert str(int(data.data.features[0, 0])) not in repr(data).replace(repr(data.header), "")
