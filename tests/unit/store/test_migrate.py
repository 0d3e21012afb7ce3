from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import BugError, UnavailableError
from desktop_app.store.database import Database
from desktop_app.store.migrate import APPLICATION_ID, Migration, expected_schema, in_order, shipped_migrations
from desktop_app.store.schema import read_schema

CLOCK = FixedClock(1_800_000_000)


def _first(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE songs (title TEXT NOT NULL) STRICT")


def _second(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE songs ADD COLUMN year INTEGER")
    connection.execute("UPDATE songs SET year = 1999")


def _third(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE INDEX songs_year ON songs (year)")


STEPS = (Migration(1, _first), Migration(2, _second), Migration(3, _third))


def open_with(folder: Path, *steps: Migration) -> Database:
    return Database(folder / "a.db", folder / "backups", CLOCK, migrations=steps)


def old_file(folder: Path) -> Path:
    """A closed database of version 1 with one song."""
    database = open_with(folder, STEPS[0])
    with database.transaction() as connection:
        connection.execute("INSERT INTO songs VALUES ('Blue')")
    database.close()
    return database.path


def songs(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM songs").fetchall()
    connection.close()
    return rows


def test_an_upgrade_runs_the_missing_steps_and_keeps_a_backup(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    database = open_with(tmp_path, *STEPS)
    assert database.version == 3
    database.close()
    assert songs(path) == [("Blue", 1999)]
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name == "a-v1-1800000000.db"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert songs(backup) == [("Blue",)]


def test_a_backup_opens_as_a_database_of_its_version(tmp_path: Path) -> None:
    old_file(tmp_path)
    open_with(tmp_path, *STEPS).close()
    (backup,) = (tmp_path / "backups").iterdir()
    database = Database(backup, tmp_path / "again", CLOCK, migrations=STEPS[:1])
    assert database.version == 1
    database.close()


def test_an_upgraded_database_has_the_schema_of_a_fresh_one(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    open_with(tmp_path, *STEPS).close()
    connection = sqlite3.connect(path)
    assert read_schema(connection) == expected_schema(STEPS)
    connection.close()


def test_every_shipped_version_upgrades_to_the_schema_of_a_fresh_database(tmp_path: Path) -> None:
    steps = shipped_migrations()
    for version in range(1, len(steps)):
        path = tmp_path / f"v{version}.db"
        Database(path, tmp_path / "backups", CLOCK, migrations=steps[:version]).close()
        Database(path, tmp_path / "backups", CLOCK).close()
        connection = sqlite3.connect(path)
        assert read_schema(connection) == expected_schema(steps)
        connection.close()


def test_certificates_from_before_get_their_network_where_it_is_certain(tmp_path: Path) -> None:
    path, steps = tmp_path / "c.db", shipped_migrations()
    Database(path, tmp_path / "backups", CLOCK, migrations=steps[:9]).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    for work, chains in (("one", (8453,)), ("both", (8453, 10)), ("none", ())):
        for chain_id in chains:
            connection.execute(
                "INSERT INTO registrations (id, work_id, chain_id, registry, registrant, commitment,"
                " commitment_id, record_salt, proved, status)"
                " VALUES (?, ?, ?, 'r', 'p', zeroblob(48), ?, zeroblob(32), 1, 'confirmed')",
                (f"{work}{chain_id}", work, chain_id, (work + str(chain_id)).ljust(32).encode()),
            )
        connection.execute(
            "INSERT INTO certificates (id, work_id, kind, audience, challenge, issued_at, path, sha256)"
            " VALUES (?, ?, 'opening', '', '', 1, x'2f63', zeroblob(32))",
            (work, work),
        )
    steps[9].upgrade(connection)
    found = dict(connection.execute("SELECT id, chain_id FROM certificates"))
    connection.close()
    assert found == {"one": 8453, "both": 0, "none": 0}


def _fails(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE songs ADD COLUMN year INTEGER")
    connection.execute("DELETE FROM songs")
    raise RuntimeError("in mid-upgrade")


def _wrong_sql(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM songs")
    connection.execute("ALTER TABLE nothing ADD COLUMN year INTEGER")


def _commits_in_its_middle(connection: sqlite3.Connection) -> None:
    connection.executescript("DELETE FROM songs; ALTER TABLE songs ADD COLUMN year INTEGER;")


def _commits_then_fails(connection: sqlite3.Connection) -> None:
    _commits_in_its_middle(connection)
    raise RuntimeError("after a commit")


def _dangles(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM songs")
    connection.execute("CREATE TABLE owners (song INTEGER REFERENCES songs (rowid)) STRICT")
    connection.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT")
    connection.execute("CREATE TABLE children (parent INTEGER REFERENCES parents (id)) STRICT")
    connection.execute("INSERT INTO children VALUES (5)")


@pytest.mark.parametrize(
    "failing", [_fails, _wrong_sql, _commits_in_its_middle, _commits_then_fails, _dangles]
)
def test_a_failure_in_mid_upgrade_puts_everything_back(
    tmp_path: Path, failing: Callable[[sqlite3.Connection], None]
) -> None:
    path = old_file(tmp_path)
    with pytest.raises(UnavailableError, match=r"store\.upgrade_failed") as caught:
        open_with(tmp_path, STEPS[0], Migration(2, _second), Migration(3, failing))
    assert songs(path) == [("Blue",)]
    assert songs(Path(str(caught.value.params["backup"]))) == [("Blue",)]
    database = open_with(tmp_path, STEPS[0])
    assert database.version == 1
    database.close()
    database = open_with(tmp_path, *STEPS)
    assert database.version == 3
    database.close()
    assert len(os.listdir(tmp_path / "backups")) == 2


def test_an_interrupted_upgrade_puts_everything_back(tmp_path: Path) -> None:
    path = old_file(tmp_path)

    def interrupted(connection: sqlite3.Connection) -> None:
        _second(connection)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_with(tmp_path, STEPS[0], Migration(2, interrupted))
    assert songs(path) == [("Blue",)]


def test_a_process_killed_in_mid_upgrade_leaves_the_old_version(tmp_path: Path) -> None:
    path = old_file(tmp_path)

    code = """if True:
        import os, sys
        from pathlib import Path
        from desktop_app.core.clock import FixedClock
        from desktop_app.store.database import Database
        from desktop_app.store.migrate import Migration

        def killed(connection):
            connection.execute("ALTER TABLE songs ADD COLUMN year INTEGER")
            connection.execute("DELETE FROM songs")
            os.kill(os.getpid(), 9)

        path = Path(sys.argv[1])
        steps = [Migration(1, lambda connection: None), Migration(2, killed)]
        Database(path, path.parent / "backups", FixedClock(1), migrations=steps)
    """
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert songs(path) == [("Blue",)]
    database = open_with(tmp_path, *STEPS)
    assert database.version == 3
    database.close()


def test_without_room_for_a_backup_nothing_is_upgraded(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    (tmp_path / "backups").write_text("a file in the way")
    with pytest.raises(UnavailableError):
        open_with(tmp_path, *STEPS)
    assert songs(path) == [("Blue",)]


def test_a_fresh_database_that_fails_to_build_stays_empty_and_can_be_retried(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        open_with(tmp_path, STEPS[0], Migration(2, _fails))
    database = open_with(tmp_path, *STEPS)
    assert database.version == 3
    with database.read() as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    database.close()


def test_a_migration_may_rebuild_a_table_that_others_point_to(tmp_path: Path) -> None:
    def parents(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT")
        connection.execute(
            "CREATE TABLE children (parent INTEGER REFERENCES parents (id) ON DELETE CASCADE) STRICT"
        )

    def rebuild(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT) STRICT")
        connection.execute("INSERT INTO new SELECT id, 'x' FROM parents")
        connection.execute("DROP TABLE parents")
        connection.execute("ALTER TABLE new RENAME TO parents")

    database = open_with(tmp_path, Migration(1, parents))
    with database.transaction() as connection:
        connection.execute("INSERT INTO parents VALUES (1)")
        connection.execute("INSERT INTO children VALUES (1)")
    database.close()
    database = open_with(tmp_path, Migration(1, parents), Migration(2, rebuild))
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM children").fetchone()[0] == 1
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    database.close()


@pytest.mark.parametrize("versions", [[], [2], [1, 3], [1, 1], [2, 1]])
def test_migrations_are_numbered_without_a_gap(versions: list[int]) -> None:
    with pytest.raises(BugError):
        in_order([Migration(version, _first) for version in versions])


def test_the_shipped_migrations_are_found_in_order() -> None:
    assert [step.version for step in shipped_migrations()][:1] == [1]
