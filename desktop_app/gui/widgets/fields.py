"""Form fields: a label above, a hint or an error below, each tied to its input for screen readers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.gui.icons import draw_icon
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import IconButton
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import label, set_property


class Select(QComboBox):
    """A choice from a list, each with a value behind its words."""

    def __init__(self, choices: Sequence[tuple[str, object]] = ()) -> None:
        super().__init__()
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, object]]) -> None:
        self.clear()
        for text, value in choices:
            self.addItem(text, value)

    def value(self) -> object:
        return self.currentData()

    def minimumSizeHint(self) -> QSize:
        """A choice that is long, and not the chosen one, makes nothing wider."""
        least = super().minimumSizeHint()
        return QSize(min(least.width(), sizes().contents), least.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling the page must not change a choice

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = sizes().icon_small
        start = SPACE.tight if mirrored else self.width() - SPACE.tight - side
        box = QRectF(start, (self.height() - side) / 2, side, side)
        draw_icon(painter, "chevron-down", box, self.palette().color(QPalette.ColorRole.PlaceholderText))


class SecretEdit(QLineEdit):
    """A passphrase: hidden, with an eye to show it."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        # Qt's own actions in an input are drawn in one size, however large the text is.
        self._eye = IconButton("eye", texts("common")("show_secret"))
        self._eye.setParent(self)
        self._eye.setProperty("role", "inline")
        self._eye.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._show)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = self._eye.sizeHint()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        start = SPACE.snug if mirrored else self.width() - SPACE.snug - side.width()
        self._eye.setGeometry(start, (self.height() - side.height()) // 2, side.width(), side.height())
        room = side.width()
        self.setTextMargins(room if mirrored else 0, 0, 0 if mirrored else room, 0)

    def _show(self, on: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)


class Field(QWidget):
    """A named input. `error("")` clears the error and shows the hint again."""

    def __init__(self, name: str, control: QWidget, hint: str = "") -> None:
        super().__init__()
        self.control = control
        self._hint = hint
        self._label = label(name, "strong")
        self._label.setBuddy(control)
        self._below = label(hint, "caption", wrap=True)
        if not hint:
            self._below.hide()
        control.setAccessibleName(name)
        control.setAccessibleDescription(hint)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.snug)
        outer.addWidget(self._label)
        outer.addWidget(control)
        outer.addWidget(self._below)
        outer.addStretch(1)
        if isinstance(control, QLineEdit):
            control.textEdited.connect(lambda _text: self.error(""))

    def text(self) -> str:
        if isinstance(self.control, QLineEdit):
            return self.control.text().strip()
        if isinstance(self.control, QPlainTextEdit):
            return self.control.toPlainText().strip()
        if isinstance(self.control, QComboBox):
            return self.control.currentText()
        raise TypeError(type(self.control).__name__)

    def set_hint(self, text: str) -> None:
        """Another hint; it replaces an error."""
        self._hint = text
        self.error("")

    def error(self, text: str) -> None:
        set_property(self._below, "role", "fieldError" if text else "caption")
        self._below.setText(text or self._hint)
        self._below.setVisible(bool(text or self._hint))
        self.control.setAccessibleDescription(text or self._hint)
        set_property(self.control, "invalid", "true" if text else "false")
        if text:
            self.control.setFocus(Qt.FocusReason.OtherFocusReason)


def line_edit(placeholder: str = "", text: str = "", limit: int = 200) -> QLineEdit:
    """A single-line input of at most `limit` characters."""
    edit = QLineEdit(text)
    edit.setPlaceholderText(placeholder)
    edit.setMaxLength(limit)
    return edit
