"""Amounts and shares are exact integers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.amounts import (
    Amount,
    Currency,
    format_share,
    format_units,
    parse_amount,
    parse_share,
    parse_units,
    without_groups,
)
from desktop_app.core.errors import InvalidInputError

ETH = Currency(1, "ETH", 18)
DOLLAR = Currency(1, "tUSD", 6, "0x" + "11" * 20)


@given(st.integers(0, 2**256 - 1), st.integers(0, 36))
def test_every_amount_survives_being_written_and_read(units: int, decimals: int) -> None:
    text = format_units(units, decimals)
    assert parse_units(text, decimals) == units
    assert Fraction(text) == Fraction(units, 10**decimals)


@given(st.integers(-(10**30), -1), st.integers(0, 18))
def test_negative_amounts_are_shown_exactly(units: int, decimals: int) -> None:
    assert Fraction(format_units(units, decimals)) == Fraction(units, 10**decimals)


@given(st.text(max_size=20))
def test_any_text_is_either_a_number_or_a_typed_error(text: str) -> None:
    try:
        units = parse_units(text, 6)
    except InvalidInputError as error:
        assert error.code in ("amount.not_a_number", "amount.too_precise")
    else:
        assert Fraction(text.strip()) * 10**6 == units


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", "1,5", ".5", "5.", "１", "0x10", "1_000", "nan"])
def test_other_number_forms_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="not_a_number"):
        parse_units(text, 6)


def test_more_decimals_than_the_currency_has_are_refused_and_zeros_are_not() -> None:
    assert parse_units("1.5000000", 6) == 1_500_000
    with pytest.raises(InvalidInputError, match="too_precise"):
        parse_units("1.0000001", 6)


def test_amounts_of_two_currencies_never_add_up() -> None:
    assert str(Amount(5, ETH) + Amount(10**18, ETH)) == "1.000000000000000005 ETH"
    with pytest.raises(InvalidInputError, match="currency_mismatch"):
        Amount(1, ETH) + Amount(1, DOLLAR)
    elsewhere = Currency(2, "ETH", 18)
    with pytest.raises(InvalidInputError, match="currency_mismatch"):
        Amount(1, ETH) - Amount(1, elsewhere)


def test_practice_money_is_not_real_money_of_the_same_name() -> None:
    assert parse_amount("2.5", DOLLAR).units == 2_500_000
    assert parse_amount("1", ETH) != parse_amount("1", Currency(2, "ETH", 18))


@pytest.mark.parametrize(("text", "ppm"), [("25", 250_000), ("33.3333 %", 333_333), ("100%", 1_000_000)])
def test_shares_are_parts_per_million(text: str, ppm: int) -> None:
    assert parse_share(text) == ppm
    assert parse_share(format_share(ppm)) == ppm


@pytest.mark.parametrize("text", ["0", "100.0001", "-5", "1/3", "33.33333", "%"])
def test_impossible_shares_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"amount\.share_"):
        parse_share(text)


@pytest.mark.parametrize(
    ("text", "whole", "expected"),
    [
        ("1,000.50", False, "1000.50"),
        ("12,345,678.", False, "12345678."),
        ("1,5", False, "1,5"),
        ("1,500", False, "1,500"),
        ("1,500", True, "1500"),
        ("1,5", True, "1,5"),
        ("1.000,50", False, "1.000,50"),
        ("12.50", False, "12.50"),
    ],
)
def test_a_comma_is_left_out_only_where_it_cannot_start_decimals(
    text: str, whole: bool, expected: str
) -> None:
    """Found by an attack: "1,5" in the window's form paid 15."""
    assert without_groups(text, whole=whole) == expected
