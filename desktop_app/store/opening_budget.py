"""The opening budgets of commitments: counted before anything is shown, never back (triggers see to it)."""

from __future__ import annotations

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database

TABLES = ("data_sets", "hidden_models")


def spend_openings(database: Database, identity: str, columns: int) -> None:
    """Count `columns` of this commitment as shown, for good.

    Raises RefusedError("training.budget_exhausted") where the budget does not suffice, and
    NotFoundError("store.data_set_unknown").
    """
    with database.transaction() as connection:
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
