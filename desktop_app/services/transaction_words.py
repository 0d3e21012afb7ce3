"""What a transaction of ours does, in plain words: by what was signed, with names that the user knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from desktop_app.chain.abi_codec import printable
from desktop_app.chain.contracts import DOLLAR, FACTORY, LICENCES, REGISTRY, ROYALTY
from desktop_app.chain.escrow_terms import ESCROW
from desktop_app.chain.networks import Network
from desktop_app.chain.raw_transaction import Signed, require_own
from desktop_app.chain.signed_calls import DEPLOY, SEND, SignedCall, signed_call
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import Amount, amount_text, format_share
from desktop_app.core.errors import BugError, CorruptError
from desktop_app.core.localised import grouped
from desktop_app.services.address_book import short_address
from desktop_app.services.money_moves import Move, moves_of, sums
from desktop_app.services.payout_lines import Names, memo_text
from desktop_app.services.wording import words
from desktop_app.store.transactions import StoredTransaction

_Read = tuple[str, dict[str, str], tuple[str, ...], str]
"""Name in action.toml, parameters, titles of works, whom or what it is for."""
Registered = Callable[[int, bytes], str]
"""(chain id, commitment id) to the id of the work that is registered under it, "" for none of ours."""


@dataclass(frozen=True)
class Told:
    """`code` is of the "action" namespace, and `params` fill its texts; `works` are the titles of what it is
    about, `recipient` whom or what it is for. `note` is a payment's public note; `moves` None: not read.
    `left` and `reached` are what money went from, or came to, the user's accounts, without the fee."""

    code: str
    params: Mapping[str, str]
    works: tuple[str, ...]
    recipient: str
    note: str
    moves: tuple[Move, ...] | None
    left: tuple[Amount, ...] = ()
    reached: tuple[Amount, ...] = ()
    signed: Signed | None = None
    genuine: bool = True

    @property
    def asked(self) -> str:
        """What it is to do."""
        return words(self.code, "text", **self.params)

    @property
    def done(self) -> str:
        """What it did."""
        return words(self.code, "done" if self.moves is not None else "text", **self.params)


class TransactionWords:
    """`own` are the user's accounts; everything is as it is known at one moment."""

    def __init__(self, names: Names, registered: Registered, own: tuple[str, ...]) -> None:
        self._names = names
        self._registered = registered
        self._own = frozenset(address.lower() for address in own)

    def told(self, stored: StoredTransaction, network: Network | None) -> Told:
        """What was signed; where that is not to be had, what is written beside it, which anybody could change
        who can write to this disk (`genuine` is False then)."""
        try:
            signed = require_own(stored)
        except CorruptError:
            return _as_written(stored)
        if network is None:
            return replace(_as_written(stored), genuine=True, recipient=signed.to)
        call = signed_call(signed)
        moves = moves_of(stored, signed, call, self._names, network.native)
        reading = _Reading(self._names, self._registered, self._own, network, stored, signed, moves or ())
        code, params, works, recipient = reading.read(call)
        own = self._own | {stored.from_address.lower()}
        money = [one for one in moves or () if not one.shares]
        memo = call.values.get("memo", b"") if call is not None else b""
        return Told(
            f"action.{code}",
            params,
            works,
            recipient,
            memo_text("0x" + memo.hex()) if any(memo) else "",
            moves,
            sums(one.amount for one in money if one.sender.lower() in own),
            sums(one.amount for one in money if one.receiver.lower() in own),
            signed,
        )

    def person(self, address: str) -> str:
        """The name of an own account or contact, "" for a stranger."""
        return self._names.person(address)


def _as_written(stored: StoredTransaction) -> Told:
    code, params = stored.code, {name: str(value) for name, value in stored.params.items()}
    try:
        words(code, "text", **params)
    except (BugError, KeyError):
        code, params = "action.unreadable", {}
    return Told(code, params, (), stored.recipient or "", "", None, genuine=False)


def _work(names: Names, chain_id: int, token: str) -> str:
    """The title with its quotation marks, or a short address."""
    name = names.work(chain_id, token)
    return short_address(token) if name == token else titled(name)


def titled(name: str) -> str:
    return words("action.titled", name=printable(name))


@dataclass(frozen=True)
class _Reading:
    names: Names
    registered: Registered
    own: frozenset[str]
    network: Network
    stored: StoredTransaction
    signed: Signed
    moves: tuple[Move, ...]

    def read(self, call: SignedCall | None) -> _Read:
        if call is None:
            return "unreadable", {}, (), self.signed.to
        if call.function == DEPLOY:
            return "deploy", {"name": call.contract}, (), self.signed.to
        reader = _READERS.get((call.contract, call.function))
        if reader is None:
            return "unreadable", {}, (), self.signed.to
        return reader(self, call.values)

    # --- Parts of sentences ------------------------------------------------------------------------------

    def who(self, address: str) -> str:
        return self.names.person(address) or _work(self.names, self.network.chain_id, address)

    def is_own(self, address: str) -> bool:
        return address.lower() in self.own or address.lower() == self.stored.from_address.lower()

    def work(self, token: str) -> str:
        return _work(self.names, self.network.chain_id, token)

    def title(self, token: str) -> tuple[str, ...]:
        name = self.names.work(self.network.chain_id, token)
        return () if name == token else (printable(name),)

    def registered_work(self, commitment_id: bytes, otherwise: str = "") -> str:
        work_id = self.registered(self.network.chain_id, commitment_id)
        return printable(self.names.titles.get(work_id, "") or otherwise)

    def money(self, units: int, currency: str, token: str = "") -> str:
        address = "" if currency == ZERO_ADDRESS else currency
        return amount_text(Amount(units, self.names.currency(self.network.chain_id, token, address)))

    def moved(self) -> str:
        """What came of it, each currency apart."""
        found = sums(
            one.amount
            for one in self.moves
            if not one.shares and one.sender.lower() != self.stored.from_address.lower()
        )
        return ", ".join(map(amount_text, found)) or words("onreceipt.nothing")

    # --- One for each function ---------------------------------------------------------------------------

    def send(self, values: Mapping[str, Any]) -> _Read:
        to = values["to"]
        amount = amount_text(Amount(self.signed.value, self.network.native))
        return "transfer", {"amount": amount, "to": self.who(to)}, (), to

    def transfer(self, values: Mapping[str, Any]) -> _Read:
        contract, to = self.signed.to, values["to"]
        if (self.network.chain_id, contract) in self.names.tokens:
            params = {"amount": grouped(values["amount"]), "token": self.work(contract), "to": self.who(to)}
            return "transfer_shares", params, self.title(contract), to
        return "transfer", {"amount": self.money(values["amount"], contract), "to": self.who(to)}, (), to

    def approve(self, values: Mapping[str, Any]) -> _Read:
        spender = values["spender"]
        params = {"spender": self.who(spender), "amount": self.money(values["amount"], self.signed.to)}
        return "approve", params, self.title(spender), spender

    def register(self, values: Mapping[str, Any]) -> _Read:
        return self._registered_as("register" if "challenge" in values else "anchor", values["commitment"])

    def _registered_as(self, code: str, commitment: bytes) -> _Read:
        from eth_hash.auto import keccak

        title = self.registered_work(bytes(keccak(commitment)))
        work = titled(title) if title else words("action.a_work")
        return code, {"work": work}, (title,) if title else (), self.signed.to

    def register_many(self, values: Mapping[str, Any]) -> _Read:
        from eth_hash.auto import keccak

        works = values["works"]
        code = "register_many" if works and "challenge" in works[0] else "anchor_many"
        titles = [self.registered_work(bytes(keccak(one["commitment"]))) for one in works]
        listed = ", ".join(titled(one) if one else words("action.a_work") for one in titles)
        params = {"count": grouped(len(works)), "works": listed}
        return code, params, tuple(filter(None, titles)), self.signed.to

    def pass_record(self, values: Mapping[str, Any]) -> _Read:
        title = self.registered_work(values["commitment_id"])
        work = titled(title) if title else words("action.a_work")
        params = {"work": work, "to": self.who(values["to"])}
        return "transfer_record", params, (title,) if title else (), values["to"]

    def create(self, values: Mapping[str, Any]) -> _Read:
        terms = values["terms"]
        title = self.registered_work(terms["commitment_id"], terms["name"])
        shared = sum(part["share"] for part in (*terms["collaborators"], *terms["parents"]))
        params = {
            "work": titled(title), "name": printable(terms["name"]), "symbol": printable(terms["symbol"]),
            "supply": grouped(terms["supply"]), "shared": format_share(shared),
        }  # fmt: skip
        return "create_token", params, (title,), self.signed.to

    def create_many(self, values: Mapping[str, Any]) -> _Read:
        titles = tuple(self.registered_work(one["commitment_id"], one["name"]) for one in values["works"])
        params = {"count": grouped(len(titles)), "works": ", ".join(map(titled, titles))}
        return "create_tokens", params, titles, self.signed.to

    def pay(self, values: Mapping[str, Any]) -> _Read:
        token = self.signed.to
        params = {
            "amount": self.money(values["amount"], values["currency"], token), "token": self.work(token),
        }  # fmt: skip
        payer = values.get("payer", self.stored.from_address)
        if self.is_own(payer):
            return "pay", params, self.title(token), token
        return "pay_signed", {**params, "payer": self.who(payer)}, self.title(token), token

    def claim(self, values: Mapping[str, Any]) -> _Read:
        token, holder = self.signed.to, values["holder"]
        params = {"amount": self.moved(), "token": self.work(token), "holder": self.who(holder)}
        return "claim_own" if self.is_own(holder) else "claim", params, self.title(token), token

    def claim_many(self, values: Mapping[str, Any]) -> _Read:
        token = self.signed.to
        params = {
            "amount": self.moved(), "token": self.work(token), "holders": grouped(len(values["holders"]))
        }  # fmt: skip
        return "claim_many", params, self.title(token), token

    def claim_to(self, values: Mapping[str, Any]) -> _Read:
        token, to = self.signed.to, values["to"]
        params = {"amount": self.moved(), "token": self.work(token), "to": self.who(to)}
        return "claim_to", params, self.title(token), to

    def sync(self, _values: Mapping[str, Any]) -> _Read:
        return "sync", {"token": self.work(self.signed.to)}, self.title(self.signed.to), self.signed.to

    def forward(self, values: Mapping[str, Any]) -> _Read:
        token = self.signed.to
        params = {"token": self.work(token), "parents": grouped(len(values["parents"]))}
        return "forward", params, self.title(token), token

    def offer_licence(self, values: Mapping[str, Any]) -> _Read:
        token, terms = values["token"], values["terms"]
        price = self.money(terms["price"], terms["currency"], token)
        return "offer_licence", {"token": self.work(token), "price": price}, self.title(token), token

    def withdraw_licence(self, values: Mapping[str, Any]) -> _Read:
        token = values["token"]
        params = {"token": self.work(token), "version": str(values["version"])}
        return "withdraw_licence", params, self.title(token), token

    def buy_licence(self, values: Mapping[str, Any]) -> _Read:
        token, licensee = values["token"], values.get("licensee", self.stored.from_address)
        paid = sums(one.amount for one in self.moves if self.is_own(one.sender) and not one.shares)
        if self.signed.value:
            amount = amount_text(Amount(self.signed.value, self.network.native))
        else:
            # The call names the price in units of a currency that the terms fix, not the call.
            amount = ", ".join(map(amount_text, paid)) or words("action.the_price")
        params = {"token": self.work(token), "amount": amount, "licensee": self.who(licensee)}
        return "buy_licence", params, self.title(token), token

    def redeem(self, values: Mapping[str, Any]) -> _Read:
        params = {"licence": str(values["licence_id"]), "total": grouped(values["total"])}
        return "redeem_plays", params, (), self.signed.to

    def _offer(self, code: str, offer: Mapping[str, Any]) -> _Read:
        token = offer["token"]
        price = self.money(offer["price"], offer["currency"], token)
        return code, {"token": self.work(token), "price": price}, self.title(token), token

    def place_offer(self, values: Mapping[str, Any]) -> _Read:
        return self._offer("offer_sale", values["offer"])

    def withdraw_offer(self, values: Mapping[str, Any]) -> _Read:
        return self._offer("withdraw_sale", values["offer"])

    def order(self, values: Mapping[str, Any]) -> _Read:
        return self._offer("order_work", values["offer"])

    def _order(self, code: str, order: Mapping[str, Any]) -> _Read:
        token = order["token"]
        params = {
            "token": self.work(token), "buyer": self.who(order["buyer"]),
            "amount": self.money(order["amount"], order["currency"], token),
        }  # fmt: skip
        return code, params, self.title(token), token

    def deliver(self, values: Mapping[str, Any]) -> _Read:
        return self._order("deliver_key", values["order"])

    def release(self, values: Mapping[str, Any]) -> _Read:
        return self._order("release_order", values["order"])

    def refund(self, values: Mapping[str, Any]) -> _Read:
        order = values["order"]
        to = values.get("to", order["buyer"])
        code, params, titles, _token = self._order("refund_order", order)
        return "refund_own" if self.is_own(to) else code, params, titles, to

    def complain(self, values: Mapping[str, Any]) -> _Read:
        return self._order("complain", values["order"])

    def faucet(self, values: Mapping[str, Any]) -> _Read:
        params = {"amount": self.money(values["amount"], self.signed.to), "to": self.who(values["to"])}
        return "faucet", params, (), values["to"]


_READERS: dict[tuple[str, str], Callable[[_Reading, Mapping[str, Any]], _Read]] = {
    ("", SEND): _Reading.send,
    (REGISTRY, "register"): _Reading.register,
    (REGISTRY, "anchor"): _Reading.register,
    (REGISTRY, "register_many"): _Reading.register_many,
    (REGISTRY, "anchor_many"): _Reading.register_many,
    (REGISTRY, "transfer"): _Reading.pass_record,
    (FACTORY, "create"): _Reading.create,
    (FACTORY, "create_many"): _Reading.create_many,
    (ROYALTY, "pay"): _Reading.pay,
    (ROYALTY, "pay_with_authorization"): _Reading.pay,
    (ROYALTY, "claim"): _Reading.claim,
    (ROYALTY, "claim_many"): _Reading.claim_many,
    (ROYALTY, "claim_to"): _Reading.claim_to,
    (ROYALTY, "sync"): _Reading.sync,
    (ROYALTY, "forward"): _Reading.forward,
    (ROYALTY, "transfer"): _Reading.transfer,
    (ROYALTY, "approve"): _Reading.approve,
    (LICENCES, "offer"): _Reading.offer_licence,
    (LICENCES, "withdraw"): _Reading.withdraw_licence,
    (LICENCES, "buy"): _Reading.buy_licence,
    (LICENCES, "redeem"): _Reading.redeem,
    (ESCROW, "place_offer"): _Reading.place_offer,
    (ESCROW, "withdraw_offer"): _Reading.withdraw_offer,
    (ESCROW, "order"): _Reading.order,
    (ESCROW, "deliver"): _Reading.deliver,
    (ESCROW, "deliver_sealed"): _Reading.deliver,
    (ESCROW, "release"): _Reading.release,
    (ESCROW, "refund"): _Reading.refund,
    (ESCROW, "complain"): _Reading.complain,
    (DOLLAR, "faucet"): _Reading.faucet,
    (DOLLAR, "transfer"): _Reading.transfer,
    (DOLLAR, "approve"): _Reading.approve,
}
