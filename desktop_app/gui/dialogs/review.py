"""Before each signature: what happens, to whom, how much, on which network, and the most that it can cost.

The words are those of `services.approval`, the same as on the command line.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import Well, column
from desktop_app.gui.widgets.text import ElidedLabel, HashLabel
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.actions import Review, Weight
from desktop_app.services.approval import ReviewLine, describe

_TONES = {Weight.NOTE: "info", Weight.CAUTION: "warn", Weight.DANGER: "danger"}
SCROLL_ABOVE = 3
"""More warnings than this, and they scroll while the buttons stay in view."""


class ReviewDialog(Dialog):
    """`approved` fires once, when the user agrees. A danger has to be accepted on purpose first."""

    approved = Signal()

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        t = texts("review")
        told = describe(review)
        super().__init__(parent, t("title"), told.headline, width=sizes().dialog_wide)
        self.review = review
        self.subtitle.setProperty("role", "lead")
        self.warnings: list[InlineMessage] = []
        facts = Facts(name_width=sizes().name)  # leaves room for a whole address
        for place, line in enumerate(told.lines):
            _add(facts, line, "section" if place == 0 and review.amount is not None else "")
        well = Well()
        well.body.addWidget(facts)
        self.body.addWidget(well)
        for warning in told.warnings:
            note = InlineMessage(_TONES[warning.weight])
            note.show_text(warning.title, warning.text)
            self.warnings.append(note)
            self.body.addWidget(note)
        self.money = InlineMessage("practice" if review.is_practice else _TONES[told.money.weight])
        self.money.show_text(told.money.title, told.money.text)
        self.body.addWidget(self.money)
        self.accept_risk = CheckBox(t("accept_risk"))
        self.accept_risk.setVisible(review.is_dangerous)
        self.body.addWidget(self.accept_risk)
        if len(told.warnings) > SCROLL_ABOVE:
            self.scroll_content(sizes().list)
        cancel = self.add_cancel()
        kind = "danger" if review.is_dangerous else "primary"
        self.agree = self.add_button(t("approve"), kind, "check")
        self.agree.clicked.connect(self._approve)
        if review.is_dangerous:
            self.agree.setEnabled(False)
            self.agree.setDefault(False)
            cancel.setDefault(True)
            self.accept_risk.toggled.connect(self.agree.setEnabled)
            cancel.setFocus()
        else:
            self.agree.setFocus()

    def _approve(self) -> None:
        self.agree.setEnabled(False)
        self.accept()
        self.approved.emit()


def _add(facts: Facts, line: ReviewLine, role: str) -> None:
    if not line.address:
        facts.text(line.label, line.text, role)
        return
    address = HashLabel(line.address, line.label)
    if not line.name:
        facts.widget(line.label, address)
        return
    both = QWidget()
    both.setLayout(column(ElidedLabel(line.name, "strong"), address, gap=0))
    facts.widget(line.label, both)
