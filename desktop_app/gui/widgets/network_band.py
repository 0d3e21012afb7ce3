"""The band over every page that says which network this is, and whether its money is real."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from desktop_app.gui.icons import icon_pixmap
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import ElidedLabel, label, set_property


class _BandGlyph(QLabel):
    """An icon in the band's own text colour."""

    def __init__(self) -> None:
        super().__init__()
        self._name = "practice"
        self.setFixedSize(sizes().icon, sizes().icon)

    def set(self, name: str) -> None:
        self._name = name
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw()

    def _draw(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        self.setPixmap(icon_pixmap(self._name, sizes().icon, colour, max(2.0, self.devicePixelRatioF())))


class NetworkBand(QFrame):
    """`kind` is "practice", "test" or "main"; words and colour both say it."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._t = texts("band")
        self.setProperty("role", "band")
        self.setFixedHeight(sizes().band_height)
        self._glyph = _BandGlyph()
        self._title = label("", "strong")
        # What must never be cut is whether the money is real; the rest gives way.
        self._title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._text = ElidedLabel("")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE.inset, 0, SPACE.inset, 0)
        outer.setSpacing(SPACE.tight)
        outer.addWidget(self._glyph)
        outer.addWidget(self._title)
        outer.addWidget(self._text, 1)
        outer.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.set_network("practice", "")

    def set_network(self, kind: str, name: str) -> None:
        set_property(self, "kind", kind)
        for part in (self._title, self._text, self._glyph):
            part.style().unpolish(part)
            part.style().polish(part)
        self._title.setText(self._t(f"{kind}_title", name=name))
        self._text.set_text(self._t(f"{kind}_text", name=name))
        self.setAccessibleName(f"{self._title.text()}. {self._text.full_text}")
        self._glyph.set("practice" if kind == "practice" else "networks")
