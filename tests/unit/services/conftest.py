"""Real services in a data folder of their own, for the tests of works and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import Settings
from desktop_app.services.app import Services, build_services
from desktop_app.services.wallet import WalletService
from desktop_app.wallet.sealing import Argon2Cost

NOW = 1_800_000_000
QUICK = Argon2Cost(memory=1024, passes=1, lanes=1)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    paths, clock = AppPaths(tmp_path / "home"), FixedClock(NOW)
    paths.create()
    wallet = WalletService(paths.vault, Settings(paths.settings), clock, cost=QUICK)
    built = build_services(paths, clock, wallet=wallet)
    yield built
    built.close()
