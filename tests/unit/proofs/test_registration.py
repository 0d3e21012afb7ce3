"""The proof for the Registry contract: accepted for its sender, contract and chain, and for nothing else."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import registration
from desktop_app.proofs.commitment import Opening, commit, generators
from desktop_app.proofs.group import ORDER, Group, default_group
from desktop_app.proofs.sigma_protocol import hedged_nonces

CHAIN, REGISTRY, SENDER, THIEF = 6516588, "0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20

scalars = st.integers(1, ORDER - 1)


def accepted(made: registration.Registration, **changes: Any) -> bool:
    given_ = {
        "chain_id": CHAIN,
        "registry": REGISTRY,
        "sender": SENDER,
        "commitment": made.commitment,
        "challenge": made.challenge,
        "responses": made.responses,
        **changes,
    }
    return registration.verify(**given_)


@pytest.fixture(scope="module")
def made(opening: Opening) -> registration.Registration:
    return registration.make(CHAIN, REGISTRY, SENDER, opening)


def test_the_proof_is_accepted_by_both_implementations(group: Group[Any], opening: Opening) -> None:
    made = registration.make(CHAIN, REGISTRY, SENDER, opening, group=group)
    assert accepted(made) and accepted(made, group=group)
    assert made.commitment == group.encode_for_chain(commit(opening, group))
    assert made.commitment_id == keccak(made.commitment)


def test_the_challenge_is_the_documented_hash(opening: Opening, fast: Group[Any]) -> None:
    nonces = [7, 8, 9]
    made = registration.make(CHAIN, REGISTRY, SENDER, opening, nonces=lambda *_: nonces)
    base = generators(fast)
    bases = [base.content, base.owner, base.blinding]
    packed = (
        keccak(b"colophon/v1/register/keccak256/bls12381")
        + CHAIN.to_bytes(32, "big")
        + bytes.fromhex("11" * 20 + "22" * 20)
        + b"".join(fast.encode_for_chain(point) for point in bases)
        + made.commitment
        + fast.encode_for_chain(fast.msm(bases, nonces))
    )
    assert len(packed) == 32 + 32 + 40 + 5 * 128
    assert made.challenge == int.from_bytes(keccak(packed), "big") % ORDER
    secrets = opening.scalars()
    assert made.responses == tuple(
        (n + made.challenge * x) % ORDER for n, x in zip(nonces, secrets, strict=True)
    )


def test_a_copied_proof_serves_no_other_sender_contract_or_chain(made: registration.Registration) -> None:
    assert accepted(made)
    assert not accepted(made, sender=THIEF)
    assert not accepted(made, registry=THIEF)
    assert not accepted(made, chain_id=1)


def test_any_change_of_the_numbers_is_refused(made: registration.Registration) -> None:
    m, k, r = made.responses
    for responses in ((m + 1, k, r), (m, k + 1, r), (m, k, r + 1), (k, m, r), (m, k), (m, k, r, 0), ()):
        assert not accepted(made, responses=tuple(value % ORDER for value in responses))
    for challenge in (made.challenge + 1, 0, made.challenge + ORDER, -1):
        assert not accepted(made, challenge=challenge)
    assert not accepted(made, responses=(m + ORDER, k, r))


def test_any_other_commitment_is_refused(made: registration.Registration, fast: Group[Any]) -> None:
    other = fast.encode_for_chain(fast.add(fast.decode_from_chain(made.commitment), fast.generator()))
    for commitment in (other, bytes(128), b"", made.commitment[:-1], made.commitment + b"\0", b"\1" * 128):
        assert not accepted(made, commitment=commitment)


def test_the_challenge_cannot_be_zero_even_where_the_equation_holds(fast: Group[Any]) -> None:
    """With challenge 0 the responses are the nonces, and no secret is needed."""
    stranger = fast.encode_for_chain(fast.hash_to_curve(b"unknown", b"COLOPHON-TEST"))
    assert not registration.verify(CHAIN, REGISTRY, SENDER, stranger, 0, (1, 2, 3))


def test_malformed_addresses_are_refused(opening: Opening) -> None:
    with pytest.raises(InvalidInputError):
        registration.make(CHAIN, "0x12", SENDER, opening)


def test_a_repeated_random_generator_does_not_leak_the_opening(opening: Opening) -> None:
    hedged = partial(hedged_nonces, random_bytes=bytes)
    first = registration.make(CHAIN, REGISTRY, SENDER, opening, nonces=hedged)
    second = registration.make(CHAIN, REGISTRY, THIEF, opening, nonces=hedged)
    inverse = pow(first.challenge - second.challenge, -1, ORDER)
    for a, b, secret in zip(first.responses, second.responses, opening.scalars(), strict=True):
        assert (a - b) * inverse % ORDER != secret


@given(scalars, scalars, scalars, st.integers(1, 2**63))
def test_every_opening_registers_on_every_chain(m: int, k: int, r: int, chain_id: int) -> None:
    made = registration.make(chain_id, REGISTRY, SENDER, Opening(m, k, r), group=default_group())
    assert accepted(made, chain_id=chain_id)
    assert not accepted(made, chain_id=chain_id + 1)


# --- Fiat-Shamir: each item left out in a mutant lets a forgery through, which the product refuses


def mutant_challenge(left_out: str, commitment: bytes, mask_point: bytes, **changes: bytes) -> int:
    """The documented hash without one of its items."""
    items = {
        "tag": registration.TAG,
        "chain": CHAIN.to_bytes(32, "big"),
        "contract": bytes.fromhex(REGISTRY[2:]),
        "sender": bytes.fromhex(SENDER[2:]),
        "generators": registration._generators_for_chain(default_group()),
        "commitment": commitment,
        "mask point": mask_point,
        **changes,
    }
    packed = b"".join(data for name, data in items.items() if name != left_out)
    return int.from_bytes(keccak(packed), "big") % ORDER


def mutant_accepts(left_out: str, commitment: bytes, challenge: int, response: int, **changes: bytes) -> bool:
    """The product's check, under the mutant's hash; all three responses are the same."""
    group = default_group()
    base = generators(group)
    bases = [base.content, base.owner, base.blinding, group.decode_from_chain(commitment)]
    point = group.encode_for_chain(group.msm(bases, [response] * 3 + [ORDER - challenge]))
    return challenge == mutant_challenge(left_out, commitment, point, **changes)


@pytest.mark.parametrize(
    ("item", "elsewhere"),
    [
        ("tag", keccak(b"another protocol")),
        ("chain", (1).to_bytes(32, "big")),
        ("contract", bytes.fromhex(THIEF[2:])),
        ("sender", bytes.fromhex(THIEF[2:])),
    ],
)
def test_without_this_item_in_the_hash_a_registration_is_replayed(item: str, elsewhere: bytes) -> None:
    group = default_group()
    base = generators(group)
    secret, nonce = 5, 6
    bases = [base.content, base.owner, base.blinding]
    commitment = group.encode_for_chain(group.msm(bases, [secret] * 3))
    for left_out, replays in ((item, True), ("", False)):
        mask_point = group.encode_for_chain(group.msm(bases, [nonce] * 3))
        challenge = mutant_challenge(left_out, commitment, mask_point)
        response = (nonce + challenge * secret) % ORDER
        assert mutant_accepts(left_out, commitment, challenge, response)
        assert mutant_accepts(left_out, commitment, challenge, response, **{item: elsewhere}) is replays


def test_without_the_commitment_in_the_hash_it_is_chosen_last() -> None:
    group = default_group()
    base = generators(group)
    mask_point, response = group.hash_to_curve(b"T", b"COLOPHON-TEST"), 77
    for left_out, forged in (("commitment", True), ("", False)):
        guess = group.encode_for_chain(group.hash_to_curve(b"C", b"COLOPHON-TEST"))
        challenge = mutant_challenge(left_out, guess, group.encode_for_chain(mask_point))
        shown = group.msm([base.content, base.owner, base.blinding], [response] * 3)
        chosen = group.multiply(group.add(shown, group.negate(mask_point)), pow(challenge, -1, ORDER))
        commitment = group.encode_for_chain(chosen)
        assert mutant_accepts(left_out, commitment, challenge, response) is forged
        assert not registration.verify(CHAIN, REGISTRY, SENDER, commitment, challenge, [response] * 3)


def test_without_the_mask_point_in_the_hash_anything_registers() -> None:
    group = default_group()
    stranger = group.encode_for_chain(group.hash_to_curve(b"a stranger's work", b"COLOPHON-TEST"))
    for left_out, forged in (("mask point", True), ("", False)):
        challenge = mutant_challenge(left_out, stranger, bytes(128))
        assert mutant_accepts(left_out, stranger, challenge, 77) is forged
        assert not registration.verify(CHAIN, REGISTRY, SENDER, stranger, challenge, [77] * 3)
