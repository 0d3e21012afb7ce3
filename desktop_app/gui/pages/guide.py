"""The guide in the window: its chapters, a search, and the text."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QTreeWidget, QTreeWidgetItem

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens, sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.fields import line_edit
from desktop_app.gui.widgets.guide_view import GuideView
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label, tooltip
from desktop_app.services import guide

PLACE = Qt.ItemDataRole.UserRole


class GuidePage(Page):
    reads = False
    left = Signal()

    def __init__(self, session: Session) -> None:
        self._t = texts("guide")
        super().__init__(self._t("title"), self._t("subtitle"))
        back = self.header.add_action(Button(self._t("back"), "quiet", "back"))
        back.clicked.connect(self.left)
        self.search = line_edit(self._t("search"))
        self.search.setAccessibleName(self._t("search"))
        self.search.setClearButtonEnabled(True)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(load_tokens().motion.typing)
        self._wait.timeout.connect(self._search)
        self.search.textChanged.connect(self._wait.start)
        self.search.returnPressed.connect(self._take_first)
        self.contents = self._contents()
        self.found = QListWidget()
        self.found.setAccessibleName(self._t("found"))
        self.found.setWordWrap(True)
        self.found.itemActivated.connect(lambda item: self.open(*item.data(PLACE)))
        self.found.itemClicked.connect(lambda item: self.open(*item.data(PLACE)))
        self.found.hide()
        self._nothing = label(self._t("nothing"), "muted", wrap=True)
        self._nothing.hide()
        self.view = GuideView(session.theme)
        self.view.wanted.connect(self.open)
        side = column(self.search, self._nothing, gap=SPACE.tight)
        side.addWidget(self.contents, 1)
        side.addWidget(self.found, 1)
        self._side = (self.search, self._nothing, self.contents, self.found)
        across = row(gap=SPACE.medium)
        across.addLayout(side)
        across.addWidget(self.view, 1)
        self.body.addLayout(across, 1)
        self.open(guide.FIRST)

    def _contents(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setWordWrap(True)
        tree.setIndentation(sizes().icon_small)
        tree.setAccessibleName(self._t("contents"))
        for chapter in guide.chapters():
            top = QTreeWidgetItem(tree, [chapter.title])
            top.setData(0, PLACE, (chapter.key, ""))
            top.setToolTip(0, tooltip(chapter.title))
            for heading in chapter.headings[1:]:
                if heading.level == 2:
                    inner = QTreeWidgetItem(top, [heading.text])
                    inner.setData(0, PLACE, (chapter.key, heading.anchor))
                    inner.setToolTip(0, tooltip(heading.text))
        tree.itemClicked.connect(lambda item: self.open(*item.data(0, PLACE)))
        tree.itemActivated.connect(lambda item: self.open(*item.data(0, PLACE)))
        return tree

    def open(self, key: str, place: str = "") -> None:
        """Show a chapter, at the heading with this anchor."""
        chapter = guide.chapter(key)
        self.view.show_chapter(chapter, place)
        for at in range(self.contents.topLevelItemCount()):
            item = self.contents.topLevelItem(at)
            if item is None:
                continue
            shown = item.data(0, PLACE)[0] == chapter.key
            item.setExpanded(shown)
            current = self.contents.currentItem()
            if shown and (current is None or current.parent() is not item):
                self.contents.setCurrentItem(item)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for part in self._side:
            part.setFixedWidth(min(sizes().contents, event.size().width() // 3))

    def shown(self) -> None:
        self.view.setFocus()

    def _search(self) -> None:
        wanted = self.search.text().strip()
        results = guide.search(wanted) if wanted else []
        self.found.clear()
        for one in results:
            item = QListWidgetItem(self._t("result", heading=one.heading, chapter=one.title))
            item.setData(PLACE, (one.chapter, one.anchor))
            item.setToolTip(tooltip(one.excerpt))
            self.found.addItem(item)
        self.found.setVisible(bool(results))
        self.contents.setVisible(not wanted)
        self._nothing.setVisible(bool(wanted) and not results)

    def _take_first(self) -> None:
        self._wait.stop()
        self._search()
        if self.found.count():
            self.found.setCurrentRow(0)
            self.open(*self.found.item(0).data(PLACE))
