"""BLS12-381 G1 by py_arkworks_bls12381 (Rust): the fast implementation. Multiplication is variable-time.

Known of version 0.5.0, and guarded against here and in `group.Group`: `from_compressed_bytes` reads two
non-canonical identities, `from_xy_bytes_be` reads zeros, `multiexp_unchecked` drops what is surplus in the
longer list, and `Scalar(int)` reduces.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from py_arkworks_bls12381 import G1Point, Scalar

from desktop_app.proofs.group import Group, Sum

_SHARE = 128
"""Points that are worth a core of their own; the wheel releases the interpreter while it multiplies."""
_BEGINNING = 20
"""Points that take about as long as what every sum takes, however short."""
_CORES = min(os.cpu_count() or 1, 4)


class ArkworksGroup(Group[G1Point]):
    def __init__(self) -> None:
        self._generator = G1Point()
        self._identity = G1Point.identity()

    def generator(self) -> G1Point:
        return self._generator

    def identity(self) -> G1Point:
        return self._identity

    def add(self, left: G1Point, right: G1Point) -> G1Point:
        return left + right

    def negate(self, point: G1Point) -> G1Point:
        return -point

    def equal(self, left: G1Point, right: G1Point) -> bool:
        return left == right

    def hash_to_curve(self, message: bytes, dst: bytes) -> G1Point:
        return G1Point.hash_to_curve(message, dst)

    def _multiply_and_add(self, points: Sequence[G1Point], scalars: Sequence[int]) -> G1Point:
        converted = [Scalar.from_be_bytes(scalar.to_bytes(32, "big")) for scalar in scalars]
        if len(converted) == 1:
            return points[0] * converted[0]
        return G1Point.multiexp_unchecked(list(points), converted)

    def _multiply_and_add_each(self, sums: Sequence[Sum[G1Point]]) -> list[G1Point]:
        cores = _cut([len(points) for points, _ in sums])
        if len(cores) == 1:
            return super()._multiply_and_add_each(sums)

        def work(pieces: list[tuple[int, slice]]) -> list[tuple[int, G1Point]]:
            return [
                (number, self._multiply_and_add(sums[number][0][piece], sums[number][1][piece]))
                for number, piece in pieces
            ]

        totals = [self._identity] * len(sums)
        with ThreadPoolExecutor(len(cores) - 1) as others:
            helping = [others.submit(work, pieces) for pieces in cores[1:]]
            for number, part in chain(work(cores[0]), *(helper.result() for helper in helping)):
                totals[number] += part
        return totals

    def _compress(self, point: G1Point) -> bytes:
        return bytes(point.to_compressed_bytes())

    def _decompress(self, data: bytes) -> G1Point:
        return _in_subgroup(G1Point.from_compressed_bytes(data))

    def _affine(self, point: G1Point) -> tuple[int, int]:
        data = bytes(point.to_xy_bytes_be())
        return int.from_bytes(data[:48], "big"), int.from_bytes(data[48:], "big")

    def _from_affine(self, x: int, y: int) -> G1Point:
        return _in_subgroup(G1Point.from_xy_bytes_be(x.to_bytes(48, "big") + y.to_bytes(48, "big")))


def _cut(lengths: Sequence[int]) -> list[list[tuple[int, slice]]]:
    """The pieces of the sums for each core: laid end to end, and cut into parts of about the same work."""
    total = sum(lengths) + _BEGINNING * len(lengths)
    parts = max(1, min(total // _SHARE, _CORES))
    cores: list[list[tuple[int, slice]]] = [[] for _ in range(parts)]
    at = 0
    for number, length in enumerate(lengths):
        for part, pieces in enumerate(cores):
            start, stop = (min(max(total * edge // parts - at, 0), length) for edge in (part, part + 1))
            if start < stop:
                pieces.append((number, slice(start, stop)))
        at += length + _BEGINNING
    return cores


def _in_subgroup(point: G1Point) -> G1Point:
    if not point.is_in_subgroup():
        raise ValueError("not in the prime-order subgroup")
    return point
