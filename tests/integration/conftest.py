"""Worlds to run the journey in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.people import PASSPHRASE, active, services_of

from desktop_app.services.app import Services


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Services]:
    """One person on a practice network, with a wallet and practice money."""
    services = services_of(tmp_path / "home")
    services.wallet.create("passphrase", PASSPHRASE)
    services.networks.faucet(active(services))
    yield services
    services.close()
