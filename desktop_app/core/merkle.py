"""Merkle trees with SHA-256 after RFC 9162 section 2.1 (the hashes are those of RFC 6962)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from desktop_app.core.errors import BugError

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data): the prefix keeps a leaf from passing as a node."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return _sha256(b"\x01" + left + right).digest()


class RootBuilder:
    """The root over leaves that come one after another; memory grows with log2 of their number."""

    def __init__(self) -> None:
        self.size = 0
        # One complete subtree for each set bit of `size`, the largest first.
        self._subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append the hash of the next leaf (32 bytes)."""
        subtrees = self._subtrees
        size = self.size
        while size & 1:
            leaf = _sha256(b"\x01" + subtrees.pop() + leaf).digest()
            size >>= 1
        subtrees.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of what has been added so far; that of the empty tree is SHA-256 of nothing."""
        if not self._subtrees:
            return EMPTY_ROOT
        root = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            root = node_hash(left, root)
        return root


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    builder = RootBuilder()
    for leaf in leaves:
        builder.add(leaf)
    return builder.root()


def inclusion_paths(leaves: Sequence[bytes], indexes: Sequence[int]) -> list[list[bytes]]:
    """For each leaf of `indexes` (from 0) the hashes that lead from it to the root, the lowest first.

    RFC 9162, 2.1.3.1. Time and memory grow with the number of leaves, whatever the number of indexes.
    """
    if not all(0 <= index < len(leaves) for index in indexes):
        raise BugError(f"leaves {list(indexes)} of {len(leaves)}")
    paths: list[list[bytes]] = [[] for _ in indexes]
    places = list(indexes)
    level = list(leaves)
    while len(level) > 1:
        for path, place in zip(paths, places, strict=True):
            if place ^ 1 < len(level):
                path.append(level[place ^ 1])
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        # A last node without a partner rises as it is.
        level = paired + level[len(paired) * 2 :]
        places = [place >> 1 for place in places]
    return paths


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The one path of `inclusion_paths` for a single leaf."""
    return inclusion_paths(leaves, [index])[0]


def path_length(index: int, size: int) -> int:
    """How many hashes the inclusion path of leaf `index` has in a tree of `size` leaves."""
    last, length = size - 1, 0
    while last:
        if index ^ 1 <= last:
            length += 1
        index, last = index >> 1, last >> 1
    return length


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which `path` leads from the leaf hash (RFC 9162, 2.1.3.2), None for an ill-formed path.

    Strict: index below size, exactly the hashes that this place in this tree has, 32 bytes each.
    """
    if not 0 <= index < size or len(path) != path_length(index, size):
        return None
    if len(leaf) != HASH_SIZE or any(len(item) != HASH_SIZE for item in path):
        return None
    last, root, rest = size - 1, leaf, iter(path)
    while last:
        if index & 1:
            root = node_hash(next(rest), root)
        elif index < last:
            root = node_hash(root, next(rest))
        index, last = index >> 1, last >> 1
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash is at `index` of the tree of `size` leaves with this root."""
    found = root_from_path(leaf, index, size, path)
    return found is not None and hmac.compare_digest(found, root)
