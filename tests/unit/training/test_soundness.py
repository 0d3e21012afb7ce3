"""The stated error is the sum that the note derives, and it holds the promised bits."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError
from desktop_app.training.dataset import DataHeader
from desktop_app.training.field import P
from desktop_app.training.recipe import MAX_CELLS
from desktop_app.training.soundness import column_error, query_bound, soundness_error

BOUNDS = [1 << k for k in range(10, 18)]


@pytest.mark.parametrize("bound", BOUNDS)
def test_as_many_columns_as_needed_and_no_more(bound: int) -> None:
    for security, about in ((100, 150), (128, 194)):
        queries = query_bound(bound, security)
        assert abs(queries - about) <= 8
        assert column_error(bound, queries) < Fraction(1, 2**security)
        assert column_error(bound, queries - 1) > Fraction(15, 16) / 2**security
        assert column_error(bound, queries) < Fraction(5, 8) ** queries


@given(st.sampled_from(BOUNDS), st.integers(1, 1 << 22), st.integers(1, 1 << 21), st.integers(1, 4096))
def test_usual_sizes_keep_their_bits(bound: int, ranges: int, activations: int, saturation: int) -> None:
    for security in (100, 128):
        error = soundness_error(bound, security, ranges, activations, saturation, 4)
        assert error.total == sum(vars(error).values())
        assert error.bits >= security


def test_each_term_is_the_derived_one() -> None:
    error = soundness_error(1024, 100, 5000, 700, 256, 4)
    q, columns, queries = P**2, 8192, query_bound(1024, 100)
    agreeing = 4096 + 1024 - 1
    assert vars(error) == {
        "matrix_products": Fraction(4, q),
        "range_lookups": Fraction(5000 + 65536, q),
        "activation_lookups": Fraction(2 * (700 + 65536 + 1024), q),
        "closeness": Fraction(columns, q),
        "constraints": Fraction(4, q),
        "columns": Fraction(comb(agreeing, queries), comb(columns, queries)),
    }


def test_a_statement_too_large_for_its_bits_is_refused(new_run: object) -> None:
    error = soundness_error(1 << 17, 100, 8 * MAX_CELLS, MAX_CELLS, 256, 4)
    assert error.bits < 100
    assert soundness_error(1 << 17, 128, 4 * MAX_CELLS, MAX_CELLS, 256, 4).bits >= 128


def test_a_header_without_room_for_one_proof_is_refused(run: object) -> None:
    header: DataHeader = run.statement.data[0]  # type: ignore[attr-defined]
    assert header.capacity >= query_bound(header.degree_bound, 100)
    with pytest.raises(InvalidInputError):
        query_bound(1024, 99)
