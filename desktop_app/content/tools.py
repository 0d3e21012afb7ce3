"""Running the two programs of the system that know sound and film: fpcalc (Chromaprint) and ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import UnavailableError
from desktop_app.core.progress import Task

FPCALC, FFMPEG, FFPROBE = "fpcalc", "ffmpeg", "ffprobe"
QUICK = 120.0
"""Seconds after which a look at the beginning of a file is given up: the file was made to keep us busy."""
# Play lists and the like would make ffmpeg open other files: what is read is the file itself, and media only.
LOCAL_ONLY = (
    "-v", "quiet", "-protocol_whitelist", "file", "-format_whitelist",
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,ogg,flac,wav,w64,mp3,aac,ac3,aiff,caf,"
    "asf,flv,amr,ape,au,dv,gxf,mxf,nut,rm,tta,wv,h264,hevc,m4v,ivf,obu,av1,gif,apng",
)  # fmt: skip
"""Options of ffprobe and ffmpeg: a file that names addresses makes them fetch nothing."""


@dataclass(frozen=True)
class Outcome:
    """How a program ended, and what it wrote to its standard output."""

    code: int
    output: bytes


def available(program: str) -> bool:
    """Whether the system has the program."""
    return shutil.which(program) is not None


def run(
    program: str,
    arguments: Sequence[str],
    task: Task,
    folder: Path | None = None,
    limit: float | None = None,
) -> Outcome:
    """Run to the end, for at most `limit` seconds, or until the task is cancelled. No shell is involved.

    Raises UnavailableError "similarity.no_tool" where the program is missing, "similarity.tool_stuck" after
    the limit, and CancelledError.
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
        clock = SystemClock()
        end = None if limit is None else clock.monotonic() + limit
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    task.check()
                    if end is not None and clock.monotonic() > end:
                        raise UnavailableError("similarity.tool_stuck", tool=program) from None
        except BaseException:
            process.kill()
            raise
    return Outcome(process.returncode, output)
