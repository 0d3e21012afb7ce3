"""Transactions: everything that was sent, how it stands, and help for what is stuck."""

from __future__ import annotations

from functools import partial

from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.send import SendDialog
from desktop_app.gui.flows import approve, approve_form
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import EmptyState
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.transaction_row import TransactionRow
from desktop_app.services.transactions import Resumed, Transaction

Found = tuple[tuple[Transaction, ...], int]


class TransactionsPage(Page):
    chapter = "networks#what-makes-up-the-cost"

    def __init__(self, session: Session) -> None:
        self._t = texts("transactions")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self.send = self.header.add_action(Button(self._t("send"), "primary", "send"))
        self.send.clicked.connect(self._send)
        self.look = self.header.add_action(Button(self._t("look"), icon="refresh"))
        self.look.clicked.connect(self._look)
        self.running = RunArea()
        self._empty = EmptyState(
            "send", self._t("empty_title"), self._t("empty_text"), self._t("empty_action")
        )
        self._empty.acted.connect(lambda: session.page_wanted.emit("library"))
        self._empty.hide()
        self._list = LongList(self._row, gap=SPACE.tight)
        self._list.more_wanted.connect(self.reload)
        self._list.filled.connect(self.fit)
        self.body.addWidget(self.running)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._list)
        self.body.addStretch(1)
        for signal in (session.transactions_changed, session.money_changed, session.wallet_changed):
            signal.connect(self.reload)
        session.network_changed.connect(self.reload)

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read the list again, of all networks."""
        if not self.isVisible():
            return
        transactions, limit = self._session.services.transactions, self._list.limit

        def read(_task: Task) -> Found:
            return transactions.page(limit=limit), transactions.count()

        self.load(self._session.jobs, read, self._show)

    def _show(self, found: Found) -> None:
        listed, total = found
        self._empty.setVisible(not listed)
        self._list.setVisible(bool(listed))
        self._list.show_all(listed, total)
        self.fit()

    @property
    def rows(self) -> list[TransactionRow]:
        return self._list.rows

    def _row(self, one: Transaction) -> TransactionRow:
        line = TransactionRow(one)
        line.speed_up.connect(partial(self._speed_up, one.tx_hash))
        line.cancel.connect(partial(self._cancel, one.tx_hash))
        line.receipt.connect(partial(self._session.receipt_wanted.emit, one.tx_hash))
        return line

    def _look(self) -> None:
        transactions = self._session.services.transactions
        self.running.add(
            self._session.jobs.run(
                self, transactions.resume, self._looked, self.show_error, title=self._t("looking")
            )
        )

    def _looked(self, rounds: tuple[Resumed, ...]) -> None:
        troubled = next((one for one in rounds if one.problem is not None), None)
        if troubled is not None and troubled.problem is not None:
            self.notice.show_message(troubled.problem, "warn")
        self.reload()

    def _send(self) -> None:
        approve_form(
            self._session,
            self,
            lambda: SendDialog(self._session, self),
            self._t("sending"),
            self._sent,
            self.show_error,
            self.running.add,
        )

    def _sent(self, sent: Transaction) -> None:
        self.show_notice(self._t("sent_title"), sent.text)
        self._session.money_changed.emit()
        self.reload()

    def _speed_up(self, tx_hash: str) -> None:
        transactions = self._session.services.transactions

        def prepare(_task: Task) -> object:
            return transactions.speed_up(tx_hash)

        self._replace(prepare, self._t("speeding_up"))

    def _cancel(self, tx_hash: str) -> None:
        transactions = self._session.services.transactions

        def prepare(_task: Task) -> object:
            return transactions.cancel(tx_hash)

        self._replace(prepare, self._t("cancelling_job"))

    def _replace(self, prepare: object, title: str) -> None:
        approve(
            self._session,
            self,
            prepare,  # type: ignore[arg-type]
            title,
            self._replaced,
            self._not_replaced,
            self.running.add,
        )

    def _replaced(self, outcome: Transaction) -> None:
        self.show_notice(self._t("outcome"), outcome.state_text)
        self._session.money_changed.emit()
        self.reload()

    def _not_replaced(self, error: BaseException) -> None:
        self.show_error(error)
        self.reload()
