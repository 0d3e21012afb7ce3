"""How bytes are written in a certificate: 0x and lower-case digits, or base64 for content. One form each."""

from __future__ import annotations

import base64
import binascii
import re

from desktop_app.core.errors import InvalidInputError

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*", re.ASCII)


def to_hex(data: bytes) -> str:
    return "0x" + data.hex()


def from_hex(text: str, size: int) -> bytes:
    """Exactly `size` bytes; raises InvalidInputError."""
    if len(text) != 2 + 2 * size:
        raise InvalidInputError("certificate.not_hex")
    return from_hex_of_any_size(text)


def from_hex_of_any_size(text: str) -> bytes:
    """Raises InvalidInputError."""
    if not _HEX.fullmatch(text):
        raise InvalidInputError("certificate.not_hex")
    return bytes.fromhex(text[2:])


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """RFC 4648 section 4 with padding, and no other spelling of the same bytes; raises InvalidInputError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise InvalidInputError("certificate.not_base64") from error
    if to_base64(data) != text:
        raise InvalidInputError("certificate.not_base64")
    return data
