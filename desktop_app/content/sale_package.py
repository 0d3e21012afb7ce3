"""Making, checking and opening sale packages, and showing one piece of them; `sale_format` describes the
format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from desktop_app.content.chunk_tree import ChunkTreeHeader
from desktop_app.content.package_format import CHUNK_SIZE, CHUNKS_IN_BLOCK, content_nodes
from desktop_app.content.sale_format import (
    HEADER_SIZE,
    PIECE_SIZE,
    PIECES_IN_CHUNK,
    RECORD_SIZE,
    PieceLeaves,
    SaleFacts,
    SaleHeader,
    cipher_leaves,
    join_leaves,
    split_leaves,
    stream,
)
from desktop_app.content.steady_file import SteadyFile, open_steady
from desktop_app.content.whole_file import DifferentContentError, WholeFile, whole_file
from desktop_app.core.errors import CorruptError, InvalidInputError
from desktop_app.core.merkle import RootBuilder, inclusion_path
from desktop_app.core.progress import Task

PACKING, CHECKING, UNPACKING = "package.packing", "package.checking", "package.unpacking"


@dataclass(frozen=True)
class PieceEvidence:
    """Piece `index` (from 0) of the ciphertext, the promised hash of its plaintext, and the paths to both
    roots."""

    index: int
    piece: bytes = field(repr=False)
    cipher_path: tuple[bytes, ...] = field(repr=False)
    plain_leaf: bytes = field(repr=False)
    plain_path: tuple[bytes, ...] = field(repr=False)


class WrongPieceError(CorruptError):
    """A piece does not decrypt to what was promised: the seller's fault alone. `index` counts from 0."""

    def __init__(self, index: int, pieces: int) -> None:
        super().__init__("package.wrong_piece", piece=index + 1, pieces=pieces)
        self.index = index


def create_sale_package(
    source: Path, destination: Path, key: bytes, work_salt: bytes, task: Task
) -> tuple[SaleFacts, bytes]:
    """Encrypt the file at `source` under a key that is used for this content alone.

    Also the root of the work's chunk tree under `work_salt`, which tells whether the file is still the work.
    Progress in content bytes. Interrupted or cancelled, it goes on where it was when called again with the
    same arguments. Raises RefusedError("content.exists"), UnavailableError("content.write_failed"),
    CancelledError, and what `open_steady` raises.
    """
    with whole_file(destination) as output:
        try:
            return _pack(source, output, key, work_salt, task)
        except DifferentContentError:
            # It never left this computer; who publishes a package compares its content with the work first.
            output.restart()
        return _pack(source, output, key, work_salt, task)


def _pack(
    source: Path, output: WholeFile, key: bytes, work_salt: bytes, task: Task
) -> tuple[SaleFacts, bytes]:
    with open_steady(source) as file:
        header = SaleHeader.of(key, file.size)
        content_tree, shape, chunks = RootBuilder(), ChunkTreeHeader.for_size(file.size), 0
        cipher, leaves = stream(key), PieceLeaves(key)
        cipher_tree, plain_tree, number, done = RootBuilder(), RootBuilder(), 0, 0
        output.put(header.encode())
        task.report(0, header.size, PACKING)
        for block in file.blocks(CHUNKS_IN_BLOCK * CHUNK_SIZE):
            for start in range(0, len(block), CHUNK_SIZE):
                chunk = block[start : start + CHUNK_SIZE]
                sealed = cipher.update(chunk)
                promised = leaves.of(number, chunk)
                _add(cipher_tree, cipher_leaves(memoryview(sealed)))
                _add(plain_tree, promised)
                output.put(sealed)
                output.put(join_leaves(promised))
                number += len(promised)
            nodes = content_nodes(work_salt, shape, (chunks, block))
            _add(content_tree, nodes)
            chunks += len(nodes)
            done += len(block)
            task.report(done, header.size, PACKING)
        facts = SaleFacts(header.size, header.key_commitment, cipher_tree.root(), plain_tree.root())
        return facts, content_tree.root()


def content_root(package: Path, key: bytes, work_salt: bytes, task: Task) -> bytes:
    """The root of the work's chunk tree from what is in a package. Raises as `read_sale_header` does."""
    header = read_sale_header(package)
    tree, shape = RootBuilder(), ChunkTreeHeader.for_size(header.size)
    for number, chunk in enumerate(read_content(package, key, 0, header.size)):
        task.check()
        _add(tree, content_nodes(work_salt, shape, (number, memoryview(chunk))))
    return tree.root()


def _add(tree: RootBuilder, leaves: list[bytes]) -> None:
    for leaf in leaves:
        tree.add(leaf)


def read_sale_header(package: Path) -> SaleHeader:
    """Raises InvalidInputError and CorruptError as `check_sale_package` does."""
    with open_steady(package) as file:
        return SaleHeader.decode(file.read(HEADER_SIZE))


def check_sale_package(package: Path, task: Task) -> SaleFacts:
    """Read the whole package and compute its roots, which a buyer compares with the offer before he pays.

    Raises InvalidInputError "package.not_a_package", "package.not_for_sale"; CorruptError "package.header",
    "package.cut", "package.surplus"; CancelledError; and what `open_steady` raises.
    """
    with open_steady(package) as file:
        header = _header(file)
        cipher_tree, plain_tree = RootBuilder(), RootBuilder()
        for _, sealed, promised in _records(file, header, task, CHECKING):
            _add(cipher_tree, cipher_leaves(sealed))
            _add(plain_tree, promised)
        return SaleFacts(header.size, header.key_commitment, cipher_tree.root(), plain_tree.root())


def open_sale_package(package: Path, destination: Path, key: bytes, task: Task) -> SaleFacts:
    """Decrypt to `destination`; the file appears only when every piece has proved right. Progress in
    content bytes.

    The key commitment of the header is not looked at: a buyer has no remedy for a wrong one, and needs none.
    Interrupted, it goes on where it was. Raises WrongPieceError, and as `check_sale_package` and
    `whole_file` do.
    """
    with whole_file(destination) as output:
        try:
            return _unpack(package, output, key, task)
        except DifferentContentError:
            output.restart()
        return _unpack(package, output, key, task)


def first_wrong_piece(package: Path, key: bytes, task: Task) -> int | None:
    """The number of the first piece that does not open to what was promised, None where all do.

    Writes nothing. Raises as `check_sale_package` does.
    """
    with open_steady(package) as file:
        try:
            for _ in _opened(file, _header(file), key, task, CHECKING):
                pass
        except WrongPieceError as wrong:
            return wrong.index
    return None


def _unpack(package: Path, output: WholeFile, key: bytes, task: Task) -> SaleFacts:
    with open_steady(package) as file:
        header = _header(file)
        cipher_tree, plain_tree = RootBuilder(), RootBuilder()
        for content, sealed, promised in _opened(file, header, key, task, UNPACKING):
            _add(cipher_tree, cipher_leaves(sealed))
            _add(plain_tree, promised)
            output.put(content)
        return SaleFacts(header.size, header.key_commitment, cipher_tree.root(), plain_tree.root())


def _opened(
    file: SteadyFile, header: SaleHeader, key: bytes, task: Task, stage: str
) -> Iterator[tuple[bytes, memoryview, list[bytes]]]:
    """Content, ciphertext and plain leaves of each record, compared. Raises WrongPieceError."""
    cipher, leaves = stream(key), PieceLeaves(key)
    for number, sealed, promised in _records(file, header, task, stage):
        content = cipher.update(sealed)
        found = leaves.of(number, memoryview(content))
        for index, (promise, leaf) in enumerate(zip(promised, found, strict=True), number):
            if promise != leaf:
                raise WrongPieceError(index, header.piece_count)
        yield content, sealed, promised


def show_piece(package: Path, index: int, task: Task) -> PieceEvidence:
    """Read the package once for the evidence on piece `index`. Memory: 64 bytes for each piece.

    Raises InvalidInputError("content.excerpt_range") where there is no such piece, and as
    `check_sale_package` does.
    """
    with open_steady(package) as file:
        header = _header(file)
        if not 0 <= index < header.piece_count:
            raise InvalidInputError("content.excerpt_range", first=index, count=1, chunks=header.piece_count)
        ciphered: list[bytes] = []
        plain: list[bytes] = []
        piece = b""
        for number, sealed, promised in _records(file, header, task, CHECKING):
            ciphered += cipher_leaves(sealed)
            plain += promised
            if number <= index < number + len(promised):
                start = (index - number) * PIECE_SIZE
                piece = bytes(sealed[start : start + PIECE_SIZE])
    return PieceEvidence(
        index,
        piece,
        tuple(inclusion_path(ciphered, index)),
        plain[index],
        tuple(inclusion_path(plain, index)),
    )


def read_content(package: Path, key: bytes, start: int, stop: int) -> Iterator[bytes]:
    """The content from byte `start` to before `stop` in parts of at most one chunk, for playing a work.

    The seller reads his own package, so that nothing is compared. Raises as `read_sale_header` does.
    """
    with package.open("rb") as file:
        header = SaleHeader.decode(file.read(HEADER_SIZE))
        place = start
        while place < min(stop, header.size):
            chunk, within = divmod(place, CHUNK_SIZE)
            aligned = within - within % PIECE_SIZE
            file.seek(HEADER_SIZE + chunk * RECORD_SIZE + aligned)
            end = min(header.chunk_length(chunk), within + stop - place)
            content = stream(key, chunk * CHUNK_SIZE + aligned).update(file.read(end - aligned))
            part = content[within - aligned :]
            if not part:
                raise CorruptError("package.cut", chunk=chunk + 1, chunks=header.chunk_count)
            yield part
            place += len(part)


def _header(file: SteadyFile) -> SaleHeader:
    header = SaleHeader.decode(file.read(HEADER_SIZE))
    if file.size > header.package_size:
        raise CorruptError("package.surplus")
    if file.size < header.package_size:
        missing = max(0, file.size - HEADER_SIZE) // RECORD_SIZE
        raise CorruptError("package.cut", chunk=missing + 1, chunks=header.chunk_count)
    return header


def _records(
    file: SteadyFile, header: SaleHeader, task: Task, stage: str
) -> Iterator[tuple[int, memoryview, list[bytes]]]:
    """Number of the first piece, ciphertext and plain leaves of each record; the views are valid until the
    next."""
    done = 0
    task.report(0, header.size, stage)
    for first, block in zip(count(0, CHUNKS_IN_BLOCK), file.blocks(CHUNKS_IN_BLOCK * RECORD_SIZE)):
        for chunk, start in enumerate(range(0, len(block), RECORD_SIZE), first):
            record = block[start : start + RECORD_SIZE]
            length = header.chunk_length(chunk)
            yield chunk * PIECES_IN_CHUNK, record[:length], split_leaves(record[length:])
            done += length
        task.report(done, header.size, stage)
