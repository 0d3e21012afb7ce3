from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desktop_app.core.errors import BugError
from desktop_app.core.merkle import (
    EMPTY_ROOT,
    RootBuilder,
    inclusion_path,
    leaf_hash,
    merkle_root,
    node_hash,
    path_length,
    root_from_path,
    verify_inclusion,
)

# The example leaves of RFC 6962's reference implementation, and the roots of their first n.
LEAVES = [
    leaf_hash(bytes.fromhex(text))
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOT_OF_8 = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")

hashes = st.binary(min_size=32, max_size=32)


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


def decode(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_the_public_inclusion_vectors_pass(shared_vectors: Path) -> None:
    files = sorted((shared_vectors / "merkle-rfc6962" / "testdata" / "inclusion").rglob("*.json"))
    assert len(files) > 50
    for file in files:
        vector = json.loads(file.read_text())
        accepted = verify_inclusion(
            decode(vector["leafHash"]),
            vector["leafIdx"],
            vector["treeSize"],
            [decode(item) for item in vector["proof"] or []],
            decode(vector["root"]),
        )
        assert accepted is not vector["wantErr"], file.name


def test_the_root_of_the_reference_leaves_is_known() -> None:
    assert merkle_root(LEAVES) == ROOT_OF_8
    assert merkle_root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", [*range(70), 127, 128, 129, 1000])
def test_the_incremental_root_is_the_recursive_one(size: int) -> None:
    leaves = [leaf_hash(bytes([i % 256, i // 256])) for i in range(size)]
    builder = RootBuilder()
    for leaf in leaves:
        builder.add(leaf)
    assert builder.size == size
    assert builder.root() == by_definition(leaves)


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_of_every_size_has_a_path(size: int) -> None:
    leaves = [leaf_hash(bytes([i])) for i in range(size)]
    root = merkle_root(leaves)
    for index in range(size):
        path = inclusion_path(leaves, index)
        assert len(path) == path_length(index, size)
        assert verify_inclusion(leaves[index], index, size, path, root)
        for wrong in {*range(-1, size + 2)} - {index}:
            assert not verify_inclusion(leaves[index], wrong, size, path, root)


@given(st.lists(hashes, min_size=1, max_size=50), st.data())
def test_a_changed_path_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_path(leaves, index)
    root = merkle_root(leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), path, root)
    assert not verify_inclusion(leaves[index], index, len(leaves), [*path, root], root)
    assert not verify_inclusion(leaves[index], index, len(leaves), path, hashlib.sha256(root).digest())
    if path:
        assert not verify_inclusion(leaves[index], index, len(leaves), path[:-1], root)
        place, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(path[place], "big") ^ (1 << bit)).to_bytes(32, "big")
        changed = [*path[:place], flipped, *path[place + 1 :]]
        assert not verify_inclusion(leaves[index], index, len(leaves), changed, root)
        cut = [*path[:place], path[place][:-1], *path[place + 1 :]]
        assert not verify_inclusion(leaves[index], index, len(leaves), cut, root)


@given(st.integers(-5, 2**70), st.integers(-5, 2**70), st.lists(st.binary(max_size=40), max_size=80), hashes)
def test_nonsense_is_refused_without_a_crash(index: int, size: int, path: list[bytes], leaf: bytes) -> None:
    assume(not (0 <= index < size and len(path) == path_length(index, size)))
    assert root_from_path(leaf, index, size, path) is None


def test_a_node_does_not_pass_as_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_path_to_a_leaf_that_is_not_there_is_our_bug() -> None:
    for index in (-1, 8):
        with pytest.raises(BugError):
            inclusion_path(LEAVES, index)
