"""A ring: registered commitments among which one is mine. Bound by hash, order and length."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.group import POINT_SIZE, Group, P

MIN_SIZE = 2
MAX_SIZE = 16_384

_DOMAIN = b"colophon/v1/ring"
_WINDOW_DOMAIN = b"colophon/v1/ring-window"
KEPT = 4
"""Decoded rings kept in memory; decoding 1,024 points takes 50 ms."""


@dataclass(frozen=True)
class Ring:
    """2 to 16,384 different commitments. The data is their compressed encodings, one after the other."""

    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        size, rest = divmod(len(self.data), POINT_SIZE)
        if rest or not MIN_SIZE <= size <= MAX_SIZE:
            raise InvalidInputError("certificate.ring_size", minimum=MIN_SIZE, maximum=MAX_SIZE)
        if len(set(self.commitments())) != size:
            raise InvalidInputError("certificate.ring_twice")

    @classmethod
    def of(cls, commitments: Iterable[bytes]) -> Ring:
        """From 48-byte encodings in their order on the chain, each once; raises InvalidInputError."""
        return cls(b"".join(commitments))

    @property
    def size(self) -> int:
        return len(self.data) // POINT_SIZE

    def commitments(self) -> list[bytes]:
        return [self.data[i : i + POINT_SIZE] for i in range(0, len(self.data), POINT_SIZE)]

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over length and entries in order."""
        return hashlib.sha256(_DOMAIN + self.size.to_bytes(4, "big") + self.data).digest()

    def index(self, commitment: bytes) -> int:
        """Where the commitment stands; raises InvalidInputError where it does not."""
        try:
            return self.commitments().index(commitment)
        except ValueError:
            raise InvalidInputError("certificate.not_in_ring") from None

    def points(self, group: Group[P]) -> tuple[P, ...]:
        """The decoded commitments, from memory where they were decoded before; raises InvalidInputError."""
        return _decode(group, self)


def largest_part(total: int) -> int:
    """How many of a list of `total` a ring has: never fewer, so that nobody is pushed into a small crowd."""
    return min(total, MAX_SIZE)


def window(index: int, total: int, secret: bytes, scope: str) -> range:
    """Which part of a list of `total` a member at `index` hides in: all of it, or MAX_SIZE places around him.

    The places before him are between a quarter and three quarters of a ring, as a pseudorandom function of
    his `secret` and the scope says: the middle half of a ring could each be the prover. In one scope, where
    proofs of one owner are linked by the nullifier, the ring stays where it is, so that comparing rings tells
    nothing more; in two scopes the rings have nothing to do with each other.
    """
    quarter = MAX_SIZE // 4
    drawn = hmac.digest(secret, _WINDOW_DOMAIN + scope.encode("utf-8"), "sha256")
    before = quarter + int.from_bytes(drawn, "big") % (2 * quarter)
    size = largest_part(total)
    start = max(0, min(index - before, total - size))
    return range(start, start + size)


@lru_cache(maxsize=KEPT)
def _decode(group: Group[P], ring: Ring) -> tuple[P, ...]:
    return tuple(map(group.decode, ring.commitments()))
