"""Errors carry codes and parameters, and travel between processes."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock, SystemClock, iso_utc
from desktop_app.core.errors import CancelledError, InvalidInputError
from desktop_app.core.paths import AppPaths, resource
from desktop_app.core.progress import Task


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(InvalidInputError("amount.not_a_number", text="x")))
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.params) == ("amount.not_a_number", {"text": "x"})
    assert "text=x" in str(error)


def test_a_cancelled_task_stops_at_its_next_report() -> None:
    seen: list[tuple[int, int, str]] = []
    task = Task(lambda *facts: seen.append(facts))
    task.report(1, 2, "stage")
    task.cancel()
    with pytest.raises(CancelledError):
        task.report(2, 2, "stage")
    with pytest.raises(CancelledError):
        task.wait(60)
    assert seen == [(1, 2, "stage")]
    assert task.cancelled


def test_one_variable_moves_all_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOPHON_HOME", str(tmp_path / "x"))
    paths = AppPaths.from_environment()
    paths.create()
    every = (paths.database, paths.vault, paths.settings, paths.practice, paths.logs, paths.backups)
    assert all(path.is_relative_to(tmp_path / "x") for path in every)
    assert paths.home.stat().st_mode & 0o077 == 0
    assert resource("i18n/en/app.toml").is_file()


def test_time_has_one_form() -> None:
    assert iso_utc(0) == "1970-01-01T00:00:00Z"
    clock = FixedClock(5)
    assert (clock.now(), clock.monotonic()) == (5, 5.0)
    assert SystemClock().now() > 1_700_000_000
