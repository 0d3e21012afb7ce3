"""Copies of a live SQLite database, through SQLite's own backup interface, and what is in them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from desktop_app.core.errors import CorruptError
from desktop_app.store.disk_errors import typed_errors, typed_file_errors

TABLES = ("works", "registrations", "certificates", "tokens", "payouts", "challenges", "address_book")
"""What a user has made or named; an app that was only started has none of it."""


def snapshot(path: Path, target: Path) -> None:
    """Write the last committed state of the database at `path` to the new file `target`.

    Only the user may read it. Raises UnavailableError or CorruptError.
    """
    with typed_file_errors(target), typed_errors(path):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            # A single file is easier to keep than one with -wal and -shm beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise CorruptError("store.corrupt", path=str(path))


def row_counts(path: Path) -> dict[str, int]:
    """How many rows each of `TABLES` has; 0 for one that is not there. Changes nothing."""
    counts = dict.fromkeys(TABLES, 0)
    with typed_errors(path), closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        for table in TABLES:
            if table in there:
                counts[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return counts
