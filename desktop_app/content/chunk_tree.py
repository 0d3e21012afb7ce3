"""The salted chunk tree: a root that hides the content, and excerpts that open no more than themselves.

An RFC 9162 tree (SHA-256) whose leaf i is `salt_i || chunk_i`, salt_i = HMAC-SHA256(work salt, i)[:16] with
i as 8 bytes big-endian (design, section 4).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.core.leaf_size import leaf_size_of
from desktop_app.core.merkle import RootBuilder, inclusion_paths, verify_inclusion

VERSION = 1
SALT_SIZE = 32
LEAF_SALT_SIZE = 16

_HEADER = struct.Struct(">7sBIQ")
_MAGIC = b"CLPHNCT"
_MAX_SIZE = 2**63 - 1


@dataclass(frozen=True)
class ChunkTreeHeader:
    """What must be known of a tree besides its root. `size` and `leaf_size` in bytes."""

    size: int
    leaf_size: int
    version: int = VERSION

    @classmethod
    def for_size(cls, size: int) -> ChunkTreeHeader:
        """The header that version 1 prescribes for a file of `size` bytes (at least one)."""
        header = cls(size, leaf_size_of(size))
        header.check()
        return header

    def check(self) -> None:
        """Raise InvalidInputError("content.chunk_tree_header") unless version 1 prescribes just this.

        The leaf size follows from the size, so that committing to root and size commits to it as well.
        """
        fits = self.leaf_size == leaf_size_of(self.size)
        if self.version != VERSION or not 0 < self.size <= _MAX_SIZE or not fits:
            raise InvalidInputError("content.chunk_tree_header")

    @property
    def leaf_count(self) -> int:
        return -(-self.size // self.leaf_size)

    def chunk_length(self, index: int) -> int:
        """Bytes of chunk `index`: the leaf size, but for the last chunk."""
        return min(self.leaf_size, self.size - index * self.leaf_size)

    def encode(self) -> bytes:
        """20 bytes: "CLPHNCT", version (1 byte), leaf size (4), size (8), big-endian."""
        return _HEADER.pack(_MAGIC, self.version, self.leaf_size, self.size)

    @classmethod
    def decode(cls, data: bytes) -> ChunkTreeHeader:
        """Raises InvalidInputError("content.chunk_tree_header") for anything that `encode` does not give."""
        if len(data) != _HEADER.size:
            raise InvalidInputError("content.chunk_tree_header")
        magic, version, leaf_size, size = _HEADER.unpack(data)
        if magic != _MAGIC:
            raise InvalidInputError("content.chunk_tree_header")
        header = cls(size, leaf_size, version)
        header.check()
        return header


def leaf_salt(work_salt: bytes, index: int) -> bytes:
    """16 bytes that hide chunk `index`; giving one away tells nothing about the others."""
    return hmac.digest(work_salt, index.to_bytes(8, "big"), "sha256")[:LEAF_SALT_SIZE]


def salted_leaf(salt: bytes, chunk: bytes | memoryview) -> bytes:
    """Leaf hash over `salt || chunk`."""
    state = hashlib.sha256(b"\x00" + salt)
    state.update(chunk)
    return state.digest()


class ChunkTreeBuilder:
    """The root over a file that is fed block by block, in constant memory.

    `on_leaf` receives every leaf hash in order. Fastest with blocks of a multiple of the leaf size.
    """

    def __init__(self, work_salt: bytes, size: int, on_leaf: Callable[[bytes], None] | None = None) -> None:
        if len(work_salt) != SALT_SIZE:
            raise BugError("a work salt has 32 bytes")
        self.header = ChunkTreeHeader.for_size(size)
        self._salt = work_salt
        self._tree = RootBuilder()
        self._partial = bytearray()
        self._fed = 0
        self._on_leaf = on_leaf

    def update(self, block: bytes | bytearray | memoryview) -> None:
        """Feed the next bytes, in pieces of any length."""
        view = memoryview(block)
        self._fed += len(view)
        leaf_size, start = self.header.leaf_size, 0
        if self._partial:
            start = leaf_size - len(self._partial)
            self._partial += view[:start]
            if len(self._partial) < leaf_size:
                return
            self._add(bytes(self._partial))
            self._partial.clear()
        whole = start + (len(view) - start) // leaf_size * leaf_size
        for place in range(start, whole, leaf_size):
            self._add(view[place : place + leaf_size])
        self._partial += view[whole:]

    def _add(self, chunk: bytes | memoryview) -> None:
        leaf = salted_leaf(leaf_salt(self._salt, self._tree.size), chunk)
        self._tree.add(leaf)
        if self._on_leaf is not None:
            self._on_leaf(leaf)

    def root(self) -> bytes:
        """The root, once all `size` bytes have been fed."""
        if self._fed != self.header.size:
            raise BugError(f"{self._fed} bytes of {self.header.size}")
        if self._partial:
            self._add(bytes(self._partial))
            self._partial.clear()
        return self._tree.root()


@dataclass(frozen=True)
class Excerpt:
    """Chunks `first`, `first + 1`, ... of a file with what is needed to check them against its root."""

    header: ChunkTreeHeader
    first: int
    chunks: tuple[bytes, ...] = field(repr=False)
    salts: tuple[bytes, ...] = field(repr=False)
    paths: tuple[tuple[bytes, ...], ...] = field(repr=False)

    @property
    def offset(self) -> int:
        """Where the excerpt begins in the file, in bytes."""
        return self.first * self.header.leaf_size

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks)


def open_excerpt(blocks: Iterable[bytes], work_salt: bytes, size: int, first: int, count: int) -> Excerpt:
    """Chunks `first` to `first + count - 1` of the file of `size` bytes that `blocks` yields in full.

    Memory: the excerpt, and 32 bytes for each leaf of the file. Raises
    InvalidInputError("content.excerpt_range") when the file has no such chunks.
    """
    header = ChunkTreeHeader.for_size(size)
    if first < 0 or count < 1 or first + count > header.leaf_count:
        raise InvalidInputError("content.excerpt_range", first=first, count=count, chunks=header.leaf_count)
    leaves: list[bytes] = []
    builder = ChunkTreeBuilder(work_salt, size, leaves.append)
    start, end = first * header.leaf_size, min((first + count) * header.leaf_size, size)
    kept, position = bytearray(), 0
    for block in blocks:
        builder.update(block)
        kept += block[max(start - position, 0) : max(end - position, 0)]
        position += len(block)
    builder.root()
    indexes = range(first, first + count)
    return Excerpt(
        header,
        first,
        tuple(bytes(kept[i : i + header.leaf_size]) for i in range(0, len(kept), header.leaf_size)),
        tuple(leaf_salt(work_salt, index) for index in indexes),
        tuple(tuple(path) for path in inclusion_paths(leaves, indexes)),
    )


def verify_excerpt(excerpt: Excerpt, root: bytes, size: int) -> bool:
    """Whether the excerpt belongs, at its place, to the file of `size` bytes whose tree has this root."""
    header = excerpt.header
    try:
        header.check()
    except InvalidInputError:
        return False
    count = len(excerpt.chunks)
    if header.size != size or count < 1 or excerpt.first < 0 or excerpt.first + count > header.leaf_count:
        return False
    if len(excerpt.salts) != count or len(excerpt.paths) != count:
        return False
    return all(
        len(salt) == LEAF_SALT_SIZE
        and len(chunk) == header.chunk_length(index)
        and verify_inclusion(salted_leaf(salt, chunk), index, header.leaf_count, path, root)
        for index, (chunk, salt, path) in enumerate(
            zip(excerpt.chunks, excerpt.salts, excerpt.paths, strict=True), excerpt.first
        )
    )
