"""Keys of encrypted packages, sealed under the wallet: AES-256-GCM with a key that follows from its seed."""

from __future__ import annotations

from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop_app.core.errors import CorruptError

_INFO = b"colophon/content-keys"
_NONCE_SIZE = 12


def seal_key(seed: bytes, key: bytes, commitment: bytes) -> bytes:
    """`key` (32 bytes), bound to its published commitment: nonce (12) || ciphertext || tag (16)."""
    nonce = token_bytes(_NONCE_SIZE)
    return nonce + _cipher(seed).encrypt(nonce, key, commitment)


def open_key(seed: bytes, sealed: bytes, commitment: bytes) -> bytes:
    """Raises CorruptError("package.key_sealed_elsewhere") under another wallet or for changed bytes."""
    try:
        return _cipher(seed).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], commitment)
    except InvalidTag:
        raise CorruptError("package.key_sealed_elsewhere") from None


def _cipher(seed: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, _INFO).derive(seed))
