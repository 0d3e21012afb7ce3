"""P-256 for the drafts' second suite, to show that prover and verifier are generic. Never shipped.

Formulas of SEC 1; compressed points of 33 bytes; affine coordinates, None for the identity.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.group import Group

Point = tuple[int, int] | None

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_A = _P - 3
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


class P256Group(Group[Point]):
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    point_size = 33
    suite = "sigma-proofs_Shake128_P256"

    def generator(self) -> Point:
        return _G

    def identity(self) -> Point:
        return None

    def add(self, left: Point, right: Point) -> Point:
        if left is None or right is None:
            return left or right
        (x1, y1), (x2, y2) = left, right
        if x1 == x2 and (y1 + y2) % _P == 0:
            return None
        rise, run = (3 * x1 * x1 + _A, 2 * y1) if left == right else (y2 - y1, x2 - x1)
        slope = rise * pow(run, -1, _P) % _P
        x = (slope * slope - x1 - x2) % _P
        return x, (slope * (x1 - x) - y1) % _P

    def negate(self, point: Point) -> Point:
        return None if point is None else (point[0], -point[1] % _P)

    def equal(self, left: Point, right: Point) -> bool:
        return left == right

    def _multiply_and_add(self, points: Sequence[Point], scalars: Sequence[int]) -> Point:
        total: Point = None
        for point, scalar in zip(points, scalars, strict=True):
            doubled = point
            for bit in reversed(f"{scalar:b}"):
                total = self.add(total, doubled) if bit == "1" else total
                doubled = self.add(doubled, doubled)
        return total

    def encode(self, point: Point) -> bytes:
        if point is None:
            raise InvalidInputError("proofs.point_is_identity")
        return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big")

    def decode(self, data: bytes) -> Point:
        x = int.from_bytes(data[1:], "big")
        square = (x**3 + _A * x + _B) % _P
        y = pow(square, (_P + 1) // 4, _P)
        if len(data) != self.point_size or data[0] not in (2, 3) or x >= _P or y * y % _P != square:
            raise InvalidInputError("proofs.point_not_canonical")
        return x, y if y % 2 == data[0] % 2 else _P - y

    def hash_to_curve(self, message: bytes, dst: bytes) -> Point:
        raise AssertionError("no relation of the drafts needs it")

    _compress = _decompress = _affine = _from_affine = hash_to_curve  # type: ignore[assignment]
