"""A short tune to try the app with: a real WAV file, another melody for each number."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 11_025
_SCALE = (0, 3, 5, 7, 10, 12, 15, 17)
_BASE_HERTZ = 220.0
_SECONDS = 0.3
_NOTES = 12


def write_song(path: Path, number: int) -> None:
    """Write about four seconds of mono 16-bit sound; `number` chooses the melody."""
    frames = bytearray()
    length = int(RATE * _SECONDS)
    for position in range(_NOTES):
        step = _SCALE[(number * (position + 3) + position * position) % len(_SCALE)]
        hertz = _BASE_HERTZ * 2 ** (step / 12)
        for i in range(length):
            fade = math.exp(-4 * i / length)
            frames += struct.pack("<h", int(12_000 * fade * math.sin(math.tau * hertz * i / RATE)))
    # The number is audible as a click each at the end, so that no two numbers give the same file.
    for bit in f"{number:b}":
        frames += struct.pack("<h", 8_000 if bit == "1" else -8_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(frames))
