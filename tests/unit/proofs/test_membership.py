"""One of N works is mine: who can prove it, what is hidden, and the attacks that must fail."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.proofs import certificate, one_out_of_many
from desktop_app.proofs.attachments import RingAttachment
from desktop_app.proofs.commitment import Opening, commit, generators
from desktop_app.proofs.encoding import to_hex
from desktop_app.proofs.group import ORDER, POINT_SIZE, Group, decode_scalars, default_group, encode_scalar
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.membership import MembershipStatement, prepare, scope_base
from desktop_app.proofs.one_out_of_many import RADIX, OneOutOfMany
from desktop_app.proofs.ring import MAX_SIZE, Ring, window
from desktop_app.proofs.sigma_protocol import hedged_scalars
from desktop_app.proofs.verifier import Anchor, Proof, Verdicts, verify

NOW = 1_800_000_000
CONTRACT = "0x" + "11" * 20


def opening(number: int) -> Opening:
    return Opening(1000 + number, 2000 + number, 3000 + number)


@cache
def ring_of(size: int) -> Ring:
    group = default_group()
    return Ring.of(group.encode(commit(opening(i))) for i in range(size))


def prepared(own: Opening, ring: Ring, **changes: Any) -> tuple[Any, Any, Any]:
    fields: dict[str, Any] = {
        "chain_id": 6516588,
        "contract": CONTRACT,
        "block": 77,
        "scope": "vote 1",
        "audience": "The jury",
        "challenge": "",
        "issued_at": NOW,
        "expires_at": NOW + 10,
    }
    return prepare(own, ring.commitments(), **{**fields, **changes})


def issue(number: int, size: int, **changes: Any) -> bytes:
    return certificate.issue(*prepared(opening(number), ring_of(size), **changes))


def judged(data: bytes, **more: Any) -> Verdicts:
    return verify(data, now=NOW, **more)


def holds(data: bytes) -> bool:
    try:
        return judged(data).proof is Proof.VALID
    except InvalidInputError:
        return False


def edited(data: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    whole = json.loads(data)
    edit(whole)
    return rfc8785.dumps(whole)


def statement_of(data: bytes) -> MembershipStatement:
    statement = certificate.parse(data).statement
    assert isinstance(statement, MembershipStatement)
    return statement


@pytest.mark.parametrize("size", [2, 3, 4, 5, 16, 17, 64, 65])
def test_every_member_of_a_ring_of_any_size_can_prove(size: int) -> None:
    for number in {0, 1, size // 2, size - 1}:
        data = issue(number, size)
        assert holds(data)
        assert certificate.parse(data).encode() == data


@given(st.integers(2, 40), st.data())
@settings(max_examples=20)
def test_random_places_in_random_rings_hold(size: int, data: st.DataObject) -> None:
    assert holds(issue(data.draw(st.integers(0, size - 1)), size))


def test_both_implementations_agree(group: Group[Any]) -> None:
    statement, witness, attachments = prepared(opening(2), ring_of(5))
    proof = statement.prove(group, witness, attachments)
    for verifier in (group, default_group()):
        assert statement.is_proved_by(verifier, proof, attachments)


def test_the_proof_stays_small() -> None:
    statement, _, _ = prepared(opening(2), ring_of(5))
    big = dataclasses.replace(statement, ring_size=1024)
    relation = big.relation(default_group())

    class Thousand(Ring):
        @property
        def size(self) -> int:
            return 1024

    protocol = OneOutOfMany(b"", Thousand(ring_of(5).data), default_group().generator(), relation)
    assert protocol.proof_size + 2 * POINT_SIZE < 1200


def test_a_stranger_to_the_ring_cannot_prove() -> None:
    with pytest.raises(InvalidInputError) as caught:
        prepared(opening(99), ring_of(5))
    assert caught.value.code == "certificate.not_in_ring"


def test_one_owner_has_one_nullifier_in_a_scope_and_others_have_others() -> None:
    own = Opening(1, 2002, 5)  # another work of the owner of opening(2)
    group = default_group()
    ring = Ring.of([*ring_of(5).commitments(), group.encode(commit(own))])
    nullifiers = {
        name: statement_of(certificate.issue(*prepared(who, ring, scope=scope))).nullifier
        for name, who, scope in (
            ("first", opening(2), "vote 1"),
            ("again", opening(2), "vote 1"),
            ("other work", own, "vote 1"),
            ("other owner", opening(3), "vote 1"),
            ("other scope", opening(2), "vote 2"),
        )
    }
    assert nullifiers["first"] == nullifiers["again"] == nullifiers["other work"]
    assert len({nullifiers["first"], nullifiers["other owner"], nullifiers["other scope"]}) == 3


def test_two_proofs_in_different_scopes_share_nothing_that_could_link_them() -> None:
    first, second = (statement_of(issue(2, 5, scope=scope)) for scope in ("vote 1", "vote 2"))
    assert first.commitment != second.commitment
    assert first.nullifier != second.nullifier
    proofs = [certificate.parse(issue(2, 5, scope=scope)).proof for scope in ("vote 1", "vote 2")]
    pieces = [{proof[i : i + 16] for i in range(0, len(proof), 16)} for proof in proofs]
    assert not pieces[0] & pieces[1]
    ring = [to_hex(member) for member in ring_of(5).commitments()]
    assert first.commitment not in ring


def test_the_certificate_names_no_address_and_holds_no_secret() -> None:
    data = issue(2, 5).decode()
    assert '"subject":""' in data
    for secret in opening(2).scalars():
        assert f"{secret:064x}" not in data


def test_every_byte_of_the_certificate_is_bound() -> None:
    data = issue(1, 3)
    draw = random.Random(5)
    for position in range(len(data)):
        bad = bytearray(data)
        bad[position] ^= draw.randrange(1, 256)
        assert not holds(bytes(bad)), position


def test_every_bit_of_the_proof_is_bound() -> None:
    statement, witness, attachments = prepared(opening(2), ring_of(5))
    group = default_group()
    proof = statement.prove(group, witness, attachments)
    for position in range(len(proof)):
        bad = bytearray(proof)
        bad[position] ^= 1 << position % 8
        assert not statement.is_proved_by(group, bytes(bad), attachments)
    for bad_proof in (b"", proof[:-1], proof + b"\0", proof[32:], bytes(len(proof))):
        assert not statement.is_proved_by(group, bad_proof, attachments)


def test_scalars_plus_the_order_are_refused() -> None:
    statement, witness, attachments = prepared(opening(2), ring_of(5))
    group = default_group()
    proof = statement.prove(group, witness, attachments)
    for i in range(5 * POINT_SIZE, len(proof), 32):
        lifted = int.from_bytes(proof[i : i + 32], "big") + ORDER
        bad = proof[:i] + lifted.to_bytes(32, "big") + proof[i + 32 :]
        assert not statement.is_proved_by(group, bad, attachments)


def ring_changes() -> list[bytes]:
    members = ring_of(5).commitments()
    stranger = default_group().encode(commit(opening(9)))
    return [
        b"".join([members[1], members[0], *members[2:]]),
        b"".join([*members[:4], stranger]),
        b"".join([*members, stranger]),
        b"".join(members[:4]),
        b"".join([*members[:4], members[0]]),
        members[0],
        b"",
        b"".join(members) + b"\0",
    ]


@pytest.mark.parametrize("data", ring_changes())
def test_a_ring_reordered_or_altered_is_refused(data: bytes) -> None:
    encoded = base64.b64encode(data).decode()
    bad = edited(issue(2, 5), lambda whole: whole["attachments"][0].update(commitments=encoded))
    assert not holds(bad)
    if len(data) % POINT_SIZE == 0 and len(set(Ring.commitments(_raw(data)))) == len(data) // POINT_SIZE > 1:
        changed = Ring(data)

        def relabel(whole: dict[str, Any]) -> None:
            whole["attachments"][0]["commitments"] = encoded
            whole["statement"].update(ring_size=changed.size, ring_digest=to_hex(changed.digest))

        assert not holds(edited(issue(2, 5), relabel))


def _raw(data: bytes) -> Any:
    return type("Raw", (), {"data": data})


def test_rings_of_one_of_too_many_and_with_duplicates_are_refused() -> None:
    members = ring_of(5).commitments()
    for bad in ([], members[:1], [members[0], members[0]], [b"x" * 47]):
        with pytest.raises(InvalidInputError):
            Ring.of(bad)
    with pytest.raises(InvalidInputError):
        Ring(b"".join(i.to_bytes(POINT_SIZE, "big") for i in range(MAX_SIZE + 1)))


def test_members_that_are_no_points_are_refused() -> None:
    members = ring_of(5).commitments()
    for point in (b"\xc0" + bytes(47), b"\x80" + bytes(47), b"\xe0" + bytes(47)):
        ring = Ring.of([*members[:4], point])

        def relabel(whole: dict[str, Any], ring: Ring = ring) -> None:
            whole["attachments"][0] = RingAttachment.of(ring).to_json()
            whole["statement"]["ring_digest"] = to_hex(ring.digest)

        assert not holds(edited(issue(2, 5), relabel))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scope", "vote 2"),
        ("audience", "Another"),
        ("challenge", "x"),
        ("chain_id", 1),
        ("contract", "0x" + "99" * 20),
        ("block", 78),
        ("first", 1),
        ("ring_size", 6),
        ("ring_digest", "0x" + "00" * 32),
        ("expires_at", NOW + 11),
    ],
)
def test_a_proof_replays_to_no_other_claim(key: str, value: Any) -> None:
    bad = edited(issue(2, 5), lambda whole: whole["statement"].update({key: value}))
    assert judged(bad).proof is Proof.NOT_VALID


def test_nullifier_and_target_of_another_proof_are_refused() -> None:
    first, second = issue(2, 5), issue(3, 5)
    other = statement_of(second)
    for key in ("nullifier", "commitment"):
        bad = edited(first, lambda whole, key=key: whole["statement"].update({key: getattr(other, key)}))
        assert judged(bad).proof is Proof.NOT_VALID


def test_attachments_are_exactly_one_ring() -> None:
    data = issue(2, 5)
    ring = json.loads(data)["attachments"][0]
    excerpt = {"kind": "excerpt", "chunks": [], "salts": [], "paths": []}
    for attachments in ([], [ring, ring], [excerpt], [ring, excerpt]):
        assert not holds(edited(data, lambda whole, a=attachments: whole.update(attachments=a)))


def test_the_statement_has_an_occasion_and_no_subject() -> None:
    data = issue(2, 5)
    for key, value, code in (
        ("scope", "", "scope_missing"),
        ("subject", CONTRACT, "subject_not_empty"),
        ("ring_size", 0, "number_out_of_range"),
        ("first", -1, "number_out_of_range"),
    ):
        bad = edited(data, lambda whole, key=key, value=value: whole["statement"].update({key: value}))
        with pytest.raises(InvalidInputError) as caught:
            certificate.parse(bad)
        assert caught.value.code == f"certificate.{code}"


def test_the_ring_is_confirmed_by_the_chain_or_not() -> None:
    data, asked = issue(2, 5), []

    def lookup(statement: MembershipStatement) -> Ring | None:
        asked.append(statement.block)
        return ring_of(5)

    def unavailable(_: MembershipStatement) -> Ring | None:
        raise UnavailableError("chain.unreachable")

    assert judged(data, ring_lookup=lookup).anchor is Anchor.CONFIRMED
    assert asked == [77]
    assert judged(data).anchor is Anchor.NOT_CHECKED
    assert judged(data, lookup=lambda _: None).anchor is Anchor.NOT_CHECKED
    assert judged(data, ring_lookup=unavailable).anchor is Anchor.NOT_CHECKED
    for other in (None, ring_of(6)):
        verdicts = judged(data, ring_lookup=lambda _, other=other: other)
        assert verdicts.anchor is Anchor.NOT_CONFIRMED
        assert not verdicts.accepted


# --- attacks on the protocol itself


def test_without_the_opening_of_the_target_anyone_could_use_a_strangers_work(fast: Group[Any]) -> None:
    """A thief rerandomises a stranger's commitment, and has a nullifier of his own."""
    ring, thief_key, difference = ring_of(5), 666, 4242
    stranger = fast.decode(ring.commitments()[3])
    target = fast.add(stranger, fast.multiply(generators(fast).blinding, difference))
    base = scope_base(fast, "vote 1")
    builder = RelationBuilder(fast)
    (k,), (u, nullifier) = builder.scalars(1), builder.elements(base, fast.multiply(base, thief_key))
    builder.equation([nullifier], [(k, u)])
    mutant = OneOutOfMany(b"CMPT", ring, target, builder.build())
    forged = mutant.prove(3, difference, [thief_key])
    assert mutant.verify(forged)  # the ring part alone is satisfied

    statement, _, attachments = prepared(opening(3), ring)
    stolen = dataclasses.replace(
        statement,
        commitment=to_hex(fast.encode(target)),
        nullifier=to_hex(fast.encode(fast.multiply(base, thief_key))),
    )
    assert not stolen.is_proved_by(fast, forged, attachments)
    assert not stolen.is_proved_by(fast, forged + bytes(64), attachments)
    for guess in ((1, thief_key, 1), (0, thief_key, difference)):
        with pytest.raises(InvalidInputError):
            stolen.prove(fast, (*guess, difference, 3), attachments)


def test_the_opening_of_another_proof_does_not_serve(fast: Group[Any]) -> None:
    statement, witness, attachments = prepared(opening(2), ring_of(5))
    first, second = (statement.prove(fast, witness, attachments) for _ in range(2))
    for cut in (32, 64, 96, 128, len(first) - 96):
        assert not statement.is_proved_by(fast, first[:-cut] + second[-cut:], attachments)


def test_a_nullifier_of_another_key_cannot_be_proved(fast: Group[Any]) -> None:
    statement, witness, attachments = prepared(opening(2), ring_of(5))
    other = fast.encode(fast.multiply(scope_base(fast, "vote 1"), opening(2).owner + 1))
    with pytest.raises(InvalidInputError):
        dataclasses.replace(statement, nullifier=to_hex(other)).prove(fast, witness, attachments)


def single_digit_prover(
    protocol: OneOutOfMany[Any], row: list[int], difference: int, witness: list[int]
) -> bytes:
    """The prover for rings of up to four, written out for any row of weights, bits or not."""
    group = protocol.group
    members = protocol.ring.points(group)
    draw = random.Random(11)
    a = [draw.randrange(ORDER) for _ in range(3)]
    a = [-sum(a) % ORDER, *a]
    b_blinding, a_blinding, g_blinding = (draw.randrange(ORDER) for _ in range(3))
    nonces = [draw.randrange(ORDER) for _ in witness]
    products = [u * (1 - 2 * v) % ORDER for u, v in zip(a, row, strict=True)]
    b_point = one_out_of_many._commit(group, row, products, b_blinding)
    a_point = one_out_of_many._commit(group, a, [-u * u % ORDER for u in a], a_blinding)
    g_zero = group.msm([*members, generators(group).blinding], [*(-u % ORDER for u in a), g_blinding])
    x = protocol._challenge(protocol.relation.map(nonces), b_point, a_point, [g_zero])
    f = [(u + x * v) % ORDER for u, v in zip(a, row, strict=True)]
    numbers = [
        x,
        *f[1:],
        (a_blinding + x * b_blinding) % ORDER,
        (difference * x - g_blinding) % ORDER,
        *((n + x * w) % ORDER for n, w in zip(nonces, witness, strict=True)),
    ]
    points = [b_point, *members[1:4]]
    return b"".join([*map(group.encode, points), *map(encode_scalar, numbers)])


def test_weights_that_are_no_bits_are_refused(fast: Group[Any]) -> None:
    """A mixture w*C0 + (1-w)*C1 is no member, though every other equation holds for it."""
    ring, difference = ring_of(4), 4242
    members = ring.points(fast)
    for row, genuine in (
        ([1, 0, 0, 0], True),
        ([0, 0, 1, 0], True),
        ([2, ORDER - 1, 0, 0], False),
        ([3, 5, 0, ORDER - 7], False),
        ([0, 0, 0, 0], False),
        ([1, 1, 0, 0], False),
        ([1, 1, ORDER - 1, 0], False),
    ):
        target = fast.msm([*members, generators(fast).blinding], [*row, difference])
        protocol = OneOutOfMany(b"CMPT", ring, target, _schnorr(fast, 7))
        proof = single_digit_prover(protocol, row, difference, [7])
        assert protocol.verify(proof) is genuine


def _schnorr(group: Group[Any], secret: int) -> LinearRelation[Any]:
    builder = RelationBuilder(group)
    (x,), (y,) = builder.scalars(1), builder.elements(group.multiply(group.generator(), secret))
    builder.equation([y], [(x, 0)])
    return builder.build()


def test_a_false_index_or_difference_makes_no_proof(fast: Group[Any]) -> None:
    statement, witness, attachments = prepared(opening(2), ring_of(5))
    for index, difference in ((1, witness[3]), (2, witness[3] + 1), (-3, witness[3]), (5, witness[3])):
        with pytest.raises(InvalidInputError):
            statement.prove(fast, (*witness[:3], difference, index), attachments)


def test_a_repeated_random_generator_does_not_leak_the_witness(fast: Group[Any]) -> None:
    scalars = partial(hedged_scalars, random_bytes=bytes)
    answers = []
    for label in (b"CMPT first", b"CMPT second"):
        relation = _schnorr(fast, 7)
        ring = ring_of(5)
        target = fast.add(ring.points(fast)[2], fast.multiply(generators(fast).blinding, 4242))
        proof = OneOutOfMany(label, ring, target, relation).prove(2, 4242, [7], scalars)
        answers.append(decode_scalars(proof[5 * POINT_SIZE :]))
    inverse = pow(answers[0][0] - answers[1][0], -1, ORDER)
    extracted = [(a - b) * inverse % ORDER for a, b in zip(*answers, strict=True)]
    assert 7 not in extracted[1:]
    assert not {0, 1} & set(extracted[1:])  # the digits of the index stay hidden as well


def test_the_digits_cover_the_largest_ring() -> None:
    assert RADIX**7 == MAX_SIZE
    assert len(one_out_of_many.digit_generators(default_group())) == 2 * 4 * 7


def test_decoded_rings_are_kept(fast: Group[Any]) -> None:
    assert ring_of(17).points(fast) is Ring(ring_of(17).data).points(fast)


# --- lists that are longer than a ring


def part_of(total: int, index: int, scope: str = "vote 1", secret: bytes = b"owner") -> range:
    return window(index, total, secret, scope)


@given(st.integers(1, 5 * MAX_SIZE), st.data())
def test_everybody_in_a_list_of_any_length_has_a_ring_as_large_as_possible(
    total: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, total - 1))
    part = part_of(total, index, secret=data.draw(st.binary(max_size=4)))
    assert index in part
    assert part.start >= 0
    assert part.stop <= total
    assert len(part) == min(total, MAX_SIZE)


@given(st.binary(min_size=1, max_size=8))
def test_the_middle_half_of_a_ring_could_each_be_the_prover(secret: bytes) -> None:
    total, index = 10 * MAX_SIZE, 5 * MAX_SIZE
    place = index - part_of(total, index, secret=secret).start
    assert MAX_SIZE // 4 <= place < 3 * MAX_SIZE // 4


def test_the_places_before_the_prover_are_spread_evenly() -> None:
    total, index = 10 * MAX_SIZE, 5 * MAX_SIZE
    eighths = [0] * 4
    for number in range(2000):
        place = index - part_of(total, index, secret=number.to_bytes(2, "big")).start
        eighths[(place - MAX_SIZE // 4) * 8 // MAX_SIZE] += 1
    assert min(eighths) > 400  # 500 each on average


def test_comparing_the_rings_of_one_scope_tells_nothing_more_and_those_of_two_are_strangers() -> None:
    index = 5 * MAX_SIZE
    later = [part_of(total, index) for total in (6 * MAX_SIZE, 7 * MAX_SIZE, 20 * MAX_SIZE)]
    assert len(set(later)) == 1
    assert len({part_of(10 * MAX_SIZE, index, scope=f"vote {number}").start for number in range(50)}) > 45
    newest = part_of(index + 1, index)  # registered last, proved at once, and again much later
    assert len(range(max(newest.start, later[0].start), min(newest.stop, later[0].stop))) > MAX_SIZE // 4


def test_a_part_of_a_long_list_is_proved_and_confirmed_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.proofs.ring.MAX_SIZE", 4)
    everybody = [default_group().encode(commit(opening(number))) for number in range(9)]
    fields = {"chain_id": 1, "contract": CONTRACT, "block": 77, "audience": "", "challenge": ""}
    made = prepare(opening(6), everybody, scope="vote 1", issued_at=NOW, expires_at=NOW + 10, **fields)
    statement = made[0]
    assert statement.first in (4, 5)
    assert statement.ring_size == 4

    def lookup(asked: MembershipStatement) -> Ring:
        return Ring.of(everybody[asked.first : asked.first + asked.ring_size])

    data = certificate.issue(*made)
    assert judged(data, ring_lookup=lookup).anchor is Anchor.CONFIRMED
    moved = edited(data, lambda whole: whole["statement"].update(first=statement.first - 1))
    assert judged(moved, ring_lookup=lookup).proof is Proof.NOT_VALID
