"""Files and links that the desktop hands to the running app: macOS does so, others start it with them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class OpenedFiles(QObject):
    """Tells `opened` of the path of each file and of each link, until `remove`."""

    def __init__(self, app: QApplication, opened: Callable[[str], None]) -> None:
        super().__init__()
        self._app = app
        self._opened = opened
        if sys.platform == "darwin":  # elsewhere no such event comes, and a filter sees every event there is
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._app and isinstance(event, QFileOpenEvent):
            # A link has no file, and a file may come as a link of its own.
            given = event.file() or event.url().toString(QUrl.ComponentFormattingOption.FullyEncoded)
            if given:
                self._opened(given)
                return True
        return False

    def remove(self) -> None:
        self._app.removeEventFilter(self)
