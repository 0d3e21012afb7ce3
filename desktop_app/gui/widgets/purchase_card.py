"""One purchase: what was paid for, how far it is, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance

from desktop_app.gui.formatting import local_time
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.more_button import MoreButton
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
from desktop_app.gui.widgets.text import AmountLabel, ElidedLabel, label
from desktop_app.services.purchases import Purchase
from desktop_app.services.sale_records import OrderState

_TONES = {
    OrderState.SENDING: "accent",
    OrderState.WAITING: "accent",
    OrderState.OVERDUE: "danger",
    OrderState.FAILED: "danger",
    OrderState.VANISHED: "danger",
    OrderState.WINDOW: "success",
    OrderState.RELEASABLE: "success",
    OrderState.DELIVERED: "success",
}


class PurchaseCard(Card):
    """`here`: it was bought on the network in use; elsewhere its state is not known now."""

    unlock = Signal()
    show_file = Signal()
    refund = Signal()
    complain = Signal()

    def __init__(self, purchase: Purchase, *, here: bool) -> None:
        super().__init__()
        self._t = texts("buying")
        self.purchase = purchase
        self.setAccessibleName(purchase.title)
        head = row(gap=SPACE.small)
        head.addWidget(label(purchase.title, "heading", wrap=True), 1)
        told = purchase.state_in_words if here else self._t("elsewhere", network=purchase.network_name)
        chip = Chip(told, _TONES.get(purchase.state, "neutral") if here else "neutral")
        head.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(head)
        figures = row(gap=SPACE.large)
        creator = label(purchase.creator or self._t("not_named"), "section", wrap=True)
        for name, value in (("price", AmountLabel(purchase.price, "section")), ("creator", creator)):
            part = column(label(self._t(name), "eyebrow"), value, gap=SPACE.hair)
            figures.addLayout(part, 1)
            part.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(figures)
        if here and (text := self._next()):
            self.body.addWidget(label(text, "muted", wrap=True))
        if purchase.content_path is not None:
            self.body.addWidget(ElidedLabel(str(purchase.content_path), "caption"))
        buttons = self._buttons() if here else []
        if purchase.content_path is not None:
            buttons.append(self._button("show_file", "secondary", "folder", self.show_file))
        if buttons:
            self.body.addSpacing(SPACE.hair)
            line = row(*buttons, None)
            if here and purchase.complain_until:
                more = MoreButton(self._t("more"))
                more.setAccessibleName(f"{self._t('more')}: {purchase.title}")
                more.add(self._t("complain"), self.complain.emit)
                line.addWidget(more)
            self.body.addLayout(line)

    def _next(self) -> str:
        """What happens next, and until when."""
        one = self.purchase
        if one.state is OrderState.WAITING:
            return self._t("waiting", date=local_time(one.deadline))
        if one.state is OrderState.OVERDUE:
            return self._t("overdue", date=local_time(one.deadline))
        if one.complain_until:
            return self._t("window", date=local_time(one.complain_until))
        return ""

    def _buttons(self) -> list[Button]:
        if self.purchase.can_open and self.purchase.content_path is None:
            return [self._button("unlock", "primary", "unlock", self.unlock)]
        if self.purchase.state is OrderState.OVERDUE:
            return [self._button("refund", "primary", "wallet", self.refund)]
        return []

    def _button(self, code: str, kind: str, icon: str, signal: SignalInstance) -> Button:
        button = Button(self._t(code), kind, icon)
        button.setAccessibleName(f"{button.text()}: {self.purchase.title}")
        button.clicked.connect(signal)
        return button
