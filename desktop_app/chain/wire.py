"""The hex encodings of Ethereum's JSON-RPC (execution-apis, "Hex value encoding"), read strictly.

A node is a stranger: whatever does not have the promised form raises UnavailableError `chain.bad_answer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from desktop_app.core.errors import InvalidInputError, UnavailableError

Json = Any
"""A value as `json.loads` makes it."""

ZERO_ADDRESS = "0x" + "00" * 20

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def bad_answer(what: str) -> UnavailableError:
    """The error for an answer of the wrong form; `what` names the part, e.g. "block.number"."""
    return UnavailableError("chain.bad_answer", what=what)


def to_quantity(value: int) -> str:
    """0x-prefixed hex without leading zeros."""
    return hex(value)


def to_data(value: bytes) -> str:
    """0x-prefixed hex, two digits a byte."""
    return "0x" + value.hex()


def quantity(value: Json, what: str = "quantity") -> int:
    """An unsigned integer below 2**256 from its wire form."""
    if not isinstance(value, str) or _QUANTITY.fullmatch(value) is None:
        raise bad_answer(what)
    return int(value, 16)


def data(value: Json, size: int | None = None, what: str = "data") -> bytes:
    """Bytes from their wire form, of exactly `size` bytes when given."""
    if not isinstance(value, str) or _DATA.fullmatch(value) is None:
        raise bad_answer(what)
    raw = bytes.fromhex(value[2:])
    if size is not None and len(raw) != size:
        raise bad_answer(what)
    return raw


def mapping(value: Json, what: str) -> Mapping[str, Json]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise bad_answer(what)
    return value


def items(value: Json, what: str) -> list[Json]:
    """A JSON array."""
    if not isinstance(value, list):
        raise bad_answer(what)
    return value


def address(value: Json, what: str = "address") -> str:
    """A checksummed address from a node's answer."""
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise bad_answer(what)
    return checksummed(value.lower())


@lru_cache(maxsize=4096)
def checksummed(lower: str) -> str:
    """The EIP-55 form of an address in lower-case hex."""
    from eth_hash.auto import keccak

    digits = lower[2:]
    nibbles = keccak(digits.encode()).hex()
    return "0x" + "".join(c.upper() if int(n, 16) > 7 else c for c, n in zip(digits, nibbles, strict=False))


def address_of(raw: bytes) -> str:
    """The checksummed address of 20 bytes."""
    return checksummed(to_data(raw))


def parse_address(text: str) -> str:
    """A checksummed address from what a person typed.

    All-lower and all-upper case are taken; mixed case must be a right EIP-55 checksum, since a wrong one is a
    typing error. Raises InvalidInputError.
    """
    cleaned = text.strip()
    if _ADDRESS.fullmatch(cleaned) is None:
        raise InvalidInputError("chain.not_an_address", text=cleaned[:80])
    digits = cleaned[2:]
    right = checksummed(cleaned.lower())
    if digits not in (digits.lower(), digits.upper()) and cleaned != right:
        raise InvalidInputError("chain.address_checksum", text=cleaned)
    return right
