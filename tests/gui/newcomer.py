"""Somebody who knows only what the window shows: finds things by their visible words, clicks and types."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

PATIENCE = float(os.environ.get("COLOPHON_PATIENCE", "90"))
INPUTS = (QLineEdit, QPlainTextEdit)


class Newcomer:
    """Reaches nothing but what is on the screen; `steps` keeps what was done, in words."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.steps: list[str] = []

    # --- Seeing ------------------------------------------------------------------------------------------

    @property
    def front(self) -> QWidget:
        """The window that takes clicks: the newest dialog, or the main window."""
        modal = QApplication.activeModalWidget()
        if modal is not None and modal.isVisible():
            return modal
        tops = self._app.topLevelWidgets()
        return next(one for one in tops if isinstance(one, QMainWindow) and one.isVisible())

    def _seen(self, kind: type[Any]) -> Iterator[Any]:
        """Visible ones of the front window, also those that the wheel would bring."""
        front = self.front
        for one in front.findChildren(kind):
            if one.isVisible() and one.window() is front and one.width() > 1:
                yield one

    def words(self) -> str:
        """All that can be read in the window in front at this moment, without what is scrolled away."""
        return "\n".join(
            text
            for one in self._seen(QWidget)
            if isinstance(one, (QLabel, QAbstractButton)) and not one.visibleRegion().isEmpty()
            if (text := (getattr(one, "full_text", "") or one.text()).strip())
        )

    def wait(self, until: Callable[[], Any], what: str) -> Any:
        """Let the window run until `until()` is true; returns its value."""
        limit = time.monotonic() + PATIENCE
        while not (found := until()):
            if time.monotonic() > limit:
                pytest.fail(f"nothing happened: {what}\n{self.words()}")
            self._app.processEvents()
            time.sleep(0.004)
        return found

    def reads(self, *parts: str) -> None:
        """Wait until these words are on the screen."""
        for part in parts:
            self.wait(lambda part=part: part in self.words(), f"the words {part!r}")

    # --- Doing -------------------------------------------------------------------------------------------

    def click(self, words: str) -> None:
        """The one enabled button with exactly these words on it, or with these as its name."""

        def find() -> QAbstractButton | None:
            found = [
                one
                for one in self._seen(QAbstractButton)
                if one.isEnabled() and words in (one.text(), one.accessibleName())
            ]
            return found[0] if len(found) == 1 else None

        self.wait(lambda: self._press(find()), f"one button {words!r}")
        self.steps.append(f"click {words}")

    def type(self, name: str, text: str, shown: str = "") -> None:
        """Into the input of this name. `shown`: what the list of steps says instead of the text."""

        def find() -> QWidget | None:
            found = [
                one
                for one in self._seen(QWidget)
                if isinstance(one, INPUTS) and one.isEnabled() and one.accessibleName() == name
            ]
            return found[0] if len(found) == 1 else None

        edit = self.wait(find, f"the input {name!r}")
        if not edit.hasFocus():
            self.wait(lambda: self._press(edit), f"the input {name!r} within reach")
        QTest.keyClicks(edit, text)
        self._app.processEvents()
        self.steps.append(f"type {shown or text} into {name}")

    def drop(self, path: Path) -> None:
        """Drag a file over the window, and let go over the middle of it."""
        window = self.front
        place = window.rect().center()
        target = window.childAt(place) or window
        while not target.acceptDrops():
            target = target.parentWidget()
            assert target is not None, "nothing here takes a file"
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        at, copy = target.mapFrom(window, place), Qt.DropAction.CopyAction
        left, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(at, copy, data, left, no_keys)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPointF(at), copy, data, left, no_keys))
        self._app.processEvents()
        self.steps.append(f"drop {path.name} on the window")

    def _press(self, widget: QWidget | None) -> bool:
        """False where there is nothing to press, or not any more: the page may just be showing news."""
        above = widget.parentWidget() if widget is not None else None
        while above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget)  # as the wheel does
            above = above.parentWidget()
        if widget is None or widget.visibleRegion().isEmpty():
            return False
        place = QPoint(min(12, widget.width() // 2), widget.height() // 2)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        self._app.processEvents()
        return True
