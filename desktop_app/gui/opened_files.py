"""Files that the desktop hands to the running app: macOS does so, others start it with their name."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class OpenedFiles(QObject):
    """Tells `opened` of each file, until `remove`."""

    def __init__(self, app: QApplication, opened: Callable[[str], None]) -> None:
        super().__init__()
        self._app = app
        self._opened = opened
        if sys.platform == "darwin":  # elsewhere no such event comes, and a filter sees every event there is
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._app and isinstance(event, QFileOpenEvent) and event.file():
            self._opened(event.file())
            return True
        return False

    def remove(self) -> None:
        self._app.removeEventFilter(self)
