"""The works in the library."""

from __future__ import annotations

import os
import sqlite3
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database

ERASED = "(erased)"
"""Stands in the journal where the title of an erased work stood."""


@dataclass(frozen=True)
class Work:
    """One file that its creator has added. `size` in bytes, `added_at` in Unix seconds.

    `salt` (32 bytes) hides the content behind `chunk_root`: it is part of the backup and never published.
    """

    id: str
    title: str
    path: Path
    size: int
    sha256: bytes
    blake3: bytes
    leaf_size: int
    chunk_root: bytes
    salt: bytes = field(repr=False)
    media_type: str
    added_at: int
    modified_ns: int


class WorkRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, work: Work) -> None:
        """Raises RefusedError("store.work_exists") when a work of the same content is there already."""
        with self._database.transaction() as connection:
            known = connection.execute(
                "SELECT id, title FROM works WHERE sha256 = ?", (work.sha256,)
            ).fetchone()
            if known is not None:
                raise RefusedError("store.work_exists", id=known["id"], title=known["title"])
            connection.execute(
                "INSERT INTO works (id, title, title_key, path, size, sha256, blake3, leaf_size, chunk_root,"
                " salt, media_type, added_at, modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    work.id, work.title, search_key(work.title), os.fsencode(work.path), work.size,
                    work.sha256, work.blake3, work.leaf_size, work.chunk_root, work.salt, work.media_type,
                    work.added_at, work.modified_ns,
                ),
            )  # fmt: skip

    def get(self, work_id: str) -> Work:
        """Raises NotFoundError("store.work_unknown")."""
        work = self._one("id = ?", work_id.strip().lower())
        if work is None:
            raise NotFoundError("store.work_unknown", id=work_id[:80])
        return work

    def find(self, work_id: str) -> Work | None:
        """The work with this very id, if it is there."""
        return self._one("id = ?", work_id)

    def by_sha256(self, sha256: bytes) -> Work | None:
        return self._one("sha256 = ?", sha256)

    def by_path(self, path: Path) -> Work | None:
        """The work last seen at `path` (absolute), the newest if several were."""
        return self._one("path = ? ORDER BY added_at DESC, seq DESC", os.fsencode(path))

    def called(self, title: str) -> list[Work]:
        """All works with exactly this title, newest first."""
        return self._several("title = ?", title)

    def beginning_with(self, prefix: str) -> list[Work]:
        """Works whose id begins so, newest first."""
        return self._several("id >= ? AND id < ?", prefix, prefix + "\U0010ffff")

    def _several(self, condition: str, *values: str) -> list[Work]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM works WHERE {condition} ORDER BY added_at DESC, seq DESC LIMIT 100",  # noqa: S608
                values,
            ).fetchall()
        return [_work(row) for row in rows]

    def _one(self, condition: str, value: str | bytes) -> Work | None:
        with self._database.read() as connection:
            row = connection.execute(f"SELECT * FROM works WHERE {condition}", (value,)).fetchone()  # noqa: S608
        return None if row is None else _work(row)

    def newest(self, limit: int = 100, offset: int = 0, search: str = "") -> list[Work]:
        """Works whose title contains `search` (case and accents do not matter), newest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM works WHERE instr(title_key, ?) > 0"
                " ORDER BY added_at DESC, seq DESC LIMIT ? OFFSET ?",
                (search_key(search), limit, offset),
            ).fetchall()
        return [_work(row) for row in rows]

    def count(self, search: str = "") -> int:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM works WHERE instr(title_key, ?) > 0", (search_key(search),)
            ).fetchone()
        return int(row[0])

    def rename(self, work_id: str, title: str) -> None:
        self._update(work_id, "title = ?, title_key = ?", title, search_key(title))

    def relocate(self, work_id: str, path: Path, modified_ns: int) -> None:
        """Note that the file is now at `path`."""
        self._update(work_id, "path = ?, modified_ns = ?", os.fsencode(path), modified_ns)

    def _update(self, work_id: str, assignments: str, *values: str | bytes | int) -> None:
        with self._database.transaction() as connection:
            changed = connection.execute(
                f"UPDATE works SET {assignments} WHERE id = ?", (*values, work_id)  # noqa: S608
            )  # fmt: skip
            if changed.rowcount == 0:
                raise NotFoundError("store.work_unknown", id=work_id[:80])

    def erase(self, work_id: str) -> None:
        """Remove a work with all that hangs on it, registered or not: salts, keys, records, certificates.

        The record on the chain can then never be opened again. What was asked for in the journal of
        transactions loses the title; tokens stay, without their work.
        """
        work = self.get(work_id)
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE transactions SET params = json_replace(params, '$.title', ?)"
                " WHERE json_valid(params) AND json_extract(params, '$.title') = ?",
                (ERASED, work.title),
            )
            connection.execute("DELETE FROM works WHERE id = ?", (work.id,))
        self._database.settle()

    def delete(self, work_id: str) -> None:
        """Remove a work with its certificates and failed registrations.

        Raises RefusedError("store.work_registered") while it has a pending or confirmed registration, whose
        salt nothing could bring back.
        """
        with self._database.transaction() as connection:
            registered = connection.execute(
                "SELECT title FROM works JOIN registrations ON work_id = works.id"
                " WHERE works.id = ? AND status <> 'failed'",
                (work_id,),
            ).fetchone()
            if registered is not None:
                raise RefusedError("store.work_registered", id=work_id, title=registered["title"])
            if connection.execute("DELETE FROM works WHERE id = ?", (work_id,)).rowcount == 0:
                raise NotFoundError("store.work_unknown", id=work_id[:80])


def search_key(title: str) -> str:
    """`title` without case, accents and width, so that "beyonce" finds "Beyoncé"."""
    apart = unicodedata.normalize("NFKD", title.casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in apart if not unicodedata.combining(c))).casefold()


def _work(row: sqlite3.Row) -> Work:
    values = {key: row[key] for key in row.keys() if key not in {"seq", "title_key", "path"}}  # noqa: SIM118
    return Work(path=Path(os.fsdecode(row["path"])), **values)
