"""What the window does when things are unusual: cancel, crash, lock, restore, reset, long lists."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app.core.amounts import Amount, Currency, amount_text
from desktop_app.core.errors import NotFoundError
from desktop_app.gui.crash import CrashHandler
from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.dialogs.wallet_create import WalletCreateDialog
from desktop_app.gui.dialogs.wallet_unlock import WalletUnlockDialog
from desktop_app.gui.models.paged import PAGE, PagedModel
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import ProgressRow
from desktop_app.gui.widgets.step_card import StepCard
from desktop_app.services.wallet import WalletState

PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
ADDRESS = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"  # BIP-44, first account of this well-known phrase
PASSPHRASE = "paper lantern river stone"
ETH = Currency(1, "ETH", 18)
DOLLAR = Currency(1, "tUSD", 6, "0x" + "1" * 40)


def restore(user: Any) -> None:
    page = user.go("wallet")
    page._empty.acted.emit()
    dialog = user.dialog(WalletCreateDialog)
    user.click(dialog.restore)
    dialog._phrase_edit.setPlainText(f"  {PHRASE.upper()} ")
    for field in (dialog.first, dialog.second):
        user.type(field.control, PASSPHRASE)
    user.shot("wallet-restore", dialog)
    user.click(dialog._next)
    user.no_dialog()
    user.settle()


def test_a_wallet_is_restored_locked_and_unlocked_and_a_wrong_passphrase_is_explained(user: Any) -> None:
    restore(user)
    page, wallet = user.main.current, user.window.session.services.wallet
    assert wallet.status().active == ADDRESS
    assert wallet.status().backup_confirmed
    user.click(page.lock)
    user.settle()
    assert wallet.status().state is WalletState.LOCKED
    user.shot("wallet-locked")
    user.click(page.unlock)
    dialog = user.dialog(WalletUnlockDialog)
    user.type(dialog.secret, "not the passphrase")
    user.click(dialog.unlock)
    user.wait(lambda: dialog.message.isVisible(), "the refusal")
    user.settle()
    user.shot("wallet-wrong-passphrase", dialog)
    assert dialog.secret.text() == ""
    user.type(dialog.secret, PASSPHRASE)
    user.click(dialog.unlock)
    user.no_dialog()
    user.settle()
    assert wallet.status().state is WalletState.UNLOCKED
    assert not user.faults, "\n".join(user.faults)


def test_practice_money_arrives_and_a_reset_takes_it_away(user: Any) -> None:
    restore(user)
    page = user.go("networks")
    user.click(page.get_money)
    user.wait(lambda: page._dollar.text() == "1,000.00 tUSD", "practice dollars")
    user.settle()
    user.click(page.reset)
    ask = user.dialog(ConfirmDialog)
    user.shot("reset-practice", ask)
    assert ask.focusWidget() is not ask.agree
    user.click(ask.agree)
    user.wait(lambda: page._dollar.text() == "0.00 tUSD", "nothing is left")
    user.settle()
    assert not user.faults, "\n".join(user.faults)


def test_fingerprinting_a_large_file_can_be_stopped_and_leaves_nothing(user: Any, tmp_path: Path) -> None:
    large = tmp_path / "film.mp4"
    with large.open("wb") as file:
        file.truncate(40 << 30)  # sparse: takes no room, but long to read
    library = user.main.pages["library"]
    user.drop(library, large)
    row = user.wait(lambda: library.findChild(ProgressRow), "progress")
    user.wait(lambda: row._bar.maximum() == 1000, "known length")
    user.shot("fingerprinting")
    assert user.main.tray.isVisible()
    user.click(user.main.side_bar.buttons["settings"])
    user.shot("settings-while-running")
    assert user.main.tray.isVisible(), "the work goes on when the page is left"
    user.main.tray.findChild(ProgressRow).cancelled.emit()
    user.settle()
    assert not user.main.tray.isVisible()
    assert user.window.session.services.library.count() == 0


def test_a_file_that_cannot_be_read_is_explained_with_a_next_step(user: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    library = user.main.pages["library"]
    user.drop(library, empty, tmp_path / "gone.wav")
    user.wait(lambda: library.notice.isVisible(), "an explanation")
    user.settle()
    assert len(library.notice.text.split(". ")) >= 2
    user.shot("library-error")
    assert not user.faults, "\n".join(user.faults)


def test_an_unforeseen_error_is_logged_without_secrets_and_shown_once(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    handler = CrashHandler(lambda _error, report: shown.append(report))
    before = sys.excepthook
    handler.install()
    try:
        error = ValueError(f"bad phrase: {PHRASE}")
        logger = logging.getLogger("desktop_app")
        logger.addHandler(caplog.handler)
        sys.excepthook(ValueError, error, None)
        for _ in range(3):
            qapp.processEvents()
        logger.removeHandler(caplog.handler)
    finally:
        handler.remove()
    assert sys.excepthook is before
    assert len(shown) == 1
    assert "abandon abandon" not in shown[0] + caplog.text
    assert "[redacted]" in shown[0]


def test_a_list_of_ten_thousand_rows_is_fetched_page_by_page_off_the_ui_thread(user: Any) -> None:
    asked: list[tuple[int, int]] = []

    def fetch(offset: int, limit: int) -> list[int]:
        asked.append((offset, limit))
        return list(range(offset, min(offset + limit, 10_000)))

    model = PagedModel(user.window.jobs, fetch)
    model.reload()
    user.settle()
    assert asked == [(0, PAGE)]
    root = model.index(-1, -1)
    while model.canFetchMore(root):
        model.fetchMore(root)
        user.settle(0.01)
    assert list(model.rows) == list(range(10_000))
    failing = PagedModel(user.window.jobs, lambda _offset, _limit: _gone())
    errors: list[BaseException] = []
    failing.failed.connect(errors.append)
    failing.reload()
    user.settle()
    assert isinstance(errors[0], NotFoundError)


def _gone() -> list[int]:
    raise NotFoundError("store.work_unknown")


@pytest.mark.parametrize(
    ("units", "currency", "shown"),
    [
        (0, DOLLAR, "0.00 tUSD"),
        (25_000_000, DOLLAR, "25.00 tUSD"),
        (9_375_000, DOLLAR, "9.375 tUSD"),
        (1_234_567_890_001, DOLLAR, "1,234,567.890001 tUSD"),
        (0, ETH, "0 ETH"),
        (10**18, ETH, "1 ETH"),
        (1, ETH, "<0.000001 ETH"),
        (1_999_999_999_999_999_999, ETH, "1.999999 ETH"),
    ],
)
def test_amounts_are_cut_off_for_reading_and_never_rounded_up(
    units: int, currency: Currency, shown: str
) -> None:
    assert amount_text(Amount(units, currency)) == shown


def test_the_highest_fee_is_rounded_up() -> None:
    assert amount_text(Amount(110_000_000_000_001, ETH), round_up=True) == "0.000111 ETH"


def test_the_keyboard_stays_on_a_step_that_is_built_anew(user: Any) -> None:
    user.in_front()
    card = StepCard("Register")
    user.main.current.body.addWidget(card)
    card.set_todo("Not yet", "Register", "seal")
    user.settle()
    card.button.setFocus()
    assert card.button.hasFocus()
    card.set_done("Done", action="Once more")
    user.wait(lambda: card.button.hasFocus(), "the new button has the keyboard")
    see = Button("See")
    card.set_done("Done", see)
    user.wait(see.hasFocus, "the only button has it")
    user.main.side_bar.buttons["library"].setFocus()
    card.set_todo("Not yet", "Register", "seal")
    user.settle()
    assert user.main.side_bar.buttons["library"].hasFocus()
