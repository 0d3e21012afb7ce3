"""Income as a tax adviser asks for it: date, amount, currency, value in the user's money, the rate's source.

Every amount is exact. Values are rounded to cents, half to even, one by one; their sum is the sum of the
rounded values, so that the column adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from desktop_app.core.amounts import Amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.progress import Task
from desktop_app.services.payout_files import csv_file, safe_cell
from desktop_app.services.payout_lines import PayoutLine, memo_text
from desktop_app.services.rates import Rates, Worth, decimal, round_money
from desktop_app.services.wording import message, words

BASES = ("received", "payments")
_RATE_PLACES = 12
_COLUMNS = (
    "date_utc", "amount", "currency", "value", "value_currency", "rate", "rate_source", "kind", "work",
    "network", "from_or_to", "name", "memo", "state", "transaction", "block", "remark",
)  # fmt: skip


@dataclass(frozen=True)
class LedgerResult:
    """`value` is the sum of the values as text, in `fiat`; `unvalued` rows have none, each with a remark.

    `problems` are the reasons in words, each once. `amounts` are the exact sums by currency.
    """

    path: Path
    rows: int
    fiat: str
    value: str
    unvalued: int
    problems: tuple[str, ...]
    amounts: tuple[Amount, ...]


def write_ledger(
    path: Path, lines: Sequence[PayoutLine], rates: Rates, note: str, task: Task, overwrite: bool
) -> LedgerResult:
    """`note` is the user's word about the source of his own rates. See `payout_files` for the form."""
    with csv_file(path, overwrite) as put:  # an existing file is refused before any network is asked
        places = [(l.amount.currency, l.payout.block_number, l.payout.block_time) for l in lines]  # noqa: E741
        rates.prepare(places, task)
        put(_COLUMNS)
        value, unvalued = Fraction(0), 0
        problems: dict[str, None] = {}
        amounts: dict[object, Amount] = {}
        for line in lines:
            task.check()
            one, currency = line.payout, line.amount.currency
            worth = rates.worth(line.amount, one.block_number)
            rounded = "" if worth.value is None else round_money(worth.value, rates.fiat)
            remark = ""
            if worth.value is None:
                unvalued += 1
                remark = message(worth.problem).reason if worth.problem else ""
                problems[remark] = None
            else:
                value += Fraction(rounded)
            known = amounts.get(currency)
            amounts[currency] = line.amount if known is None else known + line.amount
            put(
                (
                    iso_utc(one.block_time), line.amount.plain(), safe_cell(currency.symbol), rounded,
                    rates.fiat, "" if worth.rate is None else decimal(worth.rate, _RATE_PLACES),
                    _source(worth, note), one.kind, safe_cell(line.work), safe_cell(line.network), one.party,
                    safe_cell(line.who), safe_cell(memo_text(one.memo)), one.state, one.tx_hash,
                    one.block_number, safe_cell(remark),
                )
            )  # fmt: skip
    total = round_money(value, rates.fiat)
    return LedgerResult(
        path, len(lines), rates.fiat, total, unvalued, tuple(problems), tuple(amounts.values())
    )


def _source(worth: Worth, note: str) -> str:
    if worth.source != "given":
        return worth.source
    return safe_cell(words("earnings.own_rate_noted", note=note) if note else words("earnings.own_rate"))
