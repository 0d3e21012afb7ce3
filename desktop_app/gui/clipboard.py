"""Secrets on the clipboard: marked as such, and taken off again after a while, at the lock and at the end."""

from __future__ import annotations

import hmac
import secrets

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

CLEAR_AFTER_SECONDS = 60
_MODES = (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)
# What clipboard managers look at before they keep a copy: KDE and others, Windows, macOS (nspasteboard.org).
_MARKS = {
    "x-kde-passwordManagerHint": b"secret",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"1",
    "org.nspasteboard.ConcealedType": b"1",
}


class SecretClipboard(QObject):
    """Remembers only a keyed digest of what it put there, and clears nothing that somebody else put there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._key = secrets.token_bytes(32)
        self._digests: set[bytes] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CLEAR_AFTER_SECONDS * 1000)
        self._timer.timeout.connect(self.clear)

    @property
    def waiting(self) -> bool:
        """Whether a secret may still be there."""
        return bool(self._digests)

    def copy(self, secret: str) -> None:
        """Put a secret there for a minute."""
        data = QMimeData()
        data.setText(secret)
        for kind, value in _MARKS.items():
            data.setData(kind, value)
        QGuiApplication.clipboard().setMimeData(data)
        self._remember(secret)

    def pasted(self, secret: str) -> None:
        """The user has used a secret that may have come from the clipboard: take it off at once."""
        self._remember(secret)
        self.clear()

    def clear(self) -> None:
        """Take the secrets off, wherever they still are."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        for mode in _MODES:
            if mode is QClipboard.Mode.Selection and not clipboard.supportsSelection():
                continue
            if self._digest(clipboard.text(mode)) in self._digests:
                clipboard.clear(mode)
        self._digests.clear()

    def _remember(self, secret: str) -> None:
        self._digests.add(self._digest(secret))
        self._timer.start()

    def _digest(self, text: str) -> bytes:
        words = " ".join(text.lower().split())
        return hmac.digest(self._key, words.encode("utf-8", "replace"), "sha256")
