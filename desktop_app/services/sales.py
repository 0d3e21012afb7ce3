"""Offering works for sale: an offer on the network, the locked file that it is about, and what the app
delivers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes

from desktop_app.chain import escrow
from desktop_app.chain.connection import Chain
from desktop_app.chain.escrow_terms import ESCROW, SaleOffer, SaleOrder
from desktop_app.chain.fees import FeeQuote
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.acting import one_transaction
from desktop_app.services.actions import Action
from desktop_app.services.licence_terms import LicenceKind, text_in_words
from desktop_app.services.networks import NetworkService
from desktop_app.services.record_holder import record_holder
from desktop_app.services.royalty_payments import accepted
from desktop_app.services.sale_packages import SalePackages
from desktop_app.services.sale_records import Sale, SaleState
from desktop_app.services.sale_terms import (
    DAY,
    METHODS,
    SaleMode,
    SaleTerms,
    check_addresses,
    check_terms,
    duration_in_words,
    last_seconds,
    mode_in_words,
    mode_of,
    offer_from_json,
    offer_json,
)
from desktop_app.services.wording import words
from desktop_app.store.sales import PLACED, PLACING, WITHDRAWN, SalePackage, SaleRepository, StoredOffer
from desktop_app.store.tokens import Token, TokenRepository
from desktop_app.store.works import WorkRepository

FEE_ROOM = 3
"""A usual fee limit lets prices of gas rise so many times."""
DELIVER_GAS, PUSH_GAS = 350_000, 60_000
"""Gas of a delivery with its pay-out at most, and for each collaborator; a test holds real ones against it.
"""
_SHORTEST = 6


class SaleService:
    def __init__(
        self,
        sales: SaleRepository,
        packages: SalePackages,
        works: WorkRepository,
        tokens: TokenRepository,
        networks: NetworkService,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self.packages = packages
        self._works = works
        self._tokens = tokens
        self._networks = networks
        self._clock = clock

    # --- Looking -----------------------------------------------------------------------------------------

    def sales(self, *, closed: bool = False) -> tuple[Sale, ...]:
        """What is on sale on the active network, newest first; with `closed` also what was."""
        network = self._networks.active
        waiting: dict[bytes, int] = {}
        delivered: dict[bytes, int] = {}
        for order in self._sales.orders(network.chain_id):
            counts = waiting if order.state == 1 else delivered if order.state in (2, 3) else {}
            counts[order.offer_id] = counts.get(order.offer_id, 0) + 1
        return tuple(
            self.view(one, waiting.get(one.offer_id, 0), delivered.get(one.offer_id, 0))
            for one in self._sales.offers(network.chain_id)
            if closed or one.state != WITHDRAWN
        )

    def sale(self, reference: str) -> Sale:
        """By the beginning of its id, or by the work's title or the token's symbol or name: then the newest
        open one.

        Raises NotFoundError("selling.no_such_sale"), InvalidInputError("selling.ambiguous").
        """
        known = self.sales(closed=True)
        wanted = reference.strip().lower()
        found = [one for one in known if len(wanted) >= _SHORTEST and one.reference.startswith(wanted)]
        if len(found) > 1:
            raise InvalidInputError("selling.ambiguous", reference=reference[:80])
        if not found:
            named = [
                one
                for one in known
                if wanted
                in (one.title.lower(), one.token.symbol.lower(), one.token.name.lower(), one.work_id)
            ]
            found = [one for one in named if one.state is not SaleState.WITHDRAWN][:1] or named[:1]
        if not found:
            raise NotFoundError("selling.no_such_sale", reference=reference[:80])
        return found[0]

    def refresh(self, chain: Chain) -> None:
        """Note which offers the network knows: those whose sending was interrupted, and withdrawn ones."""
        for one in self._sales.offers(chain.network.chain_id):
            if one.state == WITHDRAWN:
                continue
            state = escrow.offer_state(chain, one.offer_id)
            if state == 1 and one.state == PLACING:
                self._sales.set_offer_state(one, PLACED)
            elif state == 2:
                self._sales.set_offer_state(one, WITHDRAWN)
            elif state == 0 and one.state == PLACING and one.created_at < self._clock.now() - DAY:
                self._sales.drop_offer(one)

    def terms_of(self, sale: Sale) -> SaleOffer:
        """The offer as the contract has it."""
        return offer_from_json(json.loads(self._stored(sale).terms))

    # --- Acting ------------------------------------------------------------------------------------------

    def prepare_offer(self, token: Token, terms: SaleTerms, package: SalePackage) -> Action[Sale]:
        """Offer a work's locked file. Anyone can buy on these terms until they are withdrawn.

        Raises InvalidInputError, RefusedError ("licence.not_the_licensor", "selling.no_proofs_here",
        "selling.already_offered").
        """
        check_terms(terms)
        accepted(token, terms.price.currency)
        chain = self._networks.chain_by_id(token.chain_id)
        self._networks.require_contracts(chain, ESCROW)
        least = 2 * last_seconds(chain.network)
        if terms.time_limit < least:
            raise InvalidInputError("selling.time_limit_too_short", least=duration_in_words(least))
        sender = self._networks.sender(chain)
        holder = record_holder(chain, token)
        if holder != sender.address:
            raise RefusedError("licence.not_the_licensor", holder=holder or "?", name=token.name)
        if token.work_id is None or package.work_id != token.work_id or package.plain_root is None:
            raise RefusedError("selling.other_work", name=token.name)
        if terms.mode is not SaleMode.SEALED and not chain.has_precompile():
            raise RefusedError("selling.no_proofs_here", network=chain.network.name)
        offer = self._offer(token, terms, package, sender.address)
        known = self._sales.offer(token.chain_id, offer.offer_id)
        if escrow.offer_state(chain, offer.offer_id) or (known is not None and known.state != PLACING):
            raise RefusedError("selling.already_offered", name=token.name)
        call = escrow.place_offer_call(offer, terms.price)
        limit = terms.fee_limit or self._usual_limit(sender, offer, token, sender.quote(call))
        row = StoredOffer(
            chain_id=token.chain_id,
            offer_id=offer.offer_id,
            package_id=package.id,
            token=token.address,
            terms=json.dumps(offer_json(offer)),
            licence=terms.licence_text,
            addresses=terms.addresses,
            automatic=terms.automatic,
            fee_limit=limit.units,
            state=PLACING,
            block_number=chain.block_number(),
            created_at=self._clock.now(),
        )
        title = self._works.get(package.work_id).title
        action = one_transaction(
            sender,
            call,
            "review.offer_sale",
            _params(title, terms, limit),
            lambda _receipt: self._placed(row),
        )
        return action.after_keeping(lambda: self._sales.add_offer(row))

    def prepare_withdraw(self, sale: Sale) -> Action[Sale]:
        """Take no more orders. Those that were placed stay, and want to be delivered."""
        chain = self._networks.chain_by_id(sale.chain_id)
        self.refresh(chain)
        row = self._stored(sale)
        if row.state == WITHDRAWN:
            raise RefusedError("selling.withdrawn", title=sale.title)
        offer = self.terms_of(sale)

        def after(_receipt: Receipt) -> Sale:
            self._sales.set_offer_state(row, WITHDRAWN)
            return self.view(self._stored(sale))

        call = escrow.withdraw_offer_call(offer)
        params = {"title": sale.title, "price": str(sale.price)}
        return one_transaction(self._networks.sender(chain), call, "review.withdraw_sale", params, after)

    def set_addresses(self, sale: Sale, addresses: tuple[str, ...]) -> Sale:
        """Where the locked file can be had; in the checkout page, not on the network."""
        check_addresses(addresses)
        self._sales.set_addresses(self._stored(sale), addresses)
        return self.view(self._stored(sale))

    def set_automatic(self, sale: Sale, automatic: bool, fee_limit: Amount | None = None) -> Sale:
        """Let the app deliver by itself, each time for a fee of at most `fee_limit`, or only when told to."""
        units = sale.fee_limit.units if fee_limit is None else fee_limit.units
        self._sales.set_automatic(self._stored(sale), automatic, units)
        return self.view(self._stored(sale))

    # --- Inside ------------------------------------------------------------------------------------------

    def _placed(self, row: StoredOffer) -> Sale:
        self._sales.set_offer_state(row, PLACED)
        stored = self._sales.offer(row.chain_id, row.offer_id)
        return self.view(stored or row)

    def _stored(self, sale: Sale) -> StoredOffer:
        found = self._sales.offer(sale.chain_id, bytes.fromhex(sale.reference[2:]))
        if found is None:
            raise NotFoundError("selling.no_such_sale", reference=sale.reference)
        return found

    def _offer(self, token: Token, terms: SaleTerms, package: SalePackage, seller: str) -> SaleOffer:
        from desktop_app.proofs.key_delivery import Lock, SaleSecret, lock

        if terms.mode is SaleMode.SEALED:
            locked = Lock(bytes(128), bytes(128))
        else:
            locked = lock(SaleSecret.from_seed(self.packages.seed(package)))
        if package.cipher_root is None or package.plain_root is None:
            raise RefusedError("selling.other_work", name=token.name)
        return SaleOffer(
            token=token.address,
            seller=seller,
            currency=terms.price.currency.address,
            price=terms.price.units,
            method=METHODS[terms.mode],
            time_limit=terms.time_limit,
            window=terms.window if terms.mode is SaleMode.SAFE else 0,
            size=package.size,
            cipher_root=package.cipher_root,
            plain_root=package.plain_root,
            a1=locked.a1,
            a2=locked.a2,
            document=terms.document,
        )

    @staticmethod
    def _usual_limit(sender: Sender, offer: SaleOffer, token: Token, quote: FeeQuote) -> Amount:
        """A fee limit with room for dearer days."""
        noise = token_bytes(128)
        sample = SaleOrder(
            offer.offer_id, offer.seller, offer.seller, offer.token, offer.currency, offer.price,
            offer.method, offer.time_limit, offer.window, noise, noise,
        )  # fmt: skip
        number = int.from_bytes(noise[:31], "big")
        call = escrow.deliver_call(sample, noise, number, number)
        gas = DELIVER_GAS + PUSH_GAS * len(token.collaborators)
        highest = sender.highest_fee(call, gas, quote)
        units = highest.units * FEE_ROOM
        step = 10 ** max(0, len(str(units)) - 2)  # two digits that people can read
        return Amount(-(-units // step) * step, highest.currency)

    def view(self, row: StoredOffer, waiting: int = 0, delivered: int = 0) -> Sale:
        """A stored offer for people."""
        from desktop_app.content.sale_format import SaleHeader

        offer = offer_from_json(json.loads(row.terms))
        network = self._networks.by_chain_id(row.chain_id)
        package = self._sales.package(row.package_id)
        token = self._tokens.get(row.chain_id, row.token)
        return Sale(
            chain_id=row.chain_id,
            network_name=network.name,
            reference="0x" + row.offer_id.hex(),
            token=token,
            work_id=package.work_id,
            title=self._works.get(package.work_id).title,
            price=Amount(offer.price, currency_of(token, offer.currency)),
            mode=mode_of(offer),
            mode_in_words=mode_in_words(mode_of(offer), offer.window),
            time_limit=offer.time_limit,
            window=offer.window,
            licence=row.licence,
            addresses=row.addresses,
            automatic=row.automatic,
            fee_limit=Amount(row.fee_limit, network.native),
            state=SaleState(row.state),
            package_path=package.path,
            package_size=SaleHeader(package.size, package.key_commitment).package_size,
            created_at=row.created_at,
            waiting=waiting,
            delivered=delivered,
        )

    def default_package_path(self, token: Token) -> Path:
        """Where the locked file of a token's work would be written."""
        if token.work_id is None:
            raise RefusedError("selling.other_work", name=token.name)
        return self.packages.suggested_path(token.work_id)


def currency_of(token: Token, address: str) -> Currency:
    """One of the token's currencies by its contract; called by its address where it is none."""
    known = next((one for one in token.currencies if one.address == address), None)
    return known or Currency(token.chain_id, address[:8], 0, address)


def _params(title: str, terms: SaleTerms, limit: Amount) -> Mapping[str, str]:
    automatic = words("selling.automatic_yes", limit=str(limit))
    return {
        "title": title,
        "price": str(terms.price),
        "mode": mode_in_words(terms.mode, terms.window),
        "time_limit": duration_in_words(terms.time_limit),
        "text": text_in_words(LicenceKind.DOWNLOAD, terms.document),
        "automatic": automatic if terms.automatic else words("selling.automatic_no"),
    }
