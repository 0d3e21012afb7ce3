"""One work on sale: its price, how it is delivered, and what a seller hands out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from desktop_app.core.amounts import amount_text
from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.more_button import MoreButton
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
from desktop_app.gui.widgets.text import AmountLabel, ElidedLabel, label
from desktop_app.services.sale_records import Sale, SaleState

_TONES = {SaleState.OPEN: "success", SaleState.PLACING: "accent", SaleState.WITHDRAWN: "neutral"}


class SaleCard(Card):
    page = Signal()
    link = Signal()
    change = Signal()
    withdraw = Signal()

    def __init__(self, sale: Sale) -> None:
        super().__init__()
        self._t = texts("selling")
        self.sale = sale
        self.setAccessibleName(sale.title)
        head = row(gap=SPACE.small)
        head.addWidget(label(sale.title, "heading", wrap=True), 1)
        head.addWidget(Chip(sale.state_in_words, _TONES[sale.state]), 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(head)
        self.body.addLayout(self._figures())
        self.body.addWidget(label(sale.mode_in_words, "muted", wrap=True))
        place = ", ".join(sale.addresses) or self._t("no_address")
        self.body.addWidget(ElidedLabel(self._t("file_at", place=place), "caption"))
        self.body.addSpacing(SPACE.hair)
        self._page = Button(self._t("page"), "primary", "file")
        self._link = Button(self._t("link"), icon="send")
        self._change = Button(self._t("change"), icon="settings")
        for button, signal in ((self._page, self.page), (self._link, self.link), (self._change, self.change)):
            button.setAccessibleName(f"{button.text()}: {sale.title}")
            button.clicked.connect(signal)
        more = MoreButton(self._t("more"))
        more.setAccessibleName(f"{self._t('more')}: {sale.title}")
        more.add(self._t("withdraw"), self.withdraw.emit)
        more.setVisible(sale.state is SaleState.OPEN)
        self.body.addLayout(Flow(self._page, self._link, self._change, more))

    def _figures(self) -> QHBoxLayout:
        sale = self.sale
        figures = row(gap=SPACE.large)
        price = column(label(self._t("price"), "eyebrow"), AmountLabel(sale.price, "section"), gap=SPACE.line)
        counts = self._t("counts", waiting=grouped(sale.waiting), delivered=grouped(sale.delivered))
        orders = column(label(self._t("orders"), "eyebrow"), label(counts, "section"), gap=SPACE.line)
        how = self._t("automatic", limit=amount_text(sale.fee_limit, round_up=True))
        delivery = column(
            label(self._t("delivery"), "eyebrow"),
            label(how if sale.automatic else self._t("by_hand"), "muted", wrap=True),
            gap=SPACE.line,
        )
        for part in (price, orders, delivery):
            figures.addLayout(part, 1)
            part.setAlignment(Qt.AlignmentFlag.AlignTop)
        return figures
