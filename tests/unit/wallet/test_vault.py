"""The vault file format: what it accepts, and that nothing in it can be changed."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import ColophonError, CorruptError, InvalidInputError, RefusedError
from desktop_app.wallet.sealing import Argon2Cost, unwrap_key, wrap_key
from desktop_app.wallet.vault import MAX_FILE_BYTES, Account, Header, Vault, decode, seal_vault, wrap_label

CHEAP = Argon2Cost(memory=8, passes=1, lanes=1)
ENTROPY = bytes(range(16))
KEY = bytes(range(32))
KEY_ID = "ab" * 16
PASSPHRASE = "correct horse"
ACCOUNTS = (
    Account(0, "Main account", "0x" + "1A" * 20),
    Account(1, "Zweites „Konto“ 🎵", "0x" + "2b" * 20),
)


def vault(passphrase: str | None = PASSPHRASE, entropy: bytes = ENTROPY) -> Vault:
    wrapped = None if passphrase is None else wrap_key(passphrase, KEY, CHEAP, wrap_label(KEY_ID))
    header = Header(KEY_ID, b"", 1_790_000_000, ACCOUNTS, ACCOUNTS[1].address, False, wrapped)
    return seal_vault(header, KEY, entropy)


def open_with_passphrase(data: bytes) -> bytes:
    read = decode(data)
    assert read.header.wrapped_key is not None
    return read.open(unwrap_key(PASSPHRASE, read.header.wrapped_key, wrap_label(read.header.key_id)))


def resigned(document: dict[str, Any]) -> bytes:
    """What someone with an editor and this source code would write."""
    rest = {name: value for name, value in document.items() if name != "checksum"}
    rest["checksum"] = hashlib.sha256(text(rest)).hexdigest()
    return text(rest)


def text(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()


def leaves(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path, node
    else:
        for name, value in items:
            yield from leaves(value, (*path, name))


def changed(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    assert isinstance(value, str)
    return value[:-1] + ("0" if value[-1] != "0" else "1")


@pytest.mark.parametrize("passphrase", [PASSPHRASE, None])
@pytest.mark.parametrize("entropy", [bytes(16), bytes(range(32))])
def test_a_vault_reads_back_as_written(passphrase: str | None, entropy: bytes) -> None:
    made = vault(passphrase, entropy)
    read = decode(made.encode())
    assert read == made
    assert read.open(KEY) == entropy
    assert read.header.protection == ("passphrase" if passphrase else "keyring")


def test_the_file_holds_neither_the_entropy_nor_the_key_nor_the_phrase() -> None:
    data = vault().encode().lower()
    for secret in (ENTROPY.hex(), KEY.hex(), PASSPHRASE, "abandon"):
        assert secret.encode() not in data


def test_every_byte_that_is_changed_is_refused() -> None:
    data = vault().encode()
    for position in range(len(data)):
        for flip in (0x01, 0x20, 0x80, 0xFF):
            damaged = bytearray(data)
            damaged[position] ^= flip
            with pytest.raises(ColophonError) as caught:
                decode(bytes(damaged))
            assert caught.value.code in ("wallet.corrupt", "wallet.newer_version"), position


def test_every_cut_and_every_doubled_byte_is_refused() -> None:
    data = vault().encode()
    for position in range(len(data)):
        before, byte, after = data[:position], data[position : position + 1], data[position + 1 :]
        for damaged in (before, before + after, before + byte + byte + after):
            if damaged != data:
                with pytest.raises(ColophonError) as caught:
                    decode(damaged)
                assert caught.value.code in ("wallet.corrupt", "wallet.newer_version"), position


def test_every_field_changed_by_someone_who_mends_the_checksum_is_refused() -> None:
    document = json.loads(vault().encode())
    paths = [path for path, _ in leaves(document) if path not in {("checksum",), ("locked",)}]
    assert len(paths) > 20
    for path in paths:
        forged = copy.deepcopy(document)
        place: Any = forged
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = changed(place[path[-1]])
        with pytest.raises(ColophonError) as caught:
            open_with_passphrase(resigned(forged))
        assert caught.value.code in (
            "wallet.corrupt", "wallet.wrong_key", "wallet.wrong_passphrase", "wallet.newer_version",
        ), path  # fmt: skip


def test_the_lock_marker_is_the_only_thing_that_changes_without_the_key() -> None:
    made = vault(None)
    marked = decode(made.marked(True).encode())
    assert marked.locked
    assert marked.open(KEY) == ENTROPY


@given(position=st.integers(0), value=st.integers(0, 255), length=st.integers(1, 6))
def test_a_stretch_of_other_bytes_is_refused(position: int, value: int, length: int) -> None:
    data = VAULT_BYTES
    start = position % len(data)
    damaged = data[:start] + bytes([value]) * length + data[start + length :]
    if damaged == data:
        return
    with pytest.raises(ColophonError):
        decode(damaged)


VAULT_BYTES = vault().encode()


@given(st.binary(max_size=400))
def test_any_bytes_give_a_typed_error(data: bytes) -> None:
    with pytest.raises(CorruptError):
        decode(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.data())
def test_any_value_in_any_place_gives_a_typed_error(data: st.DataObject) -> None:
    document = json.loads(VAULT_BYTES)
    places = [path for path, _ in leaves(document) if path != ("checksum",)]
    places += [("header",), ("header", "accounts"), ("header", "protection")]
    path = data.draw(st.sampled_from(places))
    value = data.draw(JSON)
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    if place[path[-1]] == value:
        return
    place[path[-1]] = value
    try:
        decode(resigned(document))
    except ColophonError:
        return
    # Well formed after all: then it must not open, unless it is the lock marker.
    if path != ("locked",):
        with pytest.raises(ColophonError):
            open_with_passphrase(resigned(document))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b'"' + b'\\"' * 500_000,
        b'{"format":"colophon-vault","version":1}',
        b'{"a":1,"a":1}',
        b"9" * 10_000,
        b" " * (MAX_FILE_BYTES + 1),
        "{\u201d}".encode(),
    ],
    ids=range(11),
)
def test_hostile_files_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptError):
        decode(data)


def test_a_file_of_a_later_version_is_told_apart_from_damage() -> None:
    document = json.loads(vault().encode())
    document["version"] = 2
    document["something"] = "new"
    with pytest.raises(RefusedError) as caught:
        decode(text(document))
    assert caught.value.code == "wallet.newer_version"
    assert caught.value.params == {"version": 2, "known": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [("memory_kib", 100 * 1024 * 1024), ("passes", 10**6), ("lanes", 255), ("memory_kib", 0)],
)
def test_a_hostile_file_cannot_ask_for_all_memory_or_time(field: str, value: int) -> None:
    document = json.loads(vault().encode())
    document["header"]["protection"][field] = value
    with pytest.raises(CorruptError):
        decode(resigned(document))


def test_another_key_is_noticed_before_decrypting() -> None:
    with pytest.raises(CorruptError) as caught:
        vault().open(bytes(32))
    assert caught.value.code == "wallet.wrong_key"


def test_a_wrong_passphrase_is_told_apart_from_damage() -> None:
    wrapped = wrap_key(PASSPHRASE, KEY, CHEAP, b"label")
    assert unwrap_key(PASSPHRASE, wrapped, b"label") == KEY
    with pytest.raises(InvalidInputError) as wrong:
        unwrap_key("incorrect horse", wrapped, b"label")
    assert wrong.value.code == "wallet.wrong_passphrase"
    damaged = replace(wrapped, wrapped=bytes(48))
    with pytest.raises(CorruptError):
        unwrap_key(PASSPHRASE, damaged, b"label")


def test_a_passphrase_typed_on_another_keyboard_is_the_same() -> None:
    wrapped = wrap_key("caf\u00e9 sonate", KEY, CHEAP, b"label")
    assert unwrap_key("cafe\u0301 sonate", wrapped, b"label") == KEY


def test_the_usual_cost_is_256_mebibytes_and_at_least_three_passes() -> None:
    usual = Argon2Cost()
    assert usual.memory == 256 * 1024
    assert usual.passes >= 3
    assert unwrap_key(PASSPHRASE, wrap_key(PASSPHRASE, KEY, usual, b""), b"") == KEY
