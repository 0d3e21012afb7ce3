"""Check boxes and radio buttons drawn with the tokens: Fusion's own outlines are too faint for WCAG."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton

from desktop_app.gui.icons import draw_icon

BOX = 18
GAP = 10
MARGIN = 4


def _size(button: QAbstractButton) -> QSize:
    metrics = button.fontMetrics()
    width = metrics.horizontalAdvance(button.text()) + BOX + GAP + 2 * MARGIN + 2
    return QSize(width, max(metrics.height(), BOX) + 2 * MARGIN + 2)


def _paint(button: QAbstractButton, painter: QPainter, *, round_: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colours = button.palette()
    role = QPalette.ColorRole
    on = button.isChecked()
    enabled = button.isEnabled()
    mirrored = button.layoutDirection() == Qt.LayoutDirection.RightToLeft
    start = button.width() - MARGIN - 1 - BOX if mirrored else MARGIN + 1
    box = QRectF(start, (button.height() - BOX) / 2, BOX, BOX)
    radius = BOX / 2 if round_ else 5
    edge = colours.color(role.Accent if on and enabled else role.Dark)
    painter.setPen(QPen(edge, 1.5))
    painter.setBrush(edge if on and not round_ else colours.color(role.Base))
    painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    if on and round_:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(edge)
        painter.drawEllipse(QPointF(box.center()), 4.5, 4.5)
    elif on:
        draw_icon(painter, "check", box.adjusted(2, 2, -2, -2), colours.color(role.HighlightedText))
    painter.setFont(button.font())
    painter.setPen(colours.color(role.WindowText))
    if mirrored:
        text = QRectF(0, 0, box.left() - GAP, button.height())
    else:
        text = QRectF(box.right() + GAP, 0, button.width(), button.height())
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    flags = Qt.AlignmentFlag.AlignVCenter | side | Qt.TextFlag.TextShowMnemonic
    painter.drawText(text, flags, button.text())
    if button.hasFocus():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.color(role.Accent), 2))
        painter.drawRoundedRect(QRectF(button.rect()).adjusted(1, 1, -1, -1), 6, 6)


class CheckBox(QCheckBox):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return _size(self)

    def hitButton(self, _place: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        _paint(self, QPainter(self), round_=False)


class Radio(QRadioButton):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return _size(self)

    def hitButton(self, _place: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        _paint(self, QPainter(self), round_=True)
