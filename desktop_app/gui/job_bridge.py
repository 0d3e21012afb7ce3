"""Runs the services' jobs off the UI thread and hands progress, results and errors to the UI thread.

A job's listeners run on its worker thread; here one queued signal carries "something changed" across, at most
one at a time per job, so that even a million progress reports cannot flood the window.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from desktop_app.core.progress import Task
from desktop_app.services.jobs import Job, JobRunner, JobState

Done = Callable[[Any], None]
Failed = Callable[[BaseException], None]


class JobHandle(QObject):
    """One running job as the window sees it. All its signals are emitted on the UI thread."""

    progressed = Signal(object, object, str)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()
    _changed = Signal()

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.job: Job[Any] | None = None
        self.ended = False
        self._pending = False
        self._lock = threading.Lock()
        self._changed.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        if self.job is not None:
            self.job.cancel()

    def job_changed(self, _job: Job[Any]) -> None:
        """Called on the worker's thread."""
        with self._lock:
            if self._pending:
                return
            self._pending = True
        self._changed.emit()

    def _deliver(self) -> None:
        with self._lock:
            self._pending = False
        job = self.job
        if job is None or self.ended:
            return
        if not job.finished:
            self.progressed.emit(job.done, job.total, job.stage)
            return
        try:
            outcome = job.wait(0)
        except TimeoutError:
            self.job_changed(job)  # the state is set a moment before the result is
            return
        except BaseException as error:  # noqa: BLE001  # whatever the work raised is delivered, not swallowed
            self.ended = True
            if job.state is JobState.CANCELLED:
                self.cancelled.emit()
            else:
                self.failed.emit(error)
        else:
            self.ended = True
            self.succeeded.emit(outcome)
        self.finished.emit()
        self.deleteLater()


class JobBridge(QObject):
    """Starts jobs. `started` announces those with a title, for the list of running work."""

    started = Signal(object)
    unhandled = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._open: set[JobHandle] = set()
        self._closed = False

    def run(
        self,
        owner: QObject,
        function: Callable[[Task], Any],
        done: Done | None = None,
        failed: Failed | None = None,
        *,
        title: str = "",
        name: str = "job",
    ) -> JobHandle:
        """Run `function(task)` on a worker thread, then `done(result)` or `failed(error)` on this one.

        Neither is called once `owner` is gone. Without `failed`, an error goes to `unhandled`. A `title`
        makes the job visible with progress and cancel wherever the user goes in the window.
        """
        handle = JobHandle(title, self)

        def succeed(result: object) -> None:
            if done is not None and isValid(owner):
                done(result)

        def fail(error: BaseException) -> None:
            if not isValid(owner):
                return
            if failed is not None:
                failed(error)
            else:
                self.unhandled.emit(error)

        handle.succeeded.connect(succeed)
        handle.failed.connect(fail)
        handle.finished.connect(lambda: self._open.discard(handle))
        self._open.add(handle)
        if (follow := getattr(owner, "follow_job", None)) is not None:  # a dialog that waits for it
            follow(handle)
        if not self._closed:
            handle.job = self._runner.submit(name, function)
            if title:
                self.started.emit(handle)
            handle.job.listen(handle.job_changed)
            handle.job_changed(handle.job)  # what it reported before somebody listened
        return handle

    @property
    def busy(self) -> int:
        """How many jobs have not delivered their end yet."""
        return len(self._open)

    @property
    def unnamed(self) -> int:
        """How many of them are short: work that takes long has a title."""
        return sum(not handle.title for handle in self._open)

    @property
    def open_titles(self) -> tuple[str, ...]:
        """The visible jobs that are running."""
        return tuple(handle.title for handle in self._open if handle.title and not handle.ended)

    def close(self) -> None:
        """Start nothing more; cancel what runs. The runner itself belongs to the services."""
        self._closed = True
        for handle in tuple(self._open):
            handle.cancel()
