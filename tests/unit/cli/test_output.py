"""What is printed: exact JSON for scripts, harmless text for people."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.cli.output import console, json_text, jsonable, listing, plain
from desktop_app.core.amounts import Amount, Currency

DOLLAR = Currency(1, "tUSD", 6, "0x" + "11" * 20)


class Step(Enum):
    ADDED = 0


@dataclass(frozen=True)
class Row:
    name: str
    secret: bytes = field(repr=False)


@given(st.integers(min_value=0, max_value=2**256))
def test_an_amount_keeps_every_unit(units: int) -> None:
    found = json.loads(json_text(Amount(units, DOLLAR)))
    assert int(found["units"]) == units


def test_fields_kept_out_of_repr_are_kept_out_of_json() -> None:
    assert jsonable(Row("song", b"salt")) == {"name": "song"}


def test_bytes_paths_enums_and_nothing_have_a_json_form() -> None:
    assert jsonable([b"\x01", Path("a"), Step.ADDED, None, True, 3]) == ["0x01", "a", "added", None, True, 3]


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        jsonable(0.1)


@given(st.text())
def test_no_control_or_direction_sign_reaches_the_terminal(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert all(sign.isprintable() or sign in "\n\u200c\u200d" for sign in shown)


def test_an_escape_sequence_in_a_title_is_defused(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(listing(["Title"], [["\x1b]0;owned\x07[bold]x[/bold]"]]))
    shown = capsys.readouterr().out
    assert "\x1b]" not in shown
    assert "[bold]x[/bold]" in shown


def test_a_piped_table_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(listing(["A", "B"], [["x" * 90, "y" * 90]]))
    shown = capsys.readouterr().out
    assert "x" * 90 in shown and "y" * 90 in shown
