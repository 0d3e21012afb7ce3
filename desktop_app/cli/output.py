"""What commands print: plain text for people, exact JSON for scripts."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from desktop_app.cli import spoken
from desktop_app.core.amounts import Amount, Currency

if TYPE_CHECKING:
    from rich.markdown import Markdown

_PIPE_WIDTH = 10_000
"""Wide enough that nothing is folded where a program reads."""
READER_GONE = 141
"""The exit code that shells give to programs whose reader has gone: 128 and the number of SIGPIPE."""

Part: TypeAlias = "Text | Table | Markdown | str"
"""A piece of what people read; texts are printed as they are."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Say no more, as `colophon library list | head -1` wants it."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())
        raise SystemExit(READER_GONE)


def console(stderr: bool = False) -> Console:
    """A console that honours NO_COLOR, never guesses colours into values, and does not fold piped lines."""
    made = _Console(stderr=stderr, highlight=False, soft_wrap=True)
    return (
        made
        if made.is_terminal
        else _Console(stderr=stderr, highlight=False, soft_wrap=True, width=_PIPE_WIDTH)
    )


def plain(text: object) -> str:
    """`text` fit for a terminal: names from outside may hold control or direction characters."""
    return "".join(
        sign if sign.isprintable() or sign in "\n\u200c\u200d" else "\N{REPLACEMENT CHARACTER}"
        for sign in str(text)
    )


def facts(rows: Iterable[tuple[str, object]]) -> Table:
    """Label and value, one line each; rows without a value are left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value not in ("", None):
            table.add_row(Text(spoken.label(name)), Text(plain(value)))
    return table


def listing(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; columns whose name starts with ">" are numbers, aligned to the right."""
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=any(columns)
    )
    for name in columns:
        side: Literal["left", "right"] = "right" if name.startswith(">") else "left"
        table.add_column(spoken.label(name.removeprefix(">")), justify=side, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    return table


def jsonable(value: object) -> Any:
    """Nested JSON values: amounts keep their smallest units as text, bytes are 0x-hexadecimal."""
    if isinstance(value, Amount):
        found: Any = {"units": str(value.units), "amount": value.plain(), "currency": value.currency.symbol}
    elif isinstance(value, Currency):
        found = {"symbol": value.symbol, "decimals": value.decimals, "address": value.address}
    elif isinstance(value, Enum):
        found = value.name.lower()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {
            field.name: jsonable(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.repr
        }
    elif isinstance(value, Mapping):
        found = {str(key): jsonable(item) for key, item in value.items()}
    elif isinstance(value, list | tuple | set | frozenset):
        found = [jsonable(item) for item in value]
    elif isinstance(value, bytes):
        found = "0x" + value.hex()
    elif isinstance(value, Path):
        found = str(value)
    elif value is None or isinstance(value, str | int | bool):
        found = value
    else:
        raise TypeError(f"no JSON form for {type(value).__name__}")
    return found


def json_text(value: object, indent: int | None = 2) -> str:
    return json.dumps(jsonable(value), indent=indent, ensure_ascii=False)


def qr_code(text: str) -> Text:
    """A QR code in half blocks, dark on light whatever the terminal's colours are."""
    import segno

    rows = [[False] * 2 + [bool(cell) for cell in row] + [False] * 2 for row in segno.make(text).matrix]
    empty = [False] * len(rows[0])
    rows = [empty, empty, *rows, empty, empty]
    if len(rows) % 2:
        rows.append(empty)
    signs = {(False, False): " ", (True, False): "\u2580", (False, True): "\u2584", (True, True): "\u2588"}
    lines = [
        "".join(signs[pair] for pair in zip(rows[at], rows[at + 1], strict=True))
        for at in range(0, len(rows), 2)
    ]
    return Text("\n".join(lines), style="black on white")
