"""Answers of contracts hold strangers' texts: none of them may break a page or write lines of its own."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.contracts import ROYALTY, decode_answer


def said(raw: bytes) -> str:
    (name,) = decode_answer(ROYALTY, "name", 0, encode(["bytes"], [raw]))
    assert isinstance(name, str)
    return name


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b"Song\nNetwork: practice", b"\x1b[2JSong", "gnos\u202e".encode(), b"a\x00b"]
)
def test_a_strangers_name_is_one_harmless_line(raw: bytes) -> None:
    assert said(raw).isprintable()
    assert "\N{REPLACEMENT CHARACTER}" in said(raw)


@given(st.binary(max_size=64))
def test_every_name_can_be_read(raw: bytes) -> None:
    assert said(raw).isprintable()


@given(st.text(max_size=20).filter(str.isprintable))
def test_an_honest_name_is_read_as_it_is(name: str) -> None:
    assert said(name.encode()) == name
