"""The side bar: the mark, the pages, the running jobs, and the wallet's state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.gui.icons import icon_pixmap
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import pixels, sizes
from desktop_app.gui.widgets.buttons import IconButton
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import Glyph, label

ICON = 19
"""Pixels at 100 %."""


def shortcut_of(number: int) -> str:
    """Of the page in this place, from 1: the digits in their order on the keyboard, then none."""
    return f"Ctrl+{number % 10}" if number <= 10 else ""


def as_shown(keys: str) -> str:
    """Keys as this system and language write them: "Strg+1" in German, "⌘1" on a Mac."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


class NavButton(QPushButton):
    """One place to go; its icon takes the accent colour while it is chosen."""

    def __init__(self, text: str, icon: str, shortcut: str) -> None:
        super().__init__(f"  {text}")
        self._words = f"  {text}"
        self._icon_name = icon
        self._tinted: tuple[QColor, QColor] | None = None
        self.setProperty("role", "nav")
        self.setCheckable(True)
        self.setAutoExclusive(True)  # one of several, as a screen reader says
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icon_size = pixels(ICON)
        self.setIconSize(QSize(self._icon_size, self._icon_size))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self._keys = shortcut
        self.setShortcut(shortcut)
        self.setToolTip(f"{text} ({as_shown(shortcut)})" if shortcut else text)
        self._tint()

    def set_narrow(self, narrow: bool) -> None:
        """The icon alone; its name stays for screen readers and in the tooltip."""
        self.setText("" if narrow else self._words)
        self.setShortcut(self._keys)  # Qt drops it with the text

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._tint()

    def _tint(self) -> None:
        colours = self.palette()
        both = colours.color(QPalette.ColorRole.PlaceholderText), colours.color(QPalette.ColorRole.Accent)
        if self._tinted == both:
            return
        self._tinted = both
        icon = QIcon()
        for ratio in (1, 2, 3):
            quiet = icon_pixmap(
                self._icon_name, self._icon_size, colours.color(QPalette.ColorRole.PlaceholderText), ratio
            )
            accent = colours.color(QPalette.ColorRole.Accent)
            chosen = icon_pixmap(self._icon_name, self._icon_size, accent, ratio)
            icon.addPixmap(quiet, QIcon.Mode.Normal, QIcon.State.Off)
            icon.addPixmap(chosen, QIcon.Mode.Normal, QIcon.State.On)
        self.setIcon(icon)


class SideBar(QFrame):
    """`chosen` gives the key of a page. Arrow keys move between the buttons."""

    chosen = Signal(str)

    def __init__(self, pages: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setProperty("role", "sidebar")
        self.setFixedWidth(sizes().sidebar)
        self._narrow = False
        t = texts("sidebar")
        self.setAccessibleName(t("name"))
        self.buttons: dict[str, NavButton] = {}
        self._mark = Glyph("mark", sizes().mark)
        self._brand = label("Colophon", "brand")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACE.small, SPACE.inset, SPACE.small, SPACE.small)
        outer.setSpacing(SPACE.line)
        self.finder = IconButton("search", t("find"))
        outer.addLayout(row(self._mark, self._brand, None, self.finder, gap=SPACE.tight))
        outer.addSpacing(SPACE.large)
        for number, (key, icon) in enumerate(pages, start=1):
            button = NavButton(t(key), icon, shortcut_of(number))
            button.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
            self.buttons[key] = button
        *listed, last = self.buttons.values()
        self.foot_area = QWidget()
        self.foot_area.setProperty("role", "clear")
        self.foot = QVBoxLayout(self.foot_area)
        self.foot.setContentsMargins(0, 0, 0, 0)
        self.foot.setSpacing(SPACE.tight)
        outer.addWidget(self._scrolling(listed), 1)
        outer.addWidget(self.foot_area)
        outer.addSpacing(SPACE.tight)
        outer.addWidget(last)

    def _scrolling(self, buttons: Sequence[NavButton]) -> QScrollArea:
        """In a low window, or beside running work, the pages scroll instead of being squeezed."""
        held = QWidget()
        held.setProperty("role", "clear")
        held.setLayout(column(*buttons, None, gap=SPACE.line))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(texts("sidebar")("name"))
        area.setWidget(held)
        return area

    def set_narrow(self, narrow: bool) -> None:
        """Icons alone, where large text in a small window leaves too little room for the page."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for button in self.buttons.values():
            button.set_narrow(narrow)
        for part in (self._mark, self._brand):
            part.setVisible(not narrow)
        self.foot_area.setVisible(not narrow)
        self.setFixedWidth(sizes().rail if narrow else sizes().sidebar)

    def select(self, key: str) -> None:
        """Mark a page as the one in front."""
        for name, button in self.buttons.items():
            button.setAutoExclusive(False)  # or the last one that is chosen could not be let go
            button.setChecked(name == key)
        for button in self.buttons.values():
            button.setAutoExclusive(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)
