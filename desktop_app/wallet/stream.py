"""Chunked authenticated encryption in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015).

AES-256-GCM over 64 KiB chunks; the nonce holds a prefix, the chunk's number and whether it is the last, so
that chunks cannot be moved, dropped or cut off. The key must be fresh for every stream.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desktop_app.core.errors import CorruptError
from desktop_app.wallet.sealing import TAG_BYTES

CHUNK_BYTES = 1 << 16
PREFIX_BYTES = 7


def new_prefix() -> bytes:
    return secrets.token_bytes(PREFIX_BYTES)


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class StreamSealer:
    """Feed it plaintext with `add`, then call `finish` once."""

    def __init__(self, key: bytes, prefix: bytes, bound: bytes, write: Callable[[bytes], None]) -> None:
        self._cipher = AESGCM(key)
        self._prefix = prefix
        self._bound = bound
        self._write = write
        self._waiting = bytearray()
        self._number = 0

    def add(self, data: bytes) -> None:
        self._waiting += data
        # A full chunk stays back until more follows: the last one is marked as such.
        while len(self._waiting) > CHUNK_BYTES:
            self._emit(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        self._emit(bytes(self._waiting), last=True)

    def _emit(self, plain: bytes, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last)
        self._write(self._cipher.encrypt(nonce, plain, self._bound))
        self._number += 1


class StreamOpener:
    """The plaintext of a stream that starts at the present place of `file`.

    Nothing unauthenticated is handed out; a chunk that is not in order raises CorruptError(`code`).
    """

    def __init__(self, key: bytes, prefix: bytes, bound: bytes, file: Readable, code: str) -> None:
        self._code = code
        self._chunks = self._open(AESGCM(key), prefix, bound, file)
        self._ready = b""

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        parts: list[bytes] = []
        while size > 0:
            part = self.read_some(size)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def read_some(self, limit: int) -> bytes:
        """1 to `limit` bytes."""
        while not self._ready:
            try:
                self._ready = next(self._chunks)
            except StopIteration:
                break
        if not self._ready:
            raise CorruptError(self._code, detail="too short")
        part, self._ready = self._ready[:limit], self._ready[limit:]
        return part

    def finish(self) -> None:
        """Check that nothing is left."""
        if self._ready or any(self._chunks):
            raise CorruptError(self._code, detail="too long")

    def _open(self, cipher: AESGCM, prefix: bytes, bound: bytes, file: Readable) -> Iterator[bytes]:
        chunk = file.read(CHUNK_BYTES + TAG_BYTES)
        number = 0
        while True:
            following = file.read(CHUNK_BYTES + TAG_BYTES)
            last = not following
            try:
                plain = cipher.decrypt(_nonce(prefix, number, last), chunk, bound)
            except InvalidTag as error:
                raise CorruptError(self._code, detail=f"chunk {number}") from error
            yield plain
            if last:
                return
            chunk, number = following, number + 1
