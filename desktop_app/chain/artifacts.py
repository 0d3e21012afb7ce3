"""The compiled contracts that ship with the app, and the addresses that follow from them.

All are deployed through Arachnid's deterministic deployer with a zero salt (CREATE2, EIP-1014), so each has
the same address on every network, and an address with code there needs no further trust.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from desktop_app.chain.wire import address_of
from desktop_app.core.errors import CorruptError
from desktop_app.core.paths import resource

DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
ZERO_SALT = bytes(32)


@dataclass(frozen=True)
class Artifact:
    """One compiled contract: `bytecode` is its init code without constructor arguments."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes = field(repr=False)
    compiler: str


@cache
def load_artifact(name: str) -> Artifact:
    """The shipped artifact. Raises CorruptError when this installation lacks it."""
    try:
        found = json.loads(resource(f"contracts/build/{name}.json").read_bytes())
        return Artifact(
            name=found["name"],
            abi=tuple(found["abi"]),
            bytecode=bytes.fromhex(found["bytecode"].removeprefix("0x")),
            compiler=found["compiler"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
        raise CorruptError("chain.missing_artifact", name=name) from failure


def create2_address(init_code: bytes, salt: bytes = ZERO_SALT, deployer: str = DEPLOYER) -> str:
    """Where CREATE2 puts a contract (EIP-1014)."""
    from eth_hash.auto import keccak

    return address_of(keccak(b"\xff" + bytes.fromhex(deployer[2:]) + salt + keccak(init_code))[12:])


@cache
def init_code(name: str) -> bytes:
    """Bytecode with its constructor arguments, as it is sent to the deployer."""
    bytecode = load_artifact(name).bytecode
    if name not in ("RoyaltyFactory", "Licences", "KeyEscrow"):
        return bytecode
    from eth_abi.abi import encode

    if name != "RoyaltyFactory":
        return bytecode + encode(["address"], [contract_address("RoyaltyFactory")])
    token = load_artifact("RoyaltyToken").bytecode
    return bytecode + encode(["address", "bytes"], [contract_address("Registry"), token])


def token_address(creator: str, salt: bytes) -> str:
    """Where the factory puts the royalty token that `creator` makes with `salt` (RoyaltyFactory.predict).

    Computed here, so that no node can send licences or payments to a token of its own.
    """
    from eth_abi.abi import encode
    from eth_hash.auto import keccak

    selector = keccak(b"clone_code()")[:4]
    clone = b"\x63" + selector + bytes.fromhex("5f525f5f6004601c335afa6016575f5ffd5b3d5f5f3e3d5ff3")
    mixed = keccak(encode(["address", "bytes32"], [creator, salt]))
    return create2_address(clone, mixed, contract_address("RoyaltyFactory"))


@cache
def contract_address(name: str) -> str:
    """The address of a contract of ours other than a royalty token, the same on every network."""
    return create2_address(init_code(name))
