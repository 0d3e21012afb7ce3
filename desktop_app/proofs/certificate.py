"""The certificate file: one canonical JSON object (RFC 8785) of statement, proof and attachments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.attachments import Attachment, SubjectSignature, read_attachments
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.encoding import from_hex_of_any_size, to_hex
from desktop_app.proofs.group import SUITE, default_group
from desktop_app.proofs.kinds import read_statement
from desktop_app.proofs.sigma_protocol import Flavor
from desktop_app.proofs.statements import OpeningStatement, Statement, Work, normalized
from desktop_app.proofs.subject_signature import is_by_subject, typed_data

FORMAT = "colophon-certificate"
VERSION = 1
MAX_SIZE = 1 << 24
"""Bytes of a certificate file."""


@dataclass(frozen=True)
class Certificate:
    statement: Statement
    proof: bytes
    """The compact NARG string."""
    attachments: tuple[Attachment, ...] = ()
    """What the statement needs beside the proof."""
    signature: SubjectSignature | None = None

    def encode(self) -> bytes:
        """The bytes of the file."""
        return canonical_json.write(
            {
                "format": FORMAT,
                "version": VERSION,
                "statement": self.statement.to_json(),
                "proof": {"suite": SUITE, "flavor": Flavor.COMPACT.value, "narg": to_hex(self.proof)},
                "attachments": [
                    *(attachment.to_json() for attachment in self.attachments),
                    *([self.signature.to_json()] if self.signature else []),
                ],
            }
        )


def parse(data: bytes) -> Certificate:
    """The certificate in these bytes, its proof not yet verified; raises only InvalidInputError."""
    value = canonical_json.read(data, MAX_SIZE)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InvalidInputError("certificate.not_a_certificate")
    if type(value.get("version")) is not int or value["version"] != VERSION:
        raise InvalidInputError("certificate.unknown_version")
    top = read_object(value, ["format", "version", "statement", "proof", "attachments"])
    attachments, signature = read_attachments(top["attachments"])
    return Certificate(read_statement(top["statement"]), _read_proof(top["proof"]), attachments, signature)


def sign(data: bytes, sign_typed_data: Callable[[dict[str, Any]], bytes]) -> bytes:
    """The certificate with a signature by its subject, whose wallet signs the EIP-712 message it is given.

    Raises InvalidInputError where the statement names no subject, or the signature is by another key.
    """
    given = parse(data)
    signature = SubjectSignature(to_hex(sign_typed_data(typed_data(given.statement))))
    if not is_by_subject(signature, given.statement):
        raise InvalidInputError("certificate.signature_not_of_subject")
    return replace(given, signature=signature).encode()


def issue(statement: Statement, witness: Sequence[int], attachments: Sequence[Attachment] = ()) -> bytes:
    """The file of a new certificate; raises InvalidInputError where witness or attachment does not fit."""
    statement.check_attachments(attachments)
    proof = statement.prove(default_group(), witness, attachments)
    data = Certificate(statement, proof, tuple(attachments)).encode()
    if len(data) > MAX_SIZE:
        raise InvalidInputError("certificate.too_large", size=len(data), maximum=MAX_SIZE)
    return data


def issue_opening(
    opening: Opening,
    *,
    chain_id: int,
    contract: str,
    registrant: str,
    subject: str,
    audience: str,
    challenge: str,
    issued_at: int,
    expires_at: int,
) -> bytes:
    """A certificate that its owner knows what is inside the commitment, made offline.

    Addresses are "0x..." in any valid case, times are seconds since 1970. Raises InvalidInputError.
    """
    statement = OpeningStatement(
        subject=to_hex(address_bytes(subject)),
        audience=normalized(audience),
        challenge=normalized(challenge),
        issued_at=issued_at,
        expires_at=expires_at,
        work=Work.of(opening, chain_id, contract, registrant),
    )
    return issue(statement, opening.scalars())


def _read_proof(value: Json) -> bytes:
    proof = read_object(value, ["suite", "flavor", "narg"])
    narg = proof["narg"]
    if proof["suite"] != SUITE or proof["flavor"] != Flavor.COMPACT.value or not isinstance(narg, str):
        raise InvalidInputError("certificate.unknown_suite")
    return from_hex_of_any_size(narg)
