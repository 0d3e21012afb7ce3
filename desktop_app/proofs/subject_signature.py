"""Control of the subject address: an EIP-712 signature over the digest of the statement, as an attachment."""

from __future__ import annotations

from typing import Any

from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.attachments import SubjectSignature
from desktop_app.proofs.encoding import to_hex
from desktop_app.proofs.statements import Statement
from desktop_app.proofs.typed_signature import HALF_ORDER, TypedMessage

__all__ = ["HALF_ORDER", "is_by_subject", "signing_hash", "typed_data"]

_FIELDS = (("subject", "address"), ("audience", "string"), ("challenge", "string"), ("statement", "bytes32"))


def is_by_subject(signature: SubjectSignature, statement: Statement) -> bool:
    """Whether the key of the statement's subject made it, in its one canonical form (EIP-2)."""
    found = _message(statement).signer(signature.signature_bytes())
    return found is not None and to_hex(found) == statement.subject


def typed_data(statement: Statement) -> dict[str, Any]:
    """The EIP-712 message that a wallet shows and signs; raises InvalidInputError without a subject."""
    address_bytes(statement.subject)
    return _message(statement).typed_data()


def signing_hash(statement: Statement) -> bytes:
    """The hash of `typed_data` after EIP-712, 32 bytes."""
    return _message(statement).signing_hash()


def _message(statement: Statement) -> TypedMessage:
    values = {
        "subject": statement.subject,
        "audience": statement.audience,
        "challenge": statement.challenge,
        "statement": to_hex(statement.digest()),
    }
    return TypedMessage("Colophon certificate", "1", "Certificate", _FIELDS, values)
