"""Encrypted packages: everything that can be done to one is refused, with its place named."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content import package as package_module
from desktop_app.content.chunk_tree import ChunkTreeHeader
from desktop_app.content.fingerprint import fingerprint
from desktop_app.content.package import create_package, new_key
from desktop_app.content.package_evidence import record_is_wrong, show_record
from desktop_app.content.package_format import (
    CHUNK_SIZE,
    HEADER_SIZE,
    OVERHEAD,
    RECORD_SIZE,
    ChunkCipher,
    PackageFacts,
    PackageHeader,
    content_nodes,
    key_commitment,
)
from desktop_app.content.package_reading import check_package, open_package, read_header
from desktop_app.content.whole_file import part_of
from desktop_app.core.errors import (
    CancelledError,
    ColophonError,
    CorruptError,
    InvalidInputError,
    RefusedError,
    UnavailableError,
)
from desktop_app.core.progress import Task

KEY = bytes(range(32))
SALT = bytes(range(100, 132))
VECTORS = json.loads((Path(__file__).parent / "package_vectors.json").read_text())


def content_of(size: int) -> bytes:
    return hashlib.shake_128(b"content").digest(size)


class Shop:
    """One work, its package and where it is opened."""

    def __init__(self, folder: Path, size: int = 3 * CHUNK_SIZE + 500) -> None:
        self.source = folder / "song.wav"
        self.package = folder / "song.wav.colophon"
        self.opened = folder / "bought.wav"
        self.content = content_of(size)
        self.source.write_bytes(self.content)

    def create(self, key: bytes = KEY, task: Task | None = None) -> PackageFacts:
        return create_package(self.source, self.package, key, SALT, task or Task())

    def open(self, key: bytes = KEY, expected: PackageFacts | None = None) -> PackageFacts:
        return open_package(self.package, self.opened, key, Task(), expected)

    def alter(self, change: Callable[[bytearray], bytes | bytearray | None]) -> None:
        data = bytearray(self.package.read_bytes())
        self.package.write_bytes(change(data) or data)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.mark.parametrize(
    "size", [1, 1023, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 5 * 1024 * 1024 + 7, 17 * 1024 * 1024 + 1]
)
def test_what_goes_in_comes_out_and_the_content_root_is_the_registered_one(tmp_path: Path, size: int) -> None:
    shop = Shop(tmp_path, size)
    facts = shop.create()
    assert shop.open(expected=facts) == facts == check_package(shop.package, Task(), expected=facts)
    assert shop.opened.read_bytes() == shop.content
    assert facts.content_root == fingerprint(shop.source, SALT, Task()).chunk_root
    assert shop.package.stat().st_size == read_header(shop.package).package_size
    assert not list(tmp_path.glob("*.part"))


def plainly_decrypted(data: bytes, key: bytes) -> bytes:
    """The format read again from its description alone, as a browser would."""
    header, place, number, content = data[:107], 107, 0, b""
    assert hashlib.sha256(b"keycommit" + key).digest() == header[27:59]
    size = int.from_bytes(header[12:20], "big")
    while len(content) < size:
        length = min(65536, size - len(content))
        sealed, node = data[place : place + length + 16], data[place + length + 16 : place + length + 48]
        last = len(content) + length == size
        nonce = header[20:27] + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")
        content += AESGCM(key).decrypt(nonce, sealed, header + node)
        place, number = place + length + 48, number + 1
    assert place == len(data)
    return content


def test_the_description_of_the_format_is_enough_to_read_it(shop: Shop) -> None:
    shop.create()
    assert plainly_decrypted(shop.package.read_bytes(), KEY) == shop.content


@pytest.mark.parametrize("vector", VECTORS["packages"], ids=lambda vector: str(vector["size"]))
def test_packages_are_byte_for_byte_those_of_the_test_vectors(
    vector: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = bytes.fromhex(VECTORS["nonce_prefix"])
    monkeypatch.setattr(package_module, "token_bytes", lambda size: prefix[:size])
    shop = Shop(tmp_path, int(vector["size"]))
    facts = create_package(
        shop.source, shop.package, bytes.fromhex(VECTORS["key"]), bytes.fromhex(VECTORS["salt"]), Task()
    )
    data = shop.package.read_bytes()
    assert hashlib.sha256(shop.content).hexdigest() == vector["content_sha256"]
    assert data[:HEADER_SIZE].hex() == vector["header"]
    assert hashlib.sha256(data).hexdigest() == vector["package_sha256"]
    assert facts.content_root.hex() == vector["content_root"]
    assert facts.package_root.hex() == vector["package_root"]


def records(data: bytearray) -> list[bytes]:
    return [bytes(data[i : i + RECORD_SIZE]) for i in range(HEADER_SIZE, len(data), RECORD_SIZE)]


def ordered(order: list[int]) -> Callable[[bytearray], bytes]:
    return lambda data: bytes(data[:HEADER_SIZE]) + b"".join(records(data)[i] for i in order)


ALTERATIONS: dict[str, tuple[Callable[[bytearray], bytes | bytearray | None], str, dict[str, int]]] = {
    "one bit of a chunk": (
        lambda data: data.__setitem__(HEADER_SIZE + 70000, data[HEADER_SIZE + 70000] ^ 1),
        "package.chunk_damaged",
        {"chunk": 2},
    ),
    "one bit of a tag": (
        lambda data: data.__setitem__(HEADER_SIZE + CHUNK_SIZE, data[HEADER_SIZE + CHUNK_SIZE] ^ 1),
        "package.chunk_damaged",
        {"chunk": 1},
    ),
    "one bit of a node": (
        lambda data: data.__setitem__(-1, data[-1] ^ 1),
        "package.chunk_damaged",
        {"chunk": 4},
    ),
    "swapped": (ordered([0, 2, 1, 3]), "package.chunk_elsewhere", {"chunk": 2, "found": 3}),
    "last one swapped": (ordered([0, 1, 3, 2]), "package.chunk_elsewhere", {"chunk": 3, "found": 4}),
    "first dropped": (ordered([1, 2, 3]), "package.chunk_elsewhere", {"chunk": 1, "found": 2}),
    "one dropped": (ordered([0, 1, 3]), "package.chunk_elsewhere", {"chunk": 3, "found": 4}),
    "last dropped": (ordered([0, 1, 2]), "package.cut", {"chunk": 4}),
    "all dropped": (ordered([]), "package.cut", {"chunk": 1}),
    "repeated": (ordered([0, 1, 1, 2, 3]), "package.chunk_elsewhere", {"chunk": 3, "found": 2}),
    "last repeated": (ordered([0, 1, 2, 3, 3]), "package.surplus", {}),
    "cut by one byte": (lambda data: data[:-1], "package.cut", {"chunk": 4}),
    "cut in the middle": (lambda data: data[: HEADER_SIZE + RECORD_SIZE + 9], "package.cut", {"chunk": 2}),
    "cut in the header": (lambda data: data[: HEADER_SIZE - 1], "package.header", {}),
    "a byte more": (lambda data: data + b"\0", "package.surplus", {}),
    "another magic": (lambda data: data.__setitem__(0, 0), "package.not_a_package", {}),
    "a newer version": (lambda data: data.__setitem__(7, 3), "package.version", {"version": 3}),
    "the version for sale": (lambda data: data.__setitem__(7, 2), "package.for_sale", {}),
    "another chunk size": (lambda data: data.__setitem__(9, 2), "package.header", {}),
    "another size": (lambda data: data.__setitem__(19, data[19] ^ 1), "package.header", {}),
    "another nonce prefix": (lambda data: data.__setitem__(20, data[20] ^ 1), "package.header", {}),
    "another key commitment": (lambda data: data.__setitem__(27, data[27] ^ 1), "package.wrong_key", {}),
    "another salt": (lambda data: data.__setitem__(60, data[60] ^ 1), "package.header", {}),
    "empty": (lambda data: b"", "content.empty", {}),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_every_alteration_is_refused_with_its_place(name: str, shop: Shop) -> None:
    change, code, place = ALTERATIONS[name]
    facts = shop.create()
    if name == "empty":
        shop.package.write_bytes(b"")
    else:
        shop.alter(change)
    with pytest.raises(ColophonError) as caught:
        shop.open()
    assert caught.value.code == code
    assert {name: caught.value.params[name] for name in place} == place
    assert not shop.opened.exists()
    with pytest.raises(ColophonError):
        check_package(shop.package, Task(), KEY)
    with pytest.raises(ColophonError):
        check_package(shop.package, Task(), expected=facts)


@given(place=st.integers(0, HEADER_SIZE + 2000 + OVERHEAD - 1), bit=st.integers(0, 7))
def test_no_bit_of_a_package_can_be_changed(
    place: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = Shop(tmp_path_factory.mktemp("bit"), 2000)
    facts = shop.create()
    shop.alter(lambda data: data.__setitem__(place, data[place] ^ 1 << bit))
    with pytest.raises(ColophonError):
        check_package(shop.package, Task(), KEY)
    with pytest.raises(ColophonError):
        check_package(shop.package, Task(), expected=facts)


@given(st.binary(max_size=2 * HEADER_SIZE))
def test_no_bytes_make_the_header_reader_stumble(data: bytes) -> None:
    for candidate in (data, b"CLPHNPK\x01" + data):
        try:
            header = PackageHeader.decode(candidate)
        except ColophonError:
            continue
        assert header.encode() == candidate


def test_a_wrong_key_opens_nothing(shop: Shop) -> None:
    shop.create()
    with pytest.raises(RefusedError) as caught:
        shop.open(new_key())
    assert caught.value.code == "package.wrong_key"
    assert not shop.opened.exists()


def test_records_of_another_package_under_the_same_key_are_refused(shop: Shop) -> None:
    facts = shop.create()
    first = shop.package.read_bytes()
    shop.package.unlink()
    shop.create()
    assert shop.package.read_bytes() != first
    with pytest.raises(CorruptError) as caught:
        shop.open(expected=facts)
    assert caught.value.code == "package.other_package"
    shop.alter(lambda data: data[:HEADER_SIZE] + first[HEADER_SIZE:])
    with pytest.raises(CorruptError) as caught:
        shop.open()
    assert caught.value.code == "package.chunk_damaged"


def test_a_package_for_other_published_facts_is_refused_before_anything_is_decrypted(shop: Shop) -> None:
    facts = shop.create()
    for other in (replace(facts, size=1), replace(facts, key_commitment=bytes(32))):
        with pytest.raises(CorruptError) as caught:
            check_package(shop.package, Task(), expected=other)
        assert caught.value.code == "package.other_package"
    with pytest.raises(CorruptError):
        check_package(shop.package, Task(), expected=replace(facts, content_root=bytes(32)))


class Interruption(Task):
    """A user who cancels when so many bytes are done."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after
        self.reports: list[int] = []

    def report(self, done: int, total: int, stage: str = "") -> None:
        self.reports.append(done)
        if done >= self._after:
            self.cancel()
        super().report(done, total, stage)


LARGE = 10 * 1024 * 1024 + 77


def test_making_a_package_goes_on_where_it_was_cancelled(tmp_path: Path) -> None:
    shop = Shop(tmp_path, LARGE)
    with pytest.raises(CancelledError):
        shop.create(task=Interruption(5_000_000))
    assert not shop.package.exists()
    begun = part_of(shop.package).read_bytes()
    assert len(begun) > 5_000_000
    # What a crash may leave: the last block only in part on the disk.
    part_of(shop.package).write_bytes(begun[:-1000])
    facts = shop.create()
    assert shop.package.read_bytes().startswith(begun)
    assert check_package(shop.package, Task(), KEY) == facts


def test_opening_a_package_goes_on_where_it_was_cancelled(tmp_path: Path) -> None:
    shop = Shop(tmp_path, LARGE)
    facts = shop.create()
    with pytest.raises(CancelledError):
        open_package(shop.package, shop.opened, KEY, Interruption(5_000_000))
    assert shop.content.startswith(part_of(shop.opened).read_bytes())
    part_of(shop.opened).write_bytes(shop.content[:5_000_000] + bytes(10))
    assert shop.open() == facts
    assert shop.opened.read_bytes() == shop.content


def test_a_source_that_changed_meanwhile_is_packed_anew_under_other_nonces(tmp_path: Path) -> None:
    shop = Shop(tmp_path, LARGE)
    with pytest.raises(CancelledError):
        shop.create(task=Interruption(5_000_000))
    begun = part_of(shop.package).read_bytes()
    shop.source.write_bytes(b"!" + shop.content[1:])
    facts = shop.create()
    assert PackageHeader.decode(begun[:HEADER_SIZE]).nonce_prefix != read_header(shop.package).nonce_prefix
    assert shop.open() == facts
    assert shop.opened.read_bytes() == shop.source.read_bytes()


@pytest.mark.parametrize("left", [b"", b"something else", b"CLPHNPK\x01" + bytes(99)])
def test_an_unusable_beginning_is_written_over(shop: Shop, left: bytes) -> None:
    part_of(shop.package).write_bytes(left)
    part_of(shop.opened).write_bytes(b"x" * (len(shop.content) + 10))
    assert shop.open(expected=shop.create())
    assert shop.opened.read_bytes() == shop.content


def test_a_beginning_under_another_key_is_not_continued(tmp_path: Path) -> None:
    shop = Shop(tmp_path, LARGE)
    with pytest.raises(CancelledError):
        shop.create(task=Interruption(5_000_000))
    other = new_key()
    facts = shop.create(other)
    assert check_package(shop.package, Task(), other) == facts


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for size in (17 * 1024 * 1024, 51 * 1024 * 1024):
        folder = tmp_path / str(size)
        folder.mkdir()
        shop = Shop(folder, size)
        shop.content = b""
        tracemalloc.start()
        try:
            shop.create()
            shop.open()
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 64 * 1024


def test_no_file_is_written_over(shop: Shop) -> None:
    shop.package.write_bytes(b"mine")
    with pytest.raises(RefusedError) as caught:
        shop.create()
    assert caught.value.code == "content.exists"
    assert shop.package.read_bytes() == b"mine"


def test_a_folder_that_cannot_be_written_to_is_said(shop: Shop) -> None:
    shop.package = shop.package.parent / "nowhere" / "a.colophon"
    with pytest.raises(UnavailableError) as caught:
        shop.create()
    assert caught.value.code == "content.write_failed"


def test_a_link_at_the_temporary_name_leads_nowhere(shop: Shop, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    part_of(shop.package).symlink_to(victim)
    with pytest.raises(UnavailableError):
        shop.create()
    assert victim.read_bytes() == b"precious"


def test_progress_counts_the_content_up_to_its_size(tmp_path: Path) -> None:
    shop = Shop(tmp_path, LARGE)
    for act in (
        lambda task: shop.create(task=task),
        lambda task: open_package(shop.package, shop.opened, KEY, task),
        lambda task: check_package(shop.package, task),
    ):
        task = Interruption(10**12)
        act(task)
        assert task.reports == sorted(task.reports)
        assert (task.reports[0], task.reports[-1]) == (0, LARGE)


def forged(shop: Shop, index: int) -> PackageFacts:
    """A package whose maker put something else into chunk `index` than its node promises."""
    shop.create()
    data = bytearray(shop.package.read_bytes())
    header = PackageHeader.decode(bytes(data[:HEADER_SIZE]))
    start = index * CHUNK_SIZE
    length = header.chunk_length(index)
    chunk = memoryview(shop.content)[start : start + length]
    (node,) = content_nodes(SALT, ChunkTreeHeader.for_size(header.size), (index, chunk))
    place = HEADER_SIZE + index * RECORD_SIZE
    ChunkCipher(header, KEY).seal_into(
        index,
        memoryview(b"silence" + bytes(length - 7)),
        node,
        memoryview(data)[place : place + length + OVERHEAD],
    )
    shop.package.write_bytes(data)
    return check_package(shop.package, Task())


@pytest.mark.parametrize("index", [0, 2, 3])
def test_a_chunk_that_is_not_what_was_promised_can_be_shown_to_anyone(shop: Shop, index: int) -> None:
    facts = forged(shop, index)
    assert facts.content_root == fingerprint(shop.source, SALT, Task()).chunk_root
    with pytest.raises(CorruptError) as caught:
        shop.open(expected=facts)
    assert (caught.value.code, caught.value.params["chunk"]) == ("package.not_as_promised", index + 1)
    assert record_is_wrong(show_record(shop.package, index, Task()), KEY, facts.package_root)
    other = show_record(shop.package, 1, Task())
    assert not record_is_wrong(other, KEY, facts.package_root)
    for false in (
        replace(other, index=0),
        replace(other, record=bytes([other.record[0] ^ 1]) + other.record[1:]),
        replace(other, header=bytes([other.header[0] ^ 1]) + other.header[1:]),
        replace(other, header=other.header[:-1] + bytes([other.header[-1] ^ 1])),
    ):
        with pytest.raises(InvalidInputError):
            record_is_wrong(false, KEY, facts.package_root)
    with pytest.raises(InvalidInputError):
        record_is_wrong(other, new_key(), facts.package_root)
    with pytest.raises(InvalidInputError):
        show_record(shop.package, 4, Task())


def test_a_maker_whose_salt_or_records_do_not_open_is_shown_too(shop: Shop) -> None:
    shop.create()
    original = shop.package.read_bytes()
    for place in (60, HEADER_SIZE + 5):
        shop.package.write_bytes(original[:place] + bytes([original[place] ^ 1]) + original[place + 1 :])
        facts = check_package(shop.package, Task())
        assert record_is_wrong(show_record(shop.package, 0, Task()), KEY, facts.package_root)


def test_neither_key_nor_salt_is_in_what_is_printed(shop: Shop) -> None:
    facts = shop.create()
    shown = repr((facts, read_header(shop.package), show_record(shop.package, 0, Task())))
    assert KEY.hex() not in shown and repr(KEY)[2:-1] not in shown
    assert facts.key_commitment == key_commitment(KEY)
