"""The random polynomials that hide the witness in the three tests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from desktop_app.training import extension, field, reed_solomon
from desktop_app.training.field import Array
from desktop_app.training.system import System
from desktop_app.training.transcript import uniform_elements


@dataclass(frozen=True)
class Masks:
    """Coefficients, shape (degree, count)."""

    closeness: Array
    """Degree < K."""
    linear: Array
    """Degree < 2K - 1; the values on H add up to zero."""
    quotient: Array
    """Degree < 2K - 1 - slots; times the vanishing polynomial it is zero in every cell."""
    rows: Array
    """All of them as rows of the second tree, coefficients, shape (mask rows, K)."""

    @staticmethod
    def draw(system: System, seed: bytes) -> Masks:
        degree, bound = system.degree, system.degree_bound
        quotient_size = 2 * bound - 1 - system.slots
        stream = hashlib.shake_256(b"colophon/v1/training/masks" + seed)
        sizes = [bound, 2 * bound - 1, quotient_size, 2 * bound]
        drawn = uniform_elements(stream, degree * sum(sizes)).reshape(degree, -1)
        closeness, linear, quotient, middle = np.split(drawn, np.cumsum(sizes)[:-1], axis=1)
        linear = linear.copy()
        # The sum over H of a polynomial is K times the sum of its coefficients 0, K, 2K, ...
        linear[:, bound] = field.neg(linear[:, 0])
        rows = [
            closeness,
            *_pieces(_padded(linear, 2 * bound), middle[:, :bound]),
            *_pieces(_times_vanishing(system, quotient), middle[:, bound:]),
        ]
        return Masks(closeness, linear, quotient, np.concatenate(rows))


def _pieces(mask: Array, middle: Array) -> list[Array]:
    """m0, m1, m2 with mask = m0 + x^(K/2) m1 + x^K m2, m1 given at random."""
    bound = mask.shape[1] // 2
    half = bound // 2
    low, high = mask[:, :bound].copy(), mask[:, bound:].copy()
    low[:, half:] = field.sub(low[:, half:], middle[:, :half])
    high[:, :half] = field.sub(high[:, :half], middle[:, half:])
    return [low, middle, high]


def joined(pieces: Array, points: Array, bound: int) -> Array:
    """The values of a mask from those of its pieces, shape (3, degree, points) -> (degree, points)."""
    half = points
    for _ in range(bound.bit_length() - 2):
        half = field.mul(half, half)
    upper = field.add(pieces[1], field.mul(pieces[2], half))
    return field.add(pieces[0], field.mul(upper, half))


def _times_vanishing(system: System, quotient: Array) -> Array:
    bound = system.degree_bound
    values = on_double(_padded(quotient, 2 * bound))
    vanishing = system.vanishing(reed_solomon.double_points(bound))
    return reed_solomon.from_double(field.mul(values, vanishing))


def on_double(coefficients: Array) -> Array:
    """The values of polynomials of degree < 2K on the 2K points of `reed_solomon.double_points`."""
    bound = coefficients.shape[1] // 2
    low = reed_solomon.on_double(coefficients[:, :bound])
    high = reed_solomon.on_double(coefficients[:, bound:])
    power = reed_solomon.double_points(bound)
    for _ in range(bound.bit_length() - 1):
        power = field.mul(power, power)
    return field.add(low, field.mul(high, power))


def _padded(values: Array, size: int) -> Array:
    return np.concatenate([values, np.zeros((len(values), size - values.shape[1]), dtype=np.uint64)], axis=1)


def sum_over_subgroup(coefficients: Array, bound: int) -> extension.Element:
    """The sum over H of a polynomial of degree < 2K, shape (degree, count)."""
    both = field.add(coefficients[:, 0], coefficients[:, bound])
    return extension.as_element(field.mul(both, np.uint64(bound)))
