"""The private data sets of this user: those to train on are ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.toggles import CheckBox, explained

if TYPE_CHECKING:
    from desktop_app.services.data_sets import PrivateDataSet

FEW = 1


class DataSetList(Card):
    def __init__(self) -> None:
        self._t = texts("training_data")
        super().__init__(self._t("title"), self._t("text"))
        self._list = column(gap=SPACE.small)
        self.body.addLayout(self._list)
        self.boxes: dict[str, CheckBox] = {}
        self.hide()

    @property
    def chosen(self) -> list[str]:
        """The ids of those that are ticked."""
        return [number for number, box in self.boxes.items() if box.isChecked()]

    def show_all(self, found: Sequence[PrivateDataSet], added: str = "") -> None:
        """List these; what was ticked stays so, and a data set just `added` is ticked."""
        chosen = {*self.chosen, added}
        clear(self._list)
        self.boxes = {}
        for each in found:
            box = CheckBox(each.title)
            box.setChecked(each.id in chosen)
            self.boxes[each.id] = box
            about = self._t(
                "about", rows=grouped(each.header.rows), columns=each.header.features,
                label=each.schema.label,
            )  # fmt: skip
            left = each.proofs_left()
            chip = Chip(self._t("left_one" if left == 1 else "left", count=left))
            if left <= FEW:
                chip.set(chip.text(), "warn" if left else "danger")
            line = row(gap=SPACE.medium)
            line.addLayout(explained(box, about), 1)
            line.addWidget(chip)
            self._list.addLayout(line)
        self.setVisible(bool(found))
