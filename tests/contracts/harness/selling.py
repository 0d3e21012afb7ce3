"""A work for sale at the KeyEscrow: its package in memory, offers, orders, deliveries and complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from desktop_app.content.sale_format import PIECE_SIZE, PieceLeaves, cipher_leaves, stream
from desktop_app.core.merkle import inclusion_path, merkle_root
from desktop_app.proofs.key_delivery import Lock, SaleSecret, content_key, lock, make, one_time_key
from harness.evm import CHAIN_ID, NATIVE, Contract, Receipt
from harness.world import CREATOR, PAYER, World

PROVED, SEALED = 1, 2
NONE, OPEN, WINDOW, DELIVERED, REFUNDED = range(5)
OVERDUE, DECLINED, COMPLAINT = 1, 2, 3
LIMIT = 86_400
DOCUMENT = keccak(b"For your own ears")
OFFER = (
    "(address,address,address,uint256,uint256,uint256,uint256,uint256,bytes32,bytes32,"
    "bytes32[4],bytes32[4],bytes32)"
)
ORDER = (
    "(bytes32,address,address,address,address,uint256,uint256,uint256,uint256,bytes32[4],bytes32[4])"
)
NO_POINT = (bytes(32),) * 4


def words(point: bytes) -> tuple[bytes, ...]:
    """A point (128 bytes) as the contract takes it."""
    return tuple(point[start : start + 32] for start in range(0, 128, 32))


@dataclass(frozen=True)
class Work:
    """Content under a secret of its own; `garbage` are pieces whose promised plaintext is another."""

    secret: SaleSecret
    content: bytes = field(repr=False)
    garbage: tuple[int, ...] = ()

    @property
    def key(self) -> bytes:
        return content_key(self.secret)

    @property
    def lock(self) -> Lock:
        return lock(self.secret)

    @property
    def ciphertext(self) -> bytes:
        return stream(self.key).update(self.content)

    @property
    def cipher_leaves(self) -> list[bytes]:
        return cipher_leaves(memoryview(self.ciphertext))

    @property
    def plain_leaves(self) -> list[bytes]:
        leaves = PieceLeaves(self.key).of(0, memoryview(self.content))
        for index in self.garbage:
            leaves[index] = keccak(leaves[index])
        return leaves

    def evidence(self, index: int) -> tuple[Any, ...]:
        """Index, piece, path, promised leaf and path, as `complain` takes them."""
        piece = self.ciphertext[index * PIECE_SIZE : (index + 1) * PIECE_SIZE]
        plain = self.plain_leaves
        path = inclusion_path(self.cipher_leaves, index)
        return index, piece, path, plain[index], inclusion_path(plain, index)


def a_work(number: int = 1, size: int = 5_000, garbage: Iterable[int] = ()) -> Work:
    """A work with a secret that follows from its number."""
    content = (keccak(b"%d" % number) * (size // 32 + 1))[:size]
    return Work(SaleSecret.from_seed(keccak(b"seed %d" % number)), content, tuple(garbage))


@dataclass(frozen=True)
class Placed:
    """An order as the contract keeps it, with the buyer's secret."""

    offer: tuple[Any, ...]
    fields: tuple[Any, ...]
    id: bytes
    secret: int = field(repr=False)


class Shop:
    """Sells works of CREATOR through one royalty token."""

    def __init__(self, world: World, token: Contract) -> None:
        self.world, self.token, self.escrow = world, token, world.escrow

    def terms(self, work: Work, **changes: Any) -> tuple[Any, ...]:
        """The fields of an offer."""
        method = changes.get("method", PROVED)
        locked = work.lock
        fields = {
            "token": self.token.address,
            "seller": CREATOR,
            "currency": NATIVE,
            "price": 1000,
            "method": method,
            "time_limit": LIMIT,
            "window": 0,
            "size": len(work.content),
            "cipher_root": merkle_root(work.cipher_leaves),
            "plain_root": merkle_root(work.plain_leaves),
            "a1": words(locked.a1) if method == PROVED else NO_POINT,
            "a2": words(locked.a2) if method == PROVED else NO_POINT,
            "document": DOCUMENT,
            **changes,
        }
        return tuple(fields.values())

    def place(self, work: Work, sender: str = CREATOR, **changes: Any) -> tuple[Any, ...]:
        """An open offer."""
        offer = self.terms(work, **changes)
        self.escrow.send("place_offer", offer, sender=sender)
        return offer

    def order(
        self,
        offer: tuple[Any, ...],
        buyer: str = PAYER,
        secret: int = 77,
        key: tuple[bytes, ...] | None = None,
        value: int | None = None,
    ) -> Placed:
        """Pay for an offer."""
        currency, price = offer[2], offer[3]
        if currency == NATIVE:
            self.world.evm.fund(buyer, price if value is None else value)
        elif currency == self.world.dollar.address:
            self.world.dollars(buyer, price, self.escrow.address)
        sent = price if currency == NATIVE and value is None else value or 0
        receipt = self.escrow.send(
            "order", offer, key or words(one_time_key(secret)), sender=buyer, value=sent
        )
        return self.placed(offer, receipt, secret)

    def placed(self, offer: tuple[Any, ...], receipt: Receipt, secret: int) -> Placed:
        """The order that a receipt tells of."""
        ((name, event),) = self.escrow.events(receipt)
        assert name == "Ordered"
        return Placed(offer, event["order"], event["order_id"], secret)

    def proof(self, work: Work, order: Placed, sender: str = CREATOR, **changes: Any) -> tuple[Any, ...]:
        """V, challenge and response for an order."""
        how = {"chain_id": CHAIN_ID, "escrow": self.escrow.address, "order_id": order.id, **changes}
        made = make(sender=sender, secret=work.secret, buyer_key=b"".join(order.fields[10]), **how)
        return words(made.point), made.challenge, made.response

    def deliver(self, work: Work, order: Placed, sender: str = CREATOR, **changes: Any) -> Receipt:
        """Deliver the right key."""
        proof = self.proof(work, order, sender, **changes)
        return self.escrow.send("deliver", order.fields, *proof, sender=sender)

    def state(self, order: Placed) -> int:
        """NONE to REFUNDED."""
        return int(self.escrow.call("state", order.id)[0])


def offer_id(offer: tuple[Any, ...]) -> bytes:
    """As documented."""
    return keccak(encode([OFFER], [offer]))


def order_id(escrow: str, order: tuple[Any, ...], chain_id: int = CHAIN_ID) -> bytes:
    """As documented."""
    return keccak(encode(["uint256", "address", ORDER], [chain_id, escrow, order]))
