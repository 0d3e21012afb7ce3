"""Who holds the shares of a work, which part of the income is theirs, and what waits for each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import SHARE_SCALE, Amount, amount_text, format_share
from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.person_name import person_name
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.royalties import TokenOverview
from desktop_app.services.royalty_overview import Holder


class HoldersCard(Card):
    """`pay_all` asks to pay out a currency to everybody; `filled` as with Columns."""

    pay_all = Signal(object)
    filled = Signal()

    def __init__(self) -> None:
        self._t = texts("royalty")
        super().__init__(self._t("holders"), " ")
        names = (self._t("who"), *(f">{self._t(name)}" for name in ("shares", "part", "waiting")))
        self._columns = Columns(names)
        self._columns.filled.connect(self.filled)
        self._below = column(gap=SPACE.small)
        self.body.addWidget(self._columns)
        self.body.addLayout(self._below)

    def begin(self) -> None:
        """With another work."""
        self._columns.begin()

    def show_holders(self, overview: TokenOverview, names: dict[str, str]) -> None:
        """`names` of people who are known, by their addresses in lower case."""
        share = format_share(overview.holders_share_ppm)
        self.subtitle.setText(self._t("holders_text", share=share))
        self.subtitle.show()
        supply = overview.token.supply

        def cells(one: Holder) -> tuple[str | QWidget, ...]:
            part_held = format_share(one.shares * SHARE_SCALE // supply)
            held = f"{grouped(one.shares)} ({part_held})" if one.shares else "–"
            part = format_share(one.share_ppm) if one.share_ppm else "–"
            return person_name(one.address, self._t("who"), names), held, part, waiting_text(one.pending)

        self._columns.fill(overview.holders, cells)
        self._offer_to_pay(overview)

    def _offer_to_pay(self, overview: TokenOverview) -> None:
        clear(self._below)
        waiting = {
            amount.currency for one in overview.holders for amount in one.pending if amount.units
        }
        currencies = [
            each
            for each in sorted(overview.token.currencies, key=lambda each: each.is_native)
            if each in waiting
        ]
        if not currencies:
            return
        buttons = []
        for currency in currencies:
            button = Button(self._t("pay_all", symbol=currency.symbol), "secondary", "users")
            button.clicked.connect(lambda _on=False, currency=currency: self.pay_all.emit(currency))
            buttons.append(button)
        self._below.addWidget(label(self._t("pay_all_text"), "caption", wrap=True))
        self._below.addLayout(row(*buttons, None))


def waiting_text(amounts: tuple[Amount, ...]) -> str:
    return ", ".join(amount_text(amount) for amount in amounts if amount.units) or "–"
