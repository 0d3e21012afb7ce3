"""Prover and verifier: what must hold, and the attacks that must fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs.codec import decode_field
from desktop_app.proofs.group import (
    ORDER,
    POINT_SIZE,
    SUITE,
    Group,
    decode_scalar,
    decode_scalars,
    default_group,
    encode_scalar,
)
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.sigma_protocol import (
    Batched,
    Flavor,
    hedged_nonces,
    prove,
    verify,
    verify_batch,
)
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

WITNESS = [12345, ORDER - 7]


def tag(flavor: Flavor, name: str = "TEST") -> bytes:
    return f"COLOPHON-{name}-{flavor}-with-{SUITE}".encode()


def two_equations(group: Group[Any], witness: Sequence[int] = WITNESS) -> LinearRelation[Any]:
    """C = x*G + y*H and D = x*H."""
    builder = RelationBuilder(group)
    base = group.hash_to_curve(b"H", b"COLOPHON-TEST")
    x, y = builder.scalars(2)
    h, c, d = builder.elements(
        base, group.msm([group.generator(), base], witness), group.multiply(base, witness[0])
    )
    builder.equation([c], [(x, 0), (y, h)])
    builder.equation([d], [(x, h)])
    return builder.build()


@pytest.fixture(params=list(Flavor))
def flavor(request: pytest.FixtureRequest) -> Flavor:
    return Flavor(request.param)


def test_an_honest_proof_is_accepted_and_its_length_is_fixed(group: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(group)
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    assert verify(flavor, tag(flavor), relation, proof)
    assert len(proof) == (96 if flavor is Flavor.COMPACT else 2 * POINT_SIZE + 64)


def test_either_implementation_accepts_the_proofs_of_the_other(
    fast: Group[Any], independent: Group[Any], flavor: Flavor
) -> None:
    for prover, verifier in ((fast, independent), (independent, fast)):
        proof = prove(flavor, tag(flavor), two_equations(prover), WITNESS)
        assert verify(flavor, tag(flavor), two_equations(verifier), proof)


def test_every_flipped_bit_of_a_proof_is_refused(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    for position in range(len(proof)):
        for bit in range(8):
            bad = bytearray(proof)
            bad[position] ^= 1 << bit
            assert not verify(flavor, tag(flavor), relation, bytes(bad))


def test_trailing_and_missing_bytes_are_refused(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    for bad in (b"", proof[:-1], proof + b"\0", proof[32:], proof + proof, bytes(len(proof))):
        assert not verify(flavor, tag(flavor), relation, bad)


def test_scalars_plus_the_order_are_refused(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    start = 0 if flavor is Flavor.COMPACT else 2 * POINT_SIZE
    for i in range(start, len(proof), 32):
        lifted = decode_scalar(proof[i : i + 32]) + ORDER
        bad = proof[:i] + lifted.to_bytes(32, "big") + proof[i + 32 :]
        assert not verify(flavor, tag(flavor), relation, bad)


def test_points_that_are_no_points_are_refused_in_a_batchable_proof(fast: Group[Any]) -> None:
    relation, flavor = two_equations(fast), Flavor.BATCHABLE
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    false_identity = b"\xc0" + bytes(46) + b"\x01"
    for bad in (b"\xc0" + bytes(47), false_identity, b"\xe0" + bytes(47), b"\x80" + bytes(47), bytes(48)):
        assert not verify(flavor, tag(flavor), relation, bad + proof[48:])


def test_a_compact_proof_never_passes_as_batchable_nor_the_reverse(fast: Group[Any]) -> None:
    relation = two_equations(fast)
    for made, read in ((Flavor.COMPACT, Flavor.BATCHABLE), (Flavor.BATCHABLE, Flavor.COMPACT)):
        proof = prove(made, tag(made), relation, WITNESS)
        assert not verify(read, tag(read), relation, proof)
        assert not verify(read, tag(read), relation, proof.ljust(160, b"\0"))
        with pytest.raises(BugError):
            verify(read, tag(made), relation, proof)


def test_the_transcript_of_one_flavour_is_no_proof_of_the_other(fast: Group[Any]) -> None:
    relation = two_equations(fast)
    made = tag(Flavor.BATCHABLE)
    proof = prove(Flavor.BATCHABLE, made, relation, WITNESS)
    challenge = challenge_of(made, relation.serialize(), proof[:96])
    translated = encode_scalar(challenge) + proof[96:]
    assert not verify(Flavor.COMPACT, tag(Flavor.COMPACT), relation, translated)


def test_a_proof_is_bound_to_its_tag(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    assert not verify(flavor, tag(flavor, "TESU"), relation, proof)
    assert not verify(flavor, tag(flavor) + b"\0", relation, proof)


def test_swapped_equations_are_another_statement(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    swapped = dataclasses.replace(relation, equations=relation.equations[::-1])
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    assert not verify(flavor, tag(flavor), swapped, proof)
    if flavor is Flavor.BATCHABLE:
        assert not verify(flavor, tag(flavor), swapped, proof[48:96] + proof[:48] + proof[96:])


def test_an_invalid_instance_is_refused_by_prover_and_verifier(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    proof = prove(flavor, tag(flavor), relation, WITNESS)
    broken = dataclasses.replace(relation, elements=(*relation.elements, fast.generator()))
    assert not verify(flavor, tag(flavor), broken, proof)
    with pytest.raises(InvalidInputError):
        prove(flavor, tag(flavor), broken, WITNESS)


def test_a_wrong_witness_makes_no_proof(fast: Group[Any], flavor: Flavor) -> None:
    relation = two_equations(fast)
    for witness in ([12345, 1], [12346, ORDER - 7]):
        with pytest.raises(InvalidInputError) as caught:
            prove(flavor, tag(flavor), relation, witness)
        assert caught.value.code == "proofs.witness_does_not_fit"


@given(st.binary(min_size=96, max_size=160))
def test_random_bytes_are_no_proof(data: bytes) -> None:
    relation = two_equations(default_group())
    for flavor in Flavor:
        assert not verify(flavor, tag(flavor), relation, data)


@given(st.lists(st.integers(1, ORDER - 1), min_size=2, max_size=2))
def test_every_witness_proves_its_own_relation(witness: list[int]) -> None:
    relation = two_equations(default_group(), witness)
    for flavor in Flavor:
        assert verify(flavor, tag(flavor), relation, prove(flavor, tag(flavor), relation, witness))


# --- nonces


def broken_generator(size: int) -> bytes:
    return bytes(size)


def extract(first: bytes, second: bytes) -> list[int]:
    """The witness, from two compact proofs made with the same nonces."""
    (c1, *s1), (c2, *s2) = decode_scalars(first), decode_scalars(second)
    inverse = pow(c1 - c2, -1, ORDER)
    return [(a - b) * inverse % ORDER for a, b in zip(s1, s2, strict=True)]


def test_a_repeated_random_generator_does_not_leak_the_witness(fast: Group[Any]) -> None:
    relation, flavor = two_equations(fast), Flavor.COMPACT
    hedged = partial(hedged_nonces, random_bytes=broken_generator)
    first, second = (prove(flavor, tag(flavor, name), relation, WITNESS, hedged) for name in ("A", "B"))
    assert extract(first, second) != WITNESS
    assert prove(flavor, tag(flavor, "A"), relation, WITNESS, hedged) == first

    def unhedged(session_id: bytes, statement: bytes, witness: Sequence[int]) -> list[int]:
        return [int.from_bytes(broken_generator(48), "big") + 5 for _ in witness]

    leaky = [prove(flavor, tag(flavor, name), relation, WITNESS, unhedged) for name in ("A", "B")]
    assert extract(*leaky) == WITNESS  # the attack works where the hedge is missing


def test_nonces_differ_with_randomness_witness_statement_and_session() -> None:
    base = partial(hedged_nonces, random_bytes=broken_generator)
    variants = [
        base(b"s", b"x", [1, 2]),
        base(b"t", b"x", [1, 2]),
        base(b"s", b"y", [1, 2]),
        base(b"sx", b"", [1, 2]),
        base(b"s", b"x", [1, 3]),
        hedged_nonces(b"s", b"x", [1, 2]),
        hedged_nonces(b"s", b"x", [1, 2]),
    ]
    flat = [nonce for nonces in variants for nonce in nonces]
    assert len(set(flat)) == len(flat)
    assert all(0 <= nonce < ORDER for nonce in flat)


# --- batches


def batch_of(group: Group[Any], size: int) -> list[Batched[Any]]:
    made = []
    for i in range(size):
        witness = [i + 1, i + 2]
        relation, label = two_equations(group, witness), tag(Flavor.BATCHABLE, f"BATCH{i}")
        made.append(Batched(label, relation, prove(Flavor.BATCHABLE, label, relation, witness)))
    return made


def test_a_batch_of_valid_proofs_is_accepted(group: Group[Any]) -> None:
    assert verify_batch(batch_of(group, 3))


def test_an_empty_batch_proves_nothing() -> None:
    assert not verify_batch([])


def test_one_bad_proof_spoils_a_batch(fast: Group[Any]) -> None:
    batch = batch_of(fast, 4)
    for i, item in enumerate(batch):
        scalar = (decode_scalar(item.proof[-32:]) + 1) % ORDER
        bad = dataclasses.replace(item, proof=item.proof[:-32] + encode_scalar(scalar))
        assert not verify_batch([*batch[:i], bad, *batch[i + 1 :]])
        assert not verify_batch([*batch[:i], dataclasses.replace(item, proof=item.proof[:-1])])


def test_cancelling_pairs_do_not_pass_in_a_batch(fast: Group[Any]) -> None:
    """Two false proofs whose errors sum to zero would pass a sum without random factors."""
    first, second = batch_of(fast, 2)
    shift = 42

    def shifted(item: Batched[Any], by: int) -> Batched[Any]:
        scalar = (decode_scalar(item.proof[-32:]) + by) % ORDER
        return dataclasses.replace(item, proof=item.proof[:-32] + encode_scalar(scalar))

    assert not verify_batch([shifted(first, shift), shifted(second, -shift)])


def test_groups_are_not_mixed_in_a_batch(fast: Group[Any], independent: Group[Any]) -> None:
    with pytest.raises(BugError):
        verify_batch([*batch_of(fast, 1), *batch_of(independent, 1)])


# --- Fiat-Shamir: each item left out in a mutant lets a forgery through, which the product refuses


def challenge_of(label: bytes, statement: bytes, commitment: bytes) -> int:
    sponge = DuplexSponge(derive_session_id(label))
    sponge.absorb(statement)
    sponge.absorb(commitment)
    return decode_field(sponge.squeeze(48), ORDER)


def mutant_verify(
    relation: LinearRelation[Any], proof: bytes, label: bytes, *, statement: bool = True, points: bool = True
) -> bool:
    """A compact verifier that leaves an item of the transcript out."""
    challenge, *responses = decode_scalars(proof)
    encoded = b"".join(map(relation.group.encode, relation.simulate_commitment(responses, challenge)))
    return challenge == challenge_of(
        label, relation.serialize() if statement else b"", encoded if points else b""
    )


def schnorr(group: Group[Any], element: Any) -> LinearRelation[Any]:
    builder = RelationBuilder(group)
    (x,), (y,) = builder.scalars(1), builder.elements(element)
    builder.equation([y], [(x, 0)])
    return builder.build()


def test_without_the_commitment_in_the_transcript_anything_can_be_proved(fast: Group[Any]) -> None:
    label = tag(Flavor.COMPACT)
    nobody_knows = schnorr(fast, fast.hash_to_curve(b"target", b"COLOPHON-TEST"))
    challenge = challenge_of(label, nobody_knows.serialize(), b"")
    forged = encode_scalar(challenge) + encode_scalar(77)
    assert mutant_verify(nobody_knows, forged, label, points=False)
    assert not verify(Flavor.COMPACT, label, nobody_knows, forged)


def test_without_the_statement_in_the_transcript_the_statement_can_be_chosen_last(fast: Group[Any]) -> None:
    label = tag(Flavor.COMPACT)
    commitment = fast.hash_to_curve(b"commitment", b"COLOPHON-TEST")
    challenge, response = challenge_of(label, b"", fast.encode(commitment)), 77
    difference = fast.add(fast.multiply(fast.generator(), response), fast.negate(commitment))
    statement = schnorr(fast, fast.multiply(difference, pow(challenge, -1, ORDER)))
    forged = encode_scalar(challenge) + encode_scalar(response)
    assert mutant_verify(statement, forged, label, statement=False)
    assert not verify(Flavor.COMPACT, label, statement, forged)


def test_without_the_tag_in_the_transcript_a_proof_replays_elsewhere(fast: Group[Any]) -> None:
    relation, fixed = two_equations(fast), tag(Flavor.COMPACT, "FIXED")
    proof = prove(Flavor.COMPACT, fixed, relation, WITNESS)  # made for HERE by a prover that ignores it
    assert mutant_verify(relation, proof, fixed)  # and so accepted THERE by a verifier that ignores it
    for name in ("HERE", "THERE"):
        assert not verify(Flavor.COMPACT, tag(Flavor.COMPACT, name), relation, proof)


# --- the random factors of a batch


def second_cancels_first(batch: list[Batched[Any]], factors: Sequence[int]) -> list[Batched[Any]]:
    """Both proofs made false, so that the sum of all equations under these factors stays zero."""
    first, second = batch
    error = 42
    cancelling = -factors[0] * error * pow(factors[2], -1, ORDER)

    def shifted(item: Batched[Any], by: int) -> Batched[Any]:
        scalar = (decode_scalar(item.proof[-32:]) + by) % ORDER
        return dataclasses.replace(item, proof=item.proof[:-32] + encode_scalar(scalar))

    return [shifted(first, error), shifted(second, cancelling)]


class BatchSponge(DuplexSponge):
    """A mutant of the batch's transcript: without the proofs, or with factors that are all one."""

    left_out = "proofs"
    squeezed = b""

    def __init__(self, session_id: bytes) -> None:
        super().__init__(session_id)
        self.is_batch = session_id == derive_session_id(b"irtf-cfrg-sigma-protocols/batch-verify")

    def absorb(self, data: bytes) -> None:
        if not (self.is_batch and len(data) == 2 * POINT_SIZE + 2 * 32):
            super().absorb(data)

    def squeeze(self, length: int) -> bytes:
        if not self.is_batch:
            return super().squeeze(length)
        ones = (1).to_bytes(16, "little") * (length // 16)
        BatchSponge.squeezed = super().squeeze(length) if self.left_out == "proofs" else ones
        return BatchSponge.squeezed


@pytest.mark.parametrize("left_out", ["proofs", "factors"])
def test_without_it_in_a_batch_a_pair_of_forgeries_cancels(
    fast: Group[Any], monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    batch = batch_of(fast, 2)
    with monkeypatch.context() as mutant:
        mutant.setattr("desktop_app.proofs.sigma_protocol.DuplexSponge", BatchSponge)
        mutant.setattr(BatchSponge, "left_out", left_out)
        assert verify_batch(batch)
        seen = BatchSponge.squeezed
        known = [int.from_bytes(seen[i : i + 16], "little") for i in range(0, len(seen), 16)]
        forged = second_cancels_first(batch, known)
        assert verify_batch(forged)
    assert not verify_batch(forged)
    for item in forged:
        assert not verify(Flavor.BATCHABLE, item.tag, item.relation, item.proof)
