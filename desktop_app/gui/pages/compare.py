"""Which network: what the user's month would cost on each, now and before Dencun, and what one gets there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHeaderView, QTableView, QWidget

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import grouped
from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.models.comparison import COLUMNS, GIVE_WAY, NUMBERS, View, cells, points, read_view
from desktop_app.gui.models.text_table import TextTable
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens
from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.cost_chart import CostChart
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.network_details import NetworkDetails
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.plain_table import make_plain, table_height
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, refill, row
from desktop_app.gui.widgets.text import bullet, label
from desktop_app.services.comparison import MOST, Plan, parse_worth
from desktop_app.services.network_prices import Asked
from desktop_app.services.wording import message, words

COUNTS = ("works", "payments", "claims")
WIDTHS = {
    "network": 108,
    "a_month": 154,
    "in_money": 108,
    "before_dencun": 134,
    "final": 104,
    "withdrawal": 138,
    "stage_name": 152,
    "prices_of": 110,
}


@dataclass(frozen=True)
class Question:
    """Whom the user has to agree to ask, empty for all networks, and in which words."""

    keys: tuple[str, ...]
    text: str


class ComparisonTable(QTableView):
    """In a narrow window the less weighty columns give way; they stay in the details below."""

    with_money = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        shown = [name for name in COLUMNS if name != "in_money" or self.with_money]
        for name in GIVE_WAY:
            if sum(WIDTHS[one] for one in shown) > self.viewport().width():
                shown.remove(name)
        for place, name in enumerate(COLUMNS):
            self.setColumnHidden(place, name not in shown)


class ComparePage(Page):
    chapter = "networks"

    def __init__(self, session: Session) -> None:
        self._t = texts("compare")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._view: View | None = None
        self._asking = 0
        self._selected = ""
        back = self.header.add_action(Button(self._t("back"), "quiet", "back"))
        back.clicked.connect(lambda: session.page_wanted.emit("networks"))
        self.ask = self.header.add_action(Button(self._t("ask"), icon="refresh"))
        self.ask.clicked.connect(lambda: self._ask_about(()))
        self.running = RunArea()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(load_tokens().motion.typing)
        self._typing.timeout.connect(self.reload)
        self.body.addWidget(self.running)
        self.body.addWidget(self._build_plan())
        self.body.addWidget(self._build_choice())
        self.body.addWidget(self._build_chart())
        self.body.addWidget(self._build_table())
        self.details = NetworkDetails()
        self.details.use.connect(self._select)
        self.details.ask.connect(lambda key: self._ask_about((key,)))
        self.body.addWidget(self.details)
        self.body.addWidget(label(words("compare.honest"), "caption", wrap=True))
        self.body.addStretch(1)
        session.network_changed.connect(self.reload)

    # --- Building ----------------------------------------------------------------------------------------

    def _build_plan(self) -> Card:
        card = Card(self._t("plan"), self._t("plan_text"))
        start = Plan()
        self.counts: dict[str, Field] = {}
        self._fields = QGridLayout()
        self._fields.setSpacing(SPACE.medium)
        for name in COUNTS:
            field = Field(self._t(name), line_edit(text=str(getattr(start, name)), limit=8))
            self.counts[name] = field
            self._add_field(field)
        self.worth: dict[str, Field] = {}
        card.body.addLayout(self._fields)
        return card

    def _add_field(self, field: Field) -> None:
        field.control.textEdited.connect(lambda _text: self._typing.start())  # type: ignore[attr-defined]
        self._fields.addWidget(field, *divmod(self._fields.count(), len(COUNTS)))

    def _build_choice(self) -> Card:
        self._choice = Card(margin=SPACE.inset)
        self._chosen = label("", "heading", wrap=True)
        self._reasons = column(gap=SPACE.hair)
        self.use = Button(self._t("use"), "primary")
        self.use.clicked.connect(self._select_choice)
        self._choice.body.addWidget(label(self._t("for_you"), "eyebrow"))
        self._choice.body.addLayout(row(self._chosen, None, self.use))
        self._choice.body.addLayout(self._reasons)
        self._doubts = InlineMessage("warn")
        self._doubts.hide()
        self._choice.body.addWidget(self._doubts)
        self._choice.hide()
        return self._choice

    def _build_chart(self) -> Card:
        card = Card(self._t("chart"), self._t("chart_text"))
        self.chart = CostChart(self._session.theme, self._session.jobs)
        legend = row(label("●", "chartNow"), label(self._t("legend_now"), "muted"), gap=SPACE.tight)
        for item in (SPACE.small, label("○", "chartBefore"), label(self._t("legend_before"), "muted"), None):
            if item is None:
                legend.addStretch(1)
            elif isinstance(item, int):
                legend.addSpacing(item)
            else:
                legend.addWidget(item)
        card.body.addLayout(legend)
        card.body.addWidget(self.chart)
        self._not_drawn = label("", "caption", wrap=True)
        card.body.addWidget(self._not_drawn)
        return card

    def _build_table(self) -> QWidget:
        self.model = TextTable(self)
        self.table = ComparisonTable()
        self.table.setModel(self.model)
        make_plain(self.table, self._t("table"))
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        holder = QWidget()
        text = label(self._t("table_text"), "muted", wrap=True)
        heading = column(label(self._t("table"), "heading", wrap=True), text, gap=SPACE.line)
        holder.setLayout(column(heading, self.table, gap=SPACE.small))
        return holder

    # --- Showing -----------------------------------------------------------------------------------------

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Compare again with what is in the fields; nobody is asked."""
        if not self.isVisible():
            return
        asked = self._read_fields()
        if asked is None:
            return
        plan, worth = asked
        self._asking += 1
        turn, services = self._asking, self._session.services

        def known(view: View) -> None:
            if turn == self._asking and view != self._view:
                self._view = view
                in_turns(self, self._show(view), one_each=True)

        self.load(self._session.jobs, lambda _task: read_view(services, plan, worth), known)

    def _read_fields(self) -> tuple[Plan, dict[str, int]] | None:
        """None where a field does not hold what it should; the field says so."""
        counts = {}
        for name, field in self.counts.items():
            text = field.text() or "0"
            if not (text.isascii() and text.isdigit() and int(text) <= MOST):
                field.error(self._t("count_wrong", maximum=grouped(MOST)))
                return None
            field.error("")
            counts[name] = int(text)
        worth: dict[str, int] = {}
        for symbol, field in self.worth.items():
            if field.text():
                try:
                    worth.update([parse_worth(f"{symbol}={field.text()}")])
                except InvalidInputError as error:
                    field.error(message(error).reason)
                    return None
            field.error("")
        return Plan(**counts), {symbol: each for symbol, each in worth.items() if each}

    def _show(self, view: View) -> Iterator[None]:
        """Part by part, unless there is something newer: all at once would keep the window busy too long."""
        if not self.worth:
            for symbol in view.coins:
                field = Field(self._t("worth", coin=symbol), line_edit(self._t("worth_example"), limit=20))
                self.worth[symbol] = field
                self._add_field(field)
        self._show_choice(view)
        yield
        if view is not self._view:
            return
        unit, drawn = points(view)
        self.chart.show_points(unit, drawn)
        names = {point.name for point in drawn}
        missing = [row.network.name for row in view.found.rows if row.network.name not in names]
        self._not_drawn.setText(self._t("not_drawn", names=", ".join(missing)))
        self._not_drawn.setVisible(bool(missing))
        yield
        if view is self._view:
            self._show_table(view)
        self.fit()

    def _show_choice(self, view: View) -> None:
        found = view.found
        chosen = view.row(found.choice)
        self._choice.show()
        self._chosen.setText(chosen.network.name if chosen else words("compare.nothing_recommended"))
        self.use.setVisible(chosen is not None)
        in_use = chosen is not None and chosen.network.key == view.active.key
        self.use.setEnabled(not in_use)
        self.use.set_text(self._t("in_use" if in_use else "use"))
        refill(self._reasons, *(bullet(words(one.code, "text", **one.params)) for one in found.reasons))
        notices = [*found.notices, *(chosen.notices if chosen else ())]
        said = [words(one.code, "text", **one.params) for one in notices]
        self._doubts.setVisible(bool(said))
        if said:
            self._doubts.show_text(self._t("about_prices"), "\n".join(said))

    def _show_table(self, view: View) -> None:
        rows, tips = cells(view)
        keys = [one.network.key for one in view.found.rows]
        wanted = self._selected if self._selected in keys else view.found.choice or keys[0]
        self.table.with_money = any(one.money is not None for one in view.found.rows)
        self.model.fill([words(f"compare.{name}") for name in COLUMNS], NUMBERS, rows, tips)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for place, name in enumerate(COLUMNS):
            self.table.setColumnWidth(place, WIDTHS[name])
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(table_height(len(rows)))
        self.table.fit()
        self.table.selectRow(keys.index(wanted))

    def _row_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._view is None or not current.isValid():
            return
        shown = self._view.found.rows[current.row()]
        self._selected = shown.network.key
        self.details.show_row(shown, self._view.active.key)

    # --- Acting ------------------------------------------------------------------------------------------

    def _ask_about(self, keys: tuple[str, ...]) -> None:
        """Say who is asked and what that reveals, before anybody is."""
        services = self._session.services

        def whom(_task: object) -> Question:
            networks = [one for one in services.prices.comparable() if not keys or one.key in keys]
            hosts = services.prices.nodes(networks)
            if keys:
                return Question(keys, words("cli.ask_one_network", host=hosts[0], name=networks[0].name))
            return Question(keys, words("cli.ask_networks", count=len(hosts), hosts=", ".join(hosts)))

        self._session.jobs.run(self, whom, self._confirm, self.show_error)

    def _confirm(self, question: Question) -> None:
        dialog = ConfirmDialog(self._t("ask_title"), question.text, self._t("ask_action"), self, "primary")
        dialog.agreed.connect(lambda: self._ask_now(question.keys))
        dialog.open()

    def _ask_now(self, keys: tuple[str, ...]) -> None:
        services = self._session.services
        self.ask.setEnabled(False)
        job = self._session.jobs.run(
            self,
            lambda task: services.prices.ask(keys, task),
            self._asked,
            self._not_asked,
            title=self._t("asking"),
        )
        self.running.add(job)
        job.finished.connect(lambda: self.ask.setEnabled(True))

    def _asked(self, rounds: tuple[Asked, ...]) -> None:
        bad = [one for one in rounds if one.problem is not None]
        title = self._t("asked", good=len(rounds) - len(bad), count=len(rounds))
        lines = [f"{one.network.name}: {one.problem.reason}" for one in bad if one.problem]
        self.show_notice(title, "\n".join(lines), tone="warn" if bad else "success")
        self.reload()

    def _not_asked(self, error: BaseException) -> None:
        self.show_error(error)
        self.reload()

    def _select_choice(self) -> None:
        if self._view is not None:
            self._select(self._view.found.choice)

    def _select(self, key: str) -> None:
        networks = self._session.services.networks
        self._session.jobs.run(
            self,
            lambda _task: networks.select(key),
            lambda _network: self._session.network_changed.emit(),
            self.show_error,
        )
