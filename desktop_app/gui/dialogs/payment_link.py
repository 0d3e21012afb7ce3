"""A payment link with its QR code: for tips and plain payments, with the network in plain sight."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget

from desktop_app.core.amounts import Currency, parse_amount
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import typed_number
from desktop_app.gui.dialogs.receive import QR_SIDE, qr_picture
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Well, column, row
from desktop_app.gui.widgets.text import HashLabel, label
from desktop_app.services.payment_links import PaymentLink, payment_link, write_qr
from desktop_app.services.royalties import Token
from desktop_app.services.wording import message


class PaymentLinkDialog(Dialog):
    def __init__(self, session: Session, token: Token, parent: QWidget) -> None:
        self._t = texts("payment_link")
        super().__init__(parent, self._t("title", name=token.name), self._t("subtitle"), width=sizes().dialog)
        self._session, self._token = session, token
        self.amount = Field(self._t("amount"), line_edit(self._t("any"), limit=40))
        known = sorted(token.currencies, key=lambda each: each.is_native)
        self.currency = Select([(each.symbol, each) for each in known])
        money = row(self.amount, Field(self._t("currency"), self.currency), gap=SPACE.medium)
        money.setStretch(0, 2)
        money.setStretch(1, 1)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.network = label("", "strong")
        self.network.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.link = HashLabel("", self._t("link"))
        well = Well()
        well.body.addLayout(column(self.picture, self.network, gap=SPACE.small))
        well.body.addWidget(self.link)
        self.caution = InlineMessage("warn")
        self.body.addLayout(money)
        self.body.addWidget(well)
        self.body.addWidget(self.caution)
        self.save = self.add_button(self._t("save"))
        self.save.clicked.connect(self._save)
        self.close_button = self.add_button(texts("common")("close"), "primary")
        self.close_button.clicked.connect(self.accept)
        self.made: PaymentLink | None = None
        control = self.amount.control
        control.textChanged.connect(lambda _text: self._make())  # type: ignore[attr-defined]
        self.currency.currentIndexChanged.connect(lambda _index: self._make())
        self._make()

    def _make(self) -> None:
        currency, text = self.currency.value(), self.amount.text()
        assert isinstance(currency, Currency)
        try:
            amount = parse_amount(typed_number(text), currency) if text else None
            made = payment_link(self._token, currency, amount)
        except InvalidInputError as error:
            self.amount.error(message(error).next_step)
            return
        self.made = made
        self.amount.error("")
        self.picture.setPixmap(qr_picture(made.uri, QR_SIDE, max(1.0, self.devicePixelRatioF())))
        self.picture.setAccessibleName(self._t("picture", name=made.name))
        self.network.setText(self._t("network", network=made.network_name, chain_id=made.chain_id))
        self.link.set_value(made.uri)
        if made.is_practice:
            self.caution.show_text(texts("band")("practice_title"), made.caution, tone="practice")
        else:
            self.caution.show_text(self._t("caution"), made.caution, tone="warn")

    def _save(self) -> None:
        start = str(Path.home() / f"{self._token.symbol}.png")
        path, _ = QFileDialog.getSaveFileName(self, self._t("save"), start, self._t("pattern"))
        made = self.made
        if path and made is not None:
            self._session.jobs.run(
                self, lambda _task: write_qr(made.uri, Path(path)), lambda _nothing: None, self.show_error
            )
