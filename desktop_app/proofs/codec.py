"""Byte codecs of draft-irtf-cfrg-fiat-shamir-03: strings, field elements, and challenges from squeezed bytes.

Serialization is the strict inverse of deserialization, which raises InvalidInputError on anything else.
Decoding (a challenge from squeezed bytes) never fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from desktop_app.core.errors import InvalidInputError

ByteOrder = Literal["little", "big"]


def field_width(modulus: int) -> int:
    """Bytes that one element of the field takes."""
    return ((modulus - 1).bit_length() + 7) // 8


def serialize_string(data: bytes) -> bytes:
    """4-byte little-endian length, then the bytes."""
    if len(data) >= 2**32:
        raise InvalidInputError("proofs.encoding")
    return len(data).to_bytes(4, "little") + data


def deserialize_string(data: bytes) -> bytes:
    if len(data) < 4 or len(data) - 4 < int.from_bytes(data[:4], "little"):
        raise InvalidInputError("proofs.encoding")
    return data[4 : 4 + int.from_bytes(data[:4], "little")]


def serialize_field(coordinates: Sequence[int], modulus: int, order: ByteOrder = "little") -> bytes:
    """Fixed-width coordinates, each below the modulus; big-endian where the field's own standard says so."""
    if any(not 0 <= value < modulus for value in coordinates):
        raise InvalidInputError("proofs.encoding")
    return b"".join(value.to_bytes(field_width(modulus), order) for value in coordinates)


def deserialize_field(
    data: bytes, modulus: int, degree: int = 1, order: ByteOrder = "little"
) -> tuple[int, ...]:
    """`degree` coordinates from exactly as many bytes as they take."""
    width = field_width(modulus)
    if len(data) != width * degree:
        raise InvalidInputError("proofs.encoding")
    values = tuple(int.from_bytes(data[i * width : (i + 1) * width], order) for i in range(degree))
    if any(value >= modulus for value in values):
        raise InvalidInputError("proofs.encoding")
    return values


def decode_field(squeezed: bytes, modulus: int) -> int:
    """A field element from squeezed bytes, read little-endian whatever the byte order of the wire."""
    return int.from_bytes(squeezed, "little") % modulus
