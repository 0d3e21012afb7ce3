"""What a payout was worth in the user's money: by a price feed at the payout's block, or a rate he gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from desktop_app.chain.price_feeds import DOLLAR, Price, PriceFeed, load_price_feeds, prices_at
from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import Amount, Currency, parse_units
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import ColophonError, InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task

if TYPE_CHECKING:
    from desktop_app.chain.rpc import Rpc

__all__ = ["FIAT", "Rates", "UserRate", "Worth", "parse_rate", "round_money"]

FIAT = ("USD", "EUR", "GBP")
"""Currencies that price feeds know; any other three letters need rates of the user's own."""

_WITHOUT_CENTS = ("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF")
_RATE_PLACES = 18
_CUSTOM_STALE_AFTER = 90_000
_AT_ONCE = 50


@dataclass(frozen=True)
class UserRate:
    """The user's word for a currency's symbol: a rate in his own money, or the address of a price feed."""

    rate: Fraction | None = None
    feed: str = ""


@dataclass(frozen=True)
class Worth:
    """`value` is exact, in the user's money; None with the reason in `problem`. `source` is for people."""

    value: Fraction | None
    rate: Fraction | None = None
    source: str = ""
    problem: ColophonError | None = None


def parse_rate(text: str) -> tuple[str, UserRate]:
    """`ETH=2500.50` or `ETH=0x…` as symbol and rate. Raises InvalidInputError."""
    symbol, sign, given = (part.strip() for part in text.partition("="))
    if not sign or not symbol:
        raise InvalidInputError("price.rate_form", text=text[:80])
    if given.lower().startswith("0x"):
        return symbol.upper(), UserRate(feed=parse_address(given))
    units = parse_units(given, _RATE_PLACES)
    if units == 0:
        raise InvalidInputError("price.rate_form", text=text[:80])
    return symbol.upper(), UserRate(Fraction(units, 10**_RATE_PLACES))


def check_fiat(code: str) -> str:
    """Three letters (ISO 4217) in upper case. Raises InvalidInputError."""
    cleaned = code.strip().upper()
    if len(cleaned) != 3 or not (cleaned.isascii() and cleaned.isalpha()):
        raise InvalidInputError("price.not_a_currency", text=code[:40])
    return cleaned


def round_money(value: Fraction, fiat: str) -> str:
    """To cents, half to even (IEEE 754 default, as banks do); whole units where a currency has no cents."""
    places = 0 if fiat in _WITHOUT_CENTS else 2
    scaled = round(value * 10**places)
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled):0{places + 1}d}"
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


class Rates:
    """`rpc(chain_id)` is the connection to a network; `given` are the user's own rates by symbol.

    A rate that the user gives comes before any feed. `prepare` asks the networks, `worth` does not.
    """

    def __init__(self, fiat: str, given: Mapping[str, UserRate], rpc: Callable[[int], Rpc]) -> None:
        self.fiat = check_fiat(fiat)
        self._given = dict(given)
        self._rpc = rpc
        self._prices: dict[tuple[int, str, int], Price | ColophonError] = {}

    def prepare(self, wanted: Iterable[tuple[Currency, int, int]], task: Task) -> None:
        """Read all prices that these (currency, block, time of the block) need, a batch at a time.

        A network that does not answer leaves its reason in each `worth`; Raises CancelledError.
        """
        places: dict[PriceFeed, dict[int, int]] = {}
        for currency, block, time in wanted:
            for feed in self._feeds(currency) or ():
                places.setdefault(feed, {})[block] = time
        total, done = sum(len(blocks) for blocks in places.values()), 0
        for feed, blocks in places.items():
            listed = sorted(blocks.items())
            for start in range(0, len(listed), _AT_ONCE):
                task.report(done, total, "price.reading")
                part = listed[start : start + _AT_ONCE]
                found: Mapping[int, Price | ColophonError]
                try:
                    found = prices_at(self._rpc(feed.chain_id), feed, part)
                except (UnavailableError, RefusedError) as problem:
                    found = {block: problem for block, _ in part}
                for block, price in found.items():
                    self._prices[feed.chain_id, feed.address, block] = price
                done += len(part)

    def worth(self, amount: Amount, block: int) -> Worth:
        """What an amount was worth at a prepared block."""
        whole = Fraction(amount.units, 10**amount.currency.decimals)
        given = self._given.get(amount.currency.symbol.upper())
        if given is not None and given.rate is not None:
            return Worth(whole * given.rate, given.rate, "given")
        feeds = self._feeds(amount.currency)
        if feeds is None:
            problem = RefusedError("price.no_feed", symbol=amount.currency.symbol, fiat=self.fiat)
            return Worth(None, problem=problem)
        rate, sources = Fraction(1), []
        for number, feed in enumerate(feeds):
            price = self._prices.get((feed.chain_id, feed.address, block))
            if not isinstance(price, Price):
                return Worth(None, problem=price or UnavailableError("price.not_read", pair=feed.pair))
            rate = rate / price.value if number else rate * price.value
            sources.append(_source(price))
        return Worth(whole * rate, rate, "; ".join(sources))

    def _feeds(self, currency: Currency) -> tuple[PriceFeed, ...] | None:
        """The feed of the currency, then that of the user's money where it is not the dollar."""
        given = self._given.get(currency.symbol.upper())
        if given is not None and given.rate is not None:
            return None
        base = self._feed(currency.chain_id, currency.symbol.upper())
        if base is None:
            return None
        if self.fiat == DOLLAR:
            return (base,)
        quote = self._feed(currency.chain_id, self.fiat)
        return None if quote is None else (base, quote)

    def _feed(self, chain_id: int, base: str) -> PriceFeed | None:
        given = self._given.get(base)
        if given is not None and given.feed:
            return PriceFeed(chain_id, base, given.feed, _CUSTOM_STALE_AFTER)
        return load_price_feeds().get((chain_id, base))


def _source(price: Price) -> str:
    return (
        f"Chainlink {price.feed.pair} {price.feed.address}, round {price.round_id}"
        f" of {iso_utc(price.updated_at)}: {decimal(price.value)}"
    )


def decimal(value: Fraction, places: int = 18) -> str:
    """A decimal number with at most so many places, half to even, without needless zeros."""
    scaled = round(abs(value) * 10**places)
    whole, part = divmod(scaled, 10**places)
    fraction = f"{part:0{places}d}".rstrip("0")
    return ("-" if value < 0 and scaled else "") + (f"{whole}.{fraction}" if fraction else str(whole))
