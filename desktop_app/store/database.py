"""The one SQLite file: one connection for each thread, explicit transactions, typed errors."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import BugError, CorruptError, UnavailableError
from desktop_app.store import migrate
from desktop_app.store.disk_errors import typed_errors, typed_file_errors
from desktop_app.store.schema import difference, read_schema

_BUSY_SECONDS = 10.0
_MAGIC = b"SQLite format 3\0"
_STRICT_SINCE = (3, 37, 0)


class Database:
    """Opens or creates the database at `path`, upgrading it where needed.

    Thread-safe: every thread gets a connection of its own. Call `close` when all threads have finished.
    Raises RefusedError ("store.newer", "store.not_ours"; the file stays untouched), CorruptError,
    UnavailableError (disk full, locked, not writable, upgrade failed).
    """

    def __init__(
        self,
        path: Path,
        backups_folder: Path,
        clock: Clock,
        *,
        migrations: Sequence[migrate.Migration] | None = None,
        busy_seconds: float = _BUSY_SECONDS,
    ) -> None:
        if sqlite3.sqlite_version_info < _STRICT_SINCE:
            raise UnavailableError("store.sqlite_too_old", found=sqlite3.sqlite_version, needed="3.37")
        self.path = path
        self._busy_seconds = busy_seconds
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        self._closed = False
        steps = migrate.in_order(migrations) if migrations is not None else migrate.shipped_migrations()
        with typed_file_errors(path):
            self._create_or_inspect(len(steps))
            try:
                self._open(steps, backups_folder, clock)
            except BaseException:
                self.close()
                raise

    def _create_or_inspect(self, latest: int) -> None:
        """Refuse a foreign or newer file from its header alone, before SQLite touches it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with self.path.open("rb") as file:
            header = file.read(100)
        if not header:
            return
        # SQLite file format 1.3: user version at offset 60, application id at 68, both big-endian.
        version, application = int.from_bytes(header[60:64], "big"), int.from_bytes(header[68:72], "big")
        if not header.startswith(_MAGIC):
            version, application = 0, -1
        if (version, application) != (0, 0):
            migrate.refuse_foreign(application, version, latest, self.path)

    def _open(self, steps: Sequence[migrate.Migration], backups_folder: Path, clock: Clock) -> None:
        # One view: another program may be making the database this very moment.
        with self.read() as connection:
            version = migrate.check_ours(connection, len(steps), self.path)
        if version < len(steps):
            self._use_write_ahead_log(connection)
            migrate.upgrade(connection, steps, self.path, backups_folder, clock)
            connection.execute("PRAGMA foreign_keys = ON")
        missing = difference(migrate.expected_schema(steps), read_schema(connection))
        if missing:
            raise CorruptError("store.schema_differs", path=str(self.path), part=missing)

    def _use_write_ahead_log(self, connection: sqlite3.Connection) -> None:
        # For this one statement SQLite does not wait for others, whatever the time limit says.
        pause = 0.02
        for _ in range(int(self._busy_seconds / pause)):
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                threading.Event().wait(pause)
            else:
                return
        connection.execute("PRAGMA journal_mode = WAL")

    @property
    def version(self) -> int:
        """Number of the last migration that this file has gone through."""
        with self.read() as connection:
            return migrate.version_of(connection)

    def _connection(self) -> sqlite3.Connection:
        thread = threading.current_thread()
        with self._lock:
            if self._closed:
                raise BugError("the database has been closed")
            known = self._connections.get(thread)
            if known is not None:
                return known
            for gone in [other for other in self._connections if not other.is_alive()]:
                self._connections.pop(gone).close()
            connection = self._connect()
            self._connections[thread] = connection
            return connection

    def _connect(self) -> sqlite3.Connection:
        # Only its own thread uses a connection; the check is off so that close() may close them all.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA trusted_schema = OFF")
            # Rows hold salts: what is deleted must not linger in free pages.
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction (BEGIN IMMEDIATE): committed at the end, rolled back on any exception.

        Inside another transaction of the same thread it becomes a savepoint: a failure undoes the inner
        part only, and nothing is on disk before the outermost one ends.
        """
        with typed_errors(self.path):
            connection = self._connection()
            nested = connection.in_transaction
            connection.execute("SAVEPOINT inner" if nested else "BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("RELEASE inner" if nested else "COMMIT")
            except BaseException:
                if nested and connection.in_transaction:
                    connection.execute("ROLLBACK TO inner")
                    connection.execute("RELEASE inner")
                elif not nested:
                    _roll_back(connection)
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the database for reading; inside a transaction, that transaction's view."""
        with typed_errors(self.path):
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            changes = connection.total_changes
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                _roll_back(connection)
            if connection.total_changes != changes:
                raise BugError("something was written in a read")

    def settle(self) -> None:
        """Bring what was written into the main file and empty the log, so that nothing deleted lingers there.

        Best effort: another program that reads at this moment keeps its part of the log for now.
        """
        with typed_errors(self.path):
            self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every thread's connection. Idempotent."""
        with self._lock:
            self._closed = True
            connections = list(self._connections.values())
            self._connections.clear()
        for connection in connections:
            connection.close()


def _roll_back(connection: sqlite3.Connection) -> None:
    # SQLite may already have done so itself, for example on a full disk.
    if connection.in_transaction:
        connection.execute("ROLLBACK")
