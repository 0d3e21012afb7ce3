"""Owners' signatures under a run: who signed what, and every other signature refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from desktop_app.core.errors import ColophonError, InvalidInputError, RefusedError
from desktop_app.proofs.encoding import from_hex, to_hex
from desktop_app.training.certificate import Proved, TrainingCertificate, parse, verify_certificate
from desktop_app.training.consent import (
    NO_DATA,
    Consent,
    Role,
    Terms,
    message,
    read_consent,
    read_request,
    signed,
    write_consent,
    write_request,
)
from desktop_app.training.verifier import Expected

OWNER, TRAINER, STRANGER = (Account.from_key(bytes([n]) * 32) for n in (1, 2, 3))
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def sign(terms: Terms, account: Any, data: str, role: Role = Role.OWNER) -> Consent:
    told = message(terms, role.value, account.address, data).typed_data()
    return signed(terms, role, account.address, data, account.sign_typed_data(full_message=told).signature)


@pytest.fixture(scope="module")
def certificate(run: Any, finished: bytes) -> TrainingCertificate:
    """A proof with the signatures of its owner and of its trainer."""
    terms = Terms.of([run.statement])
    both = (sign(terms, OWNER, identity(run)), sign(terms, TRAINER, NO_DATA, Role.TRAINER))
    return TrainingCertificate((Proved(run.statement, finished),), both)


def identity(run: Any) -> str:
    found: str = run.data[0].header.identity()
    return found


def test_signatures_travel_in_the_certificate_and_name_who_signed(certificate: TrainingCertificate) -> None:
    again = parse(certificate.encode())
    assert again == certificate
    verified = verify_certificate(again, Expected(signers=[TRAINER.address, OWNER.address]))
    assert {each.signer for each in verified.certificate.consents} == {OWNER.address, TRAINER.address}
    assert verified.unsigned == ()
    with pytest.raises(RefusedError, match="not_signed_by"):
        verify_certificate(again, Expected(signers=[STRANGER.address]))


def test_a_missing_signature_is_reported_and_no_key_of_the_file(
    certificate: TrainingCertificate, run: Any
) -> None:
    bare = replace(certificate, consents=())
    assert b"consents" not in bare.encode()
    assert verify_certificate(parse(bare.encode())).unsigned == (identity(run),)
    with pytest.raises(InvalidInputError, match="not_a_certificate"):
        parse(bare.encode().replace(b'"format"', b'"consents":[],"format"', 1))


def test_the_wallet_signs_what_eip_712_says(run: Any) -> None:
    terms = Terms.of([run.statement])
    told = message(terms, "owner", OWNER.address, identity(run))
    signable = encode_typed_data(full_message=told.typed_data())
    signature = OWNER.sign_message(signable).signature
    assert Account.recover_message(signable, signature=signature) == OWNER.address
    assert to_hex(told.signer(signature) or b"") == OWNER.address.lower()


@pytest.mark.parametrize(
    "changes",
    [
        {"run": "run 2"},
        {"licence": "eip155:10:0x0000000000000000000000000000000000000001/1"},
        {"nonce": "00" * 32},
        {"parties": ("somebody else",)},
        {"initial": (1, 0, 0, 0)},
        "steps",
        "rate",
        "other rows",
    ],
)
def test_a_signature_under_other_terms_is_refused(
    changes: Any, certificate: TrainingCertificate, run: Any, new_data: Any
) -> None:
    terms = Terms.of([run.statement])
    if changes == "steps":
        other = replace(terms, recipe=replace(terms.recipe, steps=4))
    elif changes == "rate":
        other = replace(terms, recipe=replace(terms.recipe, rate=terms.recipe.rate + 1))
    elif changes == "other rows":
        other = replace(terms, data=(*terms.data, new_data(seed=5).header))
    else:
        other = replace(terms, **changes)
    given = sign(other, OWNER, identity(run))
    with pytest.raises(RefusedError, match="forged_consent"):
        verify_certificate(replace(certificate, consents=(given,)))
    with pytest.raises(RefusedError, match="consent_to_other"):
        read_consent(write_consent(given, other), terms)
    with pytest.raises(RefusedError, match="forged_consent"):
        read_consent(write_consent(given, terms), terms)


def test_forged_and_borrowed_signatures_are_refused(
    certificate: TrainingCertificate, run: Any, new_data: Any
) -> None:
    owner, trainer = certificate.consents
    raw = bytearray(from_hex(owner.signature, 65))
    s = int.from_bytes(raw[32:64], "big")
    mirrored = bytes(raw[:32]) + (ORDER - s).to_bytes(32, "big") + bytes([55 - raw[64]])
    flipped = bytes([raw[0] ^ 1]) + bytes(raw[1:])
    for wrong, code in (
        (replace(owner, signer=STRANGER.address), "forged_consent"),
        (replace(owner, signature=to_hex(mirrored)), "forged_consent"),
        (replace(owner, signature=to_hex(flipped)), "forged_consent"),
        (replace(owner, signature="0x" + "00" * 65), "forged_consent"),
        (replace(owner, signature=owner.signature[:-2]), "not_hex"),
        (replace(owner, signer=owner.signer.lower()), "not_a_consent"),
        (replace(owner, role="trainer"), "not_a_consent"),
        (replace(owner, role="trainer", data=NO_DATA), "forged_consent"),
        (replace(trainer, role="owner", data=identity(run)), "forged_consent"),
        (replace(owner, data=new_data(seed=5).header.identity()), "consent_to_other_data"),
        (replace(owner, role="notary"), "not_a_consent"),
    ):
        with pytest.raises(ColophonError, match=code):
            verify_certificate(replace(certificate, consents=(wrong,)))
    with pytest.raises(RefusedError, match="consent_twice"):
        verify_certificate(replace(certificate, consents=(owner, owner)))
    second = sign(Terms.of([run.statement]), STRANGER, identity(run))
    with pytest.raises(RefusedError, match="consent_twice"):
        verify_certificate(replace(certificate, consents=(owner, second)))


def test_one_signature_covers_all_segments_of_its_run(new_run: Any) -> None:
    first = new_run(steps=2, batches=2)
    second = new_run(steps=1, batches=2, initial=first.statement.final, first_step=2)
    whole = new_run(steps=3, batches=2)
    assert Terms.of([first.statement, second.statement]) == Terms.of([whole.statement])


def test_requests_are_read_strictly(run: Any) -> None:
    terms = Terms.of([run.statement])
    data = write_request(terms)
    assert read_request(data) == terms
    other_kind, no_steps = data.replace(b"request", b"consent", 1), data.replace(b'"steps":3', b'"steps":0')
    for damaged in (b"", data[:-1], other_kind, no_steps):
        with pytest.raises(InvalidInputError):
            read_request(damaged)
    with pytest.raises(InvalidInputError, match="not_a_consent"):
        read_consent(data, terms)
