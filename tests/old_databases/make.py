"""Writes the files of somebody who has used everything, as this version of the app keeps them.

    PYTHONPATH=tests python -m old_databases.make

Run it once for each release, and before a format changes, and commit the folder it makes, named after the
version of the app and that of the database; those of earlier versions stay as they are.
`facts.json` is what every later version has to find in them.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from integration.journey import mint, register
from integration.people import PASSPHRASE, QUICK, active, services_of
from integration.witness_servers import Calendar, server

import desktop_app
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.core.settings import AUTO_LOCK, THEME, Settings
from desktop_app.services.app import Services
from desktop_app.services.checkout import read_checkout
from desktop_app.services.data_sets import Reading
from desktop_app.services.royalties import Token
from desktop_app.services.sale_terms import SaleTerms
from desktop_app.services.training_runs import Settings as Training
from desktop_app.services.wallet import WalletService
from desktop_app.store.migrate import shipped_migrations
from desktop_app.store.network_prices import NetworkPriceRepository, StoredFee, StoredPrices
from desktop_app.store.play_counts import PlayCount, PlayCounts
from desktop_app.store.training_licences import StoredLicence, TrainingLicenceRepository

FOLDER = Path(__file__).resolve().parent
BACKUP, BACKUP_PASSPHRASE = "everything.colophon-backup", "another passphrase"
KEYRING_VAULT = "vault-in-keyring.json"
KEPT = ("colophon.db", "practice.db", "vault.json", "settings.toml", "certificates", "data-sets")
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
"""Of the BIP-39 test vectors: nobody's money."""


class OpenKeyring:
    """A system keyring that shows what it holds."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    def put(self, name: str, secret: bytes) -> None:
        self.entries[name] = secret

    def get(self, name: str) -> bytes:
        return self.entries[name]

    def remove(self, name: str) -> None:
        self.entries.pop(name, None)


def live(services: Services, files: Path) -> None:
    """Use everything once, so that no table stays empty."""
    services.wallet.restore(PHRASE, "passphrase", PASSPHRASE)
    services.networks.faucet(active(services))
    services.settings.set(AUTO_LOCK, 7)
    services.settings.set(THEME, "dark")
    work_id = register(services, files, "Night Train")
    services.details.look(work_id)
    token = mint(services, work_id)
    _coin, dollar = services.royalties.currencies(token)
    services.royalties.prepare_pay(token, Amount(12_500_000, dollar)).execute()
    services.royalties.prepare_claim(token, dollar).execute()
    services.payouts.sync_once(services.networks.active, None)
    challenge = services.challenges.new("Blue Records")
    services.ownership.prove(work_id, "Blue Records", challenge.code)
    services.packages.create(work_id, files / "night-train.package")
    services.address_book.add("0x" + "12" * 20, "Blue Records", "the label", watched=True)
    calendar = Calendar()
    with server(calendar.answer) as address:
        calendar.address = address
        services.witnesses.ask_calendar(work_id, address)
    table = files / "rows.csv"
    table.write_text("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(64)))
    data = services.training.data_sets.add(table, Reading(label="y"), proofs=3).data
    run = services.training.runs.run([data.id], Training(steps=3))
    services.training.runs.prove_hidden(run.id, files / "hidden.colophon", answers=1)
    sell(services, files, work_id, token)
    rows_of_rare_actions(services)


def rows_of_rare_actions(services: Services) -> None:
    """What it takes another network, another owner or another prover to come by."""
    database, now = services.database, services.clock.now()
    NetworkPriceRepository(database).save(
        StoredPrices(
            8453, now, "node.example", 10**7, 2 * 10**8, 1, True, True, False,
            (StoredFee("register", 95_000, 95 * 10**10, 10**10, 0, 300),),
        )
    )  # fmt: skip
    PlayCounts(database).keep(PlayCount(8453, 1, 3, b"\x11" * 65, now))
    people = ("0x" + "21" * 20, "0x" + "22" * 20, "0x" + "23" * 20, "0x" + "24" * 20)
    TrainingLicenceRepository(database).keep(
        StoredLicence(8453, people[0], 1, *people[1:], 1, "training", 3, b"\x31" * 32, 0, now)
    )


def sell(services: Services, files: Path, work_id: str, token: Token) -> None:
    """One copy, to another account of the same wallet; it is delivered."""
    selling, seller = services.selling, active(services)
    package = selling.packages.make(work_id)
    terms = SaleTerms(Amount(5_000_000, token.currencies[1]))
    sale = selling.sales.prepare_offer(token, terms, package).execute()
    checkout = read_checkout(selling.checkout.write(sale, files / "page.html"))
    buyer = services.wallet.add_account("Buyer").address
    services.networks.faucet(buyer)
    services.wallet.select_account(buyer)
    bought = selling.purchases.fetch(checkout, str(sale.package_path), files / "bought")
    selling.purchases.prepare_order(checkout, bought).execute()
    services.wallet.select_account(seller)
    selling.delivery.deliver_once(services.networks.active)


def facts(services: Services) -> dict[str, object]:
    """What a later version must find, as far as it has to stay word for word the same."""
    return {
        "made_by": desktop_app.__version__,
        "works": [[work.title, work.sha256.hex()] for work in services.library.page()],
        "accounts": [account.address for account in services.wallet.status().accounts],
        "contacts": [[contact.name, contact.address] for contact in services.address_book.contacts()],
        "payouts": sorted([total.kind, total.units] for total in services.payouts.totals()),
        "settings": {one.key: services.settings.get(one) for one in (AUTO_LOCK, THEME)},
        "balance": [str(amount) for amount in services.networks.balances(active(services))],
        "rows": row_counts(services),
    }


def row_counts(services: Services) -> dict[str, int]:
    """How many rows each table has."""
    with services.database.transaction() as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        names = sorted(row[0] for row in tables if not row[0].startswith("sqlite_"))
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def main() -> None:
    target = FOLDER / f"{desktop_app.__version__}-{shipped_migrations()[-1].version}"
    if target.exists():
        sys.exit(f"{target} is there already, and old files do not change")
    # Paths are in the files: take one that says nothing of this machine.
    place = Path("/tmp/somebody")
    shutil.rmtree(place, ignore_errors=True)
    home, files = place / "colophon", place / "works"
    files.mkdir(parents=True)
    services = services_of(home)
    services.backup._cost = QUICK
    live(services, files)
    services.backup.create(place / BACKUP, BACKUP_PASSPHRASE)
    found = facts(services)
    services.close()
    keyring = OpenKeyring()
    other = WalletService(place / KEYRING_VAULT, Settings(place / "none"), SystemClock(), keyring)
    other.restore(PHRASE, "keyring")
    found["keyring"] = {name: secret.hex() for name, secret in keyring.entries.items()}
    target.mkdir()
    for name in KEPT:
        source = home / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        else:
            shutil.copyfile(source, target / name)
    for name in (BACKUP, KEYRING_VAULT):
        shutil.copyfile(place / name, target / name)
    (target / "facts.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
