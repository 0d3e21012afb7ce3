"""The terms of one licence as a form: what, for how much, for how long, with which text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from desktop_app.core.amounts import Currency, parse_amount
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import decimal, typed_number
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.services.licences import DAY, LicenceKind, LicenceTerms, Offer, standard_text
from desktop_app.services.wording import message, words

TEXT_HEIGHT = 92


class LicenceForm(QWidget):
    changed = Signal()

    def __init__(self, currencies: Sequence[Currency]) -> None:
        super().__init__()
        self._t = texts("licence_form")
        self.kind = Select([(words(f"licence.{kind.value}"), kind.value) for kind in LicenceKind])
        self.price = Field(self._t("price"), line_edit(decimal("5.00"), limit=40))
        self.currency = Select()
        self.set_currencies(currencies)
        self.days = Field(self._t("days"), line_edit(self._t("for_ever"), limit=5), self._t("days_hint"))
        self.root = Field(self._t("root"), line_edit("0x…", limit=66), self._t("root_hint"))
        self.root.control.setProperty("role", "mono")
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(TEXT_HEIGHT)
        self.text_field = Field(self._t("text"), self.text, self._t("text_hint"))
        self.uri = Field(self._t("uri"), line_edit("https://…", limit=256), self._t("uri_hint"))
        money = row(self.price, Field(self._t("currency"), self.currency), self.days, gap=SPACE.medium)
        for place, stretch in enumerate((2, 1, 2)):
            money.setStretch(place, stretch)
        self.setLayout(
            column(
                Field(self._t("kind"), self.kind),
                money,
                self.root,
                self.text_field,
                self.uri,
                gap=SPACE.small,
            )
        )
        self.kind.currentIndexChanged.connect(lambda _index: self._chosen())
        self._chosen()

    def set_currencies(self, currencies: Sequence[Currency]) -> None:
        """The dollar first: prices are thought of in dollars."""
        chosen = self.currency.value()
        known = sorted(currencies, key=lambda each: each.is_native)
        self.currency.set_choices([(each.symbol, each) for each in known])
        if chosen in known:
            self.currency.setCurrentIndex(known.index(chosen))

    def _chosen(self) -> None:
        kind = self._kind
        self.root.setVisible(kind is LicenceKind.TRAINING)
        if self.text.toPlainText().strip() in ("", *(standard_text(each) for each in LicenceKind)):
            self.text.setPlainText(standard_text(kind))
        self.changed.emit()

    @property
    def _kind(self) -> LicenceKind:
        return LicenceKind(str(self.kind.value()))

    def read(self) -> LicenceTerms | None:
        """The terms; None after an error was shown at its field."""
        currency = self.currency.value()
        if not isinstance(currency, Currency):
            self.price.error(self._t("no_currency"))
            return None
        try:
            price = parse_amount(typed_number(self.price.text()), currency)
        except InvalidInputError as error:
            self.price.error(message(error).next_step)
            return None
        days = self.days.text() or "0"
        if not (days.isascii() and days.isdigit()):
            self.days.error(self._t("bad_days"))
            return None
        kind = self._kind
        root = self.root.text() if kind is LicenceKind.TRAINING else ""
        text = self.text_field.text()
        own_text = "" if text == standard_text(kind) else text
        return LicenceTerms(kind, price, own_text, int(days), root, self.uri.text())

    def fill(self, offer: Offer) -> None:
        """The terms of an offer, to be changed. A text of its own is not known here, and has to be put in."""
        self.kind.setCurrentIndex(self.kind.findData(offer.kind.value))
        for place in range(self.currency.count()):
            if self.currency.itemData(place) == offer.price.currency:
                self.currency.setCurrentIndex(place)
        controls = ((self.price, decimal(offer.price.plain())), (self.days, str(offer.duration // DAY or "")),
                    (self.root, "0x" + offer.data_root.hex() if offer.data_root else ""),
                    (self.uri, offer.uri))  # fmt: skip
        for field, text in controls:
            if isinstance(field.control, QLineEdit):
                field.control.setText(text)
        if not offer.text:
            self.text.clear()
            self.text_field.set_hint(self._t("text_again"))
