"""The state of the practice network in one SQLite file: a key-value map that changes block by block.

py-evm keeps headers, transactions, receipts and state tries in a plain key-value map. Writes collect in
memory until `commit`, which stores them in one transaction: a process that is killed leaves whole blocks.
The file is held exclusively while open, so a second process is told that the network is in use.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from pathlib import Path

from desktop_app.core.errors import ColophonError, CorruptError, RefusedError, UnavailableError

FORMAT = 1


class BlockStore(MutableMapping[bytes, bytes]):
    """A map of bytes to bytes on disk. Not thread-safe: its owner holds a lock.

    `wait` is how many seconds to wait for another process to let go. Raises UnavailableError
    `practice.in_use`, RefusedError `practice.newer` or CorruptError `practice.corrupt`.
    """

    def __init__(self, path: Path, wait: float) -> None:
        self._changes: dict[bytes, bytes | None] = {}
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as failure:
            raise self._typed(failure) from failure
        try:
            self._prepare()
        except sqlite3.Error as failure:
            self._db.close()
            raise self._typed(failure) from failure
        except ColophonError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        run = self._db.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = WAL")
        # A block that was answered for must survive a power cut too, or the wallet would see it undone.
        run("PRAGMA synchronous = FULL")
        run("BEGIN EXCLUSIVE")
        version = run("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise RefusedError("practice.newer", path=str(self._path))
        run("CREATE TABLE IF NOT EXISTS state (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        run(f"PRAGMA user_version = {FORMAT}")
        run("COMMIT")

    def _typed(self, failure: sqlite3.Error) -> ColophonError:
        name = getattr(failure, "sqlite_errorname", "") or type(failure).__name__
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return UnavailableError("practice.in_use", path=str(self._path))
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return CorruptError("practice.corrupt", path=str(self._path))
        return UnavailableError("practice.disk", path=str(self._path), reason=name)

    def __getitem__(self, key: bytes) -> bytes:
        if key in self._changes:
            changed = self._changes[key]
            if changed is None:
                raise KeyError(key)
            return changed
        try:
            row = self._db.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as failure:
            raise self._typed(failure) from failure
        if row is None:
            raise KeyError(key)
        value: bytes = row[0]
        return value

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, bytes):
            return False
        try:
            self[key]
        except KeyError:
            return False
        return True

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._changes[bytes(key)] = bytes(value)

    def __delitem__(self, key: bytes) -> None:
        if key not in self:
            raise KeyError(key)
        self._changes[key] = None

    def __iter__(self) -> Iterator[bytes]:
        stored = (row[0] for row in self._db.execute("SELECT key FROM state"))
        yield from (key for key in stored if key not in self._changes)
        yield from (key for key, value in self._changes.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def is_empty(self) -> bool:
        """True before the first block was stored."""
        return next(iter(self), None) is None

    def commit(self, *, replace_all: bool = False) -> None:
        """Store all changes at once; with `replace_all`, in place of everything that was there."""
        written = [(key, value) for key, value in self._changes.items() if value is not None]
        deleted = [(key,) for key, value in self._changes.items() if value is None]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                if replace_all:
                    self._db.execute("DELETE FROM state")
                self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", written)
                self._db.executemany("DELETE FROM state WHERE key = ?", deleted)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as failure:
            raise self._typed(failure) from failure
        finally:
            self._changes.clear()

    def rollback(self) -> None:
        """Forget the changes since the last commit."""
        self._changes.clear()

    def copy_to(self, target: Path) -> None:
        """Write what was committed to a new file. Through this connection, as no other may read meanwhile."""
        try:
            with closing(sqlite3.connect(target)) as copy:
                self._db.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as failure:
            raise self._typed(failure) from failure

    def close(self) -> None:
        self._db.close()
