"""File and excerpt: the content is shown, and bound to the commitment bit by bit."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785

from desktop_app.content.chunk_tree import ChunkTreeBuilder, open_excerpt
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.merkle import leaf_hash, node_hash
from desktop_app.proofs import certificate
from desktop_app.proofs.attachments import ExcerptAttachment
from desktop_app.proofs.commitment import Opening, content_scalar
from desktop_app.proofs.content_statements import Content, ExcerptStatement, FileStatement
from desktop_app.proofs.encoding import from_base64, from_hex, to_base64, to_hex
from desktop_app.proofs.statements import Work
from desktop_app.proofs.verifier import FileMatch, Proof, verify

SALT = bytes(range(100, 132))
ADDRESS = "0x" + "22" * 20
FILE = random.Random(7).randbytes(10 * 1024 + 300)
LEAF = 1024


def tree_root(data: bytes, salt: bytes = SALT) -> bytes:
    builder = ChunkTreeBuilder(salt, len(data))
    builder.update(data)
    return builder.root()


@pytest.fixture(scope="module")
def opened() -> Opening:
    return Opening(content_scalar(tree_root(FILE), len(FILE)), 4711, 815)


@pytest.fixture(scope="module")
def fields(opened: Opening) -> dict[str, Any]:
    return {
        "subject": ADDRESS,
        "audience": "An archive",
        "challenge": "",
        "issued_at": 1_800_000_000,
        "expires_at": 1_800_000_001,
        "work": Work.of(opened, 6516588, ADDRESS, ADDRESS),
        "content": Content(to_hex(tree_root(FILE)), len(FILE), LEAF),
    }


@pytest.fixture(scope="module")
def file_certificate(fields: dict[str, Any], opened: Opening) -> bytes:
    return certificate.issue(FileStatement(**fields, salt=to_hex(SALT)), (opened.owner, opened.blinding))


def attachment(first: int, count: int, data: bytes = FILE, salt: bytes = SALT) -> ExcerptAttachment:
    excerpt = open_excerpt([data], salt, len(data), first, count)
    return ExcerptAttachment.of(excerpt.chunks, excerpt.salts, excerpt.paths)


@pytest.fixture(scope="module")
def excerpt(fields: dict[str, Any], opened: Opening) -> Callable[..., bytes]:
    def make(first: int, count: int) -> bytes:
        statement = ExcerptStatement(**fields, first=first, count=count)
        return certificate.issue(statement, (opened.owner, opened.blinding), [attachment(first, count)])

    return make


def holds(data: bytes) -> bool:
    try:
        return verify(data, now=1_800_000_000).proof is Proof.VALID
    except InvalidInputError:
        return False


def edited(data: bytes, edit: Callable[[dict[str, Any]], None]) -> bytes:
    whole = json.loads(data)
    edit(whole)
    return rfc8785.dumps(whole)


def root_of(data: bytes) -> Callable[[FileStatement], bytes | None]:
    def find(statement: FileStatement) -> bytes | None:
        if len(data) != statement.content.size:
            return None
        return tree_root(data, from_hex(statement.salt, 32))

    return find


def test_the_very_file_matches(file_certificate: bytes) -> None:
    verdicts = verify(file_certificate, now=1_800_000_000, file_root=root_of(FILE))
    assert (verdicts.proof, verdicts.file) == (Proof.VALID, FileMatch.MATCHES)
    assert verdicts.accepted


def test_a_file_wrong_by_one_bit_differs(file_certificate: bytes) -> None:
    for position in (0, 1023, 1024, len(FILE) - 1):
        other = bytearray(FILE)
        other[position] ^= 1
        verdicts = verify(file_certificate, now=1_800_000_000, file_root=root_of(bytes(other)))
        assert (verdicts.proof, verdicts.file) == (Proof.VALID, FileMatch.DIFFERS)
        assert not verdicts.accepted
    for other in (FILE[:-1], FILE + b"\0", b"x"):
        verdicts = verify(file_certificate, now=1_800_000_000, file_root=root_of(other))
        assert verdicts.file is FileMatch.DIFFERS


def test_without_the_file_nothing_is_compared(file_certificate: bytes) -> None:
    assert verify(file_certificate, now=1_800_000_000).file is FileMatch.NOT_COMPARED


def test_a_commitment_to_other_content_proves_no_file(fields: dict[str, Any], opened: Opening) -> None:
    other = dataclasses.replace(fields["content"], size=len(FILE) + 1)
    statement = FileStatement(**{**fields, "content": other}, salt=to_hex(SALT))
    with pytest.raises(InvalidInputError):
        certificate.issue(statement, (opened.owner, opened.blinding))


@pytest.mark.parametrize(("first", "count"), [(0, 1), (3, 2), (9, 2), (10, 1), (0, 11)])
def test_an_excerpt_is_accepted_where_it_belongs(
    excerpt: Callable[..., bytes], first: int, count: int
) -> None:
    data = excerpt(first, count)
    assert holds(data)
    given = certificate.parse(data)
    assert given.encode() == data
    (carried,) = given.attachments
    assert b"".join(carried.chunk_bytes()) == FILE[first * LEAF : (first + count) * LEAF]


def test_an_excerpt_shows_nothing_of_its_neighbours(excerpt: Callable[..., bytes]) -> None:
    data = excerpt(4, 1).decode()
    for index in range(11):
        if index != 4:
            chunk = FILE[index * LEAF : (index + 1) * LEAF]
            assert to_base64(chunk[:300])[:-4] not in data
            assert leaf_hash(chunk).hex() not in data  # a neighbour's hash without its salt could be guessed
    assert SALT.hex() not in data


def test_every_byte_of_an_excerpt_certificate_is_bound(excerpt: Callable[..., bytes]) -> None:
    data = excerpt(10, 1)
    draw = random.Random(3)
    for position in range(len(data)):
        bad = bytearray(data)
        bad[position] ^= draw.randrange(1, 256)
        assert not holds(bytes(bad)), position


def test_an_excerpt_at_another_place_is_refused(excerpt: Callable[..., bytes]) -> None:
    data = excerpt(4, 1)
    for first in (0, 3, 5, 10, 11, -1):
        assert not holds(edited(data, lambda whole, first=first: whole["statement"].update(first=first)))
    for change in ({"size": len(FILE) + 1}, {"size": len(FILE) - 1}, {"leaf_size": 512}, {"leaf_size": 2048}):
        assert not holds(
            edited(data, lambda whole, change=change: whole["statement"]["content"].update(change))
        )


def test_chunks_salts_and_paths_of_others_are_refused(excerpt: Callable[..., bytes]) -> None:
    data = excerpt(4, 1)
    strange: list[ExcerptAttachment] = [
        attachment(5, 1),
        attachment(4, 2),
        attachment(4, 1, FILE[::-1]),
        attachment(4, 1, FILE, bytes(32)),
    ]
    good = attachment(4, 1)
    strange += [
        dataclasses.replace(good, salts=attachment(5, 1).salts),
        dataclasses.replace(good, paths=attachment(5, 1).paths),
        dataclasses.replace(good, paths=(good.paths[0][:-1],)),
        dataclasses.replace(good, paths=((*good.paths[0], good.paths[0][0]),)),
        dataclasses.replace(good, paths=((),)),
        dataclasses.replace(good, chunks=()),
        dataclasses.replace(good, salts=()),
    ]
    for other in strange:
        assert not holds(edited(data, lambda whole, other=other: whole.update(attachments=[other.to_json()])))
    twice = [good.to_json(), good.to_json()]
    for attachments in ([], twice):
        assert not holds(edited(data, lambda whole, a=attachments: whole.update(attachments=a)))


def test_a_leaf_is_not_taken_for_a_node(fields: dict[str, Any], opened: Opening) -> None:
    """Two hashes side by side as a "chunk" of a smaller tree with the same root."""
    two = random.Random(1).randbytes(2 * LEAF)
    leaves = [leaf_hash(bytes(16) + two[:LEAF]), leaf_hash(bytes(16) + two[LEAF:])]
    root = node_hash(*leaves)
    forged = leaves[0] + leaves[1]
    statement = ExcerptStatement(
        **{**fields, "content": Content(to_hex(root), len(forged) - 16, LEAF)}, first=0, count=1
    )
    carried = ExcerptAttachment.of([forged[16:]], [forged[:16]], [[]])
    with pytest.raises(InvalidInputError) as caught:
        statement.check_attachments([carried])
    assert caught.value.code == "certificate.excerpt_not_of_this_work"


def test_one_commitment_does_not_show_two_contents_at_one_place(fields: dict[str, Any]) -> None:
    """Found by an attack: a root made of two shapes, read once with chunks of 1024 and once of 1152 bytes."""
    size, salt = 9 * LEAF, bytes(16)
    left = [leaf_hash(salt + bytes([65 + i]) * LEAF) for i in range(8)]  # eight of nine, as the size asks for
    right = [leaf_hash(salt + bytes([97 + i]) * 1152) for i in range(4)]  # the second half of eight
    left_pairs = [node_hash(*left[i : i + 2]) for i in range(0, 8, 2)]
    right_pairs = [node_hash(*right[i : i + 2]) for i in range(0, 4, 2)]
    left_top = node_hash(node_hash(*left_pairs[:2]), node_hash(*left_pairs[2:]))
    root = node_hash(left_top, node_hash(*right_pairs))
    opened = Opening(content_scalar(root, size), 4711, 815)
    work = Work.of(opened, 6516588, ADDRESS, ADDRESS)
    regular = ExcerptAttachment.of(
        [b"H" * LEAF],
        [salt],
        [[left[6], left_pairs[2], node_hash(*left_pairs[:2]), node_hash(*right_pairs)]],
    )
    other = ExcerptAttachment.of([b"d" * 1152], [salt], [[right[2], right_pairs[0], left_top]])

    def issued(leaf_size: int, carried: ExcerptAttachment) -> bytes:
        content = Content(to_hex(root), size, leaf_size)
        statement = ExcerptStatement(**{**fields, "work": work, "content": content}, first=7, count=1)
        return certificate.issue(statement, (opened.owner, opened.blinding), [carried])

    assert holds(issued(LEAF, regular))  # bytes 7168 to 8191 are H
    with pytest.raises(InvalidInputError, match=r"certificate\.leaf_size"):
        issued(1152, other)  # bytes 8064 to 9215 are d


def test_the_border_between_salt_and_chunk_cannot_move(fields: dict[str, Any]) -> None:
    good = attachment(4, 1)
    (salt,), (chunk,) = good.salt_bytes(), good.chunk_bytes()
    statement = ExcerptStatement(**fields, first=4, count=1)
    statement.check_attachments([good])
    for moved_salt, moved_chunk in ((salt + chunk[:1], chunk[1:]), (salt[:-1], salt[-1:] + chunk)):
        moved = ExcerptAttachment.of([moved_chunk], [moved_salt], good.path_bytes())
        with pytest.raises(InvalidInputError):
            statement.check_attachments([moved])


def test_an_excerpt_certificate_is_not_made_without_its_excerpt(
    fields: dict[str, Any], opened: Opening
) -> None:
    statement = ExcerptStatement(**fields, first=4, count=1)
    for attachments in ([], [attachment(5, 1)]):
        with pytest.raises(InvalidInputError):
            certificate.issue(statement, (opened.owner, opened.blinding), attachments)
    with pytest.raises(InvalidInputError):
        ExcerptStatement(**fields, first=11, count=1)
    with pytest.raises(InvalidInputError):
        ExcerptStatement(**fields, first=0, count=0)


def test_a_statement_relabelled_as_another_kind_is_refused(
    file_certificate: bytes, excerpt: Callable[..., bytes]
) -> None:
    def to_opening(whole: dict[str, Any]) -> None:
        whole["statement"]["kind"] = "opening"
        for key in ("content", "salt", "first", "count"):
            whole["statement"].pop(key, None)
        whole["attachments"] = []

    def to_file(whole: dict[str, Any]) -> None:
        whole["statement"]["kind"] = "file"
        whole["statement"]["salt"] = to_hex(SALT)
        del whole["statement"]["first"], whole["statement"]["count"]
        whole["attachments"] = []

    for data, edit in ((file_certificate, to_opening), (excerpt(4, 1), to_opening), (excerpt(4, 1), to_file)):
        assert holds(data)
        bad = edited(data, edit)
        certificate.parse(bad)
        assert not holds(bad)


def test_base64_has_one_spelling() -> None:
    assert from_base64(to_base64(b"ab")) == b"ab"
    for bad in ("YWI", "YWJ=", "YWI=\n", "YW I=", "YWI-", "ä", "YWI==="):
        with pytest.raises(InvalidInputError):
            from_base64(bad)


def test_salt_reuse_across_works_would_open_neighbours_and_salts_of_their_own_do_not() -> None:
    """An excerpt of one work tells a chunk's salt; in another work that chunk is a shown one's neighbour."""
    other = FILE[::-1]
    guess = other[3 * LEAF : 4 * LEAF]  # somebody suspects that this stands beside what is shown

    def confirmed(salt_of_other: bytes) -> bool:
        told = attachment(3, 1).salt_bytes()[0]
        beside = attachment(2, 1, other, salt_of_other).path_bytes()[0][0]
        return leaf_hash(told + guess) == beside

    assert confirmed(SALT)  # the attack works where two works have one salt
    assert not confirmed(bytes(range(32)))


def test_a_false_number_of_chunks_or_another_leaf_is_a_wrong_place(fields: dict[str, Any]) -> None:
    content = fields["content"]
    good, size = attachment(10, 1), len(FILE)  # the last chunk
    ExcerptStatement(**fields, first=10, count=1).check_attachments([good])
    for first, leaf_size, told in ((9, LEAF, size), (10, LEAF, size - 1), (0, size, size)):
        with pytest.raises(InvalidInputError):
            wrong = dataclasses.replace(content, leaf_size=leaf_size, size=told)
            statement = ExcerptStatement(**{**fields, "content": wrong}, first=first, count=1)
            statement.check_attachments([good])
