"""Training runs, and where the certificate of each is."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class TrainingRun:
    """`data_sets` are ids; `statement`: canonical JSON about the steps so far; `losses`: in millionths."""

    id: str
    data_sets: tuple[str, ...]
    statement: bytes
    losses: tuple[int, ...]
    created_at: int
    planned: int = 0
    """Steps that were asked for; 0: as many as the statement has."""
    segments: int = 1
    """Pieces in which it is proved."""
    certificate: Path | None = None


class TrainingRunRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run: TrainingRun) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO training_runs (id, data_sets, statement, losses, created_at, planned, segments)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    run.id, json.dumps(run.data_sets), run.statement, json.dumps(run.losses), run.created_at,
                    run.planned, run.segments,
                ),
            )  # fmt: skip

    def get(self, run_id: str) -> TrainingRun:
        """Raises NotFoundError("store.training_run_unknown")."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM training_runs WHERE id = ?", (run_id.strip().lower(),)
            ).fetchone()
        if row is None:
            raise NotFoundError("store.training_run_unknown", id=run_id[:80])
        return _run(row)

    def newest(self, limit: int = 100) -> list[TrainingRun]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM training_runs ORDER BY seq DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_run(row) for row in rows]

    def went_on(self, run: TrainingRun) -> None:
        """Keep further steps of a run, or that more of them, or other pieces, were asked for."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE training_runs SET statement = ?, losses = ?, planned = ?, segments = ? WHERE id = ?",
                (run.statement, json.dumps(run.losses), run.planned, run.segments, run.id),
            )

    def proved(self, run_id: str, certificate: Path) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE training_runs SET certificate = ? WHERE id = ?", (os.fsencode(certificate), run_id)
            )


def _run(row: sqlite3.Row) -> TrainingRun:
    path = row["certificate"]
    return TrainingRun(
        row["id"],
        tuple(json.loads(row["data_sets"])),
        row["statement"],
        tuple(json.loads(row["losses"])),
        row["created_at"],
        row["planned"],
        row["segments"],
        None if path is None else Path(os.fsdecode(path)),
    )
