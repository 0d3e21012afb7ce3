"""Sale packages: what goes in comes out, every piece can be shown, and a wrong one is named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.content.fingerprint import fingerprint
from desktop_app.content.package import create_package
from desktop_app.content.package_reading import check_package
from desktop_app.content.sale_format import HEADER_SIZE, PIECE_SIZE, SaleHeader
from desktop_app.content.sale_package import (
    SaleFacts,
    WrongPieceError,
    check_sale_package,
    content_root,
    create_sale_package,
    first_wrong_piece,
    open_sale_package,
    read_content,
    read_sale_header,
    show_piece,
)
from desktop_app.core.errors import BugError, ColophonError, CorruptError, InvalidInputError, RefusedError
from desktop_app.core.merkle import leaf_hash, merkle_root, verify_inclusion
from desktop_app.core.progress import Task

KEY, SALT = bytes(range(32)), bytes(range(1, 33))
CHUNK = 65536
SIZES = [1, 1023, 1024, 1025, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 1500]


def content_of(size: int) -> bytes:
    return hashlib.shake_128(b"%d" % size).digest(size)


def packed(folder: Path, size: int, key: bytes = KEY) -> tuple[Path, SaleFacts]:
    source, package = folder / "work", folder / "work.colophon-package"
    source.write_bytes(content_of(size))
    return package, create_sale_package(source, package, key, SALT, Task())[0]


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(tmp_path: Path, size: int) -> None:
    package, facts = packed(tmp_path, size)
    assert package.stat().st_size == SaleHeader(size, facts.key_commitment).package_size
    assert check_sale_package(package, Task()) == facts
    assert open_sale_package(package, tmp_path / "opened", KEY, Task()) == facts
    assert first_wrong_piece(package, KEY, Task()) is None
    assert (tmp_path / "opened").read_bytes() == content_of(size)
    assert read_sale_header(package) == SaleHeader(size, hashlib.sha256(b"keycommit" + KEY).digest())


def test_the_file_is_as_documented_byte_for_byte(tmp_path: Path) -> None:
    size = CHUNK + 1500
    package, facts = packed(tmp_path, size)
    content, salt = content_of(size), hashlib.sha256(b"colophon/v1/sale-salt" + KEY).digest()
    sealed = Cipher(AES256(KEY), CTR(bytes(16))).encryptor().update(content)
    pieces = range(0, size, PIECE_SIZE)
    plain = [
        hashlib.sha256(b"\x00" + salt + (at // 1024).to_bytes(8, "big") + content[at : at + 1024]).digest()
        for at in pieces
    ]
    header = b"CLPHNPK\x02" + (1024).to_bytes(4, "big") + size.to_bytes(8, "big") + facts.key_commitment
    records = sealed[:CHUNK] + b"".join(plain[:64]) + sealed[CHUNK:] + b"".join(plain[64:])
    assert package.read_bytes() == header + records
    assert facts.plain_root == merkle_root(plain)
    assert facts.cipher_root == merkle_root([leaf_hash(sealed[at : at + 1024]) for at in pieces])


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 3 * CHUNK), data=st.data())
def test_any_piece_can_be_shown(
    tmp_path_factory: pytest.TempPathFactory, size: int, data: st.DataObject
) -> None:
    package, facts = packed(tmp_path_factory.mktemp("sale"), size)
    pieces = -(-size // PIECE_SIZE)
    index = data.draw(st.integers(0, pieces - 1))
    shown = show_piece(package, index, Task())
    assert len(shown.piece) == min(PIECE_SIZE, size - index * PIECE_SIZE)
    assert verify_inclusion(leaf_hash(shown.piece), index, pieces, shown.cipher_path, facts.cipher_root)
    assert verify_inclusion(shown.plain_leaf, index, pieces, shown.plain_path, facts.plain_root)
    start, stop = sorted(data.draw(st.tuples(st.integers(0, size), st.integers(0, size))))
    assert b"".join(read_content(package, KEY, start, stop)) == content_of(size)[start:stop]
    for outside in (-1, pieces):
        with pytest.raises(InvalidInputError):
            show_piece(package, outside, Task())


@pytest.mark.parametrize("piece", [0, 1, 63, 64, 81])
def test_a_wrong_piece_is_named_and_nothing_is_written(tmp_path: Path, piece: int) -> None:
    package, _ = packed(tmp_path, CHUNK + 18_000)
    chunk, within = divmod(piece, 64)
    place = HEADER_SIZE + chunk * (CHUNK + 64 * 32) + within * 1024 + 5
    data = bytearray(package.read_bytes())
    data[place] ^= 1
    package.write_bytes(data)
    with pytest.raises(WrongPieceError) as caught:
        open_sale_package(package, tmp_path / "opened", KEY, Task())
    assert caught.value.index == piece
    assert caught.value.params == {"piece": piece + 1, "pieces": 82}
    assert not (tmp_path / "opened").exists()
    assert first_wrong_piece(package, KEY, Task()) == piece
    assert first_wrong_piece(package, bytes(32), Task()) == 0
    with pytest.raises(WrongPieceError):
        open_sale_package(package, tmp_path / "opened", bytes(32), Task())


def test_every_change_of_the_package_changes_its_roots_or_is_refused(tmp_path: Path) -> None:
    package, facts = packed(tmp_path, 3000)
    whole = package.read_bytes()
    for place in range(0, len(whole), 97):
        changed = bytearray(whole)
        changed[place] ^= 0x40
        package.write_bytes(changed)
        try:
            assert check_sale_package(package, Task()) != facts
        except ColophonError as refused:
            assert refused.code in {"package.not_a_package", "package.not_for_sale", "package.header",
                                    "package.cut", "package.surplus"}  # fmt: skip
    for changed_whole, code in ((whole[:-1], "package.cut"), (whole + b"x", "package.surplus"),
                                (whole[:30], "package.header")):  # fmt: skip
        package.write_bytes(changed_whole)
        with pytest.raises(CorruptError) as caught:
            check_sale_package(package, Task())
        assert caught.value.code == code


def test_a_package_of_the_other_kind_is_told_apart(tmp_path: Path) -> None:
    source, package = tmp_path / "work", tmp_path / "other"
    source.write_bytes(b"work")
    create_package(source, package, KEY, bytes(32), Task())
    for path, code in ((package, "package.not_for_sale"), (source, "package.not_a_package")):
        with pytest.raises(InvalidInputError) as caught:
            check_sale_package(path, Task())
        assert caught.value.code == code


def test_the_other_reader_says_that_it_is_for_sale(tmp_path: Path) -> None:
    package, _ = packed(tmp_path, 3000)
    with pytest.raises(InvalidInputError) as caught:
        check_package(package, Task())
    assert caught.value.code == "package.for_sale"


def test_making_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    package, facts = packed(tmp_path, CHUNK * 3)
    part = package.with_name(package.name + ".colophon-part")
    part.write_bytes(package.read_bytes()[:100_000])
    package.unlink()
    assert create_sale_package(tmp_path / "work", package, KEY, SALT, Task())[0] == facts
    with pytest.raises(RefusedError):
        create_sale_package(tmp_path / "work", package, KEY, SALT, Task())


@pytest.mark.parametrize("size", SIZES)
def test_the_root_of_the_work_comes_along(tmp_path: Path, size: int) -> None:
    (tmp_path / "work").write_bytes(content_of(size))
    _, root = create_sale_package(tmp_path / "work", tmp_path / "p", KEY, SALT, Task())
    assert root == fingerprint(tmp_path / "work", SALT, Task()).chunk_root
    assert root == content_root(tmp_path / "p", KEY, SALT, Task())


def test_a_key_has_32_bytes(tmp_path: Path) -> None:
    (tmp_path / "work").write_bytes(b"work")
    with pytest.raises(BugError):
        create_sale_package(tmp_path / "work", tmp_path / "p", b"short", SALT, Task())
