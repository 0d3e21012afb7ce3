"""Put a work on sale: price, licence, how the key is delivered, and what the app may spend on it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.core.amounts import Amount, Currency, parse_amount
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import decimal, typed_number
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.actions import Action
from desktop_app.services.licences import LicenceKind, standard_text
from desktop_app.services.royalties import Token
from desktop_app.services.sale_records import Sale
from desktop_app.services.sale_terms import DAY, HOUR, SaleMode, SaleTerms, duration_in_words
from desktop_app.services.wording import message

LIMITS = (HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY)
WINDOWS = (DAY, 3 * DAY, 7 * DAY, 14 * DAY)
USUAL_LIMIT, USUAL_WINDOW = LIMITS.index(7 * DAY), WINDOWS.index(3 * DAY)


class SellDialog(PrepareDialog):
    """`tokens`: royalty tokens of works of the library, of which one is sold."""

    def __init__(self, session: Session, tokens: Sequence[Token], proofs: bool, parent: QWidget) -> None:
        self._t = texts("sell")
        super().__init__(session, self._t("title"), self._t("subtitle"), self._t("next"), parent)
        self.widen(sizes().dialog_wide)
        self.work = Select([(token.name, token) for token in tokens])
        self.price = Field(self._t("price"), line_edit(decimal("5.00"), limit=40))
        self.currency = Select()
        modes = [SaleMode.FAST, SaleMode.SAFE] if proofs else [SaleMode.SEALED]
        self.mode = Select([(self._t(f"mode_{mode.value}"), mode.value) for mode in modes])
        self.limit = Select([(duration_in_words(one), one) for one in LIMITS])
        self.limit.setCurrentIndex(USUAL_LIMIT)
        self.window_time = Select([(duration_in_words(one), one) for one in WINDOWS])
        self.window_time.setCurrentIndex(USUAL_WINDOW)
        self._window_field = Field(self._t("window"), self.window_time)
        self.text = QPlainTextEdit(standard_text(LicenceKind.DOWNLOAD))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(sizes().few_lines)
        self.address = Field(self._t("address"), line_edit("https://…", limit=500), self._t("address_hint"))
        self.automatic = CheckBox(self._t("automatic"))
        self.automatic.setChecked(True)
        self._mode_hint = label("", "caption", wrap=True)
        work = Field(self._t("work"), self.work)
        money = row(work, self.price, Field(self._t("currency"), self.currency), gap=SPACE.medium)
        for place, stretch in enumerate((3, 2, 1)):
            money.setStretch(place, stretch)
        mode_field = Field(self._t("mode"), self.mode)
        times = row(mode_field, Field(self._t("limit"), self.limit), self._window_field, gap=SPACE.medium)
        for place in (0, 1, 2):
            times.setStretch(place, 1)
        self.body.addLayout(money)
        self.body.addLayout(column(times, self._mode_hint, gap=SPACE.snug))
        self.body.addWidget(Field(self._t("text"), self.text, self._t("text_hint")))
        self.body.addWidget(self.address)
        hint = label(self._t("automatic_hint"), "caption", wrap=True)
        self.body.addLayout(column(self.automatic, hint, gap=SPACE.hair))
        self.body.addStretch(1)
        self.work.currentIndexChanged.connect(lambda _index: self._chosen())
        self.mode.currentIndexChanged.connect(lambda _index: self._mode_chosen())
        self._chosen()
        self._mode_chosen()
        self.price.control.setFocus()

    def _token(self) -> Token:
        token = self.work.value()
        assert isinstance(token, Token)
        return token

    def _chosen(self) -> None:
        # The dollar first: prices are thought of in dollars.
        known = sorted(self._token().currencies, key=lambda each: each.is_native)
        self.currency.set_choices([(each.symbol, each) for each in known])

    def _mode_chosen(self) -> None:
        mode = str(self.mode.value())
        self._mode_hint.setText(self._t(f"hint_{mode}"))
        self._window_field.setVisible(mode == SaleMode.SAFE.value)
        self.fit()

    def submit(self) -> None:
        token, currency = self._token(), self.currency.value()
        assert isinstance(currency, Currency)
        try:
            price = parse_amount(typed_number(self.price.text()), currency)
        except InvalidInputError as error:
            self.price.error(message(error).next_step)
            return
        own = self.text.toPlainText().strip()
        limit, window = self.limit.value(), self.window_time.value()
        assert isinstance(limit, int)
        assert isinstance(window, int)
        terms = SaleTerms(
            price=price,
            text="" if own == standard_text(LicenceKind.DOWNLOAD) else own,
            mode=SaleMode(str(self.mode.value())),
            time_limit=limit,
            window=window,
            addresses=tuple(self.address.text().split()),
            automatic=self.automatic.isChecked(),
        )
        selling, work_id = self._session.services.selling, token.work_id or ""

        def ready(task: Task) -> Action[Sale]:
            package = selling.packages.make(work_id, None, task)
            return selling.sales.prepare_offer(token, terms, package)

        self.prepare(ready)


class SaleSettingsDialog(Dialog):
    """Where the locked file can be had, and what the app may spend on a delivery. Nothing is signed."""

    saved = Signal()

    def __init__(self, session: Session, sale: Sale, parent: QWidget) -> None:
        self._t = texts("sale_settings")
        super().__init__(parent, self._t("title", title=sale.title), self._t("subtitle"))
        self._session, self._sale = session, sale
        self.addresses = QPlainTextEdit("\n".join(sale.addresses))
        self.addresses.setTabChangesFocus(True)
        self.addresses.setFixedHeight(sizes().few_lines)
        self.automatic = CheckBox(self._t("automatic"))
        self.automatic.setChecked(sale.automatic)
        plain = decimal(sale.fee_limit.plain())
        name = self._t("limit", coin=sale.fee_limit.currency.symbol)
        self.limit = Field(name, line_edit(text=plain, limit=40), self._t("limit_hint"))
        self.body.addWidget(Field(self._t("addresses"), self.addresses, self._t("addresses_hint")))
        self.body.addWidget(self.automatic)
        self.body.addWidget(self.limit)
        self.body.addStretch(1)
        self.automatic.toggled.connect(self.limit.setEnabled)
        self.limit.setEnabled(sale.automatic)
        self.add_cancel()
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._save)

    def _save(self) -> None:
        try:
            limit: Amount = parse_amount(typed_number(self.limit.text()), self._sale.fee_limit.currency)
        except InvalidInputError as error:
            self.limit.error(message(error).next_step)
            return
        addresses = tuple(self.addresses.toPlainText().split())
        automatic, sales, sale = self.automatic.isChecked(), self._session.services.selling.sales, self._sale

        def keep(_task: Task) -> None:
            sales.set_addresses(sale, addresses)
            sales.set_automatic(sale, automatic, limit)

        def kept(_nothing: object) -> None:
            self.accept()
            self.saved.emit()

        self._session.jobs.run(self, keep, kept, self.show_error)
