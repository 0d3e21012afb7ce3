"""The encrypted package of a work for sale, byte for byte (package format version 2).

A buyer must be able to show a smart contract that one piece of it is wrong, so that everything is cut into
pieces of 1 KiB, and the contract can decrypt one. All numbers are big-endian.

    file       = header (52 bytes) || record 0 || record 1 || ...
    header     = magic "CLPHNPK" (7) || version 2 (1) || piece size 1024 (4) || content size (8)
                 || key commitment (32)
    record     = ciphertext of one chunk (65536 bytes; the last has the rest)
                 || plain leaf of each piece of it (32)
    ciphertext = AES-256 in counter mode over the whole content; the counter block is the number of the block
                 of 16 bytes, from 0 (NIST SP 800-38A). The key is never used for anything else.

    key commitment = SHA-256("keycommit" || key)
    salt           = SHA-256("colophon/v1/sale-salt" || key)
    plain leaf j   = SHA-256(0x00 || salt (32) || j (8) || plaintext of piece j)
    cipher leaf j  = SHA-256(0x00 || ciphertext of piece j)

The two roots are those of RFC 9162 over the leaves. They, and the content size, are what an offer names;
the header is not under them. A plain leaf is hidden and authenticated by the salt, which only the key gives.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from desktop_app.content.package_format import CHUNK_SIZE, KEY_SIZE, MAGIC, SALE_VERSION, key_commitment
from desktop_app.core.errors import BugError, CorruptError, InvalidInputError
from desktop_app.core.merkle import HASH_SIZE

PIECE_SIZE = 1024
PIECES_IN_CHUNK = CHUNK_SIZE // PIECE_SIZE
RECORD_SIZE = CHUNK_SIZE + PIECES_IN_CHUNK * HASH_SIZE
MAX_SIZE = 2**48
_HEADER = struct.Struct(">7sBIQ32s")
HEADER_SIZE = _HEADER.size
_SALT_TAG = b"colophon/v1/sale-salt"
_BLOCK = 16

_sha256 = hashlib.sha256


@dataclass(frozen=True)
class SaleHeader:
    """What stands at the beginning of a sale package. `size` is that of the content, in bytes."""

    size: int
    key_commitment: bytes

    @property
    def piece_count(self) -> int:
        return -(-self.size // PIECE_SIZE)

    @property
    def chunk_count(self) -> int:
        return -(-self.size // CHUNK_SIZE)

    @property
    def package_size(self) -> int:
        """Length of the whole file in bytes."""
        return HEADER_SIZE + self.size + self.piece_count * HASH_SIZE

    def chunk_length(self, index: int) -> int:
        return min(CHUNK_SIZE, self.size - index * CHUNK_SIZE)

    def encode(self) -> bytes:
        return _HEADER.pack(MAGIC, SALE_VERSION, PIECE_SIZE, self.size, self.key_commitment)

    @classmethod
    def decode(cls, data: bytes) -> SaleHeader:
        """Raises InvalidInputError "package.not_a_package", "package.not_for_sale"; CorruptError
        "package.header"."""
        if data[:7] != MAGIC or len(data) < 8:
            raise InvalidInputError("package.not_a_package")
        if data[7] != SALE_VERSION:
            raise InvalidInputError("package.not_for_sale", version=data[7])
        if len(data) != HEADER_SIZE:
            raise CorruptError("package.header")
        _, _, piece_size, size, commitment = _HEADER.unpack(data)
        if piece_size != PIECE_SIZE or not 0 < size <= MAX_SIZE:
            raise CorruptError("package.header")
        return cls(size, commitment)

    @classmethod
    def of(cls, key: bytes, size: int) -> SaleHeader:
        """The header of a new package. Raises InvalidInputError("package.too_large")."""
        if not 0 < size <= MAX_SIZE:
            raise InvalidInputError("package.too_large")
        return cls(size, key_commitment(key))


@dataclass(frozen=True)
class SaleFacts:
    """What is published of a sale package: it reveals only the size of the content, in bytes."""

    size: int
    key_commitment: bytes
    cipher_root: bytes
    plain_root: bytes


class PieceLeaves:
    """The leaves over the plaintext under one key."""

    def __init__(self, key: bytes) -> None:
        self._prefix = b"\x00" + _sha256(_SALT_TAG + key).digest()

    def of(self, first: int, content: memoryview) -> list[bytes]:
        """Those of consecutive pieces, `first` being the number of the one at the beginning."""
        prefix = self._prefix
        return [
            _sha256(
                b"".join((prefix, number.to_bytes(8, "big"), content[start : start + PIECE_SIZE]))
            ).digest()
            for number, start in enumerate(range(0, len(content), PIECE_SIZE), first)
        ]


def cipher_leaves(ciphertext: memoryview) -> list[bytes]:
    """RFC 9162 leaf hashes of the pieces of a ciphertext."""
    return [
        _sha256(b"".join((b"\x00", ciphertext[start : start + PIECE_SIZE]))).digest()
        for start in range(0, len(ciphertext), PIECE_SIZE)
    ]


def stream(key: bytes, offset: int = 0) -> CipherContext:
    """Encrypts or decrypts the content from `offset` on, a multiple of 16 bytes."""
    if len(key) != KEY_SIZE or offset % _BLOCK:
        raise BugError("a key has 32 bytes, an offset is that of a block")
    return Cipher(AES256(key), CTR((offset // _BLOCK).to_bytes(16, "big"))).encryptor()


def join_leaves(leaves: Sequence[bytes]) -> bytes:
    """As they stand at the end of a record."""
    return b"".join(leaves)


def split_leaves(data: memoryview) -> list[bytes]:
    """The inverse of `join_leaves`."""
    return [bytes(data[start : start + HASH_SIZE]) for start in range(0, len(data), HASH_SIZE)]
