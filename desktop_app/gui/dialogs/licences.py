"""Licences: offer one, buy one, sign how many plays are used."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from desktop_app.core.amounts import Amount, amount_text
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.licence_form import LicenceForm
from desktop_app.gui.widgets.person_field import PersonField
from desktop_app.gui.widgets.surfaces import SPACE, Well, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.actions import Action
from desktop_app.services.licences import Licence, Offer, Purchase, Voucher
from desktop_app.services.royalties import Token


class OfferLicenceDialog(PrepareDialog):
    """With `replaced`, its terms are there to be changed, and are closed when the new ones are on sale."""

    def __init__(
        self, session: Session, token: Token, parent: QWidget, replaced: Offer | None = None
    ) -> None:
        self._t = texts("offer_licence")
        named = "replace_" if replaced else ""
        title = self._t(f"{named}title", name=token.name)
        super().__init__(session, title, self._t(f"{named}subtitle"), self._t("next"), parent)
        self.widen(sizes().dialog_wide)
        self._token, self._replaced = token, replaced
        self.form = LicenceForm(token.currencies)
        if replaced is not None:
            self.form.fill(replaced)
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        self.form.changed.connect(self.fit)
        self.form.price.control.setFocus()

    def submit(self) -> None:
        terms = self.form.read()
        if terms is None:
            return
        licences, token = self._session.services.licences, self._token
        replaces = self._replaced.version if self._replaced else 0
        self.prepare(lambda _task: licences.prepare_offer(token, terms, replaces))


class BuyLicenceDialog(PrepareDialog):
    """Shows the terms, and their text where it is known: nobody buys what he could not read."""

    def __init__(self, session: Session, token: Token, offer: Offer, parent: QWidget) -> None:
        self._t = texts("buy_licence")
        super().__init__(
            session, self._t("title", name=token.name), self._t("subtitle"), self._t("next"), parent
        )
        self.widen(sizes().dialog_wide)
        self._token, self._offer = token, offer
        facts = Facts(name_width=sizes().name)
        facts.text(self._t("what"), offer.in_words)
        facts.text(self._t("price"), amount_text(offer.price), "strong")
        facts.text(self._t("lasts"), offer.duration_in_words)
        facts.hash(self._t("by"), offer.licensor)
        if offer.data_root:
            facts.hash(self._t("root"), "0x" + offer.data_root.hex())
        if offer.uri:
            facts.text(self._t("uri"), offer.uri)
        well = Well()
        well.body.addWidget(facts)
        self.body.addWidget(well)
        self.text: QPlainTextEdit | None = None
        if offer.text:
            self.body.addWidget(label(offer.text, "muted", wrap=True))
        else:
            self.text = QPlainTextEdit()
            self.text.setTabChangesFocus(True)
            self.text.setFixedHeight(sizes().some_lines)
            self.body.addWidget(Field(self._t("text"), self.text, self._t("text_hint")))
        count = line_edit(text="1", limit=18)
        self.quantity = Field(self._t("quantity"), count, " ")
        self.licensee = PersonField(session, self._t("licensee"), self._t("licensee_hint"))
        self.licensee.told.connect(self.fit)
        line = row(self.quantity, self.licensee, gap=SPACE.medium)
        line.setStretch(0, 1)
        line.setStretch(1, 3)
        self.body.addLayout(line)
        self.body.addStretch(1)
        count.textChanged.connect(lambda _text: self._cost())
        self._cost()

    def _count(self) -> int:
        text = self.quantity.text()
        return int(text) if text.isascii() and text.isdigit() else 0

    def _cost(self) -> None:
        cost = Amount(self._offer.price.units * self._count(), self._offer.price.currency)
        self.quantity.set_hint(self._t("cost", amount=amount_text(cost)))

    def submit(self) -> None:
        if not self._count():
            self.quantity.error(self._t("bad_quantity"))
            return
        licensee = self.licensee.text()
        text = self.text.toPlainText() if self.text is not None and self.text.toPlainText().strip() else None
        licences, token, version, count = (
            self._session.services.licences,
            self._token,
            self._offer.version,
            self._count(),
        )
        resolve = self._session.services.address_book.resolve

        def ready(_task: Task) -> Action[Purchase]:
            owner = resolve(licensee) if licensee else ""
            return licences.prepare_buy(token, version, count, owner, text)

        self.prepare(ready)


class PlaysDialog(PrepareDialog):
    """Sign how many plays of one's own licence are used; the signed file is then saved."""

    def __init__(self, session: Session, licence: Licence, parent: QWidget) -> None:
        self._t = texts("plays")
        subtitle = self._t("subtitle", used=grouped(licence.used), quantity=grouped(licence.quantity))
        super().__init__(session, self._t("title", number=licence.id), subtitle, self._t("next"), parent)
        self._licence = licence
        self.total = Field(self._t("total"), line_edit(limit=18), self._t("total_hint"))
        self.body.addWidget(self.total)
        self.body.addStretch(1)
        self.total.control.setFocus()

    def submit(self) -> None:
        text = self.total.text()
        low, high = self._licence.used, self._licence.quantity
        if not (text.isascii() and text.isdigit() and low < int(text) <= high):
            self.total.error(self._t("bad_total", low=grouped(low + 1), high=grouped(high)))
            return
        licences, number = self._session.services.licences, self._licence.id
        self.prepare(lambda _task: licences.prepare_voucher(number, int(text)))


def where_to_save(parent: QWidget, voucher: Voucher) -> Path | None:
    """Ask where to put the signed file; None where the user changed his mind."""
    t = texts("plays")
    start = str(Path.home() / t("file_name", number=voucher.licence, total=voucher.total))
    path, _ = QFileDialog.getSaveFileName(parent, t("save"), start, t("pattern"))
    return Path(path) if path else None
