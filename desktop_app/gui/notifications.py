"""Tells of payments through the desktop's tray, where there is one and the user looks elsewhere."""

from __future__ import annotations

from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from desktop_app.core.localised import grouped
from desktop_app.core.settings import NOTIFY
from desktop_app.gui.icons import app_icon
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.text import amount_text
from desktop_app.services.earnings import PayoutLine

_MARKUP = str.maketrans({"<": "‹", ">": "›", "&": "+"})
"""Desktops take HTML in notifications; the names of strangers' tokens must not become any."""
LONGEST = 80
SHOWN_MS = 8000


def in_words(count: int, lines: tuple[PayoutLine, ...]) -> tuple[str, str]:
    """Title and text for some payments; `lines` are the newest of `count`."""
    t = texts("window")
    title = t("payout_one") if count == 1 else t("payout_many", count=grouped(count))
    if not lines:
        return title, ""
    last = lines[-1]
    work = "".join(c if c.isprintable() else " " for c in last.work)[:LONGEST].translate(_MARKUP)
    return title, t("payout_newest", amount=amount_text(last.amount), work=work)


class Notifications:
    """Made once; without a tray, or with the setting off, `tell` does nothing."""

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session = session
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def tell(self, count: int, lines: tuple[PayoutLine, ...]) -> None:
        if self._window.isActiveWindow() or self._session.services.settings.text(NOTIFY) == "off":
            return
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self._window)
            self._tray.setToolTip("Colophon")
            self._tray.messageClicked.connect(self._open)
            self._tray.activated.connect(lambda _reason: self._open())
        self._tray.show()
        self._tray.showMessage(*in_words(count, lines), app_icon(), SHOWN_MS)

    def _open(self) -> None:
        """Back to the window, where the payment is."""
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self._session.page_wanted.emit("payouts")

    def close(self) -> None:
        if self._tray is not None:
            self._tray.hide()
