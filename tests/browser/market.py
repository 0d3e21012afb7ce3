"""A work on sale on a real node: contracts, its locked file on a web server, and its checkout page."""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser.file_server import FileServer
from browser.shopper import Wallet
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from eth_account import Account

from desktop_app.chain.rpc import HttpRpc
from desktop_app.content.sale_format import SaleHeader, join_leaves
from desktop_app.services.checkout_page import checkout_page
from desktop_app.services.licence_terms import LicenceKind, document_hash, standard_text

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))

from harness.anvil_evm import AnvilEvm
from harness.evm import CHAIN_ID, NATIVE, Contract, Receipt, Reverted
from harness.selling import SEALED, Placed, Shop, Work, a_work, offer_id
from harness.world import COLLABORATORS, CREATOR, World

__all__ = ["CREATOR", "SEALED", "Market", "Sale"]

DAY = 86_400
PIECES_IN_CHUNK, CHUNK = 64, 65536
TERMS = standard_text(LicenceKind.DOWNLOAD)
ETHER = 10**18
_FIELDS = [
    "token", "seller", "currency", "price", "method", "time_limit", "window", "size", "cipher_root",
    "plain_root", "a1", "a2", "document",
]  # fmt: skip


def package_of(work: Work) -> bytes:
    """The locked file, also of a seller whose promised leaves are false."""
    sealed, leaves = work.ciphertext, work.plain_leaves
    parts = [SaleHeader.of(work.key, len(work.content)).encode()]
    for index, start in enumerate(range(0, len(sealed), CHUNK)):
        first = index * PIECES_IN_CHUNK
        parts += [sealed[start : start + CHUNK], join_leaves(leaves[first : first + PIECES_IN_CHUNK])]
    return b"".join(parts)


@dataclass(frozen=True)
class Sale:
    """A work on offer. `page` is the file of its checkout page, `package` its locked file."""

    work: Work
    offer: tuple[Any, ...]
    package: bytes = field(repr=False)
    json: dict[str, Any]
    page: Path
    web: str

    @property
    def url(self) -> str:
        return self.page.as_uri()


class Market:
    """One node, one seller with one token, collaborators, and buyers with money."""

    def __init__(self, url: str, server: FileServer, folder: Path) -> None:
        self.url, self.server, self._folder = url, server, folder
        self.evm = AnvilEvm(url)
        self.world = World(self.evm)  # type: ignore[arg-type]
        self.token: Contract = self.world.token([250_000, 125_000])
        self.shop = Shop(self.world, self.token)
        self.node = HttpRpc(url)
        self._numbers = itertools.count(1)

    def buyer(self, ether: int = ETHER) -> Wallet:
        """A wallet of somebody new."""
        key = hashlib.sha256(b"buyer %d" % next(self._numbers)).hexdigest()
        self.evm.fund(Account.from_key(key).address, ether)
        return Wallet(key, self.url, CHAIN_ID)

    def sale(
        self, size: int = 100_000, garbage: tuple[int, ...] = (), *, place: bool = True, **terms: Any
    ) -> Sale:
        """A new work on offer; `terms` as in `harness.selling.Shop.terms`."""
        number = next(self._numbers)
        work = a_work(number, size, garbage)
        given = {"price": ETHER // 100, "document": document_hash(TERMS), **terms}
        offer = self.shop.place(work, **given) if place else self.shop.terms(work, **given)
        package = package_of(work)
        url = self.server.put(f"{number}.colophon-package", package)
        told = self.offer_json(offer, len(package), url)
        return self.page(work, offer, package, told)

    def page(self, work: Work, offer: tuple[Any, ...], package: bytes, told: dict[str, Any]) -> Sale:
        """The checkout page of an offer, on disk and on the web server."""
        number = next(self._numbers)
        html = checkout_page(told)
        path = self._folder / f"{number}.html"
        path.write_text(html, encoding="utf-8")
        return Sale(work, offer, package, told, path, self.server.put(f"{number}.html", html.encode()))

    def offer_json(self, offer: tuple[Any, ...], package_size: int, url: str) -> dict[str, Any]:
        """As services/checkout.py writes it."""
        fields = dict(zip(_FIELDS, offer, strict=True))
        is_coin = fields["currency"] == NATIVE
        dollar = {
            "address": self.world.dollar.address, "symbol": "USDC", "decimals": 6,
            "authorization": {"name": self.world.dollar.call("name"), "version": "1"},
        }  # fmt: skip
        coin = {"address": None, "symbol": "ETH", "decimals": 18, "authorization": None}
        return {
            "format": "colophon-checkout",
            "version": 1,
            "chain": {
                "id": CHAIN_ID, "name": "Practice", "rpc": [self.url], "explorer": None, "practice": True,
                "coin": {"symbol": "ETH", "decimals": 18},
            },
            "contracts": {
                "escrow": self.world.escrow.address, "licences": self.world.licences.address,
                "factory": self.world.factory.address,
            },
            "work": {
                "title": "Nocturne in E", "creator": "Ana Duarte", "file_name": "nocturne.flac",
                "description": "Piano, recorded in one night in Porto.", "media_type": "audio/flac",
                "registered_at": 1_790_000_000, "registrant": CREATOR, "commitment_id": "0x" + "11" * 32,
                "token": self.token.address, "token_name": "Nocturne in E",
            },
            "price": {
                "amount": str(fields["price"]), "currency": coin if is_coin else dollar,
                "about": "24.50 US dollars" if is_coin else None,
            },
            "split": [
                {"account": COLLABORATORS[0], "name": "Ben Okafor", "share": 250_000},
                {"account": COLLABORATORS[1], "name": None, "share": 125_000},
            ],
            "holders_share": 625_000,
            "parents_share": 0,
            "licence": {"text": TERMS, "document": "0x" + document_hash(TERMS).hex()},
            "package": {"name": "nocturne.colophon-package", "size": package_size, "urls": [url]},
            "offer": {
                "id": "0x" + offer_id(offer).hex(),
                **{name: _written(value) for name, value in fields.items()},
                "price": str(fields["price"]),
            },
            "plays": None,
        }  # fmt: skip

    def plays(self, price: int) -> Sale:
        """A work whose plays are on offer; `Sale.offer` is the version of the terms."""
        text = standard_text(LicenceKind.PLAYS)
        terms = (LicenceKind.PLAYS.number, NATIVE, price, 0, bytes(32), document_hash(text))
        licences = self.world.licences
        licences.send("offer", self.token.address, terms, 0, "", sender=CREATOR)
        version = licences.call("versions", self.token.address)
        told = self.offer_json(self.shop.terms(a_work()), 0, "")
        told |= {"offer": None, "price": None, "package": None, "licence": None}
        told["plays"] = {
            "version": version,
            "terms_hash": "0x" + licences.call("terms_hash", self.token.address, version).hex(),
            "price": str(price),
            "currency": {"address": None, "symbol": "ETH", "decimals": 18, "authorization": None},
            "server": self.server.address,
            "text": text,
        }
        return self.page(a_work(), (version,), b"", told)

    # --- What the seller does ----------------------------------------------------------------------------

    def orders(self, sale: Sale) -> list[Placed]:
        """The orders of an offer, oldest first."""
        topics = [None, None, "0x" + offer_id(sale.offer).hex()]
        logs = self.node.call(
            "eth_getLogs", [{"address": self.world.escrow.address, "topics": topics, "fromBlock": "0x0"}]
        )
        found = []
        for log in logs:
            receipt = Receipt(b"", 0, (_log(log),), "")
            ((name, event),) = self.world.escrow.events(receipt)
            if name == "Ordered":
                found.append(Placed(sale.offer, event["order"], event["order_id"], 0))
        return found

    def deliver(self, sale: Sale, order: Placed | None = None) -> Receipt:
        """The seller's program delivers the key, by default for the newest order."""
        return self.shop.deliver(sale.work, order or self.orders(sale)[-1])

    def deliver_sealed(self, sale: Sale, key: bytes) -> Receipt:
        """The seller's program sends a key without proof."""
        order = self.orders(sale)[-1]
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        theirs = X25519PublicKey.from_public_bytes(order.fields[10][0])
        sealed = suite.encrypt(key, theirs, b"colophon/v1/sealed-key" + order.id)
        return self.world.escrow.send("deliver_sealed", order.fields, sealed, sender=CREATOR)

    def refused(self, name: str, *arguments: object, sender: str = CREATOR) -> str:
        """The escrow's reason to refuse."""
        try:
            self.world.escrow.send(name, *arguments, sender=sender)
        except Reverted as refusal:
            return refusal.reason
        raise AssertionError(f"{name} was not refused")

    def state(self, order: Placed) -> int:
        return self.shop.state(order)

    def balance(self, address: str) -> int:
        return int(self.node.call("eth_getBalance", [address, "latest"]), 16)


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return [_written(each) for each in value] if isinstance(value, tuple) else value


def _log(log: Mapping[str, Any]) -> Any:
    from harness.evm import Log

    topics = tuple(bytes.fromhex(topic[2:]) for topic in log["topics"])
    return Log(log["address"].lower(), topics, bytes.fromhex(log["data"][2:]))
