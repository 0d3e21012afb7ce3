"""Royalties: every token with its numbers; pay, claim, pass shares on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.core.amounts import Amount, amount_text
from desktop_app.core.clock import SystemClock
from desktop_app.gui.dialogs.ask import TextDialog
from desktop_app.gui.dialogs.choose_works import ChooseWorksDialog
from desktop_app.gui.dialogs.licences import PlaysDialog, where_to_save
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.money import (
    ClaimDialog,
    PayDialog,
    TransferDialog,
    choose_payment,
    where_to_save_payment,
)
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.flows import approve, approve_form
from desktop_app.gui.formatting import licence_line, local_date
from desktop_app.gui.restyling import style_now
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.long_list import ListFoot
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import EmptyState
from desktop_app.gui.widgets.surfaces import SPACE, Card, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.token_card import TokenCard
from desktop_app.services.library import Work, WorkStep
from desktop_app.services.licences import Licence, LicenceKind, Voucher
from desktop_app.services.royalties import (
    ClaimReceipt,
    PaymentReceipt,
    SignedPayment,
    Token,
    TokenOverview,
    TransferReceipt,
    mark_sent,
    read_payment,
    write_payment,
)

FIRST_CARDS = 6
"""More are shown when asked for: each is read from the network."""
MORE_CARDS = 12


class RoyaltiesPage(Page):
    chapter = "royalties"

    def __init__(self, session: Session) -> None:
        self._t = texts("royalties")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self.cards: dict[str, TokenCard] = {}
        self._names: dict[str, str] = {}
        self._limit = FIRST_CARDS
        self._round = 0
        """Of readings: a new one begins with another network."""
        self._account = self._numbers_of = 0
        """Counts changes of the account; and which of them the numbers are of."""
        self._reading = False
        self._again = False
        self._numbers_at = 0
        self.follow = self.header.add_action(Button(self._t("follow"), "quiet", "plus"))
        self.follow.clicked.connect(self._follow)
        self.signed = Button(self._t("send_payment"), "quiet", "file")
        self.signed.clicked.connect(self._choose_payment)
        self.album = self.header.add_action(Button(self._t("album"), "quiet", "music"))
        self.album.clicked.connect(self._album)
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
        self._foot = ListFoot()
        self._foot.wanted.connect(self._show_more)
        self.body.addWidget(self.running)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._list)
        self.body.addWidget(self._foot)
        self.licences = Card(self._t("licences"), self._t("licences_text"))
        self.licences.hide()
        self._licence_lines = Columns([self._t("licence"), f">{self._t('bought')}", f">{' '}"])
        self._licence_lines.filled.connect(self.fit)
        self.licences.body.addWidget(self._licence_lines)
        self.body.addWidget(self.licences)
        # Below: whoever sends for others need not have a token, and the head has no room for more.
        self.body.addLayout(row(self.signed, None))
        self.body.addStretch(0)
        session.network_changed.connect(self._start_over)
        session.wallet_changed.connect(self._account_changed)
        for signal in (session.money_changed, session.payouts_changed):
            signal.connect(self.reload)

    def shown(self) -> None:
        self.reload()

    def _start_over(self) -> None:
        """Another network: what is shown is of the one before, and so is what is still being read."""
        self._round += 1
        self._reading = self._again = False
        self._numbers_at = 0
        self.awaited.forget()
        for address in [*self.cards]:
            self._remove(address)
        self.reload()

    def _account_changed(self) -> None:
        """What is claimable and held is of the account before, until it is read anew."""
        self._account += 1
        self.reload()

    def reload(self) -> None:
        """Read the tokens, then the numbers of each from the network."""
        if not self.isVisible():
            return
        if self._reading:
            self._again = True
            return
        self._reading = True
        services = self._session.services
        jobs, turn = self._session.jobs, self._round
        tokens = self.load(jobs, lambda _task: services.royalties.tokens(), self._show)
        tokens.failed.connect(lambda _error: self._ended(turn))
        # Without them the numbers are still being read: `_reading` ends with those.
        self.load(jobs, lambda _task: services.licences.mine(), self._show_licences, part="licences")

    def _show(self, tokens: tuple[Token, ...]) -> None:
        self._names = {token.address: token.name for token in tokens}
        self._foot.tell(min(len(tokens), self._limit), len(tokens), FIRST_CARDS)
        shown = tokens[: self._limit]
        for address in [address for address, card in self.cards.items() if card.token not in shown]:
            self._remove(address)
        self._empty.setVisible(not tokens)
        self._list.setVisible(bool(tokens))
        self.body.setStretch(self.body.count() - 1, 1 if tokens else 0)
        if not tokens:
            self._ended(self._round)
            return
        in_turns(self, self._make_cards(shown, self._round))

    def _remove(self, address: str) -> None:
        card = self.cards.pop(address)
        self._cards.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _show_more(self) -> None:
        self._limit += MORE_CARDS
        self.reload()

    def _make_cards(self, tokens: tuple[Token, ...], turn: int) -> Iterator[None]:
        """The cards that are new, one by one; then the numbers of all."""
        for place, token in enumerate(tokens):
            if turn != self._round:
                return
            if token.address not in self.cards:
                self.cards[token.address] = self._make(token)
                self._cards.insertWidget(place, self.cards[token.address])
                style_now(self.cards[token.address])
                yield
        royalties = self._session.services.royalties
        account = self._account
        self._session.jobs.run(
            self,
            lambda task: [royalties.overview(token, task) for token in tokens],
            lambda overviews: in_turns(self, self._fill(overviews, turn, account)),
            lambda error: self._trouble(error, turn),
        )

    def _fill(self, overviews: list[TokenOverview], turn: int, account: int) -> Iterator[None]:
        for overview in overviews:
            if turn != self._round:
                return
            card = self.cards.get(overview.token.address)
            if card is not None:
                card.set_overview(overview)
                yield
        self._numbers_at, self._numbers_of = SystemClock().now(), account
        self.have_read("numbers")
        self.fit()
        self._ended(turn)

    def _trouble(self, error: BaseException, turn: int) -> None:
        if turn != self._round:
            return
        for card in self.cards.values():
            card.set_unknown(keep=self._numbers_of == self._account)
        self.could_not_read(error, self._numbers_at, part="numbers")
        self._ended(turn)

    def _ended(self, turn: int) -> None:
        if turn != self._round:
            return
        self._reading = False
        if self._again:
            self._again = False
            self.reload()

    def _make(self, token: Token) -> TokenCard:
        card = TokenCard(token)
        card.pay.connect(lambda: self._pay(token))
        card.claim.connect(lambda: self._claim(card))
        card.transfer.connect(lambda: self._transfer(card))
        card.opened.connect(lambda: self._session.token_opened.emit(token))
        return card

    def _show_licences(self, licences: tuple[Licence, ...]) -> None:
        self.licences.setVisible(bool(licences))
        self._licence_lines.fill(licences, self._licence_cells)

    def _licence_cells(self, one: Licence) -> tuple[str | QWidget, ...]:
        cell: QWidget | str = ""
        if one.kind is LicenceKind.PLAYS and one.used < one.quantity:
            sign = Button(self._t("sign_plays"))
            sign.setAccessibleName(f"{self._t('sign_plays')}: {one.id}")
            sign.clicked.connect(partial(self._sign_plays, one))
            cell = sign
        name = self._names.get(one.token, one.token[:10] + "…")
        return label(f"{name}: {licence_line(one)}", wrap=True), local_date(one.bought_at), cell

    def _sign_plays(self, licence: Licence) -> None:
        def signed(voucher: Voucher) -> None:
            path = where_to_save(self, voucher)
            if path is None:
                return
            licences = self._session.services.licences
            self._session.jobs.run(
                self,
                lambda _task: licences.write_voucher(voucher, path),
                lambda _nothing: self._done(self._t("signed_title"), self._t("signed_text", path=path)),
                self.show_error,
            )

        self._act(lambda: PlaysDialog(self._session, licence, self), self._t("signing"), signed)

    def _follow(self) -> None:
        dialog = TextDialog(
            self._t("follow_title"), self._t("follow_field"), "", self._t("follow_action"), self
        )
        royalties = self._session.services.royalties

        def follow(address: str) -> None:
            self.running.add(
                self._session.jobs.run(
                    self,
                    lambda _task: royalties.follow(address),
                    lambda token: self._done(
                        self._t("followed_title"), self._t("followed_text", name=token.name)
                    ),
                    self.show_error,
                    title=self._t("following"),
                )
            )

        dialog.entered.connect(follow)
        dialog.open()

    def _album(self) -> None:
        """Choose works that are registered and have no token yet; then the same form as for one."""
        services = self._session.services
        self.notice.hide()

        def ready(_task: object) -> tuple[Work, ...]:
            chain_id = services.networks.active.chain_id
            return services.library.at_steps(chain_id, (WorkStep.REGISTERED, WorkStep.PROVED))

        def choose(works: tuple[Work, ...]) -> None:
            dialog = ChooseWorksDialog(
                self._t("album_title"), self._t("album_text"), self._t("album_action"), works, self
            )
            dialog.chosen.connect(mint)
            dialog.open()

        def mint(works: list[Work]) -> None:
            def minted(_tokens: object) -> None:
                self._session.works_changed.emit()
                self._done(self._t("minted_title"), self._t("minted_text", count=len(works)))

            self._act(lambda: MintDialog(self._session, works, self), self._t("minting"), minted)

        self.album.setEnabled(False)
        job = self._session.jobs.run(self, ready, choose, self.show_error)
        job.finished.connect(lambda: self.album.setEnabled(True))

    def _pay(self, token: Token) -> None:
        def paid(result: PaymentReceipt | SignedPayment) -> None:
            if isinstance(result, SignedPayment):
                self._save_payment(result, token)
                return
            amount = amount_text(result.received)
            self._done(self._t("paid_title"), self._t("paid_text", amount=amount, name=token.name))

        self._act(lambda: PayDialog(self._session, token, self), self._t("paying", name=token.name), paid)

    def _save_payment(self, payment: SignedPayment, token: Token) -> None:
        path = where_to_save_payment(self, payment, token.symbol)
        if path is None:
            return
        self._session.jobs.run(
            self,
            lambda _task: write_payment(payment, path),
            lambda _nothing: self._done(
                self._t("payment_signed_title"), self._t("payment_signed_text", path=path)
            ),
            self.show_error,
        )

    def _choose_payment(self) -> None:
        path = choose_payment(self)
        if path is not None:
            self.send_payment(path)

    def send_payment(self, path: Path) -> None:
        """Send what somebody has signed, after the same review as everything else."""
        royalties = self._session.services.royalties
        self.notice.hide()

        def sent(receipt: PaymentReceipt) -> None:
            self._session.jobs.run(
                self, lambda _task: mark_sent(path, receipt.tx_hash), lambda _nothing: None, self.show_error
            )
            amount = amount_text(receipt.received)
            self._done(self._t("payment_sent_title"), self._t("payment_sent_text", amount=amount))

        approve(
            self._session, self, lambda _task: royalties.prepare_send_signed(read_payment(path)),
            self._t("sending_payment"), sent, self.show_error, self.running.add,
        )  # fmt: skip

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
