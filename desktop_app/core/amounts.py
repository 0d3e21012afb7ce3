"""Money and shares as exact integers.

An amount is a count of the smallest unit of its currency. Floats never appear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop_app.core import localised
from desktop_app.core.errors import InvalidInputError

SHARE_SCALE = 1_000_000
"""Shares are parts per million: 250_000 is 25 %."""

_COST_DIGITS = 3
_DECIMAL = re.compile(r"(\d{1,78})(?:\.(\d{1,36}))?")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


@dataclass(frozen=True)
class Currency:
    """A currency of one network.

    `address` is "" for the network's own coin, else the ERC-20 contract. The chain id keeps practice money
    from ever being added to real money of the same name.
    """

    chain_id: int
    symbol: str
    decimals: int
    address: str = ""

    @property
    def is_native(self) -> bool:
        return not self.address


@dataclass(frozen=True)
class Amount:
    """`units` smallest units (wei, millionths of a dollar, ...) of `currency`."""

    units: int
    currency: Currency

    def _same(self, other: Amount) -> None:
        if other.currency != self.currency:
            raise InvalidInputError(
                "amount.currency_mismatch", left=self.currency.symbol, right=other.currency.symbol
            )

    def __add__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.units + other.units, self.currency)

    def __sub__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.units - other.units, self.currency)

    def plain(self) -> str:
        """Decimal number without symbol or needless zeros: "12.5"."""
        return format_units(self.units, self.currency.decimals)

    def __str__(self) -> str:
        """The exact amount as people write it where the user lives: "12.5 USDC", "12,5 USDC"."""
        return f"{localised.decimal(self.plain())} {self.currency.symbol}"


def format_units(units: int, decimals: int) -> str:
    """`units` smallest units as a decimal number, exact."""
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 10**decimals)
    fraction = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def amount_text(amount: Amount, places: int = 6, *, round_up: bool = False) -> str:
    """An amount for reading: thousands grouped, at most `places` decimals, its symbol.

    Cut off, never rounded up, except for costs (`round_up`), which must not look smaller than they are. What
    is too small to show is written "<0.000001 ETH", so that money never looks like nothing.
    """
    decimals = amount.currency.decimals
    step = 10 ** max(0, decimals - places)
    units = abs(amount.units)
    shown = (-(-units // step) if round_up else units // step) * step
    if units and not shown:
        return f"<{localised.decimal(format_units(step, decimals))} {amount.currency.symbol}"
    whole, _, part = format_units(shown, decimals).partition(".")
    if not amount.currency.is_native:
        part = part.ljust(2, "0")
    sign = "-" if amount.units < 0 else ""
    plain = f"{sign}{whole}.{part}" if part else f"{sign}{whole}"
    return f"{localised.decimal(plain, thousands=True)} {amount.currency.symbol}"


def cost_text(amount: Amount) -> str:
    """A cost in three digits that count, rounded up: no cost looks smaller than it is. "0.000102 ETH"."""
    units, decimals = amount.units, amount.currency.decimals
    return f"{localised.decimal(significant(units, decimals))} {amount.currency.symbol}"


def significant(units: int, decimals: int) -> str:
    """A cost as a decimal number of three digits that count, rounded up."""
    step = 10 ** max(0, len(str(abs(units))) - _COST_DIGITS)
    return format_units(-(-units // step) * step, decimals)


def parse_units(text: str, decimals: int) -> int:
    """Smallest units from a decimal number such as "12.50".

    Raises InvalidInputError for anything but plain digits with at most `decimals` places.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None or not text.isascii():
        raise InvalidInputError("amount.not_a_number", text=text[:80])
    whole, fraction = match.group(1), match.group(2) or ""
    if len(fraction.rstrip("0")) > decimals:
        raise InvalidInputError("amount.too_precise", text=text[:80], decimals=decimals)
    return int(whole + fraction[:decimals].ljust(decimals, "0"))


def parse_amount(text: str, currency: Currency) -> Amount:
    """An amount from "12.5" in the given currency."""
    return Amount(parse_units(text, currency.decimals), currency)


def without_groups(text: str, *, whole: bool = False) -> str:
    """A number without the commas between its thousands, where they can be nothing else.

    "1,5" and "1,500" stay as they are, to be refused: in many countries the comma starts the decimals. In a
    `whole` number "1,500" is clear.
    """
    clear = _GROUPED.fullmatch(text.strip()) is not None and (whole or "." in text)
    return text.replace(",", "") if clear else text


def parse_share(text: str) -> int:
    """Parts per million from a percentage such as "25", "33.3333" or "25 %"; above 0 and at most 100."""
    try:
        ppm = parse_units(text.strip().removesuffix("%").strip(), 4)
    except InvalidInputError as problem:
        # A percentage is neither an amount nor of a currency.
        raise InvalidInputError("amount.share_unreadable", text=text[:80]) from problem
    if not 0 < ppm <= SHARE_SCALE:
        raise InvalidInputError("amount.share_out_of_range", text=text[:80])
    return ppm


def format_share(ppm: int) -> str:
    """A percentage for people, e.g. "33.3333 %"."""
    return f"{localised.decimal(format_units(ppm, 4))} %"
