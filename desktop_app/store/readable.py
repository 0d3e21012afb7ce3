"""All tables as they are, for the user's own eyes: without what is secret or only internal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from desktop_app.core.clock import iso_utc
from desktop_app.store.database import Database

# By their names, so that a table of tomorrow is covered as well.
_SECRET = re.compile(r"(^|_)(salt|secret|seed|key|sealed|private|phrase|passphrase)(_|$)")
_NOT_SECRET = {"title_key", "name_key", "key_commitment"}
_INTERNAL = {"seq", "title_key", "name_key"}
_TIMES = re.compile(r"(_at|_time)$")


def readable_tables(database: Database) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Name, columns and rows of every table. Bytes are hexadecimal, times ISO 8601 in UTC, nothing is ""."""
    with database.read() as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " ORDER BY name"
            )
        ]
        for name in names:
            found = [row["name"] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            columns = [column for column in found if is_shown(column)]
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            yield name, columns, [[_shown(column, row[column]) for column in columns] for row in rows]


def is_shown(column: str) -> bool:
    """Whether a column may be read by others who come by the archive."""
    return column not in _INTERNAL and (column in _NOT_SECRET or not _SECRET.search(column))


def _shown(column: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        is_path = column == "path" or column.endswith("_path")
        return os.fsencode(os.fsdecode(value)).decode("utf-8", "replace") if is_path else value.hex()
    if isinstance(value, int) and _TIMES.search(column) and 0 < value < 2**34:
        return iso_utc(value)
    return str(value)
