"""One way to run long work: off the caller's thread, with progress, cancel and a result."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from typing import Generic, TypeVar

from desktop_app.core.errors import CancelledError
from desktop_app.core.progress import Task

T = TypeVar("T")
_log = logging.getLogger(__name__)


class JobState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Generic[T]):
    """One piece of work. Fields are read from any thread; listeners run on the worker's thread."""

    def __init__(self, number: int, name: str, function: Callable[[Task], T]) -> None:
        self.id = number
        self.name = name
        self.state = JobState.QUEUED
        self.done = 0
        self.total = 0
        self.stage = ""
        self.error: BaseException | None = None
        self._function = function
        self._task = Task(self._progress)
        self._future: Future[T] = Future()
        self._listeners: list[Callable[[Job[T]], None]] = []
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Ask the work to stop; it ends as CANCELLED at its next check."""
        self._task.cancel()

    def wait(self, timeout: float | None = None) -> T:
        """The result; raises what the work raised, or TimeoutError."""
        return self._future.result(timeout)

    @property
    def finished(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    def listen(self, listener: Callable[[Job[T]], None]) -> None:
        """Call `listener(job)` on every change, and once at once if the job has already ended."""
        with self._lock:
            self._listeners.append(listener)
            ended = self.finished
        if ended:
            listener(self)

    def _progress(self, done: int, total: int, stage: str) -> None:
        self.done, self.total, self.stage = done, total, stage or self.stage
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(self)

    def _end(self, state: JobState, error: BaseException | None = None) -> None:
        with self._lock:
            self.state, self.error = state, error

    def _run(self) -> None:
        try:
            self._task.check()
            self.state = JobState.RUNNING
            self._tell()
            result = self._function(self._task)
        except CancelledError as error:
            self._end(JobState.CANCELLED, error)
            self._future.set_exception(error)
        except BaseException as error:  # noqa: BLE001 - the waiter gets it, whatever it is
            self._end(JobState.FAILED, error)
            self._future.set_exception(error)
        else:
            self._end(JobState.DONE)
            self._future.set_result(result)
        self._tell()


class JobRunner:
    """A small pool of named worker threads. `close()` cancels what runs and waits for it."""

    def __init__(self, workers: int = 4) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="colophon-job")
        self._numbers = itertools.count(1)
        self._active: dict[int, Job[object]] = {}
        self._lock = threading.Lock()

    def submit(self, name: str, function: Callable[[Task], T]) -> Job[T]:
        """Start `function(task)` in the background. `name` is a code that the front end words."""
        job = Job(next(self._numbers), name, function)
        with self._lock:
            self._active[job.id] = job  # type: ignore[assignment]  # Job is only read through this map
        self._pool.submit(self._run, job)
        return job

    def _run(self, job: Job[T]) -> None:
        try:
            job._run()
        finally:
            with self._lock:
                self._active.pop(job.id, None)

    def active(self) -> tuple[Job[object], ...]:
        with self._lock:
            return tuple(self._active.values())

    def close(self) -> None:
        for job in self.active():
            job.cancel()
        self._pool.shutdown(wait=True)
