"""The home of somebody who has used the app for half a year: what the tour and the screenshots look at."""

from __future__ import annotations

import contextlib
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from desktop_app.chain.practice import PracticeNode
from desktop_app.content.metadata import Creator, WorkMetadata
from desktop_app.core.amounts import parse_amount, parse_share
from desktop_app.core.clock import FixedClock, SystemClock
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import TEXT_SIZE
from desktop_app.services.app import Services, build_services
from desktop_app.services.checkout import read_checkout
from desktop_app.services.data_sets import Reading
from desktop_app.services.demo_song import write_song
from desktop_app.services.licence_terms import LicenceKind, LicenceTerms
from desktop_app.services.royalties import Collaborator, Parent, Token
from desktop_app.services.sale_terms import SaleMode, SaleTerms
from desktop_app.services.training_runs import Settings
from desktop_app.wallet.sealing import Argon2Cost

PASSPHRASE = "paper lantern river stone"
AUDIENCE, CHALLENGE = "Harbour Records", "4711-0815"
DAY = 86_400
BEN, CLEO = "0x8f3a5b1e9c2d4f60718293a4b5c6d7e8f9012b3c", "0x2e71c04ad95b83f61a0c7de45927b8f1036ca9d4"
LISTENED = ((96, "4.50"), (71, "12"), (54, "6.25"), (40, "25"), (22, "9.90"), (9, "18"), (3, "12.50"))
"""How many days ago somebody paid for the song, and how much."""
FILM = "Six Weeks of Rain, the documentary about the harbour (director's cut)"
SIGHTINGS = 640
"""Rows of the private data set."""


def make_world(home: Path) -> None:
    """Fill an empty folder; `open_world` opens it. Practice money only, and nothing leaves the process."""
    now = SystemClock().now()
    clock = FixedClock(now - 120 * DAY)
    node = PracticeNode(AppPaths(home).practice, clock)
    ada = build_services(AppPaths(home), clock, practice=node)
    dan = build_services(AppPaths(home.with_name("dan")), clock, practice=node)
    try:
        for services in (ada, dan):
            services.wallet.create("passphrase", PASSPHRASE)
            services.networks.faucet(_address(services))
        ada.settings.set(TEXT_SIZE, 100)
        _World(ada, dan, clock, now, home.with_name("works")).live()
    finally:
        for services in (dan, ada):
            services.close()
        node.close()


@contextlib.contextmanager
def open_world(home: Path) -> Iterator[Services]:
    """The services over such a folder, its wallet open."""
    services = build_services(AppPaths(home))
    try:
        services.wallet.unlock(PASSPHRASE)
        yield services
    finally:
        services.close()


class _World:
    def __init__(self, ada: Services, dan: Services, clock: FixedClock, now: int, folder: Path) -> None:
        self.ada, self.dan, self.clock, self.now = ada, dan, clock, now
        self.folder = folder
        folder.mkdir()

    def ago(self, days: int) -> None:
        """The days before now. Blocks never go backwards, and neither does this."""
        self.clock.time = max(self.clock.time + 60, self.now - days * DAY)

    def live(self) -> None:
        ada = self.ada
        book = ada.address_book
        book.add(BEN, "Ben Adeyemi", "Drums, and half of the second verse")
        book.add(CLEO, "Cleo Marchetti", "Mixing", watched=True)
        book.add(_address(self.dan), "Dan Okafor", "Plays it in his café")
        song = self._song()
        self._covers(song)
        self._data()
        self._sell(song)
        self.ago(0)
        ada.library.add(self._picture("Harbour at Dusk.png", (214, 120, 78), (24, 40, 78)), "Harbour at Dusk")
        for work in ada.library.page():
            ada.details.look(work.id)
        ada.payouts.sync_once(ada.networks.active)

    def _song(self) -> Token:
        ada, dan = self.ada, self.dan
        path = self.folder / "Night Train.wav"
        write_song(path, 1)
        song = ada.library.add(path, "Night Train").work
        people = (Creator("Ada Lindqvist", "music and words"), Creator("Ben Adeyemi", "drums"))
        ada.details.set_metadata(song.id, WorkMetadata("Night Train", people, 2026, "en"))
        ada.registration.prepare(song.id).execute()
        self.ago(110)
        dollar = ada.networks.active.dollar
        shares = (
            Collaborator(BEN, parse_share("25"), "Ben Adeyemi"),
            Collaborator(CLEO, parse_share("12.5"), "Cleo Marchetti"),
        )
        assert dollar is not None
        plays = LicenceTerms(LicenceKind.PLAYS, parse_amount("0.05", dollar), days=365)
        token = ada.royalties.prepare_mint(
            song.id, song.title, "NIGHT", 1_000, shares, licences=(plays,)
        ).execute()
        dan.royalties.follow(token.address)
        for days, text in LISTENED:
            self.ago(days)
            dan.royalties.prepare_pay(token, parse_amount(text, dollar), "one listen").execute()
            if days == 54:
                ada.royalties.prepare_claim(token, dollar).execute()
            if days == 40:
                ada.royalties.prepare_transfer(token, _address(dan), 150).execute()
                (offer,) = ada.licences.offers(token)
                dan.licences.prepare_buy(token, offer.version, 200).execute()
        ada.ownership.prove(song.id, AUDIENCE, CHALLENGE)
        return token

    def _covers(self, song: Token) -> None:
        ada = self.ada
        self.ago(2)
        text = "The lamp turned above the water, and nobody had asked it to. " * 900
        book = self.folder / "The Lighthouse Keeper.txt"
        book.write_text(text, encoding="utf-8")
        novel = ada.library.add(book, "The Lighthouse Keeper").work
        ada.registration.prepare(novel.id).execute()
        cover = self._picture("Night Train, the cover.png", (36, 31, 60), (226, 172, 98))
        art = ada.library.add(cover, "Night Train, the cover").work
        ada.registration.prepare(art.id).execute()
        parents = (Parent(song.address, parse_share("10")),)
        ada.royalties.prepare_mint(art.id, art.title, "COVER", 100, parents=parents).execute()
        film = self.folder / f"{FILM}.mp4"
        film.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9000)
        ada.library.add(film)

    def _data(self) -> None:
        ada, generator = self.ada, random.Random(7)
        rows = ["hour,wind,temperature,habitat,singing"]
        for _ in range(SIGHTINGS):
            hour, wind, warm = generator.randint(4, 22), generator.gauss(11, 4), generator.gauss(12, 5)
            singing = "yes" if warm - wind - abs(hour - 6) * 0.4 + generator.gauss(0, 1.5) > -2 else "no"
            where = generator.choice(["reed", "dune", "wood"])
            rows.append(f"{hour},{max(wind, 0):.1f},{warm:.1f},{where},{singing}")
        table = self.folder / "reed-warblers.csv"
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        data = ada.training.data_sets
        data.add(table, Reading(label="singing", positive="yes"), title="Reed warblers, 2024", proofs=8)
        runs = ada.training.runs
        runs.run(["Reed warblers, 2024"], Settings(steps=24), proof=ada.paths.certificates)
        runs.prove_hidden(runs.all()[0].id, self.folder / "hidden.training.colophon")

    def _sell(self, song: Token) -> None:
        ada, dan = self.ada, self.dan
        dollar = ada.networks.active.dollar
        assert dollar is not None
        terms = SaleTerms(price=parse_amount("5", dollar), mode=SaleMode.FAST, automatic=False)
        package = ada.selling.packages.make(song.work_id or "", None)
        sale = ada.selling.sales.prepare_offer(song, terms, package).execute()
        page = read_checkout(ada.selling.checkout.write(sale, self.folder / "night-train.html"))
        dan.selling.purchases.prepare_order(page, sale.package_path).execute()

    def _picture(self, name: str, above: tuple[int, ...], below: tuple[int, ...]) -> Path:
        """A sky over water, as a PNG file."""
        width, height = 480, 480
        lines = bytearray()
        for y in range(height):
            part = y / height
            wave = random.Random(y).randint(-6, 6) if part > 0.6 else 0
            mixed = [
                max(0, min(255, round(one + (other - one) * part) + wave))
                for one, other in zip(above, below, strict=True)
            ]
            lines += b"\0" + bytes(mixed) * width
        path = self.folder / name

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(bytes(lines)))
            + chunk(b"IEND", b"")
        )
        return path


def _address(services: Services) -> str:
    address = services.wallet.status().active
    assert address is not None
    return address


def cheap_passphrases(patch: Any) -> None:
    """As the fixture of that name, for what is built once for many tests."""
    cheap = Argon2Cost(memory=1024, passes=1, lanes=1)
    for module in ("key_keeper", "backup", "wallet"):
        patch.setattr(f"desktop_app.wallet.{module}.Argon2Cost", lambda: cheap)
