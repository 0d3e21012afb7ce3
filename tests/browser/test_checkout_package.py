"""The checkout page's reader of packages gives the original bytes, or says what is wrong and where."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import HERE, encoded, run
from browser.file_server import serving

from desktop_app.content.package_format import CHUNK_SIZE
from desktop_app.content.sale_format import HEADER_SIZE, PIECE_SIZE, RECORD_SIZE, SaleFacts
from desktop_app.content.sale_package import check_sale_package, create_sale_package, show_piece
from desktop_app.core.progress import Task

KEY = bytes(range(32))


@dataclass(frozen=True)
class Sealed:
    content: bytes
    package: bytes
    path: Path
    facts: SaleFacts

    def case(self, **more: Any) -> dict[str, Any]:
        promised = {
            "size": self.facts.size,
            "package_size": len(self.package),
            "cipher_root": encoded(self.facts.cipher_root),
            "plain_root": encoded(self.facts.plain_root),
        }
        given = {name: encoded(value) if isinstance(value, bytes) else value for name, value in more.items()}
        return {"package": encoded(self.package), "promised": promised, "key": encoded(KEY), **given}


def sealed(folder: Path, size: int) -> Sealed:
    content = hashlib.shake_128(b"work").digest(size)
    (folder / "work").write_bytes(content)
    path = folder / f"{size}.colophon-package"
    facts, _ = create_sale_package(folder / "work", path, KEY, bytes(32), Task())
    return Sealed(content, path.read_bytes(), path, facts)


def outcomes(*cases: dict[str, Any]) -> list[Any]:
    found: list[Any] = json.loads(run(HERE / "run_package.mjs", given=list(cases)))
    return found


def test_every_size_of_package_opens_to_the_original_bytes(tmp_path: Path) -> None:
    sizes = [1, PIECE_SIZE, PIECE_SIZE + 1, CHUNK_SIZE, CHUNK_SIZE + 1, 17 * CHUNK_SIZE - 1, 3_000_000]
    works = [sealed(tmp_path, size) for size in sizes]
    for work, outcome in zip(works, outcomes(*[work.case() for work in works]), strict=True):
        assert outcome == {"content": hashlib.sha256(work.content).hexdigest()}


def test_what_is_wrong_with_a_package_is_said_with_its_place(tmp_path: Path) -> None:
    good, other = sealed(tmp_path, 3 * CHUNK_SIZE), sealed(tmp_path, 3 * CHUNK_SIZE + 7)
    flipped = bytearray(good.package)
    flipped[HEADER_SIZE + RECORD_SIZE + 100] ^= 1
    promise_flipped = bytearray(good.package)
    promise_flipped[-1] ^= 1
    cases = {
        "not_a_package": good.case(package=b"RIFF" + good.package),
        "not_for_sale": good.case(package=b"CLPHNPK\x01" + good.package[8:]),
        "header": good.case(package=good.package[:20]),
        "cut": good.case(package=good.package[:-1]),
        "surplus": good.case(package=good.package + b"\0"),
        "other_package": good.case(package=bytes(flipped)),
        "other_package ": good.case(package=bytes(promise_flipped)),
        "other_package  ": good.case(package=other.package),
    }
    found = outcomes(*cases.values())
    assert [outcome["refused"] for outcome in found] == [f"checkout.{name.strip()}" for name in cases]
    assert found[3]["params"] == {"part": 3, "parts": 3}


@pytest.mark.parametrize("index", [0, 1, 70, 128])
def test_the_first_piece_that_is_not_as_promised_is_named_and_shown_with_its_paths(
    index: int, tmp_path: Path
) -> None:
    garbage = sealed(tmp_path, 2 * CHUNK_SIZE + 5)
    package = bytearray(garbage.package)
    package[HEADER_SIZE + index // 64 * RECORD_SIZE + index % 64 * PIECE_SIZE] ^= 1
    garbage.path.write_bytes(package)
    work = Sealed(b"", bytes(package), garbage.path, check_sale_package(garbage.path, Task()))
    found, shown = outcomes(work.case(), work.case(show=index))
    assert (found["refused"], found["index"]) == ("checkout.wrong_piece", index)
    evidence = show_piece(garbage.path, index, Task())
    piece, cipher_path, plain_leaf, plain_path = shown["shown"]
    assert base64.b64decode(piece) == evidence.piece
    assert base64.b64decode(plain_leaf) == evidence.plain_leaf
    assert tuple(map(base64.b64decode, cipher_path)) == evidence.cipher_path
    assert tuple(map(base64.b64decode, plain_path)) == evidence.plain_path


def test_a_wrong_key_opens_nothing(tmp_path: Path) -> None:
    (outcome,) = outcomes(sealed(tmp_path, 5_000).case(key=bytes(32)))
    assert (outcome["refused"], outcome["index"]) == ("checkout.wrong_piece", 0)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_that_breaks_off_goes_on_where_it_was(ranges: bool, tmp_path: Path) -> None:
    work = sealed(tmp_path, 10 * CHUNK_SIZE)
    with serving() as server:
        server.has_ranges = ranges
        address = server.put("work", work.package)
        found = outcomes(
            work.case(package=b"", address=address, cut=200_000),
            work.case(package=b"", address=address + "-not"),
        )
    if ranges:
        assert found[0] == {"content": hashlib.sha256(work.content).hexdigest()}
        assert "bytes=200000-" in server.asked
    else:
        # Each attempt begins anew there, and never gets beyond the break.
        assert found[0]["refused"] == "checkout.package_broke_off"
    assert found[1]["refused"] == "checkout.package_status"
    assert found[1]["params"]["status"] == 404


def test_a_package_at_an_address_that_nobody_answers_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    (outcome,) = outcomes(sealed(tmp_path, 5).case(address="http://127.0.0.1:9/"))
    assert outcome["refused"] == "checkout.package_unreachable"
