"""The EIP-712 attachment: the subject's key, this very statement, one canonical signature."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import certificate
from desktop_app.proofs.attachments import SubjectSignature
from desktop_app.proofs.subject_signature import HALF_ORDER, signing_hash, typed_data
from desktop_app.proofs.verifier import Proof, Subject, Verdicts, verify

Issue = Callable[..., bytes]

KEY, OTHER_KEY = b"\x01" * 32, b"\x02" * 32
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def signer(key: bytes = KEY) -> Callable[[dict[str, Any]], bytes]:
    def sign(message: dict[str, Any]) -> bytes:
        return bytes(Account.sign_typed_data(key, full_message=message).signature)

    return sign


@pytest.fixture(scope="module")
def signed(issue: Issue) -> bytes:
    return certificate.sign(issue(subject=Account.from_key(KEY).address), signer())


def judged(data: bytes, now: int) -> Verdicts:
    return verify(data, now=now)


def with_signature(data: bytes, signature: bytes | str) -> bytes:
    whole = json.loads(data)
    text = signature if isinstance(signature, str) else "0x" + signature.hex()
    whole["attachments"] = [{"kind": "subject-signature", "signature": text}]
    return rfc8785.dumps(whole)


def signature_in(data: bytes) -> bytes:
    found = certificate.parse(data).signature
    assert found is not None
    return found.signature_bytes()


def test_a_signed_certificate_shows_control_of_its_address(signed: bytes, now: int) -> None:
    verdicts = judged(signed, now)
    assert (verdicts.proof, verdicts.subject) == (Proof.VALID, Subject.SIGNED)
    assert verdicts.accepted
    assert certificate.parse(signed).encode() == signed


def test_without_a_signature_the_verifier_says_so(issue: Issue, now: int) -> None:
    verdicts = judged(issue(), now)
    assert verdicts.subject is Subject.NOT_SIGNED
    assert verdicts.accepted


def test_our_hash_is_the_one_that_wallets_compute(signed: bytes) -> None:
    statement = certificate.parse(signed).statement
    message = encode_typed_data(full_message=typed_data(statement))
    assert bytes(_hash_eip191_message(message)) == signing_hash(statement)


def test_another_key_does_not_sign_for_the_subject(issue: Issue, signed: bytes, now: int) -> None:
    data = issue(subject=Account.from_key(KEY).address)
    with pytest.raises(InvalidInputError) as caught:
        certificate.sign(data, signer(OTHER_KEY))
    assert caught.value.code == "certificate.signature_not_of_subject"
    stranger = certificate.sign(issue(subject=Account.from_key(OTHER_KEY).address), signer(OTHER_KEY))
    verdicts = judged(with_signature(data, signature_in(stranger)), now)
    assert verdicts.subject is Subject.WRONG_SIGNATURE
    assert not verdicts.accepted


def test_a_signature_serves_no_other_statement(issue: Issue, signed: bytes, now: int) -> None:
    address = Account.from_key(KEY).address
    for change in (
        {"audience": "Another"},
        {"challenge": "x"},
        {"chain_id": 1},
        {"contract": "0x" + "99" * 20},
    ):
        other = issue(subject=address, **change)
        assert judged(with_signature(other, signature_in(signed)), now).subject is Subject.WRONG_SIGNATURE


def test_every_byte_of_a_signed_certificate_is_bound(signed: bytes, now: int) -> None:
    for position in range(len(signed)):
        for mask in (1, 0x40):
            bad = bytearray(signed)
            bad[position] ^= mask
            try:
                assert not judged(bytes(bad), now).accepted, position
            except InvalidInputError:
                continue


def test_the_mirrored_signature_and_other_forms_are_refused(signed: bytes, now: int) -> None:
    good = signature_in(signed)
    mirrored_s = SECP256K1_ORDER - int.from_bytes(good[32:64], "big")
    mirrored = good[:32] + mirrored_s.to_bytes(32, "big") + bytes([55 - good[64]])
    assert mirrored_s > HALF_ORDER
    for bad in (mirrored, good[:64] + bytes([good[64] - 27]), bytes(65), good[:64] + b"\xff", b"\xff" * 65):
        assert judged(with_signature(signed, bad), now).subject is Subject.WRONG_SIGNATURE
    for bad in (good[:-1], good + b"\0", b""):
        with pytest.raises(InvalidInputError):
            judged(with_signature(signed, bad), now)
    with pytest.raises(InvalidInputError):
        judged(with_signature(signed, "0x" + good.hex().upper()), now)


def test_there_is_at_most_one_signature_and_it_comes_last(signed: bytes) -> None:
    whole = json.loads(signed)
    entry = whole["attachments"][0]
    ring = {"kind": "ring", "commitments": ""}
    for attachments in ([entry, entry], [entry, ring]):
        whole["attachments"] = attachments
        with pytest.raises(InvalidInputError):
            certificate.parse(rfc8785.dumps(whole))


def test_a_signature_does_not_show_itself() -> None:
    assert "aa" not in repr(SubjectSignature("0x" + "aa" * 65))
