"""From what a person means (these words, these seconds) to bytes of a file."""

from __future__ import annotations

import mmap
import wave
from pathlib import Path

from desktop_app.core.errors import InvalidInputError

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")


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


def passage_of_time(path: Path, start_ms: int, end_ms: int) -> tuple[int, int]:
    """First and last byte (both included) of a stretch of sound in a WAV file, in milliseconds.

    Only WAV holds sound in the order of time without compression; for anything else choose bytes. Raises
    InvalidInputError: "content.no_time_in_file", "content.time_range".
    """
    try:
        with path.open("rb") as file, wave.open(file) as sound:
            rate, frames = sound.getframerate(), sound.getnframes()
            frame = sound.getsampwidth() * sound.getnchannels()
            # The reader stands at the first frame: that is where the sound begins in the file.
            begin = file.tell()
    except (wave.Error, EOFError) as error:
        raise InvalidInputError("content.no_time_in_file") from error
    first, last = start_ms * rate // 1000, -(-end_ms * rate // 1000)
    if not 0 <= first < last or first >= frames:
        raise InvalidInputError("content.time_range", seconds=frames // max(rate, 1))
    return begin + first * frame, begin + min(last, frames) * frame - 1


def _variants(text: str, encoding: str) -> list[bytes]:
    """The text with either kind of line end; none where the encoding has no such characters."""
    plain = text.replace("\r\n", "\n")
    try:
        return [form.encode(encoding) for form in dict.fromkeys((plain, plain.replace("\n", "\r\n")))]
    except UnicodeEncodeError:
        return []
