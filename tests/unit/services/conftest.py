"""Real services in a data folder of their own, for the tests of works and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.paths import AppPaths
from desktop_app.services.app import Services, build_services

NOW = 1_800_000_000


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    built = build_services(AppPaths(tmp_path / "home"), FixedClock(NOW))
    yield built
    built.close()
