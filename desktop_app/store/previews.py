"""The small pictures of works, each a file in the data folder. They can be made again at any time."""

from __future__ import annotations

import os
from pathlib import Path


class Previews:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, work_id: str) -> Path | None:
        """The PNG of a work, None where there is none."""
        path = self._path(work_id)
        return path if path.is_file() else None

    def put(self, work_id: str, picture: bytes | None) -> None:
        """Keep this PNG for the work, whole or not at all; None takes away what was kept."""
        if picture is None:
            self.remove(work_id)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(work_id)
        temporary = path.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(picture)
        temporary.replace(path)

    def remove(self, work_id: str) -> None:
        self._path(work_id).unlink(missing_ok=True)

    def _path(self, work_id: str) -> Path:
        return self._folder / f"{work_id}.png"
