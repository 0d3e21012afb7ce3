"""Payouts with the names that a person knows them by: work, network, currency, who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop_app.chain.networks import load_networks
from desktop_app.core.amounts import Amount, Currency
from desktop_app.store.payouts import Payout
from desktop_app.store.tokens import Token


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """`work` is the work's title, or the token's name; `who` the name behind `party`, "" for strangers."""

    payout: Payout
    network: str
    work: str
    amount: Amount
    who: str = ""

    @property
    def money(self) -> str:
        """ "practice", "test" or "main": what kind of money this is; "" on a network that nobody knows."""
        kinds = (one.kind for one in load_networks().values() if one.chain_id == self.payout.chain_id)
        return next(kinds, "")


@dataclass(frozen=True)
class Names:
    """What is known by name at one moment: titles of works, tokens, people by lower-case address."""

    tokens: Mapping[tuple[int, str], Token]
    titles: Mapping[str, str]
    people: Mapping[str, str]

    def work(self, chain_id: int, token: str) -> str:
        """The title of the work behind a token, else the token's name, else its address."""
        known = self.tokens.get((chain_id, token))
        if known is None:
            return token
        return self.titles.get(known.work_id or "", "") or known.name

    def person(self, address: str) -> str:
        return self.people.get(address.lower(), "")

    @staticmethod
    def knows(chain_id: int, address: str) -> bool:
        """Whether a currency is one of the app's own list, and not only called so by its own contract."""
        return any(
            one.chain_id == chain_id and one.currency(address) is not None for one in load_networks().values()
        )

    def currency(self, chain_id: int, token: str, address: str) -> Currency:
        """With token "" any token of the network may know it. Of a currency that nobody knows any more, the
        smallest unit is all that can be told."""
        known = self.tokens.get((chain_id, token))
        candidates = list(known.currencies) if known else []
        for network in load_networks().values():
            if network.chain_id == chain_id:
                candidates += [one for one in (network.native, network.dollar) if one is not None]
        if known is None:
            alike = (one for (chain, _), one in self.tokens.items() if chain == chain_id)
            candidates += [currency for one in alike for currency in one.currencies]
        for one in candidates:
            if one.address.lower() == address.lower():
                return one
        return Currency(chain_id, address[:8] or "?", 0, address)

    def line(self, payout: Payout) -> PayoutLine:
        currency = self.currency(payout.chain_id, payout.token, payout.currency)
        return PayoutLine(
            payout,
            network_name(payout.chain_id),
            self.work(payout.chain_id, payout.token),
            Amount(payout.amount, currency),
            self.person(payout.party) or self._token(payout.chain_id, payout.party),
        )

    def _token(self, chain_id: int, address: str) -> str:
        """The name of a work that paid (a part of its income, to the work it was made from) or was paid."""
        return self.work(chain_id, address) if (chain_id, address) in self.tokens else ""


def network_name(chain_id: int) -> str:
    """The number itself where the app does not know the network."""
    for network in load_networks().values():
        if network.chain_id == chain_id:
            return network.name
    return str(chain_id)


def memo_text(memo: str) -> str:
    """A payer's 32 bytes as text where they are printable text, else in hex; "" without a memo."""
    if not memo:
        return ""
    try:
        text = bytes.fromhex(memo[2:]).rstrip(b"\0").decode("utf-8")
    except ValueError:
        return memo
    return text if text and text.isprintable() else memo
