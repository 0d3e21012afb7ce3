"""A bar that shows how 100 % of every payment are shared out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.amounts import SHARE_SCALE

HEIGHT = 12
GAP = 2


class ShareBar(QWidget):
    """`set_parts` takes parts per million; what is left to 100 % is drawn as the holders' part, in pale."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[tuple[int, float]] = []
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, collaborators: Sequence[int], parents: Sequence[int], spoken: str) -> None:
        """`spoken` is what a screen reader says."""
        strong = [(part, 1.0 - 0.12 * (number % 3)) for number, part in enumerate(collaborators)]
        middle = [(part, 0.55 - 0.08 * (number % 2)) for number, part in enumerate(parents)]
        self._parts = [*strong, *middle]
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), HEIGHT / 2, HEIGHT / 2)
        painter.setClipPath(shape)
        colours = self.palette()
        accent = colours.color(QPalette.ColorRole.Accent)
        rest = colours.color(QPalette.ColorRole.Mid)
        painter.fillRect(self.rect(), rest)
        whole = max(SHARE_SCALE, sum(part for part, _ in self._parts))
        place = 0.0
        for part, strength in self._parts:
            width = self.width() * part / whole
            colour = type(accent)(accent)
            colour.setAlphaF(strength)
            painter.fillRect(
                QRectF(place, 0, max(width - GAP, 1.0), HEIGHT), colours.color(QPalette.ColorRole.Base)
            )
            painter.fillRect(QRectF(place, 0, max(width - GAP, 1.0), HEIGHT), colour)
            painter.fillRect(
                QRectF(place + max(width - GAP, 1.0), 0, GAP, HEIGHT), colours.color(QPalette.ColorRole.Base)
            )
            place += width
