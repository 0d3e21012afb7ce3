"""On what terms a work is sold: price, licence, how the key is delivered, and how long all that may take."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from desktop_app.chain.escrow_terms import PROVED, SEALED, SaleOffer, SaleOrder, point_words
from desktop_app.chain.networks import Network
from desktop_app.chain.wire import ZERO_ADDRESS, parse_address
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import ColophonError, InvalidInputError
from desktop_app.services.licence_terms import MAX_PRICE, MAX_TEXT, LicenceKind, document_hash, standard_text
from desktop_app.services.wording import words

HOUR, DAY = 3_600, 86_400
LEAST_SECONDS, MOST_SECONDS = 60, 366 * DAY
USUAL_TIME_LIMIT, USUAL_WINDOW = 7 * DAY, 3 * DAY
LAST_SECONDS, LAST_PRACTICE_SECONDS = 90, 15
"""A delivery that is sent so shortly before the time limit could come too late: then the key is shown for
nothing."""
MOST_ADDRESSES, MOST_ADDRESS = 8, 500
T = TypeVar("T", SaleOffer, SaleOrder)
_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": HOUR, "d": DAY}


class SaleMode(StrEnum):
    """How a key is delivered; "selling.mode_<mode>" words it."""

    FAST = "fast"
    """With a proof; the money is paid out in the transaction of the delivery."""
    SAFE = "safe"
    """With a proof; the money waits while the buyer can show that the file is not what was promised."""
    SEALED = "sealed"
    """Without a proof, for networks that cannot check one."""


METHODS = {SaleMode.FAST: PROVED, SaleMode.SAFE: PROVED, SaleMode.SEALED: SEALED}


@dataclass(frozen=True)
class SaleTerms:
    """`text` is the licence ("" for the standard text); times in seconds; `addresses` is where the locked
    file can be had. With `automatic` the app delivers by itself while the wallet is open, each time for a
    network fee of at most `fee_limit` (None: a usual one)."""

    price: Amount
    text: str = ""
    mode: SaleMode = SaleMode.FAST
    time_limit: int = USUAL_TIME_LIMIT
    window: int = USUAL_WINDOW
    addresses: tuple[str, ...] = ()
    automatic: bool = True
    fee_limit: Amount | None = None

    @property
    def licence_text(self) -> str:
        return self.text.replace("\r\n", "\n").strip() or standard_text(LicenceKind.DOWNLOAD)

    @property
    def document(self) -> bytes:
        return document_hash(self.licence_text)


def check_terms(terms: SaleTerms) -> None:
    """Raises InvalidInputError for what the contract would refuse."""
    if not 0 < terms.price.units <= MAX_PRICE:
        raise InvalidInputError("selling.price_out_of_range")
    if len(terms.text) > MAX_TEXT:
        raise InvalidInputError("licence.text_too_long", limit=MAX_TEXT)
    if not LEAST_SECONDS <= terms.time_limit <= MOST_SECONDS:
        raise InvalidInputError("selling.time_limit_out_of_range")
    if terms.mode is SaleMode.SAFE and not LEAST_SECONDS <= terms.window <= MOST_SECONDS:
        raise InvalidInputError("selling.window_out_of_range")
    check_addresses(terms.addresses)


def last_seconds(network: Network) -> int:
    """How long before an order's deadline the last delivery is sent on a network."""
    return LAST_PRACTICE_SECONDS if network.kind == "practice" else LAST_SECONDS


def check_addresses(addresses: tuple[str, ...]) -> None:
    """Raises InvalidInputError for what is no address of a file on the web."""
    if len(addresses) > MOST_ADDRESSES:
        raise InvalidInputError("selling.too_many_addresses", limit=MOST_ADDRESSES)
    for one in addresses:
        usable = one.startswith(("https://", "http://", "ipfs://")) and len(one) <= MOST_ADDRESS
        if not usable or not one.isprintable() or " " in one or not one.partition("://")[2]:
            raise InvalidInputError("selling.address_unusable", address=one[:80])


def parse_duration(text: str) -> int:
    """Seconds from "90s", "30m", "24h" or "7d". Raises InvalidInputError("selling.no_duration")."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise InvalidInputError("selling.no_duration", text=text[:40])
    return int(match[1]) * _SECONDS[match[2]]


def duration_in_words(seconds: int) -> str:
    """ "3 days", "1 hour", "90 seconds": in the largest unit that fits."""
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", 60), ("seconds", 1)):
        if seconds and seconds % size == 0:
            count = seconds // size
            return words(f"selling.{unit}_{'one' if count == 1 else 'many'}", count=count)
    return words("selling.seconds_many", count=0)


def mode_of(offer: SaleOffer) -> SaleMode:
    if offer.method == SEALED:
        return SaleMode.SEALED
    return SaleMode.SAFE if offer.window else SaleMode.FAST


def mode_in_words(mode: SaleMode, window: int) -> str:
    """What the mode means for both sides."""
    return words(f"selling.mode_{mode.value}", window=duration_in_words(window))


# --- As JSON --------------------------------------------------------------------------------------------

_POINTS = {"a1", "a2", "key"}
_BYTES = {"cipher_root", "plain_root", "document", "offer_id"}
_BIG = {"price", "amount"}


def offer_json(offer: SaleOffer) -> dict[str, Any]:
    """As the checkout page has it, without the id."""
    return _json(offer)


def offer_from_json(found: Mapping[str, Any]) -> SaleOffer:
    """Raises InvalidInputError("selling.no_offer_file") for anything that is none."""
    return _read(SaleOffer, found)


def order_json(order: SaleOrder) -> str:
    return json.dumps(_json(order))


def order_from_json(text: str) -> SaleOrder:
    return _read(SaleOrder, json.loads(text))


def _json(value: SaleOffer | SaleOrder) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if field.name in _POINTS:
            part = ["0x" + word.hex() for word in point_words(part)]
        elif field.name in _BYTES:
            part = "0x" + part.hex()
        elif field.name in _BIG:
            part = str(part)
        elif field.name == "currency":
            part = part or ZERO_ADDRESS
        found[field.name] = part
    return found


def _read(kind: type[T], found: Mapping[str, Any]) -> T:
    values: dict[str, Any] = {}
    try:
        for field in fields(kind):
            part = found[field.name]
            if field.name in _POINTS:
                if len(part) != 4:
                    raise ValueError(field.name)
                part = b"".join(_bytes(word) for word in part)
            elif field.name in _BYTES:
                part = _bytes(part)
            elif field.name in _BIG:
                part = _number(part)
            elif field.type == "int":
                if type(part) is not int or not 0 <= part < 2**63:
                    raise ValueError(field.name)
            elif field.name == "currency":
                part = "" if part.lower() == ZERO_ADDRESS else parse_address(part)
            else:
                part = parse_address(part)
            values[field.name] = part
    except (KeyError, TypeError, ValueError, AttributeError, ColophonError) as problem:
        raise InvalidInputError("selling.no_offer_file") from problem
    return kind(**values)


def _bytes(text: str) -> bytes:
    if not re.fullmatch(r"0x[0-9a-f]{64}", text):
        raise ValueError("bytes")
    return bytes.fromhex(text[2:])


def _number(text: object) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,78}", text):
        raise ValueError("number")
    return int(text)
