"""What goes into a spreadsheet stays text, and numbers stay exact."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payout_files import csv_file, safe_cell, write_payouts
from desktop_app.services.payout_lines import PayoutLine, memo_text
from desktop_app.services.rates import Rates, UserRate, decimal, parse_rate, round_money
from desktop_app.services.tax_ledger import write_ledger
from desktop_app.store.payouts import Payout

ETHER = Currency(1, "ETH", 18)
EVIL = [
    '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "|calc", "%0",
    "\u202e=1", "a;=1", "a; @x", "a;\u00a0+1",
]  # fmt: skip
TURNED = "0x" + "\u202eevil".encode().ljust(32, b"\0").hex()


def line(amount: int = 1, **given: object) -> PayoutLine:
    facts = {
        "id": 1, "chain_id": 1, "token": "0x" + "11" * 20, "tx_hash": "0x" + "22" * 32, "ordinal": 0,
        "log_index": 0, "block_number": 5, "block_hash": "0x" + "33" * 32, "block_time": 1_700_000_000,
        "kind": "payment", "party": "0x" + "44" * 20, "currency": "", "amount": amount, "memo": "",
        "recipient": "", "state": "final", "orphaned": False, "first_seen_at": 0,
    }  # fmt: skip
    work = str(given.pop("work", "Song"))
    return PayoutLine(Payout(**{**facts, **given}), "Net", work, Amount(amount, ETHER))  # type: ignore[arg-type]


def read(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", EVIL)
def test_nothing_from_outside_becomes_a_formula(tmp_path: Path, text: str) -> None:
    memo = "0x" + text.encode()[:32].ljust(32, b"\0").hex()
    path = tmp_path / "p.csv"
    write_payouts(path, [line(work=text, memo=memo)], 1, Task(), False)
    for cell in read(path)[0].values():
        for part in cell.split(";"):  # as a spreadsheet does where the comma is for decimals
            assert not part.lstrip(" \t\r\n\u00a0").startswith(tuple("=+-@|%＝"))


@given(st.text())
def test_a_cell_is_one_printable_line_that_is_never_calculated(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip().startswith(tuple("=+-@\t\r\n|%＝＋－＠"))
    assert all(c.isprintable() or c in "\u200c\u200d" for c in cell)


@given(st.integers(0, 2**256 - 1))
def test_amounts_are_written_to_the_unit(amount: int) -> None:
    plain = line(amount).amount.plain()
    assert Fraction(plain) * 10**18 == amount
    assert set(plain) <= set("0123456789.")


def test_a_file_that_is_there_is_not_replaced_unless_asked_and_a_failure_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("mine")
    with pytest.raises(RefusedError, match="file_exists"):
        write_payouts(path, [line()], 1, Task(), False)

    def broken() -> object:
        yield line()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        write_payouts(path, broken(), 2, Task(), True)  # type: ignore[arg-type]
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["p.csv"]
    assert write_payouts(path, [line(), line(2)], 2, Task(), True) == 2
    assert [row["paid_in_so_far"] for row in read(path)] == ["0.000000000000000001", "0.000000000000000003"]
    assert path.stat().st_mode & 0o077 == 0


def test_what_comes_to_be_there_meanwhile_is_not_replaced_and_no_link_is_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "p.csv", tmp_path / "link.csv"
    with pytest.raises(RefusedError, match="file_exists"), csv_file(path, False) as put:
        put(["mine"])
        path.write_text("another's")
    assert path.read_text() == "another's"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="file_exists"), csv_file(link, False):
        pass
    assert {one.name for one in tmp_path.iterdir()} == {"p.csv", "link.csv"}


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="not_written"), csv_file(tmp_path / "no" / "p.csv", False):
        pass


def test_a_payout_that_was_taken_back_is_marked_and_not_added(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    write_payouts(path, [line(5), line(7, orphaned=True), line(1)], 3, Task(), False)
    assert [row["taken_back"] for row in read(path)] == ["no", "yes", "no"]
    assert Decimal(read(path)[2]["paid_in_so_far"]) == Decimal(6) / 10**18


@pytest.mark.parametrize(
    ("memo", "text"),
    [
        ("", ""),
        ("0x" + b"Order 7".ljust(32, b"\0").hex(), "Order 7"),
        ("0x" + "00" * 32, "0x" + "00" * 32),
        ("0x" + "ff" * 32, "0x" + "ff" * 32),
        (TURNED, TURNED),
        ("0x" + b"a\nb".ljust(32, b"\0").hex(), "0x" + b"a\nb".ljust(32, b"\0").hex()),
    ],
)
def test_a_memo_is_text_only_where_it_is_plain_text(memo: str, text: str) -> None:
    assert memo_text(memo) == text


@pytest.mark.parametrize(
    ("value", "fiat", "text"),
    [("1/200", "EUR", "0.00"), ("3/200", "EUR", "0.02"), ("1/3", "USD", "0.33"), ("-5", "USD", "-5.00"),
     ("5/2", "JPY", "2"), ("1000000", "USD", "1000000.00"), ("-1/1000", "USD", "0.00")],
)  # fmt: skip
def test_money_is_rounded_half_to_even(value: str, fiat: str, text: str) -> None:
    assert round_money(Fraction(value), fiat) == text


@given(st.fractions(min_value=0, max_value=10**30))
def test_a_rounded_value_is_within_half_a_cent(value: Fraction) -> None:
    assert abs(Fraction(round_money(value, "EUR")) - value) <= Fraction(1, 200)
    assert abs(Fraction(decimal(value, 12)) - value) <= Fraction(1, 2 * 10**12)


@pytest.mark.parametrize("text", ["", "ETH", "=5", "ETH=", "ETH=0", "ETH=-1", "ETH=1e3", "ETH=1,5", "ETH=٣"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_rate(text)


def test_a_ledger_by_rates_of_ones_own_names_their_source_and_adds_up(tmp_path: Path) -> None:
    def nobody(_chain: int) -> object:
        raise AssertionError("no network is asked")

    path = tmp_path / "ledger.csv"
    rates = Rates("eur", dict([parse_rate("eth=2500.505")]), nobody)  # type: ignore[arg-type]
    lines = [line(10**18), line(2 * 10**15), line(1)]
    result = write_ledger(path, lines, rates, "=central bank", Task(), False)
    rows = read(path)
    assert [row["value"] for row in rows] == ["2500.50", "5.00", "0.00"]
    assert (result.value, result.fiat, result.unvalued) == ("2505.50", "EUR", 0)
    assert {row["rate"] for row in rows} == {"2500.505"}
    assert {row["rate_source"] for row in rows} == {"a rate of your own: =central bank"}
    assert [row["date_utc"] for row in rows] == ["2023-11-14T22:13:20Z"] * 3


def test_without_a_rate_the_row_says_why_and_the_value_stays_empty(tmp_path: Path) -> None:
    rates = Rates("EUR", {"USDC": UserRate(Fraction(1))}, lambda _chain: None)  # type: ignore[arg-type,return-value]
    result = write_ledger(tmp_path / "l.csv", [line()], rates, "", Task(), False)
    row = read(tmp_path / "l.csv")[0]
    assert (row["value"], row["rate"], result.unvalued) == ("", "", 1)
    assert "ETH" in row["remark"]
    assert result.value == "0.00"
