"""Generators, key derivation and the commitment: fixed for ever, so pinned by value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs.address import address_bytes, checksummed
from desktop_app.proofs.commitment import (
    Opening,
    blinding,
    commit,
    commitment_id,
    content_scalar,
    expand_message_xmd,
    generators,
    hash_to_scalar,
    owner_key,
)
from desktop_app.proofs.group import ORDER, Group, default_group

SEED, SALT, ROOT, REGISTRY = bytes(range(64)), bytes(range(32)), bytes(range(32)), bytes(range(20))


def test_the_generators_are_these_points_in_both_implementations(group: Group[Any]) -> None:
    base = generators(group)
    assert [group.encode(point).hex() for point in (base.content, base.owner, base.blinding)] == [
        "b2fd5ec586b730e0e497abb0afcaae528274555ae3bd53a56e0f06614639c766c4447a35877f9ec9b0648c72b63847a8",
        "87126d1879772cf37ffc01a4eb4efb3993c695924a4aa2131574b92f2787656e9e8c73fe22d24b6144637c90d00f3675",
        "aa220599f8b51ab7f3972635191dfbb07f200c791713806b328285942e89735282148254e7f8dfc9db7aab062a278149",
    ]


def test_the_derived_scalars_are_these() -> None:
    assert content_scalar(ROOT, 12345) == 0x2901E0A13127A974F4348732EB63323EF64322E5136181F745AA50B5D16C7824
    assert owner_key(SEED) == 0x6F7A90B5AD8BBE8EA9E15FEDC62D45D163938C1280524CA178A140909DC878F8
    assert blinding(SEED, SALT, 6516588, REGISTRY) == (
        0x2E1551CE8390E8E4F1ACDE0EE0F4B2BD7FA262C5B06F09DB91E5FE8202F384A3
    )


def test_message_expansion_agrees_with_rfc_9380(shared_vectors: Path) -> None:
    for name in ("expand_message_xmd_SHA256_38", "expand_message_xmd_SHA256_256"):
        suite = json.loads((shared_vectors / "rfc9380" / f"{name}.json").read_text())
        dst = suite["DST"].encode()
        if len(dst) > 255:
            with pytest.raises(BugError):
                expand_message_xmd(b"", dst, 32)
            continue
        for vector in suite["tests"]:
            out = expand_message_xmd(vector["msg"].encode(), dst, int(vector["len_in_bytes"], 16))
            assert out.hex() == vector["uniform_bytes"]


def test_root_size_chain_contract_salt_and_seed_each_change_the_scalar() -> None:
    scalars = [
        content_scalar(ROOT, 12345),
        content_scalar(ROOT, 12346),
        content_scalar(bytes(32), 12345),
        owner_key(SEED),
        owner_key(bytes(64)),
        blinding(SEED, SALT, 1, REGISTRY),
        blinding(SEED, SALT, 2, REGISTRY),
        blinding(SEED, SALT, 1, bytes(20)),
        blinding(SEED, bytes(32), 1, REGISTRY),
        blinding(bytes(64), SALT, 1, REGISTRY),
    ]
    assert len(set(scalars)) == len(scalars)


def test_inputs_of_another_length_are_our_own_mistake() -> None:
    for call in (
        lambda: content_scalar(bytes(31), 1),
        lambda: owner_key(bytes(32)),
        lambda: blinding(SEED, bytes(16), 1, REGISTRY),
        lambda: blinding(SEED, SALT, 1, bytes(21)),
    ):
        with pytest.raises(BugError):
            call()


def test_an_opening_holds_three_scalars_and_shows_none() -> None:
    opening = Opening(11111, 22222, 33333)
    assert opening.scalars() == (11111, 22222, 33333)
    assert "1111" not in repr(opening)
    for wrong in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
        with pytest.raises(BugError):
            Opening(*wrong)
    for wrong in ((ORDER, 1, 1), (1, -1, 1)):
        with pytest.raises(InvalidInputError):
            Opening(*wrong)


def test_both_implementations_commit_alike(
    fast: Group[Any], independent: Group[Any], opening: Opening
) -> None:
    encoded = [group.encode_for_chain(commit(opening, group)) for group in (fast, independent)]
    assert encoded[0] == encoded[1]
    assert len(commitment_id(encoded[0])) == 32


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**64 - 1))
def test_content_scalars_are_canonical_and_never_zero(root: bytes, size: int) -> None:
    assert 0 < content_scalar(root, size) < ORDER


@given(st.binary(max_size=100))
def test_hashing_to_a_scalar_depends_on_its_tag(message: bytes) -> None:
    assert hash_to_scalar(message, b"A") != hash_to_scalar(message, b"B")


def test_the_same_content_under_another_blinding_looks_unrelated(fast: Group[Any], opening: Opening) -> None:
    other = Opening(opening.content, opening.owner, opening.blinding + 1)
    assert not fast.equal(commit(opening), commit(other))
    assert default_group().encode(commit(opening)) == fast.encode(commit(opening, fast))


def test_addresses_are_read_with_their_checksum() -> None:
    good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert checksummed(address_bytes(good)) == good
    assert address_bytes(good.lower()) == address_bytes("0x" + good[2:].upper()) == address_bytes(good)
    for bad in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        good[:-1],
        good[2:],
        good + "0",
        "",
        "0x" + "g" * 40,
    ):
        with pytest.raises(InvalidInputError):
            address_bytes(bad)
