"""The licences of a work: what is offered, and what was sold."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import amount_text
from desktop_app.gui.formatting import licence_line, local_date
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.person_name import person_name
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column
from desktop_app.gui.widgets.text import label
from desktop_app.services.licences import Licence, LicenceKind, Offer
from desktop_app.services.wording import words


class LicencesCard(Card):
    """`buy`, `withdraw` and `replace` carry an offer; `filled` as with Columns."""

    buy = Signal(object)
    withdraw = Signal(object)
    replace = Signal(object)
    filled = Signal()

    def __init__(self) -> None:
        self._t = texts("royalty")
        super().__init__(self._t("licences"), self._t("licences_text"))
        self.offer = Button(self._t("offer"), icon="plus")
        self.redeem = Button(self._t("redeem"), "quiet", "file")
        self.side.addWidget(self.redeem)
        self.side.addWidget(self.offer)
        self._offers = column(gap=SPACE.small)
        names = (self._t("licensee"), self._t("licence"), f">{self._t('bought')}")
        self._columns = Columns(names)
        self._columns.filled.connect(self.filled)
        self._sold = QWidget()
        self._sold.setLayout(column(label(self._t("sold"), "strong"), self._columns, gap=SPACE.small))
        self.body.addLayout(self._offers)
        self.body.addWidget(self._sold)

    def begin(self) -> None:
        """With another work."""
        self._columns.begin()

    def show_licences(
        self, offers: tuple[Offer, ...], sold: tuple[Licence, ...], is_licensor: bool, names: dict[str, str]
    ) -> None:
        """`names` of people who are known, by their addresses in lower case."""
        self.offer.setVisible(is_licensor)
        self.redeem.setVisible(any(one.kind is LicenceKind.PLAYS for one in sold))
        clear(self._offers)
        if offers:
            self._offers.addWidget(self._list(offers, is_licensor))
        else:
            self._offers.addWidget(label(self._t("no_offers"), "muted", wrap=True))

        def cells(one: Licence) -> tuple[str | QWidget, ...]:
            person = person_name(one.licensee, self._t("licensee"), names)
            return person, label(licence_line(one), wrap=True), local_date(one.bought_at)

        self._sold.setVisible(bool(sold))
        self._columns.fill(sold, cells)

    def _list(self, offers: tuple[Offer, ...], is_licensor: bool) -> Columns:
        columns = Columns([self._t("licence"), self._t("lasts"), f">{self._t('price')}", f">{' '}"])
        for offer in offers:
            buttons: list[QWidget] = [self._button("buy", self.buy, offer)]
            if is_licensor:
                buttons[:0] = [
                    self._button("replace", self.replace, offer, "quiet"),
                    self._button("withdraw", self.withdraw, offer, "quiet"),
                ]
            holder = QWidget()
            holder.setLayout(Flow(*buttons))
            columns.add(
                label(words(f"licence.{offer.kind.value}"), "strong"),
                label(offer.duration_in_words, wrap=True),
                amount_text(offer.price),
                holder,
            )
        return columns

    def _button(self, name: str, asked: SignalInstance, offer: Offer, kind: str = "secondary") -> Button:
        button = Button(self._t(name), kind)
        button.setAccessibleName(f"{self._t(name)}: {offer.in_words}")
        button.clicked.connect(lambda: asked.emit(offer))
        return button
