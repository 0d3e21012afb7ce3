"""The reminder of a backup, which stays until there is one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import Glyph, label
from desktop_app.services.backup import BackupStatus
from desktop_app.services.wording import words


class BackupReminder(QFrame):
    """`wanted`: make a backup now. With `later` it can be put aside until the next start."""

    wanted = Signal()

    def __init__(self, *, later: bool = False) -> None:
        super().__init__()
        t = texts("backup")
        self.setProperty("role", "message")
        self.setProperty("tone", "warn")
        self._put_aside = False
        self._text = label("", "strong", wrap=True)
        self.make = Button(t("make_now"), icon="key")
        self.make.clicked.connect(self.wanted)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE.medium, SPACE.tight, SPACE.small, SPACE.tight)
        outer.setSpacing(SPACE.small)
        outer.addWidget(Glyph("warn", sizes().icon, "warn"))
        outer.addWidget(self._text, 1)
        outer.addWidget(self.make)
        if later:
            self.setProperty("edge", "none")
            outer.setContentsMargins(SPACE.inset, SPACE.tight, SPACE.medium, SPACE.tight)
            self.later = Button(t("later"), "quiet")
            self.later.clicked.connect(self._later)
            outer.addWidget(self.later)
        self.hide()

    def set_status(self, status: BackupStatus, *, allowed: bool = True) -> None:
        """Show it when a backup is due; `allowed`: whether this is the place for it."""
        text = words(f"backup.{status.state.value}")
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(status.remind and allowed and not self._put_aside)

    def _later(self) -> None:
        self._put_aside = True
        self.hide()
