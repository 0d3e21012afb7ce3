"""Buttons: primary, secondary, danger, quiet and icon-only, their icons in the colour of their text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton

from desktop_app.gui.icons import tinted_icon
from desktop_app.gui.tokens import pixels

ICON = 18
"""Pixels at 100 %, as the sizes that are given."""


class Button(QPushButton):
    """`kind` is "primary", "secondary", "danger", "quiet" or "segment"."""

    def __init__(self, text: str, kind: str = "secondary", icon: str = "") -> None:
        super().__init__(text)
        self._icon_name = icon
        self._tinted: tuple[QColor, QColor] | None = None
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._icon_size = pixels(ICON)
        self.setIconSize(QSize(self._icon_size, self._icon_size))
        self.setAutoDefault(False)
        self._tint()

    def set_text(self, text: str) -> None:
        self.setText(text)
        self.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._tint()

    def _tint(self) -> None:
        if not self._icon_name:
            return
        palette = self.palette()
        role = QPalette.ColorRole.ButtonText
        normal = palette.color(QPalette.ColorGroup.Active, role)
        disabled = palette.color(QPalette.ColorGroup.Disabled, role)
        if self._tinted != (normal, disabled):
            self._tinted = normal, disabled
            self.setIcon(tinted_icon(self._icon_name, self._icon_size, normal, disabled))


class IconButton(QToolButton):
    """A button with an icon only; `name` is read aloud and shown as its tooltip."""

    def __init__(self, icon: str, name: str, size: int = 16) -> None:
        super().__init__()
        self._icon_name = icon
        self._tinted: tuple[str, QColor] | None = None
        self._size = pixels(size)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(QSize(self._size, self._size))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tint()

    def set_icon(self, icon: str) -> None:
        self._icon_name = icon
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._tint()

    def _tint(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.ButtonText)
        if self._tinted != (self._icon_name, colour):
            self._tinted = self._icon_name, colour
            self.setIcon(tinted_icon(self._icon_name, self._size, colour))
