"""From what a person means (these words, these seconds) to bytes of a file."""

from __future__ import annotations

import json
import mmap
import wave
from pathlib import Path

from desktop_app.content.tools import FFPROBE, LOCAL_ONLY, available, run
from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.core.progress import Task

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
_NO_RECORDING = ("tty", "image2", "_pipe")
"""Formats of ffprobe that play a text or a picture as a film."""


def passage_of_text(path: Path, text: str) -> tuple[int, int]:
    """First and last byte (both included) of the only place where `text` stands in the file.

    Line ends count as they are in the file. Raises InvalidInputError: "content.passage_missing",
    "content.passage_twice".
    """
    wanted = text.strip("\r\n")
    if not wanted:
        raise InvalidInputError("content.passage_missing")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for encoding in _ENCODINGS:
            for needle in _variants(wanted, encoding):
                place = data.find(needle)
                if place < 0:
                    continue
                if data.find(needle, place + 1) >= 0:
                    raise InvalidInputError("content.passage_twice")
                return place, place + len(needle) - 1
    raise InvalidInputError("content.passage_missing")


def passage_of_time(path: Path, start_ms: int, end_ms: int, task: Task | None = None) -> tuple[int, int]:
    """First and last byte (both included) of what a recording plays between two times in milliseconds.

    WAV is read here. Of other sound and film, ffprobe tells where in the file each moment stands; what its
    container keeps in between comes along. Raises InvalidInputError: "content.no_time_in_file",
    "content.time_range"; UnavailableError("content.no_time_tool") where ffprobe is needed and missing.
    """
    try:
        return _of_wav(path, start_ms, end_ms)
    except (wave.Error, EOFError):
        return _of_packets(path, start_ms, end_ms, task or Task())


def _of_wav(path: Path, start_ms: int, end_ms: int) -> tuple[int, int]:
    with path.open("rb") as file, wave.open(file) as sound:
        rate, frames = sound.getframerate(), sound.getnframes()
        frame = sound.getsampwidth() * sound.getnchannels()
        # The reader stands at the first frame: that is where the sound begins in the file.
        begin = file.tell()
    first, last = start_ms * rate // 1000, -(-end_ms * rate // 1000)
    if not 0 <= first < last or first >= frames:
        raise InvalidInputError("content.time_range", seconds=frames // max(rate, 1))
    return begin + first * frame, begin + min(last, frames) * frame - 1


def _of_packets(path: Path, start_ms: int, end_ms: int, task: Task) -> tuple[int, int]:
    if not available(FFPROBE):
        raise UnavailableError("content.no_time_tool", tool=FFPROBE)
    entries = "packet=pts_time,duration_time,size,pos:format=duration,format_name"
    wanted = ["-show_entries", entries, "-of", "json"]
    stretch = ["-read_intervals", f"{start_ms / 1000:.3f}%{end_ms / 1000:.3f}"]
    outcome = run(FFPROBE, [*LOCAL_ONLY, *stretch, *wanted, f"file:{path.absolute()}"], task)
    try:
        found = json.loads(outcome.output)
        if str(found["format"]["format_name"]).endswith(_NO_RECORDING):
            raise InvalidInputError("content.no_time_in_file")
        length = float(found["format"]["duration"])
        inside = [
            (int(packet["pos"]), int(packet["pos"]) + int(packet["size"]) - 1)
            for packet in found["packets"]
            if "pos" in packet and _overlaps(packet, start_ms / 1000, end_ms / 1000)
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInputError("content.no_time_in_file") from error
    if not inside or not 0 <= start_ms < end_ms:
        raise InvalidInputError("content.time_range", seconds=int(length))
    return min(first for first, _ in inside), min(max(last for _, last in inside), path.stat().st_size - 1)


def _overlaps(packet: dict[str, str], start: float, end: float) -> bool:
    at = float(packet["pts_time"])
    return at < end and at + float(packet.get("duration_time", 0)) > start


def _variants(text: str, encoding: str) -> list[bytes]:
    """The text with either kind of line end; none where the encoding has no such characters."""
    plain = text.replace("\r\n", "\n")
    try:
        return [form.encode(encoding) for form in dict.fromkeys((plain, plain.replace("\n", "\r\n")))]
    except UnicodeEncodeError:
        return []
