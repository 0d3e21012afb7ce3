"""A payment that was signed and not sent: a file that anyone may send, once, and that nobody can change."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from desktop_app.chain.authorizations import nonce_of
from desktop_app.chain.wire import parse_address
from desktop_app.core.clock import LAST_TIME
from desktop_app.core.errors import ColophonError, InvalidInputError, UnavailableError
from desktop_app.wallet.durable import replace_file

_HEAD = {"format": "colophon-payment", "version": 1}
_MOST_BYTES = 10_000
_HEX = re.compile(r"0x[0-9a-f]+")
_BYTES = {"memo": 32, "salt": 32, "signature": 65}
_NUMBERS = {"chain_id": 2**63, "units": 2**256, "valid_before": LAST_TIME}


@dataclass(frozen=True)
class SignedPayment:
    """The payer's word (EIP-3009, ReceiveWithAuthorization) that a royalty token may take `units` of a
    currency before `valid_before` (Unix time in seconds), for a payment with this memo.

    `sent_in` is the transaction in which this app has sent it, "" before; what counts is the network.
    """

    chain_id: int
    token: str
    currency: str
    payer: str
    units: int
    memo: bytes
    valid_before: int
    salt: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    sent_in: str = ""

    @property
    def nonce(self) -> bytes:
        """What the currency remembers as used."""
        return nonce_of(self.memo, self.salt)

    def to_json(self) -> str:
        values = dict(vars(self))
        values.update({name: "0x" + values[name].hex() for name in _BYTES})
        values["units"] = str(self.units)
        return json.dumps({**_HEAD, **values}, indent=2) + "\n"

    @classmethod
    def from_json(cls, data: str) -> SignedPayment:
        """Raises InvalidInputError `royalties.no_signed_payment`."""
        try:
            return _read(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ColophonError) as problem:
            raise InvalidInputError("royalties.no_signed_payment") from problem


def _read(found: dict[str, Any]) -> SignedPayment:
    if {name: found.pop(name) for name in _HEAD} != _HEAD:
        raise ValueError("another format")
    if not (isinstance(found["units"], str) and found["units"].isascii() and found["units"].isdigit()):
        raise ValueError("units")
    if len(found["units"]) > 78:
        raise ValueError("units")
    found["units"] = int(found["units"])
    for name, size in _BYTES.items():
        if _HEX.fullmatch(found[name]) is None:
            raise ValueError(name)
        found[name] = bytes.fromhex(found[name][2:])
        if len(found[name]) != size:
            raise ValueError(name)
    for name, limit in _NUMBERS.items():
        if type(found[name]) is not int or not 0 < found[name] < limit:
            raise ValueError(name)
    for name in ("token", "currency", "payer"):
        found[name] = parse_address(found[name])
    if not isinstance(found["sent_in"], str) or len(found["sent_in"]) > 66:
        raise ValueError("sent_in")
    return SignedPayment(**found)


def read_payment(path: Path) -> SignedPayment:
    """Raises InvalidInputError `royalties.no_signed_payment` for a file that is none."""
    try:
        with path.open(encoding="utf-8") as file:
            return SignedPayment.from_json(file.read(_MOST_BYTES))
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidInputError("royalties.no_signed_payment") from problem


def write_payment(payment: SignedPayment, path: Path) -> None:
    """Whole or not at all. Raises InvalidInputError `royalties.cannot_write`."""
    try:
        replace_file(path, payment.to_json().encode())
    except (OSError, UnavailableError) as problem:
        raise InvalidInputError("royalties.cannot_write", path=str(path)) from problem


def mark_sent(path: Path, tx_hash: str) -> None:
    """Write into the file of a payment that it was sent; a file that cannot be written stays as it is, since
    the network refuses a second time anyway."""
    try:
        write_payment(replace(read_payment(path), sent_in=tx_hash), path)
    except InvalidInputError:
        return
