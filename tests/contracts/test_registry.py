"""Registry: proofs checked on chain, records that nobody can take or block."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from eth_hash.auto import keccak
from harness import refused
from harness.evm import CHAIN_ID, Contract, Receipt, account
from harness.world import CREATOR, HOLDERS, STRANGER, World
from py_arkworks_bls12381 import G1Point
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381 import normalize

from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.group import ORDER
from desktop_app.proofs.registration import Registration, make

DST = b"COLOPHON-V01-GENERATORS-BLS12381G1_XMD:SHA-256_SSWU_RO_"
PRIME = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
SOURCE = Path(__file__).parents[2] / "resources" / "contracts" / "Registry.vy"
NO_RECORD = ("0x" + "00" * 20, 0, False)
URI_HASH = keccak(b"https://example.org")


def register(registry: Contract, proof: Registration, sender: str = CREATOR) -> Receipt:
    return registry.send(
        "register", proof.commitment, proof.challenge, list(proof.responses), URI_HASH, sender=sender
    )


@pytest.fixture
def world(reference: World) -> World:
    """On py-evm: proofs need the BLS12-381 precompiles."""
    return reference


@pytest.fixture(scope="module")
def proof(_reference: tuple[World, object]) -> Registration:
    return _reference[0].proof(CREATOR)


@pytest.mark.parametrize("message", ["G0", "G1", "H"])
def test_the_generators_are_hash_to_curve_points_by_two_libraries(message: str) -> None:
    line = next(line for line in SOURCE.read_text().splitlines() if line.startswith(f"{message}: constant"))
    shipped = bytes.fromhex(line.split('x"')[1].rstrip('"'))
    arkworks = bytes(G1Point.hash_to_curve(message.encode(), DST).to_xy_bytes_be())
    x, y = normalize(hash_to_G1(message.encode(), DST, hashlib.sha256))
    assert shipped == bytes(16) + arkworks[:48] + bytes(16) + arkworks[48:]
    assert shipped == int(x).to_bytes(64, "big") + int(y).to_bytes(64, "big")


def test_a_proof_registers_the_work_with_the_time_of_the_block(world: World, proof: Registration) -> None:
    receipt = register(world.registry, proof)
    found = world.registry.call("record", CREATOR, proof.commitment_id)
    assert found == (CREATOR, world.evm.time, True)
    assert world.registry.events(receipt) == [
        (
            "Registered",
            {
                "registrant": CREATOR,
                "commitment_id": keccak(proof.commitment),
                "commitment": proof.commitment,
                "uri_hash": URI_HASH,
                "proved": True,
            },
        )
    ]


def test_a_copied_proof_from_another_sender_is_refused(world: World, proof: Registration) -> None:
    with refused("proof refused"):
        register(world.registry, proof, STRANGER)


def test_a_copied_commitment_blocks_nobody(world: World, proof: Registration) -> None:
    world.registry.send("anchor", proof.commitment, URI_HASH, sender=STRANGER)
    register(world.registry, proof)
    assert world.registry.call("record", CREATOR, proof.commitment_id)[0] == CREATOR
    assert world.registry.call("record", STRANGER, proof.commitment_id) == (STRANGER, world.evm.time, False)


@pytest.mark.parametrize("chain_id", [1, CHAIN_ID + 1])
def test_a_proof_for_another_chain_is_refused(world: World, chain_id: int) -> None:
    foreign = make(chain_id, world.registry.address, CREATOR, Opening(1, 2, 3))
    with refused("proof refused"):
        register(world.registry, foreign)


def test_a_proof_for_another_contract_is_refused(world: World) -> None:
    with refused("proof refused"):
        register(world.registry, make(CHAIN_ID, world.dollar.address, CREATOR, Opening(1, 2, 3)))


def test_a_proof_for_another_commitment_is_refused(world: World, proof: Registration) -> None:
    other = world.proof(CREATOR, secret=99)
    with refused("proof refused"):
        register(world.registry, replace(proof, commitment=other.commitment))


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_proof_with_one_changed_scalar_is_refused(world: World, proof: Registration, place: int) -> None:
    scalars = [proof.challenge, *proof.responses]
    scalars[place] = (scalars[place] + 1) % ORDER or 1
    changed = replace(proof, challenge=scalars[0], responses=(scalars[1], scalars[2], scalars[3]))
    with refused("proof refused"):
        register(world.registry, changed)


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize("excess", [0, "top"])
def test_scalars_out_of_range_are_refused(
    world: World, proof: Registration, place: int, excess: int | str
) -> None:
    scalars = [proof.challenge, *proof.responses]
    scalars[place] = 2**256 - 1 if excess == "top" else scalars[place] + ORDER
    changed = replace(proof, challenge=scalars[0], responses=(scalars[1], scalars[2], scalars[3]))
    with refused("scalar out of range"):
        register(world.registry, changed)


def test_a_zero_challenge_is_refused(world: World, proof: Registration) -> None:
    with refused("scalar out of range"):
        register(world.registry, replace(proof, challenge=0))


def test_the_identity_element_is_refused(world: World, proof: Registration) -> None:
    with refused("identity element"):
        register(world.registry, replace(proof, commitment=bytes(128)))
    with refused("identity element"):
        world.registry.send("anchor", bytes(128), URI_HASH, sender=CREATOR)


@pytest.mark.parametrize("coordinate", [0, 1])
@pytest.mark.parametrize("change", ["plus prime", "the prime", "top bits", "top bit of all"])
def test_a_coordinate_that_is_not_canonical_is_refused(
    world: World, proof: Registration, coordinate: int, change: str
) -> None:
    words = [int.from_bytes(proof.commitment[64 * i : 64 * i + 64], "big") for i in range(2)]
    words[coordinate] = {
        "plus prime": words[coordinate] + PRIME,
        "the prime": PRIME,
        "top bits": words[coordinate] + (1 << 384),
        "top bit of all": words[coordinate] + (1 << 511),
    }[change]
    changed = b"".join(word.to_bytes(64, "big") for word in words)
    with refused("coordinate out of range"):
        register(world.registry, replace(proof, commitment=changed))
    with refused("coordinate out of range"):
        world.registry.send("anchor", changed, URI_HASH, sender=CREATOR)


def test_the_greatest_canonical_coordinate_passes_the_encoding_check(world: World) -> None:
    world.registry.send("anchor", (PRIME - 1).to_bytes(64, "big") * 2, URI_HASH, sender=CREATOR)


@pytest.mark.parametrize("size", [0, 1, 96, 127])
def test_a_commitment_of_another_length_is_refused(world: World, proof: Registration, size: int) -> None:
    with refused("not 128 bytes"):
        register(world.registry, replace(proof, commitment=proof.commitment[:size]))
    with refused("not 128 bytes"):
        world.registry.send("anchor", proof.commitment[:size], URI_HASH, sender=CREATOR)


def test_a_point_off_the_curve_is_refused(world: World, proof: Registration) -> None:
    changed = proof.commitment[:-1] + bytes([proof.commitment[-1] ^ 1])
    with refused("not a group element"):
        register(world.registry, replace(proof, commitment=changed))


def test_a_point_outside_the_prime_order_group_is_refused(world: World, proof: Registration) -> None:
    # (0, 2) lies on y^2 = x^3 + 4 and has order 3.
    changed = bytes(64) + (2).to_bytes(64, "big")
    with refused("not a group element"):
        register(world.registry, replace(proof, commitment=changed))


def test_without_the_precompile_nothing_counts_as_proved(world: World, proof: Registration) -> None:
    from eth.vm.forks.prague.computation import PragueComputation

    precompile = (12).to_bytes(20, "big")
    kept = PragueComputation._precompiles.pop(precompile)
    try:
        with refused("no BLS12-381 precompile"):
            register(world.registry, proof)
        world.registry.send("anchor", proof.commitment, URI_HASH, sender=CREATOR)
    finally:
        PragueComputation._precompiles[precompile] = kept
    assert world.registry.call("record", CREATOR, proof.commitment_id)[2] is False


def test_a_work_registers_once_per_sender(world: World, proof: Registration) -> None:
    register(world.registry, proof)
    with refused("already registered"):
        register(world.registry, proof)
    with refused("already registered"):
        world.registry.send("anchor", proof.commitment, URI_HASH, sender=CREATOR)


def test_an_unknown_work_has_no_record(world: World) -> None:
    assert world.registry.call("record", CREATOR, bytes(32)) == NO_RECORD


def test_a_record_passes_from_holder_to_holder_and_keeps_its_date(world: World) -> None:
    work = world.anchored()
    date = world.evm.time
    world.evm.pass_time(1000)
    receipt = world.registry.send("transfer", work, HOLDERS[0], sender=CREATOR)
    assert world.registry.events(receipt) == [
        (
            "Transferred",
            {
                "registrant": CREATOR,
                "commitment_id": work,
                "previous_holder": CREATOR,
                "holder": HOLDERS[0],
            },
        )
    ]
    world.registry.send("transfer", work, HOLDERS[1], CREATOR, sender=HOLDERS[0])
    assert world.registry.call("record", CREATOR, work) == (HOLDERS[1], date, False)


def test_a_transfer_keeps_the_proof_flag(world: World, proof: Registration) -> None:
    register(world.registry, proof)
    world.registry.send("transfer", proof.commitment_id, HOLDERS[0], sender=CREATOR)
    assert world.registry.call("record", CREATOR, proof.commitment_id) == (HOLDERS[0], world.evm.time, True)


def test_only_the_holder_passes_a_record_on(world: World) -> None:
    work = world.anchored()
    with refused("no such record"):
        world.registry.send("transfer", work, STRANGER, sender=STRANGER)
    with refused("not the holder"):
        world.registry.send("transfer", work, STRANGER, CREATOR, sender=STRANGER)
    world.registry.send("transfer", work, HOLDERS[0], sender=CREATOR)
    with refused("not the holder"):
        world.registry.send("transfer", work, CREATOR, sender=CREATOR)


def test_a_record_does_not_go_to_nobody(world: World) -> None:
    work = world.anchored()
    with refused("zero address"):
        world.registry.send("transfer", work, "0x" + "00" * 20, sender=CREATOR)


def test_the_registry_takes_no_money_and_knows_no_other_function(world: World) -> None:
    world.evm.fund(STRANGER, 10)
    for data in (b"", b"\x01\x02\x03\x04", world.registry.data("anchor", bytes(128), bytes(32))):
        with refused(""):
            world.evm.send(STRANGER, world.registry.address, data, value=1)


def test_an_account_without_history_has_an_empty_record_for_every_work(world: World) -> None:
    work = world.anchored()
    assert world.registry.call("record", account(999), work) == NO_RECORD


# --- Albums ---------------------------------------------------------------------------------------------


def batch(world: World, count: int) -> list[Registration]:
    return [world.proof(CREATOR, 100 + 3 * i) for i in range(count)]


def entries(proofs: list[Registration]) -> list[tuple[bytes, int, list[int], bytes]]:
    return [(p.commitment, p.challenge, list(p.responses), URI_HASH) for p in proofs]


def test_an_album_is_registered_in_one_transaction_with_a_proof_for_each_work(world: World) -> None:
    album = batch(world, 3)
    receipt = world.registry.send("register_many", entries(album), sender=CREATOR)
    events = world.registry.events(receipt)
    assert [name for name, _ in events] == ["Registered"] * 3
    assert [event["commitment"] for _, event in events] == [work.commitment for work in album]
    for work in album:
        assert world.registry.call("record", CREATOR, work.commitment_id) == (CREATOR, world.evm.time, True)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_bad_proof_registers_nothing_of_an_album(world: World, at: int) -> None:
    album = entries(batch(world, 3))
    commitment, challenge, responses, uri = album[at]
    album[at] = (commitment, challenge, [responses[0] ^ 1, *responses[1:]], uri)
    with refused("proof refused"):
        world.registry.send("register_many", album, sender=CREATOR)
    for work in batch(world, 3):
        assert world.registry.call("record", CREATOR, work.commitment_id) == NO_RECORD


def test_the_proofs_of_an_album_cannot_be_swapped_or_copied(world: World) -> None:
    one, two = entries(batch(world, 2))
    with refused("proof refused"):
        world.registry.send("register_many", [(one[0], *two[1:]), (two[0], *one[1:])], sender=CREATOR)
    with refused("proof refused"):
        world.registry.send("register_many", [one, two], sender=STRANGER)
    with refused("already registered"):
        world.registry.send("register_many", [one, two, one], sender=CREATOR)


def test_an_album_is_anchored_in_one_transaction(world: World) -> None:
    commitments = [bytes(31) + b"\x02" + i.to_bytes(32, "big") + bytes(64) for i in range(32)]
    receipt = world.registry.send("anchor_many", [(c, URI_HASH) for c in commitments], sender=CREATOR)
    assert [event["proved"] for _, event in world.registry.events(receipt)] == [False] * 32
    for commitment in commitments:
        found = world.registry.call("record", CREATOR, keccak(commitment))
        assert found == (CREATOR, world.evm.time, False)
    with refused("already registered"):
        world.registry.send("anchor_many", [(commitments[0], URI_HASH)], sender=CREATOR)
    with refused("not 128 bytes"):
        world.registry.send("anchor_many", [(commitments[0][:127], URI_HASH)], sender=CREATOR)
    with refused("identity element"):
        world.registry.send("anchor_many", [(bytes(128), URI_HASH)], sender=CREATOR)


def test_an_album_has_1_to_32_works(world: World) -> None:
    for name in ("register_many", "anchor_many"):
        with refused("no works"):
            world.registry.send(name, [], sender=CREATOR)
    commitments = [bytes(31) + b"\x02" + i.to_bytes(32, "big") + bytes(64) for i in range(33)]
    with refused(""):
        world.registry.send("anchor_many", [(c, URI_HASH) for c in commitments], sender=CREATOR)
