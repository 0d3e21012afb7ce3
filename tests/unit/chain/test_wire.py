from __future__ import annotations

import pytest
from eth_utils import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain import wire
from desktop_app.core.errors import InvalidInputError, UnavailableError


@given(st.integers(0, 2**256 - 1))
def test_a_quantity_survives_the_wire(value: int) -> None:
    assert wire.quantity(wire.to_quantity(value)) == value


@given(st.binary(max_size=200))
def test_data_survives_the_wire(value: bytes) -> None:
    assert wire.data(wire.to_data(value)) == value


@pytest.mark.parametrize("junk", [None, 7, True, "", "0x", "12", "0xg1", "0x 1", "0x" + "1" * 65, [], "0x-1"])
def test_what_is_no_quantity_is_refused(junk: object) -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        wire.quantity(junk)


@pytest.mark.parametrize("junk", [None, 7, "", "12", "0x1", "0x1g", "0x 12", "0x12 34", b"\x00"])
def test_what_is_no_data_is_refused(junk: object) -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        wire.data(junk)


def test_data_of_another_length_is_refused() -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        wire.data("0x1234", 3)


@given(st.binary(min_size=20, max_size=20))
def test_addresses_get_the_checksum_of_eip_55(raw: bytes) -> None:
    assert wire.address_of(raw) == to_checksum_address(raw)
    assert wire.parse_address(f" {wire.to_data(raw)} ") == to_checksum_address(raw)
    assert wire.parse_address(to_checksum_address(raw)) == to_checksum_address(raw)


def test_an_address_with_a_typing_error_is_refused() -> None:
    good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert wire.parse_address(good) == good
    with pytest.raises(InvalidInputError, match=r"chain\.address_checksum"):
        wire.parse_address(good.replace("5aA", "5aa"))


@pytest.mark.parametrize("junk", ["", "0x", "hello", "0x" + "1" * 39, "0x" + "1" * 41, "1" * 42])
def test_what_is_no_address_is_refused(junk: str) -> None:
    with pytest.raises(InvalidInputError, match=r"chain\.not_an_address"):
        wire.parse_address(junk)
