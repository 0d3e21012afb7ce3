"""Ctrl+K: type a word of anything that the app can do, and press Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from desktop_app.gui.commands import Command, find
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.announce import announce
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import line_edit
from desktop_app.gui.widgets.text import label

SHOWN = 60
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(Dialog):
    """The chosen command runs after the palette has closed."""

    def __init__(self, parent: QWidget, commands: Sequence[Command]) -> None:
        self._t = texts("palette")
        super().__init__(parent, self._t("title"), self._t("subtitle"), width=sizes().dialog)
        self._commands = commands
        self._shown: list[Command] = []
        self.edit = line_edit(self._t("type"))
        self.edit.setAccessibleName(self._t("type"))
        self.edit.textChanged.connect(self._search)
        self.edit.returnPressed.connect(self._run)
        self.edit.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setAccessibleName(self._t("list"))
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setMinimumHeight(sizes().list)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemActivated.connect(lambda _item: self._run())
        self.list.itemClicked.connect(lambda _item: self._run())
        self.list.currentItemChanged.connect(self._say)
        self._nothing = label(self._t("nothing"), "muted", wrap=True)
        self.body.addWidget(self.edit)
        self.body.addWidget(self._nothing)
        self.body.addWidget(self.list, 1)
        self.edit.setFocus()
        self._search("")

    def _search(self, text: str) -> None:
        self._shown = find(self._commands, text)[:SHOWN]
        self.list.clear()
        for one in self._shown:
            name = self._t("in", title=one.title, where=one.where) if one.where else one.title
            item = QTreeWidgetItem(self.list, [name, one.shortcut])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            spoken = self._t("spoken", title=name, shortcut=one.shortcut) if one.shortcut else name
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
        self._nothing.setVisible(not self._shown)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)

    def _say(self, item: QTreeWidgetItem | None) -> None:
        """The keyboard stays in the field, so a screen reader has to be told what Enter would do."""
        if item is not None and self.isVisible():
            announce(self.edit, str(item.data(0, Qt.ItemDataRole.AccessibleTextRole)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _MOVES:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        command = self._shown[self.list.indexOfTopLevelItem(item)]
        self.finished.connect(lambda _code: command.run())
        self.accept()
