"""Signatures (EIP-712) of the owners of the data and of the trainer, over the terms of one run.

They are made before anything is shown, so they cover all that the run may be and nothing of its result.
A signature says that the holder of a key agrees. It says neither whose key that is, nor whose data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.address import address_bytes, checksummed
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.proofs.encoding import from_hex, to_hex
from desktop_app.proofs.typed_signature import TypedMessage
from desktop_app.training.claim import MAX_OWNERS, check_context, check_weights
from desktop_app.training.dataset import DataHeader, is_digest
from desktop_app.training.recipe import Recipe, weight_count
from desktop_app.training.statement import MAX_STATEMENT_SIZE, Statement

REQUEST_FORMAT, CONSENT_FORMAT = "colophon-training-request", "colophon-training-consent"
VERSION = 1
NO_DATA = "00" * 32
_FIELDS = (
    ("role", "string"), ("signer", "address"), ("data", "bytes32"), ("licence", "string"), ("run", "string"),
    ("terms", "bytes32"),
)  # fmt: skip


class Role(StrEnum):
    OWNER = "owner"
    TRAINER = "trainer"


class Agreement(Protocol):
    """What is signed: the terms of a run, or the plan of a federated one."""

    @property
    def run(self) -> str: ...

    @property
    def headers(self) -> tuple[DataHeader, ...]: ...

    def licence_of(self, identity: str) -> str:
        """The licence under which a data set is used; of the whole run for NO_DATA."""
        ...

    def digest(self) -> str: ...


@dataclass(frozen=True)
class Terms:
    """The terms of a run by one trainer: everything that its statements say, but their results."""

    recipe: Recipe
    """Of all steps."""
    units: int
    """Of a network's hidden layer; 0 for a regression."""
    initial: tuple[int, ...]
    data: tuple[DataHeader, ...]
    parties: tuple[str, ...]
    licence: str
    run: str
    nonce: str

    @staticmethod
    def of(segments: Sequence[Statement]) -> Terms:
        """The terms of a run from the statements about it, in order."""
        first = segments[0]
        recipe = replace(first.recipe, steps=sum(each.recipe.steps for each in segments))
        return Terms(
            recipe, first.hidden, first.initial, first.data, first.parties, first.licence, first.run,
            first.nonce,
        )  # fmt: skip

    @property
    def headers(self) -> tuple[DataHeader, ...]:
        return self.data

    def licence_of(self, identity: str) -> str:
        return self.licence

    def digest(self) -> str:
        """SHA-256 (hex) that signatures carry."""
        content = canonical_json.write(canonical_json.write_dataclass(self))
        return hashlib.sha256(b"colophon/v1/training/terms\0" + content).hexdigest()

    def check(self) -> None:
        """Raises InvalidInputError for terms that no run can have."""
        if not 1 <= len(self.data) <= MAX_OWNERS:
            raise InvalidInputError("training.wrong_shape")
        for header in self.data:
            header.check()
        features = self.data[0].features
        self.recipe.check(sum(header.rows for header in self.data), features, self.units)
        check_weights(self.initial, weight_count(features, self.units))
        check_context((*self.parties, self.licence, self.run), self.nonce)


@dataclass(frozen=True)
class Consent:
    """One signature. `data` is the identity of the owner's data set; of a trainer, NO_DATA."""

    role: str
    signer: str
    """EIP-55 address."""
    data: str
    signature: str
    """0x and 65 bytes, r || s || v."""

    def check(self, agreement: Agreement) -> None:
        """Raises RefusedError("training.forged_consent") unless its signer signed exactly this."""
        if self.role not in tuple(Role) or (self.role == Role.TRAINER) != (self.data == NO_DATA):
            raise InvalidInputError("training.not_a_consent")
        if not is_digest(self.data) or checksummed(address_bytes(self.signer)) != self.signer:
            raise InvalidInputError("training.not_a_consent")
        known = {header.identity() for header in agreement.headers}
        if self.role == Role.OWNER and self.data not in known:
            raise RefusedError("training.consent_to_other_data")
        found = message(agreement, self.role, self.signer, self.data).signer(from_hex(self.signature, 65))
        if found != address_bytes(self.signer):
            raise RefusedError("training.forged_consent", signer=self.signer)


def message(agreement: Agreement, role: str, signer: str, data: str) -> TypedMessage:
    """What the wallet of an owner (or of the trainer, `data` NO_DATA) shows and signs."""
    values = {
        "role": role,
        "signer": signer,
        "data": "0x" + data,
        "licence": agreement.licence_of(data),
        "run": agreement.run,
        "terms": "0x" + agreement.digest(),
    }
    return TypedMessage("Colophon training", "1", "TrainingConsent", _FIELDS, values)


def signed(agreement: Agreement, role: Role, signer: str, data: str, signature: bytes) -> Consent:
    """The consent of this signature; raises RefusedError where it is not the signer's."""
    made = Consent(role.value, signer, data, to_hex(signature))
    made.check(agreement)
    return made


def check_consents(consents: Sequence[Consent], agreement: Agreement) -> None:
    """All consents of one file, at most one for each data set and one of the trainer; raises RefusedError."""
    if len(consents) > MAX_OWNERS + 1:
        raise InvalidInputError("training.not_a_consent")
    if len({each.data for each in consents}) != len(consents):
        raise RefusedError("training.consent_twice")
    for each in consents:
        each.check(agreement)


def unsigned(consents: Sequence[Consent], agreement: Agreement) -> tuple[str, ...]:
    """Identities of the data sets whose owner has not signed."""
    by_owner = {each.data for each in consents}
    return tuple(
        identity for header in agreement.headers if (identity := header.identity()) not in by_owner
    )


def write_request(terms: Terms) -> bytes:
    """The file that the trainer sends to the owners."""
    return canonical_json.write(
        {"format": REQUEST_FORMAT, "version": VERSION, "terms": canonical_json.write_dataclass(terms)}
    )


def read_request(data: bytes) -> Terms:
    """Raises only InvalidInputError."""
    found = _opened(data, REQUEST_FORMAT, "terms")
    terms = canonical_json.read_dataclass(Terms, found["terms"])
    terms.check()
    return terms


def write_consent(consent: Consent, agreement: Agreement) -> bytes:
    """The file that an owner sends back."""
    return canonical_json.write(
        {
            "format": CONSENT_FORMAT,
            "version": VERSION,
            "terms": agreement.digest(),
            "run": agreement.run,
            "consent": canonical_json.write_dataclass(consent),
        }
    )


def read_consent(data: bytes, agreement: Agreement) -> Consent:
    """A consent to this agreement, checked.

    Raises InvalidInputError for no consent, RefusedError for one to another run or other terms, or forged.
    """
    found = _opened(data, CONSENT_FORMAT, "terms", "run", "consent")
    consent = canonical_json.read_dataclass(Consent, found["consent"])
    if found["run"] != agreement.run:
        raise RefusedError("training.consent_to_other_run")
    if found["terms"] != agreement.digest():
        raise RefusedError("training.consent_to_other_terms")
    consent.check(agreement)
    return consent


def _opened(data: bytes, form: str, *keys: str) -> dict[str, Json]:
    value = canonical_json.read(data, MAX_STATEMENT_SIZE)
    if not isinstance(value, dict) or value.get("format") != form:
        raise InvalidInputError("training.not_a_consent")
    if value.get("version") != VERSION or type(value["version"]) is not int:
        raise InvalidInputError("training.unknown_version")
    return read_object(value, ["format", "version", *keys])
