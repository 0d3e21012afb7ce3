"""Running the two programs of the system that know sound and film: fpcalc (Chromaprint) and ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.errors import UnavailableError
from desktop_app.core.progress import Task

FPCALC, FFMPEG, FFPROBE = "fpcalc", "ffmpeg", "ffprobe"
LOCAL_ONLY = ("-v", "quiet", "-protocol_whitelist", "file")
"""Options of ffprobe and ffmpeg: a file that names addresses makes them fetch nothing."""


@dataclass(frozen=True)
class Outcome:
    """How a program ended, and what it wrote to its standard output."""

    code: int
    output: bytes


def available(program: str) -> bool:
    """Whether the system has the program."""
    return shutil.which(program) is not None


def run(program: str, arguments: Sequence[str], task: Task, folder: Path | None = None) -> Outcome:
    """Run to the end, or until the task is cancelled. Nothing of it passes through a shell.

    Raises UnavailableError("similarity.no_tool") where the program is missing, and CancelledError.
    """
    found = shutil.which(program)
    if found is None:
        raise UnavailableError("similarity.no_tool", tool=program)
    with subprocess.Popen(  # noqa: S603
        [found, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    ) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    task.check()
        except BaseException:
            process.kill()
            raise
    return Outcome(process.returncode, output)
