"""`colophon wallet`: secrets come in by file, environment, pipe or hidden prompt, and go out when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.cli import passphrase as secrets
from desktop_app.cli.session import Options, Session
from desktop_app.core.errors import InvalidInputError
from desktop_app.wallet.vault_file import VaultFile
from tests.unit.cli.conftest import PASSPHRASE, Commands

Choose = Callable[[str], None]


def test_without_a_wallet_show_says_how_to_make_one(colophon: Commands) -> None:
    assert "colophon wallet create" in colophon.run("wallet", "show").stdout
    assert colophon("wallet", "show")["wallet"]["state"] == "absent"


@pytest.mark.parametrize("command", ["lock", "unlock", "accounts", "confirm"])
def test_what_needs_a_wallet_says_that_there_is_none(colophon: Commands, command: str) -> None:
    assert colophon.error("wallet", command, stdin="a b c") == "wallet.absent"


def test_a_second_wallet_never_replaces_the_first(colophon: Commands, wallet: dict[str, str]) -> None:
    assert colophon.error("wallet", "create", code=1) == "wallet.exists"
    assert colophon.error("wallet", "restore", code=1, stdin=wallet["phrase"]) == "wallet.exists"
    assert colophon("wallet", "show")["wallet"]["active"] == wallet["address"]


@pytest.mark.usefixtures("passphrase")
def test_a_phrase_of_a_strange_length_is_refused(colophon: Commands) -> None:
    assert (
        colophon.error("wallet", "create", "--words", "13", "--protection", "passphrase")
        == "wallet.phrase_length"
    )


def test_a_short_passphrase_is_refused(colophon: Commands, passphrase: Choose) -> None:
    passphrase("short")
    assert colophon.error("wallet", "create", "--protection", "passphrase").startswith("wallet.passphrase")


def test_without_terminal_and_variables_the_passphrase_is_missed(colophon: Commands) -> None:
    assert colophon.error("wallet", "create", "--protection", "passphrase") == "cli.passphrase_needed"


def test_the_passphrase_file_is_preferred_to_the_variable(
    passphrase: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLOPHON_PASSPHRASE", "the other one")
    assert secrets.from_environment() == PASSPHRASE
    monkeypatch.delenv("COLOPHON_PASSPHRASE_FILE")
    assert secrets.from_environment() == "the other one"


def test_a_missing_passphrase_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLOPHON_PASSPHRASE_FILE", str(tmp_path / "none"))
    with pytest.raises(InvalidInputError) as caught:
        secrets.from_environment()
    assert caught.value.code == "cli.passphrase_file"


def test_only_the_line_end_is_cut_from_a_passphrase_file(passphrase: Choose) -> None:
    passphrase("  spaces belong to it  ")
    assert secrets.from_environment() == "  spaces belong to it  "


def test_two_different_new_passphrases_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["first passphrase", "second passphrase"])
    monkeypatch.setattr(Session, "can_ask", True)
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(typed))
    with pytest.raises(InvalidInputError) as caught:
        secrets.new(Session(Options()))
    assert caught.value.code == "cli.passphrases_differ"


def test_the_phrase_is_shown_again_only_after_approval(colophon: Commands, wallet: dict[str, str]) -> None:
    assert colophon.error("wallet", "phrase") == "cli.approval_needed"
    assert colophon("wallet", "phrase", "--yes")["phrase"] == wallet["phrase"]


def test_showing_and_locking_print_no_secret(colophon: Commands, wallet: dict[str, str]) -> None:
    for command in ("show", "accounts", "unlock", "lock"):
        shown = colophon.run("wallet", command).output
        assert wallet["phrase"] not in shown
        assert PASSPHRASE not in shown


def test_a_wrong_word_is_named_by_position_only(colophon: Commands, wallet: dict[str, str]) -> None:
    typed = wallet["phrase"].split()
    typed[4] = "zzzz"
    result = colophon.run("wallet", "confirm", stdin=" ".join(typed))
    assert result.exit_code == 2
    assert "5" in result.stderr
    assert "zzzz" not in result.stderr
    assert " ".join(typed[5:8]) not in result.stderr


def test_accounts_are_added_named_and_chosen(colophon: Commands, wallet: dict[str, str]) -> None:
    colophon("wallet", "add-account", "Band")
    listed = colophon("wallet", "accounts")
    assert [one["active"] for one in listed] == [True, False]
    band = listed[1]["address"]
    assert colophon("wallet", "use-account", "band")["wallet"]["active"] == band
    colophon("wallet", "rename-account", band, "The band")
    assert colophon("wallet", "accounts")[1]["name"] == "The band"
    assert colophon("wallet", "use-account", wallet["address"])["wallet"]["active"] == wallet["address"]
    assert colophon.error("wallet", "use-account", "0x" + "11" * 20) == "wallet.unknown_account"


def test_no_command_takes_a_passphrase_as_an_argument(colophon: Commands) -> None:
    for command in ("create", "restore", "unlock", "phrase", "protect", "change-passphrase"):
        assert "--passphrase " not in colophon.run("wallet", command, "--help").stdout


def test_a_stored_address_is_never_shown_as_a_checked_one(
    colophon: Commands, wallet: dict[str, str], tmp_path: Path
) -> None:
    """Found by an attack: whoever can write to the folder puts an address of his own in the list."""
    vault = VaultFile(tmp_path / "colophon-home" / "vault.json").existing()
    forged = replace(vault.header.accounts[0], address="0x" + "66" * 20)
    header = replace(vault.header, accounts=(forged,), active=forged.address)
    VaultFile(tmp_path / "colophon-home" / "vault.json").write(replace(vault, header=header))
    for command in ("show", "accounts"):
        told = colophon.run("wallet", command)
        assert "NOT checked" in told.stdout
        assert "not checked" in told.stderr
    assert [row["verified"] for row in colophon("wallet", "accounts")] == [False]
    assert colophon("wallet", "show")["wallet"]["verified"] is False
    assert colophon.error("wallet", "receive", code=1) == "wallet.corrupt"
    assert colophon.error("contacts", "check", forged.address, code=1) == "wallet.corrupt"
    assert wallet["address"] != forged.address
