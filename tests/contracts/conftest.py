"""One deployed world for all contract tests; every test starts from the same snapshot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The tests are imported one by one (importlib mode), so that their harness needs a place on the path.
sys.path.insert(0, str(Path(__file__).parent))

from harness.world import World


@pytest.fixture(scope="session")
def _deployed() -> World:
    return World()


@pytest.fixture
def world(_deployed: World) -> Iterator[World]:
    """Registry, factory and test dollar; what a test does is undone after it."""
    mark = _deployed.evm.snapshot()
    yield _deployed
    _deployed.evm.restore(mark)
