"""Payouts: totals, and every payment as it appears on the network, by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView, QWidget

from desktop_app.gui.models.payout_delegate import HEIGHT, PayoutDelegate
from desktop_app.gui.models.payouts import (
    COLUMNS,
    PayoutsModel,
    PayoutsSummary,
    PayoutSums,
    read_summary,
)
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.states import Chip, EmptyState, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import AmountLabel, label
from desktop_app.services.payouts import TrackerState
from desktop_app.services.wording import message

MIN_ROWS = 5
NARROWEST_NAME = 120
WIDTHS = {"when": 154, "what": 122, "amount": 114, "party": 120, "state": 78}


class PayoutTable(QTableView):
    """In a narrow window the column of addresses gives way; they stay in the tooltips."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        used = sum(WIDTHS.values()) + NARROWEST_NAME
        self.setColumnHidden(COLUMNS.index("party"), self.viewport().width() < used)


class SumsCard(Card):
    """One currency: what came in, in large figures, and where it went."""

    def __init__(self, sums: PayoutSums) -> None:
        super().__init__(margin=20)
        t = texts("payouts")
        count = t("total_one") if sums.payments == 1 else t("total_count", count=sums.payments)
        self.body.addLayout(row(label(t("total_in"), "eyebrow"), None, label(count, "caption")))
        self.body.addWidget(AmountLabel(sums.received, "figure"))
        details = row(gap=SPACE.large)
        for name, amount in (("total_out", sums.pushed), ("total_claimed", sums.claimed)):
            details.addLayout(column(label(t(name), "caption"), AmountLabel(amount), gap=2))
        details.addStretch(1)
        self.body.addLayout(details)
        self.setAccessibleName(f"{t('total_in')}: {sums.received}")


class PayoutsPage(Page):
    def __init__(self, session: Session) -> None:
        self._t = texts("payouts")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._sums: tuple[PayoutSums, ...] | None = None
        self._look = self.header.add_action(Button(self._t("refresh"), icon="refresh"))
        self._look.clicked.connect(self._look_now)
        self._state = Chip()
        self._problem = InlineMessage("warn")
        self._problem.hide()
        self._totals = QHBoxLayout()
        self._totals.setSpacing(SPACE.medium)
        self._empty = EmptyState(
            "payouts", self._t("empty_title"), self._t("empty_text"), self._t("empty_action")
        )
        self._empty.acted.connect(lambda: session.page_wanted.emit("royalties"))
        self.model = PayoutsModel(session, self)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.show_error)
        self.table = PayoutTable()
        self._prepare_table()
        state_line = QWidget()
        state_line.setLayout(row(self._state, None))
        self.body.addWidget(state_line)
        self.body.addWidget(self._problem)
        self.body.addLayout(self._totals)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self.table, 1)
        session.payouts_arrived.connect(lambda _count: self.reload())
        session.network_changed.connect(self.reload)
        session.tracker_changed.connect(self._read_summary)
        session.theme.changed.connect(self.table.viewport().update)

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(PayoutDelegate(self._session.theme, table))
        table.setAccessibleName(self._t("table"))
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(HEIGHT)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(COLUMNS.index("work"), QHeaderView.ResizeMode.Stretch)
        for name, width in WIDTHS.items():
            table.setColumnWidth(COLUMNS.index(name), width)
        table.setMinimumHeight(MIN_ROWS * HEIGHT + 50)
        table.hide()

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read rows and totals again; the table stays in view meanwhile."""
        self.model.reload()
        self._read_summary()

    def _read_summary(self) -> None:
        if not self.isVisible():
            return
        services = self._session.services
        self._session.jobs.run(
            self, lambda _task: read_summary(services), self._show_summary, self.show_error
        )

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
        if summary.sums != self._sums:
            self._sums = summary.sums
            clear(self._totals)
            for sums in summary.sums:
                self._totals.addWidget(SumsCard(sums), 1)

    def _loaded(self) -> None:
        some = self.model.rowCount() > 0
        self.table.setVisible(some)
        self._empty.setVisible(not some)

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
