"""The encrypted packages that were made of works, with their keys, sealed under the wallet."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class Package:
    """`size` of the content in bytes. The roots (32 bytes) are None until the package is finished."""

    id: str
    work_id: str
    path: Path
    size: int
    key_commitment: bytes
    sealed_key: bytes = field(repr=False)
    package_root: bytes | None
    content_root: bytes | None
    created_at: int

    @property
    def finished(self) -> bool:
        return self.package_root is not None


class PackageRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, package: Package) -> None:
        """Keep the key before the first byte is encrypted: a package whose key was lost is lost."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO packages (id, work_id, path, size, key_commitment, sealed_key, package_root,"
                " content_root, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    package.id, package.work_id, os.fsencode(package.path), package.size,
                    package.key_commitment, package.sealed_key, package.package_root, package.content_root,
                    package.created_at,
                ),
            )  # fmt: skip

    def get(self, package_id: str) -> Package:
        """Raises NotFoundError("package.unknown")."""
        found = self._select("id = ?", package_id.strip().lower())
        if not found:
            raise NotFoundError("package.unknown", reference=package_id[:80])
        return found[0]

    def for_work(self, work_id: str) -> list[Package]:
        """Newest first."""
        return self._select("work_id = ?", work_id)

    def by_commitment(self, key_commitment: bytes) -> Package | None:
        """The package with this key."""
        return next(iter(self._select("key_commitment = ?", key_commitment)), None)

    def unfinished(self, work_id: str, path: Path) -> Package | None:
        """A package whose making was interrupted."""
        found = self._select("work_id = ? AND path = ? AND package_root IS NULL", work_id, os.fsencode(path))
        return next(iter(found), None)

    def finish(self, package_id: str, package_root: bytes, content_root: bytes) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE packages SET package_root = ?, content_root = ? WHERE id = ?",
                (package_root, content_root, package_id),
            )

    def delete(self, package_id: str) -> None:
        """Forget a package and its key."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM packages WHERE id = ?", (package_id,))

    def _select(self, condition: str, *values: str | bytes) -> list[Package]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM packages WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
            ).fetchall()  # fmt: skip
        return [_package(row) for row in rows]


def _package(row: sqlite3.Row) -> Package:
    values = {key: row[key] for key in row.keys() if key not in {"seq", "path"}}  # noqa: SIM118
    return Package(path=Path(os.fsdecode(row["path"])), **values)
