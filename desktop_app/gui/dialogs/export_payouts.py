"""Payouts as a file: everything for a spreadsheet, or a tax ledger with values in one's own money."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QFileDialog, QWidget

from desktop_app.core.amounts import Currency
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.flow import Abreast
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import Radio, explained
from desktop_app.services.earnings import LedgerResult
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.rates import FIAT, UserRate, parse_rate
from desktop_app.services.wording import message

MOST_RATES = 3


class ExportPayoutsDialog(Dialog):
    """`wanted` are the payouts that the page shows now."""

    def __init__(self, session: Session, wanted: PayoutFilter, parent: QWidget) -> None:
        self._t = texts("export_payouts")
        super().__init__(parent, self._t("title"), self._t("subtitle"), width=sizes().dialog_wide)
        self._session = session
        self._wanted = wanted
        self.table = Radio(self._t("table"))
        self.ledger = Radio(self._t("ledger"))
        kinds = QButtonGroup(self)
        for button in (self.table, self.ledger):
            kinds.addButton(button)
        self.table.setChecked(True)
        self.ledger.toggled.connect(self._kind_changed)
        self.money = Field(self._t("money"), line_edit("EUR", FIAT[1], limit=3))
        self.basis = Select([(self._t("received"), "received"), (self._t("payments"), "payments")])
        self.rates: dict[str, Field] = {}
        self._rates = Abreast()
        self.note = Field(self._t("note"), line_edit(limit=120))
        self._details = QWidget()
        self._details.setLayout(
            column(
                Abreast(Field(self._t("basis"), self.basis), self.money),
                self._rates,
                label(self._t("rate_hint"), "caption", wrap=True),
                self.note,
                gap=SPACE.small,
            )
        )
        self.outcome = InlineMessage("success")
        self.outcome.hide()
        self.body.addLayout(explained(self.table, self._t("table_text")))
        self.body.addLayout(explained(self.ledger, self._t("ledger_text")))
        self.body.addWidget(self._details)
        self.body.addWidget(self.outcome)
        self._details.hide()
        self.close_button = self.add_button(texts("common")("close"))
        self.close_button.clicked.connect(self.reject)
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._choose)
        earnings = session.services.earnings
        session.jobs.run(
            self,
            lambda _task: tuple(one.received.currency for one in earnings.totals(wanted)),
            self._show_currencies,
            self.show_error,
        )

    def _show_currencies(self, currencies: tuple[Currency, ...]) -> None:
        for symbol in dict.fromkeys(one.symbol for one in currencies):
            if len(self.rates) < MOST_RATES:
                field = Field(self._t("rate", symbol=symbol), line_edit("2500.50", limit=60))
                self.rates[symbol] = field
                self._rates.addWidget(field)
        self.fit()

    def _kind_changed(self, ledger: bool) -> None:
        self._details.setVisible(ledger)
        self.outcome.hide()
        self.fit()

    def _given(self) -> dict[str, UserRate] | None:
        """The rates that were typed; None after an error was shown at its field."""
        given: dict[str, UserRate] = {}
        for symbol, field in self.rates.items():
            if field.text():
                try:
                    given.update([parse_rate(f"{symbol}={field.text()}")])
                except InvalidInputError as error:
                    field.error(message(error).next_step)
                    return None
        return given

    def _choose(self) -> None:
        if self.ledger.isChecked() and self._given() is None:
            return
        name = self._t("ledger_name" if self.ledger.isChecked() else "table_name")
        start = str(Path.home() / name)
        path, _ = QFileDialog.getSaveFileName(self, self._t("save"), start, self._t("pattern"))
        if path:
            self.save_to(Path(path))

    def save_to(self, path: Path) -> None:
        """Write the file; the file dialog has asked before replacing one."""
        earnings, wanted = self._session.services.earnings, self._wanted
        self.outcome.hide()
        if not self.ledger.isChecked():

            def export(task: Task) -> tuple[Path, int]:
                return path, earnings.export_payouts(path, wanted, task, overwrite=True)

            self._run(export)
            return
        given = self._given()
        if given is None:
            return
        fiat, basis, note = self.money.text(), str(self.basis.value()), self.note.text()

        def write(task: Task) -> LedgerResult:
            return earnings.tax_ledger(
                path, fiat, wanted, given=given, basis=basis, note=note, task=task, overwrite=True
            )

        self._run(write)

    def _run(self, work: Callable[[Task], object]) -> None:
        self.set_busy(True, self._t("writing"))
        self._session.jobs.run(self, work, self._done, self.show_error, title=self._t("writing"))

    def _done(self, result: LedgerResult | tuple[Path, int]) -> None:
        self.set_busy(False)
        if isinstance(result, tuple):
            path, rows = result
            self.outcome.show_text(self._t("written", count=rows), str(path), tone="success")
        else:
            reasons = "\n".join(result.problems)
            title = self._t("written_value", count=result.rows, value=result.value, money=result.fiat)
            if result.unvalued:
                reasons = self._t("unvalued", count=result.unvalued) + "\n" + reasons
            self.outcome.show_text(title, str(result.path), reasons, "warn" if result.unvalued else "success")
        self.fit()
