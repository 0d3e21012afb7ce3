"""Pay for a work, collect what is owed, pass shares on: three short forms."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.amounts import Amount, Currency, amount_text, parse_amount, without_groups
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import decimal, grouped, typed_number
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.person_field import PersonField
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.royalties import MOST_SIGNED_DAYS, SIGNED_DAYS, SignedPayment, Token
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
        self.amount = Field(self._t("amount"), line_edit(decimal("12.50"), limit=40))
        self.currency = Select([(currency.symbol, currency) for currency in choices])
        self.memo = Field(self._t("memo"), line_edit(limit=32), self._t("memo_hint"))
        self.body.addLayout(row(self.amount, Field(self._t("currency"), self.currency), gap=SPACE.medium))
        self.body.addWidget(self.memo)
        self.sign_only = CheckBox(self._t("sign_only"))
        self._sign_hint = label(self._t("sign_only_hint"), "caption", wrap=True)
        self.days = Field(self._t("days"), line_edit(text=str(SIGNED_DAYS), limit=3), self._t("days_hint"))
        for part in (self.sign_only, self._sign_hint, self.days):
            part.hide()
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.sign_only.toggled.connect(lambda _on: self._show_signing())
        self.currency.currentIndexChanged.connect(lambda _index: self._show_signing())
        self._can_sign: frozenset[Currency] = frozenset()
        royalties = session.services.royalties
        session.jobs.run(
            self,
            lambda _task: frozenset(each for each in choices if royalties.can_sign_only(token, each)),
            self._signable,
            lambda _error: None,
        )
        self.amount.control.setFocus()

    def _signable(self, currencies: frozenset[Currency]) -> None:
        self._can_sign = currencies
        self._show_signing()

    def _show_signing(self) -> None:
        """Only where the currency knows it, and the time only once it is wanted."""
        offered = self.currency.value() in self._can_sign
        chosen = offered and self.sign_only.isChecked()
        self.sign_only.setVisible(offered)
        self._sign_hint.setVisible(chosen)
        self.days.setVisible(chosen)
        self.fit()

    def submit(self) -> None:
        currency = self.currency.value()
        assert isinstance(currency, Currency)
        try:
            amount = parse_amount(typed_number(self.amount.text()), currency)
        except InvalidInputError as error:
            self.amount.error(message(error).next_step)
            return
        royalties, token, memo = self._session.services.royalties, self._token, self.memo.text()
        if self.days.isHidden():
            self.prepare(lambda _task: royalties.prepare_pay(token, amount, memo))
            return
        days = self.days.text()
        if not (days.isascii() and days.isdigit() and 0 < int(days) <= MOST_SIGNED_DAYS):
            self.days.error(self._t("bad_days", most=MOST_SIGNED_DAYS))
            return
        self.prepare(lambda _task: royalties.prepare_signed_payment(token, amount, memo, int(days)))


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
        self.to = PersonField(session, self._t("to"), self._t("to_hint"))
        self.to.told.connect(self.fit)
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
        royalties, token = self._session.services.royalties, self._token
        resolve = self._session.services.address_book.resolve
        self.prepare(
            lambda _task: royalties.prepare_claim(token, currency, to=resolve(to) if to else "")
        )


class TransferDialog(PrepareDialog):
    def __init__(self, session: Session, token: Token, held: int, parent: QWidget) -> None:
        self._t = texts("transfer")
        super().__init__(
            session,
            self._t("title", name=token.name),
            self._t("subtitle", held=grouped(held)),
            self._t("next"),
            parent,
        )
        self._token = token
        self._held = held
        self.to = PersonField(session, self._t("to"), self._t("to_hint"))
        self.to.told.connect(self.fit)
        self.shares = Field(self._t("shares"), line_edit(limit=29))
        self.body.addWidget(self.to)
        self.body.addWidget(self.shares)
        self.body.addStretch(1)
        self.to.control.setFocus()

    def submit(self) -> None:
        to, shares = self.to.text(), without_groups(self.shares.text(), whole=True)
        if not to:
            self.to.error(self._t("no_recipient"))
            return
        if not (shares.isascii() and shares.isdigit() and 0 < int(shares) <= self._held):
            self.shares.error(self._t("bad_shares", held=grouped(self._held)))
            return
        royalties, token = self._session.services.royalties, self._token
        resolve = self._session.services.address_book.resolve
        self.prepare(lambda _task: royalties.prepare_transfer(token, resolve(to), int(shares)))


def where_to_save_payment(parent: QWidget, payment: SignedPayment, name: str) -> Path | None:
    """Ask where to put a signed payment; None where the user changed his mind."""
    t = texts("pay")
    start = str(Path.home() / t("file_name", name=name, number=payment.nonce.hex()[:6]))
    path, _ = QFileDialog.getSaveFileName(parent, t("save"), start, t("pattern"))
    return Path(path) if path else None


def choose_payment(parent: QWidget) -> Path | None:
    """Ask for a payment that somebody has signed."""
    t = texts("pay")
    path, _ = QFileDialog.getOpenFileName(parent, t("choose"), str(Path.home()), t("pattern"))
    return Path(path) if path else None
