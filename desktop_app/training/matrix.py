"""Products of matrices over the Goldilocks field by floating point, exactly.

Entries are cut into limbs of 22 bits. A product of limbs is below 2^44, so that the sums that one call of
the BLAS forms stay below 2^53, where doubles are exact whatever the order of the additions.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from desktop_app.training import field
from desktop_app.training.field import Array, P

_BITS = 22
_LIMBS = 3
_MASK = np.uint64((1 << _BITS) - 1)
_INNER = (1 << 53 - 2 * _BITS) // _LIMBS
"""Terms of one inner product per call: three products of limbs share one sum."""
_FLUSH = 1 << 10
"""Calls whose sums (below 2^53) fit into 64 bits."""


def product(left: Array, right: Array) -> Array:
    """left @ right for shapes (m, k) and (k, n)."""
    rows, inner = left.shape
    columns = right.shape[1]
    result = np.zeros((rows, columns), dtype=np.uint64)
    # These products are thin: more threads would mostly wait for each other, spinning.
    with _blas().limit(limits=1, user_api="blas"):
        for start in range(0, inner, _INNER * _FLUSH):
            stop = min(inner, start + _INNER * _FLUSH)
            result = field.add(result, _part(left[:, start:stop], right[start:stop]))
    return result


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def _part(left: Array, right: Array) -> Array:
    sums = [np.zeros((left.shape[0], right.shape[1]), dtype=np.uint64) for _ in range(2 * _LIMBS - 1)]
    for start in range(0, left.shape[1], _INNER):
        a = _limbs(left[:, start : start + _INNER])
        b = _limbs(right[start : start + _INNER])
        for k in range(len(sums)):
            pairs = [(i, k - i) for i in range(_LIMBS) if 0 <= k - i < _LIMBS]
            found = a[pairs[0][0]] @ b[pairs[0][1]]
            for i, j in pairs[1:]:
                found += a[i] @ b[j]
            sums[k] += found.astype(np.uint64)
    result = field.array(sums[0])
    for k, part in enumerate(sums[1:], 1):
        result = field.add(result, field.mul(field.array(part), np.uint64((1 << _BITS * k) % P)))
    return result


def _limbs(values: Array) -> list[NDArray[np.float64]]:
    return [((values >> np.uint64(_BITS * k)) & _MASK).astype(np.float64) for k in range(_LIMBS)]
