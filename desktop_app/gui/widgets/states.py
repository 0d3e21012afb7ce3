"""How things stand: chips, inline messages, empty states, progress."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.announce import announce
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import ElidedLabel, Glyph, label, set_property
from desktop_app.gui.widgets.time_left import TimeLeft
from desktop_app.services.wording import Message

TONE_ICONS = {
    "info": "info",
    "success": "success",
    "warn": "warn",
    "danger": "danger",
    "practice": "practice",
}

ENDS = ".:!?…。：！？"


class Chip(QLabel):
    """A short state in a pill; `tone` is neutral, accent, success, warn, danger or practice."""

    def __init__(self, text: str = "", tone: str = "neutral") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "chip")
        self.setProperty("tone", tone)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set(self, text: str, tone: str = "neutral") -> None:
        self.setText(text)
        set_property(self, "tone", tone)


def _sentence(text: str) -> str:
    """With a mark at its end, for who hears it."""
    return text if text[-1] in ENDS else f"{text}."


class InlineMessage(QFrame):
    """A message in the page: title, reason, next step; can be closed when `closable`."""

    closed = Signal()

    def __init__(self, tone: str = "info", closable: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "message")
        self.setProperty("tone", tone)
        self._glyph = Glyph(TONE_ICONS[tone], sizes().icon, tone)
        self._act: Callable[[], object] | None = None
        self.action = Button("")
        self.action.clicked.connect(self._acted)
        self.action.hide()
        self._title = label("", "strong", wrap=True)
        self._reason = label("", "", wrap=True)
        self._next = label("", "muted", wrap=True)
        for text in (self._title, self._reason, self._next):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE.medium, SPACE.small, SPACE.small, SPACE.small)
        outer.setSpacing(SPACE.small)
        outer.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(column(self._title, self._reason, self._next, gap=SPACE.hair), 1)
        outer.addWidget(self.action, 0, Qt.AlignmentFlag.AlignTop)
        if closable:
            close = IconButton("close", texts("common")("close_message"))
            close.clicked.connect(self._close)
            outer.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def show_text(self, title: str, reason: str = "", next_step: str = "", tone: str = "") -> None:
        if tone:
            set_property(self, "tone", tone)
            self._glyph.set(TONE_ICONS[tone], tone)
        for part, text in ((self._title, title), (self._reason, reason), (self._next, next_step)):
            part.setText(text)
            part.setVisible(bool(text))
        self.setAccessibleName(" ".join(_sentence(text) for text in (title, reason, next_step) if text))
        self.action.hide()
        self.show()
        if self.isVisible():
            announce(self, self.text, urgent=self.property("tone") == "danger")

    def show_message(self, message: Message, tone: str = "danger") -> None:
        self.show_text(message.title, message.reason, message.next_step, tone)

    def offer(self, text: str, act: Callable[[], object]) -> None:
        """A way on beside the message that is shown; the next message takes it away."""
        self._act = act
        self.action.set_text(text)
        self.action.show()

    @property
    def text(self) -> str:
        return self.accessibleName()

    def _acted(self) -> None:
        if self._act is not None:
            self._act()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()


class EmptyState(QWidget):
    """What a page shows before there is anything: an icon, why it is empty, and the one thing to do."""

    acted = Signal()

    def __init__(self, icon: str, title: str, text: str, action: str = "", tone: str = "accent") -> None:
        super().__init__()
        self.told = (title, text)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACE.large, SPACE.huge, SPACE.large, SPACE.huge)
        outer.setSpacing(SPACE.tight)
        glyph = Glyph(icon, sizes().icon_huge, tone)
        heading = label(title, "heading", wrap=True)
        explanation = label(text, "muted", wrap=True)
        for part in (heading, explanation):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        outer.addWidget(glyph, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addSpacing(SPACE.tight)
        outer.addWidget(heading)
        middle = row()
        middle.addStretch(1)
        middle.addWidget(explanation, 3)
        middle.addStretch(1)
        outer.addLayout(middle)
        self.button = Button(action, "primary") if action else None
        if self.button is not None:
            self.button.clicked.connect(self.acted)
            outer.addSpacing(SPACE.small)
            outer.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(2)


class ProgressRow(QWidget):
    """A running job: what it does, how far it is, and a way to stop it."""

    cancelled = Signal()

    def __init__(self, title: str = "", *, narrow: bool = False) -> None:
        super().__init__()
        self._t = texts("common")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title = ElidedLabel(title, "strong")
        self._detail = ElidedLabel("", "caption")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(title or self._t("progress"))
        stop = self._t("cancel")
        self._stop: QAbstractButton = IconButton("close", stop) if narrow else Button(stop, "quiet")
        self._stop.clicked.connect(self._cancel)
        self._left = TimeLeft()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.snug)
        words = column(self._title, self._detail, gap=SPACE.line)
        top = row(gap=SPACE.tight)
        top.addLayout(words, 1)
        top.addWidget(self._stop, 0, Qt.AlignmentFlag.AlignVCenter)
        outer.addLayout(top)
        outer.addWidget(self._bar)

    def start(self, title: str) -> None:
        self._left.restart()
        self._title.set_text(title)
        self._detail.set_text(self._t("starting"))
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(title)
        self._stop.setEnabled(True)
        self._stop.setAccessibleName(f"{self._t('cancel')}: {title}")
        self.show()

    def update_progress(self, done: int, total: int, stage: str) -> None:
        """`stage` is already worded; counts in any unit, total 0 is unknown."""
        self._left.report(done, total)
        if total > 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(min(1000, done * 1000 // total))
            percent = self._t("percent", number=min(100, done * 100 // total))
            self._detail.set_text(" · ".join(part for part in (percent, self._left.words(), stage) if part))
            self._bar.setAccessibleDescription(self._detail.full_text)
        else:
            self._bar.setRange(0, 0)
            self._detail.set_text(stage)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._stop.isEnabled():
            self._cancel()
        else:
            super().keyPressEvent(event)

    def _cancel(self) -> None:
        self._stop.setEnabled(False)
        self._detail.set_text(self._t("stopping"))
        self.cancelled.emit()
