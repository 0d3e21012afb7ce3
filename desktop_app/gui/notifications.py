"""Tells of payments through the desktop's tray, where there is one and the user looks elsewhere."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import amount_text
from desktop_app.core.localised import grouped
from desktop_app.core.settings import NOTIFY
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tray import Tray
from desktop_app.services.earnings import PayoutLine

_MARKUP = str.maketrans({"<": "‹", ">": "›", "&": "+"})
"""Desktops take HTML in notifications; the names of strangers' tokens must not become any."""
LONGEST = 80


def in_words(count: int, lines: tuple[PayoutLine, ...]) -> tuple[str, str]:
    """Title and text for some payments; `lines` are the newest. Practice is told as what it is."""
    t = texts("window")
    kinds = {line.money for line in lines}
    kind = kinds.pop() if len(kinds) == 1 else ""
    name = kind if kind in ("practice", "test") else "payout"
    title = t(f"{name}_one") if count == 1 else t(f"{name}_many", count=grouped(count))
    if not lines:
        return title, ""
    last = lines[-1]
    work = "".join(c if c.isprintable() else " " for c in last.work)[:LONGEST].translate(_MARKUP)
    return title, t("payout_newest", amount=amount_text(last.amount), work=work)


class Notifications:
    """Made once; without a tray, or with the setting off, `tell` does nothing."""

    def __init__(self, session: Session, window: QWidget, tray: Tray) -> None:
        self._session = session
        self._window = window
        self._tray = tray
        tray.clicked.connect(lambda: session.page_wanted.emit("payouts"))

    def tell(self, count: int, lines: tuple[PayoutLine, ...]) -> None:
        self.say(*in_words(count, lines))

    def say(self, title: str, text: str = "") -> None:
        """Words of the app's own, with nothing of strangers in them, or made safe."""
        if self._window.isActiveWindow() or self._session.services.settings.text(NOTIFY) == "off":
            return
        self._tray.message(title, text)
