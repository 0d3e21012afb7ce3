"""The delivery of a content key that the KeyEscrow contract checks: verifiable ElGamal encryption.

The seller publishes A1 = a*G and A2 = S + a*H. A buyer posts B = b*G. The delivery is V = a*(H + B), so
that the buyer finds S = A2 - V + b*A1, and the key of the package is SHA-256("colophon/v1/sale-key" || S).
One randomness serves all buyers (Kurosawa, PKC 2002). The proof says that A1 and V have the same logarithm
to G and H + B (Chaum and Pedersen, CRYPTO '92), under a Keccak-256 suite:

challenge = keccak256(tag || chain id || escrow || sender || order id || A1 || H + B || V || T1 || T2) mod r,
all packed, numbers in 32 bytes, points in the 128-byte form of EIP-2537.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache

from eth_hash.auto import keccak

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.commitment import GENERATORS_DST, hash_to_scalar
from desktop_app.proofs.group import CHAIN_POINT_SIZE, ORDER, Group, P, check_scalar, default_group
from desktop_app.proofs.sigma_protocol import NonceSource, hedged_nonces

TAG = keccak(b"colophon/v1/deliver/keccak256/bls12381")
SEED_SIZE = 32
SHARED_DST = b"colophon/v1/sale-secret/shared"
MASK_DST = b"colophon/v1/sale-secret/mask"
ONE_TIME_DST = b"colophon/v1/one-time-key"
KEY_TAG = b"colophon/v1/sale-key"


@dataclass(frozen=True)
class SaleSecret:
    """What the seller keeps of a package: the logarithm s of S = s*G, and the mask a."""

    shared: int = field(repr=False)
    mask: int = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> SaleSecret:
        """From 32 random bytes, fresh for every package."""
        if len(seed) != SEED_SIZE:
            raise BugError("a sale seed has 32 bytes")
        return cls(hash_to_scalar(seed, SHARED_DST), hash_to_scalar(seed, MASK_DST))


@dataclass(frozen=True)
class Lock:
    """A1 and A2, published with the offer; 128 bytes each."""

    a1: bytes
    a2: bytes


@dataclass(frozen=True)
class Delivery:
    """What `KeyEscrow.deliver` takes: the point V (128 bytes), the challenge and the response."""

    point: bytes
    challenge: int
    response: int


@cache
def second_base(group: Group[P]) -> P:
    """H, whose logarithm to G nobody knows."""
    return group.hash_to_curve(b"KeyEscrow H", GENERATORS_DST)


def content_key(secret: SaleSecret, *, group: Group[P] | None = None) -> bytes:
    """The key of the package (32 bytes) that `secret` sells."""
    chosen: Group[P] = group or default_group()
    return _key(chosen, chosen.multiply(chosen.generator(), secret.shared))


def lock(secret: SaleSecret, *, group: Group[P] | None = None) -> Lock:
    """What holds the seller to this key and hides it."""
    chosen: Group[P] = group or default_group()
    base, second = chosen.generator(), second_base(chosen)
    return Lock(
        chosen.encode_for_chain(chosen.multiply(base, secret.mask)),
        chosen.encode_for_chain(chosen.msm([base, second], [secret.shared, secret.mask])),
    )


def one_time_secret(seed: bytes) -> int:
    """b from 32 bytes that are used for one order only."""
    if len(seed) != SEED_SIZE:
        raise BugError("a one-time seed has 32 bytes")
    return hash_to_scalar(seed, ONE_TIME_DST)


def one_time_key(secret: int, *, group: Group[P] | None = None) -> bytes:
    """B = b*G in 128 bytes."""
    chosen: Group[P] = group or default_group()
    return chosen.encode_for_chain(chosen.multiply(chosen.generator(), check_scalar(secret)))


def make(
    chain_id: int,
    escrow: str,
    sender: str,
    order_id: bytes,
    secret: SaleSecret,
    buyer_key: bytes,
    *,
    group: Group[P] | None = None,
    nonces: NonceSource = hedged_nonces,
) -> Delivery:
    """The delivery to the holder of `buyer_key` (B, 128 bytes), for one sender ("0x...") and one order.

    Raises InvalidInputError unless B is a canonical point of the group, not the identity.
    """
    chosen: Group[P] = group or default_group()
    base = chosen.generator()
    theirs = chosen.add(second_base(chosen), chosen.decode_from_chain(buyer_key))
    first = chosen.encode_for_chain(chosen.multiply(base, secret.mask))
    point = chosen.encode_for_chain(chosen.multiply(theirs, secret.mask))
    context = _context(chain_id, escrow, sender, order_id)
    statement = context + first + chosen.encode_for_chain(theirs) + point
    while True:  # the contract refuses challenge 0, which comes once in 2^255 times
        (nonce,) = nonces(TAG, statement, (secret.mask,))
        masks = [chosen.encode_for_chain(chosen.multiply(one, nonce)) for one in (base, theirs)]
        challenge = _challenge(statement, masks)
        if challenge:
            return Delivery(point, challenge, (nonce + challenge * secret.mask) % ORDER)


def verify(
    chain_id: int,
    escrow: str,
    sender: str,
    order_id: bytes,
    a1: bytes,
    buyer_key: bytes,
    delivery: Delivery,
    *,
    group: Group[P] | None = None,
) -> bool:
    """What the contract checks, in Python. False for any malformed proof or point.

    Raises InvalidInputError where an address is malformed.
    """
    chosen: Group[P] = group or default_group()
    context = _context(chain_id, escrow, sender, order_id)
    try:
        theirs = chosen.add(second_base(chosen), chosen.decode_from_chain(buyer_key))
        first, point = chosen.decode_from_chain(a1), chosen.decode_from_chain(delivery.point)
        challenge, response = check_scalar(delivery.challenge), check_scalar(delivery.response)
        if challenge == 0:
            return False
        weights = [response, ORDER - challenge]
        masks = [
            chosen.encode_for_chain(chosen.msm(list(points), weights))
            for points in ((chosen.generator(), first), (theirs, point))
        ]
        statement = context + a1 + chosen.encode_for_chain(theirs) + delivery.point
    except InvalidInputError:
        return False
    return challenge == _challenge(statement, masks)


def open_delivery(sale: Lock, point: bytes, secret: int, *, group: Group[P] | None = None) -> bytes:
    """The key of the package (32 bytes) from the delivered V (128 bytes) and the buyer's b.

    Raises InvalidInputError for what is no point.
    """
    chosen: Group[P] = group or default_group()
    a1, a2, v = map(chosen.decode_from_chain, (sale.a1, sale.a2, point))
    return _key(chosen, chosen.msm([a2, v, a1], [1, ORDER - 1, check_scalar(secret)]))


def _key(group: Group[P], shared: P) -> bytes:
    # A crook can lock S = the identity, which EIP-2537 writes as zeros: the contract has a key for it, and
    # whoever had none could not complain.
    encoded = bytes(CHAIN_POINT_SIZE) if group.is_identity(shared) else group.encode_for_chain(shared)
    return hashlib.sha256(KEY_TAG + encoded).digest()


def _context(chain_id: int, escrow: str, sender: str, order_id: bytes) -> bytes:
    if len(order_id) != 32:
        raise BugError("an order id has 32 bytes")
    return TAG + chain_id.to_bytes(32, "big") + address_bytes(escrow) + address_bytes(sender) + order_id


def _challenge(statement: bytes, masks: list[bytes]) -> int:
    return int.from_bytes(keccak(statement + b"".join(masks)), "big") % ORDER
