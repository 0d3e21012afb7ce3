"""EIP-712: a message of plain fields that a wallet shows and signs, and whose key made a signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coincurve import PublicKey
from eth_hash.auto import keccak

from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.encoding import from_hex

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_DOMAIN = (("name", "string"), ("version", "string"))
_WORD: Mapping[str, Callable[[str], bytes]] = {
    "string": lambda text: bytes(keccak(text.encode("utf-8"))),
    "address": lambda text: address_bytes(text).rjust(32, b"\0"),
    "bytes32": lambda text: from_hex(text, 32),
}


@dataclass(frozen=True)
class TypedMessage:
    """One struct `kind` with `fields` of (name, type: string, address or bytes32) in the domain of `name`."""

    name: str
    version: str
    kind: str
    fields: Sequence[tuple[str, str]]
    values: Mapping[str, str]

    def typed_data(self) -> dict[str, Any]:
        """What wallets take (`eth_signTypedData_v4`)."""
        return {
            "types": {
                "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN],
                self.kind: [{"name": name, "type": kind} for name, kind in self.fields],
            },
            "primaryType": self.kind,
            "domain": {"name": self.name, "version": self.version},
            "message": {name: self.values[name] for name, _ in self.fields},
        }

    def signing_hash(self) -> bytes:
        """The hash of `typed_data` after EIP-712, 32 bytes; raises InvalidInputError for a wrong address."""
        name, version = (_WORD["string"](text) for text in (self.name, self.version))
        domain = _type_hash("EIP712Domain", _DOMAIN) + name + version
        words = b"".join(_WORD[kind](self.values[name]) for name, kind in self.fields)
        message = _type_hash(self.kind, self.fields) + words
        return bytes(keccak(b"\x19\x01" + keccak(domain) + keccak(message)))

    def signer(self, signature: bytes) -> bytes | None:
        """The address (20 bytes) whose key made it, in its one canonical form (EIP-2); None for no key."""
        if len(signature) != 65 or signature[64] not in (27, 28):
            return None
        if int.from_bytes(signature[32:64], "big") > HALF_ORDER:
            return None
        recoverable = signature[:64] + bytes([signature[64] - 27])
        try:
            key = PublicKey.from_signature_and_message(recoverable, self.signing_hash(), hasher=None)
        except ValueError:
            return None
        return bytes(keccak(key.format(compressed=False)[1:])[12:])


def _type_hash(name: str, fields: Sequence[tuple[str, str]]) -> bytes:
    return bytes(keccak(f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})".encode()))
