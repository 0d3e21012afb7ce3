"""Money, backups and the wallet's protection from the command line, on the practice network."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from secret_grep import expected_in
from unit.cli.conftest import Commands

from desktop_app.chain.wire import checksummed
from desktop_app.wallet.vault import decode

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

PASSPHRASE, SECRET = "a fox jumps over nine clouds", "nine other clouds"
SHOP = checksummed("0x1234" + "b2" * 16 + "9876")
POISON = checksummed("0x1234" + "c3" * 16 + "9876")


@pytest.fixture
def colophon() -> Commands:
    return Commands()


@pytest.fixture
def passphrases(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable, text in (("PASSPHRASE", PASSPHRASE), ("BACKUP_PASSPHRASE", SECRET)):
        path = expected_in(tmp_path / f"{variable}.txt")
        path.write_text(text + "\n", encoding="utf-8")
        monkeypatch.setenv(f"COLOPHON_{variable}_FILE", str(path))


@pytest.fixture
def address(colophon: Commands, passphrases: None) -> str:
    made = colophon("wallet", "create", "--protection", "passphrase")
    colophon("network", "faucet")
    return str(made["address"])


@pytest.fixture
def home_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Path]]:
    def choose(path: Path) -> Path:
        monkeypatch.setenv("COLOPHON_HOME", str(path))
        return path

    yield choose


def test_money_is_sent_to_a_name_and_listed(colophon: Commands, address: str, tmp_path: Path) -> None:
    colophon("contacts", "add", SHOP, "Shop")
    assert [one["speed"] for one in colophon("transactions", "fees")["fees"]] == ["slow", "normal", "fast"]
    sent = colophon("send", "shop", "0.5", "--speed", "fast", "--yes")
    assert (sent["recipient_name"], sent["state"], sent["versions"]) == ("Shop", "final", 1)
    colophon("send", SHOP, "12.5", "tusd", "--yes")
    listed = colophon("transactions", "list")
    assert [one["tx_hash"] for one in listed][-1] == sent["tx_hash"]
    assert len(listed) == 2
    assert colophon("transactions", "show", sent["tx_hash"])["text"] == sent["text"]
    receipts = colophon("receipts", "list")
    assert [one["id"] for one in receipts] == [one["tx_hash"] for one in listed]
    assert colophon("receipts", "list", "--kind", "pay") == []
    paid = colophon("receipts", "show", sent["tx_hash"])
    assert (paid["text"], paid["practice"]) == ("Sent 0.5 ETH to Shop", True)
    assert [one["amount"] for one in paid["left"]] == ["0.5"]
    for name, count in (("all.pdf", 2), ("all.html", 2), ("all.csv", 2), ("one.pdf", 1)):
        chosen = [sent["tx_hash"]] if count == 1 else []
        written = colophon("receipts", "export", *chosen, "-o", str(tmp_path / name))
        assert written["receipts"] == count and (tmp_path / name).stat().st_size > 900
    again = ("receipts", "export", "-o", str(tmp_path / "all.csv"))
    assert colophon.error(*again, code=1) == "earnings.file_exists"
    assert colophon(*again, "--overwrite")["receipts"] == 2
    assert colophon.error("receipts", "export", "-o", "all.doc") == "onreceipt.no_form"
    assert colophon.error("receipts", "show", "0x12") == "onreceipt.unknown"
    people = colophon.run("receipts", "show", sent["tx_hash"]).stdout
    assert "Practice: no real money moved" in people and "exactly" in people
    for change in ("speed-up", "cancel"):
        refused = colophon.error("transactions", change, sent["tx_hash"], "--yes", code=1)
        assert refused == "chain.already_mined"
    assert colophon.error("send", "shop", "1", "GBP", "--yes") == "cli.currency_of_network"
    assert colophon.error("send", "nobody", "1", "--yes") == "address.nobody_called"
    assert [one["balances"] for one in colophon("contacts", "list", "--balances")] == [None]


def test_the_review_is_shown_and_nothing_is_sent_without_a_yes(colophon: Commands, address: str) -> None:
    told = colophon.run("send", SHOP, "0.5")
    assert told.exit_code == 2
    for text in (
        "Send 0.5 ETH",
        SHOP,
        "Main account, " + address,
        "no real money",
        "0.5 ETH leaves your account",
        "You have not sent anything there before",
    ):
        assert text in told.stderr
    assert colophon("transactions", "list") == []


def test_a_script_does_not_pay_an_address_that_only_looks_right(colophon: Commands, address: str) -> None:
    colophon("send", SHOP, "0.1", "--yes")
    assert colophon.error("send", POISON, "0.1", "--yes", code=1) == "cli.dangerous"
    assert len(colophon("transactions", "list")) == 1
    colophon("contacts", "add", POISON, "Shop, moved", "--yes")
    colophon("send", "shop, moved", "0.1", "--yes")


def test_a_wallet_is_backed_up_checked_and_restored_elsewhere(
    colophon: Commands, address: str, tmp_path: Path, home_of: Callable[[Path], Path]
) -> None:
    assert colophon("backup", "status", code=1)["state"] == "needed"
    stick = tmp_path / "stick"
    stick.mkdir()
    made = colophon("backup", "create", "-o", str(stick))
    file = Path(made["path"])
    assert file.parent == stick
    assert colophon("backup", "status")["state"] == "done"
    assert colophon.error("backup", "create", "-o", str(file), code=1) == "backup.file_exists"
    colophon("backup", "create", "-o", str(file), "--overwrite")
    inside = Path(os.environ["COLOPHON_HOME"]) / "here"
    assert colophon.error("backup", "create", "-o", str(inside), code=1) == "backup.in_data_folder"
    assert colophon("backup", "check", str(file))["of_this_wallet"] is True
    assert colophon.error("backup", "restore", str(file), code=1) == "backup.not_empty"
    colophon("wallet", "add-account", "Second")
    assert colophon("backup", "status", code=1)["state"] == "outdated"

    home_of(tmp_path / "new computer")
    colophon("backup", "restore", str(file), "--protection", "passphrase")
    assert colophon("wallet", "show")["wallet"]["active"] == address
    assert colophon("wallet", "receive")["account"]["address"] == address
    units = [one["units"] for one in colophon("wallet", "show", "--balances")["balances"]]
    assert units == [str(10**19), str(10**9)], "the practice network came back too"
    assert colophon("backup", "status")["state"] == "done"


def test_a_wrong_passphrase_or_file_restores_nothing(
    colophon: Commands, address: str, tmp_path: Path, home_of: Callable[[Path], Path]
) -> None:
    file = tmp_path / "saved"
    colophon("backup", "create", "-o", str(file))
    new = home_of(tmp_path / "new computer")
    expected_in(tmp_path / "BACKUP_PASSPHRASE.txt").write_text("not the passphrase")
    restore = ("backup", "restore", "--protection", "passphrase")
    assert colophon.error(*restore, str(file)) == "wallet.wrong_passphrase"
    assert colophon.error(*restore, str(tmp_path / "BACKUP_PASSPHRASE.txt")) == "wallet.not_a_backup"
    assert not (new / "vault.json").exists()
    assert colophon("wallet", "show")["wallet"]["active"] is None


def test_receiving_checks_the_address_with_the_key(colophon: Commands, address: str) -> None:
    assert colophon("wallet", "show")["wallet"]["verified"] is False
    received = colophon("wallet", "receive")
    assert (received["account"]["address"], received["verified"]) == (address, True)
    drawn = colophon.run("wallet", "receive", "--qr").stdout
    assert "█" in drawn
    path = Path(os.environ["COLOPHON_HOME"]) / "vault.json"
    whole = path.read_bytes()
    document = json.loads(whole)
    thief = "0x" + "1a" * 20
    for place in (document["header"], document["header"]["accounts"][0]):
        place["active" if "active" in place else "address"] = thief
    document["checksum"] = _checksum(document)
    from desktop_app.wallet.strict_json import canonical

    path.write_bytes(canonical(document))
    assert decode(path.read_bytes()).header.active == thief, "a whole file, to somebody without the key"
    assert colophon.error("wallet", "receive", code=1) == "wallet.corrupt"
    assert colophon.error("send", SHOP, "0.1", "--yes", code=1) == "wallet.corrupt"


def _checksum(document: dict[str, object]) -> str:
    from desktop_app.wallet import vault

    return vault._checksum({name: value for name, value in document.items() if name != "checksum"})


def test_nodes_are_asked_for_their_health(colophon: Commands) -> None:
    assert colophon("network", "check") == []
    colophon("network", "node", "base", "http://127.0.0.1:9", "http://127.0.0.1:11")
    rows = colophon("network", "check", "base")
    assert [row["state"] for row in rows] == ["resting", "resting"]
    assert all(row["problem"] for row in rows)


def test_without_a_ledger_it_says_so(colophon: Commands, address: str) -> None:
    pytest.importorskip("hid", reason="hidapi is not installed")
    assert colophon.error("wallet", "ledger-accounts", code=1) == "ledger.not_found"
    assert colophon.error("wallet", "add-ledger", "Vault", code=1) == "ledger.not_found"
    assert colophon.error("wallet", "remove-ledger", "Main account", code=1) == "wallet.not_a_device"


def test_a_poisoned_address_book_pays_nobody(colophon: Commands, address: str) -> None:
    """A thief who can write to the database puts his address behind a name."""
    colophon("contacts", "add", SHOP, "Shop")
    database = Path(os.environ["COLOPHON_HOME"]) / "colophon.db"
    thief = checksummed("0x" + "1a" * 20)
    for change in ("address = ?", "seal = NULL, address = ?"):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(f"UPDATE address_book SET {change}", (thief,))
        assert colophon.error("send", "shop", "0.1", "--yes", code=1) == "cli.dangerous"
        told = colophon.run("send", "shop", "0.1").stderr
        assert "This name is not vouched for" in told
        assert "Shop, 0x" not in told, "the name does not stand beside the address"
    assert colophon("transactions", "list") == []
