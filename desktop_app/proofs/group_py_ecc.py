"""BLS12-381 G1 by py_ecc (pure Python): the independent implementation.

It serves for cross-checks, and where there is no wheel of the fast one. The compressed encoding is
written out here, so that nothing is shared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.fields import optimized_bls12_381_FQ as FQ
from py_ecc.optimized_bls12_381 import optimized_curve as curve

from desktop_app.proofs.group import FIELD, ORDER, Group

_LARGER_Y = 0x20
_FLAGS = 0xE0

Projective = tuple[Any, Any, Any]


class PyEccGroup(Group[Projective]):
    def generator(self) -> Projective:
        return curve.G1

    def identity(self) -> Projective:
        return curve.Z1

    def add(self, left: Projective, right: Projective) -> Projective:
        return curve.add(left, right)

    def negate(self, point: Projective) -> Projective:
        return curve.neg(point)

    def equal(self, left: Projective, right: Projective) -> bool:
        if curve.is_inf(left) or curve.is_inf(right):
            return bool(curve.is_inf(left) and curve.is_inf(right))
        return bool(curve.eq(left, right))

    def hash_to_curve(self, message: bytes, dst: bytes) -> Projective:
        constructor: Any = hashlib.sha256
        return hash_to_G1(message, dst, constructor)

    def _multiply_and_add(self, points: Sequence[Projective], scalars: Sequence[int]) -> Projective:
        total = curve.Z1
        for point, scalar in zip(points, scalars, strict=True):
            total = curve.add(total, curve.multiply(point, scalar))
        return total

    def _affine(self, point: Projective) -> tuple[int, int]:
        x, y = curve.normalize(point)
        return int(x), int(y)

    def _from_affine(self, x: int, y: int) -> Projective:
        point = (FQ(x), FQ(y), FQ(1))
        if not curve.is_on_curve(point, curve.b):
            raise ValueError("not on the curve")
        if not curve.is_inf(curve.multiply(point, ORDER)):
            raise ValueError("not in the prime-order subgroup")
        return point

    def _compress(self, point: Projective) -> bytes:
        x, y = self._affine(point)
        flags = 0x80 | (_LARGER_Y if y > FIELD // 2 else 0)
        data = bytearray(x.to_bytes(48, "big"))
        data[0] |= flags
        return bytes(data)

    def _decompress(self, data: bytes) -> Projective:
        x = int.from_bytes(bytes([data[0] & ~_FLAGS & 0xFF]) + data[1:], "big")
        if x >= FIELD:
            raise ValueError("x is not below the field modulus")
        y = pow(x**3 + 4, (FIELD + 1) // 4, FIELD)
        if (y > FIELD // 2) != bool(data[0] & _LARGER_Y):
            y = (FIELD - y) % FIELD
        return self._from_affine(x, y)
