"""A royalty statement: the open ledger of one token, and as a table that anyone can make again.

The text follows from the chain alone: the same token and last block give the same bytes on every computer,
without names, dates or settings of whoever made them. It is CSV (RFC 4180); nothing in it starts a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop_app.chain.logs import Claimed, Forwarded, Payment, Pushed, PushFailed, Transfer
from desktop_app.chain.reads import TokenTerms
from desktop_app.chain.royalty_history import RoyaltyHistory
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import Amount, Currency, format_units
from desktop_app.core.clock import iso_utc
from desktop_app.services.royalty_ledger import Entry, Ledger, Role, replay

COLUMNS = (
    "block", "time", "transaction", "log", "event", "currency", "currency_contract", "party", "account",
    "role", "weight", "whole", "units", "amount", "memo",
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """`currencies` by contract address, "" for the coin, in the token's order."""

    history: RoyaltyHistory
    ledger: Ledger
    currencies: dict[str, Currency]
    network_name: str
    chain_id: int

    @property
    def terms(self) -> TokenTerms:
        return self.history.terms

    def amount(self, units: int, currency: str) -> Amount:
        return Amount(units, self.currencies[currency])


def make_statement(
    history: RoyaltyHistory, currencies: Sequence[Currency], network_name: str, chain_id: int
) -> Statement:
    """Raises CorruptError `royalties.impossible_history`."""
    ledger = replay(history.terms, history.events, history.times)
    return Statement(history, ledger, {each.address: each for each in currencies}, network_name, chain_id)


def statement_csv(statement: Statement) -> str:
    """Every event as one line, and after each payment one line for everyone who got a part of it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in statement.ledger.entries:
        writer.writerows(_lines(statement, entry))
    return text.getvalue()


def _lines(statement: Statement, entry: Entry) -> Iterator[Sequence[str | int]]:
    event, place = entry.event, entry.place
    start: list[str | int] = [place.block_number, iso_utc(entry.time), place.tx_hash, place.log_index]
    if isinstance(event, Transfer):
        kind = "issue" if event.sender == ZERO_ADDRESS else "transfer"
        holder = event.receiver
        yield [*start, kind, "", "", event.sender, holder, "holder", "", "", event.value, event.value, ""]
        return
    currency = statement.currencies[event.currency]
    money = [currency.symbol, currency.address]

    def units(count: int) -> list[str | int]:
        return [count, format_units(count, currency.decimals)]

    if isinstance(event, Payment):
        memo = "0x" + event.memo.hex()
        yield [*start, "payment", *money, event.payer, "", "", "", "", *units(event.amount), memo]
        for one in entry.credits:
            weights = ["", ""] if one.role is Role.ROUNDING else [one.weight, one.whole]
            yield [*start, "credit", *money, "", one.address, one.role, *weights, *units(one.units), ""]
        return
    kind, account, to = payout(event)
    yield [*start, kind, *money, to, account, "", "", "", *units(event.amount), ""]


def payout(event: Pushed | PushFailed | Claimed | Forwarded) -> tuple[str, str, str]:
    """(kind, whose money, where it went) of an event that pays out, or would have."""
    if isinstance(event, Claimed):
        return "claim", event.holder, event.to
    if isinstance(event, Forwarded):
        return "forward", event.parent, event.parent
    kind = "push" if isinstance(event, Pushed) else "push_failed"
    return kind, event.collaborator, event.collaborator if kind == "push" else ""


def memo_text(memo: bytes) -> str:
    """A payment's note as text where it is one, else in hexadecimal; "" where there is none."""
    raw = memo.rstrip(b"\0")
    if not raw:
        return ""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    return text if text.isprintable() and text else "0x" + memo.hex()
