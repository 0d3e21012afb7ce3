"""Licences of works: offering them, buying them, and counting plays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.chain import licence_reads, reads
from desktop_app.chain.abi_logs import decode_abi_log
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import (
    LICENCES,
    buy_licence_call,
    offer_licence_call,
    redeem_plays_call,
    withdraw_licence_call,
)
from desktop_app.chain.licence_reads import LicenceRecord, OfferedTerms
from desktop_app.chain.sender import Receipt
from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.clock import Clock
from desktop_app.core.errors import BugError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.services.acting import approve_then, one_transaction, review
from desktop_app.services.actions import Action
from desktop_app.services.licence_records import Licence, Offer, Purchase, Voucher, plays_message
from desktop_app.services.licence_terms import (
    DAY,
    LicenceKind,
    LicenceTerms,
    checked_offer,
    document_hash,
    known_text,
    offer_params,
    standard_text,
    text_in_words,
    what_in_words,
)
from desktop_app.services.networks import NetworkService
from desktop_app.services.payouts import PayoutService
from desktop_app.services.record_holder import record_holder
from desktop_app.services.wallet import WalletService
from desktop_app.store.tokens import Token
from desktop_app.wallet.signer import Signer

__all__ = [
    "DAY",
    "Licence",
    "LicenceKind",
    "LicenceService",
    "LicenceTerms",
    "Offer",
    "Purchase",
    "Voucher",
    "standard_text",
]

BUY_GAS_BOUND = 3_500_000
MAX_QUANTITY = 2**64 - 1


class LicenceService:
    def __init__(
        self, networks: NetworkService, wallet: WalletService, payouts: PayoutService, clock: Clock
    ) -> None:
        self._networks = networks
        self._wallet = wallet
        self._payouts = payouts
        self._clock = clock

    # --- Looking -----------------------------------------------------------------------------------------

    def offers(self, token: Token, *, closed: bool = False) -> tuple[Offer, ...]:
        """What is on sale, oldest first; with `closed` also what was."""
        chain = self._on(token)
        found = [one for one in licence_reads.offered_terms(chain, token.address) if one.is_open or closed]
        if not found:
            return ()
        uris = licence_reads.term_addresses(chain, token.address, token.created_block)
        return tuple(self._offer(token, one, uris.get(one.version, "")) for one in found)

    def offer(self, token: Token, version: int) -> Offer:
        """Raises NotFoundError `licence.no_such_terms`."""
        for one in self.offers(token, closed=True):
            if one.version == version:
                return one
        raise NotFoundError("licence.no_such_terms", version=version, name=token.name)

    def licence(self, licence_id: int) -> Licence:
        """A licence on the active network by its number. Raises NotFoundError `licence.unknown`."""
        network = self._networks.active
        found = licence_reads.licence(self._networks.chain(), licence_id)
        if found is None:
            raise NotFoundError("licence.unknown", id=licence_id, network=network.name)
        return self._licence(found)

    def sold(self, token: Token) -> tuple[Licence, ...]:
        """All licences of a work, newest first."""
        chain = self._on(token)
        events = licence_reads.bought(chain, token=token.address, first=token.created_block)
        return self._licences(chain, [event.values["licence_id"] for event in events])

    def mine(self) -> tuple[Licence, ...]:
        """The licences of the wallet's accounts on the active network, newest first."""
        chain = self._networks.chain()
        ids = [
            event.values["licence_id"]
            for account in self._wallet.status().accounts
            for event in licence_reads.bought(chain, licensee=account.address)
        ]
        return self._licences(chain, ids)

    def may_offer(self, token: Token) -> bool:
        """Whether the active account holds the work's record, and so offers its licences."""
        active = self._wallet.status().active
        return active is not None and record_holder(self._on(token), token) == active

    # --- Acting ------------------------------------------------------------------------------------------

    def prepare_offer(self, token: Token, terms: LicenceTerms, replaces: int = 0) -> Action[Offer]:
        """Offer licences on new terms, closing version `replaces`. Only the holder of the work's record may.
        """
        chain = self._on(token)
        self._networks.require_contracts(chain, LICENCES)
        sender = self._networks.sender(chain)
        offer = checked_offer(terms)
        self._require_accepted(token, terms.price.currency)
        self._require_licensor(chain, token, sender.address)
        if replaces and not self.offer(token, replaces).is_open:
            raise RefusedError("licence.closed", version=replaces)
        call = offer_licence_call(token.address, offer, terms.uri.strip(), replaces)

        def after(receipt: Receipt) -> Offer:
            made = _event(receipt, "Offered")
            return self.offer(token, made["version"])

        params = offer_params(token.name, token.symbol, terms) | {"version": str(replaces)}
        code = "review.replace_licence" if replaces else "review.offer_licence"
        return one_transaction(sender, call, code, params, after)

    def prepare_withdraw(self, token: Token, version: int) -> Action[Offer]:
        """Sell no more on these terms."""
        chain = self._on(token)
        sender = self._networks.sender(chain)
        self._require_licensor(chain, token, sender.address)
        if not self.offer(token, version).is_open:
            raise RefusedError("licence.closed", version=version)
        call = withdraw_licence_call(token.address, version)
        params = {"name": token.name, "symbol": token.symbol, "version": str(version)}
        return one_transaction(
            sender, call, "review.withdraw_licence", params, lambda _receipt: self.offer(token, version)
        )

    def prepare_buy(
        self, token: Token, version: int, quantity: int = 1, licensee: str = "", text: str | None = None
    ) -> Action[Purchase]:
        """Buy `quantity` copies, plays or training runs for the active account, or for `licensee`.

        Exactly the terms that were read here are bought, at their price, or nothing. With `text` it must be
        the text of the terms.
        """
        chain = self._on(token)
        offer = self.offer(token, version)
        if not offer.is_open:
            raise RefusedError("licence.closed", version=version)
        if not 0 < quantity <= MAX_QUANTITY:
            raise InvalidInputError("licence.no_quantity")
        if text is not None:
            self.check_text(offer, text)
        sender = self._networks.sender(chain)
        owner = parse_address(licensee) if licensee else sender.address
        cost = Amount(offer.price.units * quantity, offer.price.currency)
        held = chain.balance(sender.address, cost.currency)
        if not cost.currency.is_native and held.units < cost.units:
            raise RefusedError(
                "royalties.not_enough", needed=str(cost), held=str(held), address=sender.address
            )
        call = buy_licence_call(
            token.address, version, offer.kind.number, quantity, cost, offer.terms_hash, owner
        )

        def after(receipt: Receipt) -> Purchase:
            made = _event(receipt, "Bought")
            self._payouts.wake(token.chain_id)
            bought = licence_reads.licence(chain, made["licence_id"])
            if bought is None or made["licensee"] != owner:
                raise BugError("a licence was bought that is not there")
            return Purchase(receipt.tx_hash, self._licence(bought), cost, receipt.fee)

        params = {
            "name": token.name,
            "symbol": token.symbol,
            "licensee": owner,
            "what": what_in_words(offer.kind, quantity, offer.data_root),
            "duration": offer.duration_in_words,
            "cost": str(cost),
            "version": str(version),
            "text": text_in_words(offer.kind, offer.document),
            "hash": "0x" + offer.terms_hash.hex(),
        }
        allowed = cost.currency.is_native or not cost.units or (
            reads.allowance(chain, cost.currency, sender.address, call.to).units >= cost.units
        )
        amount = cost if cost.units else None
        if allowed:
            return one_transaction(sender, call, "review.buy_licence", params, after, amount)
        return approve_then(sender, call, "review.buy_licence", params, after, cost, BUY_GAS_BOUND)

    def check_text(self, offer: Offer, text: str) -> None:
        """Raises RefusedError `licence.other_text` unless it is the text of the terms."""
        if document_hash(text) != offer.document:
            raise RefusedError("licence.other_text", version=offer.version)

    def prepare_voucher(self, licence_id: int, total: int) -> Action[Voucher]:
        """Sign, as the licensee, that `total` plays are used so far. Nothing is sent."""
        chain = self._networks.chain()
        found = self._plays(licence_id, total)
        sender = self._networks.sender(chain, self._signer_of(found.licensee))
        name = reads.token_name(chain, found.token)
        params = _plays_params(found, total, name)
        nothing = Amount(0, chain.network.native)
        told = review(sender, "review.sign_plays", "", params, nothing, transactions=0)
        message = plays_message(chain.network.chain_id, licence_id, total)

        def run(_task: Task) -> Voucher:
            signature = self._wallet.signer(found.licensee).sign_typed_data(message)
            contract = contract_address(LICENCES)
            return Voucher(chain.network.chain_id, contract, licence_id, total, signature)

        return Action(told, run)

    def prepare_redeem(self, licence_id: int, total: int, voucher: Voucher | None = None) -> Action[Licence]:
        """Write down how many plays are used: with the licensee's voucher, or as the licensee himself."""
        chain = self._networks.chain()
        if voucher is not None:
            here = (chain.network.chain_id, contract_address(LICENCES), licence_id, total)
            if (voucher.chain_id, voucher.contract, voucher.licence, voucher.total) != here:
                raise InvalidInputError("licence.other_voucher")
        found = self._plays(licence_id, total)
        sender = self._networks.sender(chain)
        if voucher is None and sender.address != found.licensee:
            raise RefusedError("licence.voucher_needed", licensee=found.licensee)
        call = redeem_plays_call(licence_id, total, voucher.signature if voucher else b"")
        params = _plays_params(found, total, reads.token_name(chain, found.token))
        return one_transaction(
            sender, call, "review.redeem_plays", params, lambda _receipt: self.licence(licence_id)
        )

    @staticmethod
    def write_voucher(voucher: Voucher, path: Path) -> None:
        """Raises InvalidInputError `licence.cannot_write`."""
        try:
            path.write_text(voucher.to_json(), encoding="utf-8")
        except OSError as problem:
            raise InvalidInputError("licence.cannot_write", path=str(path)) from problem

    @staticmethod
    def read_voucher(path: Path) -> Voucher:
        """Raises InvalidInputError for a file that is none."""
        try:
            return Voucher.from_json(path.read_text(encoding="utf-8")[:10_000])
        except (OSError, UnicodeDecodeError) as problem:
            raise InvalidInputError("licence.no_voucher") from problem

    # --- Inside ------------------------------------------------------------------------------------------

    def _on(self, token: Token) -> Chain:
        return self._networks.chain(self._networks.by_chain_id(token.chain_id).key)

    def _offer(self, token: Token, found: OfferedTerms, uri: str) -> Offer:
        kind = LicenceKind.of(found.kind)
        currency = next((each for each in token.currencies if each.address == found.currency), None)
        if currency is None:
            currency = Currency(token.chain_id, found.currency[:8], 0, found.currency)
        return Offer(
            token=token.address,
            version=found.version,
            kind=kind,
            price=Amount(found.price, currency),
            duration=found.duration,
            data_root=found.data_root if any(found.data_root) else b"",
            document=found.document,
            is_open=found.is_open,
            licensor=found.licensor,
            terms_hash=found.terms_hash,
            uri=uri,
            text=known_text(kind, found.document),
        )

    def _licence(self, found: LicenceRecord) -> Licence:
        return Licence(
            id=found.id,
            licensee=found.licensee,
            token=found.token,
            version=found.version,
            kind=LicenceKind.of(found.kind),
            quantity=found.quantity,
            used=found.used,
            bought_at=found.bought_at,
            expires_at=found.expires_at,
            data_root=found.data_root if any(found.data_root) else b"",
            document=found.document,
            expired=0 < found.expires_at <= self._clock.now(),
        )

    def _licences(self, chain: Chain, ids: Sequence[int]) -> tuple[Licence, ...]:
        found = [licence_reads.licence(chain, each) for each in sorted(set(ids), reverse=True)]
        return tuple(self._licence(each) for each in found if each is not None)

    def _plays(self, licence_id: int, total: int) -> Licence:
        found = self.licence(licence_id)
        if found.kind is not LicenceKind.PLAYS:
            raise InvalidInputError("licence.not_plays", id=licence_id)
        if not found.used < total <= found.quantity:
            raise InvalidInputError(
                "licence.plays_out_of_range", used=found.used, quantity=found.quantity, total=total
            )
        return found

    def _signer_of(self, address: str) -> Signer:
        if address not in {account.address for account in self._wallet.status().accounts}:
            raise RefusedError("licence.not_yours", licensee=address)
        return self._wallet.signer(address)

    @staticmethod
    def _require_accepted(token: Token, currency: Currency) -> None:
        if currency not in token.currencies:
            accepted = ", ".join(each.symbol for each in token.currencies)
            raise InvalidInputError("royalties.other_currency", symbol=currency.symbol, accepted=accepted)

    def _require_licensor(self, chain: Chain, token: Token, address: str) -> None:
        holder = record_holder(chain, token)
        if holder != address:
            raise RefusedError("licence.not_the_licensor", holder=holder or "?", name=token.name)


def _event(receipt: Receipt, name: str) -> dict[str, Any]:
    address = contract_address(LICENCES)
    events = [decode_abi_log(LICENCES, log) for log in receipt.logs]
    found = [one for one in events if one and one.name == name and one.place.contract == address]
    if len(found) != 1:
        raise BugError(f"a transaction without its event {name}")
    return dict(found[0].values)


def _plays_params(found: Licence, total: int, name: str) -> dict[str, str]:
    return {
        "total": grouped(total),
        "quantity": grouped(found.quantity),
        "licence": str(found.id),
        "name": name,
    }
