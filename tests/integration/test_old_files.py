"""Files that earlier versions have written are opened by this one: nobody loses anything by an upgrade."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.people import PASSPHRASE, QUICK, active, services_of
from old_databases import make

from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import Settings
from desktop_app.services.app import Services
from desktop_app.services.restore import restore
from desktop_app.services.wallet import WalletService
from desktop_app.store.migrate import shipped_migrations
from desktop_app.wallet.phrase import phrase_from_entropy

FACTS = "facts.json"
VERSIONS = sorted(path.parent for path in make.FOLDER.glob(f"*/{FACTS}"))


class Old:
    """A copy of what one version left, as it lay on that person's disk, and what was in it."""

    def __init__(self, kept: Path, home: Path) -> None:
        self.home = home
        self.facts: dict[str, Any] = json.loads((kept / FACTS).read_text())
        # The facts hold a key, which is nowhere on anybody's disk.
        shutil.copytree(kept, home, ignore=shutil.ignore_patterns(FACTS))
        for path in (home, *home.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.fixture(params=VERSIONS, ids=lambda folder: str(folder.name))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Old:
    return Old(request.param, tmp_path / "home")


@pytest.fixture
def opened(old: Old) -> Iterator[Services]:
    services = services_of(old.home)
    yield services
    services.close()


def check(services: Services, expected: dict[str, Any]) -> None:
    found = make.facts(services)
    rows: dict[str, int] = found.pop("rows")  # type: ignore[assignment]
    for name in found.keys() - {"made_by"}:
        assert json.loads(json.dumps(found[name])) == expected[name], name
    kept = {table: count for table, count in expected["rows"].items() if table in rows}
    # An old practice network is given the contracts that are new since, each in a transaction.
    assert rows["transactions"] >= kept.pop("transactions")
    assert {table: rows[table] for table in kept} == kept


def test_the_files_of_this_version_are_there_and_nothing_in_them_is_empty() -> None:
    assert VERSIONS
    newest = json.loads((VERSIONS[-1] / FACTS).read_text())
    schema = shipped_migrations()[-1].version
    assert VERSIONS[-1].name == f"{newest['made_by']}-{schema}", "see old_databases/make.py"
    assert [table for table, count in newest["rows"].items() if count == 0] == []


def test_an_old_database_and_its_settings_are_read_and_upgraded(old: Old, opened: Services) -> None:
    check(opened, old.facts)
    assert opened.database.version == shipped_migrations()[-1].version


def test_an_old_wallet_signs_on_its_old_practice_network(opened: Services) -> None:
    opened.wallet.unlock(PASSPHRASE)
    (token,) = opened.royalties.tokens()
    _coin, dollar = opened.royalties.currencies(token)
    receipt = opened.royalties.prepare_pay(token, Amount(1_000_000, dollar)).execute()
    assert receipt.received == Amount(1_000_000, dollar)


def test_the_key_of_an_old_wallet_in_the_keyring_is_found_under_its_old_name(old: Old) -> None:
    keyring = make.OpenKeyring()
    keyring.entries = {name: bytes.fromhex(key) for name, key in old.facts["keyring"].items()}
    path = old.home / make.KEYRING_VAULT
    wallet = WalletService(path, Settings(old.home / "settings.toml"), SystemClock(), keyring)
    assert [account.address for account in wallet.verified_status().accounts] == old.facts["accounts"][:1]
    assert phrase_from_entropy(wallet.contents().entropy) == make.PHRASE


def test_an_old_certificate_is_still_valid(opened: Services) -> None:
    (path,) = [p for p in opened.paths.certificates.glob("*.colophon") if "dataset" not in p.name]
    verdicts = {verdict.name: verdict.state.name for verdict in opened.ownership.verify(path).verdicts}
    assert verdicts["proof"] == "YES"


def test_an_old_private_data_set_opens_with_its_wallet(opened: Services) -> None:
    opened.wallet.unlock(PASSPHRASE)
    (data,) = opened.training.data_sets.all()
    assert opened.training.data_sets.open(data.id)


def test_an_old_backup_is_restored_where_nothing_is(old: Old, tmp_path: Path) -> None:
    paths = AppPaths(tmp_path / "elsewhere")
    saved = old.home / make.BACKUP
    restore(paths, saved, make.BACKUP_PASSPHRASE, "passphrase", PASSPHRASE, cost=QUICK)
    services = services_of(paths.home)
    try:
        check(services, old.facts)
        services.wallet.unlock(PASSPHRASE)
        assert active(services) == old.facts["accounts"][0]
    finally:
        services.close()
