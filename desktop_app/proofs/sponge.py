"""The SHAKE128 duplex sponge and session identifiers of draft-irtf-cfrg-fiat-shamir-03."""

from __future__ import annotations

import hashlib

from desktop_app.core.errors import BugError

RATE = 168
SESSION_ID_SIZE = 32

_SESSION_DOMAIN = b"irtf-cfrg-fiat-shamir/session-id"


class DuplexSponge:
    """Squeezes SHAKE128(session id || zeros up to the rate || everything absorbed).

    Consecutive squeezes continue one stream; absorbing at least one byte starts a new one. Squeezed bytes
    are not fed back.
    """

    def __init__(self, session_id: bytes) -> None:
        if len(session_id) != SESSION_ID_SIZE:
            raise BugError("a session id has 32 bytes")
        self._hash = hashlib.shake_128(session_id + bytes(RATE - SESSION_ID_SIZE))
        self._squeezed = 0

    def absorb(self, data: bytes) -> None:
        if data:
            self._hash.update(data)
            self._squeezed = 0

    def squeeze(self, length: int) -> bytes:
        start = self._squeezed
        self._squeezed += length
        return self._hash.digest(self._squeezed)[start:]


def derive_session_id(tag: bytes) -> bytes:
    """32 bytes that stand for the application's tag."""
    sponge = DuplexSponge(_SESSION_DOMAIN)
    sponge.absorb(tag)
    return sponge.squeeze(SESSION_ID_SIZE)
