"""What is to be known before a signature: what the network says would change, and what looks wrong.

Works on every prepared action, whoever prepared it. Nothing here signs or sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from desktop_app.chain import reads
from desktop_app.chain.artifacts import DEPLOYER, contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.fees import call_data_fee, gas_prices
from desktop_app.chain.simulation import balance_changes
from desktop_app.chain.wire import parse_address
from desktop_app.core import localised
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import ColophonError, InvalidInputError
from desktop_app.core.progress import Task
from desktop_app.services.actions import Action, Notice, Review, Weight
from desktop_app.services.address_book import AddressBookService
from desktop_app.services.networks import NetworkService
from desktop_app.services.rates import FIAT, Rates
from desktop_app.store.tokens import TokenRepository

__all__ = ["Notice", "Review", "ReviewService", "Weight"]

OUR_CONTRACTS = ("Registry", "RoyaltyFactory", "Licences", "KeyEscrow")
FEE_SHARE_PERCENT = 10
"""A highest fee above this part of the amount is worth a word."""
PEOPLE_PARAMS = ("to", "holder", "licensee")
"""Parameters of a review that name a person beside its recipient."""

_ORDER = (Weight.DANGER, Weight.CAUTION, Weight.NOTE)


class ReviewService:
    def __init__(
        self,
        networks: NetworkService,
        address_book: AddressBookService,
        tokens: TokenRepository,
        own_money: Callable[[], str],
    ) -> None:
        self._networks = networks
        self._book = address_book
        self._tokens = tokens
        self._own_money = own_money

    def examine(self, action: Action[Any]) -> Review:
        """The action's review with everything that can be found out now. Slow: asks the network.

        Raises RefusedError when the network says by now that it would fail (`chain.reverted`) or is another
        one (`chain.wrong_network`), UnavailableError.
        """
        review = action.review
        chain = self._networks.chain(review.network_key)
        chain.check_chain_id()
        warnings = [*review.warnings, *self._account(chain, review), *self._recipients(chain, review)]
        warnings += [*_fee(review), *_data_fee(chain, action)]
        suspects = self._networks.suspects(review.network_key)
        if suspects:
            hosts = ", ".join(dict.fromkeys(suspects))
            warnings.append(Notice("warning.doubted_node", Weight.CAUTION, {"hosts": hosts}))
        own_nodes = self._networks.own_hosts(review.network_key)
        if own_nodes:
            warnings.append(Notice("warning.own_node", Weight.NOTE, {"hosts": ", ".join(own_nodes)}))
        changes = self._changes(chain, action)
        warnings += _more_leaves(review, changes or ())
        if changes is None and review.transactions:
            warnings.append(Notice("warning.not_tried_out", Weight.NOTE))
        warnings.sort(key=lambda one: _ORDER.index(one.weight))
        return replace(
            review,
            recipient_name=self._name(review, review.recipient),
            sender_name=self._book.name_of(review.sender),
            changes=changes,
            warnings=tuple(warnings),
            examined=True,
            fee_worth=self._worth(chain, review.fee_worst_case),
        )

    def check_recipient(self, address: str, network_key: str = "") -> tuple[Notice, ...]:
        """Warnings about an address while it is typed into a form; asks the network about it.

        Raises CorruptError where the wallet is open and its list of accounts is not what it sealed.
        """
        self._book.check_own_accounts()
        chain = self._networks.chain(network_key)
        return tuple(self._person(chain, parse_address(address)))

    def _worth(self, chain: Chain, fee: Amount) -> str:
        """The fee in the user's money, by a price feed of this very network: nobody else is asked."""
        fiat = self._own_money()
        if not chain.network.is_real or fiat not in FIAT or not fee.units:
            return ""
        try:
            head = chain.head()
            rates = Rates(fiat, {}, lambda _chain_id: chain.rpc)
            rates.prepare([(fee.currency, head.number, head.timestamp)], Task())
            value = rates.worth(fee, head.number).value
        except ColophonError:
            return ""  # the fee itself is known; what it is worth is an extra
        if value is None:
            return ""
        cents = -(-value.numerator * 100 // value.denominator)  # upwards, as the fee is the most
        return f"{localised.decimal(f'{cents // 100}.{cents % 100:02d}')} {fiat}"

    def _changes(self, chain: Chain, action: Action[Any]) -> tuple[Amount, ...] | None:
        if not action.trial:
            return None
        currencies = self._currencies(chain, [call.to for call in action.trial])
        return balance_changes(chain, action.review.sender, action.trial, currencies)

    def _currencies(self, chain: Chain, targets: Sequence[str]) -> list[Currency]:
        """The network's dollar, and the shares of the royalty tokens that are called."""
        found = [chain.network.dollar] if chain.network.dollar else []
        for target in dict.fromkeys(targets):
            token = self._tokens.find(chain.network.chain_id, target)
            if token is not None:
                found.append(Currency(chain.network.chain_id, token.symbol, 0, token.address))
        return found

    def _account(self, chain: Chain, review: Review) -> list[Notice]:
        if chain.is_delegated(review.sender):
            return [Notice("warning.delegated_account", Weight.DANGER, {"address": review.sender})]
        return []

    def _recipients(self, chain: Chain, review: Review) -> list[Notice]:
        named = [review.recipient, *(review.params.get(name, "") for name in PEOPLE_PARAMS)]
        found = self._keeping(chain, review)
        for address in dict.fromkeys(named):
            try:
                found += self._person(chain, parse_address(address)) if address else []
            except InvalidInputError:
                continue
        # Of many people, new addresses are the rule; what looks wrong is told of each.
        for address in review.people:
            found += [one for one in self._person(chain, address) if one.weight is not Weight.NOTE]
        return found

    def _keeping(self, chain: Chain, review: Review) -> list[Notice]:
        """Who is to have money or shares, and is a contract that can never pass them on."""
        people = [*(review.params.get(name, "") for name in PEOPLE_PARAMS), *review.people]
        return [
            Notice("warning.keeps_for_ever", Weight.DANGER, {"address": address})
            for address in dict.fromkeys(people)
            if address in self._contracts(chain)
        ]

    def _person(self, chain: Chain, address: str) -> list[Notice]:
        unvouched = self._book.unvouched(address)
        if unvouched is not None:
            params = {"address": address, "name": unvouched.name}
            return [Notice("warning.unvouched_name", Weight.DANGER, params)]
        alike = self._book.look_alikes(address)
        if alike:
            other = alike[0]
            params = {"address": address, "known": other.address, "name": other.name or other.address}
            return [Notice("warning.look_alike", Weight.DANGER, params)]
        if self._is_ours(chain, address) or self._is_known(address):
            return []
        if self._is_token(chain, address):
            # As far as the node says: nothing to be cautious of, but new all the same.
            return [Notice("warning.new_address", Weight.NOTE, {"address": address})]
        code = chain.code(address)
        if code and not chain.is_delegated(address):
            return [Notice("warning.unknown_contract", Weight.CAUTION, {"address": address})]
        return [Notice("warning.new_address", Weight.NOTE, {"address": address})]

    def _is_known(self, address: str) -> bool:
        return self._book.identify(address) is not None

    def _is_ours(self, chain: Chain, address: str) -> bool:
        known = self._tokens.find(chain.network.chain_id, address)
        return known is not None or address in self._contracts(chain)

    @staticmethod
    def _contracts(chain: Chain) -> set[str]:
        """Contracts that everybody uses, and that belong to nobody."""
        ours = {contract_address(name) for name in OUR_CONTRACTS} | {DEPLOYER}
        if chain.network.dollar is not None:
            ours.add(chain.network.dollar.address)
        return ours

    @staticmethod
    def _is_token(chain: Chain, address: str) -> bool:
        try:
            return reads.is_token(chain, address)
        except ColophonError:
            return False

    def _name(self, review: Review, address: str) -> str:
        if not address or self._book.unvouched(address) is not None:
            return ""
        name = self._book.name_of(address)
        if name:
            return name
        chain_id = self._networks.named(review.network_key).chain_id
        token = self._tokens.find(chain_id, address)
        if token is not None:
            return token.name
        return next((one for one in OUR_CONTRACTS if contract_address(one) == address), "")


def _data_fee(chain: Chain, action: Action[Any]) -> list[Notice]:
    """How much of the fee pays for data on Ethereum, where the network has such a part."""
    if chain.network.data_fee is None or not action.sized:
        return []
    prices = gas_prices(chain)
    gas = max(1, action.review.fee_worst_case.units // max(1, prices.max_fee) // len(action.sized))
    parts = [call_data_fee(chain, call, action.review.sender, gas, prices) for call in action.sized]
    data = Amount(sum(part.expected for part in parts), chain.network.native)
    if not data.units:
        return []
    if all(part.in_gas for part in parts):
        return [Notice("warning.data_fee_included", Weight.NOTE, {"data": str(data)})]
    operator = Amount(sum(part.operator_expected for part in parts), chain.network.native)
    params = {"data": str(data), "operator": str(operator)}
    code = "warning.data_and_operator_fee" if operator.units else "warning.data_fee"
    return [Notice(code, Weight.NOTE, params)]


def _more_leaves(review: Review, changes: Sequence[Amount]) -> list[Notice]:
    """What the network says would leave beyond the amount that the review names."""
    amount = review.amount
    if amount is None:
        return []
    return [
        Notice(
            "warning.more_leaves",
            Weight.DANGER,
            {"leaves": str(Amount(-one.units, one.currency)), "amount": str(amount)},
        )
        for one in changes
        if one.currency == amount.currency and -one.units > amount.units
    ]


def _fee(review: Review) -> list[Notice]:
    amount, fee = review.amount, review.fee_worst_case
    if amount is None or amount.currency != fee.currency or amount.units <= 0:
        return []
    percent = -(-fee.units * 100 // amount.units)
    if percent <= FEE_SHARE_PERCENT:
        return []
    params = {"fee": str(fee), "amount": str(amount), "percent": str(percent)}
    return [Notice("warning.high_fee", Weight.CAUTION, params)]
