"""The encrypted package, byte for byte (format version 1): AES-256-GCM in the STREAM construction.

Hoang, Reyhanitabar, Rogaway, Vizar, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance"
(CRYPTO 2015). All numbers are big-endian.

    file    = header (107 bytes) || record 0 || record 1 || ... || record n-1
    header  = magic "CLPHNPK" (7) || version 1 (1) || chunk size 65536 (4) || content size (8)
              || nonce prefix (7, random) || key commitment (32) || sealed salt (48)
    record  = ciphertext of one chunk (its length) || tag (16) || node (32)

Every chunk has 65536 bytes but for the last, which has the rest (1 to 65536); n = ceil(size / 65536).

    nonce (12)      = nonce prefix || record number (4) || flag (1); flag: 0 chunk, 1 last chunk, 2 salt
    sealed salt     = AES-256-GCM(key, nonce with number 0 and flag 2, associated data = the first 59 header
                      bytes) of the work salt
    chunk i         = AES-256-GCM(key, nonce with number i, associated data = header || node i) of the chunk
    key commitment  = SHA-256("keycommit" || key), since GCM alone would open under more than one key

`node i` is the Merkle hash of chunk i in the work's own salted chunk tree (`chunk_tree`). Without the key
anyone sees that the nodes lead to the registered root; with the key, whether each chunk is what its node
promised. The package root is the RFC 9162 root over header and records as leaves.

In a browser, with WebCrypto and nothing else:

    key = await crypto.subtle.importKey("raw", k, "AES-GCM", false, ["decrypt"])
    chunk = await crypto.subtle.decrypt({name: "AES-GCM", iv: nonce, additionalData: header_and_node_i},
                                        key, ciphertext_and_tag_i)
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desktop_app.content.chunk_tree import SALT_SIZE, ChunkTreeHeader, leaf_salt, salted_leaf
from desktop_app.core.errors import BugError, CorruptError, InvalidInputError, RefusedError
from desktop_app.core.merkle import HASH_SIZE, RootBuilder, leaf_hash

VERSION = 1
SALE_VERSION = 2
"""Of packages for sale, which `sale_format` describes."""
MEDIA_TYPE = "application/vnd.colophon.package"
SUFFIX = ".colophon-package"
KEY_SIZE = 32
CHUNK_SIZE = 64 * 1024
TAG_SIZE = 16
OVERHEAD = TAG_SIZE + HASH_SIZE
RECORD_SIZE = CHUNK_SIZE + OVERHEAD
CHUNKS_IN_BLOCK = 64
"""How many chunks are read or written at once, which is no part of the format."""
PREFIX_SIZE = 7
MAGIC = b"CLPHNPK"
_OPEN_PART = struct.Struct(">7sBIQ7s32s")
HEADER_SIZE = _OPEN_PART.size + SALT_SIZE + TAG_SIZE
MAX_CHUNKS = 2**32
_CHUNK, _LAST, _SALT = 0, 1, 2


def key_commitment(key: bytes) -> bytes:
    """SHA-256("keycommit" || key): published, it holds the seller to this one key."""
    if len(key) != KEY_SIZE:
        raise BugError("a content key has 32 bytes")
    return hashlib.sha256(b"keycommit" + key).digest()


@dataclass(frozen=True)
class PackageHeader:
    """What stands at the beginning of a package. `size` is that of the content, in bytes."""

    size: int
    nonce_prefix: bytes
    key_commitment: bytes
    sealed_salt: bytes = field(repr=False)

    @property
    def chunk_count(self) -> int:
        return -(-self.size // CHUNK_SIZE)

    @property
    def package_size(self) -> int:
        """Length of the whole file in bytes."""
        return HEADER_SIZE + self.size + self.chunk_count * OVERHEAD

    def chunk_length(self, index: int) -> int:
        return min(CHUNK_SIZE, self.size - index * CHUNK_SIZE)

    def nonce(self, index: int) -> bytes:
        flag = _LAST if index == self.chunk_count - 1 else _CHUNK
        return self.nonce_prefix + index.to_bytes(4, "big") + bytes([flag])

    def encode(self) -> bytes:
        return self._open_part() + self.sealed_salt

    def _open_part(self) -> bytes:
        return _OPEN_PART.pack(MAGIC, VERSION, CHUNK_SIZE, self.size, self.nonce_prefix, self.key_commitment)

    @classmethod
    def decode(cls, data: bytes) -> PackageHeader:
        """The header from its bytes.

        Raises InvalidInputError "package.not_a_package", "package.for_sale", "package.version"; CorruptError
        "package.header".
        """
        if data[:7] != MAGIC or len(data) < 8:
            raise InvalidInputError("package.not_a_package")
        if data[7] == SALE_VERSION:
            raise InvalidInputError("package.for_sale")
        if data[7] != VERSION:
            raise InvalidInputError("package.version", version=data[7])
        if len(data) != HEADER_SIZE:
            raise CorruptError("package.header")
        _, _, chunk_size, size, prefix, commitment = _OPEN_PART.unpack_from(data)
        if chunk_size != CHUNK_SIZE or not 0 < size <= MAX_CHUNKS * CHUNK_SIZE:
            raise CorruptError("package.header")
        return cls(size, prefix, commitment, data[_OPEN_PART.size :])

    @classmethod
    def seal(cls, key: bytes, size: int, nonce_prefix: bytes, work_salt: bytes) -> PackageHeader:
        """The header of a new package; `nonce_prefix` (7 bytes) never comes twice with the same key."""
        if len(work_salt) != SALT_SIZE or len(nonce_prefix) != PREFIX_SIZE:
            raise BugError("a work salt has 32 bytes, a nonce prefix 7")
        if not 0 < size <= MAX_CHUNKS * CHUNK_SIZE:
            raise InvalidInputError("package.too_large")
        header = cls(size, nonce_prefix, key_commitment(key), b"")
        sealed = AESGCM(key).encrypt(header._salt_nonce(), work_salt, header._open_part())
        return cls(size, nonce_prefix, header.key_commitment, sealed)

    def open_salt(self, key: bytes) -> bytes:
        """The work salt. Raises RefusedError("package.wrong_key") or CorruptError("package.header")."""
        if not hmac.compare_digest(key_commitment(key), self.key_commitment):
            raise RefusedError("package.wrong_key")
        try:
            return AESGCM(key).decrypt(self._salt_nonce(), self.sealed_salt, self._open_part())
        except InvalidTag:
            raise CorruptError("package.header") from None

    def _salt_nonce(self) -> bytes:
        return self.nonce_prefix + bytes(4) + bytes([_SALT])


@dataclass(frozen=True)
class PackageFacts:
    """What is published of a package: it reveals nothing of the content. `size` of the content in bytes.

    `content_root` is the root of the work's chunk tree, `package_root` that over header and records.
    """

    size: int
    key_commitment: bytes
    package_root: bytes
    content_root: bytes


class Roots:
    """Both roots of a package, over records that come in order."""

    def __init__(self, header: PackageHeader) -> None:
        self._header = header
        self._package, self._content = RootBuilder(), RootBuilder()
        self._package.add(leaf_hash(header.encode()))

    def add(self, records: memoryview, leaves: list[bytes]) -> None:
        """Consecutive records with their leaf hashes."""
        for number, leaf in enumerate(leaves, 1):
            end = min(number * RECORD_SIZE, len(records))
            self._package.add(leaf)
            self._content.add(bytes(records[end - HASH_SIZE : end]))

    def facts(self) -> PackageFacts:
        header = self._header
        return PackageFacts(header.size, header.key_commitment, self._package.root(), self._content.root())


class ChunkCipher:
    """Seals and opens the records of one package."""

    def __init__(self, header: PackageHeader, key: bytes) -> None:
        self.header = header
        self._cipher = AESGCM(key)
        self._associated = bytearray(header.encode() + bytes(HASH_SIZE))

    def seal_into(self, index: int, chunk: memoryview, node: bytes, record: memoryview) -> None:
        """Fill `record` (the chunk's length and OVERHEAD bytes)."""
        self._associated[HEADER_SIZE:] = node
        end = len(chunk) + TAG_SIZE
        self._cipher.encrypt_into(self.header.nonce(index), chunk, self._associated, record[:end])
        record[end:] = node

    def open_into(self, index: int, record: memoryview, chunk: memoryview) -> bool:
        """Fill `chunk` and answer True; False for anything but the record of this package at this place."""
        self._associated[HEADER_SIZE:] = record[-HASH_SIZE:]
        try:
            self._cipher.decrypt_into(self.header.nonce(index), record[:-HASH_SIZE], self._associated, chunk)
        except InvalidTag:
            return False
        return True


def content_nodes(work_salt: bytes, tree: ChunkTreeHeader, numbered: tuple[int, memoryview]) -> list[bytes]:
    """The nodes of the chunks in a block, each over the leaves in its chunk. `numbered`: first chunk, block.

    As a chunk holds a power of two of leaves, the root over all nodes is the root of the work's chunk tree.
    """
    first, block = numbered
    leaf_size = tree.leaf_size
    leaves_in_chunk = CHUNK_SIZE // leaf_size
    nodes = []
    for number, place in enumerate(range(0, len(block), CHUNK_SIZE), first):
        chunk = block[place : place + CHUNK_SIZE]
        subtree = RootBuilder()
        for leaf, start in enumerate(range(0, len(chunk), leaf_size), number * leaves_in_chunk):
            subtree.add(salted_leaf(leaf_salt(work_salt, leaf), chunk[start : start + leaf_size]))
        nodes.append(subtree.root())
    return nodes


def record_leaves(block: memoryview) -> list[bytes]:
    """RFC 9162 leaf hashes of the records in `block`."""
    leaves = []
    for place in range(0, len(block), RECORD_SIZE):
        state = hashlib.sha256(b"\x00")
        state.update(block[place : place + RECORD_SIZE])
        leaves.append(state.digest())
    return leaves
