"""Which of our contracts' functions a signed transaction calls, and with what: read from its bytes alone.

What is stored beside a transaction can be changed by whoever can write to the disk; what was signed cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from desktop_app.chain.abi_codec import codec
from desktop_app.chain.artifacts import DEPLOYER, ZERO_SALT, contract_address, init_code, load_artifact
from desktop_app.chain.contracts import (
    DOLLAR,
    FACTORY,
    LICENCES,
    REGISTRY,
    ROYALTY,
    canonical_type,
)
from desktop_app.chain.escrow_terms import ESCROW
from desktop_app.chain.raw_transaction import Signed
from desktop_app.chain.wire import checksummed

DEPLOY, SEND = "deploy", "send"
_ONE_OF_A_KIND = (REGISTRY, FACTORY, LICENCES, ESCROW, DOLLAR)


@dataclass(frozen=True)
class SignedCall:
    """`contract` is the name of one of ours, "" for plain money; `function` its function, DEPLOY or SEND.

    `values` are its arguments by name: structs are mappings, addresses have checksums.
    """

    contract: str
    function: str
    values: Mapping[str, Any]

    def addresses(self) -> set[str]:
        """Every address that the call names, anywhere."""
        return set(_addresses(self.values))


def signed_call(signed: Signed) -> SignedCall | None:
    """What a transaction of ours calls; None for what no version of our contracts has."""
    if not signed.data:
        return SignedCall("", SEND, {"to": signed.to})
    if signed.to.lower() == DEPLOYER.lower():
        return next(
            (SignedCall(name, DEPLOY, {}) for name in _every() if signed.data == ZERO_SALT + init_code(name)),
            None,
        )
    contract = next(
        (name for name in _ONE_OF_A_KIND if contract_address(name).lower() == signed.to.lower()), ROYALTY
    )
    found = _functions(contract).get(signed.data[:4])
    if found is None:
        return None
    from eth_abi.exceptions import DecodingError

    kinds = [canonical_type(one) for one in found["inputs"]]
    try:
        values = codec().decode(kinds, signed.data[4:])
    except (DecodingError, ValueError, OverflowError):
        return None
    return SignedCall(contract, found["name"], _named(found["inputs"], values))


def _every() -> tuple[str, ...]:
    return (*_ONE_OF_A_KIND, ROYALTY)


@cache
def _functions(contract: str) -> dict[bytes, dict[str, Any]]:
    from eth_hash.auto import keccak

    found = {}
    for entry in load_artifact(contract).abi:
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure"):
            signature = f"{entry['name']}({','.join(canonical_type(one) for one in entry['inputs'])})"
            found[bytes(keccak(signature.encode())[:4])] = entry
    return found


def _named(inputs: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {one["name"]: _plain(one, value) for one, value in zip(inputs, values, strict=True)}


def _plain(entry: Mapping[str, Any], value: Any) -> Any:
    kind: str = entry["type"]
    if kind.endswith("[]"):
        inner = {**entry, "type": kind[:-2]}
        return tuple(_plain(inner, one) for one in value)
    if kind == "tuple":
        return _named(entry["components"], value)
    return checksummed(value.lower()) if kind == "address" else value


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("0x") and len(value) == 42:
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _addresses(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _addresses(one)
