"""Payments that are signed by the payer and can be sent by anyone (EIP-3009), where a currency knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import DOLLAR, decode_answer, encode_call
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import Currency

RECEIVE = "ReceiveWithAuthorization"
_FIELDS = (
    ("from", "address"), ("to", "address"), ("value", "uint256"), ("validAfter", "uint256"),
    ("validBefore", "uint256"), ("nonce", "bytes32"),
)  # fmt: skip
_DOMAIN = (
    ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"),
)  # fmt: skip


@dataclass(frozen=True)
class Domain:
    """What a currency calls itself in its EIP-712 domain."""

    name: str
    version: str


def domain(chain: Chain, currency: Currency) -> Domain | None:
    """The domain of a currency that takes EIP-3009 authorizations, None for every other one.

    It must know the state of authorizations, and its DOMAIN_SEPARATOR must be the one that follows from its
    name and version, as what is signed would be worth nothing otherwise. Raises UnavailableError.
    """
    if currency.is_native:
        return None
    try:
        _ask(chain, currency, "authorizationState", ZERO_ADDRESS, bytes(32))
        found = Domain(_ask(chain, currency, "name"), _ask(chain, currency, "version"))
        separator = _ask(chain, currency, "DOMAIN_SEPARATOR")
    except (RpcError, ValueError):
        return None
    return found if _separator(chain, currency, found) == separator else None


def is_used(chain: Chain, currency: Currency, payer: str, nonce: bytes) -> bool:
    """Whether an authorization was used or cancelled. Raises RpcError, UnavailableError."""
    return bool(_ask(chain, currency, "authorizationState", payer, nonce))


def nonce_of(memo: bytes, salt: bytes) -> bytes:
    """keccak256(memo, salt), as RoyaltyToken.pay_with_authorization demands it: the memo is signed, too."""
    from eth_hash.auto import keccak

    return keccak(memo + salt)


def message(
    chain: Chain,
    currency: Currency,
    known: Domain,
    payer: str,
    to: str,
    units: int,
    before: int,
    nonce: bytes,
) -> dict[str, Any]:
    """The EIP-712 message: `to`, and nobody else, may take `units` once before the Unix time `before`."""
    values = {
        "from": payer,
        "to": to,
        "value": units,
        "validAfter": 0,
        "validBefore": before,
        "nonce": nonce,
    }
    return _typed(chain, currency, known, values)


def _typed(chain: Chain, currency: Currency, known: Domain, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN],
            RECEIVE: [{"name": name, "type": kind} for name, kind in _FIELDS],
        },
        "primaryType": RECEIVE,
        "domain": {
            "name": known.name,
            "version": known.version,
            "chainId": chain.network.chain_id,
            "verifyingContract": currency.address,
        },
        "message": dict(values),
    }


def _separator(chain: Chain, currency: Currency, known: Domain) -> bytes:
    from eth_account.messages import encode_typed_data

    empty = {"from": ZERO_ADDRESS, "to": ZERO_ADDRESS, "value": 0, "validAfter": 0, "validBefore": 0,
             "nonce": bytes(32)}  # fmt: skip
    return bytes(encode_typed_data(full_message=_typed(chain, currency, known, empty)).header)


def _ask(chain: Chain, currency: Currency, function: str, *arguments: Any) -> Any:
    """One value; ValueError for an answer of another form."""
    from eth_abi.exceptions import DecodingError

    answer = chain.read(currency.address, encode_call(DOLLAR, function, *arguments))
    try:
        return decode_answer(DOLLAR, function, len(arguments), answer)[0]
    except DecodingError as malformed:
        raise ValueError(function) from malformed
