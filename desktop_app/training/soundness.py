"""The soundness error of a proof, exactly, as a sum over the rounds (see README.md for the derivation).

With q = |F| = p^e, N = 8K columns of which t are opened, and A = N/2 + K - 1:
    f / q                      matrix products, folded: f = 4 for a training run (twice a bilinear form), 1
                               for predictions of a committed model, 0 where nothing is folded
    (L + 2^16) / q             range look-ups (LogUp), L of them
    2 (M + 2^16 + 4S) / q      activation look-ups, M of them, S saturated values a side (and no pole);
                               0 without activations
    N / q                      closeness of all rows to the code (Ben-Sasson et al. 2020, theorem 1.6)
    4 / q                      random combination of the linear and of the quadratic constraints
    C(A, t) / C(N, t)          columns that show nothing: below (1/2 + K/N)^t
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from desktop_app.core.errors import InvalidInputError
from desktop_app.training.field import P
from desktop_app.training.reed_solomon import BLOW_UP

EXTENSION_DEGREE = {100: 2, 128: 3}
"""The two settings: bits of security, and the degree of the extension that carries them."""

_FIELD_ALLOWANCE = 4
"""The terms over the field take at most 2^-4 of the whole error in what `query_bound` reserves."""


@dataclass(frozen=True)
class SoundnessError:
    """Each term of the sum as an exact fraction."""

    matrix_products: Fraction
    range_lookups: Fraction
    activation_lookups: Fraction
    closeness: Fraction
    constraints: Fraction
    columns: Fraction

    @property
    def total(self) -> Fraction:
        return sum(vars(self).values(), Fraction(0))

    @property
    def bits(self) -> float:
        """-log2 of the total."""
        return math.log2(self.total.denominator) - math.log2(self.total.numerator)


def extension_degree(security: int) -> int:
    """The degree of the extension for this setting; raises InvalidInputError for any other."""
    if security not in EXTENSION_DEGREE:
        raise InvalidInputError("training.unknown_security", bits=security)
    return EXTENSION_DEGREE[security]


def column_error(degree_bound: int, queries: int) -> Fraction:
    """The probability that `queries` different columns all lie among the A that may agree."""
    size = degree_bound * BLOW_UP
    agreeing = size // 2 + degree_bound - 1
    return Fraction(math.comb(agreeing, queries), math.comb(size, queries))


@cache
def query_bound(degree_bound: int, security: int) -> int:
    """Columns that every proof of this setting opens."""
    extension_degree(security)
    limit = Fraction((1 << _FIELD_ALLOWANCE) - 1, 1 << security + _FIELD_ALLOWANCE)
    size = degree_bound * BLOW_UP
    ratio = (size // 2 + degree_bound - 1) / size
    queries = max(1, math.floor(-security / math.log2(ratio)) - 8)
    while column_error(degree_bound, queries) > limit:
        queries += 1
    return queries


def soundness_error(
    degree_bound: int,
    security: int,
    range_lookups: int,
    activation_lookups: int,
    saturation: int,
    fold_degree: int,
) -> SoundnessError:
    """The error of a proof of these sizes."""
    field = P ** extension_degree(security)
    table = 1 << 16
    looked_up = activation_lookups + table + 4 * saturation if activation_lookups else 0
    return SoundnessError(
        Fraction(fold_degree, field),
        Fraction(range_lookups + table, field),
        Fraction(2 * looked_up, field),
        Fraction(degree_bound * BLOW_UP, field),
        Fraction(4, field),
        column_error(degree_bound, query_bound(degree_bound, security)),
    )
