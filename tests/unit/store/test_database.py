from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import BugError, CorruptError, RefusedError, UnavailableError
from desktop_app.store.database import Database
from desktop_app.store.disk_errors import translate
from desktop_app.store.migrate import APPLICATION_ID, Migration, shipped_migrations

CLOCK = FixedClock(1_800_000_000)


def _make_numbers(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT")
    connection.execute("CREATE TABLE more (n INTEGER REFERENCES numbers (n)) STRICT")


ONE = [Migration(1, _make_numbers)]


def open_at(folder: Path, busy_seconds: float = 10.0) -> Database:
    return Database(folder / "a.db", folder / "backups", CLOCK, migrations=ONE, busy_seconds=busy_seconds)


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute("SELECT count(*) FROM numbers").fetchone()[0])


def test_a_new_database_is_marked_as_ours_and_private_and_durable(tmp_path: Path) -> None:
    database = Database(tmp_path / "deep" / "a.db", tmp_path / "backups", CLOCK)
    with database.read() as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert database.version == len(shipped_migrations())
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    assert not (tmp_path / "backups").exists()
    database.close()


def test_every_table_is_strict(database: Database) -> None:
    with database.read() as connection:
        rows = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"
        ).fetchall()
    assert {row["name"] for row in rows if not row["strict"]} <= {"sqlite_schema", "sqlite_sequence"}


def test_an_exception_rolls_the_transaction_back(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        connection.execute("INSERT INTO numbers VALUES (1)")
        raise ZeroDivisionError
    assert count(database) == 0
    database.close()


def test_an_inner_failure_undoes_the_inner_part_only(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO numbers VALUES (1)")
        with pytest.raises(ZeroDivisionError), database.transaction() as inner:
            inner.execute("INSERT INTO numbers VALUES (2)")
            raise ZeroDivisionError
        with database.transaction() as inner:
            inner.execute("INSERT INTO numbers VALUES (3)")
        with database.read() as view:
            assert view.execute("SELECT count(*) FROM numbers").fetchone()[0] == 2
    assert count(database) == 2
    database.close()


def test_an_outer_failure_undoes_a_finished_inner_part(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with pytest.raises(ZeroDivisionError), database.transaction():
        with database.transaction() as inner:
            inner.execute("INSERT INTO numbers VALUES (3)")
        raise ZeroDivisionError
    assert count(database) == 0
    database.close()


def test_a_read_sees_one_state_while_another_thread_writes(tmp_path: Path) -> None:
    database = open_at(tmp_path)

    def write() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO numbers VALUES (1)")

    with database.read() as connection:
        before = connection.execute("SELECT count(*) FROM numbers").fetchone()[0]
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert connection.execute("SELECT count(*) FROM numbers").fetchone()[0] == before == 0
    assert count(database) == 1
    database.close()


def test_writing_in_a_read_is_our_bug_and_leaves_no_trace(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with pytest.raises(BugError), database.read() as connection:
        connection.execute("INSERT INTO numbers VALUES (1)")
    assert count(database) == 0
    database.close()


def test_many_threads_write_without_losing_a_row(tmp_path: Path) -> None:
    database = open_at(tmp_path)

    def write(start: int) -> None:
        for n in range(start, start + 10):
            with database.transaction() as connection:
                connection.execute("INSERT INTO numbers VALUES (?)", (n,))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(0, 60, 10)))
    assert count(database) == 60
    database.close()


def test_connections_of_finished_threads_are_closed(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    for _ in range(5):
        thread = threading.Thread(target=count, args=(database,))
        thread.start()
        thread.join()
    assert len(database._connections) <= 2
    database.close()


def test_two_that_open_a_new_file_at_once_make_one_database(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_at(tmp_path), range(4)))
    assert [database.version for database in opened] == [1, 1, 1, 1]
    for database in opened:
        database.close()


def test_a_file_locked_by_another_program_is_unavailable(tmp_path: Path) -> None:
    database = open_at(tmp_path, busy_seconds=0.05)
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match=r"store\.locked"), database.transaction():
        pass
    other.close()
    with database.transaction() as connection:
        connection.execute("INSERT INTO numbers VALUES (1)")
    database.close()


def test_a_full_disk_is_unavailable_and_keeps_what_was_there(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO numbers VALUES (1)")
    with database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnavailableError, match=r"store\.disk_full"), database.transaction() as connection:
        connection.executemany("INSERT INTO numbers VALUES (?)", ((n,) for n in range(2, 5000)))
    assert count(database) == 1
    database.close()


def test_our_own_wrong_statement_is_a_bug(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with pytest.raises(BugError), database.read() as connection:
        connection.execute("SELECT nonsense FROM numbers")
    with pytest.raises(BugError), database.transaction() as connection:
        connection.execute("INSERT INTO more VALUES (99)")
    with pytest.raises(BugError), database.transaction() as connection:
        connection.execute("INSERT INTO numbers VALUES ('text')")
    database.close()


def test_a_file_error_of_the_caller_passes_through_unchanged(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with pytest.raises(FileNotFoundError), database.transaction():
        (tmp_path / "missing").read_bytes()
    database.close()


def test_a_damaged_page_is_corrupt(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with database.transaction() as connection:
        connection.executemany("INSERT INTO numbers VALUES (?)", ((n,) for n in range(5000)))
    database.close()
    content = bytearray(database.path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    database.path.write_bytes(content)
    damaged = None
    with pytest.raises(CorruptError, match=r"store\.corrupt"):
        damaged = open_at(tmp_path)
        with damaged.read() as connection:
            connection.execute("SELECT sum(n) FROM numbers").fetchall()
    if damaged is not None:
        damaged.close()


@pytest.mark.parametrize("content", [b"a letter to my mother", b"\0" * 4096])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(RefusedError, match=r"store\.not_ours"):
        open_at(tmp_path)
    assert (tmp_path / "a.db").read_bytes() == content
    assert os.listdir(tmp_path) == ["a.db"]


@pytest.mark.parametrize("pragma", ["", "PRAGMA user_version = 1", "PRAGMA application_id = 77"])
def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, pragma: str) -> None:
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.execute(pragma)
    other.close()
    before = (tmp_path / "a.db").read_bytes()
    with pytest.raises(RefusedError, match=r"store\.not_ours"):
        open_at(tmp_path)
    assert (tmp_path / "a.db").read_bytes() == before
    assert os.listdir(tmp_path) == ["a.db"]


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    newer = [*ONE, Migration(2, lambda connection: None)]
    Database(tmp_path / "a.db", tmp_path / "backups", CLOCK, migrations=newer).close()
    before = (tmp_path / "a.db").read_bytes()
    with pytest.raises(RefusedError, match=r"store\.newer") as caught:
        open_at(tmp_path)
    assert caught.value.params["found"] == 2
    assert caught.value.params["known"] == 1
    assert (tmp_path / "a.db").read_bytes() == before
    assert os.listdir(tmp_path) == ["a.db"]


def test_a_newer_file_whose_version_is_still_in_the_log_is_refused(tmp_path: Path) -> None:
    open_at(tmp_path).close()
    newer = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    newer.execute("PRAGMA wal_autocheckpoint = 0")
    newer.execute("PRAGMA user_version = 2")
    with pytest.raises(RefusedError, match=r"store\.newer"):
        open_at(tmp_path)
    newer.close()


def test_an_empty_file_left_by_a_crash_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    database = open_at(tmp_path)
    assert database.version == 1
    database.close()


def test_an_altered_schema_is_named(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with database.transaction() as connection:
        connection.execute("ALTER TABLE more ADD COLUMN surprise TEXT")
    database.close()
    with pytest.raises(CorruptError, match=r"store\.schema_differs.*table more"):
        open_at(tmp_path)


def test_a_users_own_extra_index_is_let_pass(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    with database.transaction() as connection:
        connection.execute("CREATE INDEX mine ON more (n)")
    database.close()
    open_at(tmp_path).close()


def test_a_folder_in_the_way_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(UnavailableError, match=r"store\.not_writable"):
        open_at(tmp_path)


def test_a_folder_without_permission_is_not_writable(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    user = os.geteuid()
    try:
        # Root may write everywhere, so become somebody else for a moment.
        os.seteuid(user or 65534)
        with pytest.raises(UnavailableError, match=r"store\.not_writable"):
            open_at(folder)
    finally:
        os.seteuid(user)


def test_file_errors_are_sorted_by_cause(tmp_path: Path) -> None:
    def code(number: int) -> str:
        translated = translate(OSError(number, ""), tmp_path)
        assert isinstance(translated, UnavailableError)
        return translated.code

    assert code(errno.ENOSPC) == "store.disk_full"
    assert code(errno.EROFS) == "store.not_writable"
    assert code(errno.EIO) == "store.disk_failed"


def test_a_closed_database_is_not_used(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    database.close()
    database.close()
    with pytest.raises(BugError), database.read():
        pass


def test_a_process_killed_in_mid_transaction_leaves_the_last_commit(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    code = """if True:
        import os, sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO numbers VALUES (1)")
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO numbers VALUES (2)")
        os.kill(os.getpid(), 9)
    """
    assert subprocess.run([sys.executable, "-c", code, str(database.path)], check=False).returncode == -9
    assert count(database) == 1
    database.close()
