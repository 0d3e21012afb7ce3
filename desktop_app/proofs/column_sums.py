"""Sums over the columns of a ring: stated by the prover, and checked with a quarter of the ring's points.

Of a ring in rows of `width`, the last member standing again in the places left over, the column sums are
T_d = sum_q u_q * C_(q*width + d), for public factors u. A proof states T_1 ... T_(width-1). They follow from
the rest of the proof, so that they reveal nothing, come after the challenge, and have one right value only.

Plainly, a verifier computes them himself and compares. For a ring that he meets again and again he keeps
Q_q = C_(q*width) + sum_d w_d*C_(q*width + d) with weights of his own, and takes
T_0 = sum_q u_q*Q_q - sum_d w_d*T_d.

Soundness: the weights are uniform below 2^128, drawn from the system's generator, and leave the process in no
form. Stated sums that are wrong by E_d (points of prime order: decoding has seen to that) shift
sum_d v_d*T_d by sum_d (v_d - v_0*w_d)*E_d. A forger must hit a shift that his proof fixes. With v_0 = 0 the
weights would drop out, so that is refused. Else some E_d is not zero, and for any values of the other
weights one w_d at most hits: 2^-128, whatever else he chooses. A refusal tells him one such combination that
is not it, so that k attempts together stand at k * 2^-128. Multiplication is variable-time; lest it tell the
weights little by little, they are drawn anew after `_PROOFS_PER_WEIGHTS` proofs.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Generic

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.group import ORDER, Group, P, Sum
from desktop_app.proofs.ring import KEPT, Ring

_WEIGHT_BITS = 128
_PLAIN_PROOFS = 3
"""Proofs of one ring that are checked plainly: to combine its rows takes as long as three of them gain."""
_PROOFS_PER_WEIGHTS = 1024


@dataclass(frozen=True)
class _Combined(Generic[P]):
    weights: tuple[int, ...] = field(repr=False)
    """1, w_1 ... w_(width-1)."""
    points: tuple[P, ...] = field(repr=False)
    """Q_q of every row."""


class ColumnSums(Generic[P]):
    """The columns of a ring whose places have `digits` digits to the base `width`.

    Raises InvalidInputError where a member is no point.
    """

    def __init__(self, group: Group[P], ring: Ring, width: int, digits: int) -> None:
        self._group = group
        members = ring.points(group)
        self._height = min(-(-ring.size // width) + 1, width ** (digits - 1))
        places = [*members, *[members[-1]] * (self._height * width - ring.size)]
        self._columns = tuple(tuple(places[d::width]) for d in range(width))
        self._met = count()
        self._combined: _Combined[P] | None = None

    def stated(self, factors: Sequence[int]) -> list[P]:
        """T_1 ... T_(width-1), for factors of width^(digits-1) rows."""
        return self._sums(self._columns[1:], self._fold(factors))

    def terms(self, factors: Sequence[int], row: Sequence[int], stated: Sequence[P]) -> Sum[P]:
        """Points and scalars that add up to sum_d row_d*T_d where the stated sums are right.

        Where they are wrong it raises InvalidInputError, or the sum is one that nobody can foresee. It also
        raises where the first value of the row is zero, which by chance it never is.
        """
        self._check_row(row)
        factors = self._fold(factors)
        combined = self._of_rows()
        if combined is None:
            sums = self._sums(self._columns, factors)
            if not all(map(self._group.equal, sums[1:], stated)):
                raise InvalidInputError("certificate.proof_not_valid")
            return sums, list(row)
        first = row[0]
        scalars = [first * factor % ORDER for factor in factors]
        scalars += [
            (value - first * weight) % ORDER
            for value, weight in zip(row[1:], combined.weights[1:], strict=True)
        ]
        return [*combined.points, *stated], scalars

    @staticmethod
    def _check_row(row: Sequence[int]) -> None:
        if row[0] == 0:  # the weights would drop out
            raise InvalidInputError("certificate.proof_not_valid")

    def _of_rows(self) -> _Combined[P] | None:
        """The rows combined, anew after so many proofs; None for the first few."""
        number = next(self._met) - _PLAIN_PROOFS
        if number >= 0 and number % _PROOFS_PER_WEIGHTS == 0:
            weights = (1, *(secrets.randbits(_WEIGHT_BITS) for _ in self._columns[1:]))
            rows = zip(*self._columns, strict=True)
            self._combined = _Combined(weights, tuple(self._group.msms([(row, weights) for row in rows])))
        return self._combined

    def _sums(self, columns: Iterable[Sequence[P]], factors: Sequence[int]) -> list[P]:
        return self._group.msms([(column, factors) for column in columns])

    def _fold(self, factors: Sequence[int]) -> list[int]:
        """The rows from the last kept one on hold nothing but the last member, or there is no other."""
        last = self._height - 1
        return [*factors[:last], sum(factors[last:]) % ORDER]


@lru_cache(maxsize=KEPT)
def column_sums(group: Group[P], ring: Ring, width: int, digits: int) -> ColumnSums[P]:
    """From memory where this ring was met before."""
    return ColumnSums(group, ring, width, digits)
