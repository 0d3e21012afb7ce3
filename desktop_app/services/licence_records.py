"""Licences as they stand on a network, and the licensee's signed word about plays."""

from __future__ import annotations

import json
from dataclasses import dataclass

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import LICENCES
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.licence_terms import LicenceKind, duration_in_words, what_in_words

_VOUCHER = {"format": "colophon-plays", "version": 1}


@dataclass(frozen=True)
class Offer:
    """Terms on which licences of a work are or were sold. `text` where the app knows it by its hash."""

    token: str
    version: int
    kind: LicenceKind
    price: Amount
    duration: int
    data_root: bytes
    document: bytes
    is_open: bool
    licensor: str
    terms_hash: bytes
    uri: str = ""
    text: str = ""

    @property
    def in_words(self) -> str:
        return what_in_words(self.kind, 1, self.data_root)

    @property
    def duration_in_words(self) -> str:
        return duration_in_words(self.duration)


@dataclass(frozen=True)
class Licence:
    """A licence that was sold. Times are Unix seconds, `expires_at` 0: never; `expired` by this computer."""

    id: int
    licensee: str
    token: str
    version: int
    kind: LicenceKind
    quantity: int
    used: int
    bought_at: int
    expires_at: int
    data_root: bytes
    document: bytes
    expired: bool

    @property
    def in_words(self) -> str:
        return what_in_words(self.kind, self.quantity, self.data_root)


@dataclass(frozen=True)
class Purchase:
    """`licence` as bought, with `paid` and the fee of the last transaction."""

    tx_hash: str
    licence: Licence
    paid: Amount
    fee: Amount


@dataclass(frozen=True)
class Voucher:
    """The licensee's word that `total` plays are used, signed (EIP-712); only the newest one counts."""

    chain_id: int
    contract: str
    licence: int
    total: int
    signature: bytes

    def to_json(self) -> str:
        values = {**vars(self), "signature": "0x" + self.signature.hex()}
        return json.dumps({**_VOUCHER, **values}, indent=2) + "\n"

    @classmethod
    def from_json(cls, data: str) -> Voucher:
        """Raises InvalidInputError `licence.no_voucher`."""
        try:
            found = json.loads(data)
            if {name: found.pop(name) for name in _VOUCHER} != _VOUCHER:
                raise ValueError
            signature = bytes.fromhex(found.pop("signature").removeprefix("0x"))
            voucher = cls(signature=signature, **found)
            right = all(type(each) is int for each in (voucher.chain_id, voucher.licence, voucher.total))
            if not right or not isinstance(voucher.contract, str):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise InvalidInputError("licence.no_voucher") from problem
        return voucher


def plays_message(chain_id: int, licence_id: int, total: int) -> dict[str, object]:
    """EIP-712: domain "Colophon Licences", version "1"; type Plays(uint256 licence,uint256 total)."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Plays": [{"name": "licence", "type": "uint256"}, {"name": "total", "type": "uint256"}],
        },
        "primaryType": "Plays",
        "domain": {
            "name": "Colophon Licences",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": contract_address(LICENCES),
        },
        "message": {"licence": licence_id, "total": total},
    }
