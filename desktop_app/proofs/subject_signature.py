"""Control of the subject address: an EIP-712 signature over the digest of the statement, as an attachment."""

from __future__ import annotations

from typing import Any

from coincurve import PublicKey
from eth_hash.auto import keccak

from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.attachments import SubjectSignature
from desktop_app.proofs.encoding import to_hex
from desktop_app.proofs.statements import Statement

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_DOMAIN = [("name", "string"), ("version", "string")]
_FIELDS = [("subject", "address"), ("audience", "string"), ("challenge", "string"), ("statement", "bytes32")]
_NAME, _VERSION = "Colophon certificate", "1"


def is_by_subject(signature: SubjectSignature, statement: Statement) -> bool:
    """Whether the key of the statement's subject made it, in its one canonical form (EIP-2)."""
    data = signature.signature_bytes()
    if data[64] not in (27, 28) or int.from_bytes(data[32:64], "big") > HALF_ORDER:
        return False
    try:
        recoverable = data[:64] + bytes([data[64] - 27])
        key = PublicKey.from_signature_and_message(recoverable, signing_hash(statement), hasher=None)
    except ValueError:
        return False
    return to_hex(keccak(key.format(compressed=False)[1:])[12:]) == statement.subject


def typed_data(statement: Statement) -> dict[str, Any]:
    """The EIP-712 message that a wallet shows and signs; raises InvalidInputError without a subject."""
    address_bytes(statement.subject)
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN],
            "Certificate": [{"name": name, "type": kind} for name, kind in _FIELDS],
        },
        "primaryType": "Certificate",
        "domain": {"name": _NAME, "version": _VERSION},
        "message": {
            "subject": statement.subject,
            "audience": statement.audience,
            "challenge": statement.challenge,
            "statement": to_hex(statement.digest()),
        },
    }


def signing_hash(statement: Statement) -> bytes:
    """The hash of `typed_data` after EIP-712, 32 bytes."""
    domain = _type_hash("EIP712Domain", _DOMAIN) + keccak(_NAME.encode()) + keccak(_VERSION.encode())
    message = (
        _type_hash("Certificate", _FIELDS)
        + address_bytes(statement.subject).rjust(32, b"\0")
        + keccak(statement.audience.encode("utf-8"))
        + keccak(statement.challenge.encode("utf-8"))
        + statement.digest()
    )
    return bytes(keccak(b"\x19\x01" + keccak(domain) + keccak(message)))


def _type_hash(name: str, fields: list[tuple[str, str]]) -> bytes:
    return bytes(keccak(f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})".encode()))
