"""Paints the table of payouts: room to breathe, money in strong figures, the state as a chip."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui.models.payouts import AMOUNT_COLUMN, ITEM, STATE_COLUMN, PayoutRow
from desktop_app.gui.theme import Theme

TONES = {
    "seen": ("warn_soft", "warn"),
    "safe": ("accent_soft", "accent_ink"),
    "final": ("success_soft", "success"),
    "orphaned": ("danger_soft", "danger"),
}


class PayoutDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width() + 20, self._theme.tokens.size.payout_row)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: PayoutRow | None = index.data(ITEM)
        if row is None:  # still being fetched
            return
        colour, font = self._theme.colour, self._theme.font
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        column = index.column()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colour("accent_soft"))
        painter.setPen(QPen(colour("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        inner = box.adjusted(8, 0, -8, 0)
        if column == STATE_COLUMN:
            self._chip(painter, inner, text, row.state, option.direction)
        else:
            strong = column == AMOUNT_COLUMN
            family = "mono" if text.startswith("0x") else "ui"
            used = font("small" if family == "mono" else "body", 600 if strong else 400, family)
            used.setStrikeOut(strong and row.line.payout.orphaned)
            painter.setFont(used)
            painter.setPen(colour("ink" if column in (1, 2, AMOUNT_COLUMN) else "ink_muted"))
            shown = QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
            side = Qt.AlignmentFlag.AlignRight if strong else Qt.AlignmentFlag.AlignLeft
            side = QStyle.visualAlignment(option.direction, side)
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _chip(
        self, painter: QPainter, box: QRect, text: str, state: str, direction: Qt.LayoutDirection
    ) -> None:
        background, ink = TONES[state]
        font = self._theme.font("caption", 600)
        width = QFontMetrics(font).horizontalAdvance(text) + 22
        height = self._theme.tokens.size.chip_height + 1
        chip = QRect(box.left(), box.center().y() - height // 2, width, height)
        chip = QStyle.visualRect(direction, box, chip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(background))
        painter.drawRoundedRect(chip, height // 2, height // 2)
        painter.setFont(font)
        painter.setPen(self._theme.colour(ink))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
