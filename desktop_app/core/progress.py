"""How long work reports progress and is cancelled, without knowing who watches."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop_app.core.errors import CancelledError

ProgressListener = Callable[[int, int, str], None]


class Task:
    """Handed to every long function. Thread-safe.

    `report(done, total, stage)` takes counts in whatever unit fits (bytes, steps); total 0 means unknown.
    `stage` is a code that the front end words ("stage.hashing").
    """

    def __init__(self, listener: ProgressListener | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()

    def report(self, done: int, total: int, stage: str = "") -> None:
        """Tell the watcher; raises CancelledError when the user has asked to stop."""
        self.check()
        if self._listener is not None:
            self._listener(done, total, stage)

    def check(self) -> None:
        """Raise CancelledError when the user has asked to stop."""
        if self._cancelled.is_set():
            raise CancelledError()

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep at most `seconds`; wakes at once and raises CancelledError on cancel."""
        if self._cancelled.wait(seconds):
            raise CancelledError()

    def part(self, number: int, count: int) -> Task:
        """A task for piece `number` (from 0) of `count`: it reports its share, and ends with this one."""
        return _Part(self, number, count)


class _Part(Task):
    SCALE = 1000

    def __init__(self, whole: Task, number: int, count: int) -> None:
        super().__init__()
        self._whole = whole
        self._number = number
        self._count = count

    def report(self, done: int, total: int, stage: str = "") -> None:
        share = self.SCALE * done // total if total else 0
        self._whole.report(self.SCALE * self._number + share, self.SCALE * self._count, stage)

    def check(self) -> None:
        self._whole.check()

    def cancel(self) -> None:
        self._whole.cancel()

    @property
    def cancelled(self) -> bool:
        return self._whole.cancelled

    def wait(self, seconds: float) -> None:
        self._whole.wait(seconds)
