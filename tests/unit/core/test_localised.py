"""Numbers, dates and amounts are written as people do where they live, and read back without a guess."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core import localised
from desktop_app.core.amounts import Amount, Currency, format_share, format_units, parse_share, parse_units
from desktop_app.core.errors import InvalidInputError

DOLLAR = Currency(1, "USDC", 6, "0x" + "11" * 20)
MOMENT = 1_795_682_040  # 2026-11-26 08:34 UTC
PLACES = ("en_150", "en_US", "de", "de_CH", "es", "es_MX", "zh", "fr", "hi", "pt_BR")


@pytest.fixture(autouse=True)
def _world_english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    localised.use("en", "en_150")


def at(place: str) -> None:
    localised.use(place.split("_", maxsplit=1)[0], place)


@pytest.mark.parametrize(
    ("place", "count", "day", "moment", "size", "amount"),
    [
        ("en_150", "1,234,567", "26 Nov 2026", "26 Nov 2026, 08:34", "1.2 MB", "1234.5 USDC"),
        ("en_US", "1,234,567", "Nov 26, 2026", "Nov 26, 2026, 8:34\u202fAM", "1.2 MB", "1234.5 USDC"),
        ("de", "1.234.567", "26.11.2026", "26.11.2026, 08:34", "1,2 MB", "1234,5 USDC"),
        ("es", "1.234.567", "26 nov 2026", "26 nov 2026, 8:34", "1,2 MB", "1234,5 USDC"),
        ("zh", "1,234,567", "2026年11月26日", "2026年11月26日 08:34", "1.2 MB", "1234.5 USDC"),
    ],
)
def test_what_people_read_follows_the_place(
    place: str, count: str, day: str, moment: str, size: str, amount: str
) -> None:
    at(place)
    assert localised.grouped(1_234_567) == count
    assert localised.day(MOMENT) == day
    assert localised.moment(MOMENT) == moment
    assert localised.size(1_234_567) == size
    assert str(Amount(1_234_500_000, DOLLAR)) == amount
    assert Amount(1_234_500_000, DOLLAR).plain() == "1234.5"  # what files and scripts get


def test_the_country_of_the_system_counts_only_in_its_own_language() -> None:
    localised.use("de", "de", ("en_US.UTF-8", "de-CH"))
    assert localised.formats() == "de_CH"
    localised.use("es", "es", ("de_DE.UTF-8",))
    assert localised.formats() == "es"
    localised.use("de", "de", ("de_XX@nonsense",))
    assert localised.formats() == "de"


@given(st.sampled_from(PLACES), st.integers(0, 2**256 - 1), st.integers(0, 36))
def test_every_shown_amount_is_read_back_exactly(place: str, units: int, decimals: int) -> None:
    at(place)
    shown = localised.decimal(format_units(units, decimals))
    assert parse_units(localised.typed_number(shown), decimals) == units


@given(st.sampled_from(PLACES), st.integers(1, 1_000_000))
def test_every_shown_share_is_read_back_exactly(place: str, ppm: int) -> None:
    at(place)
    assert parse_share(localised.typed_number(format_share(ppm))) == ppm


@given(st.sampled_from(PLACES), st.text("0123456789.,'’ %", max_size=14))
def test_no_typed_number_is_ever_read_otherwise_than_the_place_writes_it(place: str, text: str) -> None:
    at(place)
    try:
        units = parse_units(localised.typed_number(text), 12)
    except InvalidInputError:
        return
    sign = localised.decimal_sign()
    typed = text.strip()
    if sign == "," and "," in typed:
        whole, _, part = typed.partition(",")
        digits = "".join(sign for sign in whole if sign.isdigit())
        assert units == parse_units(f"{digits}.{part}", 12)
    else:
        assert units == parse_units(typed, 12)


@pytest.mark.parametrize("text", ["1.234", "12.345.678"])
def test_a_number_with_two_readings_is_refused_with_what_to_do(text: str) -> None:
    at("de")
    with pytest.raises(InvalidInputError, match="two_readings"):
        localised.typed_number(text)


def test_points_that_can_only_be_decimals_are_read_as_such() -> None:
    at("de")
    for text in ("12.5", "0.500", "1234.567", "1.2345"):
        assert localised.typed_number(text) == text
