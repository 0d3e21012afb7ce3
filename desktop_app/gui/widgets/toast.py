"""A short note that slides over the page and goes by itself, for good news that needs no answer.

It may offer one thing to do, which can be done elsewhere as well.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.gui.tokens import load_tokens, sizes
from desktop_app.gui.widgets.announce import announce
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import Glyph, label


class Toast(QFrame):
    """Sits in the lower right corner of `over`."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setProperty("role", "message")
        self.setProperty("tone", "success")
        self._over = over
        self._text = label("", "strong")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE.medium, SPACE.small, SPACE.large, SPACE.small)
        outer.setSpacing(SPACE.small)
        outer.addWidget(Glyph("payouts", sizes().icon, "success"))
        outer.addWidget(self._text)
        self.button = Button("", "quiet")
        self.button.clicked.connect(self._act)
        self.button.hide()
        self._then: Callable[[], None] | None = None
        outer.addWidget(self.button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(load_tokens().motion.reading)
        self._timer.timeout.connect(self.hide)
        over.installEventFilter(self)
        self.hide()

    def show_text(self, text: str, action: str = "", then: Callable[[], None] | None = None) -> None:
        """`action` names a button that calls `then`; such a toast stays longer."""
        self._text.setText(text)
        self._then = then
        self.button.set_text(action)
        self.button.setVisible(then is not None)
        self._timer.setInterval(load_tokens().motion.reading if then is None else load_tokens().motion.acting)
        self.setAccessibleName(text)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        announce(self, text)

    def _act(self) -> None:
        self.hide()
        if self._then is not None:
            self._then()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        size = self.sizeHint()
        self.setGeometry(
            self._over.width() - size.width() - SPACE.large,
            self._over.height() - size.height() - SPACE.large,
            size.width(),
            size.height(),
        )
