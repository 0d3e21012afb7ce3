"""Send money: to whom, how much, how fast. Who is behind the address is said while it is typed."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, QTimer
from PySide6.QtWidgets import QCompleter, QWidget

from desktop_app.core.amounts import Amount, Currency, amount_text, parse_amount, without_groups
from desktop_app.core.errors import ColophonError, InvalidInputError
from desktop_app.core.localised import decimal, typed_number
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.formatting import breakable
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens, sizes
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.services.actions import Notice, Weight
from desktop_app.services.networks import Network
from desktop_app.services.transactions import FeeChoice, Speed
from desktop_app.services.wording import message, words


class SendDialog(PrepareDialog):
    def __init__(self, session: Session, parent: QWidget, to: str = "") -> None:
        self._t = texts("send")
        super().__init__(session, self._t("title"), self._t("subtitle"), self._t("next"), parent)
        self.widen(sizes().dialog_wide)  # a warning then fits on a screen of 600 pixels too
        self._held: tuple[Amount, ...] = ()
        self._names = QStringListModel(self)
        recipient = line_edit(self._t("to_placeholder"), text=to, limit=80)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        recipient.setCompleter(completer)
        self.to = Field(self._t("to"), recipient, self._t("to_hint"))
        self.who = InlineMessage("danger")
        self.who.hide()
        self.amount = Field(self._t("amount"), line_edit(decimal("0.00"), limit=60))
        self.currency = Select()
        self.speed = Select([(words(f"transaction.speed_{one.value}"), one.value) for one in Speed])
        self._speed_field = Field(self._t("speed"), self.speed, self._t("speed_hint"))
        self.body.addWidget(self.to)
        self.body.addWidget(self.who)
        self.body.addLayout(row(self.amount, Field(self._t("currency"), self.currency), gap=SPACE.medium))
        self.body.addWidget(self._speed_field)
        self.body.addStretch(1)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(load_tokens().motion.asking)
        self._look.timeout.connect(self._look_at_recipient)
        recipient.textChanged.connect(lambda _text: self._look.start())
        self.currency.currentIndexChanged.connect(lambda _index: self._show_held())
        self._read()
        if to:
            self._look_at_recipient()
        recipient.setFocus()

    def _read(self) -> None:
        services = self._session.services

        def facts(_task: Task) -> tuple[Network, tuple[str, ...], tuple[Amount, ...], Speed]:
            network = services.networks.active
            address = services.wallet.status().active or ""
            names = tuple(one.name for one in services.address_book.contacts())
            try:
                held = services.networks.balances(address)
            except ColophonError:
                held = ()
            return network, names, held, services.transactions.speed

        self._session.jobs.run(self, facts, self._known, self.show_error)
        self._session.jobs.run(
            self, lambda _task: services.transactions.transfer_fees(), self._priced, lambda _error: None
        )

    def _known(self, found: tuple[Network, tuple[str, ...], tuple[Amount, ...], Speed]) -> None:
        network, names, self._held, speed = found
        self._names.setStringList(list(names))
        currencies = [*([network.dollar] if network.dollar else []), network.native]
        self.currency.set_choices([(currency.symbol, currency) for currency in currencies])
        self.speed.setCurrentIndex(self.speed.findData(speed.value))
        self._show_held()

    def _priced(self, choices: tuple[FeeChoice, ...]) -> None:
        for one in choices:
            text = words(f"transaction.speed_{one.speed.value}")
            about = self._t("about", amount=amount_text(one.expected, round_up=True))
            self.speed.setItemText(self.speed.findData(one.speed.value), f"{text} · {about}")

    def _show_held(self) -> None:
        currency = self.currency.value()
        held = next((one for one in self._held if one.currency == currency), None)
        if held is not None:
            self.amount.set_hint(self._t("held", amount=amount_text(held)))
            self.amount.control.setToolTip(str(held))
            self.fit()

    def _look_at_recipient(self) -> None:
        services, text = self._session.services, self.to.text()

        def look(_task: Task) -> tuple[str, tuple[Notice, ...]]:
            try:
                address = services.address_book.resolve(text)
            except ColophonError:
                return "", ()
            known = services.address_book.identify(address)
            name = "" if known is None else words(f"address.{known.known_as.value}")
            if known is not None and known.name:
                name = f"{known.name}: {breakable(address)}" if text != address else f"{known.name}, {name}"
            return name, services.reviews.check_recipient(address)

        if text:
            self._session.jobs.run(self, look, lambda found: self._looked(text, found), lambda _error: None)
        else:
            self._looked(text, ("", ()))

    def _looked(self, text: str, found: tuple[str, tuple[Notice, ...]]) -> None:
        if text != self.to.text():
            return
        name, notices = found
        grave = [one for one in notices if one.weight is not Weight.NOTE]
        self.who.setVisible(bool(grave))
        if grave:
            one = grave[0]
            tone = "danger" if one.weight is Weight.DANGER else "warn"
            title, said = words(one.code, "title", **one.params), words(one.code, "text", **one.params)
            self.who.show_text(title, said, tone=tone)
        new = next((words(one.code, "title", **one.params) for one in notices if one not in grave), "")
        self.to.set_hint(name or new or self._t("to_hint"))
        self.fit()

    def submit(self) -> None:
        currency, speed = self.currency.value(), Speed(str(self.speed.value()))
        if not isinstance(currency, Currency):
            return
        to = self.to.text()
        if not to:
            self.to.error(self._t("no_recipient"))
            self.fit()
            return
        try:
            amount = parse_amount(without_groups(typed_number(self.amount.text())), currency)
        except InvalidInputError as error:
            self.amount.error(message(error).next_step)
            self.fit()
            return
        transactions = self._session.services.transactions
        self.prepare(lambda _task: transactions.prepare_send(to, amount, speed))
