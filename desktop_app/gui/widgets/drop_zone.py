"""A place to drop files on, or to choose them with the keyboard or mouse."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import Glyph, label, set_property


def dropped_files(data: QMimeData, folders: bool = False) -> list[Path]:
    """The local files in a drag; folders only where they are wanted."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if folders or not path.is_dir()]


class DropZone(QFrame):
    """`files` gives what was dropped or chosen. `compact` is one line for pages that already have content."""

    files = Signal(list)

    def __init__(
        self,
        title: str,
        text: str,
        button: str,
        *,
        icon: str = "plus",
        pattern: str = "",
        many: bool = True,
        folders: bool = False,
    ) -> None:
        super().__init__()
        self._pattern = pattern
        self._many = many
        self._folders = folders
        self._choose_title = button
        self.setProperty("role", "drop")
        self.setProperty("active", "false")
        self.setAcceptDrops(True)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._glyph = Glyph(icon, sizes().icon_huge, "info")
        self._title = label(title, "section", wrap=True)
        self._text = label(text, "muted", wrap=True)
        self._button = Button(button, "primary")
        self._button.clicked.connect(self.choose)
        self._outer = QVBoxLayout(self)
        self._compact: bool | None = None
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Tall with everything centred, or one line."""
        if compact == self._compact:
            return
        self._compact = compact
        while (item := self._outer.takeAt(0)) is not None:
            if (inner := item.layout()) is not None:
                while inner.takeAt(0) is not None:
                    pass
        side = Qt.AlignmentFlag.AlignLeft if compact else Qt.AlignmentFlag.AlignHCenter
        for part in (self._title, self._text):
            part.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        margin = SPACE.medium if compact else SPACE.huge
        self._outer.setContentsMargins(SPACE.large, margin, SPACE.large, margin)
        self._outer.setSpacing(SPACE.tight)
        if compact:
            line = QHBoxLayout()
            line.setSpacing(SPACE.medium)
            line.addWidget(self._glyph)
            line.addLayout(column(self._title, self._text, gap=SPACE.line), 1)
            line.addWidget(self._button)
            self._outer.addLayout(line)
            return
        self._outer.addStretch(1)
        self._outer.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignHCenter)
        self._outer.addSpacing(SPACE.hair)
        self._outer.addWidget(self._title)
        self._outer.addWidget(self._text)
        self._outer.addSpacing(SPACE.small)
        self._outer.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._outer.addStretch(1)

    def choose(self) -> None:
        """The system's file dialog."""
        if self._many:
            names, _ = QFileDialog.getOpenFileNames(self, self._choose_title, "", self._pattern)
        else:
            name, _ = QFileDialog.getOpenFileName(self, self._choose_title, "", self._pattern)
            names = [name] if name else []
        if names:
            self.files.emit([Path(name) for name in names])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._compact and event.button() == Qt.MouseButton.LeftButton:
            self.choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData(), self._folders):
            set_property(self, "active", "true")
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        set_property(self, "active", "false")

    def dropEvent(self, event: QDropEvent) -> None:
        set_property(self, "active", "false")
        paths = dropped_files(event.mimeData(), self._folders)
        if paths:
            event.acceptProposedAction()
            self.files.emit(paths if self._many else paths[:1])


def file_pattern(name: str, *endings: str) -> str:
    """A filter for the file dialog: file_pattern("Certificates", "colophon")."""
    return f"{name} ({' '.join('*.' + ending for ending in endings)});;{texts('common')('all_files')} (*)"
