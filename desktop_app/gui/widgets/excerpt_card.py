"""The part of a work that a certificate shows: as text where it is text, and to be saved as it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit

from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import Card

MOST_SHOWN = 20_000
HEIGHT = 180


class ExcerptCard(Card):
    """`wanted`: the user wants to save the part."""

    wanted = Signal()

    def __init__(self, data: bytes) -> None:
        t = texts("verify")
        text = readable(data)
        told = "excerpt_binary" if text is None else "excerpt_text"
        super().__init__(t("excerpt"), t(told, count=grouped(len(data))))
        save = Button(t("excerpt_save"))
        save.clicked.connect(self.wanted)
        self.side.addWidget(save)
        if text is not None:
            view = QPlainTextEdit(text[:MOST_SHOWN])
            view.setReadOnly(True)
            view.setTabChangesFocus(True)
            view.setFixedHeight(HEIGHT)
            view.setAccessibleName(t("excerpt"))
            self.body.addWidget(view)


def readable(data: bytes) -> str | None:
    """The text of an excerpt; None where it is none.

    An excerpt is cut at chunks, so that its first and last letters may be halves: those alone are left out.
    """
    for start in range(4):
        for end in range(4):
            try:
                text = data[start : len(data) - end].decode("utf-8")
            except UnicodeDecodeError:
                continue
            return text if not any(sign < " " and sign not in "\t\r\n\f" for sign in text) else None
    return None
