"""The opening budgets of commitments: counted before anything is shown, never back (triggers see to it)."""

from __future__ import annotations

import sqlite3

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database

TABLES = ("data_sets", "hidden_models")


def spend_openings(database: Database, identities: tuple[str, ...], columns: int) -> None:
    """Count `columns` of each of these commitments as shown, for good: of all of them or of none.

    Raises RefusedError("training.budget_exhausted") where a budget does not suffice, and
    NotFoundError("store.data_set_unknown").
    """
    with database.transaction() as connection:
        for identity in identities:
            _spend(connection, identity, columns)


def _spend(connection: sqlite3.Connection, identity: str, columns: int) -> None:
    for table in TABLES:
        row = connection.execute(
            f"SELECT capacity, opened FROM {table} WHERE identity = ?", (identity,)  # noqa: S608 - ours
        ).fetchone()
        if row is None:
            continue
        left = row["capacity"] - row["opened"]
        if not 0 < columns <= left:
            raise RefusedError("training.budget_exhausted", left=left, needed=columns)
        connection.execute(
            f"UPDATE {table} SET opened = opened + ? WHERE identity = ?", (columns, identity)  # noqa: S608
        )
        return
    raise NotFoundError("store.data_set_unknown", reference=identity)


def use_up_openings(database: Database) -> None:
    """Allow no proof of any commitment any more: for a copy of the counts that may be older than the last
    proof. The rows can be committed to again."""
    with database.transaction() as connection:
        for table in TABLES:
            connection.execute(f"UPDATE {table} SET opened = capacity WHERE opened < capacity")  # noqa: S608
