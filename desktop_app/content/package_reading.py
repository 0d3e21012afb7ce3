"""Checking and decrypting packages; what is wrong with one is said with its place."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from desktop_app.content.chunk_tree import ChunkTreeHeader
from desktop_app.content.one_ahead import one_ahead
from desktop_app.content.package_format import (
    CHUNK_SIZE,
    CHUNKS_IN_BLOCK,
    HEADER_SIZE,
    OVERHEAD,
    RECORD_SIZE,
    ChunkCipher,
    PackageFacts,
    PackageHeader,
    Roots,
    content_nodes,
    record_leaves,
)
from desktop_app.content.steady_file import SteadyFile, open_steady
from desktop_app.content.whole_file import DifferentContentError, WholeFile, whole_file
from desktop_app.core.errors import ColophonError, CorruptError
from desktop_app.core.merkle import HASH_SIZE
from desktop_app.core.progress import Task

UNPACKING, CHECKING = "package.unpacking", "package.checking"
# Looking further for where a stray record belongs could take minutes in the largest packages.
_SEARCH = 65536


def open_package(
    package: Path, destination: Path, key: bytes, task: Task, expected: PackageFacts | None = None
) -> PackageFacts:
    """Decrypt to `destination`; the file appears only when every byte of it has proved right.

    Interrupted or cancelled, it goes on where it was when called again. Progress in content bytes. Raises
    as `check_package` and `whole_file` do.
    """
    with whole_file(destination) as output:
        try:
            return _walk(package, key, expected, task, UNPACKING, output)
        except DifferentContentError:
            output.restart()
        return _walk(package, key, expected, task, UNPACKING, output)


def check_package(
    package: Path, task: Task, key: bytes | None = None, expected: PackageFacts | None = None
) -> PackageFacts:
    """Read the whole package. With the key every chunk is opened, without it the roots are compared alone.

    `expected` is what the maker has published. Places count from 1. Raises InvalidInputError
    "package.not_a_package", "package.version"; RefusedError "package.wrong_key"; CorruptError
    "package.header", "package.chunk_damaged", "package.chunk_elsewhere", "package.cut", "package.surplus",
    "package.not_as_promised" (the maker's doing), "package.other_package"; CancelledError; and what
    `open_steady` raises.
    """
    return _walk(package, key, expected, task, CHECKING, None)


def read_header(package: Path) -> PackageHeader:
    """The header alone. Raises InvalidInputError or CorruptError as `check_package` does."""
    with open_steady(package) as file:
        return PackageHeader.decode(file.read(HEADER_SIZE))


@dataclass(frozen=True)
class _Records:
    """Consecutive records, `first` being the number of the one at the beginning of `block`."""

    first: int
    block: memoryview
    count: int


def _walk(
    package: Path,
    key: bytes | None,
    expected: PackageFacts | None,
    task: Task,
    stage: str,
    output: WholeFile | None,
) -> PackageFacts:
    with open_steady(package) as file, ThreadPoolExecutor(2, "package") as pool:
        header = PackageHeader.decode(file.read(HEADER_SIZE))
        if expected and (expected.size, expected.key_commitment) != (header.size, header.key_commitment):
            raise CorruptError("package.other_package")
        reading = _Reading(file, header, pool)
        task.report(0, header.size, stage)
        if key is None:
            for records in reading.records():
                task.report(reading.content_before(records.first + records.count), header.size, stage)
        else:
            done = 0
            for content in reading.contents(key, task):
                if output is not None:
                    output.put(content)
                done += len(content)
                task.report(done, header.size, stage)
        facts = reading.roots.facts()
        if expected not in (None, facts):
            raise CorruptError("package.other_package")
        return facts


class _Reading:
    def __init__(self, file: SteadyFile, header: PackageHeader, pool: ThreadPoolExecutor) -> None:
        self._file = file
        self._header = header
        self._pool = pool
        self._cipher: ChunkCipher | None = None
        self.roots = Roots(header)

    def content_before(self, index: int) -> int:
        return min(index * CHUNK_SIZE, self._header.size)

    def records(self) -> Iterator[_Records]:
        """All records in blocks. What is missing or too much is raised at its place."""
        header, after = self._header, 0
        blocks = zip(count(0, CHUNKS_IN_BLOCK), self._file.blocks(CHUNKS_IN_BLOCK * RECORD_SIZE))
        for (first, block), leaves in one_ahead(self._pool, lambda item: record_leaves(item[1]), blocks):
            length = number = 0
            for index in range(first, min(first + CHUNKS_IN_BLOCK, header.chunk_count)):
                if length + header.chunk_length(index) + OVERHEAD > len(block):
                    break
                length += header.chunk_length(index) + OVERHEAD
                number += 1
            self.roots.add(block[:length], leaves[:number])
            if number:
                yield _Records(first, block, number)
            after = first + number
            if length < len(block):
                raise self._leftover(after, block[length:])
        if after < header.chunk_count:
            raise self._cut(after)

    def contents(self, key: bytes, task: Task) -> Iterator[memoryview]:
        """The content in blocks, each proved right before it is given out."""
        header = self._header
        work_salt = header.open_salt(key)
        tree = ChunkTreeHeader.for_size(header.size)

        def nodes(opened: tuple[int, memoryview, list[bytes]]) -> list[bytes]:
            return content_nodes(work_salt, tree, opened[:2])

        for (first, content, promised), found in one_ahead(self._pool, nodes, self._opened(key, task)):
            for index, (promise, node) in enumerate(zip(promised, found, strict=True), first):
                if promise != node:
                    raise self._at("package.not_as_promised", index)
            yield content

    def _opened(self, key: bytes, task: Task) -> Iterator[tuple[int, memoryview, list[bytes]]]:
        header = self._header
        self._cipher = cipher = ChunkCipher(header, key)
        room = min(CHUNKS_IN_BLOCK * CHUNK_SIZE, header.size)
        buffers = cycle([memoryview(bytearray(room)) for _ in range(2)])
        for records in self.records():
            content, promised = next(buffers), []
            start = place = 0
            for index in range(records.first, records.first + records.count):
                length = header.chunk_length(index)
                record = records.block[start : start + length + OVERHEAD]
                if not cipher.open_into(index, record, content[place : place + length]):
                    raise self._wrong(index, records.block[start:], task)
                promised.append(bytes(record[-HASH_SIZE:]))
                start += len(record)
                place += length
            yield records.first, content[:place], promised

    def _wrong(self, index: int, data: memoryview, task: Task | None = None) -> ColophonError:
        """What to say of `data`, which is not the record that should begin there."""
        found = self._place_of(data, index, task)
        if found is None:
            return self._at("package.chunk_damaged", index)
        return self._at("package.chunk_elsewhere", index, found=found + 1)

    def _leftover(self, index: int, data: memoryview) -> ColophonError:
        if index >= self._header.chunk_count:
            return CorruptError("package.surplus")
        if self._place_of(data, index, None) is not None:
            return self._wrong(index, data)
        return self._cut(index)

    def _cut(self, index: int) -> ColophonError:
        return self._at("package.cut", index)

    def _at(self, code: str, index: int, **more: int) -> ColophonError:
        return CorruptError(code, chunk=index + 1, chunks=self._header.chunk_count, **more)

    def _place_of(self, data: memoryview, index: int, task: Task | None) -> int | None:
        """The number of the record that `data` begins with, looked for from `index` in both directions."""
        if self._cipher is None:
            return None
        scratch = memoryview(bytearray(CHUNK_SIZE))
        for distance in range(1, min(_SEARCH, self._header.chunk_count) + 1):
            if task is not None:
                task.check()
            for place in (index + distance, index - distance):
                if not 0 <= place < self._header.chunk_count:
                    continue
                length = self._header.chunk_length(place)
                record = data[: length + OVERHEAD]
                if len(record) == length + OVERHEAD and self._cipher.open_into(
                    place, record, scratch[:length]
                ):
                    return place
        return None
