"""What a training proof that holds tells, and what it does not; answers can be compared with more."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.surfaces import Card, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.training import Checked

DIGEST = 64


class TrainingVerdictCard(Card):
    """`compare_table` and `compare_training`: the user wants answers compared with a file of theirs."""

    compare_table = Signal()
    compare_training = Signal()

    def __init__(self, checked: Checked) -> None:
        t = texts("training_proof")
        super().__init__(t("claims"))
        facts = Facts()
        for name, value in checked.facts:
            if len(value) == DIGEST and value.isalnum():
                facts.hash(name, value)
            else:
                facts.text(name, value)
        self.body.addWidget(facts)
        if checked.answers:
            self.table = Button(t("compare_table"), "secondary", "data")
            self.table.clicked.connect(self.compare_table)
            self.training = Button(t("compare_training"), "secondary", "seal")
            self.training.clicked.connect(self.compare_training)
            self.body.addLayout(row(self.table, self.training, None))
        self.body.addWidget(label(checked.does_not_say, "caption", wrap=True))
