"""The page's verifier and the app's give the same answer to every certificate, above all to false ones."""

from __future__ import annotations

import base64
import copy
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rfc8785
from browser.certificates import AUDIENCE, CHALLENGE, KINDS, LASTS, SALT, make, opening
from browser.conftest import NOW, Case

from desktop_app.content.chunk_tree import ChunkTreeBuilder
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.leaf_size import COARSE_LEAF, FINE_LIMIT
from desktop_app.proofs import certificate, membership
from desktop_app.proofs.certificate import Certificate
from desktop_app.proofs.commitment import Opening, commit, content_scalar
from desktop_app.proofs.content_statements import Content, FileStatement
from desktop_app.proofs.encoding import from_hex, to_hex
from desktop_app.proofs.group import FIELD, ORDER, default_group
from desktop_app.proofs.statements import Work, normalized
from desktop_app.proofs.verifier import verify

VerifyInNode = Callable[[list[Case]], list[Any]]
CertificateOf = Callable[[str], bytes]


def in_python(case: Case) -> Any:
    """What the app says, in the form of run_verifier.mjs, without the codes of refusals."""
    names = {"expected_challenge": case.get("challenge"), "expected_audience": case.get("audience")}
    try:
        seen = verify(case["certificate"], now=case["now"], **names)
    except InvalidInputError:
        return "refused"
    return {
        "proof": seen.proof.value,
        "freshness": [seen.freshness.value, seen.freshness_code],
        "subject": [seen.subject.value, seen.subject_code],
    }


def simplified(outcome: Any) -> Any:
    if "refused" in outcome:
        return "refused"
    return {**outcome, "proof": outcome["proof"][0]}


def agree(verify_in_node: VerifyInNode, cases: list[Case]) -> list[Any]:
    """The answers, once both gave the same ones."""
    answers = [simplified(outcome) for outcome in verify_in_node(cases)]
    for case, answer in zip(cases, answers, strict=True):
        assert answer == in_python(case), case["certificate"][:2000]
    return answers


def valid(answer: Any) -> bool:
    return answer != "refused" and answer["proof"] == "valid"


@pytest.mark.parametrize("kind", KINDS)
def test_both_accept_a_certificate_of_every_kind(
    kind: str, verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    (answer,) = agree(verify_in_node, [{"certificate": certificate_of(kind), "now": NOW}])
    assert valid(answer)
    assert answer["subject"][0] == ("signed" if kind == "signed" else "not signed")


@pytest.mark.parametrize("size", [2, 3, 4, 5, 16, 17, 64, 65])
def test_both_accept_lists_of_every_length(size: int, verify_in_node: VerifyInNode) -> None:
    (answer,) = agree(verify_in_node, [{"certificate": make("membership", NOW, ring_size=size), "now": NOW}])
    assert valid(answer)


@pytest.mark.parametrize("kind", KINDS)
def test_both_refuse_every_changed_byte(
    kind: str, verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    data = certificate_of(kind)
    # The signature does not belong to the proof: changing it spoils its own verdict.
    proved = data.index(b'"proof":') if kind == "signed" else 0
    places = range(0, len(data), {"opening": 1, "signed": 3, "membership": 25}.get(kind, 5))
    cases = [{"certificate": flipped(data, place), "now": NOW} for place in places]
    for place, answer in zip(places, agree(verify_in_node, cases), strict=True):
        assert not valid(answer) or (place < proved and answer["subject"][0] == "wrong signature"), place


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


STRANGE: tuple[Any, ...] = (
    None, True, 0, 1, -1, 1.5, 2**53 - 1, "", "0x", "a", "0x00", [], [[]], {}, {"kind": "opening"}, ["0x00"],
    "0x" + "00" * 48, "0xc0" + "00" * 47, "0x80" + "00" * 47, "0xe0" + "00" * 47, "0X" + "11" * 20,
    "0x" + "1A" * 20,
)  # fmt: skip


def edits(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of the JSON with every strange value in it; `...` takes the place away."""
    if path:
        yield from ((path, strange) for strange in (*STRANGE, ...))
    if isinstance(value, str):
        yield from (
            (path, text) for text in (value + "0", value[:-1], value.upper(), value + " ", value + "\u202e")
        )
        if value.startswith("0x"):
            yield path, value[:-2]
            yield path, value + "00"
    if isinstance(value, int) and not isinstance(value, bool):
        yield path, value + 1
        yield path, 10 * value
    if isinstance(value, dict):
        yield (*path, "also"), 1
        for key, entry in value.items():
            yield from edits(entry, (*path, key))
    if isinstance(value, list):
        yield from ((path, other) for other in (value + value, value[::-1], value[1:]))
        for number, entry in enumerate(value[:2]):
            yield from edits(entry, (*path, number))


def edited(whole: Any, path: tuple[Any, ...], new: Any) -> bytes:
    changed = copy.deepcopy(whole)
    at = changed
    for step in path[:-1]:
        at = at[step]
    if new is ...:
        del at[path[-1]]
    elif isinstance(at, list) or path:
        at[path[-1]] = new
    return rfc8785.dumps(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_both_agree_on_every_strange_value_in_every_place(
    kind: str, verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    data = certificate_of(kind)
    whole = json.loads(data)
    made = {edited(whole, path, new) for path, new in edits(whole) if path} - {data}
    answers = agree(verify_in_node, [{"certificate": each, "now": NOW} for each in sorted(made)])
    assert len(made) > 400
    # Only signatures can be taken away or spoiled without touching the proof.
    assert sum(map(valid, answers)) <= (60 if kind == "signed" else 0)


def test_both_refuse_other_forms_of_the_same_json(
    verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    data = certificate_of("opening")
    issued = f'"issued_at":{NOW}'.encode()

    def number(form: str) -> bytes:
        return data.replace(issued, f'"issued_at":{form}'.encode())

    forms = [
        b"", b"{", b"[]", b"null", b"1", b'"a"', b"\xff", b"\xef\xbb\xbf" + data, data + b"\n", b" " + data,
        data[:-1],
        data + data, data.replace(b'":"', b'": "', 1), json.dumps(json.loads(data), indent=1).encode(),
        json.dumps(json.loads(data)).encode(), data.replace("é".encode(), b"\\u00e9"),
        data.replace("é".encode(), b"\xe9"),
        data.replace("é".encode(), b"e\xcc\x81"), data.replace(b"Caf", b"\\ud800Caf"), data.replace(b"Caf",
        b"\x00Caf"),
        data.replace(b"Caf", b"\xed\xa0\x80Caf"), data.replace(b"Caf", b"\\u0000Caf"), data.replace(b"o",
        b"\\u006f", 1),
        data.replace(b'"version":1', b'"version":1,"version":1'), data.replace(b'"version":1',
        b'"version":2'),
        data.replace(b'"version":1', b'"version":"1"'), data.replace(b'"version":1', b'"version":true'),
        data.replace(b'"version":1', b'"version":1.0'), data[:-1] + b',"__proto__":{}}',
        b'{"__proto__":{},' + data[1:], data.replace(b'"format":', b'"constructor":1,"format":'),
        number(f"{NOW}.0"), number("1.8e9"), number("1.8E9"), number(f"0{NOW}"), number(f"+{NOW}"),
        number("-0"),
        number("9007199254740993"), number("1" * 400), number("1e400"), number("NaN"), number(f'"{NOW}"'),
        number(f"-{NOW}"),
        b"[" * 100_000, b"[" * 9 + b"]" * 9, b'{"a":' * 9 + b"1" + b"}" * 9, b'"' + b"[" * 1000 + b'"',
        b'{"a":"' + b"\\" * 99_999 + b'"}', b'"' * 1_000_001,
    ]  # fmt: skip
    assert data not in forms
    answers = agree(verify_in_node, [{"certificate": form, "now": NOW} for form in forms])
    assert set(map(str, answers)) == {"refused"}


SPECIAL = ("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length")


@pytest.mark.parametrize("kind", ["opening", "membership", "signed"])
def test_keys_that_programs_treat_specially_are_refused(
    kind: str, verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    whole = json.loads(certificate_of(kind))
    forms = []
    for name in SPECIAL:
        for path in ((), ("statement",), ("proof",), ("attachments", 0), ("statement", "work")):
            changed = at = copy.deepcopy(whole)
            try:
                for step in path:
                    at = at[step]
            except (KeyError, IndexError):
                continue
            at[name] = {"kind": "opening", "audience": "Somebody else"}
            forms.append(rfc8785.dumps(changed))
        for path in (("statement", "kind"), ("proof", "flavor"), ("attachments", 0, "kind")):
            changed = at = copy.deepcopy(whole)
            try:
                for step in path[:-1]:
                    at = at[step]
            except (KeyError, IndexError):
                continue
            at[path[-1]] = name
            forms.append(rfc8785.dumps(changed))
    answers = agree(verify_in_node, [{"certificate": form, "now": NOW} for form in forms])
    assert len(forms) > 30
    assert set(map(str, answers)) == {"refused"}


def test_both_read_texts_as_long_as_a_certificate_may_be(
    verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    """Found by an attack: a choice for each sign ran out of the engine's stack, which was called no JSON."""
    long = 4_000_000
    opening, excerpt = (json.loads(certificate_of(kind)) for kind in ("opening", "excerpt"))
    made = [
        edited(opening, ("proof", "narg"), "0x" + "ab" * long),
        edited(opening, ("statement", "audience"), "a" * long),
        edited(excerpt, ("attachments", 0, "chunks", 0), "YWJj" * (long // 4)),
    ]
    outcomes = verify_in_node([{"certificate": each, "now": NOW} for each in made])
    for each, outcome in zip(made, outcomes, strict=True):
        assert "certificate.not_json" not in str(outcome)
        assert simplified(outcome) == in_python({"certificate": each, "now": NOW})


def test_both_refuse_100_megabytes_at_once(verify_in_node: VerifyInNode) -> None:
    start = time.monotonic()
    (answer,) = agree(verify_in_node, [{"certificate": b"[" * (1 << 25), "now": NOW}])
    assert answer == "refused"
    assert time.monotonic() - start < 60


def narg_edits(proof: bytes) -> list[bytes]:
    """The proof with its numbers in other forms, cut, extended, in other orders, and all zero."""
    scalars = [proof[i : i + 32] for i in range(0, len(proof), 32)]
    wrapped = [
        b"".join((int.from_bytes(piece, "big") + ORDER).to_bytes(33, "big")[-32:] if i == at else piece
                 for i, piece in enumerate(scalars))
        for at in range(len(scalars))
    ]  # fmt: skip
    return [
        *wrapped, b"", proof[:-1], proof[:-32], proof + bytes(32), proof + b"\0", bytes(len(proof)),
        b"\xff" * len(proof),
        ORDER.to_bytes(32, "big") * len(scalars), b"".join(reversed(scalars)),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["opening", "file", "same-work", "membership"])
def test_both_refuse_every_other_form_of_the_proof(
    kind: str, verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    whole = json.loads(certificate_of(kind))
    proof = from_hex(whole["proof"]["narg"], len(whole["proof"]["narg"]) // 2 - 1)
    made = [edited(whole, ("proof", "narg"), to_hex(each)) for each in narg_edits(proof)]
    assert not any(map(valid, agree(verify_in_node, [{"certificate": each, "now": NOW} for each in made])))


def test_both_refuse_column_sums_that_are_not_so_and_a_row_that_would_switch_off_their_check(
    verify_in_node: VerifyInNode,
) -> None:
    group, size = default_group(), 5
    registered = [group.encode(commit(opening(number))) for number in range(size)]
    statement, (*inside, difference, index), attachments = membership.prepare(
        opening(1), registered, chain_id=1, contract=to_hex(bytes(20)), block=7, scope="prize", audience="",
        challenge="", issued_at=NOW, expires_at=NOW + LASTS,
    )  # fmt: skip
    protocol = statement._protocol(group, attachments)

    def drawn(count: int, *_: object) -> list[int]:
        """With them the first value of the last digit becomes zero."""
        return [1, 2, 3, 5, 6, -11 % ORDER, *range(100, 100 + count - 6)]

    proof, again = (protocol.prove(index, difference, inside) for _ in range(2))
    first, second, third = (proof[i : i + 48] for i in range(96, 240, 48))
    flipped = bytes([first[0] ^ 0x20]) + first[1:]
    stated = [second + first + third, again[96:240], flipped + second + third, first * 3, registered[1] * 3]
    proofs = [proof, protocol.prove(index, difference, inside, drawn)]
    proofs += [proof[:96] + each + proof[240:] for each in stated]
    made = [Certificate(statement, each, tuple(attachments)).encode() for each in proofs]
    answers = agree(verify_in_node, [{"certificate": each, "now": NOW} for each in made])
    assert list(map(valid, answers)) == [True] + [False] * (len(made) - 1)


def off_subgroup() -> bytes:
    """A point of the curve outside of the subgroup, compressed."""
    for x in range(1, 100):
        square = (x**3 + 4) % FIELD
        y = pow(square, (FIELD + 1) // 4, FIELD)
        if y * y % FIELD == square:
            data = bytearray(x.to_bytes(48, "big"))
            data[0] |= 0x80 | (0x20 if y > FIELD - y else 0)
            return bytes(data)
    raise AssertionError


@pytest.mark.parametrize(("kind", "place"), [
    ("opening", ("statement", "work", "commitment")),
    ("same-work", ("statement", "other", "commitment")),
    ("membership", ("statement", "commitment")),
    ("membership", ("statement", "nullifier")),
])  # fmt: skip
def test_both_refuse_points_that_are_none(
    kind: str, place: tuple[str, ...], verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    whole = json.loads(certificate_of(kind))
    x_too_large = bytearray((FIELD + 5).to_bytes(48, "big"))
    x_too_large[0] |= 0x80
    points = [
        off_subgroup(), bytes(x_too_large), bytes(48), b"\xc0" + bytes(47), b"\xe0" + bytes(47),
        b"\xc0" + bytes(46) + b"\1",
        b"\x80" + bytes(47), b"\xa0" + bytes(47), b"\x40" + bytes(47), b"\xff" * 48,
    ]  # fmt: skip
    made = [edited(whole, place, to_hex(point)) for point in points]
    assert not any(map(valid, agree(verify_in_node, [{"certificate": each, "now": NOW} for each in made])))


def test_both_judge_dates_challenge_and_audience_alike(
    verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    bound, free = certificate_of("opening"), make("opening", NOW, challenge="", audience="")
    times = (0, NOW - 301, NOW - 300, NOW, NOW + LASTS - 1, NOW + LASTS, 2**40)
    words = (None, "", CHALLENGE, f" {CHALLENGE}\n", AUDIENCE, "Cafe\u0301 Müller & <Söhne>, Köln", "other")
    cases = [
        {"certificate": data, "now": now, "challenge": challenge, "audience": audience}
        for data in (bound, free)
        for now in times
        for challenge in words
        for audience in words
        # Before, within and after its time with every pair of words; at the borders with the same word twice.
        if now in (0, NOW, 2**40) or challenge == audience
    ]
    answers = agree(verify_in_node, cases)
    assert {answer["freshness"][1] for answer in answers} == {
        f"certificate.{name}"
        for name in ("fresh", "transferable", "challenge_not_compared", "not_yet_valid", "expired",
                     "other_audience", "other_challenge")
    }  # fmt: skip


def test_both_refuse_a_ring_in_another_order_or_with_another_member(
    verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    whole = json.loads(certificate_of("membership"))
    ring = base64.b64decode(whole["attachments"][0]["commitments"])
    other = [
        ring[48:96] + ring[:48] + ring[96:],
        ring[:-48],
        ring + ring[:48],
        ring[:48] + ring,
        b"",
        ring[:47],
    ]
    spellings = [
        base64.b64encode(ring).decode() + "\n",
        base64.b64encode(ring).decode().rstrip("="),
        "é" * 64,
    ]
    texts = [*(base64.b64encode(each).decode() for each in other), *spellings]
    made = [edited(whole, ("attachments", 0, "commitments"), text) for text in texts]
    made = [each for each in made if each != certificate_of("membership")]
    assert not any(map(valid, agree(verify_in_node, [{"certificate": each, "now": NOW} for each in made])))


def test_texts_are_allowed_or_refused_alike(
    verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    whole = json.loads(certificate_of("opening"))
    texts = ["", "a" * 200, "a" * 201, "\U0001f3b5" * 200, "\U0001f3b5" * 201, " a", "a ", "\u00a0a",
    "a\u3000", "e\u0301",
             "\u212b", "a\u200db", "a\u200cb", "a\u200bb", "\ufeff", "a\u2028b", "\u202ea", "\x7f", "\x85",
             "\u00ad",
             "\U000e0041", "\u0600", "\u2066", "ﬁ", "가", "\u1100\u1161", "\ue000", "\uffff",
             "\u180e"]  # fmt: skip
    cases = [{"certificate": edited(whole, ("statement", "audience"), text), "now": NOW} for text in texts]
    answers = agree(verify_in_node, cases)
    allowed = {text for text, answer in zip(texts, answers, strict=True) if answer != "refused"}
    assert {"", "a" * 200, "\U0001f3b5" * 200, "a\u200db"} <= allowed
    assert not allowed & {"a" * 201, " a", "e\u0301", "\ufeff", "\u202ea", "\x7f"}
    assert all(text == normalized(text) for text in allowed)


def file_certificate(data: bytes) -> bytes:
    builder = ChunkTreeBuilder(SALT, len(data))
    builder.update(data)
    opening = Opening(content_scalar(builder.root(), len(data)), 5, 6)
    statement = FileStatement(
        subject="0x" + "22" * 20, audience="", challenge="", issued_at=NOW, expires_at=NOW + 9,
        work=Work.of(opening, 1, "0x" + "11" * 20, "0x" + "22" * 20),
        content=Content(to_hex(builder.root()), len(data), builder.header.leaf_size), salt=to_hex(SALT),
    )  # fmt: skip
    return certificate.issue(statement, (opening.owner, opening.blinding))


@pytest.mark.parametrize(
    "size",
    [1, 1023, 1024, 1025, 7 * 1024, 5_000_000, FINE_LIMIT, FINE_LIMIT + 1, FINE_LIMIT + 3 * COARSE_LEAF],
)
def test_files_of_every_size_are_recognised_and_one_bit_tells(
    size: int, verify_in_node: VerifyInNode
) -> None:
    data = random.Random(size).randbytes(size)
    place = size * 2 // 3
    proved = file_certificate(data)
    files = (data, flipped(data, place), flipped(data, size - 1), data + b"\0", data[:-1])
    outcomes = verify_in_node([{"certificate": proved, "now": NOW, "file": each} for each in files])
    assert [outcome["file"][0] for outcome in outcomes] == ["matches", *["differs"] * 4]


def test_a_signature_by_another_key_or_in_another_form_is_called_false(
    verify_in_node: VerifyInNode, certificate_of: CertificateOf
) -> None:
    whole = json.loads(certificate_of("signed"))
    signature = from_hex(whole["attachments"][0]["signature"], 65)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    r, s, v = signature[:32], signature[32:64], signature[64:]
    high = (order - int.from_bytes(s, "big")).to_bytes(32, "big")
    other_v = bytes([55 - v[0]])
    forms = [
        r + high + other_v, r + s + other_v, r + s + bytes([v[0] - 27]), r + s + b"\xff", bytes(64) + v,
        r + bytes(32) + v, bytes(32) + s + v, order.to_bytes(32, "big") + s + v, b"\xff" * 32 + s + v,
        s + r + v,
    ]  # fmt: skip
    made = [edited(whole, ("attachments", 0, "signature"), to_hex(form)) for form in forms]
    answers = agree(verify_in_node, [{"certificate": each, "now": NOW} for each in made])
    assert {answer["subject"][0] for answer in answers} == {"wrong signature"}
