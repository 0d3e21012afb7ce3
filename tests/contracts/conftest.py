"""Deployed worlds for all contract tests; every test starts from the same snapshot.

`reference` runs on py-evm, with exact gas and the BLS12-381 precompiles; `fast` on revm, which has no wheel
for every Python; `world` on the faster one of the two that is there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The tests are imported one by one (importlib mode), so that their harness needs a place on the path.
sys.path.insert(0, str(Path(__file__).parent))

from harness.world import World

try:
    from harness.fast_evm import FastEvm
except ImportError:
    FastEvm = None  # type: ignore[assignment, misc]


Marked = tuple[World, Any]


@pytest.fixture(scope="session")
def _reference() -> Marked:
    world = World()
    return world, world.evm.snapshot()


@pytest.fixture(scope="session")
def _fast() -> Marked | None:
    if FastEvm is None:
        return None
    world = World(FastEvm())
    return world, world.evm.snapshot()


@pytest.fixture
def reference(_reference: Marked) -> Iterator[World]:
    """Registry, factory, licences and test dollar on py-evm; what a test does is undone after it."""
    world, mark = _reference
    yield world
    world.evm.restore(mark)


@pytest.fixture
def fast(_fast: Marked | None) -> Iterator[World]:
    """The same on revm."""
    if _fast is None:
        pytest.skip("pyrevm is not installed")
    world, mark = _fast
    yield world
    world.evm.restore(mark)


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """The same on whichever is there."""
    found: World = request.getfixturevalue("fast" if FastEvm else "reference")
    return found
