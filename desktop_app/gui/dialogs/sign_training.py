"""The terms of a training that somebody asks to be signed, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import Radio

if TYPE_CHECKING:
    from desktop_app.services.training_consents import Terms


class SignTrainingDialog(Dialog):
    """`agreed` says whether to sign as who trains (else as an owner of data)."""

    agreed = Signal(bool)

    def __init__(self, terms: Terms, parent: QWidget) -> None:
        self._t = texts("sign_training")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        facts = Facts()
        facts.text(self._t("run"), terms.run)
        facts.text(self._t("steps"), grouped(terms.recipe.steps))
        for header in terms.data:
            size = self._t("size", rows=grouped(header.rows), columns=header.features)
            facts.text(self._t("data"), size)
            facts.hash(self._t("identity"), header.identity())
        facts.text(self._t("licence"), terms.licence or self._t("none"))
        facts.text(self._t("parties"), ", ".join(terms.parties) or self._t("none"))
        self.owner = Radio(self._t("as_owner"))
        self.owner.setChecked(True)
        self.trainer = Radio(self._t("as_trainer"))
        group = QButtonGroup(self)
        for choice in (self.owner, self.trainer):
            group.addButton(choice)
        self.body.addWidget(facts)
        self.body.addLayout(column(self.owner, self.trainer, gap=SPACE.hair))
        self.body.addWidget(label(self._t("means"), "caption", wrap=True))
        self.body.addStretch(1)
        self.add_cancel()
        self.next = self.add_button(self._t("next"), "primary")
        self.next.clicked.connect(self._next)

    def _next(self) -> None:
        self.accept()
        self.agreed.emit(self.trainer.isChecked())
