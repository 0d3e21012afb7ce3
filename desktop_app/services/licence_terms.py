"""What a licence permits, in the terms of the contract and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from desktop_app.chain.contracts import LicenceOffer
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import grouped
from desktop_app.core.translations import languages, read_texts
from desktop_app.services.wording import words

MAX_PRICE = 2**120 - 1
MAX_TEXT = 1_000_000
DAY = 86_400
_NO_ROOT = bytes(32)
_HEX_32 = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


class LicenceKind(StrEnum):
    """What is sold: copies, plays, or training runs of a model on a data set."""

    DOWNLOAD = "download"
    PLAYS = "plays"
    TRAINING = "training"

    @property
    def number(self) -> int:
        """The contract's number for it."""
        return list(LicenceKind).index(self) + 1

    @classmethod
    def of(cls, number: int) -> LicenceKind:
        return list(cls)[number - 1]


@dataclass(frozen=True)
class LicenceTerms:
    """Terms to be offered.

    `price` of one copy, play or training run; `text` is what the licensee may do, whose hash is published
    (the standard text of the kind if empty); `days` from the purchase, 0 for ever; `data_root` names the data
    set that may be trained on (32 bytes in hexadecimal); `uri` is where the text can be read.
    """

    kind: LicenceKind
    price: Amount
    text: str = ""
    days: int = 0
    data_root: str = ""
    uri: str = ""


def standard_text(kind: LicenceKind) -> str:
    """The short licence text that comes with the app; whoever has it recognises its hash."""
    return words(f"licence.standard_{kind.value}")


def document_hash(text: str) -> bytes:
    """keccak256 of a text as UTF-8 with Unix line ends, so that copying it through a mail changes nothing."""
    from eth_hash.auto import keccak

    return keccak(text.replace("\r\n", "\n").strip().encode())


def known_text(kind: LicenceKind, document: bytes) -> str:
    """The standard text of this hash, in whichever language it was offered; "" when it is another text."""
    for language in languages():
        text = (read_texts("licence", language) or {}).get(f"standard_{kind.value}", {}).get("text")
        if text and document_hash(text) == document:
            return text
    return ""


def checked_offer(terms: LicenceTerms) -> LicenceOffer:
    """The terms as the contract takes them. Raises InvalidInputError."""
    root = _NO_ROOT
    if terms.kind is LicenceKind.TRAINING:
        root = parse_root(terms.data_root)
    elif terms.data_root:
        raise InvalidInputError("licence.data_set_not_expected")
    if not 0 <= terms.price.units <= MAX_PRICE:
        raise InvalidInputError("licence.price_out_of_range")
    if not 0 <= terms.days <= 36_500:
        raise InvalidInputError("licence.days_out_of_range", limit=36_500)
    if len(terms.text) > MAX_TEXT:
        raise InvalidInputError("licence.text_too_long", limit=MAX_TEXT)
    uri = terms.uri.strip()
    if uri and (len(uri.encode()) > 256 or not uri.isprintable() or " " in uri):
        raise InvalidInputError("royalties.uri_unusable", limit=256)
    text = terms.text.strip() or standard_text(terms.kind)
    return LicenceOffer(terms.kind.number, terms.price, document_hash(text), terms.days * DAY, root)


def parse_root(text: str) -> bytes:
    """The root of a data set from 64 hexadecimal digits. Raises InvalidInputError."""
    if not text.strip():
        raise InvalidInputError("licence.data_set_missing")
    match = _HEX_32.fullmatch(text.strip())
    root = bytes.fromhex(match.group(1)) if match else _NO_ROOT
    if root == _NO_ROOT:
        raise InvalidInputError("licence.data_set_unusable", text=text[:80])
    return root


def what_in_words(kind: LicenceKind, quantity: int, data_root: bytes) -> str:
    """ "3 plays", "1 training run on the data set 0x…" """
    root = "0x" + data_root.hex()
    return words(
        f"licence.{kind.value}_{'one' if quantity == 1 else 'many'}", count=grouped(quantity), root=root
    )


def duration_in_words(seconds: int) -> str:
    """ "for ever", or days from the purchase."""
    if not seconds:
        return words("licence.for_ever")
    days = seconds // DAY
    return words("licence.for_days", days=grouped(days)) if days else words("licence.for_less")


def text_in_words(kind: LicenceKind, document: bytes) -> str:
    """Which text permits what: the standard one, or another one by its hash."""
    if known_text(kind, document):
        return words("licence.by_the_standard_text")
    return words("licence.by_a_text", hash="0x" + document.hex())


def offer_params(name: str, symbol: str, terms: LicenceTerms) -> dict[str, str]:
    """Of the review: what is offered, in words."""
    offer = checked_offer(terms)
    return {
        "name": name,
        "symbol": symbol,
        "what": what_in_words(terms.kind, 1, offer.data_root),
        "price": str(terms.price),
        "duration": duration_in_words(offer.duration),
        "text": text_in_words(terms.kind, offer.document),
        "place": words("licence.text_at", uri=terms.uri.strip()) if terms.uri.strip() else "",
    }
