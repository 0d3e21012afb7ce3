"""What the app does with our contracts: every action as a Call that can be shown, priced, signed and sent.

Encoding follows the ABIs that ship with the app. In currencies "" is the network's coin, which the contracts
write as the zero address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from desktop_app.chain.artifacts import DEPLOYER, ZERO_SALT, contract_address, init_code, load_artifact
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import Amount, format_share, format_units
from desktop_app.core.errors import BugError

REGISTRY = "Registry"
FACTORY = "RoyaltyFactory"
ROYALTY = "RoyaltyToken"
DOLLAR = "TestDollar"


@dataclass(frozen=True)
class Call:
    """One action on chain. `value` in wei; `code` ("action.pay") and `params` word it for the user."""

    to: str
    data: bytes = field(repr=False)
    value: int
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


def deploy_call(name: str) -> Call:
    """Put one of our contracts on the network, at its own address, for everybody."""
    return Call(DEPLOYER, ZERO_SALT + init_code(name), 0, "action.deploy", {"name": name})


def register_call(
    commitment: bytes, challenge: int, responses: tuple[int, int, int], uri_hash: bytes
) -> Call:
    """Register a work with its proof: the 128-byte commitment, c, (s_m, s_k, s_r) and the URI's keccak256."""
    data = encode_call(REGISTRY, "register", commitment, challenge, list(responses), uri_hash)
    return Call(contract_address(REGISTRY), data, 0, "action.register")


def anchor_call(commitment: bytes, uri_hash: bytes) -> Call:
    """Register a work where the proof cannot be checked on chain."""
    data = encode_call(REGISTRY, "anchor", commitment, uri_hash)
    return Call(contract_address(REGISTRY), data, 0, "action.anchor")


def transfer_record_call(commitment_id: bytes, to: str, registrant: str) -> Call:
    """Pass a registration record on."""
    data = encode_call(REGISTRY, "transfer", commitment_id, to, registrant)
    return Call(contract_address(REGISTRY), data, 0, "action.transfer_record", {"to": to})


def create_token_call(
    *,
    commitment_id: bytes,
    name: str,
    symbol: str,
    supply: int,
    collaborators: Sequence[tuple[str, int]],
    currencies: Sequence[str],
    uri: str,
    salt: bytes,
    registrant: str,
) -> Call:
    """Make the royalty token of a registered work.

    `collaborators` are (address, parts per million), `currencies` addresses with "" for the coin, `salt` 32
    bytes that fix the token's address together with the sender.
    """
    data = encode_call(
        FACTORY,
        "create",
        commitment_id,
        name,
        symbol,
        supply,
        [address for address, _ in collaborators],
        [share for _, share in collaborators],
        [currency or ZERO_ADDRESS for currency in currencies],
        uri,
        salt,
        registrant,
    )
    shared = sum(share for _, share in collaborators)
    params: dict[str, str | int] = {
        "name": name,
        "symbol": symbol,
        "supply": supply,
        "shared": format_share(shared),
    }
    return Call(contract_address(FACTORY), data, 0, "action.create_token", params)


def pay_call(token: str, amount: Amount, memo: bytes) -> Call:
    """Pay for a work; an ERC-20 amount must be approved for the token first. `memo` is 32 public bytes."""
    currency = amount.currency
    data = encode_call(ROYALTY, "pay", currency.address or ZERO_ADDRESS, amount.units, memo)
    value = amount.units if currency.is_native else 0
    return Call(token, data, value, "action.pay", {"amount": str(amount), "token": token})


def approve_call(spender: str, amount: Amount) -> Call:
    """Let a contract take up to `amount` of an ERC-20 currency."""
    data = encode_call(ROYALTY, "approve", spender, amount.units)
    params: dict[str, str | int] = {"amount": str(amount), "spender": spender}
    return Call(_token_address(amount), data, 0, "action.approve", params)


def claim_call(token: str, holder: str, currency: str) -> Call:
    """Pay a holder what is owed to him; anyone may send it."""
    data = encode_call(ROYALTY, "claim", holder, currency or ZERO_ADDRESS)
    return Call(token, data, 0, "action.claim", {"token": token, "holder": holder})


def claim_many_call(token: str, holders: Sequence[str], currency: str) -> Call:
    """`claim_call` for up to 100 holders."""
    data = encode_call(ROYALTY, "claim_many", list(holders), currency or ZERO_ADDRESS)
    return Call(token, data, 0, "action.claim_many", {"token": token, "holders": len(holders)})


def claim_to_call(token: str, currency: str, to: str) -> Call:
    """Collect the sender's own earnings at another address."""
    data = encode_call(ROYALTY, "claim_to", currency or ZERO_ADDRESS, to)
    return Call(token, data, 0, "action.claim_to", {"token": token, "to": to})


def sync_call(token: str, currency: str) -> Call:
    """Book money that reached the token by plain transfer."""
    data = encode_call(ROYALTY, "sync", currency or ZERO_ADDRESS)
    return Call(token, data, 0, "action.sync", {"token": token})


def transfer_call(token: str, to: str, units: int, decimals: int = 0, symbol: str = "") -> Call:
    """Pass on shares of a royalty token (whole units), or an ERC-20 currency with its `decimals`."""
    data = encode_call(ROYALTY, "transfer", to, units)
    words = f"{format_units(units, decimals)} {symbol}".strip()
    return Call(token, data, 0, "action.transfer", {"amount": words, "to": to})


def send_call(to: str, amount: Amount) -> Call:
    """Send money to an address: the coin itself, or an ERC-20 currency."""
    currency = amount.currency
    if not currency.is_native:
        return transfer_call(currency.address, to, amount.units, currency.decimals, currency.symbol)
    return Call(to, b"", amount.units, "action.transfer", {"amount": str(amount), "to": to})


def faucet_call(to: str, amount: Amount) -> Call:
    """Test dollars for anyone, on the practice network and test networks."""
    data = encode_call(DOLLAR, "faucet", to, amount.units)
    return Call(contract_address(DOLLAR), data, 0, "action.faucet", {"amount": str(amount), "to": to})


def _token_address(amount: Amount) -> str:
    if amount.currency.is_native:
        raise BugError("the coin needs no approval")
    return amount.currency.address


def encode_call(contract: str, function: str, *arguments: Any) -> bytes:
    """Call data for a function of a shipped ABI, chosen by its name and number of arguments."""
    from eth_abi.abi import encode

    entry = _function(contract, function, len(arguments))
    return entry.selector + encode(entry.inputs, arguments)


def decode_answer(contract: str, function: str, count: int, answer: bytes) -> tuple[Any, ...]:
    """The values that a function with `count` arguments returned. Raises eth_abi's DecodingError."""
    from eth_abi.abi import decode

    return tuple(decode(_function(contract, function, count).outputs, answer))


@dataclass(frozen=True)
class _Function:
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@cache
def _function(contract: str, name: str, count: int) -> _Function:
    from eth_hash.auto import keccak

    for entry in load_artifact(contract).abi:
        if entry["type"] == "function" and entry["name"] == name and len(entry["inputs"]) == count:
            inputs = tuple(_type(value) for value in entry["inputs"])
            outputs = tuple(_type(value) for value in entry["outputs"])
            return _Function(keccak(f"{name}({','.join(inputs)})".encode())[:4], inputs, outputs)
    raise BugError(f"{contract} has no {name} with {count} arguments")


def _type(value: Mapping[str, Any]) -> str:
    """The canonical ABI type, tuples written out."""
    kind: str = value["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type(part) for part in value['components'])}){kind[5:]}"
