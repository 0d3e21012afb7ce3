"""The payouts page: filters, chart, sums, comparison, files, notifications; flat memory for a long list."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from desktop_app.gui import notifications, tray
from desktop_app.gui.dialogs.export_payouts import ExportPayoutsDialog
from desktop_app.gui.models.payouts import COLUMNS
from desktop_app.gui.models.windowed import KEPT, PAGE
from desktop_app.gui.pages.payouts import VIEWS
from desktop_app.services.payouts import PayoutFilter
from desktop_app.store.tokens import Collaborator, Token

FIRST_DAY = 1_767_225_600  # 2026-01-01
DAY = 86_400
EVIL = "<b>=1+1</b>\u202eevil"


def fill(user: Any, payments: int, works: tuple[str, ...] = ("Night Train", "Harbour Lights")) -> None:
    """Payments of four people to each work, three days apart, and what was pushed of them."""
    services = user.window.session.services
    network = services.networks.active
    currencies = (network.native, network.dollar)
    rows = []
    for number, title in enumerate(works):
        address = f"0x{number + 1:040x}"
        token = Token(
            network.chain_id, address, None, "0x" + "aa" * 20, title, f"T{number}", 1000, 0, None,
            (Collaborator("0x" + "c1" * 20, 250_000),), currencies,
        )  # fmt: skip
        services.royalties._tokens.add(token)
        for place in range(payments):
            block = 10**9 + place
            currency = currencies[place % 3 % 2]
            units = (place % 17 + 1) * 10 ** (currency.decimals - 2)
            common = (
                network.chain_id, address, f"0x{number:02x}{place:062x}", block, "0x" + "bb" * 32,
                FIRST_DAY + place * DAY * 3 % (300 * DAY), currency.address,
            )  # fmt: skip
            memo = "0x" + f"Order {place}".encode().ljust(32, b"\0").hex()
            state = ("final", "safe", "seen")[place % 3]
            payer = f"0x{place % 4 + 16:040x}"
            rows.append((*common, 0, 0, "payment", payer, str(units), memo, state))
            rows.append((*common, 1, 1, "push", "0x" + "c1" * 20, str(units // 4), "", state))
    with services.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO payouts (chain_id, token, tx_hash, block_number, block_hash, block_time, currency,"
            " ordinal, log_index, kind, party, amount, memo, state, recipient, first_seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)",
            rows,
        )


@pytest.fixture
def no_following(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What these tests put in the database is on no chain."""
    monkeypatch.setattr("desktop_app.gui.payout_watch.PayoutWatch.refresh", lambda self: None)
    yield


def view(user: Any, page: Any, name: str) -> None:
    user.click(page._segments.button(VIEWS.index(name)))
    user.settle()


def test_the_page_shows_filters_draws_adds_up_and_compares(
    user: Any, no_following: None, off_the_ui_thread: list[str]
) -> None:
    fill(user, 90)
    page = user.go("payouts")
    user.wait(lambda: page.model.rowCount() == 360, "all payouts")
    assert page.table.isVisible()
    user.shot("payouts-list")
    for name in VIEWS[1:]:
        view(user, page, name)
        if name == "chart":
            user.wait(lambda: page.chart._canvas is not None, "the chart's library")
            user.settle()
            assert "2026-01" in page.chart.accessibleDescription()
        user.shot(f"payouts-{name}")
    assert page.compared.rowCount() == 4

    page.by.setCurrentIndex(page.by.findData("payer"))
    view(user, page, "sums")
    assert page.sums.rowCount() == 8
    works = {page.filter.work.itemText(i) for i in range(page.filter.work.count())}
    assert works >= {"Night Train", "Harbour Lights"}
    page.filter.work.setCurrentText("Night Train")
    user.wait(lambda: page.model.rowCount() == 180, "one work only")
    page.filter.payer.setCurrentIndex(1)
    user.settle()
    assert 0 < page.model.rowCount() < 90
    page.filter.period.setCurrentText("Between dates…")
    user.settle()
    user.type(page.filter.since.control, "2026-13-01")
    page.filter.since.control.editingFinished.emit()
    user.shot("payouts-dates")
    assert "2026" in page.filter.since._below.text()
    user.type(page.filter.since.control, "2026-03-01")
    user.type(page.filter.until.control, "2026-03-31")
    page.filter.until.control.editingFinished.emit()
    user.settle()
    view(user, page, "list")
    wanted = page.filter.wanted(everything=True)
    assert page.model.rowCount() == user.window.session.services.earnings._stored.count(wanted)
    page.filter.start_over()
    page._filter_changed()
    user.settle()
    assert page.model.rowCount() == 360

    user.window.theme.set_mode("dark")
    for name in VIEWS:
        view(user, page, name)
        user.shot(f"payouts-{name}")
    user.main.resize(900, 600)
    for name in VIEWS:
        view(user, page, name)
        user.shot(f"payouts-{name}-small")
    assert not user.faults, "\n".join(user.faults)
    assert off_the_ui_thread == []


@pytest.mark.parametrize("size", [(1180, 780), (900, 600)])
def test_an_amount_is_never_cut_off(user: Any, no_following: None, size: tuple[int, int]) -> None:
    fill(user, 3)
    page = user.go("payouts")
    user.main.resize(*size)
    user.wait(lambda: page.model.rowCount() == 12, "all payouts")
    user.settle()
    strong = QFontMetrics(user.window.theme.font("body", 600))
    amount = COLUMNS.index("amount")
    room = page.table.columnWidth(amount) - 16
    shown = [str(page.model.index(place, amount).data()) for place in range(page.model.rowCount())]
    longest = max((*shown, "−20.307812 tUSD"), key=strong.horizontalAdvance)
    assert strong.horizontalAdvance(longest) <= room, longest


def test_payouts_are_saved_as_a_table_and_as_a_tax_ledger(
    user: Any, no_following: None, tmp_path: Path
) -> None:
    fill(user, 4, ("=Song",))
    page = user.go("payouts")
    user.wait(lambda: page.model.rowCount() == 8, "payouts")
    user.click(page._export)
    dialog = user.dialog(ExportPayoutsDialog)
    user.settle()
    user.shot("export-payouts", dialog)
    dialog.save_to(tmp_path / "all.csv")
    user.wait(lambda: dialog.outcome.isVisible(), "written")
    user.settle()
    user.click(dialog.ledger)
    user.settle()
    dialog.basis.setCurrentIndex(dialog.basis.findData("payments"))
    symbols = list(dialog.rates)
    user.type(dialog.rates[symbols[0]].control, "none")
    dialog.save_to(tmp_path / "no.csv")
    assert not (tmp_path / "no.csv").exists()
    user.type(dialog.rates[symbols[0]].control, "0.92")
    dialog.save_to(tmp_path / "ledger.csv")
    user.wait(lambda: (tmp_path / "ledger.csv").exists(), "ledger")
    user.settle()
    user.shot("export-ledger", dialog)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "ledger.csv").read_text("utf-8-sig"), newline="")))
    assert len(rows) == 4
    assert {row["work"] for row in rows} == {"'=Song"}
    assert any(row["value"] for row in rows)
    assert any(not row["value"] and row["remark"] for row in rows)
    user.click(dialog.close_button)
    user.no_dialog()
    assert not user.faults, "\n".join(user.faults)


def test_names_and_memos_of_strangers_are_shown_as_text(user: Any, no_following: None) -> None:
    fill(user, 2, (EVIL,))
    page = user.go("payouts")
    user.wait(lambda: page.model.rowCount() == 4, "payouts")
    user.settle()
    index = page.model.index(0, 2)
    tip = index.data(3)  # ToolTipRole
    assert "<b>" not in tip.removeprefix("<qt>")
    assert "&lt;b&gt;" in tip
    line = page.model.row_at(0).line
    title, text = notifications.in_words(12_345, (line,))
    assert title == "12,345 practice payments have arrived", "practice is never told as money"
    real = replace(line, payout=replace(line.payout, chain_id=8453))
    test = replace(line, payout=replace(line.payout, chain_id=84532))
    assert notifications.in_words(1, (real,))[0] == "A payment has arrived"
    assert notifications.in_words(1, (test,))[0] == "A payment of test money has arrived"
    assert notifications.in_words(2, (real, line))[0] == "2 payments have arrived"
    assert "<" not in text
    assert "\u202e" not in text


def test_scrolling_through_a_long_history_keeps_few_rows_in_memory(user: Any, no_following: None) -> None:
    fill(user, 2_500, ("One", "Two"))
    page = user.go("payouts")
    user.wait(lambda: page.model.rowCount() == 10_000, "all payouts are counted")
    bar = page.table.verticalScrollBar()
    for step in range(0, bar.maximum() + 1, max(1, bar.maximum() // 40)):
        bar.setValue(step)
        user.settle(0.01)
    bar.setValue(bar.maximum())
    user.settle()
    assert page.model.rows_in_memory <= KEPT * PAGE
    last = page.model.row_at(9_999)
    oldest = user.window.session.services.earnings._stored.page(PayoutFilter(orphaned=None), 1, 9_999)[0]
    assert last.line.payout == oldest


class Tray:
    """A tray that writes down what it is told; the tests run where there is none."""

    def __init__(self, *_: object) -> None:
        self.told: list[tuple[str, str]] = []
        self.messageClicked = self.activated = self

    def connect(self, _call: object) -> None: ...
    def setToolTip(self, _text: str) -> None: ...
    def setContextMenu(self, _menu: object) -> None: ...
    def show(self) -> None: ...
    def hide(self) -> None: ...

    def showMessage(self, title: str, text: str, *_: object) -> None:
        self.told.append((title, text))

    @staticmethod
    def isSystemTrayAvailable() -> bool:
        return True


def test_without_a_tray_a_payment_is_told_in_the_window_and_nothing_fails(
    user: Any, no_following: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    user.window.session.payouts_arrived.emit((3, ()))
    assert user.main.toast.isVisible()
    assert user.main.tray_icon._icon is None


def test_the_tray_tells_a_thousand_payments_in_one_message_and_can_be_silenced(
    user: Any, qapp: QApplication, no_following: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_app.core.settings import NOTIFY
    from desktop_app.services.payouts import PayoutUpdate

    monkeypatch.setattr(tray, "QSystemTrayIcon", Tray)
    monkeypatch.setattr(type(user.main), "isActiveWindow", lambda self: False)
    fill(user, 10, ("Song",))
    services = user.window.session.services
    payouts = services.payouts.list(PayoutFilter(kind="payment"))
    status = services.payouts.status(services.networks.active.chain_id)
    for _ in range(100):
        user.window.watch._deliver(PayoutUpdate(status.chain_id, payouts, 0, status))
    user.wait(lambda: user.main.tray_icon._icon is not None, "a notification")
    user.settle()
    icon: Any = user.main.tray_icon._icon
    assert len(icon.told) == 1
    assert "1,000" in icon.told[0][0]
    services.settings.set(NOTIFY, "off")
    user.main.notifications.tell(1, ())
    assert len(icon.told) == 1


def test_a_broken_list_is_told_and_the_page_stays(user: Any, no_following: None) -> None:
    fill(user, 2, ("Song",))
    page = user.go("payouts")
    user.wait(lambda: page.model.rowCount() == 4, "payouts")

    def broken(_offset: int, _limit: int) -> list[object]:
        raise sqlite3.OperationalError("no")

    page.model._fetch = broken
    page.model.reload()
    user.wait(lambda: page.notice.isVisible(), "told")
    assert page.model.rowCount() == 4


def test_every_network_with_a_token_is_followed_and_practice_only_while_in_use(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = user.window.session.services
    watched: list[str] = []
    stopped: list[int] = []
    monkeypatch.setattr(services.payouts, "watch", lambda network: watched.append(network.key))
    monkeypatch.setattr(services.payouts, "stop", lambda chain_id=None: stopped.append(chain_id))
    for chain_id, number in ((8453, 7), (10, 8), (services.networks.active.chain_id, 9)):
        services.royalties._tokens.add(
            Token(chain_id, f"0x{number:040x}", None, "0x" + "aa" * 20, "T", "T", 1, 0, None, (), ())
        )
    user.window.watch.refresh()
    user.settle()
    assert set(watched) >= {"base", "practice"}
    watched.clear()
    services.networks.select("base")
    user.window.watch.refresh()
    user.settle()
    assert "practice" not in watched
    assert "base" in watched
    assert services.networks.named("practice").chain_id in stopped


def test_notifications_are_switched_in_the_settings(user: Any, no_following: None) -> None:
    from desktop_app.core.settings import NOTIFY

    page = user.go("settings")
    assert page.notify.isChecked()
    user.click(page.notify)
    user.settle()
    assert user.window.session.services.settings.text(NOTIFY) == "off"
    user.shot("settings-payments")
    assert not user.faults, "\n".join(user.faults)
