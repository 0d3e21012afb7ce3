"""How fast proofs are made and verified (design section 10). Run with --benchmark-enable."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from desktop_app.proofs import registration
from desktop_app.proofs.certificate import issue, issue_opening
from desktop_app.proofs.commitment import Opening, commit
from desktop_app.proofs.group import default_group
from desktop_app.proofs.linear_relation import RelationBuilder
from desktop_app.proofs.membership import prepare
from desktop_app.proofs.ring import Ring
from desktop_app.proofs.sigma_protocol import Batched, Flavor, prove, verify_batch
from desktop_app.proofs.verifier import Proof, verify

NOW = 1_800_000_000
ADDRESS = "0x" + "22" * 20
OPENING = Opening(1 << 200, 1 << 201, 1 << 202)


def opening_certificate() -> bytes:
    return issue_opening(
        OPENING,
        chain_id=6516588,
        contract=ADDRESS,
        registrant=ADDRESS,
        subject=ADDRESS,
        audience="Somebody",
        challenge="apple-river-42",
        issued_at=NOW,
        expires_at=NOW + 1,
    )


@cache
def ring_of(size: int) -> Ring:
    group = default_group()
    openings = [OPENING, *(Opening(i, i, i) for i in range(1, size))]
    ring = Ring.of(group.encode(commit(opening)) for opening in openings)
    ring.points(group)
    return ring


def membership_certificate(size: int) -> bytes:
    prepared = prepare(
        OPENING,
        ring_of(size).commitments(),
        chain_id=6516588,
        contract=ADDRESS,
        block=1,
        scope="vote",
        audience="",
        challenge="",
        issued_at=NOW,
        expires_at=NOW + 1,
    )
    return issue(*prepared)


def test_make_an_opening_certificate(benchmark: Any) -> None:
    """Reach: 5 ms."""
    assert benchmark(opening_certificate)


def test_verify_an_opening_certificate(benchmark: Any) -> None:
    """Reach: 5 ms."""
    assert benchmark(verify, opening_certificate(), now=NOW).proof is Proof.VALID


def test_make_a_registration_proof(benchmark: Any) -> None:
    assert benchmark(registration.make, 6516588, ADDRESS, ADDRESS, OPENING)


@pytest.mark.parametrize("size", [1024, 4096])
def test_make_a_membership_certificate(benchmark: Any, size: int) -> None:
    """Reach: 0.25 s among 1,024 and 0.6 s among 4,096."""
    ring_of(size)
    assert benchmark(membership_certificate, size)


@pytest.mark.parametrize("size", [1024, 4096])
def test_verify_a_membership_certificate_with_a_list_seen_before(benchmark: Any, size: int) -> None:
    """Reach: 0.05 s among 1,024."""
    data = membership_certificate(size)
    assert benchmark(verify, data, now=NOW).proof is Proof.VALID


def test_verify_a_batch_of_a_hundred(benchmark: Any) -> None:
    group = default_group()
    batch = []
    for i in range(1, 101):
        builder = RelationBuilder(group)
        (x,), (y,) = builder.scalars(1), builder.elements(group.multiply(group.generator(), i))
        builder.equation([y], [(x, 0)])
        relation, tag = builder.build(), b"BENCHMARK-DSFS-with-sigma-proofs_Shake128_BLS12381"
        batch.append(Batched(tag, relation, prove(Flavor.BATCHABLE, tag, relation, [i])))
    assert benchmark(verify_batch, batch)
