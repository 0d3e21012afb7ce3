"""The Goldilocks field, integers modulo p = 2^64 - 2^32 + 1, on numpy arrays of uint64.

Every array holds canonical values (0 <= value < p), in and out. Work goes block by block, so that the
temporary arrays of one multiplication stay in the cache (without it, it is about seven times slower).
Blocks of 64 kB are the quickest for one thread; two threads that compute in blocks so small mostly wait for
each other at the interpreter's lock, and take twice as long as with these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

P = 0xFFFF_FFFF_0000_0001
GENERATOR = 7
"""Generates the multiplicative group."""
TWO_ADICITY = 32
"""p - 1 is 2^32 times an odd number: there are NTTs of up to 2^32 points."""

Array = NDArray[np.uint64]
_Kernel = Callable[[Any, Any, Array], None]

BLOCK = 1 << 16
_P = np.uint64(P)
_EPSILON = np.uint64(0xFFFF_FFFF)  # 2^64 modulo p
_LOW = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)


def array(values: Any) -> Array:
    """Canonical elements from integers of any sign (int64 arrays, Python integers, lists of them)."""
    found = np.asarray(values)
    if found.dtype == np.uint64:
        return np.where(found >= _P, found - _P, found)
    if found.dtype == object:
        return np.asarray([int(value) % P for value in found.ravel()], dtype=np.uint64).reshape(found.shape)
    signed = found.astype(np.int64)
    return np.where(signed < 0, signed.view(np.uint64) + _P, signed.view(np.uint64))


def signed(values: Array) -> NDArray[np.int64]:
    """The representative nearest to zero; exact for |value| < 2^63."""
    return np.where(values > np.uint64(P // 2), values - _P, values).view(np.int64)


def add(left: Any, right: Any, out: Array | None = None) -> Array:
    """left + right, with numpy's broadcasting; into `out` where it is given."""
    return _blocked(_add, left, right, out)


def sub(left: Any, right: Any) -> Array:
    """left - right, with numpy's broadcasting."""
    return _blocked(_sub, left, right)


def mul(left: Any, right: Any) -> Array:
    """left * right, with numpy's broadcasting."""
    return _blocked(_mul, left, right)


def neg(values: Any) -> Array:
    """-values."""
    return sub(np.uint64(0), values)


def total(values: Array, axis: int = -1) -> Array:
    """The sum along one axis, of at most 2^32 elements."""
    low = np.sum(values & _LOW, axis=axis, dtype=np.uint64)
    high = np.sum(values >> _HALF, axis=axis, dtype=np.uint64)
    return add(array(low), mul(array(high), np.uint64(1 << 32)))


def powers(base: int, count: int) -> Array:
    """1, base, base^2, ... : `count` of them."""
    result = np.ones(1, dtype=np.uint64)
    while len(result) < count:
        result = np.concatenate([result, mul(result, np.uint64(pow(base, len(result), P)))])
    return result[:count]


def root_of_unity(order: int) -> int:
    """An element of exactly this order, a power of two; the roots of different orders belong together."""
    return pow(GENERATOR, (P - 1) // order, P)


def _blocked(kernel: _Kernel, left: Any, right: Any, out: Array | None = None) -> Array:
    left, right = np.asarray(left, dtype=np.uint64), np.asarray(right, dtype=np.uint64)
    shape = np.broadcast_shapes(left.shape, right.shape)
    if out is not None:
        _fill(kernel, _like(left, shape), _like(right, shape), out)
        return out
    result = np.empty(shape, dtype=np.uint64)
    # The kernels work in place, which numpy's scalars cannot.
    whole = shape or (1,)
    _fill(kernel, _like(left, whole), _like(right, whole), result.reshape(whole))
    return result


def _like(values: Array, shape: tuple[int, ...]) -> Array:
    return values if values.shape == shape else np.broadcast_to(values, shape)


def _fill(kernel: _Kernel, left: Array, right: Array, result: Array) -> None:
    if result.size <= BLOCK:
        if result.size:
            kernel(left, right, result)
        return
    if result.ndim > 1 and all(array.flags.c_contiguous for array in (left, right, result)):
        left, right, result = left.reshape(-1), right.reshape(-1), result.reshape(-1)
    inner = result[0].size
    if inner > BLOCK:
        for i in range(len(result)):
            _fill(kernel, left[i], right[i], result[i])
        return
    step = max(1, BLOCK // inner)
    for start in range(0, len(result), step):
        part = slice(start, start + step)
        kernel(left[part], right[part], result[part])


def _sub(left: Array, right: Array, result: Array) -> None:
    borrow = left < right
    np.subtract(left, right, out=result)
    result += borrow * _P


def _add(left: Array, right: Array, result: Array) -> None:
    _sub(left, _P - right, result)
    # right = 0 gave left - p, which the borrow turned into left: already canonical.


def _mul(left: Array, right: Array, result: Array) -> None:
    left_low, left_high = left & _LOW, left >> _HALF
    right_low, right_high = right & _LOW, right >> _HALF
    low = left_low * right_low
    left_low *= right_high
    right_low *= left_high
    left_high *= right_high
    # 128-bit product: left_high * 2^64 + (left_low + right_low) * 2^32 + low, carries kept in 64 bits.
    left_low += low >> _HALF
    right_low += left_low & _LOW
    left_low >>= _HALF
    left_high += left_low
    np.right_shift(right_low, _HALF, out=left_low)
    left_high += left_low
    right_low <<= _HALF
    low &= _LOW
    low |= right_low
    # 2^64 = 2^32 - 1 and 2^96 = -1 modulo p.
    top = left_high >> _HALF
    left_high &= _LOW
    borrow = low < top
    low -= top
    low -= borrow * _EPSILON
    left_high *= _EPSILON
    low += left_high
    low += (low < left_high) * _EPSILON
    # Below p, subtracting p wraps to something larger.
    np.subtract(low, _P, out=top)
    np.minimum(low, top, out=result)
