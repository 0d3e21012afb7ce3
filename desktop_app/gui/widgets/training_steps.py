"""How it goes, before there is anything: commit, train, prove."""

from __future__ import annotations

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
from desktop_app.gui.widgets.text import Glyph, label

STEPS = (("commit", "lock"), ("train", "data"), ("prove", "seal"))


class TrainingSteps(Card):
    def __init__(self) -> None:
        t = texts("training_steps")
        super().__init__(t("title"))
        parts = []
        for name, icon in STEPS:
            head = row(Glyph(icon, sizes().icon, "accent"), label(t(name), "strong"), None, gap=SPACE.tight)
            parts.append(column(head, label(t(f"{name}_text"), "muted", wrap=True), None))
        line = row(gap=SPACE.large)
        for part in parts:
            line.addLayout(part, 1)
        self.body.addLayout(line)
        self.body.addWidget(label(t("more"), "caption", wrap=True))
