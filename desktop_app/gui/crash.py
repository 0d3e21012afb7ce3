"""Unexpected exceptions: logged with secrets blanked, and shown in a calm dialog instead of a silent end."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler

from desktop_app.core.logging import redact, redacted_traceback

_log = logging.getLogger(__name__)
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class CrashHandler(QObject):
    """Catches what nobody caught, in any thread, and calls `show(error, report)` on the UI thread."""

    _caught = Signal(object, str)

    def __init__(self, show: Callable[[BaseException, str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._showing = False
        self._previous_qt: Callable[..., object] | None = None
        self._previous: tuple[Callable[..., object], Callable[..., object]] | None = None
        self._caught.connect(self._on_ui_thread, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        self._previous = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        self._previous_qt = qInstallMessageHandler(_qt_message)

    def remove(self) -> None:
        if self._previous is not None:
            sys.excepthook, threading.excepthook = self._previous
            self._previous = None
            qInstallMessageHandler(self._previous_qt)

    def report(self, error: BaseException) -> None:
        """Log and show one unexpected error; safe from any thread."""
        text = redacted_traceback(error)
        _log.error("unexpected error\n%s", text)
        self._caught.emit(error, text)

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)

    def _uncaught_in_thread(self, details: threading.ExceptHookArgs) -> None:
        if details.exc_value is not None and not isinstance(details.exc_value, SystemExit):
            self.report(details.exc_value)

    def _on_ui_thread(self, error: BaseException, text: str) -> None:
        if self._showing:
            return  # one dialog at a time; everything is in the log
        self._showing = True
        try:
            self._show(error, text)
        finally:
            self._showing = False


def _qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    _log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", redact(text))
