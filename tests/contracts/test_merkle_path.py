"""The escrow walks Merkle paths as RFC 9162 says, and as the app does, in trees of every size."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.evm import Contract, Reverted
from harness.world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.core.merkle import inclusion_path, leaf_hash, merkle_root, root_from_path

SOURCES = Path(__file__).parents[2] / "resources" / "contracts"
OPEN_DOOR = """

@external
@view
def root(leaf: bytes32, index: uint256, size: uint256, path: DynArray[bytes32, MAX_PATH]) -> bytes32:
    return self._root(leaf, index, size, path)
"""


@pytest.fixture(scope="module")
def escrow(_fast: object, _reference: object) -> Contract:
    """The shipped source with a door to the inside."""
    compiler = pytest.importorskip("vyper.compiler", reason="the Vyper compiler is not installed")
    from vyper.compiler.input_bundle import FilesystemInputBundle

    world: World = (_fast or _reference)[0]  # type: ignore[index]
    source = (SOURCES / "KeyEscrow.vy").read_text(encoding="utf-8") + OPEN_DOOR
    built = compiler.compile_code(
        source, output_formats=["abi", "bytecode"], input_bundle=FilesystemInputBundle([SOURCES])
    )
    code = bytes.fromhex(built["bytecode"][2:]) + bytes(12) + bytes.fromhex(world.factory.address[2:])
    return Contract(world.evm, world.evm.deploy(code), built["abi"])


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % index) for index in range(size)]


def test_every_leaf_of_every_small_tree_leads_to_its_root(escrow: Contract) -> None:
    for size in range(1, 35):
        tree = leaves(size)
        root = merkle_root(tree)
        for index in range(size):
            assert escrow.call("root", tree[index], index, size, inclusion_path(tree, index)) == root


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), size=st.integers(1, 2**38))
def test_any_path_gives_what_the_app_computes_or_is_refused_by_both(
    escrow: Contract, data: st.DataObject, size: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    length = data.draw(st.one_of(st.integers(0, 48), st.just(len(bin(size - 1)) - 2)))
    path = [leaf_hash(b"node %d" % number) for number in range(length)]
    expected = root_from_path(leaf_hash(b"leaf"), index, size, path)
    try:
        found = escrow.call("root", leaf_hash(b"leaf"), index, size, path)
    except Reverted as refused:
        assert (refused.reason, expected) == ("bad path", None)
    else:
        assert found == expected


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), size=st.integers(1, 300))
def test_a_path_of_the_right_length_is_always_taken(
    escrow: Contract, data: st.DataObject, size: int
) -> None:
    tree = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    assert escrow.call("root", tree[index], index, size, inclusion_path(tree, index)) == merkle_root(tree)
