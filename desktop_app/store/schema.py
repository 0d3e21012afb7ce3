"""The schema that migrations are expected to leave, and how the one on disk differs from it."""

from __future__ import annotations

import sqlite3

Schema = dict[tuple[str, str], str]


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Our tables, indexes, triggers and views: (type, name) to their SQL with spaces made even."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'"
    )
    return {(kind, name): " ".join(sql.split()) for kind, name, sql in rows}


def difference(expected: Schema, found: Schema) -> str:
    """The first part of `expected` that is missing or different in `found`, "" when there is none.

    Additions are let pass: they are a curious user's own and harm nothing.
    """
    for (kind, name), sql in sorted(expected.items()):
        if found.get((kind, name)) != sql:
            return f"{kind} {name}"
    return ""
