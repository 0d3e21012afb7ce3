"""Work in a process of its own: its memory is given back, and what breaks it breaks nothing else."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from desktop_app.core.errors import ColophonError, UnavailableError
from desktop_app.core.progress import Task

Result = TypeVar("Result")
_LOOK_SECONDS = 0.1


def run_apart(function: Callable[..., Result], *arguments: Any, task: Task) -> Result:
    """`function(*arguments)` in a process that is ended when the task is cancelled.

    Function, arguments and result are pickled. Raises what the function raises, as far as it is a
    ColophonError; UnavailableError("content.reader_died") when the process ended without an answer.
    """
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
        if process.is_alive():
            process.terminate()
        process.join()
        process.close()
    if succeeded:
        found: Result = answer
        return found
    raise answer


def _answer(pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        answer: tuple[bool, Any] = (True, function(*arguments))
    except ColophonError as error:
        answer = (False, error)
    except Exception as error:  # noqa: BLE001 - only its kind goes back: its text may quote the file
        answer = (False, UnavailableError("content.reader_failed", problem=type(error).__name__))
    pipe.send(answer)
    pipe.close()
