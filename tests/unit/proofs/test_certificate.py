"""The opening certificate: made, read, and refused after any change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import ColophonError, InvalidInputError
from desktop_app.proofs import certificate
from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.group import ORDER, Group
from desktop_app.proofs.statements import MAX_TEXT, OpeningStatement, Work, normalized
from desktop_app.proofs.verifier import Freshness, Proof, verify

Issue = Callable[..., bytes]

OTHER = "0x" + "99" * 20


def proof_holds(data: bytes, now: int) -> bool:
    """False also for bytes that are no certificate; any other exception fails the test."""
    try:
        return verify(data, now=now).proof is Proof.VALID
    except InvalidInputError:
        return False


def edited(data: bytes, *path: str, value: Any) -> bytes:
    """The certificate with one entry replaced, canonical again."""
    whole = json.loads(data)
    target = whole
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return rfc8785.dumps(whole)


def code_of(data: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        certificate.parse(data)
    return caught.value.code


def test_a_certificate_is_valid_in_both_implementations(issue: Issue, group: Group[Any], now: int) -> None:
    verdicts = verify(issue(), now=now, group=group)
    assert verdicts.proof is Proof.VALID
    assert isinstance(verdicts.statement, OpeningStatement)


def test_reading_and_writing_give_the_same_bytes(issue: Issue) -> None:
    data = issue()
    assert certificate.parse(data).encode() == data


def test_every_byte_flipped_one_at_a_time_is_refused(issue: Issue, now: int) -> None:
    data = issue()
    assert proof_holds(data, now)
    for position in range(len(data)):
        for bit in range(8):
            bad = bytearray(data)
            bad[position] ^= 1 << bit
            assert not proof_holds(bytes(bad), now), f"bit {bit} of byte {position}"


def test_every_byte_left_out_or_doubled_is_refused(issue: Issue, now: int) -> None:
    data = issue()
    for i in range(len(data)):
        assert not proof_holds(data[:i] + data[i + 1 :], now)
        assert not proof_holds(data[:i] + data[i : i + 1] + data[i:], now)
        assert not proof_holds(data[:i], now)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("statement", "subject"), OTHER),
        (("statement", "audience"), "Somebody else"),
        (("statement", "audience"), ""),
        (("statement", "challenge"), "apple-river-43"),
        (("statement", "challenge"), ""),
        (("statement", "issued_at"), 1),
        (("statement", "expires_at"), 1_900_000_000),
        (("statement", "work", "chain_id"), 1),
        (("statement", "work", "contract"), OTHER),
        (("statement", "work", "registrant"), OTHER),
        (("statement", "work", "commitment_id"), "0x" + "00" * 32),
    ],
)
def test_a_proof_replays_to_no_other_claim(issue: Issue, now: int, path: tuple[str, ...], value: Any) -> None:
    """Other address, chain, contract, audience, challenge or date: well formed, and refused."""
    verdicts = verify(edited(issue(), *path, value=value), now=now)
    assert verdicts.proof is Proof.NOT_VALID
    assert not verdicts.accepted


def test_a_proof_replays_to_no_other_commitment(issue: Issue, opening: Opening, now: int) -> None:
    data = issue()
    other = Opening(opening.content, opening.owner, opening.blinding + 1)
    work = Work.of(other, 6516588, "0x" + "11" * 20, "0x" + "22" * 20)
    moved = edited(data, "statement", "work", "commitment", value=work.commitment)
    verdicts = verify(moved, now=now)
    assert verdicts.proof_code == "certificate.commitment_id_differs"
    moved = edited(moved, "statement", "work", "commitment_id", value=work.commitment_id)
    assert verify(moved, now=now).proof_code == "certificate.proof_not_valid"


@pytest.mark.parametrize(
    "point",
    [
        "0xc0" + "00" * 47,
        "0xe0" + "00" * 47,
        "0xc0" + "00" * 46 + "01",
        "0x80" + "00" * 47,
        "0x80" + "00" * 46 + "01",
        "0x" + "00" * 48,
        "0x" + "ff" * 48,
    ],
)
def test_commitments_that_are_no_canonical_point_are_refused(issue: Issue, now: int, point: str) -> None:
    verdicts = verify(edited(issue(), "statement", "work", "commitment", value=point), now=now)
    assert verdicts.proof is Proof.NOT_VALID
    assert verdicts.proof_code == "proofs.point_not_canonical"


def test_proof_scalars_plus_the_order_are_refused(issue: Issue, now: int) -> None:
    data = issue()
    narg = json.loads(data)["proof"]["narg"]
    for i in range(2, len(narg), 64):
        lifted = (int(narg[i : i + 64], 16) + ORDER).to_bytes(32, "big").hex()
        bad = edited(data, "proof", "narg", value=narg[:i] + lifted + narg[i + 64 :])
        assert verify(bad, now=now).proof is Proof.NOT_VALID


def test_proofs_of_another_length_are_refused(issue: Issue, now: int) -> None:
    data = issue()
    narg = json.loads(data)["proof"]["narg"]
    for bad in (narg[:-2], narg + "00", narg[:66], "0x00", "0x"):
        assert not proof_holds(edited(data, "proof", "narg", value=bad), now)
    for bad in ("", narg[:-1], narg.upper(), narg[2:], "0x" + "zz" * 128, narg + "\n", 7, None, [narg]):
        assert code_of(edited(data, "proof", "narg", value=bad)).startswith("certificate.")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("format",), "colophon-receipt", "not_a_certificate"),
        (("format",), None, "not_a_certificate"),
        (("version",), 2, "unknown_version"),
        (("version",), True, "unknown_version"),
        (("version",), "1", "unknown_version"),
        (("version",), [], "unknown_version"),
        (("note",), "hello", "key_unknown"),
        (("statement", "note"), "hello", "key_unknown"),
        (("statement", "work", "note"), "hello", "key_unknown"),
        (("proof", "note"), "hello", "key_unknown"),
        (("statement", "kind"), "membership-of-nothing", "unknown_kind"),
        (("statement", "kind"), 7, "unknown_kind"),
        (("statement",), [], "unknown_kind"),
        (("statement", "work"), [], "wrong_form"),
        (("statement", "issued_at"), True, "wrong_form"),
        (("statement", "issued_at"), "1", "wrong_form"),
        (("statement", "issued_at"), -1, "number_out_of_range"),
        (("statement", "issued_at"), 1_900_000_000, "expires_before_issue"),
        (("statement", "work", "chain_id"), 0, "number_out_of_range"),
        (("statement", "audience"), " padded", "text"),
        (("statement", "audience"), "Cafe\u0301", "text"),
        (("statement", "audience"), "two\nlines", "text"),
        (("statement", "audience"), "turned \u202eround", "text"),
        (("statement", "audience"), "hid\u200bden", "text"),
        (("statement", "audience"), "two\u2028lines", "text"),
        (("statement", "audience"), "x" * (MAX_TEXT + 1), "text"),
        (("statement", "subject"), OTHER.upper().replace("X", "x").replace("9", "A"), "not_hex"),
        (("statement", "work", "commitment"), "0x12", "not_hex"),
        (("proof", "suite"), "sigma-proofs_Shake128_P256", "unknown_suite"),
        (("proof", "flavor"), "DSFS", "unknown_suite"),
        (("proof",), "text", "wrong_form"),
        (("attachments",), [{"kind": "unheard-of"}], "unknown_attachment"),
        (("attachments",), {}, "wrong_form"),
    ],
)
def test_malformed_certificates_are_refused_by_name(
    issue: Issue, path: tuple[str, ...], value: Any, code: str
) -> None:
    assert code_of(edited(issue(), *path, value=value)) == f"certificate.{code}"


def test_a_missing_entry_is_refused(issue: Issue) -> None:
    whole = json.loads(issue())
    places = [whole, whole["statement"], whole["statement"]["work"], whole["proof"]]
    for place in places:
        for key in list(place):
            kept = place.pop(key)
            with pytest.raises(InvalidInputError):
                certificate.parse(rfc8785.dumps(whole))
            place[key] = kept


def test_the_same_json_written_otherwise_is_refused(issue: Issue) -> None:
    data = issue()
    assert code_of(json.dumps(json.loads(data), indent=1).encode()) == "certificate.not_canonical"
    assert code_of(data + b"\n") == "certificate.not_canonical"
    assert code_of(data.replace(b"\xc3\xa9", b"\\u00e9")) == "certificate.not_canonical"
    assert code_of(data.replace(b'"version":1', b'"version":1,"version":1')) == "certificate.key_twice"


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    for candidate in (data, b'{"format":"colophon-certificate",' + data):
        with pytest.raises(InvalidInputError):
            certificate.parse(candidate)


def test_unusual_texts_and_times_round_trip(issue: Issue, now: int) -> None:
    @given(
        audience=st.text(max_size=30),
        challenge=st.text(max_size=30),
        issued_at=st.integers(1, 2**36),
        length=st.integers(1, 2**36),
    )
    def check(audience: str, challenge: str, issued_at: int, length: int) -> None:
        try:
            data = issue(
                audience=audience, challenge=challenge, issued_at=issued_at, expires_at=issued_at + length
            )
        except ColophonError as error:
            assert error.code == "certificate.text"
            return
        verdicts = verify(data, now=issued_at, expected_challenge=challenge, expected_audience=audience)
        assert verdicts.proof is Proof.VALID
        wanted = Freshness.FRESH if normalized(challenge) else Freshness.TRANSFERABLE
        assert verdicts.freshness is wanted

    check()


def test_two_certificates_of_one_statement_differ_and_both_hold(issue: Issue, now: int) -> None:
    first, second = issue(), issue()
    assert first != second
    assert proof_holds(first, now) and proof_holds(second, now)


def test_checksummed_addresses_are_accepted_when_issuing(issue: Issue) -> None:
    data = issue(subject="0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    assert certificate.parse(data).statement.subject == "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    with pytest.raises(InvalidInputError):
        issue(subject="0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")


def test_the_wrong_opening_makes_no_certificate(opening: Opening, now: int) -> None:
    statement = OpeningStatement(
        subject=OTHER,
        audience="",
        challenge="",
        issued_at=now,
        expires_at=now + 1,
        work=Work.of(opening, 1, OTHER, OTHER),
    )
    with pytest.raises(InvalidInputError):
        certificate.issue(statement, (1, 2, 3))


def test_a_certificate_holds_no_secret(issue: Issue, opening: Opening) -> None:
    text = issue().decode()
    for secret in opening.scalars():
        assert f"{secret:064x}" not in text and str(secret) not in text
