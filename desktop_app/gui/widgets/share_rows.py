"""Lines of "who gets which part": an address and a share, as many as are needed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.core.amounts import parse_share
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import typed_number
from desktop_app.gui.dialogs.prepare import ADDRESS
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.fields import line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label, set_property

Words = Callable[..., str]


class _Line(QWidget):
    def __init__(self, t: Words, prefix: str) -> None:
        super().__init__()
        self._t, self._prefix = t, prefix
        self.address: QLineEdit = line_edit(t(f"{prefix}_address"), limit=80)
        self.share: QLineEdit = line_edit(t("share_placeholder"), limit=12)
        self.share.setFixedWidth(sizes().name_short)
        self.remove = IconButton("close", "")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.tight)
        outer.addWidget(self.address, 1)
        outer.addWidget(self.share)
        outer.addWidget(self.remove)

    def number(self, number: int) -> None:
        names = {self.address: "address_name", self.share: "share_name", self.remove: "remove"}
        for widget, name in names.items():
            widget.setAccessibleName(self._t(f"{self._prefix}_{name}", number=number))
        self.remove.setToolTip(self.remove.accessibleName())


class ShareRows(QWidget):
    """`changed` fires when a part changes. Words are those of `prefix` in the dialog's section; `prepare`
    gets each new address field, to offer names."""

    changed = Signal()

    def __init__(
        self, t: Words, prefix: str, most: int, prepare: Callable[[QLineEdit], object] | None = None
    ) -> None:
        super().__init__()
        self._t, self._prefix, self._most = t, prefix, most
        self._prepare_edit = prepare
        self.lines: list[_Line] = []
        self.add = Button(t(f"{prefix}_add"), "quiet", "plus")
        self.add.clicked.connect(self._add_empty)
        self._error = label("", "fieldError", wrap=True)
        self._error.hide()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE.tight)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.tight)
        outer.addWidget(label(t(prefix), "strong", wrap=True))
        outer.addWidget(label(t(f"{prefix}_hint"), "caption", wrap=True))
        outer.addLayout(self._rows)
        outer.addWidget(self._error)
        outer.addLayout(row(self.add, None))

    def _add_empty(self) -> None:
        self.add_line()

    def add_line(self, address: str = "", share: str = "") -> None:
        if len(self.lines) >= self._most:
            return
        line = _Line(self._t, self._prefix)
        if self._prepare_edit is not None:
            self._prepare_edit(line.address)
        line.address.setText(address)
        line.share.setText(share)
        line.share.textChanged.connect(lambda _text: self._changed())
        line.address.textEdited.connect(lambda _text: self._error.hide())
        line.remove.clicked.connect(lambda: self._remove(line))
        self.lines.append(line)
        self._rows.addWidget(line)
        self._changed()
        line.address.setFocus()

    def total(self) -> int:
        """The parts that can be read, in parts per million."""
        total = 0
        for line in self.lines:
            try:
                total += parse_share(typed_number(line.share.text()))
            except InvalidInputError:
                continue
        return total

    def read(self) -> list[tuple[str, int]] | None:
        """Addresses or names with parts per million; None after an error was shown at its line."""
        found: list[tuple[str, int]] = []
        for number, line in enumerate(self.lines, start=1):
            address = line.address.text().strip()
            if not address and not line.share.text().strip():
                continue
            # A name is looked up when the review is prepared; what begins as an address must be a whole one.
            by_name = address and not address.lower().startswith("0x")
            if not by_name and ADDRESS.fullmatch(address) is None:
                self._fail(line.address, "bad_address", number)
                return None
            if address.lower() in [other.lower() for other, _ in found]:
                self._fail(line.address, "twice", number)
                return None
            try:
                found.append((address, parse_share(typed_number(line.share.text()))))
            except InvalidInputError:
                self._fail(line.share, "bad_share", number)
                return None
        return found

    def _fail(self, edit: QLineEdit, code: str, number: int) -> None:
        self._error.setText(self._t(f"{self._prefix}_{code}", number=number))
        self._error.show()
        set_property(edit, "invalid", "true")
        edit.textEdited.connect(lambda _text: set_property(edit, "invalid", "false"))
        edit.setFocus()

    def _remove(self, line: _Line) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
        self._changed()

    def _changed(self) -> None:
        self._error.hide()
        for number, line in enumerate(self.lines, start=1):
            line.number(number)
        self.add.setEnabled(len(self.lines) < self._most)
        self.changed.emit()
