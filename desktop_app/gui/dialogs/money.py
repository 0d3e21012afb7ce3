"""Pay for a work, collect what is owed, pass shares on: three short forms."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import Amount, Currency, parse_amount, without_groups
from desktop_app.core.errors import InvalidInputError
from desktop_app.gui.dialogs.prepare import ADDRESS, PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import amount_text, label
from desktop_app.services.royalties import Token
from desktop_app.services.wording import message


class PayDialog(PrepareDialog):
    def __init__(self, session: Session, token: Token, parent: QWidget) -> None:
        self._t = texts("pay")
        super().__init__(
            session, self._t("title", name=token.name), self._t("subtitle"), self._t("next"), parent
        )
        self._token = token
        # The dollar first: prices are thought of in dollars.
        choices = sorted(token.currencies, key=lambda currency: currency.is_native)
        self.amount = Field(self._t("amount"), line_edit("12.50", limit=40))
        self.currency = Select([(currency.symbol, currency) for currency in choices])
        self.memo = Field(self._t("memo"), line_edit(limit=32), self._t("memo_hint"))
        self.body.addLayout(row(self.amount, Field(self._t("currency"), self.currency), gap=SPACE.medium))
        self.body.addWidget(self.memo)
        self.body.addStretch(1)
        self.amount.control.setFocus()

    def submit(self) -> None:
        currency = self.currency.value()
        assert isinstance(currency, Currency)
        try:
            amount = parse_amount(self.amount.text(), currency)
        except InvalidInputError as error:
            self.amount.error(message(error).next_step)
            return
        royalties, token, memo = self._session.services.royalties, self._token, self.memo.text()
        self.prepare(lambda _task: royalties.prepare_pay(token, amount, memo))


class ClaimDialog(PrepareDialog):
    """`pending` is what the active account could claim in each currency."""

    def __init__(self, session: Session, token: Token, pending: tuple[Amount, ...], parent: QWidget) -> None:
        self._t = texts("claim")
        super().__init__(
            session, self._t("title", name=token.name), self._t("subtitle"), self._t("next"), parent
        )
        self._token = token
        owed = [amount for amount in pending if amount.units]
        self.currency = Select([(amount_text(amount), amount.currency) for amount in owed])
        self.to = Field(self._t("to"), line_edit("0x…", limit=42), self._t("to_hint"))
        self.to.control.setProperty("role", "mono")
        if owed:
            self.body.addWidget(Field(self._t("currency"), self.currency))
            self.body.addWidget(self.to)
        else:
            self.body.addWidget(label(self._t("none"), wrap=True))
            self.next.setEnabled(False)
        self.body.addStretch(1)

    def submit(self) -> None:
        currency = self.currency.value()
        assert isinstance(currency, Currency)
        to = self.to.text()
        if to and ADDRESS.fullmatch(to) is None:
            self.to.error(self._t("bad_address"))
            return
        royalties, token = self._session.services.royalties, self._token
        self.prepare(lambda _task: royalties.prepare_claim(token, currency, to=to))


class TransferDialog(PrepareDialog):
    def __init__(self, session: Session, token: Token, held: int, parent: QWidget) -> None:
        self._t = texts("transfer")
        super().__init__(
            session,
            self._t("title", name=token.name),
            self._t("subtitle", held=f"{held:,}"),
            self._t("next"),
            parent,
        )
        self._token = token
        self._held = held
        recipient = line_edit("0x…", limit=42)
        recipient.setProperty("role", "mono")
        self.to = Field(self._t("to"), recipient, self._t("to_hint"))
        self.shares = Field(self._t("shares"), line_edit(limit=29))
        self.body.addWidget(self.to)
        self.body.addWidget(self.shares)
        self.body.addStretch(1)
        self.to.control.setFocus()

    def submit(self) -> None:
        to, shares = self.to.text(), without_groups(self.shares.text(), whole=True)
        if ADDRESS.fullmatch(to) is None:
            self.to.error(self._t("bad_address"))
            return
        if not (shares.isascii() and shares.isdigit() and 0 < int(shares) <= self._held):
            self.shares.error(self._t("bad_shares", held=f"{self._held:,}"))
            return
        royalties, token = self._session.services.royalties, self._token
        self.prepare(lambda _task: royalties.prepare_transfer(token, to, int(shares)))
