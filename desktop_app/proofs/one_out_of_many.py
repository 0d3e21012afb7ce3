"""One of N commitments differs from C' by a multiple of H only: Groth and Kohlweiss 2015 in n-ary form.

After Bootle, Cerulli, Chaidos, Ghadafi, Groth and Petit 2015 ("Short accountable ring signatures"), figure 4,
with their two pairs of digit commitments folded into one of twice the length, and joined with a linear
relation under one challenge. Compact: what the verifier can rebuild is left out.

    N <= n^m, index l with digits l_j, s_ji = 1 where i = l_j, else 0.  D_i = C' - C_i,  D_l = rho*H.
    B = Com(s, a(1 - 2s); b),  A = Com(a, -a^2; b'),  G_k = sum_i p_ik*D_i + rho_k*H,
    where prod_j (s_(j,i_j)*X + a_(j,i_j)) = p_i(X), and p_ik is its coefficient of X^k.
    f_ji = s_ji*x + a_ji,  z = rho*x^m - sum_k rho_k*x^k.
    Checked: A + x*B = Com(f, f(x - f); z_b)  and  sum_i p_i(x)*D_i - sum_k x^k*G_k = z*H.

Into the second check goes sum_i p_i(x)*C_i = sum_d f_md*T_d, where T_d is the sum of the C_i whose last digit
is d, each with the product of its other digits' f. The prover states T_1 ... T_(n-1), so that who meets the
ring again adds up a quarter of it only: see `column_sums`.

A row of a sums to zero, so the p_ik of one k < m do as well, and C' drops out of G_k. Places from N to n^m
stand for the last commitment again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Generic

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.codec import decode_field
from desktop_app.proofs.column_sums import ColumnSums, column_sums
from desktop_app.proofs.commitment import generators
from desktop_app.proofs.group import (
    ORDER,
    POINT_SIZE,
    SCALAR_SIZE,
    Group,
    P,
    Sum,
    decode_scalars,
    encode_scalar,
)
from desktop_app.proofs.linear_relation import LinearRelation
from desktop_app.proofs.ring import Ring
from desktop_app.proofs.sigma_protocol import CHALLENGE_BYTES, ScalarSource, hedged_scalars
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

RADIX = 4
DIGITS_DST = b"COLOPHON-V01-DIGITS-BLS12381G1_XMD:SHA-256_SSWU_RO_"


@dataclass(frozen=True)
class OneOutOfMany(Generic[P]):
    """The public side: `target` - (a member of the ring) is a multiple of H, and `relation` holds as well.

    The relation must speak of the target, otherwise the two halves have nothing to do with each other.
    """

    tag: bytes
    ring: Ring
    target: P
    relation: LinearRelation[P]

    @property
    def group(self) -> Group[P]:
        return self.relation.group

    @property
    def digits(self) -> int:
        """m, the smallest with RADIX^m >= N."""
        return next(m for m in range(1, 32) if RADIX**m >= self.ring.size)

    @property
    def proof_size(self) -> int:
        """Bytes: m points and the column sums; challenge, digits, two openings, the relation's responses."""
        scalars = 1 + self.digits * (RADIX - 1) + 2 + self.relation.num_scalars
        return (self.digits + RADIX - 1) * POINT_SIZE + scalars * SCALAR_SIZE

    def prove(
        self, index: int, difference: int, witness: Sequence[int], scalars: ScalarSource = hedged_scalars
    ) -> bytes:
        """A proof that target = ring[index] + difference*H, and that the witness fulfils the relation.

        Raises InvalidInputError where either is false.
        """
        group, m = self.group, self.digits
        members, blinding = self.ring.points(group), generators(group).blinding
        self.relation.check()
        if not 0 <= index < len(members):
            raise InvalidInputError("certificate.not_in_ring")
        moved = group.add(members[index], group.multiply(blinding, difference))
        if not group.equal(moved, self.target) or not all(
            map(group.equal, self.relation.map(witness), self.relation.image())
        ):
            raise InvalidInputError("proofs.witness_does_not_fit")

        drawn = iter(
            scalars(
                m * (RADIX - 1) + 2 + m + len(witness),
                derive_session_id(self.tag),
                self._statement() + index.to_bytes(4, "big"),
                [difference, *witness],
            )
        )
        chosen = [_digit_row(index, j) for j in reversed(range(m))]
        masks = []
        for _ in range(m):
            row = [next(drawn) for _ in range(RADIX - 1)]
            masks.append([-sum(row) % ORDER, *row])
        b_blinding, a_blinding = next(drawn), next(drawn)
        g_blindings = [next(drawn) for _ in range(m)]
        nonces = list(drawn)

        s, a = list(chain(*chosen)), list(chain(*masks))
        b_point = _commit(group, s, [u * (1 - 2 * v) % ORDER for u, v in zip(a, s, strict=True)], b_blinding)
        a_point = _commit(group, a, [-u * u % ORDER for u in a], a_blinding)
        polynomials = _polynomials(chosen, masks)
        g_points = group.msms(
            [
                ([*members, blinding], [*self._fold([-p[k] % ORDER for p in polynomials]), mask])
                for k, mask in enumerate(g_blindings)
            ]
        )

        x = self._challenge(self.relation.map(nonces), b_point, a_point, g_points)
        f = [
            [(u + x * v) % ORDER for u, v in zip(a_row, s_row, strict=True)]
            for a_row, s_row in zip(masks, chosen, strict=True)
        ]
        z_b = (a_blinding + x * b_blinding) % ORDER
        masked = sum(mask * pow(x, k, ORDER) for k, mask in enumerate(g_blindings))
        z = (difference * pow(x, m, ORDER) - masked) % ORDER
        responses = [(n + x * w) % ORDER for n, w in zip(nonces, witness, strict=True)]
        points = [b_point, *g_points[1:], *self._columns().stated(_products(f[:-1]))]
        numbers = [x, *(value for row in f for value in row[1:]), z_b, z, *responses]
        return b"".join(chain(map(group.encode, points), map(encode_scalar, numbers)))

    def verify(self, proof: bytes) -> bool:
        """True for a valid proof; False for anything else, never an exception for any bytes."""
        group, m = self.group, self.digits
        try:
            self.relation.check()
            columns = self._columns()
            if len(proof) != self.proof_size:
                return False
            head = proof[: (m + RADIX - 1) * POINT_SIZE]
            b_point, *points = (
                group.decode(head[i : i + POINT_SIZE]) for i in range(0, len(head), POINT_SIZE)
            )
            g_points, stated = points[: m - 1], points[m - 1 :]
            x, *numbers = decode_scalars(proof[len(head) :])
            width = RADIX - 1
            f = [_complete(numbers[j * width : (j + 1) * width], x) for j in range(m)]
            z_b, z, *responses = numbers[m * width :]

            flat = list(chain(*f))
            a_sum = _commitment(group, flat, [u * (x - u) % ORDER for u in flat], z_b, (b_point, -x % ORDER))
            powers = [pow(x, k, ORDER) for k in range(1, m + 1)]
            added, factors = columns.terms(_products(f[:-1]), [-value % ORDER for value in f[-1]], stated)
            g_zero_sum = (
                [*added, self.target, generators(group).blinding, *g_points],
                [*factors, powers[-1], -z % ORDER, *(-power % ORDER for power in powers[:-1])],
            )
            g_zero, a_point, *linear = group.msms(
                [g_zero_sum, a_sum, *self.relation.commitment_sums(responses, x)]
            )
            return x == self._challenge(linear, b_point, a_point, [g_zero, *g_points])
        except InvalidInputError:
            return False

    def _columns(self) -> ColumnSums[P]:
        return column_sums(self.group, self.ring, RADIX, self.digits)

    def _fold(self, weights: list[int]) -> list[int]:
        """Weights of n^m places as weights of the N members."""
        last = self.ring.size - 1
        return [*weights[:last], sum(weights[last:]) % ORDER]

    def _statement(self) -> bytes:
        return self.relation.serialize() + self.ring.digest + self.group.encode(self.target)

    def _challenge(self, linear: Sequence[P], b_point: P, a_point: P, g_points: Sequence[P]) -> int:
        sponge = DuplexSponge(derive_session_id(self.tag))
        sponge.absorb(self._statement())
        for point in (*linear, b_point, a_point, *g_points):
            sponge.absorb(self.group.encode(point))
        return decode_field(sponge.squeeze(CHALLENGE_BYTES), ORDER)


@cache
def digit_generators(group: Group[P]) -> tuple[P, ...]:
    """Bases of the digit commitments: twice n*m of the largest ring."""
    return tuple(group.hash_to_curve(i.to_bytes(2, "big"), DIGITS_DST) for i in range(2 * RADIX * 7))


def _commit(group: Group[P], left: Sequence[int], right: Sequence[int], blinding: int) -> P:
    return group.msm(*_commitment(group, left, right, blinding))


def _commitment(
    group: Group[P], left: Sequence[int], right: Sequence[int], blinding: int, *more: tuple[P, int]
) -> Sum[P]:
    """The sum for a commitment to two rows, and `more` points with their factors added."""
    bases, half = digit_generators(group), len(digit_generators(group)) // 2
    points = [*bases[: len(left)], *bases[half : half + len(right)], generators(group).blinding]
    points += [point for point, _ in more]
    return points, [*left, *right, blinding, *(factor for _, factor in more)]


def _digit_row(index: int, place: int) -> list[int]:
    digit = index // RADIX**place % RADIX
    return [int(i == digit) for i in range(RADIX)]


def _complete(row: Sequence[int], x: int) -> list[int]:
    """The row with its first value, which the others and x fix."""
    return [(x - sum(row)) % ORDER, *row]


def _products(f: Sequence[Sequence[int]]) -> list[int]:
    """p_i(x) of every place, the first row being the most significant digit."""
    values = [1]
    for row in f:
        values = [value * factor % ORDER for value in values for factor in row]
    return values


def _polynomials(chosen: Sequence[Sequence[int]], masks: Sequence[Sequence[int]]) -> list[list[int]]:
    """Coefficients of p_i(X) of every place, the lowest first, m + 1 of them."""
    polynomials = [[1]]
    for s_row, a_row in zip(chosen, masks, strict=True):
        polynomials = [
            _times(polynomial, s, a) for polynomial in polynomials for s, a in zip(s_row, a_row, strict=True)
        ]
    return polynomials


def _times(polynomial: list[int], s: int, a: int) -> list[int]:
    """polynomial * (s*X + a) for a bit s."""
    scaled = [c * a % ORDER for c in polynomial]
    if not s:
        return [*scaled, 0]
    return [(low + high) % ORDER for low, high in zip([*scaled, 0], [0, *polynomial], strict=True)]
