"""Commitment to the columns of a matrix: a Merkle tree (RFC 9162 hashes) with a salt in every leaf.

Leaf i is SHA-256(0x00 || salt_i || the elements of column i, 8 bytes little-endian each). Opening many
columns shows each node that the verifier cannot compute, once, from the leaves upwards, left to right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from desktop_app.core.merkle import HASH_SIZE, leaf_hash, node_hash
from desktop_app.training.field import Array

SALT_SIZE = 16
"""Bytes: a column is hidden by 128 bits of salt even where its values could be guessed."""
_TURNED = 1024
"""Columns that are laid out one after another at a time, in the cache."""


class ColumnTree:
    """Takes the matrix in blocks of rows; memory grows with the number of columns only."""

    def __init__(self, size: int, seed: bytes) -> None:
        """`size` columns, a power of two; `seed` (32 secret bytes) gives the salts."""
        self._seed = seed
        self._size = size
        self._leaves = [hashlib.sha256(b"\x00" + salt) for salt in _salts(seed, size)]
        self._levels: list[list[bytes]] = []

    def add_rows(self, block: Array) -> None:
        """Append rows, shape (rows, size)."""
        for start in range(0, self._size, _TURNED):
            part = slice(start, start + _TURNED)
            lines = np.ascontiguousarray(block[:, part].T).astype("<u8", copy=False)
            for leaf, line in zip(self._leaves[part], lines, strict=True):
                leaf.update(line)

    def root(self) -> bytes:
        """The root over what has been added."""
        if not self._levels:
            level = [leaf.digest() for leaf in self._leaves]
            self._leaves = []
            self._levels = [level]
            while len(level) > 1:
                level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
                self._levels.append(level)
        return self._levels[-1][0]

    def open(self, positions: Sequence[int]) -> tuple[list[bytes], list[bytes]]:
        """The salts of these columns (ascending), and the nodes that lead from them to the root."""
        self.root()
        salts = _salts(self._seed, self._size)
        nodes = []
        known = list(positions)
        for level in self._levels[:-1]:
            inside = set(known)
            nodes += [level[place ^ 1] for place in known if place ^ 1 not in inside]
            known = sorted({place >> 1 for place in known})
        return [salts[place] for place in positions], nodes


def node_count(positions: Sequence[int], size: int) -> int:
    """How many nodes the opening of these columns has."""
    count, known = 0, list(positions)
    while size > 1:
        inside = set(known)
        count += sum(place ^ 1 not in inside for place in known)
        known = sorted({place >> 1 for place in known})
        size >>= 1
    return count


def opened_root(
    positions: Sequence[int], size: int, columns: Array, salts: Sequence[bytes], nodes: Sequence[bytes]
) -> bytes | None:
    """The root to which an opening leads; None where it has not exactly the nodes it needs.

    `columns` has shape (rows, len(positions)); positions are different and ascending.
    """
    if len(nodes) != node_count(positions, size) or any(len(node) != HASH_SIZE for node in nodes):
        return None
    lines = np.ascontiguousarray(columns.T).astype("<u8", copy=False)
    level = {
        place: leaf_hash(salt + line.tobytes())
        for place, salt, line in zip(positions, salts, lines, strict=True)
    }
    rest = iter(nodes)
    while size > 1:
        above: dict[int, bytes] = {}
        for place, digest in level.items():
            if place >> 1 in above:
                continue
            other = level.get(place ^ 1)
            if other is None:
                other = next(rest)
            above[place >> 1] = node_hash(other, digest) if place & 1 else node_hash(digest, other)
        level, size = above, size >> 1
    return level[0]


def _salts(seed: bytes, size: int) -> list[bytes]:
    stream = hashlib.shake_256(b"colophon/v1/training/salts" + seed).digest(SALT_SIZE * size)
    return [stream[i : i + SALT_SIZE] for i in range(0, len(stream), SALT_SIZE)]
