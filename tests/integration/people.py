"""People with an app of their own, for the journeys."""

from __future__ import annotations

from pathlib import Path

from desktop_app.core.clock import SystemClock
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import Settings
from desktop_app.services.app import Services, build_services
from desktop_app.services.wallet import WalletService
from desktop_app.wallet.sealing import Argon2Cost

QUICK = Argon2Cost(memory=1024, passes=1, lanes=1)
PASSPHRASE = "correct horse battery"


def services_of(home: Path, **given: object) -> Services:
    """Services of one person with a quickly opened wallet."""
    paths = AppPaths(home)
    paths.create()
    wallet = WalletService(paths.vault, Settings(paths.settings), SystemClock(), cost=QUICK)
    return build_services(paths, wallet=wallet, **given)  # type: ignore[arg-type]


def active(services: Services) -> str:
    """The address that this person acts with."""
    address = services.wallet.status().active
    assert address is not None
    return address
