"""Before each signature: what happens, to whom, how much, on which network, and the most that it can cost."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import Well
from desktop_app.gui.widgets.text import AmountLabel, amount_text
from desktop_app.services.actions import Review
from desktop_app.services.wording import words


class ReviewDialog(Dialog):
    """`approved` fires once, when the user agrees."""

    approved = Signal()

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        t = texts("review")
        super().__init__(parent, t("title"), words(review.action, **review.params), width=640)
        self.review = review
        self.subtitle.setProperty("role", "lead")
        facts = Facts(name_width=116)  # leaves room for a whole address
        if review.amount is not None:
            facts.widget(t("amount"), AmountLabel(review.amount, "section"))
        if review.recipient:
            facts.hash(t("to"), review.recipient)
        facts.hash(t("from"), review.sender)
        facts.text(t("network"), review.network_name)
        facts.text(t("fee"), t("at_most", amount=amount_text(review.fee_worst_case, round_up=True)))
        if review.transactions > 1:
            facts.text(t("transactions"), t("transactions_text", count=review.transactions))
        well = Well()
        well.body.addWidget(facts)
        self.body.addWidget(well)
        note = InlineMessage("practice" if review.is_practice else "warn")
        if review.is_practice:
            note.show_text(t("practice_title"), t("practice_text"))
        else:
            note.show_text(t("real_title", network=review.network_name), t("real_text"))
        self.body.addWidget(note)
        self.add_cancel()
        self.agree = self.add_button(t("approve"), "primary", "check")
        self.agree.clicked.connect(self._approve)
        self.agree.setFocus()

    def _approve(self) -> None:
        self.agree.setEnabled(False)
        self.accept()
        self.approved.emit()
