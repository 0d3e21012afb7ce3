"""What is known of works beyond their fingerprint: their creator's words, the file's own, their ISCC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from desktop_app.store.database import Database


@dataclass(frozen=True)
class WorkDetails:
    """`metadata` is JSON-LD, `facts` JSON, both "" while unknown. `units` are ISCC units, which stay private.

    `version_of` is the id of the work whose file this one replaced; `looked_at` in Unix seconds, None before
    the file was looked into.
    """

    work_id: str
    version_of: str | None = None
    metadata: str = ""
    facts: str = ""
    units: tuple[str, ...] = field(default=(), repr=False)
    looked_at: int | None = None


class WorkDetailsRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, work_id: str) -> WorkDetails:
        """Empty details for a work that has none yet."""
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM work_details WHERE work_id = ?", (work_id,)).fetchone()
        if row is None:
            return WorkDetails(work_id)
        return WorkDetails(
            row["work_id"],
            row["version_of"],
            row["metadata"],
            row["facts"],
            tuple(row["units"].split()),
            row["looked_at"],
        )

    def put(self, details: WorkDetails) -> None:
        """Write them in place of what was known."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO work_details (work_id, version_of, metadata, facts, units, looked_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    details.work_id, details.version_of, details.metadata, details.facts,
                    " ".join(details.units), details.looked_at,
                ),
            )  # fmt: skip

    def set_metadata(self, work_id: str, metadata: str) -> None:
        """Change what the creator says and nothing else."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO work_details (work_id, metadata, facts, units) VALUES (?, ?, '', '')"
                " ON CONFLICT (work_id) DO UPDATE SET metadata = excluded.metadata",
                (work_id, metadata),
            )

    def all_units(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Work id and ISCC units of every work that has some."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT work_id, units FROM work_details WHERE units <> ''").fetchall()
        for row in rows:
            yield row["work_id"], tuple(row["units"].split())
