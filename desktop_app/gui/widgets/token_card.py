"""One royalty token: what it earned, what is yours, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop_app.core.amounts import SHARE_SCALE, Amount, format_share
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, Rule, clear, column, row
from desktop_app.gui.widgets.text import AmountLabel, HashLabel, amount_text, label
from desktop_app.services.royalties import Holder, Token, TokenOverview


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
        self._details = Button(self._t("details"), "quiet")
        self._details.setCheckable(True)
        buttons = ((self._pay, self.pay), (self._claim, self.claim), (self._transfer, self.transfer))
        for button, signal in buttons:
            button.setAccessibleName(f"{button.text()}: {token.name}")
            button.clicked.connect(signal)
        self._details.setAccessibleName(f"{self._t('details')}: {token.name}")
        self._details.toggled.connect(self._show_details)
        self._claim.setEnabled(False)
        self._transfer.setEnabled(False)
        head = row(gap=SPACE.small)
        head.addWidget(title, 1)
        head.addWidget(Chip(token.symbol, "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        self._received = column(gap=2)
        self._mine = column(gap=2)
        self._held = column(gap=2)
        figures = row(gap=SPACE.large)
        for part in (self._received, self._mine, self._held):
            figures.addLayout(part, 1)
            part.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._more = QWidget()
        self._more_layout = column(gap=SPACE.small)
        self._more.setLayout(self._more_layout)
        self._more.hide()
        self.body.addLayout(head)
        self.body.addLayout(figures)
        self.body.addSpacing(SPACE.hair)
        self.body.addLayout(row(self._pay, self._claim, self._transfer, None, self._details))
        self.body.addWidget(self._more)
        self._figure(self._received, self._t("received"), (), self._t("loading"))
        self._figure(self._mine, self._t("yours"), (), "")
        self._figure(self._held, self._t("held"), (), "")
        self._fill_details()

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
        self._figure(self._held, self._t("held"), (), self._t("held_text", supply=f"{token.supply:,}"))
        self._held.insertWidget(1, label(f"{overview.my_shares:,} ({percent})", "section"))
        self._claim.setEnabled(bool(mine))
        self._transfer.setEnabled(overview.my_shares > 0)
        self._fill_details()

    def _figure(self, place: QVBoxLayout, name: str, amounts: Sequence[Amount], otherwise: str) -> None:
        clear(place)
        place.addWidget(label(name, "eyebrow"))
        for amount in sorted(amounts, key=lambda amount: amount.currency.is_native):  # dollars first
            place.addWidget(AmountLabel(amount, "section"))
        if not amounts:
            place.addWidget(label(otherwise, "muted", wrap=True))

    def _show_details(self, shown: bool) -> None:
        self._more.setVisible(shown)
        self._details.setText(self._t("hide_details" if shown else "details"))

    def _fill_details(self) -> None:
        clear(self._more_layout)
        token, overview = self.token, self.overview
        facts = Facts()
        facts.hash(self._t("address"), token.address)
        taken = sum(each.share_ppm for each in token.collaborators)
        rest = self._t("holders_text", share=format_share(SHARE_SCALE - taken))
        facts.text(self._t("holders_share"), rest)
        self._more_layout.addWidget(Rule())
        self._more_layout.addWidget(facts)
        if token.work_id is not None:
            open_work = Button(self._t("open_work"), "quiet", "library")
            open_work.setAccessibleName(f"{self._t('open_work')}: {token.name}")
            open_work.clicked.connect(self.opened)
            self._more_layout.addLayout(row(open_work, None))
        if overview is not None and overview.holders:
            self._more_layout.addWidget(Rule())
            self._more_layout.addLayout(self._holders(overview.holders))

    def _holders(self, holders: tuple[Holder, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.large)
        grid.setVerticalSpacing(SPACE.tight)
        grid.setColumnStretch(0, 1)
        for place, name in enumerate(("holder", "shares", "collaborators", "pending")):
            side = Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight
            grid.addWidget(label(self._t(name), "eyebrow"), 0, place, side)
        for line, holder in enumerate(holders, start=1):
            grid.addWidget(HashLabel(holder.address, self._t("holder")), line, 0)
            part = format_share(holder.share_ppm) if holder.share_ppm else "–"
            owed = ", ".join(amount_text(amount) for amount in holder.pending if amount.units) or "–"
            for place, text in enumerate((f"{holder.shares:,}", part, owed), start=1):
                grid.addWidget(label(text), line, place, Qt.AlignmentFlag.AlignRight)
        return grid
