"""py-evm's EIP-2537 precompiles with arkworks' multiplication in place of py_ecc's: the same checks and
gas, sooner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth.precompiles.bls12_381 import bls12_381_g1
from py_arkworks_bls12381 import G1Point, Scalar
from py_ecc.fields import optimized_bls12_381_FQ as FQ
from py_ecc.optimized_bls12_381.optimized_curve import Z1, curve_order, is_inf, normalize


def _multiply(point: Any, factor: int) -> Any:
    if is_inf(point):
        return point
    x, y = normalize(point)
    try:
        quick = G1Point.from_xy_bytes_be(int(x).to_bytes(48, "big") + int(y).to_bytes(48, "big"))
    except ValueError:
        return point  # outside the subgroup, which is asked for with the group's order
    if factor == curve_order:
        return Z1 if quick.is_in_subgroup() else point
    data = bytes((quick * Scalar.from_be_bytes((factor % curve_order).to_bytes(32, "big"))).to_xy_bytes_be())
    x, y = int.from_bytes(data[:48], "big"), int.from_bytes(data[48:], "big")
    return (FQ(x), FQ(y), FQ(1)) if x or y else Z1


@contextmanager
def quick_group() -> Iterator[None]:
    """While the block runs."""
    kept = bls12_381_g1.bls12_multiply_optimized
    bls12_381_g1.bls12_multiply_optimized = _multiply
    try:
        yield
    finally:
        bls12_381_g1.bls12_multiply_optimized = kept
