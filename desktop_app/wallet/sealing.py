"""Symmetric protection of the vault and of backups: argon2id (RFC 9106), AES-256-GCM, key commitment.

GCM does not commit to its key, so an HMAC of the key is published and checked before anything is decrypted.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desktop_app.core.errors import CorruptError, InvalidInputError, UnavailableError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 16
MIN_PASSPHRASE = 8
MAX_PASSPHRASE = 1024


@dataclass(frozen=True)
class Argon2Cost:
    """What one guess of the passphrase costs: `memory` in KiB, `passes` over it, `lanes` in parallel.

    The bounds hold for files too, so that a hostile one cannot ask for all memory.
    """

    memory: int = 256 * 1024
    passes: int = 4
    lanes: int = 4

    def __post_init__(self) -> None:
        fits = 1 <= self.passes <= 16 and 1 <= self.lanes <= 16
        if not fits or not 8 * self.lanes <= self.memory <= 1024 * 1024:
            raise InvalidInputError("wallet.argon2_cost")


@dataclass(frozen=True)
class WrappedKey:
    """A key under a passphrase. `check` commits to the passphrase: a wrong one is told apart from damage."""

    cost: Argon2Cost
    salt: bytes
    check: bytes
    nonce: bytes
    wrapped: bytes


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def key_commitment(key: bytes, label: bytes) -> bytes:
    """32 bytes that fit one key only (HMAC-SHA256)."""
    return hmac.digest(key, b"colophon/v1/key-commitment\0" + label, "sha256")


def seal(key: bytes, plain: bytes, bound: bytes) -> tuple[bytes, bytes]:
    """(nonce, ciphertext with tag); `bound` is authenticated with it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """The plaintext, or None when key, nonce, ciphertext or `bound` is not what was sealed."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
    except InvalidTag:
        return None


def check_new_passphrase(passphrase: str | None) -> str:
    """The passphrase, if it is fit to protect a wallet; raises InvalidInputError."""
    if passphrase is None:
        raise InvalidInputError("wallet.passphrase_needed")
    length = len(unicodedata.normalize("NFKC", passphrase))
    if length < MIN_PASSPHRASE:
        raise InvalidInputError("wallet.passphrase_too_short", minimum=MIN_PASSPHRASE)
    _passphrase_bytes(passphrase)
    return passphrase


def wrap_key(passphrase: str, key: bytes, cost: Argon2Cost, label: bytes) -> WrappedKey:
    """`key` protected by `passphrase`, bound to `label`. Takes about a second and 256 MiB."""
    salt = secrets.token_bytes(SALT_BYTES)
    wrapping, check = _stretch(passphrase, salt, cost, label)
    nonce, wrapped = seal(wrapping, key, label)
    return WrappedKey(cost, salt, check, nonce, wrapped)


def unwrap_key(passphrase: str, wrapped: WrappedKey, label: bytes) -> bytes:
    """The key. Raises InvalidInputError("wallet.wrong_passphrase") or CorruptError("wallet.corrupt")."""
    wrapping, check = _stretch(passphrase, wrapped.salt, wrapped.cost, label)
    if not hmac.compare_digest(check, wrapped.check):
        raise InvalidInputError("wallet.wrong_passphrase")
    key = unseal(wrapping, wrapped.nonce, wrapped.wrapped, label)
    if key is None or len(key) != KEY_BYTES:
        raise CorruptError("wallet.corrupt", detail="wrapped key")
    return key


def _stretch(passphrase: str, salt: bytes, cost: Argon2Cost, label: bytes) -> tuple[bytes, bytes]:
    """(wrapping key, published check value) of a passphrase."""
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    secret = _passphrase_bytes(passphrase)
    stretched = None
    with contextlib.suppress(HashingError, MemoryError):
        stretched = hash_secret_raw(
            secret, salt, cost.passes, cost.memory, cost.lanes, 2 * KEY_BYTES, Type.ID
        )
    if stretched is None:
        raise UnavailableError("wallet.not_enough_memory", mebibytes=cost.memory // 1024)
    return stretched[:KEY_BYTES], key_commitment(stretched[KEY_BYTES:], b"passphrase\0" + label)


def _passphrase_bytes(passphrase: str) -> bytes:
    # Raised outside the handler: a UnicodeEncodeError carries the whole passphrase.
    try:
        encoded = unicodedata.normalize("NFKC", passphrase).encode("utf-8")
    except UnicodeEncodeError:
        encoded = b""
    if not encoded or len(encoded) > MAX_PASSPHRASE:
        raise InvalidInputError("wallet.passphrase_unusable", maximum=MAX_PASSPHRASE)
    return encoded
