"""The visible jobs of this session: those that run, and how the latest ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Signal

from desktop_app.gui.formatting import local_time
from desktop_app.gui.job_bridge import JobBridge, JobHandle

REMEMBERED = 30


class State(Enum):
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Ended:
    title: str
    state: State
    when: str


class JobList(QObject):
    """`changed` when a job began or ended."""

    changed = Signal()

    def __init__(self, jobs: JobBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: list[JobHandle] = []
        self.ended: list[Ended] = []
        jobs.started.connect(self._add)

    def _add(self, handle: JobHandle) -> None:
        self.running.append(handle)
        handle.succeeded.connect(lambda _result: self._end(handle, State.DONE))
        handle.failed.connect(lambda _error: self._end(handle, State.FAILED))
        handle.cancelled.connect(lambda: self._end(handle, State.STOPPED))
        self.changed.emit()

    def _end(self, handle: JobHandle, state: State) -> None:
        if handle in self.running:
            self.running.remove(handle)
            self.ended.insert(0, Ended(handle.title, state, local_time(int(time.time()))))
            del self.ended[REMEMBERED:]
            self.changed.emit()
