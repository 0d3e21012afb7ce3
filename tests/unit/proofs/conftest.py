"""Both group implementations, a work's opening, and the opening certificate that most tests alter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desktop_app.proofs.certificate import issue_opening
from desktop_app.proofs.commitment import Opening, blinding, content_scalar, owner_key
from desktop_app.proofs.group import Group
from desktop_app.proofs.group_arkworks import ArkworksGroup
from desktop_app.proofs.group_py_ecc import PyEccGroup

NOW = 1_800_000_000


@pytest.fixture(scope="session")
def fast() -> ArkworksGroup:
    return ArkworksGroup()


@pytest.fixture(scope="session")
def independent() -> PyEccGroup:
    return PyEccGroup()


@pytest.fixture(params=["arkworks", "py_ecc"])
def group(request: pytest.FixtureRequest, fast: ArkworksGroup, independent: PyEccGroup) -> Group[Any]:
    return fast if request.param == "arkworks" else independent


@pytest.fixture(scope="session")
def opening() -> Opening:
    seed = bytes(range(64))
    return Opening(
        content_scalar(bytes(range(32)), 12_345),
        owner_key(seed),
        blinding(seed, bytes(range(32)), 6516588, b"\x11" * 20),
    )


@pytest.fixture(scope="session")
def issue(opening: Opening) -> Callable[..., bytes]:
    """Makes the usual opening certificate, with any field changed."""

    def make(**changes: Any) -> bytes:
        fields: dict[str, Any] = {
            "chain_id": 6516588,
            "contract": "0x" + "11" * 20,
            "registrant": "0x" + "22" * 20,
            "subject": "0x" + "22" * 20,
            "audience": "Café Müller, Köln",
            "challenge": "apple-river-42",
            "issued_at": NOW,
            "expires_at": NOW + 3600,
        }
        return issue_opening(opening, **{**fields, **changes})

    return make


@pytest.fixture
def now() -> int:
    return NOW
