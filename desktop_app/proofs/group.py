"""The group that every proof works in: BLS12-381 G1, behind one interface with two implementations.

Encodings: 48-byte compressed (ZCash form, as in the CFRG drafts) and 128-byte EIP-2537 (as on chain).
Only canonical encodings of points in the prime-order subgroup are read, and the identity has none.
Scalars are integers below `ORDER`; nothing is reduced silently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from desktop_app.core.errors import InvalidInputError

P = TypeVar("P")

Sum = tuple[Sequence[P], Sequence[int]]
"""Points and their scalars."""

SUITE = "sigma-proofs_Shake128_BLS12381"
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
SCALAR_SIZE = 32
POINT_SIZE = 48
CHAIN_POINT_SIZE = 128

_COMPRESSED, _INFINITY = 0x80, 0x40


def encode_scalar(scalar: int, order: int = ORDER) -> bytes:
    """32 bytes, big-endian (the byte order that the drafts fix for their suites)."""
    return check_scalar(scalar, order).to_bytes(SCALAR_SIZE, "big")


def decode_scalar(data: bytes, order: int = ORDER) -> int:
    """The inverse of `encode_scalar`; raises InvalidInputError unless canonical, so never s + order."""
    if len(data) != SCALAR_SIZE:
        raise InvalidInputError("proofs.scalar_not_canonical")
    return check_scalar(int.from_bytes(data, "big"), order)


def decode_scalars(data: bytes, order: int = ORDER) -> list[int]:
    """A concatenation of canonical scalars."""
    if len(data) % SCALAR_SIZE:
        raise InvalidInputError("proofs.scalar_not_canonical")
    return [decode_scalar(data[i : i + SCALAR_SIZE], order) for i in range(0, len(data), SCALAR_SIZE)]


def check_scalar(scalar: int, order: int = ORDER) -> int:
    if not 0 <= scalar < order:
        raise InvalidInputError("proofs.scalar_not_canonical")
    return scalar


class Group(ABC, Generic[P]):
    """A prime-order group of points of type P. Points are immutable and comparable with `equal`.

    Of another group than BLS12-381 G1, a subclass gives its own order, suite, point size and encoding: prover
    and verifier of linear relations are the same for all suites of the drafts.
    """

    order: int = ORDER
    point_size: int = POINT_SIZE
    suite: str = SUITE

    @abstractmethod
    def generator(self) -> P: ...

    @abstractmethod
    def identity(self) -> P: ...

    @abstractmethod
    def add(self, left: P, right: P) -> P: ...

    @abstractmethod
    def negate(self, point: P) -> P: ...

    @abstractmethod
    def equal(self, left: P, right: P) -> bool: ...

    @abstractmethod
    def hash_to_curve(self, message: bytes, dst: bytes) -> P:
        """RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_ with the given domain separation tag."""

    @abstractmethod
    def _multiply_and_add(self, points: Sequence[P], scalars: Sequence[int]) -> P:
        """Sum of scalar * point, for equally many canonical scalars and points, at least one."""

    def _multiply_and_add_each(self, sums: Sequence[Sum[P]]) -> list[P]:
        return [self._multiply_and_add(*each) if each[0] else self.identity() for each in sums]

    @abstractmethod
    def _compress(self, point: P) -> bytes: ...

    @abstractmethod
    def _decompress(self, data: bytes) -> P:
        """Raises ValueError unless on the curve and in the subgroup."""

    @abstractmethod
    def _affine(self, point: P) -> tuple[int, int]: ...

    @abstractmethod
    def _from_affine(self, x: int, y: int) -> P:
        """Raises ValueError unless on the curve and in the subgroup."""

    def is_identity(self, point: P) -> bool:
        return self.equal(point, self.identity())

    def msm(self, points: Sequence[P], scalars: Sequence[int]) -> P:
        """Multi-scalar multiplication; raises InvalidInputError for unequal lengths or wild scalars."""
        return self.msms([(points, scalars)])[0]

    def msms(self, sums: Sequence[Sum[P]]) -> list[P]:
        """`msm` of each, several at once where the implementation can."""
        for points, scalars in sums:
            if len(points) != len(scalars):
                raise InvalidInputError("proofs.lengths_differ", left=len(points), right=len(scalars))
            if scalars:
                check_scalar(min(scalars), self.order)
                check_scalar(max(scalars), self.order)
        return self._multiply_and_add_each(sums)

    def multiply(self, point: P, scalar: int) -> P:
        return self.msm([point], [scalar])

    def encode(self, point: P) -> bytes:
        """48 bytes; raises InvalidInputError for the identity."""
        self._refuse_identity(point)
        return self._compress(point)

    def decode(self, data: bytes) -> P:
        """The inverse of `encode`; raises InvalidInputError unless canonical and in the subgroup."""
        if len(data) != POINT_SIZE or not data[0] & _COMPRESSED or data[0] & _INFINITY:
            raise InvalidInputError("proofs.point_not_canonical")
        try:
            point = self._decompress(data)
        except ValueError as error:
            raise InvalidInputError("proofs.point_not_canonical") from error
        return self._same_again(point, self.encode(point), data)

    def encode_for_chain(self, point: P) -> bytes:
        """128 bytes (EIP-2537): two 64-byte big-endian field elements; never the identity."""
        self._refuse_identity(point)
        x, y = self._affine(point)
        return x.to_bytes(64, "big") + y.to_bytes(64, "big")

    def decode_from_chain(self, data: bytes) -> P:
        """The inverse of `encode_for_chain`, as strict as `decode`."""
        if len(data) != CHAIN_POINT_SIZE:
            raise InvalidInputError("proofs.point_not_canonical")
        x, y = int.from_bytes(data[:64], "big"), int.from_bytes(data[64:], "big")
        if x >= FIELD or y >= FIELD or x == y == 0:
            raise InvalidInputError("proofs.point_not_canonical")
        try:
            point = self._from_affine(x, y)
        except ValueError as error:
            raise InvalidInputError("proofs.point_not_canonical") from error
        return self._same_again(point, self.encode_for_chain(point), data)

    def _refuse_identity(self, point: P) -> None:
        if self.is_identity(point):
            raise InvalidInputError("proofs.point_is_identity")

    @staticmethod
    def _same_again(point: P, again: bytes, data: bytes) -> P:
        if again != data:
            raise InvalidInputError("proofs.point_not_canonical")
        return point


@cache
def default_group() -> Group[Any]:
    """The fast implementation, or the pure-Python one on a machine for which there is no wheel."""
    try:
        from desktop_app.proofs.group_arkworks import ArkworksGroup
    except ImportError:
        from desktop_app.proofs.group_py_ecc import PyEccGroup

        return PyEccGroup()
    return ArkworksGroup()
