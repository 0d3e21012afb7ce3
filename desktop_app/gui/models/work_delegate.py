"""Paints one work in the library: its kind, title, facts, and how far it has come."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui.icons import draw_icon
from desktop_app.gui.models.works import ITEM, WorkRow
from desktop_app.gui.theme import Theme
from desktop_app.gui.tokens import pixels
from desktop_app.services.library import WorkStep

TONES = {
    WorkStep.ADDED: ("hover", "ink_muted"),
    WorkStep.REGISTERED: ("accent_soft", "accent_ink"),
    WorkStep.PROVED: ("accent_soft", "accent_ink"),
    WorkStep.MINTED: ("success_soft", "success"),
}


class WorkDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, self._theme.tokens.size.work_row)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: WorkRow = index.data(ITEM)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box: QRect = option.rect.adjusted(2, 2, -2, -2)
        direction: Qt.LayoutDirection = option.direction
        chosen = self._background(painter, box, option.state)
        middle = box.center().y()
        side = pixels(40)
        left_tile = QRect(box.left() + 12, middle - side // 2 + 1, side, side)
        tile = QStyle.visualRect(direction, box, left_tile)
        painter.setBrush(self._theme.colour("surface" if chosen else "sunken"))
        painter.drawRoundedRect(tile, 9, 9)
        if row.picture is None:
            grey = self._theme.colour("ink_muted")
            draw_icon(painter, row.icon, QRectF(tile.adjusted(9, 9, -9, -9)), grey)
        else:
            _draw_picture(painter, row.picture, QRectF(tile))
        right_chip = self._chip(painter, box, direction, row)
        point = pixels(18)
        at = QRect(box.right() - 14 - point, middle - point // 2, point, point)
        arrow = QStyle.visualRect(direction, box, at)
        draw_icon(painter, "chevron-right", QRectF(arrow), self._theme.colour("ink_muted"))
        left = left_tile.right() + 15
        width = right_chip.left() - left - pixels(16)
        upper = QRect(left, middle + 4 - pixels(26), width, pixels(26))
        lower = QRect(left, middle + 4, width, pixels(20))
        for room, text, ink, font in (
            (upper, row.work.title, "ink", self._theme.font("item", 500, "display")),
            (lower, row.detail, "ink_muted", self._theme.font("small")),
        ):
            start = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft)
            painter.setFont(font)
            painter.setPen(self._theme.colour(ink))
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            place = QStyle.visualRect(direction, box, room)
            painter.drawText(place, start | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _background(self, painter: QPainter, box: QRect, state: QStyle.StateFlag) -> bool:
        """The row under the mouse or chosen, with the ring of the keyboard; whether it is chosen."""
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.colour("accent_soft" if chosen else "sunken"))
            painter.drawRoundedRect(box, 10, 10)
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), 9, 9)
            painter.setPen(Qt.PenStyle.NoPen)
        return chosen

    def _chip(self, painter: QPainter, box: QRect, direction: Qt.LayoutDirection, row: WorkRow) -> QRect:
        """How far the work has come; returns where that would be from left to right."""
        font = self._theme.font("caption", 600)
        width = QFontMetrics(font).horizontalAdvance(row.state) + 22
        height = self._theme.tokens.size.chip_height + 1
        left, top = box.right() - width - 26 - pixels(18), box.center().y() - height // 2
        right_chip = QRect(left, top, width, height)
        chip = QStyle.visualRect(direction, box, right_chip)
        background, ink = TONES[row.step]
        painter.setBrush(self._theme.colour(background))
        painter.drawRoundedRect(chip, height // 2, height // 2)
        painter.setFont(font)
        painter.setPen(self._theme.colour(ink))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, row.state)
        painter.setPen(Qt.PenStyle.NoPen)
        return right_chip


def _draw_picture(painter: QPainter, picture: QImage, tile: QRectF) -> None:
    """The picture over the whole tile, cut at its round corners."""
    shape = QPainterPath()
    shape.addRoundedRect(tile, 9, 9)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(shape)
    size = QSizeF(picture.size()).scaled(tile.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    place = QRectF(tile.topLeft(), size)
    place.moveCenter(tile.center())
    painter.drawImage(place, picture)
    painter.restore()
