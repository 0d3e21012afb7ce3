"""Keys of works for networks that cannot check a delivery: encrypted to the buyer's one-time key, without
proof.

RFC 9180 (HPKE), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from desktop_app.core.errors import CorruptError, InvalidInputError

INFO = b"colophon/v1/sealed-key"
_KEY = 32
_POINT = 128


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def public_key(secret: bytes) -> bytes:
    """The one-time key (32 bytes, then zeros: 128 in all) that belongs to 32 random bytes."""
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return public.ljust(_POINT, b"\0")


def seal_to_buyer(key: bytes, buyer_key: bytes, order_id: bytes) -> bytes:
    """enc (32) || ciphertext (48), for one order. Raises InvalidInputError("selling.buyer_key")."""
    if any(buyer_key[_KEY:]):
        raise InvalidInputError("selling.buyer_key")
    try:
        theirs = X25519PublicKey.from_public_bytes(buyer_key[:_KEY])
        return _suite().encrypt(key, theirs, INFO + order_id)
    except ValueError:
        raise InvalidInputError("selling.buyer_key") from None


def open_sealed(sealed: bytes, secret: bytes, order_id: bytes) -> bytes:
    """The key (32 bytes). Raises CorruptError("selling.sealed_key") for anything else."""
    try:
        found = _suite().decrypt(sealed, X25519PrivateKey.from_private_bytes(secret), INFO + order_id)
    except (InvalidTag, ValueError):
        raise CorruptError("selling.sealed_key") from None
    if len(found) != _KEY:
        raise CorruptError("selling.sealed_key")
    return found
