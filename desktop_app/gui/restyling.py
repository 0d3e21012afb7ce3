"""Exchanges the style sheet of the running app a few widgets at a time: the window never stands still for it.

QApplication.setStyleSheet styles every widget once for each of its ancestors, and all in one go: 3 s where
there are 1,700. Here Qt forgets first what it has styled (QStyle.unpolish of the application), so that the
exchange costs next to nothing, and each widget is then styled once, those on the screen first.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from desktop_app.gui.turns import SLICE

_POLISHED = Qt.WidgetAttribute.WA_WState_Polished


def style_now(widget: QWidget) -> None:
    """Style something new, with all that is in it, in this turn: Qt would do it for everything in one go."""
    widget.ensurePolished()
    for part in widget.findChildren(QWidget):
        part.ensurePolished()


class Restyler(QObject):
    """Styles what was built under an earlier style sheet anew."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._waiting: list[QWidget] = []
        self._held: list[QWidget] = []
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._slice)

    def exchange(self, sheet: str) -> None:
        """Use this style sheet from now on: at once for what is still to be built, soon for what is there."""
        style = self._app.style()
        if self._app.styleSheet():
            style.unpolish(self._app)
        self._app.setStyleSheet(sheet)
        self._waiting = list(filter(_is_styled, self._app.allWidgets()))
        if self._waiting:
            self._hold()
            self._turn.start()

    def finish(self) -> None:
        """Everything that is still to be styled, now."""
        while self._waiting:
            self._slice()

    def _hold(self) -> None:
        """Paint no window half in the old colours and half in the new."""
        for widget in self._app.topLevelWidgets():
            if _is_seen(widget) and widget.updatesEnabled():
                widget.setUpdatesEnabled(False)
                self._held.append(widget)

    def _release(self) -> None:
        for widget in self._held:
            if isValid(widget):
                widget.setUpdatesEnabled(True)
        self._held.clear()

    def _slice(self) -> None:
        until = time.monotonic() + SLICE
        self._waiting.sort(key=_is_seen)
        style = self._app.style()
        while self._waiting:
            if self._held and not _is_seen(self._waiting[-1]):
                break  # the window is painted in this turn
            widget = self._waiting.pop()
            if isValid(widget):
                style.polish(widget)
            if time.monotonic() >= until:
                break
        if not (self._waiting and _is_seen(self._waiting[-1])):
            self._release()
        if not self._waiting:
            self._turn.stop()


# At any moment a widget may be gone: with its parent, or when Python collects its garbage.


def _is_styled(widget: QWidget) -> bool:
    return isValid(widget) and widget.testAttribute(_POLISHED)


def _is_seen(widget: QWidget) -> bool:
    return isValid(widget) and widget.isVisible()
