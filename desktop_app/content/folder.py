"""The files below a folder that can be works: no links, nothing hidden, nothing of the system's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from desktop_app.content.whole_file import PART
from desktop_app.core.errors import InvalidInputError

# Kept by systems and by this app; nobody's work.
_NOT_WORKS = {"thumbs.db", "desktop.ini"}
_NOT_ENDINGS = (".part", PART, ".colophon", ".colophon-package", ".c2pa", ".ots", ".tsr")


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files with content, folder by folder in the order of their names.

    Links are not followed, so that no file outside gets in and no circle is walked. Folders that may not be
    read are left out. Raises InvalidInputError "content.missing", "content.no_folder", "content.unreadable".
    """
    shown = os.fsencode(folder).decode("utf-8", "replace")
    if not folder.is_dir():
        code = "content.no_folder" if folder.exists() else "content.missing"
        raise InvalidInputError(code, path=shown)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise InvalidInputError("content.unreadable", path=shown)
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        inside: list[Path] = []
        for entry in found:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                inside.append(here / entry.name)
            elif _is_work(entry):
                yield here / entry.name
        waiting.extend(reversed(inside))


def _is_work(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    if name in _NOT_WORKS or name.endswith(_NOT_ENDINGS):
        return False
    try:
        return entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size > 0
    except OSError:
        return False
