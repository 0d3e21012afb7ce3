"""The icon in the desktop's tray: for news, and, if wanted, for staying when the window is closed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from desktop_app.core.settings import TRAY, Settings
from desktop_app.gui.icons import app_icon
from desktop_app.gui.texts import texts

SHOWN_MS = 8000


class Tray(QObject):
    """Does nothing where the desktop has no tray: the window then closes as ever, and never disappears."""

    wanted = Signal()
    """The window shall come back."""
    clicked = Signal()
    """A message was clicked."""
    quit_wanted = Signal()

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._t = texts("tray")
        self._settings = settings
        self._window = window
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._told = False
        self.refresh()

    @property
    def available(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def keeps_running(self) -> bool:
        """Whether closing the window leaves the app in the tray."""
        return self._settings.text(TRAY) == "on" and self.available

    def refresh(self) -> None:
        """The setting may have changed: show the icon for good, or only with messages."""
        if self.keeps_running:
            self._made().show()
        elif self._icon is not None:
            self._icon.hide()

    def message(self, title: str, text: str) -> None:
        if self.available:
            icon = self._made()
            icon.show()
            icon.showMessage(title, text, app_icon(), SHOWN_MS)

    def say_still_here(self) -> None:
        """Once: the window is gone, and the app is not."""
        if not self._told:
            self._told = True
            self.message(self._t("still_here"), self._t("still_here_text"))

    def close(self) -> None:
        if self._icon is not None:
            self._icon.hide()

    def _made(self) -> QSystemTrayIcon:
        if self._icon is None:
            self._menu = QMenu(self._window)
            self._menu.setAccessibleName(self._t("menu"))
            self._menu.addAction(self._t("open")).triggered.connect(lambda _on: self.wanted.emit())
            self._menu.addAction(self._t("quit")).triggered.connect(lambda _on: self.quit_wanted.emit())
            icon = QSystemTrayIcon(app_icon(), self)
            icon.setToolTip("Colophon")
            icon.setContextMenu(self._menu)
            icon.messageClicked.connect(self.clicked)
            icon.activated.connect(self._activated)
            self._icon = icon
        return self._icon

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self.wanted.emit()
