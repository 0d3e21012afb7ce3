"""The royalties of one work: who holds what, what it builds on, licences, and its open books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.amounts import SHARE_SCALE, Amount, Currency, amount_text, format_share
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.licences import BuyLicenceDialog, OfferLicenceDialog
from desktop_app.gui.flows import approve, approve_form
from desktop_app.gui.formatting import licence_line, local_date, local_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import ElidedLabel, HashLabel, label
from desktop_app.services.actions import Action
from desktop_app.services.licences import Licence, LicenceKind, Offer
from desktop_app.services.royalties import HoldersReceipt, Token, TokenOverview
from desktop_app.services.royalty_books import (
    AuditReport,
    Finding,
    Severity,
    StatementFiles,
    finding_words,
)
from desktop_app.services.royalty_overview import Holder
from desktop_app.services.wording import words


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
        self.holders = Card(self._t("holders"), " ")
        self.parents = Card(self._t("parents"), self._t("parents_text"))
        self.licences = Card(self._t("licences"), self._t("licences_text"))
        self.offer = Button(self._t("offer"), icon="plus")
        self.offer.clicked.connect(self._offer)
        self.redeem = Button(self._t("redeem"), "quiet", "file")
        self.redeem.clicked.connect(self._choose_plays)
        self.licences.side.addWidget(self.redeem)
        self.licences.side.addWidget(self.offer)
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
        self._show_holders(view.overview, view.names)
        self._show_parents(view.overview)
        self._show_licences(view)
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

    def _show_holders(self, overview: TokenOverview, names: dict[str, str]) -> None:
        share = format_share(overview.holders_share_ppm)
        self.holders.subtitle.setText(self._t("holders_text", share=share))
        self.holders.subtitle.show()
        clear(self.holders.body)
        columns = Columns(
            [self._t("who"), f">{self._t('shares')}", f">{self._t('part')}", f">{self._t('waiting')}"]
        )
        supply = overview.token.supply

        def cells(one: Holder) -> tuple[str | QWidget, ...]:
            part_held = format_share(one.shares * SHARE_SCALE // supply)
            held = f"{grouped(one.shares)} ({part_held})" if one.shares else "–"
            part = format_share(one.share_ppm) if one.share_ppm else "–"
            return _person(one.address, self._t("who"), names), held, part, _amounts(one.pending)

        columns.filled.connect(self.fit)
        columns.fill(overview.holders, cells)
        self.holders.body.addWidget(columns)
        waiting = {
            amount.currency for one in overview.holders for amount in one.pending if amount.units
        }
        buttons = [
            self._action_button(self._t("pay_all", symbol=currency.symbol), "users", self._pay_all, currency)
            for currency in sorted(overview.token.currencies, key=lambda each: each.is_native)
            if currency in waiting
        ]
        if buttons:
            self.holders.body.addWidget(label(self._t("pay_all_text"), "caption", wrap=True))
            self.holders.body.addLayout(row(*buttons, None))

    def _show_parents(self, overview: TokenOverview) -> None:
        self.parents.setVisible(bool(overview.parents))
        clear(self.parents.body)
        columns = Columns([self._t("work"), f">{self._t('part')}", f">{self._t('waiting')}"])
        for one in overview.parents:
            columns.add(label(one.name, "strong"), format_share(one.share_ppm), _amounts(one.pending))
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

    def _show_licences(self, view: _View) -> None:
        clear(self.licences.body)
        self.offer.setVisible(view.is_licensor)
        self.redeem.setVisible(any(one.kind is LicenceKind.PLAYS for one in view.sold))
        if view.offers:
            columns = Columns([self._t("licence"), self._t("lasts"), f">{self._t('price')}", f">{' '}"])
            for offer in view.offers:
                buy = self._action_button(self._t("buy"), "", self._buy, offer)
                buy.setAccessibleName(f"{self._t('buy')}: {offer.in_words}")
                buttons: list[QWidget] = [buy]
                if view.is_licensor:
                    stop = self._action_button(self._t("withdraw"), "", self._withdraw, offer, "quiet")
                    stop.setAccessibleName(f"{self._t('withdraw')}: {offer.in_words}")
                    renew = self._action_button(self._t("replace"), "", self._replace, offer, "quiet")
                    renew.setAccessibleName(f"{self._t('replace')}: {offer.in_words}")
                    buttons[:0] = [renew, stop]
                holder = QWidget()
                holder.setLayout(Flow(*buttons))
                columns.add(
                    label(words(f"licence.{offer.kind.value}"), "strong"),
                    label(offer.duration_in_words, wrap=True),
                    amount_text(offer.price),
                    holder,
                )
            self.licences.body.addWidget(columns)
        else:
            self.licences.body.addWidget(label(self._t("no_offers"), "muted", wrap=True))
        if view.sold:
            self.licences.body.addWidget(label(self._t("sold"), "strong"))
            columns = Columns([self._t("licensee"), self._t("licence"), f">{self._t('bought')}"])

            def cells(one: Licence) -> tuple[str | QWidget, ...]:
                person = _person(one.licensee, self._t("licensee"), view.names)
                return person, label(licence_line(one), wrap=True), local_date(one.bought_at)

            columns.filled.connect(self.fit)
            columns.fill(view.sold, cells)
            self.licences.body.addWidget(columns)

    def _action_button(
        self, text: str, icon: str, act: Callable[[Any], None], what: object, kind: str = "secondary"
    ) -> Button:
        button = Button(text, kind, icon)
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

    def _offer(self) -> None:
        self._offer_terms(None)

    def _replace(self, offer: Offer) -> None:
        """New terms in place of these: nobody can buy on the old ones once the new ones are there."""
        self._offer_terms(offer)

    def _offer_terms(self, replaced: Offer | None) -> None:
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


def _amounts(amounts: tuple[Amount, ...]) -> str:
    return ", ".join(amount_text(amount) for amount in amounts if amount.units) or "–"


def _person(address: str, what: str, names: dict[str, str]) -> QWidget:
    """Somebody's address, below the name where it is known."""
    name = names.get(address.lower())
    if not name:
        return HashLabel(address, what)
    both = QWidget()
    both.setLayout(column(ElidedLabel(name, "strong"), HashLabel(address, what), gap=0))
    return both
