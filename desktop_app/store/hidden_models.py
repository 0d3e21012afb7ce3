"""Models with hidden weights: what is public of each, and how much of what hides it has been used up."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database

_SELECT = (
    "SELECT id, run_id, identity, header, table_schema, capacity, created_at, opened,"
    " (SELECT SUM(other.answered) FROM hidden_models AS other WHERE other.run_id = hidden_models.run_id)"
    " AS answered FROM hidden_models"
)


@dataclass(frozen=True)
class HiddenModelRecord:
    """`header` and `table_schema` are canonical JSON; `capacity`, `opened` count columns, `answered` rows.

    Rows are those of the run: its weights may be committed to more than once, and stay the same weights.
    """

    id: str
    run_id: str
    identity: str
    header: bytes
    table_schema: bytes
    capacity: int
    created_at: int
    opened: int = 0
    answered: int = 0


class HiddenModelRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: HiddenModelRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO hidden_models (id, run_id, identity, header, table_schema, capacity, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    record.id, record.run_id, record.identity, record.header, record.table_schema,
                    record.capacity, record.created_at,
                ),
            )  # fmt: skip

    def get(self, reference: str) -> HiddenModelRecord:
        """By id, run or identity, the newest first; raises NotFoundError("store.hidden_model_unknown")."""
        with self._database.read() as connection:
            row = connection.execute(
                f"{_SELECT} WHERE id = ?1 OR run_id = ?1 OR identity = ?1 ORDER BY seq DESC",
                (reference.strip().lower(),),
            ).fetchone()
        if row is None:
            raise NotFoundError("store.hidden_model_unknown", reference=reference[:80])
        return _record(row)

    def newest(self, limit: int = 1000) -> list[HiddenModelRecord]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"{_SELECT} ORDER BY seq DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_record(row) for row in rows]

    def answered(self, identity: str, rows: int, weights: int | None) -> None:
        """Count rows that are about to be answered, for good.

        Raises RefusedError("training.weights_worked_out") where the run would have answered as many rows as
        it has `weights` (None: it may), and counts nothing then.
        """
        with self._database.transaction() as connection:
            row = connection.execute(f"{_SELECT} WHERE identity = ?", (identity,)).fetchone()
            total = row["answered"] + rows
            if weights is not None and total >= weights:
                raise RefusedError("training.weights_worked_out", answers=total, weights=weights)
            connection.execute(
                "UPDATE hidden_models SET answered = answered + ? WHERE identity = ?", (rows, identity)
            )


def _record(row: sqlite3.Row) -> HiddenModelRecord:
    return HiddenModelRecord(**{key: row[key] for key in row.keys()})  # noqa: SIM118
