"""Choose works from a list: for registering several at once, and for an album's royalties."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.check_list import CheckList
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import line_edit
from desktop_app.gui.widgets.surfaces import row
from desktop_app.gui.widgets.text import label
from desktop_app.services.library import Work

MOST = 32
SEARCH_FROM = 12


class ChooseWorksDialog(Dialog):
    """`chosen` gives a list of works, in the order of the list."""

    chosen = Signal(object)

    def __init__(
        self, title: str, subtitle: str, action: str, works: Sequence[Work], parent: QWidget
    ) -> None:
        self._t = texts("choose_works")
        super().__init__(parent, title, subtitle, width=sizes().dialog)
        self.works = works
        self.list = CheckList([work.title for work in works], self._t("list"))
        self.list.changed.connect(self._changed)
        self.search = line_edit(self._t("search"))
        self.search.setAccessibleName(self._t("search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.list.search)
        if len(works) >= SEARCH_FROM:
            self.body.addWidget(self.search)
        if works:
            self.body.addWidget(self.list, 1)
        else:
            self.body.addWidget(label(self._t("none"), "muted", wrap=True))
        self._count = label("", "caption", wrap=True)
        self.outer.insertLayout(self.outer.count() - 2, row(self._count))
        self.add_cancel()
        self.go = self.add_button(action, "primary")
        self.go.clicked.connect(self._go)
        self.go.setDefault(False)  # Enter in the search does not act on what is searched away
        self._changed(0, 0)

    def _changed(self, count: int, unseen: int) -> None:
        self.go.setEnabled(0 < count <= MOST)
        code = "too_many" if count > MOST else "count_one" if count == 1 else "count"
        told = self._t(code, count=count, most=MOST)
        self._count.setText(f"{told} {self._t('unseen', count=unseen)}" if unseen else told)

    def _go(self) -> None:
        works = [self.works[number] for number in self.list.chosen]
        self.accept()
        self.chosen.emit(works)
