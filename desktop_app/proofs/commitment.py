"""The commitment to a work, C = m*G0 + k*G1 + r*H, and how its three secrets come about.

m stands for the content, k for the owner, r hides both. Hashing to scalars and points after RFC 9380,
keys by HKDF-SHA256 (RFC 5869). Pure functions: the wallet holds the seed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Generic

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from eth_hash.auto import keccak

from desktop_app.core.errors import BugError
from desktop_app.proofs.group import ORDER, Group, P, check_scalar, default_group

GENERATORS_DST = b"COLOPHON-V01-GENERATORS-BLS12381G1_XMD:SHA-256_SSWU_RO_"
CONTENT_DST = b"COLOPHON-V01-CONTENT"
OWNER_KEY_INFO = b"colophon/v1/owner-key"
BLINDING_INFO = b"colophon/v1/blinding"

ROOT_SIZE = 32
SEED_SIZE = 64
SALT_SIZE = 32
ADDRESS_SIZE = 20
_WIDE = 48
"""Bytes that are reduced to one scalar: 16 more than it has, so that the bias is below 2^-128."""


@dataclass(frozen=True)
class Generators(Generic[P]):
    content: P
    owner: P
    blinding: P


@dataclass(frozen=True, repr=False)
class Opening:
    """The secret inside of a commitment: scalars, none of them zero."""

    content: int
    owner: int
    blinding: int

    def __post_init__(self) -> None:
        for scalar in self.scalars():
            _not_zero(check_scalar(scalar))

    def scalars(self) -> tuple[int, int, int]:
        """(m, k, r), the order of every relation and of the registration proof."""
        return self.content, self.owner, self.blinding

    def __repr__(self) -> str:
        return "Opening(...)"


@cache
def generators(group: Group[P]) -> Generators[P]:
    """G0, G1 and H: nobody knows a relation between them."""
    return Generators(*(group.hash_to_curve(name, GENERATORS_DST) for name in (b"G0", b"G1", b"H")))


def commit(opening: Opening, group: Group[P] | None = None) -> P:
    """The point C."""
    chosen: Group[P] = group or default_group()
    base = generators(chosen)
    return chosen.msm([base.content, base.owner, base.blinding], opening.scalars())


def commitment_id(commitment: bytes) -> bytes:
    """Keccak-256 of the 128-byte encoding of C: the key of its record on the chain."""
    return bytes(keccak(commitment))


def content_scalar(root: bytes, size: int) -> int:
    """m from the chunk-tree root (32 bytes) and the size of the work in bytes."""
    _check_length(root, ROOT_SIZE)
    return hash_to_scalar(root + size.to_bytes(8, "big"), CONTENT_DST)


def owner_key(seed: bytes) -> int:
    """k from the wallet's BIP-39 seed (64 bytes): the same for all works of a wallet."""
    _check_length(seed, SEED_SIZE)
    return _derive(seed, b"", OWNER_KEY_INFO)


def blinding(seed: bytes, record_salt: bytes, chain_id: int, registry: bytes) -> int:
    """r from seed (64 bytes), the record's random salt (32 bytes) and the Registry (20-byte address)."""
    _check_length(seed, SEED_SIZE)
    _check_length(record_salt, SALT_SIZE)
    _check_length(registry, ADDRESS_SIZE)
    return _derive(seed, record_salt, BLINDING_INFO + chain_id.to_bytes(32, "big") + registry)


def hash_to_scalar(message: bytes, dst: bytes) -> int:
    """RFC 9380 hash_to_field towards the scalar field: one element of 48 expanded bytes, big-endian."""
    return _not_zero(int.from_bytes(expand_message_xmd(message, dst, _WIDE), "big") % ORDER)


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 section 5.3.1 with SHA-256."""
    blocks = -(-length // 32)
    if blocks > 255 or length > 65535 or len(dst) > 255:
        raise BugError("out of the range of expand_message_xmd")
    suffix = dst + bytes([len(dst)])
    first = hashlib.sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + suffix).digest()
    block = hashlib.sha256(first + b"\1" + suffix).digest()
    out = block
    for i in range(2, blocks + 1):
        mixed = bytes(a ^ b for a, b in zip(first, block, strict=True))
        block = hashlib.sha256(mixed + bytes([i]) + suffix).digest()
        out += block
    return out[:length]


def _derive(seed: bytes, salt: bytes, info: bytes) -> int:
    wide = HKDF(SHA256(), _WIDE, salt, info).derive(seed)
    return _not_zero(int.from_bytes(wide, "big") % ORDER)


def _not_zero(scalar: int) -> int:
    if scalar == 0:
        raise BugError("a secret scalar is zero")
    return scalar


def _check_length(data: bytes, size: int) -> None:
    if len(data) != size:
        raise BugError(f"expected {size} bytes, got {len(data)}")
