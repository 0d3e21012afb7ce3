"""Payouts for a table view: what arrived, went out and was claimed, with its state on the network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop_app.core.amounts import amount_text
from desktop_app.gui.formatting import local_time
from desktop_app.gui.models.text_table import plain_tip
from desktop_app.gui.models.windowed import WindowedModel
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.services.address_book import short_address
from desktop_app.services.app import Services
from desktop_app.services.earnings import Income, PayoutLine
from desktop_app.services.payout_lines import memo_text
from desktop_app.services.payouts import PayoutFilter, TrackerStatus

COLUMNS = ("when", "what", "work", "amount", "party", "state")
STATE_COLUMN = COLUMNS.index("state")
AMOUNT_COLUMN = COLUMNS.index("amount")
ITEM = Qt.ItemDataRole.UserRole
KIND_TEXTS = {
    "payment": "payment",
    "push": "pushed",
    "push_failed": "push_failed",
    "claim": "claimed",
    "forward": "forwarded",
}


@dataclass(frozen=True)
class PayoutRow:
    line: PayoutLine

    @property
    def state(self) -> str:
        """seen, safe, final or orphaned."""
        return "orphaned" if self.line.payout.orphaned else self.line.payout.state

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """What is shown in each column; a painter asks many times over."""
        t = texts("payouts")
        payout = self.line.payout
        sign = "+" if payout.kind == "payment" else "−"
        return (
            local_time(payout.block_time),
            t(KIND_TEXTS[payout.kind]),
            self.line.work,
            f"{sign}{amount_text(self.line.amount)}",
            self.line.who or short_address(payout.party),
            t(self.state),
        )

    def tips(self) -> tuple[str, ...]:
        payout = self.line.payout
        memo = memo_text(payout.memo)
        return (
            self.line.network,
            texts("payouts")("memo", memo=memo) if memo else "",
            self.line.work,
            str(self.line.amount),
            payout.party,
            texts("payouts")(f"{self.state}_text"),
        )


@dataclass(frozen=True)
class PayoutsSummary:
    """What the page says above its list. `sums` are by network and currency."""

    network: str
    sums: tuple[Income, ...]
    status: TrackerStatus
    one_node: bool = False
    """Whether payouts there are taken on the word of a single node (never so on the practice network)."""


def read_summary(services: Services, wanted: PayoutFilter) -> PayoutsSummary:
    """Exact totals of what is chosen, by network and currency; dollars first, coins last."""
    network = services.networks.active
    sums = sorted(
        services.earnings.totals(wanted),
        key=lambda each: (each.received.currency.is_native, each.received.currency.symbol),
    )
    if wanted.chain_id is not None:
        shown = [one for one in services.networks.networks() if one.chain_id == wanted.chain_id]
        network = shown[0] if shown else network
        status = services.payouts.status(network.chain_id)
    else:
        # Of several networks the one that has a problem is told about.
        status = services.payouts.status(network.chain_id)
        for one in services.earnings.followed_networks():
            found = services.payouts.status(one.chain_id)
            if found.problem is not None and status.problem is None:
                network, status = one, found
    one_node = status.single_source and network.kind != "practice"
    return PayoutsSummary(network.name, tuple(sums), status, one_node)


class PayoutsModel(WindowedModel):
    """Newest first, payouts that were taken back among the others."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        earnings = session.services.earnings
        self.wanted = PayoutFilter(orphaned=None)

        def fetch(offset: int, limit: int) -> list[PayoutRow]:
            return [PayoutRow(line) for line in earnings.lines(self.wanted, limit=limit, offset=offset)]

        super().__init__(session.jobs, lambda: earnings.count(self.wanted), fetch, parent)
        self._t = texts("payouts")

    def show_only(self, wanted: PayoutFilter) -> None:
        """Another choice of payouts, from the top."""
        self.wanted = wanted
        self.reload(anew=True)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._t(COLUMNS[section])
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _side(section)
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        if role not in (
            ITEM,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        row: PayoutRow | None = self.row_at(index.row())
        if row is None or role == ITEM:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.tips()[index.column()])
        return row.cells[index.column()]


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == AMOUNT_COLUMN else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
