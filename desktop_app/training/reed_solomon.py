"""Reed-Solomon codes over the Goldilocks field, by number theoretic transforms.

A row is a polynomial of degree < K. Its message are its values on the subgroup H of order K; its codeword
are its N = 8K values on the coset 7 * D, D the subgroup of order N, which has no point in common with H:
no column of the code shows a message value. Column s*K + i is the point 7 * w_N^(s + 8i): the code is eight
transforms of size K, one for each s.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from desktop_app.training import field
from desktop_app.training.field import GENERATOR, Array, P, root_of_unity
from desktop_app.training.powers_of_two import LARGEST, mul_by_roots

BLOW_UP = 8
CACHED = 1 << 18
"""Elements that are transformed at a time: they and what they become stay in the cache."""
_SHIFTS_OF_DOUBLE = (0, BLOW_UP // 2)
"""The cosets whose union is the coset of order 2K, on which products of two rows are fixed."""


def transform(values: Array) -> Array:
    """The discrete Fourier transform of each row, shape (rows, n), n a power of two; natural order."""
    rows, size = values.shape
    result = np.empty((rows, size), dtype=np.uint64)
    together = max(1, CACHED // size)
    for start in range(0, rows, together):
        part = slice(start, start + together)
        result[part] = _transform(values[part])
    return result


def _transform(values: Array) -> Array:
    rows, size = values.shape
    first = 1 << (size.bit_length() - 1) // 2
    second = size // first
    # Four steps (Bailey 1990), so that every pass runs over long contiguous memory.
    grid = _along_axis(values.reshape(rows, first, second), first)
    grid = field.mul(grid, _twiddles(first, second))
    grid = _along_axis(np.ascontiguousarray(grid.transpose(0, 2, 1)), second)
    return grid.reshape(rows, size)


def inverse_transform(values: Array) -> Array:
    """The inverse of `transform`: coefficients from the values on a subgroup."""
    size = values.shape[1]
    found = transform(values)
    found[:, 1:] = found[:, :0:-1].copy()
    return field.mul(found, np.uint64(pow(size, -1, P)))


def encode(coefficients: Array) -> Array:
    """Codewords, shape (rows, 8K), of polynomials given by coefficients, shape (rows, K)."""
    return _on_cosets(coefficients, range(BLOW_UP))


def on_double(coefficients: Array) -> Array:
    """The values of the polynomials on the 2K points of `double_points`, shape (rows, 2K)."""
    return _on_cosets(coefficients, _SHIFTS_OF_DOUBLE)


def on_coset(coefficients: Array) -> Array:
    """The values of the polynomials on the coset 7 * H: the first K columns of the code."""
    return _on_cosets(coefficients, (0,))


def from_subgroup_and_coset(on_subgroup: Array, on_first_coset: Array) -> Array:
    """Coefficients of polynomials of degree < 2K from their values on H and on 7 * H, shape (rows, K) each.

    f = low + x^K high is low + high on H, and low + 7^K high on 7 * H.
    """
    size = on_subgroup.shape[1]
    unshift = field.powers(pow(GENERATOR, -1, P), size)
    here = inverse_transform(on_subgroup)
    there = field.mul(inverse_transform(on_first_coset), unshift)
    high = field.mul(field.sub(there, here), np.uint64(pow(pow(GENERATOR, size, P) - 1, -1, P)))
    return np.concatenate([field.sub(here, high), high], axis=1)


def from_double(values: Array) -> Array:
    """Coefficients of polynomials of degree < 2K from their values on `double_points`, shape (rows, 2K)."""
    rows, size = values.shape
    ordered = values.reshape(rows, 2, size // 2).transpose(0, 2, 1).reshape(rows, size)
    unshift = field.powers(pow(GENERATOR, -1, P), size)
    return field.mul(inverse_transform(ordered), unshift)


@lru_cache(maxsize=4)
def points(size: int) -> Array:
    """The point of each column of the code of length `size`, in the order of the columns."""
    degree_bound = size // BLOW_UP
    natural = field.mul(field.powers(root_of_unity(size), size), np.uint64(GENERATOR))
    return np.ascontiguousarray(natural.reshape(degree_bound, BLOW_UP).T).reshape(size)


def double_points(degree_bound: int) -> Array:
    """The points of `on_double`."""
    table = points(degree_bound * BLOW_UP).reshape(BLOW_UP, degree_bound)
    return table[list(_SHIFTS_OF_DOUBLE)].reshape(-1)


@lru_cache(maxsize=4)
def subgroup(order: int) -> Array:
    """H in natural order: the places of a message."""
    return field.powers(root_of_unity(order), order)


def _on_cosets(coefficients: Array, shifts: range | tuple[int, ...]) -> Array:
    rows, size = coefficients.shape
    scale = np.stack([_coset_powers(size, shift) for shift in shifts])
    scaled = field.mul(coefficients[:, None, :], scale[None])
    return transform(scaled.reshape(rows * len(shifts), size)).reshape(rows, -1)


@lru_cache(maxsize=32)
def _coset_powers(size: int, shift: int) -> Array:
    return field.powers(GENERATOR * pow(root_of_unity(size * BLOW_UP), shift, P) % P, size)


@lru_cache(maxsize=16)
def _twiddles(first: int, second: int) -> Array:
    root = root_of_unity(first * second)
    return np.stack([field.powers(pow(root, i, P), second) for i in range(first)])


def _along_axis(values: Array, size: int) -> Array:
    """Transforms along axis 1 of shape (rows, size, inner), Stockham's self-sorting order."""
    rows, _, inner = values.shape
    length, done = size, 1
    while length > 1:
        half = length // 2
        work = values.reshape(rows, 2, half, done * inner)
        result = np.empty((rows, half, 2, done * inner), dtype=np.uint64)
        field.add(work[:, 0], work[:, 1], out=result[:, :, 0])
        difference = field.sub(work[:, 0], work[:, 1])
        if length > LARGEST:
            roots = field.powers(root_of_unity(length), half).reshape(half, 1)
            difference = field.mul(difference, roots)
        else:
            mul_by_roots(difference, length)
        result[:, :, 1] = difference
        values, length, done = result, half, done * 2
    return values.reshape(rows, size, inner)
