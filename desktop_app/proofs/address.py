"""Ethereum addresses as text and as 20 bytes (EIP-55 checksums are checked where case is mixed)."""

from __future__ import annotations

import re

from eth_hash.auto import keccak

from desktop_app.core.errors import InvalidInputError

_FORM = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


def address_bytes(text: str) -> bytes:
    """20 bytes of "0x" and 40 hexadecimal digits; raises InvalidInputError for a wrong form or checksum."""
    if not _FORM.fullmatch(text):
        raise InvalidInputError("proofs.not_an_address")
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and checksummed(bytes.fromhex(digits)) != text:
        raise InvalidInputError("proofs.address_checksum")
    return bytes.fromhex(digits)


def checksummed(address: bytes) -> str:
    """The EIP-55 form of a 20-byte address."""
    digits = address.hex()
    nibbles = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit
        for digit, nibble in zip(digits, nibbles, strict=False)
    )
