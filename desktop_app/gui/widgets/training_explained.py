"""What somebody who checks a training proof learns, what stays hidden, and what no proof says."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
from desktop_app.gui.widgets.text import Glyph, label

PARTS = (
    ("learns", "success", "success", ("result", "sizes", "recipe", "test", "chance")),
    ("hidden", "lock", "accent", ("rows", "weights", "answers")),
    ("unsaid", "warn", "warn", ("truth", "owner", "leak", "choice", "many")),
    ("budget", "info", "info", ("why", "count", "again")),
)


class TrainingExplained(QWidget):
    """Built when it is first shown: most who open the page come for something else."""

    def __init__(self) -> None:
        super().__init__()
        self._column = column(gap=SPACE.medium)
        self.setLayout(self._column)

    def showEvent(self, event: QShowEvent) -> None:
        if not self._column.count():
            in_turns(self, self._build())
        super().showEvent(event)

    def _build(self) -> Iterator[None]:
        t = texts("training_explained")
        for part, icon, tone, names in PARTS:
            card = Card(t(part), t(f"{part}_text"))
            for name in names:
                line = row(gap=SPACE.small)
                line.addWidget(Glyph(icon, sizes().icon, tone), 0, Qt.AlignmentFlag.AlignTop)
                line.addWidget(label(t(f"{part}_{name}"), "", wrap=True), 1)
                card.body.addLayout(line)
            card.body.addStretch(1)
            self._column.addWidget(card)
            yield
