"""Progress of a job as a bar, on a terminal only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from desktop_app.core.errors import BugError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.jobs import Job

T = TypeVar("T")


@contextmanager
def bar(job: Job[T], console: Console | None) -> Iterator[None]:
    """Draw `job`'s progress on `console` until the block ends; draws nothing where that is no terminal."""
    if console is None or not console.is_terminal or console.is_dumb_terminal:
        yield
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        line = progress.add_task("", total=None)

        def draw(changed: Job[T]) -> None:
            progress.update(
                line, completed=changed.done, total=changed.total or None, description=_stage(changed.stage)
            )

        job.listen(draw)
        yield


def _stage(code: str) -> str:
    # An unworded stage must not break the work that reports it.
    try:
        return words(code) if code else ""
    except BugError:
        return ""


def wait(job: Job[T], console: Console | None = None) -> T:
    """The job's result; Ctrl-C asks the job to stop and waits until it has."""
    with bar(job, console):
        try:
            while True:
                try:
                    return job.wait(0.1)
                except TimeoutError:
                    if job.finished:
                        return job.wait()
        except KeyboardInterrupt:
            job.cancel()
            raise
