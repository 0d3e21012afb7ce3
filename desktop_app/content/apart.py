"""Work in a process of its own: its memory is given back, and what breaks it breaks nothing else."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from desktop_app.core.errors import ColophonError, UnavailableError
from desktop_app.core.progress import Task

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Result = TypeVar("Result")
_LOOK_SECONDS = 0.1


def run_apart(function: Callable[..., Result], *arguments: Any, task: Task) -> Result:
    """`function(*arguments)` in a process that is ended when the task is cancelled.

    Function, arguments and result are pickled. Raises what the function raises, as far as it is a
    ColophonError; UnavailableError("content.reader_died") when the process ended without an answer.
    """
    from multiprocessing import get_context

    # Forking a program with threads and a window may hang the child.
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, function, arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        while not ours.poll(_LOOK_SECONDS):
            task.check()
        succeeded, answer = ours.recv()
    except EOFError:
        raise UnavailableError("content.reader_died") from None
    finally:
        ours.close()
        _end(process)
    if succeeded:
        found: Result = answer
        return found
    raise answer


def _end(process: BaseProcess) -> None:
    """End the process with everything that it has started."""
    if process.is_alive():
        try:
            os.killpg(process.pid or 0, signal.SIGKILL)
        except (AttributeError, OSError):  # no such thing on Windows, or not a group of its own yet
            process.kill()
    process.join()
    process.close()


def _answer(pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    try:
        answer: tuple[bool, Any] = (True, function(*arguments))
    except ColophonError as error:
        answer = (False, error)
    except Exception as error:  # noqa: BLE001 - only its kind goes back: its text may quote the file
        answer = (False, UnavailableError("content.reader_failed", problem=type(error).__name__))
    pipe.send(answer)
    pipe.close()
