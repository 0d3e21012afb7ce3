"""Arithmetic against Python's integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.training import extension, field, matrix, reed_solomon
from desktop_app.training.field import P
from desktop_app.training.powers_of_two import mul_by_roots
from desktop_app.training.system import lagrange, vandermonde

EDGES = [0, 1, 2, P - 1, P - 2, 2**32 - 1, 2**32, 2**32 + 1, P - 2**32, P - 2**32 + 1, 2**63]
ELEMENTS = st.sampled_from(EDGES) | st.integers(0, P - 1)


def random(*shape: int) -> field.Array:
    return np.random.default_rng(7).integers(0, P, shape, dtype=np.uint64)


def element(values: field.Array, place: int) -> extension.Element:
    return extension.as_element(values[:, place])


@given(st.lists(st.tuples(ELEMENTS, ELEMENTS), min_size=1))
def test_vectors_compute_as_integers_modulo_p(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.asarray(side, dtype=np.uint64) for side in zip(*pairs, strict=True))
    assert field.add(left, right).tolist() == [(a + b) % P for a, b in pairs]
    assert field.sub(left, right).tolist() == [(a - b) % P for a, b in pairs]
    assert field.mul(left, right).tolist() == [a * b % P for a, b in pairs]
    assert int(field.total(left)) == sum(left.tolist()) % P


def test_all_pairs_of_edge_values_multiply_exactly() -> None:
    table = field.mul(np.asarray(EDGES, dtype=np.uint64)[:, None], np.asarray(EDGES, dtype=np.uint64)[None])
    assert table.tolist() == [[a * b % P for b in EDGES] for a in EDGES]


def test_blocks_do_not_change_the_result() -> None:
    left, right = random(3, 2 * field.BLOCK + 5), random(1, 2 * field.BLOCK + 5)
    whole = field.mul(left, right)
    assert whole[2, -1] == int(left[2, -1]) * int(right[0, -1]) % P
    assert np.array_equal(whole[:, ::7], field.mul(left[:, ::7], right[:, ::7]))
    assert np.array_equal(whole.T, field.mul(left.T, right.T))


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1))
def test_signed_integers_go_in_and_come_out(values: list[int]) -> None:
    assert field.signed(field.array(np.asarray(values))).tolist() == values


def test_no_element_outside_the_field_is_made() -> None:
    assert field.array(np.asarray([2**64 - 1, P], dtype=np.uint64)).tolist() == [2**32 - 2, 0]
    assert field.array([P + 3, -1, 2**70]).tolist() == [3, P - 1, 2**70 % P]


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_extensions_are_fields(degree: int) -> None:
    left, right, third = random(degree, 21), random(degree, 21)[:, ::-1], random(degree, 21)[:, 3:4]
    product = extension.mul(left, right)
    assert element(product, 4) == extension.mul_elements(element(left, 4), element(right, 4))
    assert np.array_equal(extension.mul(product, third), extension.mul(left, extension.mul(right, third)))
    ones = extension.embed(np.ones(21, dtype=np.uint64), degree)
    assert np.array_equal(extension.mul(left, extension.inverse(left)), ones)
    # x^e - 7 is irreducible: Frobenius has order exactly e.
    generic = element(left, 0)
    assert extension.power(generic, P**degree) == generic
    assert degree == 1 or extension.power(generic, P) != generic


def test_zero_has_no_inverse() -> None:
    values = random(2, 9)
    values[:, 5] = 0
    with pytest.raises(ZeroDivisionError):
        extension.inverse(values)


def test_matrices_multiply_exactly_even_when_every_limb_is_full() -> None:
    left, right = random(4, 700), random(700, 3)
    wanted = [
        [sum(int(a) * int(b) for a, b in zip(row, column, strict=True)) % P for column in right.T]
        for row in left
    ]
    assert matrix.product(left, right).tolist() == wanted
    full = np.full((2, 5000), P - 1, dtype=np.uint64)
    assert matrix.product(full, full.T.copy()).tolist() == [[5000, 5000], [5000, 5000]]


def test_codewords_are_values_of_the_polynomial_outside_the_message_places() -> None:
    size = 16
    message = random(2, size)
    coefficients = reed_solomon.inverse_transform(message)
    word, points = reed_solomon.encode(coefficients), reed_solomon.points(8 * size)
    for place in (0, 1, 17, 127):
        wanted = sum(int(c) * pow(int(points[place]), i, P) for i, c in enumerate(coefficients[1])) % P
        assert int(word[1, place]) == wanted
    assert len(set(points.tolist())) == 8 * size
    assert not set(points.tolist()) & set(reed_solomon.subgroup(size).tolist())
    assert np.array_equal(matrix.product(message, lagrange(points, size, size)), word)
    assert np.array_equal(matrix.product(coefficients, vandermonde(points, size)), word)


@pytest.mark.parametrize("order", [2, 4, 8, 16, 32, 64])
def test_small_roots_of_unity_multiply_by_shifts(order: int) -> None:
    roots = field.powers(field.root_of_unity(order), order // 2)
    values = np.concatenate([np.asarray(EDGES, dtype=np.uint64), random(300)])
    shifted = np.tile(values, (2, order // 2, 1))
    mul_by_roots(shifted, order)
    assert np.array_equal(shifted, np.broadcast_to(field.mul(values, roots[:, None]), shifted.shape))


def test_long_rows_are_transformed_like_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random(3, 1 << 15)
    whole = reed_solomon.transform(rows)
    assert np.array_equal(reed_solomon.inverse_transform(whole), rows)
    assert field.total(rows).tolist() == whole[:, 0].tolist()
    monkeypatch.setattr(reed_solomon, "CACHED", 1 << 13)
    assert np.array_equal(reed_solomon.transform(rows), whole)


def test_sums_go_where_they_are_wanted() -> None:
    left, right, room = random(2, 3, 3000), random(2, 3, 3000)[:, ::-1], np.zeros((2, 6, 3000), np.uint64)
    field.add(left, right, out=room[:, ::2])
    assert np.array_equal(room[:, ::2], field.add(left, right))
    assert not room[:, 1::2].any()


def test_polynomials_of_twice_the_degree_return_from_their_values() -> None:
    left, right = random(1, 32), random(1, 32)[:, ::-1]
    values = field.mul(reed_solomon.on_double(left), reed_solomon.on_double(right))
    wanted = [0] * 64
    for i, a in enumerate(left[0].tolist()):
        for j, b in enumerate(right[0].tolist()):
            wanted[i + j] = (wanted[i + j] + a * b) % P
    assert reed_solomon.from_double(values)[0].tolist() == wanted
    here = field.mul(reed_solomon.transform(left), reed_solomon.transform(right))
    there = field.mul(reed_solomon.on_coset(left), reed_solomon.on_coset(right))
    assert reed_solomon.from_subgroup_and_coset(here, there)[0].tolist() == wanted
