"""One network in the comparison: what works there, what each action costs, where every fact is from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHeaderView, QTableView

from desktop_app.core.amounts import cost_text
from desktop_app.core.localised import grouped
from desktop_app.gui.models.comparison import PARTS, fee_cells
from desktop_app.gui.models.text_table import TextTable
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.plain_table import fit_columns, make_plain, table_height
from desktop_app.gui.widgets.surfaces import Card, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.comparison import Row
from desktop_app.services.comparison_text import (
    day_text,
    dencun_text,
    final_text,
    fit_text,
    stage_text,
    withdrawal_text,
)
from desktop_app.services.wording import words


class NetworkDetails(Card):
    """`use` and `ask` carry the key of the network that is shown."""

    use = Signal(str)
    ask = Signal(str)

    def __init__(self) -> None:
        self._t = texts("compare")
        super().__init__(self._t("details"))
        self._row: Row | None = None
        self._use = Button(self._t("use"))
        self._use.clicked.connect(lambda: self._tell(self.use))
        self._ask = Button(self._t("ask_one"), icon="refresh")
        self._ask.clicked.connect(lambda: self._tell(self.ask))
        self._facts = Facts(name_width=190)
        self._fees_title = label("", "strong", wrap=True)
        self._fees = TextTable(self)
        self._table = QTableView()
        self._table.setModel(self._fees)
        make_plain(self._table, self._t("fees"))
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self._sources = label("", "caption", wrap=True)
        self._sources.hide()
        self._more = Button(self._t("sources"), "quiet")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._sources.setVisible)
        self.body.addWidget(self._facts)
        self.body.addWidget(self._fees_title)
        self.body.addWidget(self._table)
        self.body.addLayout(row(self._use, self._ask, self._more, None))
        self.body.addWidget(self._sources)

    def show_row(self, shown: Row, active: str) -> None:
        self._row = shown
        network = shown.network
        self.heading.setText(network.name)
        self.setAccessibleName(network.name)
        for button, name in ((self._use, "use"), (self._ask, "ask_one"), (self._more, "sources")):
            button.setAccessibleName(f"{self._t(name)}: {network.name}")
        self._use.setVisible(network.usable)
        self._use.setEnabled(network.key != active)
        self._use.setText(self._t("in_use" if network.key == active else "use"))
        self._show_facts(shown)
        fees = fee_cells(shown)
        self._fees_title.setVisible(bool(fees))
        self._fees_title.setText(self._t("fees_of", coin=network.native.symbol, day=day_text(shown.prices)))
        self._table.setVisible(bool(fees))
        self._fees.fill([words(f"compare.{part}") for part in PARTS], range(1, 5), fees, fees)
        fit_columns(self._table, fees)
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._table.setFixedHeight(table_height(len(fees)))
        lines = [
            f"{fact.replace('_', ' ')}: {source} ({network.dates.get(fact, '')})"
            for fact, source in sorted(network.sources.items())
        ]
        if shown.prices is not None:
            lines.append(f"{words('compare.prices_of')} {day_text(shown.prices)}: {shown.prices.source}")
        self._sources.setText("\n".join(lines).replace("/", "/\u200b"))

    def _tell(self, signal: SignalInstance) -> None:
        if self._row is not None:
            signal.emit(self._row.network.key)

    def _show_facts(self, shown: Row) -> None:
        facts, network = self._facts, shown.network
        facts.clear()
        unknown = words("compare.unknown")
        features = shown.features
        for name in ("records", "proofs", "dollars", "ethereum_data"):
            facts.text(words(f"compare.{name}"), fit_text(getattr(features, name)))
        facts.text(words("compare.final"), final_text(network) or unknown)
        facts.text(words("compare.withdrawal"), withdrawal_text(network) or unknown)
        facts.text(words("compare.stage_name"), stage_text(network) or unknown)
        cost = shown.cost
        if cost is not None:
            facts.text(words("compare.you"), cost_text(cost.yours))
            facts.text(words("compare.payers"), cost_text(cost.payers))
            facts.text(words("compare.before_dencun"), dencun_text(shown))
        if cost is not None and cost.posted is not None:
            parts = [self._t("data_bytes", bytes=grouped(cost.posted))]
            if cost.calldata is not None:
                parts.append(self._t("data_calldata", cost=cost_text(cost.calldata)))
            if cost.blobs is not None:
                parts.append(self._t("data_blobs", cost=cost_text(cost.blobs)))
            parts.append(self._t("data_charged", cost=cost_text(cost.data)))
            facts.text(self._t("month_data"), "; ".join(parts))
        for notice in shown.notices:
            facts.text(words(notice.code, "title"), words(notice.code, "text", **notice.params), "caption")
