"""Numbered upgrades: all pending ones in one transaction, a backup before, restored when they fail."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import BugError, RefusedError, UnavailableError
from desktop_app.store import migrations
from desktop_app.store.schema import Schema, read_schema
from desktop_app.store.snapshot import snapshot

APPLICATION_ID = 0x436F6C6F
"""ASCII "Colo", in the header of every database of ours."""

_MODULE = re.compile(r"v(\d{3})_\w+")


@dataclass(frozen=True)
class Migration:
    """`upgrade` brings a database of version `version - 1` to `version`, statement by statement.

    It runs inside a transaction with foreign keys off (they are checked afterwards), and must not use
    `executescript`, which commits.
    """

    version: int
    upgrade: Callable[[sqlite3.Connection], None]


def shipped_migrations() -> tuple[Migration, ...]:
    """The modules `store/migrations/vNNN_*.py` in order; each has VERSION and upgrade(connection)."""
    found = []
    for name in sorted(module.name for module in pkgutil.iter_modules(migrations.__path__)):
        match = _MODULE.fullmatch(name)
        if match is None:
            continue
        module = importlib.import_module(f"{migrations.__name__}.{name}")
        if int(match.group(1)) != module.VERSION:
            raise BugError(f"{name} says VERSION = {module.VERSION}")
        found.append(Migration(module.VERSION, module.upgrade))
    return in_order(found)


def in_order(found: Sequence[Migration]) -> tuple[Migration, ...]:
    """`found`, after making sure that they are numbered 1, 2, 3, ... without a gap."""
    if not found or [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise BugError(f"migrations are numbered {[migration.version for migration in found]}")
    return tuple(found)


def expected_schema(steps: Sequence[Migration]) -> Schema:
    """What a database that has gone through all `steps` looks like."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in steps:
            step.upgrade(connection)
        return read_schema(connection)


def version_of(connection: sqlite3.Connection) -> int:
    """0 for a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_ours(connection: sqlite3.Connection, latest: int, path: Path) -> int:
    """The version of the database. Raises RefusedError for another program's file or a newer one."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = version_of(connection)
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application == 0 and version == 0 and empty:
        return 0
    refuse_foreign(application, version, latest, path)
    return version


def refuse_foreign(application: int, version: int, latest: int, path: Path) -> None:
    """RefusedError unless the two header numbers are those of a database that we can open."""
    if application != APPLICATION_ID or version < 1:
        raise RefusedError("store.not_ours", path=str(path))
    if version > latest:
        raise RefusedError("store.newer", path=str(path), found=version, known=latest)


def upgrade(
    connection: sqlite3.Connection, steps: Sequence[Migration], path: Path, backups_folder: Path, clock: Clock
) -> None:
    """Bring the database of `connection` to the last of `steps`.

    The write lock is taken first, so that a second process waits here and then finds nothing to do. Raises
    UnavailableError("store.upgrade_failed") after putting everything back.
    """
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    backup: Path | None = None
    try:
        version = check_ours(connection, len(steps), path)
        if version == len(steps):
            connection.execute("ROLLBACK")
            return
        if version:
            backup = _back_up(path, version, backups_folder, clock)
        _run(connection, steps[version:])
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if backup is None:
            raise
        _restore(backup, connection)
        if isinstance(error, Exception):
            raise UnavailableError("store.upgrade_failed", path=str(path), backup=str(backup)) from error
        raise


def _run(connection: sqlite3.Connection, steps: Sequence[Migration]) -> None:
    for step in steps:
        step.upgrade(connection)
        if not connection.in_transaction:
            raise BugError(f"migration {step.version} has ended the transaction")
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise BugError(f"a migration left a dangling reference in {broken[0]}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {steps[-1].version}")


def _back_up(path: Path, version: int, folder: Path, clock: Clock) -> Path:
    """A copy of the last committed state, read through a second connection while ours holds the lock."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = _unused(folder / f"{path.stem}-v{version}-{clock.now()}{path.suffix}")
    try:
        snapshot(path, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def _unused(target: Path) -> Path:
    count = 1
    chosen = target
    while chosen.exists():
        chosen = target.with_stem(f"{target.stem}-{count}")
        count += 1
    return chosen


def _restore(backup: Path, connection: sqlite3.Connection) -> None:
    # The rollback has already undone everything, unless a migration committed in its middle.
    with closing(sqlite3.connect(f"{backup.as_uri()}?mode=ro", uri=True)) as copy:
        copy.backup(connection)
