"""Private data sets: what is public of each, and how many of its columns have been shown."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class DataSetRecord:
    """`header` and `table_schema` are canonical JSON; `capacity` and `opened` count columns."""

    id: str
    title: str
    identity: str
    header: bytes
    table_schema: bytes
    capacity: int
    created_at: int
    opened: int = 0


class DataSetRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: DataSetRecord) -> None:
        """Raises RefusedError("store.data_set_exists") for a commitment that is here already."""
        with self._database.transaction() as connection:
            known = connection.execute(
                "SELECT id FROM data_sets WHERE identity = ?", (record.identity,)
            ).fetchone()
            if known is not None:
                raise RefusedError("store.data_set_exists", id=known["id"])
            connection.execute(
                "INSERT INTO data_sets (id, title, identity, header, table_schema, capacity, opened,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.id, record.title, record.identity, record.header, record.table_schema,
                    record.capacity, record.opened, record.created_at,
                ),
            )  # fmt: skip

    def get(self, reference: str) -> DataSetRecord:
        """By id, title or identity, the newest first; raises NotFoundError("store.data_set_unknown")."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM data_sets WHERE id = ? OR title = ? OR identity = ? ORDER BY seq DESC",
                (reference.lower(), reference, reference.lower()),
            ).fetchone()
        if row is None:
            raise NotFoundError("store.data_set_unknown", reference=reference[:80])
        return _record(row)

    def newest(self, limit: int = 1000) -> list[DataSetRecord]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM data_sets ORDER BY seq DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_record(row) for row in rows]


def _record(row: sqlite3.Row) -> DataSetRecord:
    return DataSetRecord(**{key: row[key] for key in row.keys() if key != "seq"})  # noqa: SIM118
