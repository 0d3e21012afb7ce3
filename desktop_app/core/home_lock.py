"""One program at a time has the whole data folder: the open window, or a restore that replaces everything."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from desktop_app.core.errors import RefusedError

NAME = "window.lock"


class HomeLock:
    """A lock of the operating system: held until `release` or the end of the process, however it ends."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = FileLock(home / NAME, mode=0o600)

    def take(self) -> bool:
        """Whether it is ours now; always where the file system knows no locks, as on some networks."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except NotImplementedError:
            return True
        return True

    def release(self) -> None:
        self._lock.release()


class AloneInHome:
    """Context of work that must have the data folder to itself. Raises RefusedError("app.window_open")."""

    def __init__(self, home: Path) -> None:
        self._lock = HomeLock(home)

    def __enter__(self) -> None:
        if not self._lock.take():
            raise RefusedError("app.window_open")

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
