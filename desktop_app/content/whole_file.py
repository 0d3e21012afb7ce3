"""Writing a file that is either there in full or not at all, and that goes on where it was interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from desktop_app.core.errors import RefusedError, UnavailableError

_PART = ".part"
# A link left at the temporary name must not lead the writing elsewhere.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class DifferentContentError(Exception):
    """What was written before the interruption is not what would be written now."""


class WholeFile:
    """The file under its temporary name, from its beginning.

    `put` compares while there is something from an earlier attempt, and writes from there on.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._kept = os.fstat(file.fileno()).st_size
        self._position = 0

    def put(self, data: memoryview | bytes) -> None:
        """The next bytes. Raises DifferentContentError where an earlier attempt wrote others."""
        view = memoryview(data)
        overlap = max(0, min(self._kept - self._position, len(view)))
        if overlap:
            if self._read(overlap) != view[:overlap]:
                raise DifferentContentError
            self._position += overlap
        rest = view[overlap:]
        while rest:
            written = self._file.write(rest)
            self._position += written
            rest = rest[written:]

    def peek(self, count: int) -> bytes:
        """The first bytes of the earlier attempt; nothing has been put yet."""
        data = bytes(self._read(min(count, self._kept)))
        self._file.seek(0)
        return data

    def restart(self) -> None:
        """Forget the earlier attempt."""
        self._file.seek(0)
        self._file.truncate()
        self._kept = self._position = 0

    def finish(self) -> None:
        """Everything has been put: cut off what an earlier attempt had beyond, and bring it to the disk."""
        self._file.truncate(self._position)
        os.fsync(self._file.fileno())

    def _read(self, count: int) -> bytearray:
        data = bytearray(count)
        view, filled = memoryview(data), 0
        while filled < count:
            got = self._file.readinto(view[filled:])
            if not got:
                raise DifferentContentError
            filled += got
        return data


@contextmanager
def whole_file(destination: Path) -> Iterator[WholeFile]:
    """A file that gets its name when the block ends well; otherwise it stays for the next attempt.

    Raises RefusedError("content.exists"); UnavailableError("content.write_failed") for what the disk says.
    """
    shown = os.fsencode(destination).decode("utf-8", "replace")
    if os.path.lexists(destination):
        raise RefusedError("content.exists", path=shown)
    part = part_of(destination)
    try:
        with FileIO(os.open(part, _FLAGS, 0o600), "r+b") as file:
            whole = WholeFile(file)
            yield whole
            whole.finish()
        part.replace(destination)
        _sync_folder(destination.parent)
    except OSError as error:
        raise UnavailableError("content.write_failed", path=shown) from error


def write_text(path: Path, text: str) -> None:
    """Write a small text file that is not there yet. Raises as `whole_file` does."""
    target = path.expanduser().absolute()
    discard_partial(target)
    with whole_file(target) as file:
        file.put(text.encode())


def part_of(destination: Path) -> Path:
    """The temporary name, in the same folder."""
    return destination.with_name(destination.name + _PART)


def discard_partial(destination: Path) -> None:
    """Give up what an interrupted attempt has left."""
    part_of(destination).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
