"""Payouts for a table view: what arrived, went out and was claimed, with its state on the network."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop_app.core.amounts import Amount
from desktop_app.gui.formatting import local_time, short_address
from desktop_app.gui.models.paged import PagedModel
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.text import amount_text
from desktop_app.services.app import Services
from desktop_app.services.payouts import Payout, PayoutFilter, TrackerStatus
from desktop_app.services.royalties import Token

COLUMNS = ("when", "what", "work", "amount", "party", "state")
STATE_COLUMN = COLUMNS.index("state")
AMOUNT_COLUMN = COLUMNS.index("amount")
ITEM = Qt.ItemDataRole.UserRole
KIND_TEXTS = {"payment": "payment", "push": "pushed", "push_failed": "push_failed", "claim": "claimed",
    "forward": "forwarded",
}


@dataclass(frozen=True)
class PayoutRow:
    payout: Payout
    name: str
    amount: Amount

    @property
    def state(self) -> str:
        """seen, safe, final or orphaned."""
        return "orphaned" if self.payout.orphaned else self.payout.state

    def texts(self) -> tuple[str, ...]:
        t = texts("payouts")
        sign = "+" if self.payout.kind == "payment" else "−"
        return (
            local_time(self.payout.block_time),
            t(KIND_TEXTS[self.payout.kind]),
            self.name,
            f"{sign}{amount_text(self.amount)}",
            short_address(self.payout.party),
            t(self.state),
        )


@dataclass(frozen=True)
class PayoutSums:
    """What was received, paid to collaborators and claimed in one currency, and the number of payments."""

    received: Amount
    pushed: Amount
    claimed: Amount
    payments: int


@dataclass(frozen=True)
class PayoutsSummary:
    network: str
    sums: tuple[PayoutSums, ...]
    status: TrackerStatus


def _amount(tokens: dict[str, Token], token: str, currency: str, units: int) -> Amount | None:
    known = tokens.get(token)
    if known is None:
        return None
    found = next((each for each in known.currencies if each.address == currency), None)
    return Amount(units, found) if found is not None else None


def read_summary(services: Services) -> PayoutsSummary:
    """Exact totals of the active network by currency."""
    network = services.networks.active
    tokens = {token.address: token for token in services.royalties.tokens()}
    sums: dict[str, dict[str, Amount]] = {}
    counts: dict[str, int] = {}
    for total in services.payouts.totals(PayoutFilter(chain_id=network.chain_id)):
        amount = _amount(tokens, total.token, total.currency, total.units)
        if amount is None:
            continue
        kinds = sums.setdefault(total.currency, {})
        kinds[total.kind] = kinds[total.kind] + amount if total.kind in kinds else amount
        if total.kind == "payment":
            counts[total.currency] = counts.get(total.currency, 0) + total.count
    rows = []
    for address, kinds in sums.items():
        nothing = Amount(0, next(iter(kinds.values())).currency)
        rows.append(
            PayoutSums(
                kinds.get("payment", nothing),
                kinds.get("push", nothing),
                kinds.get("claim", nothing),
                counts.get(address, 0),
            )
        )
    rows.sort(key=lambda each: each.received.currency.is_native)
    return PayoutsSummary(network.name, tuple(rows), services.payouts.status(network.chain_id))


class PayoutsModel(PagedModel):
    """Newest first, payouts that were taken back among the others."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        services = session.services

        def fetch(offset: int, limit: int) -> list[PayoutRow]:
            tokens = {token.address: token for token in services.royalties.tokens()}
            wanted = PayoutFilter(chain_id=services.networks.active.chain_id, orphaned=None)
            rows = []
            for payout in services.payouts.list(wanted, limit=limit, offset=offset):
                amount = _amount(tokens, payout.token, payout.currency, payout.amount)
                if amount is not None:
                    rows.append(PayoutRow(payout, tokens[payout.token].name, amount))
            return rows

        super().__init__(session.jobs, fetch, parent)
        self._t = texts("payouts")

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._t(COLUMNS[section])
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if section == AMOUNT_COLUMN else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        row: PayoutRow = self._rows[index.row()]
        column = index.column()
        if role == ITEM:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.texts()[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column == AMOUNT_COLUMN else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row, column)
        return None

    def _tooltip(self, row: PayoutRow, column: int) -> str:
        if column == STATE_COLUMN:
            return self._t(f"{row.state}_text")
        if column == AMOUNT_COLUMN:
            return str(row.amount)
        return row.payout.party
