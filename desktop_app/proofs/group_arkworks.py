"""BLS12-381 G1 by py_arkworks_bls12381 (Rust): the fast implementation. Multiplication is variable-time.

Known of version 0.5.0, and guarded against here and in `group.Group`: `from_compressed_bytes` reads two
non-canonical identities, `from_xy_bytes_be` reads zeros, `multiexp_unchecked` drops what is surplus in the
longer list, and `Scalar(int)` reduces.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from py_arkworks_bls12381 import G1Point, Scalar

from desktop_app.proofs.group import Group

_SHARE = 256
"""Points from which on another core helps; the wheel releases the interpreter while it multiplies."""
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
        parts = min(len(points) // _SHARE, _CORES)
        if parts < 2:
            return G1Point.multiexp_unchecked(list(points), converted)
        cuts = [len(points) * part // parts for part in range(parts + 1)]
        shares = [slice(start, stop) for start, stop in pairwise(cuts)]
        with ThreadPoolExecutor(parts - 1) as others:
            rest = [
                others.submit(G1Point.multiexp_unchecked, list(points[share]), converted[share])
                for share in shares[1:]
            ]
            total = G1Point.multiexp_unchecked(list(points[shares[0]]), converted[shares[0]])
            for part in rest:
                total += part.result()
        return total

    def _compress(self, point: G1Point) -> bytes:
        return bytes(point.to_compressed_bytes())

    def _decompress(self, data: bytes) -> G1Point:
        return _in_subgroup(G1Point.from_compressed_bytes(data))

    def _affine(self, point: G1Point) -> tuple[int, int]:
        data = bytes(point.to_xy_bytes_be())
        return int.from_bytes(data[:48], "big"), int.from_bytes(data[48:], "big")

    def _from_affine(self, x: int, y: int) -> G1Point:
        return _in_subgroup(G1Point.from_xy_bytes_be(x.to_bytes(48, "big") + y.to_bytes(48, "big")))


def _in_subgroup(point: G1Point) -> G1Point:
    if not point.is_in_subgroup():
        raise ValueError("not in the prime-order subgroup")
    return point
