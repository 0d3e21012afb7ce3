"""Transactions: everything that was sent, how it stands, and help for what is stuck."""

from __future__ import annotations

from functools import partial

from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.send import SendDialog
from desktop_app.gui.flows import approve, approve_form
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import EmptyState
from desktop_app.gui.widgets.surfaces import SPACE, clear, column, row
from desktop_app.gui.widgets.transaction_row import TransactionRow
from desktop_app.services.transactions import Resumed, Transaction

PAGE = 50


class TransactionsPage(Page):
    chapter = "networks#what-makes-up-the-cost"

    def __init__(self, session: Session) -> None:
        self._t = texts("transactions")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._limit = PAGE
        self._shown: tuple[Transaction, ...] = ()
        self.send = self.header.add_action(Button(self._t("send"), "primary", "send"))
        self.send.clicked.connect(self._send)
        self.look = self.header.add_action(Button(self._t("look"), icon="refresh"))
        self.look.clicked.connect(self._look)
        self.running = RunArea()
        self._empty = EmptyState("send", self._t("empty_title"), self._t("empty_text"))
        self._empty.hide()
        self._list = column(gap=SPACE.tight)
        self.rows: list[TransactionRow] = []
        self.more = Button(self._t("more"))
        self.more.clicked.connect(self._show_more)
        self.more.hide()
        self.body.addWidget(self.running)
        self.body.addWidget(self._empty, 1)
        self.body.addLayout(self._list)
        self.body.addLayout(row(None, self.more, None))
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
        transactions, limit = self._session.services.transactions, self._limit
        self._session.jobs.run(
            self, lambda _task: transactions.page(limit=limit), self._show, self.show_error
        )

    def _show(self, found: tuple[Transaction, ...]) -> None:
        self._empty.setVisible(not found)
        self.more.setVisible(len(found) == self._limit)
        if found == self._shown:
            return
        self._shown = found
        clear(self._list)
        self.rows = []
        for one in found:
            line = TransactionRow(one)
            line.speed_up.connect(partial(self._speed_up, one.tx_hash))
            line.cancel.connect(partial(self._cancel, one.tx_hash))
            line.receipt.connect(partial(self._session.receipt_wanted.emit, one.tx_hash))
            self._list.addWidget(line)
            self.rows.append(line)
        self.fit()

    def _show_more(self) -> None:
        self._limit += PAGE
        self.reload()

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
