"""A long list of lines to tick: as quick with ten thousand of them as with ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui.widgets.text import tooltip
from desktop_app.gui.widgets.toggles import CheckBox, paint_toggle

BATCH = 1000
"""Lines that find their places in one turn of the event loop."""
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEFT = Qt.MouseButton.LeftButton


class CheckList(QListView):
    """`changed(count, unseen)` tells how many lines are ticked, and how many of those are searched away."""

    changed = Signal(int, int)

    def __init__(self, lines: Sequence[str], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lines = _Lines(lines)
        self._lines.ticked.connect(self._tell)
        self.setModel(self._lines)
        self.setItemDelegate(_Line(self))
        if lines:
            self.setCurrentIndex(self._lines.index(0))

    @property
    def chosen(self) -> list[int]:
        """The numbers of the ticked lines, in the order of the list."""
        return sorted(self._lines.on)

    def search(self, text: str) -> None:
        """Show only the lines that hold `text`."""
        self._lines.search(text)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(len(self._lines.on), len(self._lines.on.difference(self._lines.shown)))

    def sizeHint(self) -> QSize:
        shown = min(self._lines.rowCount(), 8) + 1
        return QSize(super().sizeHint().width(), shown * self.sizeHintForRow(0) + 2 * self.frameWidth())


class _Lines(QAbstractListModel):
    ticked = Signal()

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self.on: set[int] = set()
        self._all = lines
        self.shown: Sequence[int] = range(len(lines))

    def search(self, text: str) -> None:
        wanted = text.casefold()
        self.beginResetModel()
        self.shown = [number for number, line in enumerate(self._all) if wanted in line.casefold()]
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        number = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._all[number]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._all[number])
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if number in self.on else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        change = self.on.add if Qt.CheckState(value) == Qt.CheckState.Checked else self.on.discard
        change(self.shown[index.row()])
        self.dataChanged.emit(index, index, [role])
        self.ticked.emit()
        return True


class _Line(QStyledItemDelegate):
    """Draws a line as a check box is drawn; a click anywhere on it ticks it."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._box = CheckBox("")
        self._box.setParent(view)
        self._box.hide()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return self._box.sizeHint()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        box = self._box
        line = box.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, box.room(area.width()))
        box.setText(line.replace("&", "&&"))
        box.setChecked(_is_on(index))
        box.resize(area.size())
        painter.save()
        painter.translate(area.topLeft())
        current = self._view.hasFocus() and index == self._view.currentIndex()
        paint_toggle(box, painter, ring=current)
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, _option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if isinstance(event, QMouseEvent):
            meant = event.type() == QEvent.Type.MouseButtonRelease and event.button() == _LEFT
        else:
            meant = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if meant:
            wanted = Qt.CheckState.Unchecked if _is_on(index) else Qt.CheckState.Checked
            return model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)
        return False


def _is_on(index: Index) -> bool:
    return bool(index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked)
