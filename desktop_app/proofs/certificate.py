"""The certificate file: one canonical JSON object (RFC 8785) of statement, proof and attachments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json, sigma_protocol
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.group import SUITE, default_group
from desktop_app.proofs.sigma_protocol import Flavor
from desktop_app.proofs.statements import (
    OpeningStatement,
    Statement,
    Work,
    from_hex,
    normalized,
    read_statement,
    to_hex,
)

FORMAT = "colophon-certificate"
VERSION = 1
MAX_SIZE = 1 << 20
"""Bytes of a certificate file."""


@dataclass(frozen=True)
class Certificate:
    statement: Statement
    proof: bytes
    """The compact NARG string."""

    def encode(self) -> bytes:
        """The bytes of the file."""
        return canonical_json.write(
            {
                "format": FORMAT,
                "version": VERSION,
                "statement": self.statement.to_json(),
                "proof": {"suite": SUITE, "flavor": Flavor.COMPACT.value, "narg": to_hex(self.proof)},
                "attachments": [],
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
    if top["attachments"] != []:
        raise InvalidInputError("certificate.unknown_attachment")
    return Certificate(read_statement(top["statement"]), _read_proof(top["proof"]))


def issue(statement: Statement, witness: Sequence[int]) -> bytes:
    """The file of a new certificate; raises InvalidInputError where the witness does not fit."""
    relation = statement.relation(default_group())
    proof = sigma_protocol.prove(Flavor.COMPACT, statement.tag(), relation, witness)
    return Certificate(statement, proof).encode()


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
    return from_hex(narg, max(1, (len(narg) - 2) // 2))
