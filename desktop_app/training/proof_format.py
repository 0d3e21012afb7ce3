"""The bytes of a proof: fixed order, no lengths inside, every value in its one form.

root, root | the three test polynomials | for each tree: columns, salts, nodes. Elements are 8 bytes
little-endian and below p. The statement and the transcript fix every size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.merkle import HASH_SIZE
from desktop_app.training.columns import SALT_SIZE, node_count
from desktop_app.training.field import Array, P
from desktop_app.training.system import System

_WORD = 8


@dataclass(frozen=True)
class TreeOpening:
    columns: Array
    """(rows, queries)"""
    salts: list[bytes]
    nodes: list[bytes]

    def encode(self) -> bytes:
        columns = np.ascontiguousarray(self.columns).astype("<u8").tobytes()
        return b"".join([columns, *self.salts, *self.nodes])


@dataclass(frozen=True)
class Tests:
    """Coefficients of the polynomials of the three tests, shape (degree, count)."""

    closeness: Array
    linear: Array
    quotient: Array

    def encode(self) -> bytes:
        parts = (self.closeness, self.linear, self.quotient)
        return b"".join(np.ascontiguousarray(part).astype("<u8").tobytes() for part in parts)


class ProofReader:
    """Takes a proof apart, front to back; raises InvalidInputError for any other form."""

    def __init__(self, data: bytes) -> None:
        self._rest = memoryview(data)

    def check_size(self, system: System) -> None:
        """Refuse at once what is too short for its columns, before any work is done for it."""
        queries, bound = system.statement.queries, system.degree_bound
        tests = system.degree * (5 * bound - 2 - system.slots)
        columns = sum(system.heights) * queries
        if len(self._rest) < 2 * HASH_SIZE + _WORD * (tests + columns) + SALT_SIZE * queries:
            raise InvalidInputError("training.proof_length")

    def root(self) -> bytes:
        return self._take(HASH_SIZE)

    def tests(self, system: System) -> Tests:
        bound, degree = system.degree_bound, system.degree
        sizes = (bound, 2 * bound - 1, 2 * bound - 1 - system.slots)
        return Tests(*(self._elements(degree, size) for size in sizes))

    def openings(self, system: System, positions: list[int]) -> list[TreeOpening]:
        queries, nodes = len(positions), node_count(positions, system.columns)
        found = []
        for height in system.heights:
            columns = self._elements(height, queries)
            salts = [self._take(SALT_SIZE) for _ in range(queries)]
            found.append(TreeOpening(columns, salts, [self._take(HASH_SIZE) for _ in range(nodes)]))
        return found

    def end(self) -> None:
        if self._rest:
            raise InvalidInputError("training.proof_length")

    def _elements(self, rows: int, columns: int) -> Array:
        words = np.frombuffer(self._take(rows * columns * _WORD), dtype="<u8")
        if np.any(words >= np.uint64(P)):
            raise InvalidInputError("training.not_canonical")
        return words.astype(np.uint64).reshape(rows, columns)

    def _take(self, length: int) -> bytes:
        if length > len(self._rest):
            raise InvalidInputError("training.proof_length")
        taken, self._rest = self._rest[:length], self._rest[length:]
        return bytes(taken)
