"""A thread for each network: one at a time, woken at once, stopped within a second; listeners that fail."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.core.clock import SystemClock
from desktop_app.core.progress import Task
from desktop_app.services.rounds import Listeners, Rounds

LONG = 3600.0


def network(number: int) -> Any:
    return SimpleNamespace(chain_id=number, key=f"net{number}")


def test_one_thread_for_a_network_woken_and_stopped() -> None:
    rounds, done = Rounds("test-rounds", SystemClock()), threading.Semaphore(0)

    def one_round(_task: Task) -> float:
        done.release()
        return LONG

    for number in (1, 2):
        thread = rounds.prepare(network(number), one_round)
        assert thread is not None
        thread.start()
        assert thread.name == f"test-rounds-net{number}"
        assert done.acquire(timeout=10)
    assert rounds.prepare(network(1), one_round) is None
    rounds.wake(2)
    assert done.acquire(timeout=10)
    assert rounds.stop(1) == (1,)
    assert rounds.stop() == (2,)
    assert rounds.stop() == ()
    assert not [one for one in threading.enumerate() if one.name.startswith("test-rounds")]
    again = rounds.prepare(network(1), one_round)
    assert again is not None
    rounds.stop()  # it was never started


def test_a_round_that_hangs_is_not_waited_for() -> None:
    rounds, may_end, began = Rounds("test-hanging", SystemClock()), threading.Event(), threading.Event()

    def hangs(task: Task) -> float:
        began.set()
        may_end.wait(20)
        task.check()
        return 0.0

    thread = rounds.prepare(network(1), hangs)
    assert thread is not None
    thread.start()
    assert began.wait(10)
    before = time.monotonic()
    rounds.stop()
    assert time.monotonic() - before < 5
    assert thread.is_alive()
    assert rounds.prepare(network(1), hangs) is not None, "it is not in the way of another"
    may_end.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_listener_that_fails_is_in_nobodys_way(caplog: pytest.LogCaptureFixture) -> None:
    told: list[int] = []
    listeners: Listeners[int] = Listeners()

    def fails(_news: int) -> None:
        raise ValueError("no")

    listeners.add(fails)
    leave = listeners.add(told.append)
    listeners.tell(1)
    leave()
    leave()
    listeners.tell(2)
    assert told == [1]
    assert caplog.text.count("a listener failed") == 2
