"""One royalty token: what it earned, what is yours, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout

from desktop_app.core.amounts import SHARE_SCALE, Amount, format_share
from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, refill, row
from desktop_app.gui.widgets.text import AmountLabel, label
from desktop_app.services.royalties import Token, TokenOverview


class TokenCard(Card):
    """Shows what is known of the token at once, and the numbers when the network has answered."""

    pay = Signal()
    claim = Signal()
    transfer = Signal()
    opened = Signal()

    def __init__(self, token: Token) -> None:
        super().__init__()
        self._t = texts("royalties")
        self.token = token
        self.overview: TokenOverview | None = None
        self.setAccessibleName(token.name)
        title = label(token.name, "heading", wrap=True)
        self._pay = Button(self._t("pay"), "primary", "send")
        self._claim = Button(self._t("claim"), icon="payouts")
        self._transfer = Button(self._t("transfer"), icon="users")
        self._open = Button(self._t("open"), icon="chevron-right")
        buttons = ((self._pay, self.pay), (self._claim, self.claim), (self._transfer, self.transfer))
        for button, signal in buttons:
            button.setAccessibleName(f"{button.text()}: {token.name}")
            button.clicked.connect(signal)
        self._open.setAccessibleName(f"{self._t('open')}: {token.name}")
        self._open.clicked.connect(self.opened)
        self._claim.setEnabled(False)
        self._transfer.setEnabled(False)
        head = row(gap=SPACE.small)
        head.addWidget(title, 1)
        head.addWidget(Chip(token.symbol, "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        self._received = column(gap=SPACE.line)
        self._mine = column(gap=SPACE.line)
        self._held = column(gap=SPACE.line)
        figures = row(gap=SPACE.large)
        for part in (self._received, self._mine, self._held):
            figures.addLayout(part, 1)
            part.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self.body.addLayout(figures)
        self.body.addSpacing(SPACE.hair)
        self.body.addLayout(Flow(self._pay, self._claim, self._transfer, self._open))
        self._figure(self._received, self._t("received"), (), self._t("loading"))
        self._figure(self._mine, self._t("yours"), (), "")
        self._figure(self._held, self._t("held"), (), "")

    def set_unknown(self, *, keep: bool = True) -> None:
        """The network has not answered; numbers that were there stay, unless they are another account's."""
        if not keep:
            self.overview = None
            self._figure(self._mine, self._t("yours"), (), "")
            self._figure(self._held, self._t("held"), (), "")
            self._claim.setEnabled(False)
            self._transfer.setEnabled(False)
        if self.overview is None:
            self._figure(self._received, self._t("received"), (), self._t("not_known"))

    def set_overview(self, overview: TokenOverview) -> None:
        """The numbers at the latest block."""
        if overview == self.overview:
            return
        self.overview = overview
        token = overview.token
        received = [each.received for each in overview.money if each.received.units]
        mine = [amount for amount in overview.my_pending if amount.units]
        self._figure(self._received, self._t("received"), received, self._t("nothing"))
        self._figure(self._mine, self._t("yours"), mine, self._t("nothing"))
        percent = format_share(overview.my_shares * SHARE_SCALE // token.supply)
        self._show(
            self._held,
            self._t("held"),
            label(f"{grouped(overview.my_shares)} ({percent})", "section"),
            label(self._t("held_text", supply=grouped(token.supply)), "muted", wrap=True),
        )
        self._claim.setEnabled(bool(mine))
        self._transfer.setEnabled(overview.my_shares > 0)

    def _figure(self, place: QVBoxLayout, name: str, amounts: Sequence[Amount], otherwise: str) -> None:
        dollars_first = sorted(amounts, key=lambda amount: amount.currency.is_native)
        shown: list[QLabel] = [AmountLabel(amount, "section") for amount in dollars_first]
        self._show(place, name, *(shown or [label(otherwise, "muted", wrap=True)]))

    def _show(self, place: QVBoxLayout, name: str, *parts: QLabel) -> None:
        refill(place, label(name, "eyebrow"), *parts)
