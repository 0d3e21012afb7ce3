"""The wallet in the window: accounts, sending, contacts, backups, protection, nodes; what a thief left."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from unit.wallet.fake_ledger import FakeLedger

from desktop_app.chain.wire import checksummed
from desktop_app.core.paths import AppPaths
from desktop_app.gui import app as app_module
from desktop_app.gui.clipboard import SecretClipboard
from desktop_app.gui.dialogs.ask import ConfirmDialog, TextDialog
from desktop_app.gui.dialogs.backup_file import BackupCheckDialog, BackupFileDialog
from desktop_app.gui.dialogs.backup_first import BackupFirstDialog
from desktop_app.gui.dialogs.contact import ContactDialog
from desktop_app.gui.dialogs.ledger import LedgerDialog
from desktop_app.gui.dialogs.nodes import NodesDialog
from desktop_app.gui.dialogs.protection import ProtectionDialog
from desktop_app.gui.dialogs.receipt import ReceiptDialog
from desktop_app.gui.dialogs.receive import ReceiveDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.send import SendDialog
from desktop_app.gui.dialogs.wallet_backup import WalletBackupDialog
from desktop_app.gui.dialogs.wallet_create import WalletCreateDialog
from desktop_app.gui.dialogs.wallet_unlock import WalletUnlockDialog
from desktop_app.gui.main_window import MINIMUM
from desktop_app.gui.restoring import RestoreRequest, restore_with_progress
from desktop_app.gui.single_instance import SingleInstance
from desktop_app.services.app import build_services
from desktop_app.services.approval import describe
from desktop_app.services.wallet import WalletState
from desktop_app.wallet import ledger as ledger_module
from desktop_app.wallet import vault as vault_module
from desktop_app.wallet.strict_json import canonical

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

PASSPHRASE, NEW, SECRET = "paper lantern river stone", "quiet harbour morning", "another passphrase"
SHOP = checksummed("0x1234" + "b2" * 16 + "9876")
POISON = checksummed("0x1234" + "c3" * 16 + "9876")


def make_wallet(user: Any) -> None:
    """A wallet with practice money, its phrase not yet confirmed."""
    services = user.window.session.services
    services.wallet.create("passphrase", PASSPHRASE)
    address = services.wallet.status().active
    services.networks.faucet(address)
    user.window.session.wallet_changed.emit()
    user.window.session.money_changed.emit()
    user.settle()


def fill(user: Any, dialog: Any, *values: tuple[Any, str]) -> None:
    for field, text in values:
        user.type(getattr(field, "control", field), text)
    user.settle()


def read_its_receipt(user: Any, line: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is offered when the thing is done, and stays with its transaction."""
    opened: list[str] = []
    viewer = "desktop_app.gui.dialogs.receipt.QDesktopServices.openUrl"
    monkeypatch.setattr(viewer, lambda url: opened.append(url.toLocalFile()))
    user.main.resize(*MINIMUM)
    user.settle()
    user.shot("transactions-receipt")
    user.click(line.paper)
    dialog = user.dialog(ReceiptDialog)
    user.wait(lambda: dialog.receipt, "the receipt")
    user.settle()
    user.shot("receipt", dialog)
    assert dialog.heading.text() == "Sent 12.50 tUSD to Corner Shop"
    assert dialog.minimumSizeHint().height() <= MINIMUM[1], "the rest of it scrolls"
    assert dialog.kind.text() == "Practice: no real money moved"
    assert not dialog.explorer.isVisible(), "nobody can look up what is practice"
    user.click(dialog.copy)
    assert QGuiApplication.clipboard().text() == line.transaction.tx_hash
    for name, start in (("a.pdf", b"%PDF"), ("a.html", b"<!doctype html>")):
        dialog.save_to(folder / name)
        user.wait((folder / name).exists, name)
        assert (folder / name).read_bytes().startswith(start)
    user.click(dialog.print_button)
    (printed,) = user.wait(lambda: opened, "the viewer")
    assert Path(printed).read_bytes().startswith(b"%PDF")
    dialog.close()
    user.settle()
    user.main.resize(1180, 780)
    user.settle()


def test_money_is_sent_to_a_contact_and_a_look_alike_is_stopped(
    user: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wallet(user)
    page = user.go("wallet")
    user.shot("wallet-open")
    user.click(page.book.add)
    contact = user.dialog(ContactDialog)
    fill(user, contact, (contact.address, SHOP), (contact.name, "Corner Shop"), (contact.note, "by phone"))
    user.click(contact.watch)
    user.shot("contact", contact)
    user.click(contact.save)
    user.no_dialog()
    user.settle()
    assert {"send", "edit", "remove"} == page.rows[SHOP].buttons.keys()

    # A look-alike gets a name only on purpose.
    user.click(page.book.add)
    contact = user.dialog(ContactDialog)
    fill(user, contact, (contact.address, POISON), (contact.name, "Shop 2"))
    user.click(contact.save)
    user.wait(lambda: contact.alike.isVisible(), "the warning")
    user.settle()
    user.shot("contact-alike", contact)
    assert len(user.window.session.services.address_book.contacts()) == 1
    contact.reject()

    # Sending to it: said while it is typed, and in the review, which needs a second consent.
    user.click(page.send)
    send = user.dialog(SendDialog)
    fill(user, send, (send.to, POISON))
    user.wait(lambda: send.who.isVisible(), "the warning while typing")
    send.currency.setCurrentIndex(1)
    fill(user, send, (send.amount, "0,25"))
    user.click(send.next)
    assert send.isVisible(), "a decimal comma is not dropped, which would pay a hundred times as much"
    fill(user, send, (send.amount, "0.25"))
    user.shot("send-alike", send)
    user.click(send.next)
    review = user.dialog(ReviewDialog)
    user.settle()
    user.shot("review-danger", review)
    assert not review.agree.isEnabled()
    assert review.focusWidget() is review.cancel
    review.reject()
    user.settle()

    # By name it is the right one.
    user.click(page.send)
    send = user.dialog(SendDialog)
    fill(user, send, (send.to, "corner shop"))
    user.wait(lambda: SHOP in send.to._below.text().replace("\u200b", ""), "who that is")
    user.wait(lambda: "about" in send.speed.itemText(0), "the three fees")
    fill(user, send, (send.amount, "12.5"))
    user.shot("send", send)
    user.click(send.next)
    review = user.dialog(ReviewDialog)
    user.settle()
    user.shot("review-send", review)
    told = describe(review.review)
    shown = " ".join(str(one.text()) for one in review.findChildren(type(review.heading)) if one.isVisible())
    for text in (told.headline, *(line.label for line in told.lines), *(one.title for one in told.warnings)):
        assert text in shown, "the same words as on the command line"
    assert next(line.text for line in told.lines) == "12.5 tUSD"
    user.click(review.agree)
    user.wait(lambda: page.running.count == 0 and page.notice.isVisible(), "sent")
    user.wait(user.main.toast.button.isVisible, "its receipt is offered")
    user.shot("receipt-offered")
    user.settle()
    user.wait(lambda: page.rows[SHOP]._amounts.count() == 2, "the shop's balance")
    user.shot("wallet-contacts")

    transactions = user.go("transactions")
    user.wait(lambda: transactions.rows, "the list")
    user.click(transactions.rows[0].more)
    user.settle()
    user.shot("transactions-details")
    assert transactions.rows[0].transaction.recipient_name == "Corner Shop"
    read_its_receipt(user, transactions.rows[0], tmp_path, monkeypatch)
    user.go("wallet")
    user.click(page.rows[SHOP].buttons["remove"])
    user.click(user.dialog(ConfirmDialog).agree)
    user.settle()
    assert user.window.session.services.address_book.contacts() == ()
    assert not user.faults, "\n".join(user.faults)


def test_accounts_are_added_chosen_renamed_and_shown_for_receiving(user: Any) -> None:
    make_wallet(user)
    page = user.go("wallet")
    user.click(page.add)
    name = user.dialog(TextDialog)
    user.type(name.edit, "Savings")
    user.click(name.findChildren(type(page.add))[-1])
    user.wait(lambda: len(page.rows) == 2, "two accounts")
    user.settle()
    wallet = user.window.session.services.wallet
    second = wallet.status().accounts[1]
    user.click(page.rows[second.address].buttons["use"])
    user.wait(lambda: wallet.status().active == second.address, "the other one is in use")
    user.settle()
    user.shot("wallet-accounts")
    user.click(page.receive)
    dialog = user.dialog(ReceiveDialog)
    user.wait(lambda: dialog.address.value, "the address")
    user.settle()
    user.shot("receive", dialog)
    assert dialog.address.value == second.address
    assert dialog.groups.text().replace(" ", "").replace("\n", "") == second.address
    assert not dialog.picture.pixmap().isNull()
    user.click(dialog.close_button)
    user.settle()
    for theme, size in (("dark", (1180, 780)), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        user.settle()
        user.shot(f"wallet-accounts-{size[0]}")
    assert not user.faults, "\n".join(user.faults)


def test_a_locked_wallet_shows_no_address_and_receiving_asks_to_unlock(user: Any) -> None:
    make_wallet(user)
    address = user.window.session.services.wallet.status().active
    page = user.go("wallet")
    user.window.session.clipboard.copy("a phrase of twelve words")
    user.click(page.lock)
    user.settle()
    user.shot("wallet-is-locked")
    assert address not in texts_in(page)
    user.click(page.receive)
    unlock = user.dialog(WalletUnlockDialog)
    user.type(unlock.secret, PASSPHRASE)
    user.click(unlock.unlock)
    dialog = user.dialog(ReceiveDialog)
    user.wait(lambda: dialog.address.value == address, "the address")
    user.click(dialog.close_button)
    user.settle()
    assert address in texts_in(page)


def texts_in(page: Any) -> str:
    from PySide6.QtWidgets import QLabel

    return " ".join(getattr(one, "full_text", "") or one.text() for one in page.findChildren(QLabel))


def test_an_address_put_into_the_file_by_a_thief_is_never_shown(user: Any) -> None:
    make_wallet(user)
    services = user.window.session.services
    page = user.go("wallet")
    user.click(page.lock)
    user.settle()
    path, thief = services.paths.vault, "0x" + "1a" * 20
    document = json.loads(path.read_bytes())
    document["header"]["active"] = document["header"]["accounts"][0]["address"] = thief
    del document["checksum"]
    document["checksum"] = vault_module._checksum(document)
    path.write_bytes(canonical(document))
    user.go("library")
    user.go("wallet")
    assert thief not in texts_in(page)
    networks = user.go("networks")
    assert thief not in texts_in(networks)
    user.go("wallet")
    user.click(page.receive)
    unlock = user.dialog(WalletUnlockDialog)
    user.type(unlock.secret, PASSPHRASE)
    user.click(unlock.unlock)
    user.wait(lambda: unlock.message.isVisible(), "the file is not believed")
    user.settle()
    assert services.wallet.status().state is WalletState.LOCKED
    unlock.reject()
    user.settle()


def test_a_backup_is_asked_for_made_checked_and_restored(
    user: Any, tmp_path: Path, qapp: QApplication
) -> None:
    make_wallet(user)
    services = user.window.session.services
    page = user.go("wallet")
    assert page.reminder.isVisible()
    user.shot("wallet-reminder")
    user.click(page.make_backup)
    dialog = user.dialog(BackupFileDialog)
    saved = tmp_path / "stick" / "saved.colophon-backup"
    saved.parent.mkdir()
    fill(user, dialog, (dialog.file.edit, str(saved)), (dialog.first, "short"))
    user.click(dialog.make)
    fill(user, dialog, (dialog.first, SECRET), (dialog.second, SECRET + "!"))
    user.click(dialog.make)
    assert not saved.exists()
    fill(user, dialog, (dialog.second, SECRET))
    user.shot("backup-file", dialog)
    user.click(dialog.make)
    user.wait(saved.exists, "the backup")
    user.settle()
    user.shot("backup-made", dialog)
    user.click(dialog.make)
    user.settle()
    assert not page.reminder.isVisible()
    user.shot("wallet-backed-up")

    user.click(page.check_backup)
    check = user.dialog(BackupCheckDialog)
    user.settle()
    assert check.file.text() == str(saved)
    fill(user, check, (check.secret, "not the passphrase"))
    user.click(check.look)
    user.wait(lambda: check.message.isVisible(), "the refusal")
    user.settle()
    fill(user, check, (check.secret, SECRET))
    user.click(check.look)
    user.wait(lambda: check.verdict.isVisible(), "the verdict")
    user.settle()
    user.shot("backup-checked", check)
    check.reject()
    user.settle()

    # On another computer.
    address = services.wallet.status().active
    other = AppPaths(tmp_path / "other")
    request = RestoreRequest(saved, "wrong passphrase", "passphrase", NEW)
    assert SECRET not in repr(request)
    problem = restore_with_progress(other, request)
    assert getattr(problem, "code", "") == "wallet.wrong_passphrase"
    assert restore_with_progress(other, RestoreRequest(saved, SECRET, "passphrase", NEW)) is None
    again = build_services(other)
    try:
        assert again.wallet.status().active == address
    finally:
        again.close()
    assert not user.faults, "\n".join(user.faults)


def test_the_first_start_offers_to_restore_everything(user: Any, tmp_path: Path) -> None:
    somebody = build_services(AppPaths(tmp_path / "somebody"))
    somebody.wallet.create("passphrase", PASSPHRASE)
    saved = tmp_path / "saved"
    somebody.backup.create(saved, SECRET)
    somebody.close()
    wanted: list[RestoreRequest] = []
    user.window.session.restore_wanted.connect(wanted.append)
    page = user.go("wallet")
    user.shot("wallet-none")
    page._empty.acted.emit()
    dialog = user.dialog(WalletCreateDialog)
    user.settle()
    user.click(dialog.everything)
    user.settle()
    fill(
        user, dialog, (dialog.file.edit, str(saved)), (dialog.file_secret, "not this one"),
        (dialog.first, NEW), (dialog.second, NEW),
    )  # fmt: skip
    user.shot("wallet-restore-backup", dialog)
    user.click(dialog._next)
    user.wait(lambda: dialog.message.isVisible(), "the refusal")
    user.settle()
    assert not wanted
    fill(user, dialog, (dialog.file_secret, SECRET))
    user.click(dialog._next)
    user.wait(lambda: wanted, "the request")
    assert (wanted[0].path, wanted[0].protection) == (saved, "passphrase")
    user.settle()
    assert not user.faults, "\n".join(user.faults)


def test_real_money_waits_for_a_backup(user: Any) -> None:
    make_wallet(user)
    services = user.window.session.services
    services.networks.select("base")
    user.window.session.network_changed.emit()
    page = user.go("wallet")
    user.click(page.send)
    first = user.dialog(BackupFirstDialog)
    user.settle()
    user.shot("backup-first", first)
    user.click(first.by_phrase)
    user.click(first.next)
    phrase = user.dialog(WalletBackupDialog)
    user.type(phrase.secret, PASSPHRASE)
    user.click(phrase.action)
    user.wait(lambda: hasattr(phrase, "_grid"), "the phrase")
    words = services.wallet.reveal_phrase(PASSPHRASE).split()
    user.settle()
    user.shot("phrase-again", phrase)
    clipboard = QGuiApplication.clipboard()
    user.click(phrase._copy)
    assert clipboard.text() == " ".join(words)
    assert bytes(clipboard.mimeData().data("x-kde-passwordManagerHint").data()) == b"secret"
    user.window.session.clipboard._timer.timeout.emit()
    assert clipboard.text() == ""
    user.click(phrase.action)
    for place, field in phrase.check.fields.items():
        user.type(field.control, words[place - 1])
    user.click(phrase.action)
    user.dialog(SendDialog).reject()
    user.settle()
    assert services.backup.ready_for_real_money()
    assert not user.faults, "\n".join(user.faults)


def test_the_passphrase_is_changed_in_the_window(user: Any) -> None:
    make_wallet(user)
    page = user.go("wallet")
    user.click(page.change)
    dialog = user.dialog(ProtectionDialog)
    fill(user, dialog, (dialog.current, "wrong one"), (dialog.first, NEW), (dialog.second, NEW))
    user.click(dialog.act)
    user.wait(lambda: dialog.message.isVisible(), "the refusal")
    user.settle()
    fill(user, dialog, (dialog.current, PASSPHRASE))
    user.shot("change-passphrase", dialog)
    user.click(dialog.act)
    user.no_dialog()
    user.settle()
    wallet = user.window.session.services.wallet
    wallet.lock()
    wallet.unlock(NEW)
    user.click(page.change_keeper)
    dialog = user.dialog(ProtectionDialog)
    user.settle()
    user.shot("to-keyring", dialog)
    fill(user, dialog, (dialog.current, NEW))
    user.click(dialog.act)
    user.wait(lambda: dialog.message.isVisible(), "no keyring on this machine")
    user.settle()
    assert wallet.status().protection == "passphrase"
    dialog.reject()
    user.settle()
    assert not user.faults, "\n".join(user.faults)


def test_nodes_of_ones_own_are_added_and_asked(user: Any) -> None:
    page = user.go("networks")
    user.wait(lambda: page._cards, "the networks")
    user.click(page._cards["base-sepolia"].nodes)
    dialog = user.dialog(NodesDialog)
    user.settle()
    user.shot("nodes", dialog)
    dialog.edit.setPlainText("not an address")
    user.click(dialog.save)
    user.wait(lambda: dialog.message.isVisible(), "the refusal")
    user.settle()
    dialog.edit.setPlainText("http://127.0.0.1:9\n\nhttp://127.0.0.1:11\n")
    user.click(dialog.save)
    user.wait(lambda: dialog._rows.count() == 6, "both nodes")
    user.settle()
    user.shot("nodes-away", dialog)
    networks = user.window.session.services.networks
    assert networks.own_endpoints("base-sepolia") == ("http://127.0.0.1:9", "http://127.0.0.1:11")
    dialog.reject()
    user.settle()
    assert not user.faults, "\n".join(user.faults)


def test_an_account_of_a_ledger_is_added_and_signs(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeLedger()
    monkeypatch.setattr(ledger_module.addresses, "__defaults__", (device,))
    monkeypatch.setattr(ledger_module.LedgerSigner.__init__, "__defaults__", (device,))
    make_wallet(user)
    page = user.go("wallet")
    user.click(page.add_ledger)
    dialog = user.dialog(LedgerDialog)
    user.click(dialog.next)
    user.wait(lambda: dialog._found, "its accounts")
    user.settle()
    user.shot("ledger", dialog)
    user.click(dialog.next)
    user.no_dialog()
    user.settle()
    services = user.window.session.services
    address = device.address(dialog._found[0][0])
    services.wallet.select_account(address)
    services.networks.faucet(address)
    user.window.session.wallet_changed.emit()
    user.settle()
    user.shot("wallet-ledger")
    user.click(page.receive)
    receive = user.dialog(ReceiveDialog)
    user.wait(lambda: receive.on_device.isVisible(), "the button")
    user.settle()
    user.click(receive.on_device)
    user.wait(lambda: device.shown == [address], "the device shows it")
    user.settle()
    user.click(receive.close_button)
    sent = services.transactions.prepare_send(SHOP, services.networks.balances(SHOP)[0] + _one(services))
    assert sent.execute().sender == address
    assert len(device.signed) == 1
    assert not user.faults, "\n".join(user.faults)


def _one(services: Any) -> Any:
    from desktop_app.core.amounts import Amount

    return Amount(1, services.networks.active.native)


def test_only_our_own_secret_is_taken_off_the_clipboard(qapp: QApplication) -> None:
    clipboard, ours = QGuiApplication.clipboard(), SecretClipboard()
    ours.copy("abandon ability able")
    clipboard.setText("something else")
    ours.clear()
    assert clipboard.text() == "something else"
    clipboard.setText("Abandon  ability able\n")
    ours.pasted("abandon ability able")
    assert clipboard.text() == ""
    assert not ours.waiting
    assert b"abandon" not in b"".join(ours._digests)
    clipboard.clear()


def test_after_a_restore_the_window_opens_anew(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = build_services(AppPaths(tmp_path / "somebody"))
    somebody.wallet.create("passphrase", PASSPHRASE)
    address = somebody.wallet.status().active
    saved = tmp_path / "saved"
    somebody.backup.create(saved, SECRET)
    somebody.close()
    seen: list[str | None] = []
    real = app_module.build_window

    def build(app: QApplication, services: Any) -> Any:
        window = real(app, services)
        window.crash.remove()
        seen.append(services.wallet.status().active)
        request = RestoreRequest(saved, SECRET, "passphrase", NEW)
        act = (lambda: window.session.restore_wanted.emit(request)) if len(seen) == 1 else window.main.leave
        QTimer.singleShot(300, act)
        return window

    monkeypatch.setattr(app_module, "build_window", build)
    instance = SingleInstance(AppPaths.from_environment().home)
    assert app_module._run(qapp, instance, []) == 0
    assert seen == [None, address]


def test_a_quick_typist_waits_until_it_is_known_what_the_wallet_needs(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = user.window.session.services.wallet
    known, status = threading.Event(), wallet.keyring_status

    def slow() -> Any:
        known.wait(10)
        return status()

    monkeypatch.setattr(wallet, "keyring_status", slow)
    page = user.go("wallet")
    page._empty.acted.emit()
    dialog = user.dialog(WalletCreateDialog)
    for field in (dialog.first, dialog.second):
        user.type(field.control, PASSPHRASE)
    assert not dialog._next.isEnabled()
    known.set()
    user.wait(dialog._next.isEnabled, "it is known")
    assert dialog.second.control.hasFocus(), "nobody is moved while typing"
    user.click(dialog._next)
    user.no_dialog()  # no words to write down for practice
    assert wallet.status().state is WalletState.UNLOCKED
