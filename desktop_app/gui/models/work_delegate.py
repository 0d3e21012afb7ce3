"""Paints one work in the library: its kind, title, facts, and how far it has come."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui.icons import draw_icon
from desktop_app.gui.models.works import ITEM, WorkRow
from desktop_app.gui.theme import Theme
from desktop_app.services.library import WorkStep

HEIGHT = 68
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
        return QSize(200, HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: WorkRow = index.data(ITEM)
        colour, font = self._theme.colour, self._theme.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box: QRect = option.rect.adjusted(2, 2, -2, -2)
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        under_mouse = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or under_mouse:
            painter.setBrush(colour("accent_soft" if chosen else "sunken"))
            painter.drawRoundedRect(box, 10, 10)
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("focus"), 2))
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), 9, 9)
            painter.setPen(Qt.PenStyle.NoPen)
        tile = QRect(box.left() + 12, box.center().y() - 19, 40, 40)
        painter.setBrush(colour("surface" if chosen else "sunken"))
        painter.drawRoundedRect(tile, 9, 9)
        if row.picture is None:
            draw_icon(painter, row.icon, QRectF(tile.adjusted(9, 9, -9, -9)), colour("ink_muted"))
        else:
            _draw_picture(painter, row.picture, QRectF(tile))
        chip_font = font(self._theme.tokens.type.caption, 600)
        chip_width = QFontMetrics(chip_font).horizontalAdvance(row.state) + 22
        chip = QRect(box.right() - chip_width - 44, box.center().y() - 11, chip_width, 23)
        background, ink = TONES[row.step]
        painter.setBrush(colour(background))
        painter.drawRoundedRect(chip, 11, 11)
        painter.setFont(chip_font)
        painter.setPen(colour(ink))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, row.state)
        draw_icon(
            painter,
            "chevron-right",
            QRectF(box.right() - 32, box.center().y() - 9, 18, 18),
            colour("ink_muted"),
        )
        left = tile.right() + 15
        width = chip.left() - left - 16
        title_font = font(19, 500, "display")
        painter.setFont(title_font)
        painter.setPen(colour("ink"))
        title = QFontMetrics(title_font).elidedText(row.work.title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, box.top() + 9, width, 26), Qt.AlignmentFlag.AlignVCenter, title)
        detail_font = font(13)
        painter.setFont(detail_font)
        painter.setPen(colour("ink_muted"))
        detail = QFontMetrics(detail_font).elidedText(row.detail, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, box.top() + 35, width, 20), Qt.AlignmentFlag.AlignVCenter, detail)
        painter.restore()


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
