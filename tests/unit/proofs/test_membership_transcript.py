"""Fiat-Shamir of the one-out-of-many proof: each item left out of the transcript in a mutant lets a forgery
through, and the very same forgery fails on the product.

The forger proves like the honest prover, for whatever he pleases, and fixes what the transcript does not hold
after he has seen the challenge x. V is a point of which nobody knows the logarithm.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pytest

from desktop_app.proofs import one_out_of_many
from desktop_app.proofs.codec import decode_field
from desktop_app.proofs.column_sums import column_sums
from desktop_app.proofs.commitment import Opening, commit, generators
from desktop_app.proofs.group import ORDER, default_group, encode_scalar
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.one_out_of_many import RADIX, OneOutOfMany
from desktop_app.proofs.ring import Ring
from desktop_app.proofs.sigma_protocol import CHALLENGE_BYTES
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

GROUP = default_group()
H = generators(GROUP).blinding
V = GROUP.hash_to_curve(b"V", b"COLOPHON-TEST")
KEY, DIFFERENCE, INDEX, DIGITS = 77, 4242, 2, 2
MIXTURE = [2, ORDER - 1, 0, 0]  # the weights add up to one, and are no bits


@dataclass(frozen=True)
class Mutant(OneOutOfMany[Any]):
    """The product, with one item left out of its transcript; with none left out, the product itself."""

    left_out: str = ""

    def _challenge(self, linear: Sequence[Any], b_point: Any, a_point: Any, g_points: Sequence[Any]) -> int:
        encode = GROUP.encode
        items = {
            "relation": self.relation.serialize(),
            "ring": self.ring.digest,
            "target": encode(self.target),
            "linear": b"".join(map(encode, linear)),
            "B": encode(b_point),
            "A": encode(a_point),
            "G0": encode(g_points[0]),
            "G1": encode(g_points[1]),
        }
        sponge = DuplexSponge(bytes(32) if self.left_out == "tag" else derive_session_id(self.tag))
        for name, data in items.items():
            if name != self.left_out:
                sponge.absorb(data)
        return decode_field(sponge.squeeze(CHALLENGE_BYTES), ORDER)


def ring() -> Ring:
    return Ring.of(GROUP.encode(commit(Opening(1000 + i, 2000 + i, 3000 + i))) for i in range(5))


def knows(point: Any) -> LinearRelation[Any]:
    """I know the logarithm of the point."""
    builder = RelationBuilder(GROUP)
    (k,), (public,) = builder.scalars(1), builder.elements(point)
    builder.equation([public], [(k, 0)])
    return builder.build()


def claim(left_out: str, **changes: Any) -> Mutant:
    """A true claim about member INDEX and KEY, but for what is changed."""
    honest: dict[str, Any] = {
        "tag": b"CMPT here",
        "ring": ring(),
        "target": moved(ring(), [int(place == INDEX) for place in range(5)]),
        "relation": knows(GROUP.multiply(GROUP.generator(), KEY)),
        "left_out": left_out,
    }
    return Mutant(**{**honest, **changes})


def moved(members: Ring, weights: Sequence[int]) -> Any:
    """sum of weight * member, plus DIFFERENCE * H."""
    return GROUP.msm([*members.points(GROUP), H], [*weights, DIFFERENCE])


@dataclass
class Forgery:
    """What a prover says, still to be changed before it is sent."""

    x: int
    f: list[list[int]]
    z_b: int
    z: int
    responses: list[int]
    b_point: Any
    a_point: Any
    g_one: Any
    ring: Ring
    """The ring of the claim, whose column sums are stated."""
    places: list[int] = field(default_factory=list)
    """p_i(x) of every member."""

    def send(self) -> bytes:
        numbers = [self.x, *(value for row in self.f for value in row[1:]), self.z_b, self.z, *self.responses]
        stated = column_sums(GROUP, self.ring, RADIX, DIGITS).stated(self.f[0])
        points = (self.b_point, self.g_one, *stated)
        return b"".join(chain(map(GROUP.encode, points), map(encode_scalar, numbers)))


def proved(
    mutant: Mutant, rows: Sequence[Sequence[int]], twist: str = "", ring_proved: Ring | None = None
) -> Forgery:
    """The honest prover's work for any digits, bits or not; `twist` adds V to one item that is hashed."""
    draw = random.Random(7)
    members = (ring_proved or mutant.ring).points(GROUP)
    a = [[draw.randrange(ORDER) for _ in range(RADIX - 1)] for _ in range(DIGITS)]
    a = [[-sum(row) % ORDER, *row] for row in a]
    r_b, r_a, *rho, nonce = (draw.randrange(ORDER) for _ in range(3 + DIGITS))
    s_flat, a_flat = list(chain(*rows)), list(chain(*a))
    products = [u * (1 - 2 * v) % ORDER for u, v in zip(a_flat, s_flat, strict=True)]
    b_point = one_out_of_many._commit(GROUP, s_flat, products, r_b)
    a_point = one_out_of_many._commit(GROUP, a_flat, [-u * u % ORDER for u in a_flat], r_a)
    polynomials = [
        [a1 * a2 % ORDER, (a1 * s2 + a2 * s1) % ORDER, s1 * s2 % ORDER]
        for s1, a1 in zip(rows[0], a[0], strict=True)
        for s2, a2 in zip(rows[1], a[1], strict=True)
    ]
    g_points = [
        GROUP.msm([*members, H], [*mutant._fold([-p[k] % ORDER for p in polynomials]), rho[k]])
        for k in range(DIGITS)
    ]
    linear = mutant.relation.map([nonce])
    shifted = {"G0": g_points[0], "linear": linear[0]}
    if twist:
        shifted[twist] = GROUP.add(shifted[twist], V)
    x = mutant._challenge([shifted["linear"]], b_point, a_point, [shifted["G0"], g_points[1]])
    return Forgery(
        x,
        [[(u + x * v) % ORDER for u, v in zip(*pair, strict=True)] for pair in zip(a, rows, strict=True)],
        (r_a + x * r_b) % ORDER,
        (DIFFERENCE * x * x - rho[0] - rho[1] * x) % ORDER,
        [(nonce + x * KEY) % ORDER],
        b_point,
        a_point,
        g_points[1],
        mutant.ring,
        mutant._fold([(p[0] + p[1] * x + p[2] * x * x) % ORDER for p in polynomials]),
    )


def digits(index: int) -> list[list[int]]:
    return [[int(i == index // RADIX) for i in range(RADIX)], [int(i == index % RADIX) for i in range(RADIX)]]


def plus(point: Any, other: Any, factor: int) -> Any:
    return GROUP.add(point, GROUP.multiply(other, factor % ORDER))


# --- One forger for each item: (left out) -> (the claim, the bytes that are sent)


def replays_elsewhere(left_out: str) -> tuple[Mutant, bytes]:
    made = proved(claim(left_out), digits(INDEX)).send()
    return claim(left_out, tag=b"CMPT there"), made


def makes_up_his_nullifier(left_out: str) -> tuple[Mutant, bytes]:
    """Another number each time, so that he counts as often as he likes."""
    forged = proved(claim(left_out), digits(INDEX), twist="linear")
    public = GROUP.multiply(GROUP.generator(), KEY)
    return claim(left_out, relation=knows(plus(public, V, -pow(forged.x, -1, ORDER)))), forged.send()


def chooses_a_member_last(left_out: str) -> tuple[Mutant, bytes]:
    """He is in no list: another member makes up for it."""
    members = ring().points(GROUP)
    own = commit(Opening(5, 6, 7))
    with_him = Ring.of(GROUP.encode(own if place == INDEX else each) for place, each in enumerate(members))
    his = claim(left_out, target=plus(own, H, DIFFERENCE))
    forged = proved(his, digits(INDEX), ring_proved=with_him)
    ratio = forged.places[INDEX] * pow(forged.places[0], -1, ORDER)
    stranger = plus(plus(members[0], own, ratio), members[INDEX], -ratio)
    listed = Ring.of(map(GROUP.encode, (stranger, *members[1:])))
    forged.ring = listed
    return dataclasses.replace(his, ring=listed), forged.send()


def chooses_the_target_last(left_out: str) -> tuple[Mutant, bytes]:
    honest = claim(left_out)
    forged = proved(honest, digits(INDEX), twist="G0")
    target = plus(honest.target, V, pow(forged.x, -DIGITS, ORDER))
    return dataclasses.replace(honest, target=target), forged.send()


def knows_no_witness(left_out: str) -> tuple[Mutant, bytes]:
    false = claim(left_out, relation=knows(V))
    return false, proved(false, digits(INDEX)).send()


def mixture(left_out: str) -> tuple[Mutant, Forgery]:
    """The target is twice one member less another: nobody's work."""
    false = claim(left_out, target=moved(ring(), [*MIXTURE, 0]))
    return false, proved(false, [digits(0)[0], MIXTURE])


def chooses_b_last(left_out: str) -> tuple[Mutant, bytes]:
    false, forged = mixture(left_out)
    flat = list(chain(*forged.f))
    total = one_out_of_many._commit(GROUP, flat, [u * (forged.x - u) % ORDER for u in flat], forged.z_b)
    forged.b_point = GROUP.multiply(plus(total, forged.a_point, -1), pow(forged.x, -1, ORDER))
    return false, forged.send()


def lets_a_be_what_it_is(left_out: str) -> tuple[Mutant, bytes]:
    false, forged = mixture(left_out)
    return false, forged.send()


def lets_g_zero_be_what_it_is(left_out: str) -> tuple[Mutant, bytes]:
    false = claim(left_out, target=V)
    return false, proved(false, digits(INDEX)).send()


def chooses_g_one_last(left_out: str) -> tuple[Mutant, bytes]:
    honest = claim(left_out)
    false = dataclasses.replace(honest, target=GROUP.add(honest.target, V))
    forged = proved(false, digits(INDEX))
    forged.g_one = plus(forged.g_one, V, forged.x)
    return false, forged.send()


FORGERS: dict[str, Callable[[str], tuple[Mutant, bytes]]] = {
    "tag": replays_elsewhere,
    "relation": makes_up_his_nullifier,
    "ring": chooses_a_member_last,
    "target": chooses_the_target_last,
    "linear": knows_no_witness,
    "B": chooses_b_last,
    "A": lets_a_be_what_it_is,
    "G0": lets_g_zero_be_what_it_is,
    "G1": chooses_g_one_last,
}


@pytest.mark.parametrize("item", FORGERS)
def test_without_this_item_in_the_transcript_a_forgery_passes_which_the_product_refuses(item: str) -> None:
    mutant, forged = FORGERS[item](item)
    assert mutant.verify(forged)
    whole, attempt = FORGERS[item]("")
    assert not product(whole).verify(attempt)
    assert not product(mutant).verify(forged)


def test_with_nothing_left_out_the_mutant_is_the_product_and_the_forger_an_honest_prover() -> None:
    honest = claim("")
    made = proved(honest, digits(INDEX)).send()
    assert product(honest).verify(made)
    assert honest.verify(product(honest).prove(INDEX, DIFFERENCE, [KEY]))


def product(mutant: Mutant) -> OneOutOfMany[Any]:
    return OneOutOfMany(mutant.tag, mutant.ring, mutant.target, mutant.relation)
