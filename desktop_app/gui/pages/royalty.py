"""The royalties of one work: who holds what, what it builds on, licences, and its open books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.amounts import Currency, amount_text, format_share
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.licences import BuyLicenceDialog, OfferLicenceDialog
from desktop_app.gui.flows import approve, approve_form
from desktop_app.gui.formatting import local_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.holders_card import HoldersCard, waiting_text
from desktop_app.gui.widgets.licences_card import LicencesCard
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.actions import Action
from desktop_app.services.licences import Licence, Offer
from desktop_app.services.royalties import HoldersReceipt, Token, TokenOverview
from desktop_app.services.royalty_books import (
    AuditReport,
    Finding,
    Severity,
    StatementFiles,
    finding_words,
)


@dataclass(frozen=True)
class _View:
    """What the page shows, read in one go on a worker."""

    overview: TokenOverview
    offers: tuple[Offer, ...]
    sold: tuple[Licence, ...]
    is_licensor: bool
    names: dict[str, str]
    """Of people who are known, by their addresses in lower case."""


class RoyaltyPage(Page):
    chapter = "royalties"

    left = Signal()

    def __init__(self, session: Session) -> None:
        self._t = texts("royalty")
        super().__init__(" ", " ")
        self._session = session
        self._token: Token | None = None
        self._view: _View | None = None
        back = Button(self._t("back"), "link", "back")
        back.clicked.connect(self.left)
        self.open_work = self.header.add_action(Button(self._t("open_work"), icon="library"))
        self.open_work.clicked.connect(self._open_work)
        self.sheet.insertLayout(0, row(back, None))
        self.running = RunArea()
        self.money = Card(self._t("money"))
        self.holders = HoldersCard()
        self.holders.pay_all.connect(self._pay_all)
        self.parents = Card(self._t("parents"), self._t("parents_text"))
        self.licences = LicencesCard()
        self.licences.offer.clicked.connect(lambda: self._offer_terms(None))
        self.licences.redeem.clicked.connect(self._choose_plays)
        self.licences.buy.connect(self._buy)
        self.licences.withdraw.connect(self._withdraw)
        self.licences.replace.connect(self._offer_terms)
        for card in (self.holders, self.licences):
            card.filled.connect(self.fit)
        self.books = Card(self._t("books"), self._t("books_text"))
        self.statement = Button(self._t("statement"), icon="file")
        self.statement.clicked.connect(self._choose_folder)
        self.audit = Button(self._t("audit"), icon="verify")
        self.audit.clicked.connect(self._audit)
        self.found = column(gap=SPACE.small)
        self.books.body.addLayout(row(self.audit, self.statement, None))
        self.books.body.addLayout(self.found)
        for part in (self.running, self.money, self.holders, self.parents, self.licences, self.books):
            self.body.addWidget(part)
        self.body.addStretch(1)
        for signal in (session.money_changed, session.network_changed):
            signal.connect(self._refresh)
        session.payouts_arrived.connect(lambda _count: self._refresh())

    def set_token(self, token: Token) -> None:
        """Show another token."""
        if token != self._token:
            self._view = None
            self.awaited.forget()
            self.notice.hide()
            clear(self.found)
            self.holders.begin()
            self.licences.begin()
            self.verticalScrollBar().setValue(0)
        self._token = token
        self.header.set_title(token.name, token.symbol)
        self.setAccessibleName(token.name)
        self.open_work.setVisible(token.work_id is not None)

    def _open_work(self) -> None:
        if self._token is not None and self._token.work_id is not None:
            self._session.work_opened.emit(self._token.work_id)

    def shown(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        token = self._token
        if token is None or not self.isVisible():
            return
        services = self._session.services

        def read(task: Task) -> _View:
            overview = services.royalties.overview(token, task)
            return _View(
                overview,
                services.licences.offers(token),
                services.licences.sold(token),
                services.licences.may_offer(token),
                {one.address.lower(): one.name for one in services.address_book.known() if one.name},
            )

        self.load(self._session.jobs, read, self._show)

    def _show(self, view: _View) -> None:
        if view.overview.token != self._token or view == self._view:
            return
        self._view = view
        self._show_money(view.overview)
        self.holders.show_holders(view.overview, view.names)
        self._show_parents(view.overview)
        self.licences.show_licences(view.offers, view.sold, view.is_licensor, view.names)
        self.body.activate()

    # --- What is shown -----------------------------------------------------------------------------------

    def _show_money(self, overview: TokenOverview) -> None:
        clear(self.money.body)
        columns = Columns(
            [
                self._t("currency"),
                *(f">{self._t(name)}" for name in ("received", "passed_on", "claimed", "waiting")),
            ]
        )
        for one in sorted(overview.money, key=lambda each: each.received.currency.is_native):
            columns.add(
                one.received.currency.symbol,
                amount_text(one.received),
                amount_text(one.pushed + one.forwarded),
                amount_text(one.claimed),
                amount_text(one.pending),
            )
        facts = Facts()
        facts.hash(self._t("address"), overview.token.address)
        self.money.body.addWidget(columns)
        self.money.body.addWidget(facts)

    def _show_parents(self, overview: TokenOverview) -> None:
        self.parents.setVisible(bool(overview.parents))
        clear(self.parents.body)
        columns = Columns([self._t("work"), f">{self._t('part')}", f">{self._t('waiting')}"])
        for one in overview.parents:
            columns.add(label(one.name, "strong"), format_share(one.share_ppm), waiting_text(one.pending))
        self.parents.body.addWidget(columns)
        waiting = {
            amount.currency: amount for one in overview.parents for amount in one.pending if amount.units
        }
        buttons = [
            self._action_button(self._t("forward", symbol=currency.symbol), "send", self._forward, currency)
            for currency in waiting
        ]
        if buttons:
            self.parents.body.addLayout(row(*buttons, None))

    def _action_button(self, text: str, icon: str, act: Callable[[Any], None], what: object) -> Button:
        button = Button(text, icon=icon)
        button.clicked.connect(lambda: act(what))
        return button

    # --- What can be done --------------------------------------------------------------------------------

    def _prepare(self, prepare: Callable[[Task], Action[Any]], title: str, done: str) -> None:
        self.notice.hide()
        approve(
            self._session, self, prepare, title, lambda _result: self._done(done), self.show_error,
            self.running.add,
        )  # fmt: skip

    def _done(self, code: str) -> None:
        self._session.money_changed.emit()
        self.show_notice(self._t(f"{code}_title"), self._t(f"{code}_text"))

    def _forward(self, currency: Currency) -> None:
        token, royalties = self._token, self._session.services.royalties
        if token is not None:
            self._prepare(
                lambda _task: royalties.prepare_forward(token, currency), self._t("forwarding"), "forwarded"
            )

    def _pay_all(self, currency: Currency) -> None:
        token, royalties = self._token, self._session.services.royalties
        if token is None:
            return
        self.notice.hide()
        approve(
            self._session, self, lambda task: royalties.prepare_pay_holders(token, currency, task),
            self._t("paying_all"), self._paid_all, self.show_error, self.running.add,
        )  # fmt: skip

    def _paid_all(self, receipt: HoldersReceipt) -> None:
        self._session.money_changed.emit()
        text = self._t("paid_all_text", count=grouped(len(receipt.paid)))
        if receipt.skipped:
            text += " " + self._t("paid_all_skipped", count=grouped(len(receipt.skipped)))
        self.show_notice(self._t("paid_all_title"), text)

    def _sync(self, currency: Currency) -> None:
        token, royalties = self._token, self._session.services.royalties
        if token is not None:
            self._prepare(lambda _task: royalties.prepare_sync(token, currency), self._t("syncing"), "synced")

    def _offer_terms(self, replaced: Offer | None) -> None:
        """New terms, in place of others: nobody can buy on the old ones once the new ones are there."""
        token = self._token
        if token is None:
            return
        self.notice.hide()
        approve_form(
            self._session, self, lambda: OfferLicenceDialog(self._session, token, self, replaced),
            self._t("offering"), lambda _offer: self._done("offered"), self.show_error, self.running.add,
        )  # fmt: skip

    def _withdraw(self, offer: Offer) -> None:
        token, licences = self._token, self._session.services.licences
        if token is not None:
            self._prepare(
                lambda _task: licences.prepare_withdraw(token, offer.version),
                self._t("withdrawing"),
                "withdrawn",
            )

    def _buy(self, offer: Offer) -> None:
        token = self._token
        if token is None:
            return
        self.notice.hide()
        approve_form(
            self._session, self, lambda: BuyLicenceDialog(self._session, token, offer, self),
            self._t("buying"), lambda _purchase: self._done("bought"), self.show_error, self.running.add,
        )  # fmt: skip

    def _choose_plays(self) -> None:
        start, pattern = str(Path.home()), texts("plays")("pattern")
        chosen, _ = QFileDialog.getOpenFileName(self, self._t("redeem"), start, pattern)
        if chosen:
            self.write_down_plays(Path(chosen))

    def write_down_plays(self, path: Path) -> None:
        """Put on the network what a licensee signed; anyone may."""
        licences = self._session.services.licences

        def prepare(_task: Task) -> Action[Licence]:
            voucher = licences.read_voucher(path)
            return licences.prepare_redeem(voucher.licence, voucher.total, voucher)

        self._prepare(prepare, self._t("redeeming"), "redeemed")

    # --- The books ---------------------------------------------------------------------------------------

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self._t("statement"), str(Path.home()))
        if chosen:
            self.save_statement(Path(chosen))

    def save_statement(self, folder: Path) -> None:
        """Make the statement up to the newest block, as page and table in `folder`."""
        token, books = self._token, self._session.services.books
        if token is None:
            return

        def make(task: Task) -> StatementFiles:
            return books.write(books.statement(token, task=task), folder)

        title = self._t("making_statement", name=token.name)
        self.running.add(
            self._session.jobs.run(self, make, self._statement_made, self.show_error, title=title)
        )

    def _statement_made(self, files: StatementFiles) -> None:
        clear(self.found)
        told = InlineMessage("success")
        told.show_text(self._t("statement_title"), str(files.page), self._t("statement_text"))
        look = Button(self._t("statement_open"), icon="open")
        look.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(files.page))))
        self.found.addWidget(told)
        self.found.addLayout(row(look, None))

    def _audit(self) -> None:
        token, books = self._token, self._session.services.books
        if token is None:
            return
        self.audit.setEnabled(False)
        title = self._t("auditing", name=token.name)

        def failed(error: BaseException) -> None:
            self.audit.setEnabled(True)
            self.show_error(error)

        self.running.add(
            self._session.jobs.run(
                self, lambda task: books.audit(token, task), self._audited, failed, title=title
            )
        )

    def _audited(self, report: AuditReport) -> None:
        self.audit.setEnabled(True)
        if report.token != self._token:
            return
        clear(self.found)
        result = report.audit
        told = InlineMessage("success" if result.agrees else "danger")
        when = self._t("audit_when", block=grouped(report.block), time=local_time(report.time))
        told.show_text(self._t("audit_agrees" if result.agrees else "audit_differs"), when)
        self.found.addWidget(told)
        for one in result.findings:
            self.found.addWidget(_finding(one, report))
        pending = [one for one in result.findings if one.code in ("audit.not_booked", "audit.not_pushed")]
        for address in dict.fromkeys(one.currency or "" for one in pending):
            currency = report.currencies[address]
            button = self._action_button(
                self._t("share_out", symbol=currency.symbol), "send", self._sync, currency
            )
            self.found.addLayout(row(button, None))


def _finding(one: Finding, report: AuditReport) -> QWidget:
    tone = {Severity.DIFFERENCE: "danger", Severity.LATE: "warn", Severity.NOTE: "info"}[one.severity]
    text, next_step = finding_words(one, report.currencies)
    told = InlineMessage(tone)
    told.show_text(texts("royalty")(f"finding_{one.severity.value}"), text, next_step)
    return told
