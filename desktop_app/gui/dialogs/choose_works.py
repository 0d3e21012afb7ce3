"""Choose works from a list: for registering several at once, and for an album's royalties."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.library import Work

MOST = 32
LONGEST = 64


class ChooseWorksDialog(Dialog):
    """`chosen` gives a list of works, in the order of the list."""

    chosen = Signal(object)

    def __init__(
        self, title: str, subtitle: str, action: str, works: Sequence[Work], parent: QWidget
    ) -> None:
        self._t = texts("choose_works")
        super().__init__(parent, title, subtitle, width=sizes().dialog)
        self.boxes: dict[CheckBox, Work] = {}
        for work in works:
            shown = work.title if len(work.title) <= LONGEST else work.title[: LONGEST - 1] + "…"
            box = CheckBox(shown)
            box.toggled.connect(lambda _on: self._changed())
            self.boxes[box] = work
            self.body.addWidget(box)
        if not works:
            self.body.addWidget(label(self._t("none"), "muted", wrap=True))
        self.body.setSpacing(SPACE.hair)
        self.body.addStretch(1)
        self.scroll_content(sizes().list)
        self._count = label("", "caption", wrap=True)
        self.outer.insertLayout(self.outer.count() - 2, row(self._count))
        self.add_cancel()
        self.go = self.add_button(action, "primary")
        self.go.clicked.connect(self._go)
        self._changed()

    def _selected(self) -> list[Work]:
        return [work for box, work in self.boxes.items() if box.isChecked()]

    def _changed(self) -> None:
        count = len(self._selected())
        self.go.setEnabled(0 < count <= MOST)
        code = "too_many" if count > MOST else "count_one" if count == 1 else "count"
        self._count.setText(self._t(code, count=count, most=MOST))

    def _go(self) -> None:
        works = self._selected()
        self.accept()
        self.chosen.emit(works)
