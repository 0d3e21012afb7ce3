"""How fast proofs are made and verified (design section 10). Run with --benchmark-enable."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.proofs import registration
from desktop_app.proofs.certificate import issue_opening
from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.verifier import Proof, verify

NOW = 1_800_000_000
ADDRESS = "0x" + "22" * 20


@pytest.fixture(scope="module")
def opening() -> Opening:
    return Opening(1 << 200, 1 << 201, 1 << 202)


def issue(opening: Opening) -> bytes:
    return issue_opening(
        opening,
        chain_id=6516588,
        contract=ADDRESS,
        registrant=ADDRESS,
        subject=ADDRESS,
        audience="Somebody",
        challenge="apple-river-42",
        issued_at=NOW,
        expires_at=NOW + 1,
    )


def test_make_an_opening_certificate(benchmark: Any, opening: Opening) -> None:
    """Reach: 5 ms."""
    assert benchmark(issue, opening)


def test_verify_an_opening_certificate(benchmark: Any, opening: Opening) -> None:
    """Reach: 5 ms."""
    data = issue(opening)
    assert benchmark(verify, data, now=NOW).proof is Proof.VALID


def test_make_a_registration_proof(benchmark: Any, opening: Opening) -> None:
    assert benchmark(registration.make, 6516588, ADDRESS, ADDRESS, opening)
