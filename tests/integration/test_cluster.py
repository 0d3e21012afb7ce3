"""A folder is read by a real Dask cluster: a scheduler and two workers, one killed in mid-work."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs distributed (the extra “cluster”)")

LIMIT = 90.0
DASK = Path(sys.executable).with_name("dask")


def started(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(DASK), *arguments], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )


def seen(log: Path, pattern: str) -> str:
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
        found = re.search(pattern, log.read_text(errors="replace"))
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text(errors="replace"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    logs = tmp_path / "logs"
    logs.mkdir()
    running = [
        started("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=logs / "scheduler")
    ]
    try:
        address = seen(logs / "scheduler", r"tcp://127\.0\.0\.1:\d+")
        for number in range(2):
            own = ["--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1"]
            own += ["--local-directory", str(tmp_path)]
            running.append(started("worker", address, *own, log=logs / f"worker {number}"))
        for number in range(2):
            seen(logs / f"worker {number}", "Registered to")
        yield address, running
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()


def test_a_folder_is_added_though_a_worker_is_killed(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, running = cluster
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for number in range(640):
        (folder / f"{number:04}.txt").write_text(f"poem number {number}\n" * 3000)
    adding = subprocess.Popen(
        [sys.executable, "-m", "desktop_app", "library", "add", "--recursive", str(folder),
         "--cluster", address, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "COLOPHON_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    database = tmp_path / "home" / "colophon.db"
    count = _wait_for_works(database, 32, adding)
    assert 0 < count < 640, "the worker would have been killed after the work"
    os.kill(running[1].pid, signal.SIGKILL)
    output, errors = adding.communicate(timeout=LIMIT)
    assert adding.returncode == 0, errors
    found = json.loads(output)
    assert (found["counts"]["added"], found["failed"]) == (640, [])
    assert running[1].wait() == -signal.SIGKILL
    assert running[2].poll() is None


def _wait_for_works(database: Path, wanted: int, process: subprocess.Popen[bytes]) -> int:
    import sqlite3
    from contextlib import closing

    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit and process.poll() is None:
        if database.exists():
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                try:
                    (count,) = connection.execute("SELECT count(*) FROM works").fetchone()
                except sqlite3.OperationalError:
                    count = 0
            if count >= wanted:
                return int(count)
        time.sleep(0.02)
    return 0


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("words")
    done = subprocess.run(
        [sys.executable, "-c",
         "from desktop_app.services import executors; executors.CLUSTER_SECONDS = 1\n"
         "from desktop_app.cli.app import run; import sys; sys.exit(run(sys.argv[1:]))",
         "library", "add", "-r", str(tmp_path / "in"), "--cluster", "tcp://127.0.0.1:9", "--json"],
        capture_output=True, timeout=LIMIT, env={**os.environ, "COLOPHON_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["code"] == "catalogue.cluster_unreachable"
