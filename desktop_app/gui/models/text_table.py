"""A short table of texts, some columns of which are numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


class TextTable(QAbstractTableModel):
    """`numbers` are columns to align to the right; `exact` holds tooltips in the shape of the rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: Sequence[str] = ()
        self._numbers: frozenset[int] = frozenset()
        self._rows: Sequence[Sequence[str]] = ()
        self._exact: Sequence[Sequence[str]] = ()

    def fill(
        self,
        columns: Sequence[str],
        numbers: Sequence[int],
        rows: Sequence[Sequence[str]],
        exact: Sequence[Sequence[str]] = (),
    ) -> None:
        self.beginResetModel()
        self._columns, self._numbers = columns, frozenset(numbers)
        self._rows, self._exact = rows, exact
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        return self._side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._rows[row][column]
        if role == Qt.ItemDataRole.ToolTipRole and self._exact:
            return plain_tip(self._exact[row][column])
        return self._side(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        right = column in self._numbers
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


def plain_tip(text: str) -> str:
    """A tooltip that shows text of strangers as it is: Qt would take what looks like HTML for HTML."""
    from html import escape

    return f"<qt>{escape(text)}</qt>" if text else ""
