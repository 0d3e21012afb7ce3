"""What the app does with our contracts: every action as a Call that can be shown, priced, signed and sent.

Encoding follows the ABIs that ship with the app. In currencies "" is the network's coin, which the contracts
write as the zero address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from desktop_app.chain.abi_codec import codec
from desktop_app.chain.artifacts import DEPLOYER, ZERO_SALT, contract_address, init_code, load_artifact
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import Amount, format_share, format_units
from desktop_app.core.errors import BugError

REGISTRY = "Registry"
FACTORY = "RoyaltyFactory"
ROYALTY = "RoyaltyToken"
LICENCES = "Licences"
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


def register_many_call(works: Sequence[tuple[bytes, int, tuple[int, int, int], bytes]]) -> Call:
    """Register up to 32 works in one transaction, all or none; each as in `register_call`."""
    entries = [(commitment, challenge, list(answers), uri) for commitment, challenge, answers, uri in works]
    data = encode_call(REGISTRY, "register_many", entries)
    return Call(contract_address(REGISTRY), data, 0, "action.register_many", {"count": len(entries)})


def anchor_many_call(works: Sequence[tuple[bytes, bytes]]) -> Call:
    """Register up to 32 works in one transaction, unproved; each a commitment and its URI's keccak256."""
    data = encode_call(REGISTRY, "anchor_many", list(works))
    return Call(contract_address(REGISTRY), data, 0, "action.anchor_many", {"count": len(works)})


def transfer_record_call(commitment_id: bytes, to: str, registrant: str) -> Call:
    """Pass a registration record on."""
    data = encode_call(REGISTRY, "transfer", commitment_id, to, registrant)
    return Call(contract_address(REGISTRY), data, 0, "action.transfer_record", {"to": to})


@dataclass(frozen=True)
class NewToken:
    """What a royalty token will be for ever.

    `collaborators` are (address, parts per million), `parents` the same with royalty tokens of works that
    were registered earlier, `currencies` addresses with "" for the coin, `resale_share` parts per million of
    a resale's price (ERC-2981), `salt` 32 bytes that fix the token's address together with the sender.
    """

    commitment_id: bytes
    registrant: str
    name: str
    symbol: str
    supply: int
    collaborators: Sequence[tuple[str, int]]
    currencies: Sequence[str]
    uri: str
    salt: bytes = field(repr=False)
    parents: Sequence[tuple[str, int]] = ()
    resale_share: int = 0

    def _abi(self) -> tuple[Any, ...]:
        currencies = [currency or ZERO_ADDRESS for currency in self.currencies]
        return (
            self.commitment_id, self.registrant, self.name, self.symbol, self.supply,
            list(self.collaborators), list(self.parents), currencies, self.resale_share, self.uri, self.salt,
        )  # fmt: skip

    @property
    def _shared(self) -> int:
        return sum(share for _, share in (*self.collaborators, *self.parents))


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
    parents: Sequence[tuple[str, int]] = (),
    resale_share: int = 0,
) -> Call:
    """Make the royalty token of a registered work; see NewToken."""
    new = NewToken(
        commitment_id, registrant, name, symbol, supply, collaborators, currencies, uri, salt, parents,
        resale_share,
    )  # fmt: skip
    params: dict[str, str | int] = {
        "name": name,
        "symbol": symbol,
        "supply": supply,
        "shared": format_share(new._shared),
    }
    data = encode_call(FACTORY, "create", new._abi())
    return Call(contract_address(FACTORY), data, 0, "action.create_token", params)


def create_tokens_call(works: Sequence[NewToken]) -> Call:
    """Make the royalty tokens of up to 32 registered works in one transaction, all or none."""
    data = encode_call(FACTORY, "create_many", [new._abi() for new in works])
    return Call(contract_address(FACTORY), data, 0, "action.create_tokens", {"count": len(works)})


def pay_call(token: str, amount: Amount, memo: bytes) -> Call:
    """Pay for a work; an ERC-20 amount must be approved for the token first. `memo` is 32 public bytes."""
    currency = amount.currency
    data = encode_call(ROYALTY, "pay", currency.address or ZERO_ADDRESS, amount.units, memo)
    value = amount.units if currency.is_native else 0
    return Call(token, data, value, "action.pay", {"amount": str(amount), "token": token})


def pay_signed_call(
    token: str, payer: str, amount: Amount, memo: bytes, valid_before: int, salt: bytes, signature: bytes
) -> Call:
    """Pay with the payer's EIP-3009 authorization; anyone may send it. `signature` is r || s || v."""
    r, s, v = signature[:32], signature[32:64], signature[64]
    data = encode_call(
        ROYALTY, "pay_with_authorization", _token_address(amount), payer, amount.units, memo, 0, valid_before,
        salt, v, r, s,
    )  # fmt: skip
    params: dict[str, str | int] = {"amount": str(amount), "token": token, "payer": payer}
    return Call(token, data, 0, "action.pay_signed", params)


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


def forward_call(token: str, parents: Sequence[str], currency: str) -> Call:
    """Pay the named parents of a royalty token what they have earned of its payments; anyone may send it."""
    data = encode_call(ROYALTY, "forward", list(parents), currency or ZERO_ADDRESS)
    return Call(token, data, 0, "action.forward", {"token": token, "parents": len(parents)})


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


@dataclass(frozen=True)
class LicenceOffer:
    """Terms of licences: `kind` 1 download, 2 plays, 3 AI training; `price` of one copy, play or training
    run; `duration` in seconds from the purchase (0: for ever); `data_root` names the data set that may be
    trained on (32 zero bytes for other kinds); `document` is keccak256 of the terms' text."""

    kind: int
    price: Amount
    document: bytes
    duration: int = 0
    data_root: bytes = bytes(32)

    def _abi(self) -> tuple[Any, ...]:
        currency = self.price.currency.address or ZERO_ADDRESS
        return (self.kind, currency, self.price.units, self.duration, self.data_root, self.document)


def offer_licence_call(token: str, offer: LicenceOffer, uri: str, replaces: int = 0) -> Call:
    """Offer licences of a work on new terms, closing the version `replaces` (0: none)."""
    data = encode_call(LICENCES, "offer", token, offer._abi(), replaces, uri)
    params: dict[str, str | int] = {"token": token, "price": str(offer.price), "kind": offer.kind}
    return Call(contract_address(LICENCES), data, 0, "action.offer_licence", params)


def withdraw_licence_call(token: str, version: int) -> Call:
    """Sell no more licences on these terms."""
    data = encode_call(LICENCES, "withdraw", token, version)
    params: dict[str, str | int] = {"token": token, "version": version}
    return Call(contract_address(LICENCES), data, 0, "action.withdraw_licence", params)


def buy_licence_call(
    token: str, version: int, kind: int, quantity: int, cost: Amount, terms_hash: bytes, licensee: str
) -> Call:
    """Buy a licence for exactly `cost` = quantity * price; an ERC-20 amount must be approved for the Licences
    contract first. `terms_hash` says which terms the buyer has read."""
    data = encode_call(LICENCES, "buy", token, version, kind, quantity, cost.units, terms_hash, licensee)
    value = cost.units if cost.currency.is_native else 0
    params: dict[str, str | int] = {
        "token": token,
        "amount": str(cost),
        "kind": kind,
        "quantity": quantity,
        "licensee": licensee,
    }
    return Call(contract_address(LICENCES), data, value, "action.buy_licence", params)


def redeem_plays_call(licence_id: int, total: int, signature: bytes = b"") -> Call:
    """Write down how many plays of a licence are used up, with the licensee's voucher."""
    data = encode_call(LICENCES, "redeem", licence_id, total, signature)
    params: dict[str, str | int] = {"licence": licence_id, "total": total}
    return Call(contract_address(LICENCES), data, 0, "action.redeem_plays", params)


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
    """The values that a function with `count` arguments returned, texts as `abi_codec` has them.

    Raises eth_abi's DecodingError.
    """
    return tuple(codec().decode(_function(contract, function, count).outputs, answer))


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
            inputs = tuple(canonical_type(value) for value in entry["inputs"])
            outputs = tuple(canonical_type(value) for value in entry["outputs"])
            return _Function(keccak(f"{name}({','.join(inputs)})".encode())[:4], inputs, outputs)
    raise BugError(f"{contract} has no {name} with {count} arguments")


def canonical_type(value: Mapping[str, Any]) -> str:
    """The canonical ABI type, tuples written out."""
    kind: str = value["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(canonical_type(part) for part in value['components'])}){kind[5:]}"
