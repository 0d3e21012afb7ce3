"""Text in the roles of the design: titles, captions, hashes that are elided in the middle, amounts."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop_app.core.amounts import Amount, amount_text
from desktop_app.gui.icons import icon_pixmap
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens
from desktop_app.gui.widgets.buttons import IconButton


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let the new style take effect."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A plain-text label; `role` is one of the label roles in colophon.qss."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        result.setProperty("role", role)
    if wrap:
        result.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        result.setSizePolicy(policy)
    return result


def bullet(text: str, role: str = "") -> QHBoxLayout:
    """One line of a list; where it wraps, it stays beside its dot."""
    line = QHBoxLayout()
    line.setSpacing(load_tokens().space.tight)
    line.addWidget(label("•", "muted"), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label(text, role, wrap=True), 1)
    return line


def tooltip(text: str) -> str:
    """`text` as a tooltip that Qt shows letter by letter: a name from outside may look like HTML."""
    return html.escape(text) if "<" in text else text


class ElidedLabel(QLabel):
    """One line that shortens itself to the room there is; the whole text is in the tooltip."""

    def __init__(
        self, text: str = "", role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__()
        self._full = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    @property
    def full_text(self) -> str:
        return self._full

    def set_text(self, text: str) -> None:
        self._full = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._full) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        room = min(metrics.horizontalAdvance(self._full) + 2, metrics.averageCharWidth() * 10)
        return QSize(room, metrics.height() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self._fit()

    def _fit(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._full, self._mode, max(self.width() - 1, 0))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(tooltip(self._full) if shown != self._full else "")


class HashLabel(QWidget):
    """An address or hash in fixed-width letters, elided in the middle, with a button that copies it whole."""

    def __init__(self, value: str = "", what: str = "") -> None:
        super().__init__()
        self._t = texts("common")
        self._what = what or self._t("value")
        self._text = ElidedLabel(value, "mono", Qt.TextElideMode.ElideMiddle)
        self._copy = IconButton("copy", self._t("copy", what=self._what))
        self._copy.setProperty("role", "inline")  # no taller than its line
        self._copy.clicked.connect(self._to_clipboard)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(load_tokens().space.hair)
        row.addWidget(self._text, 0)
        row.addWidget(self._copy, 0)
        row.addStretch(1)
        self.setToolTip(value)

    @property
    def value(self) -> str:
        return self._text.full_text

    def set_value(self, value: str) -> None:
        self._text.set_text(value)
        self.setToolTip(value)

    def _to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self.value)
        self._copy.set_icon("check")
        self._copy.setToolTip(self._t("copied"))
        QTimer.singleShot(load_tokens().motion.glance, self._copy, self._restore)

    def _restore(self) -> None:
        self._copy.set_icon("copy")
        self._copy.setToolTip(self._t("copy", what=self._what))


class Glyph(QLabel):
    """An icon that says something: it has a tone and follows the theme."""

    def __init__(self, name: str, size: int = 20, tone: str = "muted") -> None:
        super().__init__()
        self._name = name
        self._size = size
        self.setProperty("role", "glyph")
        self.setProperty("tone", tone)
        self.setFixedSize(size, size)
        self._draw()

    def set(self, name: str, tone: str) -> None:
        self._name = name
        set_property(self, "tone", tone)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw()

    def _draw(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        name = self._name
        if name == "mark" and colour.lightness() > 128:  # light ink: a dark theme
            name = "mark-dark"
        self.setPixmap(icon_pixmap(name, self._size, colour, max(2.0, self.devicePixelRatioF())))


class AmountLabel(QLabel):
    """An amount of money, readable; the exact number is in the tooltip."""

    def __init__(self, amount: Amount | None = None, role: str = "strong") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        if amount is not None:
            self.set_amount(amount)

    def set_amount(self, amount: Amount) -> None:
        self.setText(amount_text(amount))
        self.setToolTip(str(amount))
        self.setAccessibleName(str(amount))

    def clear_amount(self) -> None:
        """Nothing is known."""
        self.setText("–")
        self.setToolTip("")
        self.setAccessibleName("")
