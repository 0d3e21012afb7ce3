"""Royalties: every token with its numbers; pay, claim, pass shares on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.core.amounts import Amount
from desktop_app.gui.dialogs.money import ClaimDialog, PayDialog, TransferDialog
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.flows import approve_form
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import EmptyState
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import amount_text
from desktop_app.gui.widgets.token_card import TokenCard
from desktop_app.services.royalties import (
    ClaimReceipt,
    PaymentReceipt,
    Token,
    TokenOverview,
    TransferReceipt,
)


class RoyaltiesPage(Page):
    def __init__(self, session: Session) -> None:
        self._t = texts("royalties")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self.cards: dict[str, TokenCard] = {}
        self._reading = False
        self._again = False
        refresh = self.header.add_action(Button(self._t("refresh"), icon="refresh"))
        refresh.clicked.connect(self.reload)
        self.running = RunArea()
        self._empty = EmptyState(
            "royalties", self._t("empty_title"), self._t("empty_text"), self._t("empty_action")
        )
        self._empty.acted.connect(lambda: session.page_wanted.emit("library"))
        self._list = QWidget()
        self._cards = QVBoxLayout(self._list)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(SPACE.medium)
        self._list.hide()
        self.body.addWidget(self.running)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._list)
        self.body.addStretch(0)
        for signal in (session.money_changed, session.network_changed, session.wallet_changed):
            signal.connect(self.reload)
        session.payouts_changed.connect(self.reload)

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read the tokens, then the numbers of each from the network."""
        if not self.isVisible():
            return
        if self._reading:
            self._again = True
            return
        self._reading = True
        royalties = self._session.services.royalties
        self._session.jobs.run(self, lambda _task: royalties.tokens(), self._show, self._trouble)

    def _show(self, tokens: tuple[Token, ...]) -> None:
        known = {token.address for token in tokens}
        for address in [address for address in self.cards if address not in known]:
            card = self.cards.pop(address)
            self._cards.removeWidget(card)
            card.deleteLater()
        for place, token in enumerate(tokens):
            if token.address not in self.cards:
                self.cards[token.address] = self._make(token)
                self._cards.insertWidget(place, self.cards[token.address])
        self._empty.setVisible(not tokens)
        self._list.setVisible(bool(tokens))
        self.body.setStretch(self.body.count() - 1, 1 if tokens else 0)
        if not tokens:
            self._ended()
            return
        royalties = self._session.services.royalties
        self._session.jobs.run(
            self,
            lambda task: [royalties.overview(token, task) for token in tokens],
            self._numbers,
            self._trouble,
        )

    def _numbers(self, overviews: list[TokenOverview]) -> None:
        for overview in overviews:
            card = self.cards.get(overview.token.address)
            if card is not None:
                card.set_overview(overview)
        self._ended()

    def _trouble(self, error: BaseException) -> None:
        self.show_error(error)
        self._ended()

    def _ended(self) -> None:
        self._reading = False
        if self._again:
            self._again = False
            self.reload()

    def _make(self, token: Token) -> TokenCard:
        card = TokenCard(token)
        work_id = token.work_id
        card.pay.connect(lambda: self._pay(token))
        card.claim.connect(lambda: self._claim(card))
        card.transfer.connect(lambda: self._transfer(card))
        if work_id is not None:
            card.opened.connect(lambda: self._session.work_opened.emit(work_id))
        return card

    def _pay(self, token: Token) -> None:
        def paid(receipt: PaymentReceipt) -> None:
            amount = amount_text(receipt.received)
            self._done(self._t("paid_title"), self._t("paid_text", amount=amount, name=token.name))

        self._act(lambda: PayDialog(self._session, token, self), self._t("paying", name=token.name), paid)

    def _claim(self, card: TokenCard) -> None:
        token = card.token
        pending: tuple[Amount, ...] = card.overview.my_pending if card.overview else ()

        def claimed(_receipt: ClaimReceipt) -> None:
            self._done(self._t("claimed_title"), self._t("claimed_text"))

        title = self._t("claiming", name=token.name)
        self._act(lambda: ClaimDialog(self._session, token, pending, self), title, claimed)

    def _transfer(self, card: TokenCard) -> None:
        token = card.token
        held = card.overview.my_shares if card.overview else 0

        def transferred(_receipt: TransferReceipt) -> None:
            self._done(self._t("transferred_title"), self._t("transferred_text"))

        title = self._t("transferring", name=token.name)
        self._act(lambda: TransferDialog(self._session, token, held, self), title, transferred)

    def _act(self, form: Callable[[], PrepareDialog], title: str, done: Callable[[Any], None]) -> None:
        self.notice.hide()
        approve_form(self._session, self, form, title, done, self.show_error, self.running.add)

    def _done(self, title: str, text: str) -> None:
        self._session.money_changed.emit()
        self.show_notice(title, text)
