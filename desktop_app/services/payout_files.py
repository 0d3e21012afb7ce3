"""Payouts as comma-separated values (RFC 4180) that any spreadsheet reads and none takes for a formula.

Numbers have a point and no separators whatever the language; times are UTC (RFC 3339). The file begins with
a byte order mark, without which spreadsheets take UTF-8 for something else.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from desktop_app.core.amounts import format_units
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payout_lines import PayoutLine, memo_text
from desktop_app.wallet.durable import replacing

_FORMULA = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
"""What spreadsheets start a formula with (OWASP, "CSV Injection"), full-width forms included."""
_AFTER_SEMICOLON = re.compile(r";(?=[ \u00a0]*[=+\-@|%\uff1d\uff0b\uff0d\uff20])")
"""Where the comma is for decimals, spreadsheets begin a new cell after a semicolon."""
_JOINERS = "\u200c\u200d"

_COLUMNS = (
    "time", "network", "chain_id", "work", "token", "kind", "amount", "currency", "currency_contract",
    "smallest_units", "paid_in_so_far", "from_or_to", "name", "recipient", "memo", "state", "taken_back",
    "block", "transaction", "ordinal",
)  # fmt: skip


class RowWriter(Protocol):
    def __call__(self, cells: Sequence[str | int], /) -> None: ...


def safe_cell(text: str) -> str:
    """Text from outside for a cell: no control or direction characters, and nothing that is calculated."""
    shown = "".join(c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in text)
    shown = _AFTER_SEMICOLON.sub(";'", shown)
    return "'" + shown if text.lstrip(" \u00a0").startswith(_FORMULA) or text[:1].isspace() else shown


@contextmanager
def csv_file(path: Path, overwrite: bool) -> Iterator[RowWriter]:
    """Writes rows to a file as `whole_file` does, and raises the same."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\r\n")
    with whole_file(path, overwrite) as write:
        write(b"\xef\xbb\xbf")

        def put(cells: Sequence[str | int], /) -> None:
            rows.writerow(cells)
            if buffer.tell() > 1 << 16:
                flush()

        def flush() -> None:
            write(buffer.getvalue().encode())
            buffer.seek(0)
            buffer.truncate()

        yield put
        flush()


@contextmanager
def whole_file(path: Path, overwrite: bool) -> Iterator[Callable[[bytes], None]]:
    """Writes a file that appears whole at the end, or not at all; readable by the user only. Without
    `overwrite` nothing is replaced, also not what comes to be there meanwhile, or a link that leads nowhere.

    Raises RefusedError("earnings.file_exists"), UnavailableError("earnings.not_written").
    """

    def require_free() -> None:
        if not overwrite and os.path.lexists(path):
            raise RefusedError("earnings.file_exists", path=str(path))

    require_free()
    try:
        with replacing(path) as write:
            yield write
            require_free()
    except OSError as error:
        raise UnavailableError(
            "earnings.not_written", path=str(path), detail=error.strerror or type(error).__name__
        ) from error


def write_payouts(path: Path, lines: Iterable[PayoutLine], total: int, task: Task, overwrite: bool) -> int:
    """All payouts, oldest first; `paid_in_so_far` adds up payments of each currency. The number of rows."""
    running: dict[object, int] = {}
    count = 0
    with csv_file(path, overwrite) as put:
        put(_COLUMNS)
        for line in lines:
            if count % 500 == 0:
                task.report(count, total, "payouts.writing")
            count += 1
            one, currency = line.payout, line.amount.currency
            if one.kind == "payment" and not one.orphaned:
                running[currency] = running.get(currency, 0) + one.amount
            put(
                (
                    iso_utc(one.block_time), safe_cell(line.network), one.chain_id, safe_cell(line.work),
                    one.token, one.kind, line.amount.plain(), safe_cell(currency.symbol), one.currency,
                    one.amount, format_units(running.get(currency, 0), currency.decimals), one.party,
                    safe_cell(line.who), one.recipient, safe_cell(memo_text(one.memo)), one.state,
                    "yes" if one.orphaned else "no", one.block_number, one.tx_hash, one.ordinal,
                )
            )  # fmt: skip
    return count
