"""Reading a file that must not change meanwhile; a typed error for everything that can be wrong with it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from desktop_app.core.errors import InvalidInputError, UnavailableError


class SteadyFile:
    """A file open for reading. `size` in bytes and `modified_ns` are those of the moment it was opened."""

    def __init__(self, file: FileIO, shown: str) -> None:
        found = os.fstat(file.fileno())
        self.size = found.st_size
        self.modified_ns = found.st_mtime_ns
        self._file = file
        self._shown = shown
        self._identity = _identity(found)
        self._position = 0

    def read(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end of the file."""
        data = bytearray(min(count, self.size - self._position))
        self._fill(memoryview(data))
        return bytes(data)

    def blocks(self, block_size: int) -> Iterator[memoryview]:
        """What has not been read yet, in blocks of `block_size` bytes (the last may be shorter).

        They lie in two alternating buffers: one may still be in use while the next is asked for, no longer.
        """
        buffers = [memoryview(bytearray(min(block_size, self.size - self._position))) for _ in range(2)]
        turn = 0
        while left := self.size - self._position:
            block = buffers[turn][: min(block_size, left)]
            self._fill(block)
            yield block
            turn = 1 - turn

    def _fill(self, block: memoryview) -> None:
        filled = 0
        while filled < len(block):
            try:
                count = self._file.readinto(block[filled:])
            except OSError as error:
                raise UnavailableError("content.read_failed", path=self._shown) from error
            if not count:
                raise UnavailableError("content.changed", path=self._shown)
            filled += count
        self._position += filled

    def check(self, path: Path) -> None:
        """Raise UnavailableError "content.vanished" or "content.changed" unless all is as it was."""
        try:
            now = (_identity(os.fstat(self._file.fileno())), _identity(path.stat()))
        except FileNotFoundError as error:
            raise UnavailableError("content.vanished", path=self._shown) from error
        except OSError as error:
            raise UnavailableError("content.read_failed", path=self._shown) from error
        if now != (self._identity, self._identity):
            raise UnavailableError("content.changed", path=self._shown)


@contextmanager
def open_steady(path: Path) -> Iterator[SteadyFile]:
    """The file at `path`, checked at the end to be still the same one with the same content.

    Raises InvalidInputError "content.missing", "content.folder", "content.not_a_file", "content.unreadable",
    "content.empty"; UnavailableError "content.read_failed", "content.vanished", "content.changed".
    """
    # A file name need not be text, a message must be.
    shown = os.fsencode(path).decode("utf-8", "replace")
    with _open(path, shown) as file:
        steady = SteadyFile(file, shown)
        if steady.size == 0:
            raise InvalidInputError("content.empty", path=shown)
        yield steady
        steady.check(path)


def _open(path: Path, shown: str) -> FileIO:
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise InvalidInputError("content.folder", path=shown)
        # Opening a pipe or a device could wait forever.
        if not stat.S_ISREG(kind):
            raise InvalidInputError("content.not_a_file", path=shown)
        return FileIO(path, "rb")
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise InvalidInputError("content.missing", path=shown) from error
    except OSError as error:
        raise InvalidInputError("content.unreadable", path=shown) from error


def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
