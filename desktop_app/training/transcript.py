"""The Fiat-Shamir transcript: SHAKE256 over labelled, length-prefixed messages.

A challenge is squeezed from everything absorbed so far and its own label; the label stays absorbed, so that
every challenge also depends on all earlier requests.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

import numpy as np

from desktop_app.core.errors import BugError
from desktop_app.training.extension import Element
from desktop_app.training.field import Array, P

_TAG = b"colophon/v1/training/transcript"


class Stream(Protocol):
    """A SHAKE object."""

    def digest(self, length: int, /) -> bytes: ...


class Transcript:
    def __init__(self) -> None:
        self._hash = hashlib.shake_256()
        self._frame(_TAG)

    def absorb(self, label: str, data: bytes) -> None:
        """Bind `data`; the label says what it is."""
        self._frame(b"absorb " + label.encode())
        self._frame(data)

    def elements(self, label: str, count: int) -> Array:
        """`count` uniform field elements (words of 64 bits, those of p or more left out)."""
        self._frame(b"squeeze " + label.encode())
        return uniform_elements(self._hash, count)

    def vector(self, label: str, count: int, degree: int) -> Array:
        """`count` uniform elements of the extension of this degree, shape (degree, count)."""
        return self.elements(label, count * degree).reshape(degree, count)

    def element(self, label: str, degree: int) -> Element:
        """One uniform element of the extension of this degree."""
        return tuple(int(value) for value in self.elements(label, degree))

    def positions(self, label: str, count: int, size: int) -> list[int]:
        """`count` different places below `size` (a power of two), uniform, ascending."""
        if size & (size - 1) or not 0 < count <= size <= 1 << 32:
            raise BugError(f"{count} places of {size}")
        self._frame(b"squeeze " + label.encode())
        length = 8 * count
        while True:
            words = np.frombuffer(self._hash.digest(4 * length), dtype="<u4") & np.uint32(size - 1)
            _, first = np.unique(words, return_index=True)
            if len(first) >= count:
                return sorted(int(words[place]) for place in np.sort(first)[:count])
            length *= 2

    def _frame(self, data: bytes) -> None:
        self._hash.update(len(data).to_bytes(8, "big") + data)


def uniform_elements(source: Stream, count: int) -> Array:
    """The first `count` words below p of the stream of a SHAKE object, little-endian."""
    length = count + 8
    while True:
        words = np.frombuffer(source.digest(8 * length), dtype="<u8")
        kept = words[words < np.uint64(P)]
        if len(kept) >= count:
            return kept[:count].astype(np.uint64)
        length += length
