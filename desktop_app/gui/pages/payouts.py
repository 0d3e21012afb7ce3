"""Payouts: every payment as it appears on the network, by itself; added up, drawn and compared."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QWidget,
)

from desktop_app.core.amounts import amount_text
from desktop_app.core.errors import ColophonError
from desktop_app.core.localised import grouped
from desktop_app.gui.dialogs.export_payouts import ExportPayoutsDialog
from desktop_app.gui.formatting import local_time
from desktop_app.gui.models.payout_delegate import PayoutDelegate
from desktop_app.gui.models.payouts import COLUMNS, PayoutsModel, PayoutsSummary, read_summary
from desktop_app.gui.models.text_table import TextTable
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens, pixels
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.fields import Select
from desktop_app.gui.widgets.income_chart import IncomeChart
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.payout_filter import PayoutFilterBar
from desktop_app.gui.widgets.plain_table import fit_columns, make_plain
from desktop_app.gui.widgets.states import Chip, EmptyState, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import AmountLabel, label
from desktop_app.services.earnings import Choices, Comparison, Income
from desktop_app.services.payout_lines import network_name
from desktop_app.services.payouts import TrackerState
from desktop_app.services.wording import message

MIN_ROWS = 5
A_LONG_MOMENT = 1_732_492_799
"""A day and a month of two figures each."""
MOST_CARDS = 3
NARROWEST_NAME = 120
WIDER_AMOUNT = 70
WIDTHS = {"when": 154, "what": 122, "amount": 142, "party": 120, "state": 78}
VIEWS = ("list", "chart", "sums", "compare")
GROUPED_BY = ("work", "payer", "month", "year", "day", "currency", "network")


class PayoutTable(QTableView):
    """In a narrow window the column of addresses gives way; they stay in the tooltips. Of what a wide one has
    to spare, amounts get their part first: they are what must not be cut off."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        used = pixels(sum(WIDTHS.values()) + NARROWEST_NAME)
        spare = self.viewport().width() - used
        self.setColumnHidden(COLUMNS.index("party"), spare < 0)
        more = max(0, min(spare, pixels(WIDER_AMOUNT)))
        self.setColumnWidth(COLUMNS.index("amount"), pixels(WIDTHS["amount"]) + more)


class SumsCard(Card):
    """One currency: what came in, in large figures, and where it went."""

    def __init__(self, sums: Income, network: str) -> None:
        super().__init__(margin=SPACE.inset)
        t = texts("payouts")
        count = t("total_one") if sums.payments == 1 else t("total_count", count=sums.payments)
        heading = t("total_on", network=network) if network else t("total_in")
        self.body.addLayout(row(label(heading, "eyebrow"), None, label(count, "caption")))
        self.body.addWidget(AmountLabel(sums.received, "figure"))
        details = row(gap=SPACE.large)
        out = [("total_out", sums.pushed), ("total_claimed", sums.claimed)]
        if sums.forwarded.units:
            out.append(("total_forwarded", sums.forwarded))
        for name, amount in out:
            details.addLayout(column(label(t(name), "caption"), AmountLabel(amount), gap=SPACE.line))
        details.addStretch(1)
        self.body.addLayout(details)
        self.setAccessibleName(f"{heading}: {sums.received}")


class PayoutsPage(Page):
    chapter = "royalties#open-books"

    def __init__(self, session: Session) -> None:
        self._t = texts("payouts")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._sums: tuple[tuple[Income, ...], bool] | None = None
        self._export = self.header.add_action(Button(self._t("export"), icon="data"))
        self._export.clicked.connect(self._open_export)
        self._look = self.header.add_action(Button(self._t("refresh"), icon="refresh"))
        self._look.clicked.connect(self._look_now)
        self._state = Chip()
        self._one_node = label(self._t("one_node_short"), "caption")
        self._one_node.hide()
        self._problem = InlineMessage("warn")
        self._problem.hide()
        self._totals = QHBoxLayout()
        self._totals.setSpacing(SPACE.medium)
        self._empty = EmptyState(
            "payouts", self._t("empty_title"), self._t("empty_text"), self._t("empty_action")
        )
        self._empty.acted.connect(lambda: session.page_wanted.emit("royalties"))
        self.filter = PayoutFilterBar()
        self.filter.changed.connect(self._filter_changed)
        self.model = PayoutsModel(session, self)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.could_not_read)
        self.table = PayoutTable()
        self._prepare_table()
        self._nothing = label(self._t("nothing_chosen"), "muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.chart = IncomeChart(session.theme, session.jobs)
        self._chart_note = label("", "caption", wrap=True)
        self.by = Select([(self._t(f"by_{name}"), name) for name in GROUPED_BY])
        self.by.setAccessibleName(self._t("grouped_by"))
        self.by.currentIndexChanged.connect(self._read_view)
        self.sums, self.sums_table = self._text_table("sums")
        self.compared, self.compare_table = self._text_table("compare")
        self._compare_note = label(self._t("compare_text"), "caption", wrap=True)
        self._views = QStackedWidget()
        self._segments = self._make_views()
        self._arrange()
        session.payouts_changed.connect(self.reload)
        session.network_changed.connect(self._network_changed)
        session.tracker_changed.connect(self._read_summary)
        session.theme.changed.connect(self.table.viewport().update)

    # --- Building ----------------------------------------------------------------------------------------

    def _make_views(self) -> QButtonGroup:
        listed = QWidget()
        listed.setLayout(column(self._nothing, self.table, gap=0))
        drawn = QWidget()
        frame = Card(margin=SPACE.medium)
        frame.body.addWidget(self.chart)
        drawn.setLayout(column(frame, self._chart_note, gap=SPACE.tight))
        added = QWidget()
        by = row(label(self._t("grouped_by"), "muted"), self.by, None, gap=SPACE.small)
        added.setLayout(column(by, self.sums_table, gap=SPACE.small))
        compared = QWidget()
        compared.setLayout(column(self._compare_note, self.compare_table, gap=SPACE.small))
        group = QButtonGroup(self)
        for number, (name, view) in enumerate(zip(VIEWS, (listed, drawn, added, compared), strict=True)):
            self._views.addWidget(view)
            button = Button(self._t(f"view_{name}"), "segment")
            button.setCheckable(True)
            button.setAutoExclusive(True)
            group.addButton(button, number)
        group.setExclusive(True)
        group.button(0).setChecked(True)
        group.idClicked.connect(self.show_view)
        return group

    def _arrange(self) -> None:
        state_line = QWidget()
        state_line.setLayout(row(self._state, self._one_node, None, gap=SPACE.small))
        segments = row(gap=SPACE.hair)
        for button in self._segments.buttons():
            segments.addWidget(button)
        segments.addStretch(1)
        self._segment_line = QWidget()
        self._segment_line.setLayout(segments)
        self.body.addWidget(state_line)
        self.body.addWidget(self._problem)
        self.body.addLayout(self._totals)
        self.body.addWidget(self.filter)
        self.body.addWidget(self._segment_line)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._views, 1)
        for widget in (self.filter, self._segment_line, self._views):
            widget.hide()

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(PayoutDelegate(self._session.theme, table))
        make_plain(table, self._t("table"), load_tokens().size.payout_row)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(COLUMNS.index("work"), QHeaderView.ResizeMode.Stretch)
        for name, width in WIDTHS.items():
            table.setColumnWidth(COLUMNS.index(name), pixels(width))
        moment = table.fontMetrics().horizontalAdvance(local_time(A_LONG_MOMENT)) + SPACE.large
        table.setColumnWidth(COLUMNS.index("when"), max(pixels(WIDTHS["when"]), moment))
        table.setMinimumHeight(MIN_ROWS * load_tokens().size.payout_row + pixels(50))

    def _text_table(self, name: str) -> tuple[TextTable, QTableView]:
        model, table = TextTable(self), QTableView()
        table.setModel(model)
        make_plain(table, self._t(f"view_{name}"), load_tokens().size.payout_row)
        table.setMinimumHeight(MIN_ROWS * load_tokens().size.payout_row + pixels(50))
        return model, table

    # --- Showing -----------------------------------------------------------------------------------------

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read rows, totals and choices again; what is in view stays meanwhile."""
        if not self.isVisible():
            return
        services = self._session.services

        def read(_task: object) -> tuple[Choices, int, str]:
            network = services.networks.active
            return services.earnings.choices(), network.chain_id, network.name

        def known(found: tuple[Choices, int, str]) -> None:
            self.filter.set_choices(*found)
            wanted = self.filter.wanted(everything=True)
            if wanted != self.model.wanted:
                self.model.show_only(wanted)
            else:
                self.model.reload()
            self._read_summary()
            self._read_view()

        self.awaited.begin()
        self._session.jobs.run(self, read, known, self.could_not_read)

    def show_view(self, number: int) -> None:
        """One of VIEWS."""
        self._views.setCurrentIndex(number)
        self._read_view()

    def _network_changed(self) -> None:
        self.filter.start_over()
        self.reload()

    def _filter_changed(self) -> None:
        self.model.show_only(self.filter.wanted(everything=True))
        self._read_summary()
        self._read_view()

    def _read_summary(self) -> None:
        if not self.isVisible():
            return
        services, wanted = self._session.services, self.filter.wanted()
        if wanted.chain_id == 0:
            return
        jobs = self._session.jobs
        self.load(jobs, lambda _task: read_summary(services, wanted), self._show_summary, part="totals")

    def _show_summary(self, summary: PayoutsSummary) -> None:
        status = summary.status
        watching = status.state not in (TrackerState.STOPPED, TrackerState.NEEDS_USER)
        self._state.setVisible(watching or bool(summary.sums))
        if not watching:
            self._state.set(self._t("stopped"), "neutral")
        elif status.block >= 0:
            self._state.set(self._t("watching_block", network=summary.network, block=status.block), "accent")
        else:
            self._state.set(self._t("watching", network=summary.network), "accent")
        troubled = status.problem is not None and status.state in (
            TrackerState.WAITING,
            TrackerState.NEEDS_USER,
        )
        self._problem.setVisible(troubled)
        if troubled and status.problem is not None:
            self._problem.show_message(message(status.problem), "warn")
        self._state.setToolTip(self._t("one_node") if summary.one_node else "")
        self._one_node.setVisible(summary.one_node)
        everywhere = len({one.received.currency.chain_id for one in summary.sums}) > 1
        if (summary.sums, everywhere) != self._sums:
            self._sums = (summary.sums, everywhere)
            clear(self._totals)
            for sums in summary.sums[:MOST_CARDS]:
                name = network_name(sums.received.currency.chain_id) if everywhere else ""
                self._totals.addWidget(SumsCard(sums, name), 1)

    def _loaded(self) -> None:
        some = self.model.rowCount() > 0
        usable = some or self.filter.narrowed or self.filter.network.count() > 1
        self._empty.setVisible(not usable)
        for widget in (self.filter, self._segment_line, self._views):
            widget.setVisible(usable)
        self.table.setVisible(some)
        self._nothing.setVisible(not some)
        self.have_read()

    # --- The other views ---------------------------------------------------------------------------------

    def _read_view(self) -> None:
        if not self.isVisible():
            return
        read = (lambda: None, self._read_chart, self._read_sums, self._read_compared)
        read[self._views.currentIndex()]()

    def _read_chart(self) -> None:
        services, wanted = self._session.services, self.filter.wanted()

        def read(_task: object) -> tuple[int, str, tuple[Income, ...]]:
            sums = read_summary(services, wanted).sums
            busiest = max(sums, key=lambda one: one.payments, default=None)
            if busiest is None:
                return 0, "day", ()
            return len(sums), *services.earnings.history(wanted, busiest.received.currency)

        def known(found: tuple[int, str, tuple[Income, ...]]) -> None:
            currencies, by, history = found
            self.chart.show_history(by, history)
            self._chart_note.setVisible(currencies > 1 and bool(history))
            if history:
                symbol = history[0].received.currency.symbol
                self._chart_note.setText(self._t("chart_one_currency", symbol=symbol))

        self.load(self._session.jobs, read, known, part="view")

    def _read_sums(self) -> None:
        services, wanted, by = self._session.services, self.filter.wanted(), str(self.by.value())

        def known(found: tuple[Income, ...]) -> None:
            names = ("payments", "total_in", "total_out", "total_claimed", "running")
            rows, exact = [], []
            for one in found:
                amounts = (one.received, one.pushed, one.claimed, one.running)
                rows.append((one.heading(found), grouped(one.payments), *map(amount_text, amounts)))
                exact.append((one.key, str(one.payments), *map(str, amounts)))
            columns = (self._t(f"by_{by}"), *map(self._t, names))
            self.sums.fill(columns, range(1, 6), rows, exact)
            fit_columns(self.sums_table, rows)

        self.load(
            self._session.jobs, lambda _task: services.earnings.groups(wanted, by), known, part="view"
        )

    def _read_compared(self) -> None:
        services, wanted = self._session.services, self.filter.wanted()
        self.load(
            self._session.jobs,
            lambda task: services.earnings.compare(wanted, task),
            self._show_compared,
            part="view",
        )

    def _show_compared(self, found: tuple[Comparison, ...]) -> None:
        names = ("work", "contract_in", "seen_in", "mine", "reached", "waiting", "agrees")
        unknown = self._t("unknown")
        rows, exact = [], []
        for one in found:
            amounts = (one.paid_in, one.seen_in, one.expected, one.reached_me, one.waiting)
            said = self._t("agrees_yes" if one.agrees else "agrees_not_asked" if one.problem else "agrees_no")
            why = message(one.problem).reason if one.problem else self._t("agrees_tip")
            rows.append((one.work, *(amount_text(a) if a else unknown for a in amounts), said))
            exact.append((one.network, *(str(a) if a else unknown for a in amounts), why))
        self.compared.fill(tuple(map(self._t, names)), range(1, 6), rows, exact)
        fit_columns(self.compare_table, rows)
        problem: ColophonError | None = next((one.problem for one in found if one.problem), None)
        self._compare_note.setText(message(problem).reason if problem else self._t("compare_text"))

    # --- Acting ------------------------------------------------------------------------------------------

    def _open_export(self) -> None:
        ExportPayoutsDialog(self._session, self.filter.wanted(), self).open()

    def _look_now(self) -> None:
        """One round now, wherever the tracker stands; it also starts following the network."""
        services = self._session.services
        self._look.setEnabled(False)

        def look(task: object) -> None:
            network = services.networks.active
            services.payouts.sync_once(network)
            services.payouts.watch(network)

        def done(_nothing: object) -> None:
            self._look.setEnabled(True)
            self.reload()

        def failed(error: BaseException) -> None:
            self._look.setEnabled(True)
            self.show_error(error)

        self._session.jobs.run(self, look, done, failed)
