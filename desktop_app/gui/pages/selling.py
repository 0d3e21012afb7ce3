"""Sell: what is on sale, what was ordered, and what to hand out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.amounts import amount_text
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.payment_link import PaymentLinkDialog
from desktop_app.gui.dialogs.sell import SaleSettingsDialog, SellDialog
from desktop_app.gui.flows import approve, approve_form, with_wallet
from desktop_app.gui.formatting import local_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.long_list import CARDS, LongList
from desktop_app.gui.widgets.more_button import MoreButton
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.sale_card import SaleCard
from desktop_app.gui.widgets.states import Chip, EmptyState, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, column
from desktop_app.gui.widgets.text import label
from desktop_app.services.actions import Action
from desktop_app.services.address_book import short_address
from desktop_app.services.royalties import Token
from desktop_app.services.sale_delivery import DeliveryStatus
from desktop_app.services.sale_records import Order, OrderState, Sale
from desktop_app.services.wording import message

_TONES = {
    OrderState.WAITING: "accent",
    OrderState.DELIVERING: "accent",
    OrderState.OVERDUE: "danger",
    OrderState.WINDOW: "accent",
    OrderState.RELEASABLE: "accent",
    OrderState.DELIVERED: "success",
}
Found = tuple[tuple[Sale, ...], tuple[Order, ...], DeliveryStatus]


class SellingPage(Page):
    chapter = "selling"

    def __init__(self, session: Session) -> None:
        self._t = texts("selling")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._shown: Found | None = None
        self.bought = self.header.add_action(Button(self._t("bought"), "quiet", "open"))
        self.bought.clicked.connect(lambda: session.page_wanted.emit("buying"))
        self.sell = self.header.add_action(Button(self._t("sell"), "primary", "plus"))
        self.sell.clicked.connect(self._sell)
        self.refresh = self.header.add_action(Button(self._t("refresh"), icon="refresh"))
        self.refresh.clicked.connect(self._look)
        self.running = RunArea()
        self.problem = InlineMessage("warn")
        self.problem.hide()
        self.unlock = Button(self._t("unlock"), icon="unlock")
        self.unlock.clicked.connect(
            lambda: with_wallet(session, self, session.wallet_changed.emit, self.show_error)
        )
        self.unlock.hide()
        self._empty = EmptyState("sell", self._t("empty_title"), self._t("empty_text"), self._t("sell"))
        self._empty.acted.connect(self._sell)
        self._empty.hide()
        self._list = LongList(self._card, gap=SPACE.medium, step=CARDS)
        self._list.filled.connect(self.fit)
        self.orders = Card(self._t("orders"), self._t("orders_text"))
        self.orders.hide()
        self._order_lines = Columns([self._t("work"), f">{self._t('paid')}", self._t("state"), f">{' '}"])
        self._order_lines.filled.connect(self.fit)
        self.orders.body.addWidget(self._order_lines)
        for part in (self.running, self.problem, self.unlock, self._list, self.orders):
            self.body.addWidget(part)
        self.body.addWidget(self._empty, 1)
        self.body.addStretch(0)
        for signal in (session.orders_changed, session.money_changed, session.network_changed):
            signal.connect(self.reload)
        session.wallet_changed.connect(self.reload)

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read what is stored; the network is asked in the background."""
        if not self.isVisible():
            return
        services = self._session.services

        def read(_task: Task) -> Found:
            selling = services.selling
            status = selling.delivery.status(services.networks.active.chain_id)
            return selling.sales.sales(closed=True), selling.orders.orders(), status

        self.load(self._session.jobs, read, self._show)

    def _show(self, found: Found) -> None:
        sales, orders, status = found
        self._show_problem(status)
        if self._shown is not None and found[:2] == self._shown[:2]:
            return
        self._shown = found
        self._empty.setVisible(not sales)
        self.body.setStretch(self.body.count() - 1, 1 if sales else 0)
        self._list.setVisible(bool(sales))
        self._list.show_all(sales)
        self._show_orders(orders)
        self.fit()

    @property
    def cards(self) -> list[SaleCard]:
        return self._list.rows

    def _card(self, sale: Sale) -> SaleCard:
        card = SaleCard(sale)
        card.page.connect(partial(self._write_page, sale))
        card.link.connect(partial(self._link, sale.token))
        card.change.connect(partial(self._change, sale))
        card.withdraw.connect(partial(self._withdraw, sale))
        return card

    def _show_problem(self, status: DeliveryStatus) -> None:
        locked = status.problem is not None and status.problem.code == "wallet.locked"
        self.unlock.setVisible(locked and bool(status.waiting))
        if status.problem is None or not status.waiting:
            self.problem.hide()
        elif locked:
            self.problem.show_text(
                self._t("locked_title"), self._t("locked_text", count=status.waiting), tone="warn"
            )
        else:
            self.problem.show_message(message(status.problem), "warn")

    def _show_orders(self, orders: tuple[Order, ...]) -> None:
        self.orders.setVisible(bool(orders))
        self._order_lines.fill(orders, self._cells)

    def _cells(self, one: Order) -> tuple[str | QWidget, ...]:
        chip = Chip(self._t(f"order_{one.state.value}"), _TONES.get(one.state, "neutral"))
        chip.setToolTip(one.state_in_words)
        if one.problem is not None:
            chip.set(self._t("order_held"), "warn")
            chip.setToolTip(f"{one.problem.title}. {one.problem.reason}")
        what = QWidget()
        told = label(self._told(one), "caption", wrap=True)
        told.setToolTip(one.buyer)
        what.setLayout(column(label(one.title, wrap=True), told, gap=SPACE.line))
        return what, amount_text(one.amount), chip, self._actions(one)

    def _told(self, order: Order) -> str:
        """Who bought, and the next date that matters."""
        buyer = self._t("bought_by", buyer=short_address(order.buyer))
        if order.release_at:
            return f"{buyer} · {self._t('complaints_until', date=local_time(order.release_at))}"
        if order.can_decline:
            return f"{buyer} · {self._t('until', date=local_time(order.deadline))}"
        return f"{buyer} · {local_time(order.placed_at)}"

    def _actions(self, order: Order) -> QWidget | str:
        orders = self._session.services.selling.orders
        more = MoreButton(self._t("act"))
        more.setAccessibleName(f"{self._t('act')}: {order.title}, {order.reference[:10]}")
        steps = (
            (order.can_deliver, "deliver", orders.prepare_deliver),
            (order.can_release, "release", orders.prepare_release),
            (order.can_decline, "decline", orders.prepare_decline),
        )
        wanted = [(name, prepare) for possible, name, prepare in steps if possible]
        if not wanted:
            more.deleteLater()
            return ""
        for name, prepare in wanted:
            more.add(self._t(name), partial(self._serve, prepare, order, name))
        return more

    def _serve(self, prepare: Callable[[Order], Action[Order]], order: Order, name: str) -> None:
        self._act(lambda _task: prepare(order), name)

    def _act(self, prepare: Callable[[Task], Action[Any]], name: str) -> None:
        self.notice.hide()
        approve(
            self._session, self, prepare, self._t(f"{name}_job"), lambda _done: self._done(f"{name}_done"),
            self.show_error, self.running.add,
        )  # fmt: skip

    # --- Acting ------------------------------------------------------------------------------------------

    def _sell(self) -> None:
        services = self._session.services
        self.notice.hide()

        def look(_task: Task) -> tuple[list[Token], bool]:
            tokens = [one for one in services.royalties.tokens() if one.work_id is not None]
            return tokens, services.networks.chain_has_proofs()

        def ask(found: tuple[list[Token], bool]) -> None:
            tokens, proofs = found
            if not tokens:
                self.show_notice(self._t("no_token_title"), self._t("no_token_text"), tone="info")
                return
            approve_form(
                self._session, self, lambda: SellDialog(self._session, tokens, proofs, self),
                self._t("selling_job"), lambda _sale: self._done("sold"), self.show_error, self.running.add,
            )  # fmt: skip

        self._session.jobs.run(self, look, ask, self.show_error)

    def _look(self) -> None:
        services = self._session.services
        network = services.networks.active

        def look(task: Task) -> DeliveryStatus:
            return services.selling.delivery.deliver_once(network, task)

        handle = self._session.jobs.run(
            self, look, lambda _status: self._session.money_changed.emit(), self.show_error,
            title=self._t("looking"),
        )  # fmt: skip
        self.running.add(handle)

    def _write_page(self, sale: Sale) -> None:
        making = self._session.services.selling.checkout
        start = str(Path.home() / making.suggested_name(sale))
        path, _ = QFileDialog.getSaveFileName(self, self._t("page"), start, self._t("page_pattern"))
        if path:
            self.write_page(sale, Path(path))

    def write_page(self, sale: Sale, path: Path) -> None:
        """Write the checkout page of a sale."""
        making = self._session.services.selling.checkout
        missing = "" if sale.addresses else self._t("page_no_address")
        self._session.jobs.run(
            self,
            lambda _task: making.write(sale, path),
            lambda target: self.show_notice(
                self._t("page_title"), self._t("page_text", path=target), missing
            ),
            self.show_error,
        )

    def _link(self, token: Token) -> None:
        PaymentLinkDialog(self._session, token, self).open()

    def _change(self, sale: Sale) -> None:
        dialog = SaleSettingsDialog(self._session, sale, self)
        dialog.saved.connect(lambda: self._done("changed"))
        dialog.open()

    def _withdraw(self, sale: Sale) -> None:
        sales = self._session.services.selling.sales
        self._act(lambda _task: sales.prepare_withdraw(sale), "withdraw")

    def _done(self, code: str) -> None:
        self._session.money_changed.emit()
        self.show_notice(self._t(f"{code}_title"), self._t(f"{code}_text"))
