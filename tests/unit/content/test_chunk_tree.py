from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content.chunk_tree import (
    ChunkTreeBuilder,
    ChunkTreeHeader,
    Excerpt,
    leaf_salt,
    open_excerpt,
    verify_excerpt,
)
from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.core.leaf_size import COARSE_LEAF, FINE_LEAF, FINE_LIMIT
from desktop_app.core.merkle import leaf_hash, merkle_root

SALT = bytes(range(32))
CONTENT = hashlib.shake_256(b"a song").digest(10_000)


def root_of(content: bytes, salt: bytes = SALT) -> bytes:
    builder = ChunkTreeBuilder(salt, len(content))
    builder.update(content)
    return builder.root()


def by_definition(content: bytes, salt: bytes, leaf_size: int) -> bytes:
    leaves = []
    for index in range(-(-len(content) // leaf_size)):
        chunk_salt = hmac.new(salt, index.to_bytes(8, "big"), hashlib.sha256).digest()[:16]
        leaves.append(leaf_hash(chunk_salt + content[index * leaf_size : (index + 1) * leaf_size]))
    return merkle_root(leaves)


@given(st.binary(min_size=1, max_size=9000), st.binary(min_size=32, max_size=32))
def test_the_root_is_as_the_design_defines_it(content: bytes, salt: bytes) -> None:
    assert root_of(content, salt) == by_definition(content, salt, FINE_LEAF)


def test_a_large_file_has_coarse_leaves() -> None:
    content = bytes(FINE_LIMIT) + b"!"
    assert root_of(content) == by_definition(content, SALT, COARSE_LEAF)


def test_the_root_of_a_known_file_stays_what_it_was() -> None:
    assert root_of(CONTENT).hex() == "18973c6faa60538a6cd450d7da0c64b5693735433c48a0cdef0dbe142fc17c82"


@given(st.lists(st.integers(0, 3000), max_size=30))
def test_the_pieces_in_which_a_file_comes_do_not_matter(lengths: list[int]) -> None:
    builder = ChunkTreeBuilder(SALT, len(CONTENT))
    place = 0
    for length in lengths:
        builder.update(CONTENT[place : place + length])
        place = min(place + length, len(CONTENT))
    builder.update(CONTENT[place:])
    assert builder.root() == root_of(CONTENT)
    assert builder.root() == root_of(CONTENT)


def test_another_salt_hides_the_same_content_behind_another_root() -> None:
    assert root_of(CONTENT) != root_of(CONTENT, bytes(32))


@pytest.mark.parametrize("fed", [0, 1, len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_root_over_another_size_than_announced_is_our_bug(fed: int) -> None:
    builder = ChunkTreeBuilder(SALT, len(CONTENT))
    builder.update(bytes(fed))
    with pytest.raises(BugError):
        builder.root()


def test_a_salt_of_another_length_is_our_bug() -> None:
    with pytest.raises(BugError):
        ChunkTreeBuilder(b"short", 10)


def excerpt_of(content: bytes, first: int, count: int) -> Excerpt:
    blocks = [content[i : i + 700] for i in range(0, len(content), 700)]
    return open_excerpt(blocks, SALT, len(content), first, count)


@given(st.integers(1, 9000), st.data())
def test_every_excerpt_opens_and_shows_just_its_part(size: int, data: st.DataObject) -> None:
    content = CONTENT[:size]
    leaves = -(-size // FINE_LEAF)
    first = data.draw(st.integers(0, leaves - 1))
    count = data.draw(st.integers(1, leaves - first))
    excerpt = excerpt_of(content, first, count)
    assert excerpt.content == content[first * FINE_LEAF : (first + count) * FINE_LEAF]
    assert excerpt.offset == first * FINE_LEAF
    assert verify_excerpt(excerpt, root_of(content), size)


def test_an_excerpt_of_a_large_file_opens() -> None:
    content = hashlib.shake_256(b"a film").digest(FINE_LIMIT + 5)
    excerpt = open_excerpt([content], SALT, len(content), 255, 2)
    assert excerpt.content == content[255 * COARSE_LEAF :]
    assert verify_excerpt(excerpt, root_of(content), len(content))


@given(st.integers(0, 8 * 1024 - 1))
def test_no_changed_bit_of_an_excerpt_passes(bit: int) -> None:
    excerpt = excerpt_of(CONTENT, 3, 1)
    changed = bytearray(excerpt.chunks[0])
    changed[bit // 8] ^= 1 << bit % 8
    assert not verify_excerpt(
        dataclasses.replace(excerpt, chunks=(bytes(changed),)), root_of(CONTENT), 10_000
    )


@pytest.mark.parametrize(
    "change",
    [
        {"first": 2},
        {"first": 4},
        {"first": -1},
        {"first": 2**70},
        {"chunks": ()},
        {"salts": ()},
        {"paths": ()},
        {"salts": (bytes(16), bytes(16))},
        {"salts": (b"", b"")},
        {"header": ChunkTreeHeader(10_001, FINE_LEAF)},
        {"header": ChunkTreeHeader(10_000, COARSE_LEAF)},
        {"header": ChunkTreeHeader(10_000, FINE_LEAF, version=2)},
        {"header": ChunkTreeHeader(0, FINE_LEAF)},
    ],
)
def test_an_excerpt_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    excerpt = excerpt_of(CONTENT, 3, 2)
    assert verify_excerpt(excerpt, root_of(CONTENT), 10_000)
    assert not verify_excerpt(dataclasses.replace(excerpt, **change), root_of(CONTENT), 10_000)  # type: ignore[arg-type]


def test_bytes_moved_between_salt_and_chunk_are_refused() -> None:
    excerpt = excerpt_of(CONTENT, 3, 1)
    salt, chunk = excerpt.salts[0], excerpt.chunks[0]
    moved = dataclasses.replace(excerpt, salts=(salt + chunk[:1],), chunks=(chunk[1:],))
    assert not verify_excerpt(moved, root_of(CONTENT), 10_000)


def test_swapped_chunks_and_another_root_or_size_are_refused() -> None:
    excerpt = excerpt_of(CONTENT, 3, 2)
    swapped = dataclasses.replace(excerpt, chunks=excerpt.chunks[::-1])
    assert not verify_excerpt(swapped, root_of(CONTENT), 10_000)
    assert not verify_excerpt(excerpt, root_of(CONTENT[:-1]), 10_000)
    assert not verify_excerpt(excerpt, root_of(CONTENT), 9_999)


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, 0), (0, 11), (10, 1), (9, 2)])
def test_parts_that_do_not_exist_cannot_be_opened(first: int, count: int) -> None:
    with pytest.raises(InvalidInputError, match=r"content\.excerpt_range"):
        excerpt_of(CONTENT, first, count)


def test_an_excerpt_keeps_content_and_salts_out_of_its_repr() -> None:
    excerpt = excerpt_of(CONTENT, 0, 1)
    assert repr(leaf_salt(SALT, 0)) not in repr(excerpt)
    assert "chunks" not in repr(excerpt)


@given(st.integers(1, 2**63 - 1))
def test_a_header_survives_its_encoding(size: int) -> None:
    header = ChunkTreeHeader.for_size(size)
    assert len(header.encode()) == 20
    assert ChunkTreeHeader.decode(header.encode()) == header
    last = header.leaf_count - 1
    assert 0 < header.chunk_length(last) <= header.leaf_size
    assert last * header.leaf_size + header.chunk_length(last) == size


@given(st.binary(max_size=40))
def test_other_bytes_are_no_header(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match=r"content\.chunk_tree_header"):
        ChunkTreeHeader.decode(data)


@given(st.integers(0, 159), st.sampled_from([1, 5000, FINE_LIMIT, FINE_LIMIT + 1]))
def test_a_changed_header_is_refused_or_says_another_size(bit: int, size: int) -> None:
    data = ChunkTreeHeader.for_size(size).encode()
    changed = (int.from_bytes(data, "big") ^ (1 << bit)).to_bytes(20, "big")
    with contextlib.suppress(InvalidInputError):
        assert ChunkTreeHeader.decode(changed).size != size


@pytest.mark.parametrize("size", [0, -1, 2**63])
def test_there_is_no_tree_over_an_impossible_size(size: int) -> None:
    with pytest.raises(InvalidInputError):
        ChunkTreeHeader.for_size(size)
