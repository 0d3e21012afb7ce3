"""SQLite's failures sorted into the user's disk (typed errors) and our own mistakes (BugError)."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.core.errors import BugError, ColophonError, CorruptError, UnavailableError

_UNAVAILABLE = {
    sqlite3.SQLITE_FULL: "store.disk_full",
    sqlite3.SQLITE_BUSY: "store.locked",
    sqlite3.SQLITE_LOCKED: "store.locked",
    sqlite3.SQLITE_PROTOCOL: "store.locked",
    sqlite3.SQLITE_READONLY: "store.not_writable",
    sqlite3.SQLITE_PERM: "store.not_writable",
    sqlite3.SQLITE_AUTH: "store.not_writable",
    sqlite3.SQLITE_CANTOPEN: "store.not_writable",
    sqlite3.SQLITE_IOERR: "store.disk_failed",
    sqlite3.SQLITE_NOLFS: "store.disk_failed",
    sqlite3.SQLITE_NOMEM: "store.disk_failed",
}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_FULL_ERRNO = {errno.ENOSPC, errno.EDQUOT}
_DENIED_ERRNO = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENOENT}


def translate(error: sqlite3.Error | OSError, path: Path) -> ColophonError | BugError:
    """The error to raise instead of `error`, which concerns the database at `path`."""
    if isinstance(error, OSError):
        if error.errno in _FULL_ERRNO:
            return UnavailableError("store.disk_full", path=str(path))
        code = "store.not_writable" if error.errno in _DENIED_ERRNO else "store.disk_failed"
        return UnavailableError(code, path=str(path))
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if primary in _CORRUPT:
        return CorruptError("store.corrupt", path=str(path))
    if primary in _UNAVAILABLE:
        return UnavailableError(_UNAVAILABLE[primary], path=str(path))
    return BugError(f"the database refused our statement: {error}")


@contextmanager
def typed_errors(path: Path) -> Iterator[None]:
    """Within, SQLite's errors leave as typed errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error


@contextmanager
def typed_file_errors(path: Path) -> Iterator[None]:
    """Within, SQLite's and the file system's errors leave as typed errors."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise translate(error, path) from error
