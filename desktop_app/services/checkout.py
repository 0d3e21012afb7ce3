"""The checkout page of a sale: what stands in it, and reading it as a buyer (a page, or the JSON inside)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop_app.chain import authorizations, reads
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import FACTORY, LICENCES
from desktop_app.chain.escrow_terms import ESCROW, SaleOffer
from desktop_app.content.metadata import WorkMetadata
from desktop_app.core.amounts import SHARE_SCALE, Amount, Currency
from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.core.paths import expanded
from desktop_app.services.checkout_page import checkout_page
from desktop_app.services.details import DetailsService
from desktop_app.services.licence_records import Offer
from desktop_app.services.licence_terms import LicenceKind, document_hash
from desktop_app.services.licences import LicenceService
from desktop_app.services.networks import PRACTICE, Network, NetworkService
from desktop_app.services.sale_records import Sale
from desktop_app.services.sale_terms import mode_in_words, mode_of, offer_from_json, offer_json
from desktop_app.services.sales import SaleService
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.tokens import Collaborator
from desktop_app.store.works import WorkRepository
from desktop_app.wallet.durable import replace_file

FORMAT, VERSION = "colophon-checkout", 1
MOST_BYTES = 4_000_000
_ISLAND = re.compile(r'<script type="application/json" id="offer">(.*?)</script>', re.DOTALL)
_HEX_32 = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS = re.compile(r"(https?|ipfs)://[^\s/]\S*")
_MOST_NAME = 150
"""Bytes: file systems take 255, and the unfinished and the locked file have longer names."""
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, in any folder."""


class CheckoutService:
    """Makes the page for a sale."""

    def __init__(
        self,
        sales: SaleService,
        works: WorkRepository,
        registrations: RegistrationRepository,
        details: DetailsService,
        licences: LicenceService,
        networks: NetworkService,
    ) -> None:
        self._sales = sales
        self._works = works
        self._registrations = registrations
        self._details = details
        self._licences = licences
        self._networks = networks

    def contents(self, sale: Sale, *, names: bool = False, plays_server: str = "") -> dict[str, Any]:
        """The JSON that the page embeds. With `names` it tells who the collaborators are; with `plays_server`
        it also sells plays, on the newest open terms. Everybody can read it. Asks the network."""
        chain = self._networks.chain_by_id(sale.chain_id)
        network, offer = chain.network, self._sales.terms_of(sale)
        work, metadata = self._works.get(sale.work_id), self._details.metadata(sale.work_id)
        record = self._registrations.confirmed(sale.work_id, sale.chain_id)
        parents = sum(share for _, share in reads.parents(chain, sale.token.address))
        return {
            "format": FORMAT,
            "version": VERSION,
            "chain": _chain(network),
            "contracts": {
                "escrow": contract_address(ESCROW),
                "licences": contract_address(LICENCES),
                "factory": contract_address(FACTORY),
            },
            "work": {
                "title": metadata.title or work.title,
                "creator": _creators(metadata),
                "description": metadata.description,
                "file_name": work.path.name,
                "media_type": work.media_type,
                "registered_at": record.block_time if record else None,
                "registrant": record.registrant if record else offer.seller,
                "commitment_id": "0x" + (record.commitment_id if record else bytes(32)).hex(),
                "token": sale.token.address,
                "token_name": sale.token.name,
            },
            "price": {"amount": str(offer.price), "currency": _currency(chain, sale.price.currency)},
            **split_json(sale.token.collaborators, parents, names=names),
            "licence": {"text": sale.licence, "document": "0x" + offer.document.hex()},
            "package": {
                "name": sale.package_path.name,
                "size": sale.package_size,
                "urls": list(sale.addresses),
            },
            "offer": {"id": sale.reference, **offer_json(offer)},
            "plays": self._plays(chain, sale, plays_server) if plays_server else None,
        }

    def write(self, sale: Sale, path: Path, *, names: bool = False, plays_server: str = "") -> Path:
        """Write the page; whole or not at all. Raises InvalidInputError("licence.cannot_write")."""
        page = checkout_page(self.contents(sale, names=names, plays_server=plays_server))
        target = expanded(path).absolute()
        try:
            replace_file(target, page.encode())
        except (OSError, UnavailableError) as problem:
            raise InvalidInputError("licence.cannot_write", path=str(target)) from problem
        return target

    @staticmethod
    def suggested_name(sale: Sale) -> str:
        """A file name of the page."""
        plain = re.sub(r"[^\w-]+", "-", sale.title).strip("-").lower()
        return f"buy-{plain[:60] or 'work'}.html"

    def _plays(self, chain: Chain, sale: Sale, server: str) -> dict[str, Any]:
        found = [one for one in self._licences.offers(sale.token) if one.kind is LicenceKind.PLAYS]
        if not found:
            raise InvalidInputError("selling.no_plays_offered", title=sale.title)
        newest: Offer = found[-1]
        return {
            "version": newest.version,
            "terms_hash": "0x" + newest.terms_hash.hex(),
            "price": str(newest.price.units),
            "currency": _currency(chain, newest.price.currency),
            "server": server,
            "text": newest.text,
        }


def split_json(collaborators: Sequence[Collaborator], parents: int, *, names: bool) -> dict[str, Any]:
    """Who receives what of a payment, in millionths that sum to all of it; `parents` is what the works get
    that this one is made from."""
    parts = [
        {"account": one.address, "name": (one.name or None) if names else None, "share": one.share_ppm}
        for one in collaborators
    ]
    given = sum(one.share_ppm for one in collaborators)
    return {"split": parts, "holders_share": SHARE_SCALE - given - parents, "parents_share": parents}


def _chain(network: Network) -> dict[str, Any]:
    return {
        "id": network.chain_id,
        "name": network.name,
        # The public nodes, never the user's own: their addresses can hold an access key.
        "rpc": list(network.rpc_urls),
        "explorer": network.explorer,
        "practice": network.kind == PRACTICE,
        "coin": {"symbol": network.native.symbol, "decimals": network.native.decimals},
    }


def _currency(chain: Chain, currency: Currency) -> dict[str, Any]:
    known = authorizations.domain(chain, currency)
    return {
        "address": currency.address or None,
        "symbol": currency.symbol,
        "decimals": currency.decimals,
        "authorization": {"name": known.name, "version": known.version} if known else None,
    }


def _creators(metadata: WorkMetadata) -> str:
    return ", ".join(one.name for one in metadata.creators)


# --- As a buyer -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checkout:
    """What a checkout page says, checked in itself: its ids follow from its fields, its contracts are ours.
    That the offer is open only the network can tell. `page` is the JSON; `addresses` are of the locked
    file."""

    page: str = field(repr=False)
    chain_id: int
    offer_id: bytes
    offer: SaleOffer = field(repr=False)
    title: str
    creator: str
    file_name: str
    price: Amount
    licence: str = field(repr=False)
    addresses: tuple[str, ...]
    package_size: int

    @property
    def mode_in_words(self) -> str:
        """How the key is delivered, and what that means."""
        return mode_in_words(mode_of(self.offer), self.offer.window)


def read_checkout(path: Path) -> Checkout:
    """From a page that was saved, or its JSON alone. Raises InvalidInputError("selling.no_offer_file",
    "selling.page_changed")."""
    try:
        with expanded(path).open(encoding="utf-8") as file:
            text = file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidInputError("selling.no_offer_file") from problem
    island = _ISLAND.search(text)
    return parse_checkout(island[1] if island else text)


def parse_checkout(text: str) -> Checkout:
    """As `read_checkout`, from the JSON."""
    try:
        found = json.loads(text)
        if (found["format"], found["version"]) != (FORMAT, VERSION) or found["offer"] is None:
            raise ValueError("another format")
        return _checkout(found)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as problem:
        raise InvalidInputError("selling.no_offer_file") from problem


def _checkout(found: Mapping[str, Any]) -> Checkout:
    offer = offer_from_json(found["offer"])
    chain_id, licence, package = found["chain"]["id"], found["licence"]["text"], found["package"]
    if type(chain_id) is not int or not 0 < chain_id < 2**63 or not isinstance(licence, str):
        raise ValueError("chain")
    stated = found["offer"]["id"]
    if _HEX_32.fullmatch(stated) is None or bytes.fromhex(stated[2:]) != offer.offer_id:
        raise InvalidInputError("selling.page_changed")
    if document_hash(licence) != offer.document or str(offer.price) != found["price"]["amount"]:
        raise InvalidInputError("selling.page_changed")
    if found["contracts"]["escrow"].lower() != contract_address(ESCROW).lower():
        raise InvalidInputError("selling.other_escrow")
    money = found["price"]["currency"]
    address, symbol, decimals = money["address"] or "", money["symbol"], money["decimals"]
    if address.lower() != offer.currency.lower() or type(decimals) is not int or not 0 <= decimals <= 77:
        raise InvalidInputError("selling.page_changed")
    return Checkout(
        page=json.dumps(found),
        chain_id=chain_id,
        offer_id=offer.offer_id,
        offer=offer,
        title=_line(found["work"]["title"]),
        creator=_line(found["work"]["creator"]),
        file_name=_file_name(found["work"]["file_name"]),
        price=Amount(offer.price, _price_currency(chain_id, _line(symbol), decimals, offer.currency)),
        licence=licence,
        # A path would be opened, on Windows from the share of whoever made the page.
        addresses=tuple(one[:500] for one in map(str, package["urls"]) if _is_address(one)),
        package_size=int(package["size"]),
    )


def _price_currency(chain_id: int, symbol: str, decimals: int, address: str) -> Currency:
    """What the app itself knows of the currency counts, not what a stranger's page says of it."""
    try:
        known = NetworkService.by_chain_id(chain_id).currency(address)
    except UnavailableError:
        known = None
    return known or Currency(chain_id, symbol[:12] if not address else address[:8], decimals, address)


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:200]


def _is_address(text: str) -> bool:
    return text.isprintable() and _ADDRESS.fullmatch(text) is not None


def _file_name(text: str) -> str:
    """A name without a folder that every system can write, whatever the page says."""
    plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", _line(text)).lstrip(" .")
    ending = Path(plain).suffix
    ending = ending if len(ending.encode()) <= 20 else ""
    room = _MOST_NAME - len(ending.encode())
    stem = plain.removesuffix(ending).encode()[:room].decode(errors="ignore")
    name = (stem + ending).rstrip(" .") or "work"
    return f"_{name}" if _DEVICE.match(name) else name
