"""Offers and orders of the KeyEscrow contract, with the ids by which it knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.chain.artifacts import contract_address, load_artifact
from desktop_app.chain.contracts import canonical_type
from desktop_app.chain.wire import ZERO_ADDRESS, checksummed

ESCROW = "KeyEscrow"
PROVED, SEALED = 1, 2
"""How a key is delivered: with a proof that the contract checks, or encrypted by HPKE without one."""
NONE, OPEN, WINDOW, DELIVERED, REFUNDED = range(5)
"""States of an order."""
OVERDUE, DECLINED, COMPLAINT = 1, 2, 3
"""Why an order was refunded."""
_POINT = 128


@dataclass(frozen=True)
class SaleOffer:
    """An offer, fixed for ever.

    `currency` "" is the coin, `price` in its smallest unit; `time_limit` and `window` in seconds (0: no
    complaints); `size` of the content in bytes; `a1` and `a2` 128 bytes, zero if sealed; `document` is
    keccak256 of the licence's text.
    """

    token: str
    seller: str
    currency: str
    price: int
    method: int
    time_limit: int
    window: int
    size: int
    cipher_root: bytes
    plain_root: bytes
    a1: bytes
    a2: bytes
    document: bytes

    def abi(self) -> tuple[Any, ...]:
        """As the contract takes it."""
        return (
            self.token, self.seller, self.currency or ZERO_ADDRESS, self.price, self.method,
            self.time_limit, self.window, self.size, self.cipher_root, self.plain_root,
            point_words(self.a1), point_words(self.a2), self.document,
        )  # fmt: skip

    @property
    def offer_id(self) -> bytes:
        """keccak256(abi.encode(offer)): names every word of it."""
        return _hash([_struct("place_offer")], [self.abi()])

    def encode(self) -> bytes:
        """For keeping; `decode` is the inverse."""
        return _encode([_struct("place_offer")], [self.abi()])

    @classmethod
    def decode(cls, data: bytes) -> SaleOffer:
        return cls.from_abi(_decode(_struct("place_offer"), data))

    @classmethod
    def from_abi(cls, values: Sequence[Any]) -> SaleOffer:
        """The inverse of `abi`, from a decoded event."""
        token, seller, currency, price, method, limit, window, size, cipher, plain, a1, a2, document = values
        return cls(
            _address(token), _address(seller), _currency(currency), price, method, limit, window, size,
            cipher, plain, b"".join(a1), b"".join(a2), document,
        )  # fmt: skip


@dataclass(frozen=True)
class SaleOrder:
    """An order, paid for.

    `deadline` is the last second (Unix) of the delivery; `key` the buyer's one-time key in 128 bytes (B, or
    an X25519 key and zeros).
    """

    offer_id: bytes
    seller: str
    buyer: str
    token: str
    currency: str
    amount: int
    method: int
    deadline: int
    window: int
    a1: bytes
    key: bytes

    def abi(self) -> tuple[Any, ...]:
        """As the contract takes it."""
        return (
            self.offer_id, self.seller, self.buyer, self.token, self.currency or ZERO_ADDRESS, self.amount,
            self.method, self.deadline, self.window, point_words(self.a1), point_words(self.key),
        )  # fmt: skip

    def order_id(self, chain_id: int) -> bytes:
        """keccak256(abi.encode(chain id, escrow, order))."""
        kinds = ["uint256", "address", _struct("refund")]
        return _hash(kinds, [chain_id, contract_address(ESCROW), self.abi()])

    def encode(self) -> bytes:
        """For keeping; `decode` is the inverse."""
        return _encode([_struct("refund")], [self.abi()])

    @classmethod
    def decode(cls, data: bytes) -> SaleOrder:
        return cls.from_abi(_decode(_struct("refund"), data))

    @classmethod
    def from_abi(cls, values: Sequence[Any]) -> SaleOrder:
        """The inverse of `abi`, from a decoded event."""
        offer_id, seller, buyer, token, currency, amount, method, deadline, window, a1, key = values
        return cls(
            offer_id, _address(seller), _address(buyer), _address(token), _currency(currency), amount,
            method, deadline, window, b"".join(a1), b"".join(key),
        )  # fmt: skip


def point_words(point: bytes) -> tuple[bytes, ...]:
    """A point (128 bytes) as `bytes32[4]`."""
    return tuple(point[start : start + 32] for start in range(0, _POINT, 32))


def _currency(address: str) -> str:
    return "" if address == ZERO_ADDRESS else _address(address)


def _address(address: str) -> str:
    return checksummed(address.lower())


def _struct(function: str) -> str:
    """The ABI type of the first argument of a function."""
    for entry in load_artifact(ESCROW).abi:
        if entry["type"] == "function" and entry["name"] == function:
            return canonical_type(entry["inputs"][0])
    raise KeyError(function)


def _encode(kinds: list[str], values: list[Any]) -> bytes:
    from eth_abi.abi import encode

    return encode(kinds, values)


def _decode(kind: str, data: bytes) -> Sequence[Any]:
    from eth_abi.abi import decode

    found: Sequence[Any] = decode([kind], data)[0]
    return found


def _hash(kinds: list[str], values: list[Any]) -> bytes:
    from eth_hash.auto import keccak

    return keccak(_encode(kinds, values))
