"""Receipts as a table (RFC 4180): a row for what left, what came and the fee, in each currency apart.

A column of amounts can so be added up by currency. Numbers have a point whatever the language, times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from desktop_app.core.amounts import Amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.progress import Task
from desktop_app.services.payout_files import csv_file, safe_cell
from desktop_app.services.rates import decimal, round_money
from desktop_app.services.receipt_text import doubts, source_text
from desktop_app.services.receipts import Receipt, Valued
from desktop_app.services.wording import message, words

_RATE_PLACES = 12
_COLUMNS = (
    "time_utc", "money", "network", "chain_id", "action", "what", "work", "state", "line", "amount",
    "currency", "currency_contract", "smallest_units", "value", "value_currency", "rate", "rate_source",
    "from", "from_name", "to", "to_name", "note", "transaction", "other_ids", "block", "explorer", "sources",
    "remark",
)  # fmt: skip


def write_receipts(
    path: Path,
    receipts: Sequence[Receipt],
    values: Mapping[str, Valued],
    task: Task,
    overwrite: bool,
) -> int:
    """The number of rows. Raises as `payout_files.csv_file`."""
    count = 0
    with csv_file(path, overwrite) as put:
        put(_COLUMNS)
        for number, one in enumerate(receipts):
            task.report(number, len(receipts), "onreceipt.writing")
            valued = values.get(one.id)
            for at, (line, amount) in enumerate(_lines(one)):
                put((*_start(one), line, *_amount(amount), *_worth(valued, at), *_end(one)))
                count += 1
    return count


def _lines(one: Receipt) -> Iterator[tuple[str, Amount]]:
    """In the order of `Receipt.money`."""
    for name, amounts in (("left", one.left), ("reached", one.reached), ("fee", (one.fee,))):
        for amount in amounts or ():
            if amount is not None:
                yield name, amount


def _start(one: Receipt) -> tuple[str | int, ...]:
    kind = "real" if one.kind == "main" else one.kind
    when = "" if one.block_time is None else iso_utc(one.block_time)
    return (
        when, kind, safe_cell(one.network_name), one.chain_id, one.code.removeprefix("action."),
        safe_cell(one.text), safe_cell("; ".join(one.works)), one.became.value,
    )  # fmt: skip


def _amount(amount: Amount) -> tuple[str | int, ...]:
    currency = amount.currency
    return amount.plain(), safe_cell(currency.symbol), currency.address, str(amount.units)


def _worth(valued: Valued | None, at: int) -> tuple[str, ...]:
    if valued is None:
        return "", "", "", ""
    worth = valued.worths[at][1]
    if worth.value is None or worth.rate is None:
        return "", valued.fiat, "", safe_cell(message(worth.problem).reason if worth.problem else "")
    rate = decimal(worth.rate, _RATE_PLACES)
    source = safe_cell(source_text(worth, valued.note))
    return round_money(worth.value, valued.fiat), valued.fiat, rate, source


def _end(one: Receipt) -> tuple[str | int, ...]:
    remarks = list(doubts(one))
    if one.left is None:
        remarks.append(words("onreceipt.not_read"))
    return (
        one.sender.address, safe_cell(one.sender.name), one.recipient.address, safe_cell(one.recipient.name),
        safe_cell(one.note), one.id, " ".join(one.other_ids), one.block_number, one.explorer_url or "",
        one.sources, safe_cell("; ".join(remarks)),
    )  # fmt: skip
