"""A process of its own: what breaks it breaks nothing else, and nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from desktop_app.content.apart import run_apart
from desktop_app.core.errors import CancelledError, InvalidInputError, UnavailableError
from desktop_app.core.progress import Task


def doubled(number: int) -> int:
    return 2 * number


def refusing() -> None:
    raise InvalidInputError("content.empty", path="x")


def failing() -> None:
    raise ZeroDivisionError("what the file says")


def dying() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def sleeping_with_a_child(note: Path) -> None:
    child = subprocess.Popen(["sleep", "600"])
    note.write_text(str(child.pid))
    child.wait()


def test_the_answer_comes_back() -> None:
    assert run_apart(doubled, 21, task=Task()) == 42


def test_a_typed_error_comes_back_and_any_other_only_by_its_kind() -> None:
    with pytest.raises(InvalidInputError) as typed:
        run_apart(refusing, task=Task())
    assert (typed.value.code, typed.value.params) == ("content.empty", {"path": "x"})
    with pytest.raises(UnavailableError) as other:
        run_apart(failing, task=Task())
    assert (other.value.code, other.value.params) == (
        "content.reader_failed",
        {"problem": "ZeroDivisionError"},
    )


def test_a_process_that_dies_is_named_so() -> None:
    with pytest.raises(UnavailableError) as caught:
        run_apart(dying, task=Task())
    assert caught.value.code == "content.reader_died"


def test_cancelling_ends_it_with_all_that_it_has_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    class Impatient(Task):
        def check(self) -> None:
            if note.exists() and note.read_text():
                self.cancel()
            super().check()

    with pytest.raises(CancelledError):
        run_apart(sleeping_with_a_child, note, task=Impatient())
    limit = time.monotonic() + 5
    while _runs(int(note.read_text())):
        assert time.monotonic() < limit
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
