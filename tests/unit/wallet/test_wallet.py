"""States of the wallet, in both protections, as several processes see them."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import ColophonError, CorruptError, NotFoundError
from desktop_app.wallet.facts import WalletState
from desktop_app.wallet.vault import decode, seal_vault
from desktop_app.wallet.wallet import Wallet

ENTROPY = bytes(16)
FIRST = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
PASSPHRASE = "correct horse"
TRANSACTION = {"nonce": 0, "gasPrice": 1, "gas": 21000, "to": FIRST, "value": 1, "data": b"", "chainId": 1}
BOTH = pytest.mark.parametrize("protection", ["keyring", "passphrase"])
OpenWallet = Callable[[], Wallet]


def make(open_wallet: OpenWallet, protection: str) -> Wallet:
    wallet = open_wallet()
    passphrase = PASSPHRASE if protection == "passphrase" else None
    wallet.create(ENTROPY, "Main", protection, passphrase, backed_up=False)
    return wallet


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ColophonError) as caught:
        call()
    return caught.value.code


def vault_path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "vault.json"


def test_without_a_file_the_wallet_is_absent_and_signs_nothing(open_wallet: OpenWallet) -> None:
    wallet = open_wallet()
    assert wallet.facts() == (WalletState.ABSENT, None, False)
    for call in (wallet.signer, wallet.owner_secrets, wallet.unlock, wallet.reveal_phrase):
        with pytest.raises(NotFoundError):
            call()
    wallet.lock()


@BOTH
def test_a_new_wallet_is_unlocked_and_has_one_account(open_wallet: OpenWallet, protection: str) -> None:
    wallet = make(open_wallet, protection)
    state, header, _ = wallet.facts()
    assert state is WalletState.UNLOCKED
    assert header is not None
    assert [(a.index, a.name, a.address) for a in header.accounts] == [(0, "Main", FIRST)]
    assert (header.active, header.protection, header.backup_confirmed) == (FIRST, protection, False)
    assert wallet.signer().address == FIRST
    assert len(wallet.owner_secrets().seed) == 64


@BOTH
def test_an_existing_wallet_is_never_replaced(
    open_wallet: OpenWallet, protection: str, tmp_path: Path
) -> None:
    make(open_wallet, protection)
    before = vault_path(tmp_path).read_bytes()
    other = open_wallet()
    code = refusal(lambda: other.create(bytes(32), "Other", protection, PASSPHRASE, backed_up=False))
    assert code == "wallet.exists"
    assert vault_path(tmp_path).read_bytes() == before


def test_not_even_a_damaged_file_is_replaced(open_wallet: OpenWallet, tmp_path: Path) -> None:
    vault_path(tmp_path).parent.mkdir()
    vault_path(tmp_path).write_bytes(b"rubbish")
    with pytest.raises(CorruptError):
        open_wallet().facts()
    assert refusal(lambda: make(open_wallet, "passphrase")) == "wallet.exists"
    assert vault_path(tmp_path).read_bytes() == b"rubbish"


@BOTH
def test_a_locked_wallet_signs_nothing(open_wallet: OpenWallet, protection: str) -> None:
    wallet = make(open_wallet, protection)
    signer = wallet.signer()
    assert signer.sign_transaction(TRANSACTION)
    wallet.lock()
    assert wallet.facts()[0] is WalletState.LOCKED
    for call in (
        lambda: signer.sign_transaction(TRANSACTION),
        wallet.signer,
        wallet.owner_secrets,
        wallet.contents,
        lambda: wallet.add_account("Second"),
        lambda: wallet.confirm_backup({1: "abandon"}),
    ):
        assert refusal(call) == "wallet.locked"
    wallet.unlock(PASSPHRASE)
    assert signer.sign_transaction(TRANSACTION)


@BOTH
def test_public_facts_are_readable_while_locked(open_wallet: OpenWallet, protection: str) -> None:
    make(open_wallet, protection).lock()
    asked = "wallet.locked" if protection == "keyring" else "wallet.passphrase_needed"
    assert refusal(open_wallet().reveal_phrase) == asked
    state, header, authentic = open_wallet().facts()
    assert not authentic
    assert state is WalletState.LOCKED
    assert header is not None
    assert header.active == FIRST


def test_in_keyring_mode_the_next_process_opens_by_itself(open_wallet: OpenWallet) -> None:
    make(open_wallet, "keyring")
    assert open_wallet().facts()[0] is WalletState.UNLOCKED
    assert open_wallet().signer().sign_transaction(TRANSACTION)


def test_in_keyring_mode_a_lock_holds_for_every_process_until_unlock(open_wallet: OpenWallet) -> None:
    first = make(open_wallet, "keyring")
    signer = first.signer()
    open_wallet().lock()
    assert first.facts()[0] is WalletState.LOCKED
    assert refusal(lambda: signer.sign_transaction(TRANSACTION)) == "wallet.locked"
    assert refusal(open_wallet().signer) == "wallet.locked"
    open_wallet().unlock()
    assert open_wallet().signer().address == FIRST
    assert signer.sign_transaction(TRANSACTION)


def test_locking_works_while_the_keyring_does_not(open_wallet: OpenWallet, backend: object) -> None:
    make(open_wallet, "keyring")
    backend.problem = RuntimeError("gone")  # type: ignore[attr-defined]
    wallet = open_wallet()
    wallet.lock()
    assert wallet.facts()[0] is WalletState.LOCKED


def test_in_passphrase_mode_each_process_asks(open_wallet: OpenWallet, backend: object) -> None:
    make(open_wallet, "passphrase")
    other = open_wallet()
    assert other.facts()[0] is WalletState.LOCKED
    assert refusal(other.signer) == "wallet.locked"
    assert refusal(other.unlock) == "wallet.passphrase_needed"
    assert refusal(lambda: other.unlock("correct house")) == "wallet.wrong_passphrase"
    assert other.facts()[0] is WalletState.LOCKED
    other.unlock(PASSPHRASE)
    assert other.signer().address == FIRST
    assert backend.calls == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        (None, "wallet.passphrase_needed"),
        ("", "wallet.passphrase_too_short"),
        ("1234567", "wallet.passphrase_too_short"),
        ("e\u0301" * 7, "wallet.passphrase_too_short"),
        ("x" * 1025, "wallet.passphrase_unusable"),
        ("\udcff" * 8, "wallet.passphrase_unusable"),
    ],
)
def test_a_weak_or_unusable_passphrase_makes_no_wallet(
    open_wallet: OpenWallet, passphrase: str | None, code: str
) -> None:
    wallet = open_wallet()
    assert refusal(lambda: wallet.create(ENTROPY, "Main", "passphrase", passphrase, backed_up=False)) == code
    assert wallet.facts()[0] is WalletState.ABSENT


def test_an_unknown_protection_makes_no_wallet(open_wallet: OpenWallet) -> None:
    wallet = open_wallet()
    code = refusal(lambda: wallet.create(ENTROPY, "Main", "plain", PASSPHRASE, backed_up=False))
    assert code == "wallet.unknown_protection"
    assert wallet.facts()[0] is WalletState.ABSENT


def test_a_deleted_keyring_entry_is_explained(open_wallet: OpenWallet, backend: object) -> None:
    make(open_wallet, "keyring")
    backend.entries.clear()  # type: ignore[attr-defined]
    assert refusal(open_wallet().signer) == "keyring.entry_missing"


def test_the_entry_of_another_vault_is_refused(open_wallet: OpenWallet, backend: object) -> None:
    make(open_wallet, "keyring")
    entries = backend.entries  # type: ignore[attr-defined]
    (place,) = entries
    entries[place] = entries[place][:-64] + "00" * 32
    assert refusal(open_wallet().signer) == "wallet.wrong_key"


def test_a_failed_creation_leaves_no_entry_in_the_keyring(
    open_wallet: OpenWallet, backend: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desktop_app.wallet.vault_file.replace_file", full)
    assert refusal(lambda: make(open_wallet, "keyring")) == "wallet.unwritable"
    assert backend.entries == {}  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode bits")
@BOTH
def test_only_the_user_can_read_the_files(open_wallet: OpenWallet, protection: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make(open_wallet, protection)
    finally:
        os.umask(before)
    folder = vault_path(tmp_path).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {
        "vault.json": 0o600,
        ".vault.json.lock": 0o600,
    }


@BOTH
def test_accounts_are_added_named_and_chosen(open_wallet: OpenWallet, protection: str) -> None:
    wallet = make(open_wallet, protection)
    second = wallet.add_account("Licences")
    assert (second.index, second.address) == (1, "0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0")
    assert wallet.select_account(second.address.lower()) == second
    assert wallet.signer().address == second.address
    assert wallet.signer(FIRST).address == FIRST
    renamed = wallet.rename_account(FIRST, "Songs")
    assert renamed.name == "Songs"
    header = open_wallet().facts()[1]
    assert header is not None
    assert [a.name for a in header.accounts] == ["Songs", "Licences"]
    assert header.active == second.address


def test_names_are_checked(open_wallet: OpenWallet) -> None:
    wallet = make(open_wallet, "keyring")
    for name in ("", " x", "x" * 61, "a\nb", "\u202eabc", "\ud800"):
        assert refusal(lambda name=name: wallet.add_account(name)) == "wallet.account_name"
    assert refusal(lambda: wallet.add_account("MAIN")) == "wallet.account_name_taken"
    assert refusal(lambda: wallet.select_account("0x" + "00" * 20)) == "wallet.unknown_account"
    assert refusal(lambda: wallet.signer("0x" + "00" * 20)) == "wallet.unknown_account"


def test_two_processes_adding_accounts_lose_none(open_wallet: OpenWallet) -> None:
    make(open_wallet, "keyring")

    def add(who: int) -> None:
        wallet = open_wallet()
        for number in range(6):
            wallet.add_account(f"{who}.{number}")

    threads = [threading.Thread(target=add, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    header = open_wallet().facts()[1]
    assert header is not None
    assert [a.index for a in header.accounts] == list(range(19))
    assert len({a.name for a in header.accounts}) == 19


@BOTH
def test_the_backup_is_confirmed_by_at_least_three_right_words(
    open_wallet: OpenWallet, protection: str
) -> None:
    wallet = make(open_wallet, protection)
    few = {1: "abandon", 12: "about"}
    assert refusal(lambda: wallet.confirm_backup(few)) == "wallet.confirm_more_words"
    assert refusal(lambda: wallet.confirm_backup(few | {13: "about"})) == "wallet.phrase_mismatch"
    assert refusal(lambda: wallet.confirm_backup(few | {2: "about"})) == "wallet.phrase_mismatch"
    assert not wallet.facts()[1].backup_confirmed  # type: ignore[union-attr]
    wallet.confirm_backup(few | {2: " Abandon "})
    assert open_wallet().facts()[1].backup_confirmed  # type: ignore[union-attr]


def test_the_phrase_can_be_shown_again(open_wallet: OpenWallet, tmp_path: Path) -> None:
    wallet = make(open_wallet, "passphrase")
    assert refusal(wallet.reveal_phrase) == "wallet.passphrase_needed"
    assert refusal(lambda: wallet.reveal_phrase("wrong horse")) == "wallet.wrong_passphrase"
    assert wallet.reveal_phrase(PASSPHRASE) == "abandon " * 11 + "about"
    vault_path(tmp_path).unlink()
    assert make(open_wallet, "keyring").reveal_phrase() == "abandon " * 11 + "about"


def test_a_changed_passphrase_replaces_key_and_passphrase(open_wallet: OpenWallet, tmp_path: Path) -> None:
    wallet = make(open_wallet, "passphrase")
    old = decode(vault_path(tmp_path).read_bytes())
    other = open_wallet()
    other.unlock(PASSPHRASE)
    assert (
        refusal(lambda: wallet.change_passphrase("wrong horse", "battery staple"))
        == "wallet.wrong_passphrase"
    )
    assert refusal(lambda: wallet.change_passphrase(PASSPHRASE, "short")) == "wallet.passphrase_too_short"
    wallet.change_passphrase(PASSPHRASE, "battery staple")
    new = decode(vault_path(tmp_path).read_bytes())
    assert new.header.key_id != old.header.key_id
    assert wallet.signer().address == FIRST
    # The other process holds the old key: it is locked, and the old passphrase no longer opens.
    assert other.facts()[0] is WalletState.LOCKED
    assert refusal(lambda: other.unlock(PASSPHRASE)) == "wallet.wrong_passphrase"
    other.unlock("battery staple")


def test_moving_between_the_protections_keeps_everything(open_wallet: OpenWallet, backend: object) -> None:
    entries = backend.entries  # type: ignore[attr-defined]
    wallet = make(open_wallet, "keyring")
    wallet.add_account("Second")
    seed = wallet.owner_secrets().seed
    assert refusal(lambda: wallet.change_protection("keyring", None)) == "wallet.same_protection"
    assert refusal(lambda: wallet.change_passphrase("", PASSPHRASE)) == "wallet.no_passphrase_mode"
    wallet.change_protection("passphrase", PASSPHRASE)
    assert entries == {}
    other = open_wallet()
    other.unlock(PASSPHRASE)
    assert refusal(lambda: other.change_protection("keyring", None)) == "wallet.passphrase_needed"
    assert refusal(lambda: other.change_protection("keyring", "wrong horse")) == "wallet.wrong_passphrase"
    assert entries == {}
    other.change_protection("keyring", PASSPHRASE)
    assert len(entries) == 1
    last = open_wallet()
    assert last.owner_secrets().seed == seed
    assert [a.name for a in last.facts()[1].accounts] == ["Main", "Second"]  # type: ignore[union-attr]


def test_a_locked_wallet_cannot_change_its_protection(open_wallet: OpenWallet) -> None:
    wallet = make(open_wallet, "keyring")
    wallet.lock()
    assert refusal(lambda: wallet.change_protection("passphrase", PASSPHRASE)) == "wallet.locked"


def test_a_removed_vault_takes_the_secrets_with_it(open_wallet: OpenWallet, tmp_path: Path) -> None:
    wallet = make(open_wallet, "passphrase")
    vault_path(tmp_path).unlink()
    assert wallet.facts()[0] is WalletState.ABSENT
    with pytest.raises(NotFoundError):
        wallet.owner_secrets()


def test_a_signer_never_signs_with_the_key_of_another_wallet(open_wallet: OpenWallet, tmp_path: Path) -> None:
    wallet = make(open_wallet, "keyring")
    signer = wallet.signer()
    vault_path(tmp_path).unlink()
    open_wallet().create(b"\x01" * 16, "Other", "keyring", None, backed_up=True)
    with pytest.raises(NotFoundError):
        signer.sign_transaction(TRANSACTION)


def test_an_address_that_is_not_of_the_phrase_is_never_signed_for(
    open_wallet: OpenWallet, tmp_path: Path
) -> None:
    wallet = make(open_wallet, "keyring")
    assert wallet._open is not None
    header = wallet.facts()[1]
    assert header is not None
    wrong = replace(header.accounts[0], address="0x" + "1a" * 20)
    forged = replace(header, accounts=(wrong,), active=wrong.address)
    vault_path(tmp_path).write_bytes(seal_vault(forged, wallet._open.key, ENTROPY).encode())
    signer = open_wallet().signer()
    with pytest.raises(CorruptError):
        signer.sign_transaction(TRANSACTION)


@BOTH
def test_an_idle_wallet_locks_itself(open_wallet: OpenWallet, clock: FixedClock, protection: str) -> None:
    wallet = make(open_wallet, protection)
    clock.time += 14 * 60
    assert not wallet.lock_if_idle(15)
    wallet.signer()
    clock.time += 14 * 60
    assert not wallet.lock_if_idle(15)
    assert not wallet.lock_if_idle(0)
    clock.time += 60
    assert wallet.lock_if_idle(15)
    assert wallet.facts()[0] is WalletState.LOCKED
    assert not wallet.lock_if_idle(15)


def test_a_busy_vault_says_so(
    open_wallet: OpenWallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_app.wallet import durable
    from desktop_app.wallet import vault_file as module

    wallet = make(open_wallet, "keyring")
    monkeypatch.setattr(module, "exclusive", lambda path: durable.exclusive(path, wait=0.1))
    with durable.exclusive(vault_path(tmp_path)):
        assert refusal(lambda: wallet.add_account("Second")) == "wallet.busy"
    wallet.add_account("Second")


def test_a_folder_that_cannot_be_made_is_explained(open_wallet: OpenWallet, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    assert refusal(lambda: make(open_wallet, "passphrase")) == "wallet.unwritable"


def test_a_folder_in_place_of_the_file_is_explained(open_wallet: OpenWallet, tmp_path: Path) -> None:
    vault_path(tmp_path).mkdir(parents=True)
    assert refusal(lambda: open_wallet().facts()) == "wallet.unreadable"


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
def test_a_linked_vault_stays_a_link(open_wallet: OpenWallet, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "vault.json"
    real.parent.mkdir()
    vault_path(tmp_path).parent.mkdir()
    vault_path(tmp_path).symlink_to(real)
    make(open_wallet, "passphrase")
    assert vault_path(tmp_path).is_symlink()
    assert decode(real.read_bytes()).header.active == FIRST


# Somebody who can write to the data folder


def swapped(tmp_path: Path) -> None:
    """Put the thief's address in place of the user's, and mend the checksum."""
    vault = decode(vault_path(tmp_path).read_bytes())
    thief = replace(vault.header.accounts[0], address="0x" + "1a" * 20)
    header = replace(vault.header, accounts=(thief,), active=thief.address)
    vault_path(tmp_path).write_bytes(replace(vault, header=header).encode())


@BOTH
def test_an_address_is_vouched_for_only_once_the_wallet_is_open(
    open_wallet: OpenWallet, protection: str
) -> None:
    make(open_wallet, protection).lock()
    wallet = open_wallet()
    assert not wallet.facts().authentic
    assert refusal(wallet.verify) == "wallet.locked"
    wallet.unlock(PASSPHRASE)
    assert wallet.facts().authentic
    assert wallet.verify().header is not None


@BOTH
def test_a_swapped_address_is_noticed_when_the_wallet_is_opened(
    open_wallet: OpenWallet, protection: str, tmp_path: Path
) -> None:
    make(open_wallet, protection).lock()
    swapped(tmp_path)
    wallet = open_wallet()
    assert not wallet.facts().authentic
    with pytest.raises(CorruptError):
        wallet.unlock(PASSPHRASE)
    assert not wallet.facts().authentic


@BOTH
def test_an_address_swapped_under_an_open_wallet_is_noticed_at_once(
    open_wallet: OpenWallet, protection: str, tmp_path: Path
) -> None:
    wallet = make(open_wallet, protection)
    assert wallet.facts().authentic
    swapped(tmp_path)
    for call in (wallet.facts, wallet.verify, wallet.signer, wallet.contents):
        with pytest.raises(CorruptError):
            call()


def test_a_change_by_another_process_is_still_authentic(open_wallet: OpenWallet) -> None:
    wallet = make(open_wallet, "keyring")
    open_wallet().add_account("Second")
    facts = wallet.facts()
    assert facts.authentic
    assert facts.header is not None
    assert len(facts.header.accounts) == 2
