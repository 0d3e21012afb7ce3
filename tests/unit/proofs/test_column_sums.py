"""The column sums that a proof states: computed right, and attacks on verifiers who trust their weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import column_sums
from desktop_app.proofs.column_sums import ColumnSums
from desktop_app.proofs.commitment import Opening, commit, generators
from desktop_app.proofs.group import ORDER, POINT_SIZE, default_group, encode_scalar
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.one_out_of_many import RADIX, OneOutOfMany, _commit, _products
from desktop_app.proofs.ring import Ring

GROUP = default_group()
H = generators(GROUP).blinding
V = GROUP.hash_to_curve(b"V", b"COLOPHON-TEST")
SIZE, DIGITS, INDEX, DIFFERENCE, KEY = 21, 3, 9, 4242, 77
STATED_AT = DIGITS * POINT_SIZE
STATED = slice(STATED_AT, STATED_AT + (RADIX - 1) * POINT_SIZE)


@cache
def ring_of(size: int) -> Ring:
    return Ring.of(GROUP.encode(commit(Opening(1000 + i, 2000 + i, 3000 + i))) for i in range(size))


def knows_key() -> LinearRelation[Any]:
    builder = RelationBuilder(GROUP)
    (k,), (public,) = builder.scalars(1), builder.elements(GROUP.multiply(GROUP.generator(), KEY))
    builder.equation([public], [(k, 0)])
    return builder.build()


@cache
def claim(size: int = SIZE) -> OneOutOfMany[Any]:
    target = GROUP.add(ring_of(size).points(GROUP)[INDEX % size], GROUP.multiply(H, DIFFERENCE))
    return OneOutOfMany(b"CMPT", ring_of(size), target, knows_key())


@cache
def proof() -> bytes:
    return claim().prove(INDEX, DIFFERENCE, [KEY])


@pytest.fixture(params=["plain", "combined"])
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Verifiers who have never met the ring, and such as have it prepared."""
    monkeypatch.setattr(column_sums, "_PLAIN_PROOFS", 10**9 if request.param == "plain" else 0)
    column_sums.column_sums.cache_clear()
    return str(request.param)


def stated(data: bytes) -> list[bytes]:
    part = data[STATED]
    return [part[i : i + POINT_SIZE] for i in range(0, len(part), POINT_SIZE)]


def with_stated(data: bytes, points: Sequence[bytes]) -> bytes:
    return data[:STATED_AT] + b"".join(points) + data[STATED.stop :]


def shifted(data: bytes, shifts: Sequence[Any]) -> bytes:
    """The proof with something added to each stated sum."""
    points = [
        GROUP.encode(GROUP.add(GROUP.decode(each), shift))
        for each, shift in zip(stated(data), shifts, strict=True)
    ]
    return with_stated(data, points)


def last_row(data: bytes) -> list[int]:
    """f of the last digit."""
    numbers = data[STATED.stop :]
    x, *rest = (int.from_bytes(numbers[i : i + 32], "big") for i in range(0, len(numbers), 32))
    row = rest[(DIGITS - 1) * (RADIX - 1) : DIGITS * (RADIX - 1)]
    return [(x - sum(row)) % ORDER, *row]


# --- what they are


@given(st.integers(2, 70), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_terms_add_up_to_the_whole_ring_with_the_weights_of_its_places(
    size: int, draw: random.Random, prepared: bool
) -> None:
    protocol = claim(size)
    sums = ColumnSums(GROUP, ring_of(size), RADIX, protocol.digits)
    f = [[draw.randrange(1, ORDER) for _ in range(RADIX)] for _ in range(protocol.digits)]
    whole = GROUP.msm(ring_of(size).points(GROUP), protocol._fold(_products(f)))
    factors = _products(f[:-1])
    told = sums.stated(factors)
    for _ in range(column_sums._PLAIN_PROOFS if prepared else 0):
        sums.terms(factors, f[-1], told)
    points, scalars = sums.terms(factors, f[-1], told)
    assert GROUP.equal(GROUP.msm(points, scalars), whole)


def test_a_ring_met_again_and_again_takes_a_quarter_of_the_points() -> None:
    sums = ColumnSums(GROUP, ring_of(64), RADIX, 3)
    factors, row = list(range(1, 17)), [5, 6, 7, 8]
    lengths = [len(sums.terms(factors, row, sums.stated(factors))[0]) for _ in range(6)]
    assert lengths == [4, 4, 4, 19, 19, 19]  # the first three have computed all four sums of sixteen


def test_weights_are_fresh_secrets_and_drawn_anew_after_so_many_proofs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(column_sums, "_PROOFS_PER_WEIGHTS", 2)
    sums = [ColumnSums(GROUP, ring_of(5), RADIX, 2) for _ in range(2)]
    seen = []
    for each, _ in product(sums, range(column_sums._PLAIN_PROOFS + 4)):
        random.seed(1)
        each.terms([1, 2, 3, 4], [5, 6, 7, 8], each.stated([1, 2, 3, 4]))
        if each._combined:
            seen.append(each._combined.weights)
            assert str(each._combined.weights[1]) not in repr(each) + repr(each._combined)
    assert [seen.count(weights) for weights in dict.fromkeys(seen)] == [2, 2, 2, 2]
    secret = [weight for weights in set(seen) for weight in weights[1:]]
    assert len(set(secret)) == 12
    assert all(weight < 2**128 for weight in secret)
    assert max(secret) >= 2**120


def test_proofs_verified_at_once_in_several_threads_get_the_right_verdicts() -> None:
    column_sums.column_sums.cache_clear()
    bad = shifted(proof(), [V, V, V])
    with ThreadPoolExecutor(4) as threads:
        verdicts = list(threads.map(claim().verify, [proof(), bad] * 8))
    assert verdicts == [True, False] * 8


# --- attacks: what is stated is not so


def in_another_order(data: bytes) -> bytes:
    first, second, third = stated(data)
    return with_stated(data, [second, first, third])


def one_for_all(data: bytes) -> bytes:
    return with_stated(data, stated(data)[:1] * 3)


def of_another_challenge(data: bytes) -> bytes:
    return with_stated(data, stated(claim().prove(INDEX, DIFFERENCE, [KEY])))


def negated(data: bytes) -> bytes:
    return with_stated(data, [GROUP.encode(GROUP.negate(GROUP.decode(each))) for each in stated(data)])


def cancelling(data: bytes) -> bytes:
    """What is added to one sum is taken from another, each times its factor: their whole stays right."""
    _, first, second, _ = last_row(data)
    return shifted(data, [GROUP.multiply(V, second), GROUP.multiply(V, -first % ORDER), GROUP.identity()])


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "one of them": lambda data: shifted(data, [GROUP.identity(), V, GROUP.identity()]),
    "all of them": lambda data: shifted(data, [V, V, V]),
    "in another order": in_another_order,
    "one for all": one_for_all,
    "of another challenge": of_another_challenge,
    "negated": negated,
    "members": lambda data: with_stated(data, ring_of(SIZE).commitments()[1:4]),
    "cancelling": cancelling,
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_column_sums_that_are_not_so_are_refused(forgery: str, mode: str) -> None:
    assert claim().verify(proof())
    assert not claim().verify(FORGERIES[forgery](proof()))
    assert claim().verify(proof())


def with_known_weights(weights: Sequence[int]) -> None:
    """The verifier's weights, as nobody else may know them."""
    sums = claim()._columns()
    rows = zip(*sums._columns, strict=True)
    points = tuple(GROUP.msm(row, [1, *weights]) for row in rows)
    sums._combined = column_sums._Combined((1, *weights), points)
    next(sums._met)


def fitting(weights: Sequence[int]) -> bytes:
    """Shifts of two sums that cancel each other under these weights."""
    zero, first, second, _ = last_row(proof())
    factors = (first - zero * weights[0]) % ORDER, (second - zero * weights[1]) % ORDER
    shifts = [GROUP.multiply(V, factors[1]), GROUP.multiply(V, -factors[0] % ORDER), GROUP.identity()]
    return shifted(proof(), shifts)


@pytest.mark.parametrize("mode", ["combined"], indirect=True)
def test_sums_that_fit_the_weights_of_one_verifier_are_refused_by_every_other(mode: str) -> None:
    """Were the weights no secret, it would be a forgery: that is why they leave the process in no form."""
    known = (2**127 + 1, 2**126 + 3, 2**125 + 5)
    forged = fitting(known)
    with_known_weights(known)
    assert claim().verify(forged)
    with_known_weights((known[1], known[0], known[2]))
    assert not claim().verify(forged)
    column_sums.column_sums.cache_clear()
    assert not claim().verify(forged)


@pytest.mark.parametrize("mode", ["combined"], indirect=True)
def test_without_weights_a_cancelling_pair_of_sums_would_pass(mode: str) -> None:
    with_known_weights((0, 0, 0))
    assert claim().verify(cancelling(proof()))
    column_sums.column_sums.cache_clear()
    assert not claim().verify(cancelling(proof()))


def test_column_sums_off_the_subgroup_are_refused(mode: str) -> None:
    """Of order 3: a third of all weights would not notice."""
    order_three = G1Point.from_compressed_bytes_unchecked(b"\x80" + bytes(47))
    for shifts in ([order_three, None, None], [order_three, -order_three, None], [order_three] * 3):
        moved = [
            bytes((GROUP.decode(each) + shift).to_compressed_bytes()) if shift else each
            for each, shift in zip(stated(proof()), shifts, strict=True)
        ]
        assert not claim().verify(with_stated(proof(), moved))


def test_the_identity_is_no_column_sum(mode: str) -> None:
    identity = b"\xc0" + bytes(POINT_SIZE - 1)
    for place in range(3):
        points = stated(proof())
        points[place] = identity
        assert not claim().verify(with_stated(proof(), points))


def forged_for_nobody() -> tuple[OneOutOfMany[Any], bytes]:
    """A proof for a target that belongs to nobody, the first value of the last digit being zero."""
    ring = ring_of(4)
    members = ring.points(GROUP)
    false = OneOutOfMany(b"CMPT", ring, V, knows_key())
    s, a = [0, 1, 0, 0], [0, 11, 12, -23 % ORDER]
    r_b, r_a, rho, nonce = 13, 14, 15, 16
    b_point = _commit(GROUP, s, [u * (1 - 2 * v) % ORDER for u, v in zip(a, s, strict=True)], r_b)
    a_point = _commit(GROUP, a, [-u * u % ORDER for u in a], r_a)
    g_zero = GROUP.msm([*members, H], [*(-u % ORDER for u in a), rho])
    x = false._challenge(false.relation.map([nonce]), b_point, a_point, [g_zero])
    f = [(u + x * v) % ORDER for u, v in zip(a, s, strict=True)]
    owned = GROUP.add(members[1], GROUP.multiply(H, DIFFERENCE))
    missing = GROUP.add(V, GROUP.negate(owned))
    made_up = GROUP.add(members[1], GROUP.multiply(missing, x * pow(f[1], -1, ORDER) % ORDER))
    numbers = [x, *f[1:], (r_a + x * r_b) % ORDER, (DIFFERENCE * x - rho) % ORDER, (nonce + x * KEY) % ORDER]
    points = [b_point, made_up, members[2], members[3]]
    return false, b"".join([*map(GROUP.encode, points), *map(encode_scalar, numbers)])


def test_a_first_value_of_zero_which_would_switch_off_the_weights_is_refused(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    false, forged = forged_for_nobody()
    assert not false.verify(forged)
    monkeypatch.setattr(ColumnSums, "_check_row", lambda *_: None)
    assert false.verify(forged) is (mode == "combined")


def test_the_first_value_must_not_be_zero_even_where_all_else_is_true(mode: str) -> None:
    def drawn(count: int, *_: object) -> list[int]:
        digits = DIGITS * (RADIX - 1)
        return [*range(1, digits - 2), 5, 6, -11 % ORDER, *range(100, 100 + count - digits)]

    made = claim().prove(INDEX, DIFFERENCE, [KEY], drawn)
    assert last_row(made)[0] == 0
    assert not claim().verify(made)
    sums = ColumnSums(GROUP, ring_of(4), RADIX, 1)
    with pytest.raises(InvalidInputError):
        sums.terms([1], [0, 1, 2, 3], sums.stated([1]))


def test_the_same_bytes_get_the_same_verdict_plain_and_combined(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(3)
    attempts = [proof()]
    for place in range(STATED_AT, STATED.stop, 4):
        bad = bytearray(proof())
        bad[place] ^= 1 << draw.randrange(8)
        attempts.append(bytes(bad))
    verdicts = []
    for plain in (10**9, 0):
        monkeypatch.setattr(column_sums, "_PLAIN_PROOFS", plain)
        column_sums.column_sums.cache_clear()
        verdicts.append([claim().verify(attempt) for attempt in attempts])
    assert verdicts[0] == verdicts[1] == [True] + [False] * (len(attempts) - 1)
