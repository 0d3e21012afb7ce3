"""Writing a file that is either there in full or not at all, and that goes on where it was interrupted."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from secrets import token_hex

from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.paths import expanded
from desktop_app.wallet.durable import try_lock

PART = ".colophon-part"
"""Of our own, since other programs keep their unfinished files as "film.mp4.part"."""
# A link left at the temporary name must not lead the writing elsewhere.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


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

    Nothing is ever replaced, also not what comes to be there meanwhile. Raises
    RefusedError("content.exists", "content.being_written"); UnavailableError("content.write_failed") for what
    the disk says.
    """
    shown = _shown(destination)
    if os.path.lexists(destination):
        raise RefusedError("content.exists", path=shown)
    try:
        with _part_for_us(destination) as file:
            whole = WholeFile(file)
            yield whole
            whole.finish()
            # On Windows an open file cannot be renamed; elsewhere the lock is kept until it has its name.
            if os.name == "nt":
                file.close()
            name_finished(part_of(destination), destination)
        _sync_folder(destination.parent)
    except OSError as error:
        raise UnavailableError("content.write_failed", path=shown) from error


@contextmanager
def _part_for_us(destination: Path) -> Iterator[FileIO]:
    """The unfinished file, opened and locked: two programs that write the same file would mix it up."""
    part = part_of(destination)
    with FileIO(os.open(part, _FLAGS, 0o600), "r+b") as file:
        # One that was finished or given up while we waited for it is not the one of that name any more.
        ours = try_lock(file.fileno()) and _is_called(file, part)
        if not ours:
            raise RefusedError("content.being_written", path=_shown(destination))
        yield file


def name_finished(part: Path, destination: Path) -> None:
    """Give a finished file its name. Raises RefusedError("content.exists") if there is one by now."""
    try:
        if os.name == "nt":
            part.rename(destination)
            return
        os.link(part, destination, follow_symlinks=False)
    except FileExistsError:
        raise RefusedError("content.exists", path=_shown(destination)) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A disk without hard links (FAT): the moment in between cannot be helped.
        if os.path.lexists(destination):
            raise RefusedError("content.exists", path=_shown(destination)) from None
        part.replace(destination)
    else:
        part.unlink()


@contextmanager
def written_at_once(destination: Path) -> Iterator[Path]:
    """A new name to write to in one go: what was written there gets the name `destination`, or nothing stays.

    Raises as `whole_file` does.
    """
    shown = _shown(destination)
    if os.path.lexists(destination):
        raise RefusedError("content.exists", path=shown)
    part = destination.with_name(f".{token_hex(8)}{PART}")
    try:
        yield part
        part.chmod(0o600)
        name_finished(part, destination)
    except OSError as error:
        raise UnavailableError("content.write_failed", path=shown) from error
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a small text file that is not there yet. Raises as `whole_file` does."""
    target = expanded(path).absolute()
    discard_partial(target)
    with whole_file(target) as file:
        file.put(text.encode())


def part_of(destination: Path) -> Path:
    """The temporary name, in the same folder."""
    return destination.with_name(destination.name + PART)


def discard_partial(destination: Path) -> None:
    """Give up what an interrupted attempt has left.

    Raises RefusedError("content.being_written") while another program is at it.
    """
    part = part_of(destination)
    if not os.path.lexists(part):
        return
    try:
        with _part_for_us(destination) as file:
            if os.name == "nt":
                file.close()
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError("content.write_failed", path=_shown(destination)) from error


def _is_called(file: FileIO, part: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), part.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
