"""The path of a work: Added, Registered, Proof, Royalties, with what is done and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop_app.gui.icons import draw_icon
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import label, set_property

DOT = 24


class _Dot(QWidget):
    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.state = "ahead"
        self.setFixedSize(DOT, DOT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self.palette()
        accent = colours.color(QPalette.ColorRole.Accent)
        box = QRectF(1, 1, DOT - 2, DOT - 2)
        if self.state == "done":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
            painter.drawEllipse(box)
            draw_icon(
                painter,
                "check",
                box.adjusted(4, 4, -4, -4),
                colours.color(QPalette.ColorRole.HighlightedText),
            )
            return
        current = self.state == "current"
        ink = accent if current else colours.color(QPalette.ColorRole.Dark)
        painter.setPen(QPen(ink, 2 if current else 1.4))
        painter.drawEllipse(box)
        font = self.font()
        font.setPixelSize(load_tokens().type.caption)
        font.setBold(current)
        painter.setFont(font)
        painter.setPen(ink if current else colours.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))


class _Line(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.done = False
        self.setMinimumWidth(16)
        self.setFixedHeight(DOT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        role = QPalette.ColorRole.Accent if self.done else QPalette.ColorRole.Mid
        painter.setPen(QPen(self.palette().color(role), 2))
        middle = self.height() / 2
        painter.drawLine(QPointF(2, middle), QPointF(self.width() - 2, middle))


class Stepper(QWidget):
    """`set_state(names of done steps)`: the first that is not done is the current one."""

    def __init__(self, steps: Sequence[str]) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._dots = [_Dot(number) for number in range(1, len(self._steps) + 1)]
        self._labels = [label(step, "step") for step in self._steps]
        self._lines = [_Line() for _ in self._steps[1:]]
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.tight)
        for index, (dot, name) in enumerate(zip(self._dots, self._labels, strict=True)):
            if index:
                outer.addWidget(self._lines[index - 1], 1)
            outer.addWidget(dot)
            outer.addWidget(name)
        self.set_done([])

    def set_done(self, done: Sequence[bool]) -> None:
        """`done[i]` says whether step i is done."""
        flags = [*done, *([False] * (len(self._steps) - len(done)))]
        current = flags.index(False) if False in flags else -1
        words = texts("stepper")
        spoken = []
        for index, flag in enumerate(flags):
            state = "done" if flag else "current" if index == current else "ahead"
            self._dots[index].state = state
            self._dots[index].update()
            set_property(self._labels[index], "state", state)
            if index:
                self._lines[index - 1].done = flag
                self._lines[index - 1].update()
            spoken.append(f"{self._steps[index]}: {words(state)}")
        self.setAccessibleName(", ".join(spoken))
