"""Check boxes and radio buttons drawn with the tokens: Fusion's own outlines are too faint for WCAG."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QVBoxLayout

from desktop_app.gui.icons import draw_icon
from desktop_app.gui.tokens import pixels, sizes
from desktop_app.gui.widgets.text import label

BOX = 18
GAP = 10
MARGIN = 4


_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextShowMnemonic


def _beside() -> int:
    """What the box and the margins take of the width."""
    return pixels(BOX) + GAP + 2 * MARGIN + 2


def _size(button: QAbstractButton) -> QSize:
    # Letters stand out of their advance: without room for that, the last word would wrap.
    width = button.fontMetrics().horizontalAdvance(button.text()) + _beside() + 2
    return QSize(width, _height(button, width))


def _least(button: QAbstractButton) -> QSize:
    whole = _size(button)
    return QSize(min(whole.width(), sizes().contents), whole.height())


def _height(button: QAbstractButton, width: int) -> int:
    """Long words go on in the next line."""
    room = QRect(0, 0, max(1, width - _beside()), 1 << 14)
    text = button.fontMetrics().boundingRect(room, _WRAPPED, button.text()).height()
    return max(text, pixels(BOX)) + 2 * MARGIN + 2


def _let_wrap(button: QAbstractButton) -> None:
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    button.setSizePolicy(policy)
    button.setAccessibleName(button.text())
    button.setCursor(Qt.CursorShape.PointingHandCursor)


def paint_toggle(
    button: QAbstractButton, painter: QPainter, *, round_: bool = False, ring: bool | None = None
) -> None:
    """`ring` is that of the keyboard; without it, where the button has the focus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colours = button.palette()
    role = QPalette.ColorRole
    on = button.isChecked()
    enabled = button.isEnabled()
    mirrored = button.layoutDirection() == Qt.LayoutDirection.RightToLeft
    side_length = pixels(BOX)
    start = button.width() - MARGIN - 1 - side_length if mirrored else MARGIN + 1
    line = max(button.fontMetrics().height(), side_length) + 2 * MARGIN + 2
    box = QRectF(start, (line - side_length) / 2, side_length, side_length)
    radius = side_length / 2 if round_ else side_length * 0.28
    edge = colours.color(role.Accent if on and enabled else role.Dark)
    painter.setPen(QPen(edge, 1.5))
    painter.setBrush(edge if on and not round_ else colours.color(role.Base))
    painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    if on and round_:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(edge)
        painter.drawEllipse(QPointF(box.center()), side_length / 4, side_length / 4)
    elif on:
        draw_icon(painter, "check", box.adjusted(2, 2, -2, -2), colours.color(role.HighlightedText))
    painter.setFont(button.font())
    painter.setPen(colours.color(role.WindowText))
    if mirrored:
        text = QRectF(0, 0, box.left() - GAP, button.height())
    else:
        left = box.right() + GAP
        text = QRectF(left, 0, button.width() - left - MARGIN, button.height())
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | side | _WRAPPED, button.text())
    if button.hasFocus() if ring is None else ring:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.color(role.Accent), 2))
        painter.drawRoundedRect(QRectF(button.rect()).adjusted(1, 1, -1, -1), 6, 6)


class CheckBox(QCheckBox):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        _let_wrap(self)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return _least(self)

    def heightForWidth(self, width: int) -> int:
        return _height(self, width)

    def room(self, width: int) -> int:
        """What words have of this width."""
        return max(1, width - _beside())

    def hitButton(self, _place: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_toggle(self, QPainter(self))


class Radio(QRadioButton):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        _let_wrap(self)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return _least(self)

    def heightForWidth(self, width: int) -> int:
        return _height(self, width)

    def hitButton(self, _place: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_toggle(self, QPainter(self), round_=True)


def explained(button: QAbstractButton, text: str) -> QVBoxLayout:
    """A choice with what it means below its words."""
    indent = MARGIN + 1 + pixels(BOX) + GAP
    told = label(text, "muted", wrap=True)
    inner = QVBoxLayout()
    mirrored = button.layoutDirection() == Qt.LayoutDirection.RightToLeft
    inner.setContentsMargins(0 if mirrored else indent, 0, indent if mirrored else 0, 0)
    inner.addWidget(told)
    outer = QVBoxLayout()
    outer.setSpacing(0)
    outer.addWidget(button)
    outer.addLayout(inner)
    return outer
