"""Choosing payouts by work, currency, payer, period and network, in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.errors import InvalidInputError
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.flow import Abreast
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.services.address_book import short_address
from desktop_app.services.earnings import Choices, period
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.wording import message

PERIODS = ("all", "days30", "month", "last_month", "year", "last_year", "chosen")
EVERYWHERE = -1


class PayoutFilterBar(QWidget):
    """`changed` fires when the user has chosen otherwise; `wanted` is the choice."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._t = texts("payouts")
        self._filling = False
        self._active = 0
        self._values: dict[Select, list[object]] = {}  # Qt would make lists of tuples
        self.work = self._select("filter_work")
        self.currency = self._select("filter_currency")
        self.payer = self._select("filter_payer")
        self.period = self._select("filter_period")
        self.network = self._select("filter_network")
        self.period.set_choices([(self._t(f"period_{name}"), name) for name in PERIODS])
        self.since = Field(self._t("since"), line_edit("2026-01-01", limit=10))
        self.until = Field(self._t("until"), line_edit("2026-12-31", limit=10))
        for field in (self.since, self.until):
            field.control.editingFinished.connect(self._dates_changed)  # type: ignore[attr-defined]
        self._dates = QWidget()
        dates = row(self.since, self.until, None, gap=SPACE.medium)
        self._dates.setLayout(dates)
        self._dates.hide()
        bar = Abreast(self.work, self.currency, self.payer, self.period, self.network, gap=SPACE.tight)
        self.setLayout(column(bar, self._dates, gap=SPACE.small))
        for select in (self.work, self.currency, self.payer, self.period, self.network):
            select.currentIndexChanged.connect(self._chosen)

    def _select(self, name: str) -> Select:
        select = Select()
        select.setAccessibleName(self._t(name))
        select.setToolTip(self._t(name))
        select.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        select.setMinimumContentsLength(4)
        return select

    def set_choices(self, choices: Choices, active: int, active_name: str) -> None:
        """What there is to choose from now; a choice that is still there stays."""
        self._active = active
        networks: list[tuple[str, object]] = [(active_name, active)]
        networks += [(name, chain_id) for chain_id, name in choices.networks if chain_id != active]
        if len(networks) > 1:
            networks.append((self._t("all_networks"), EVERYWHERE))
        self._refill(self.network, networks)
        works = [(one.title, one.tokens) for one in choices.works]
        self._refill(self.work, [(self._t("all_works"), ()), *works])
        symbols: dict[str, list[str]] = {}
        for currency in choices.currencies:
            symbols.setdefault(currency.symbol, []).append(currency.address)
        found = [(symbol, tuple(addresses)) for symbol, addresses in symbols.items()]
        self._refill(self.currency, [(self._t("all_currencies"), None), *found])
        payers = [(name or short_address(address), address) for address, name in choices.payers]
        self._refill(self.payer, [(self._t("all_payers"), ""), *payers])
        for select in (self.work, self.currency, self.payer, self.period, self.network):
            # Room for what it says while nothing is chosen; long names may be cut.
            usual = select.fontMetrics().horizontalAdvance(select.itemText(0))
            select.setMinimumWidth(usual + sizes().icon_small + SPACE.large)

    def start_over(self) -> None:
        """Everything of the network in use, as when another one was chosen in the side bar."""
        self._filling = True
        for select in (self.work, self.currency, self.payer, self.period, self.network):
            select.setCurrentIndex(0)
        # Or the next filling would hold on to the network before this one.
        self._values.clear()
        self._filling = False

    @property
    def narrowed(self) -> bool:
        """Whether anything but the network in use is chosen."""
        return any(
            select.currentIndex() > 0
            for select in (self.work, self.currency, self.payer, self.period, self.network)
        )

    def wanted(self, *, everything: bool = False) -> PayoutFilter:
        """The chosen payouts; with `everything` also those that were taken back."""
        network = self._value(self.network)
        since, until = self._period()
        return PayoutFilter(
            chain_id=None if network == EVERYWHERE else int(str(network or self._active)),
            token=self._value(self.work) or "",  # type: ignore[arg-type]
            party=self._value(self.payer) or "",  # type: ignore[arg-type]
            currency=self._value(self.currency),  # type: ignore[arg-type]
            since=since,
            until=until,
            orphaned=None if everything else False,
        )

    def _period(self) -> tuple[int | None, int | None]:
        name = self.period.value()
        if name == "chosen":
            try:
                return period(self.since.text(), self.until.text())
            except InvalidInputError:
                return None, None
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        month = today.replace(day=1)
        year = month.replace(month=1)
        spans: dict[object, tuple[datetime | None, datetime | None]] = {
            "days30": (today - timedelta(days=29), None),
            "month": (month, None),
            "last_month": ((month - timedelta(days=1)).replace(day=1), month),
            "year": (year, None),
            "last_year": (year.replace(year=year.year - 1), year),
        }
        start, end = spans.get(name, (None, None))
        return (int(start.timestamp()) if start else None, int(end.timestamp()) if end else None)

    def _refill(self, select: Select, choices: list[tuple[str, object]]) -> None:
        before, values = self._value(select), [value for _, value in choices]
        texts_ = [text for text, _ in choices]
        if self._values.get(select) == values and texts_ == [
            select.itemText(i) for i in range(select.count())
        ]:
            return
        self._filling = True
        self._values[select] = values
        select.set_choices([(text, None) for text in texts_])
        select.setCurrentIndex(values.index(before) if before in values else 0)
        self._filling = False

    def _value(self, select: Select) -> object:
        values = self._values.get(select)
        return values[select.currentIndex()] if values and select.currentIndex() >= 0 else None

    def _chosen(self) -> None:
        self._dates.setVisible(self.period.value() == "chosen")
        if not self._filling:
            self.changed.emit()

    def _dates_changed(self) -> None:
        self.since.error("")
        self.until.error("")
        try:
            period(self.since.text(), "")
        except InvalidInputError as error:
            self.since.error(message(error).next_step)
            return
        try:
            period(self.since.text(), self.until.text())
        except InvalidInputError as error:
            self.until.error(message(error).next_step)
            return
        self.changed.emit()
