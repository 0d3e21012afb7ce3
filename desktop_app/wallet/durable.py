"""Writing a file so that after a power cut the old or the new content is there, never neither."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import UnavailableError

_BINARY = getattr(os, "O_BINARY", 0)
_NOT_INHERITED = getattr(os, "O_CLOEXEC", 0)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path`, readable by the user only."""
    with replacing(path) as write:
        write(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Collects what is written in a temporary file beside `path`, which at the end takes its place.

    An exception inside the block leaves `path` as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        # The mode is set by open itself: at no moment can another user read the content.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NOT_INHERITED, 0o600)
        try:
            yield functools.partial(_write_all, handle)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; Windows has no such call."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | _NOT_INHERITED)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(path: Path) -> None:
    """Delete temporary files that a killed process left beside `path`. Call under `exclusive(path)`."""
    target = Path(os.path.realpath(path))
    for stale in target.parent.glob(f".{target.name}.*.tmp"):
        with contextlib.suppress(OSError):
            stale.unlink()


@contextlib.contextmanager
def exclusive(path: Path, wait: float = 10.0) -> Iterator[None]:
    """Hold the right to change `path` against other processes; the system frees it if this one dies.

    Raises UnavailableError("wallet.busy") after `wait` seconds.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | _BINARY | _NOT_INHERITED
    handle = os.open(target.with_name(f".{target.name}.lock"), flags, 0o600)
    try:
        clock = SystemClock()
        limit = clock.monotonic() + wait
        while not try_lock(handle):
            if clock.monotonic() > limit:
                raise UnavailableError("wallet.busy")
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Whether this open file is now locked for us alone; closing it frees it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
