"""One transaction that was sent: what it was, how it stands, and help when it is stuck."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop_app.core.amounts import amount_text
from desktop_app.core.localised import grouped
from desktop_app.gui.formatting import local_time, shortened
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, row
from desktop_app.gui.widgets.text import label, tooltip
from desktop_app.services.transactions import Transaction, TransactionState

_TONES = {
    TransactionState.WAITING: "accent",
    TransactionState.STUCK: "warn",
    TransactionState.CANCELLING: "warn",
    TransactionState.DONE: "accent",
    TransactionState.FINAL: "success",
    TransactionState.REVERTED: "danger",
    TransactionState.REFUSED: "danger",
    TransactionState.CANCELLED: "neutral",
    TransactionState.REPLACED: "neutral",
}


class TransactionRow(Card):
    speed_up = Signal()
    cancel = Signal()
    receipt = Signal()

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(margin=SPACE.inset)
        self._t = texts("transactions")
        self.transaction = transaction
        one = transaction
        self.setAccessibleName(one.text)
        self.body.setSpacing(SPACE.tight)
        chip = Chip(self._t(one.state.value), _TONES[one.state])
        chip.setToolTip(one.state_text)
        facts = [local_time(one.created_at), one.network_name]
        if one.recipient_name:
            facts.append(self._t("to", name=one.recipient_name))
        if one.fee is not None:
            facts.append(self._t("fee", amount=amount_text(one.fee, round_up=True)))
        if one.versions > 1:
            facts.append(self._t("versions", count=one.versions))
        self.more = Button(self._t("details"), "quiet")
        self.more.setCheckable(True)
        self.more.setAccessibleName(f"{self.more.text()}: {one.text}")
        head = row(gap=SPACE.small)
        title = label(shortened(one.text), "strong", wrap=True)
        title.setToolTip(tooltip(one.text))
        head.addWidget(title, 1)
        head.addWidget(chip)
        self.body.addLayout(head)
        line = row(gap=SPACE.small)
        line.addWidget(label(" · ".join(facts), "caption", wrap=True), 1)
        self.paper = Button(self._t("receipt"), "quiet")
        self.paper.setAccessibleName(f"{self.paper.text()}: {one.text}")
        self.paper.clicked.connect(self.receipt)
        self.paper.setVisible(one.has_receipt)
        line.addWidget(self.paper)
        line.addWidget(self.more)
        self.body.addLayout(line)
        self.faster = Button(self._t("speed_up"), icon="refresh")
        self.stop = Button(self._t("cancel"), icon="close")
        if one.is_waiting:
            self.faster.setAccessibleName(f"{self.faster.text()}: {one.text}")
            self.stop.setAccessibleName(f"{self.stop.text()}: {one.text}")
            self.faster.clicked.connect(self.speed_up)
            self.stop.clicked.connect(self.cancel)
            self.body.addWidget(label(one.state_text, "muted", wrap=True))
            self.body.addLayout(row(self.faster, self.stop, None))
        else:
            self.faster.deleteLater()
            self.stop.deleteLater()
        self._facts = Facts()
        self._facts.hide()
        self.more.toggled.connect(self._show_details)

    def _show_details(self, shown: bool) -> None:
        one, facts = self.transaction, self._facts
        if shown and self.body.indexOf(facts) < 0:
            facts.text(self._t("state"), one.state_text)
            facts.hash(self._t("recipient"), one.recipient)
            facts.hash(self._t("sender"), one.sender)
            facts.hash(self._t("hash"), one.tx_hash)
            facts.text(self._t("number"), str(one.nonce))
            if one.block_number is not None:
                facts.text(self._t("block"), grouped(one.block_number))
            if one.explorer_url:
                facts.hash(self._t("explorer"), one.explorer_url)
            self.body.addWidget(facts)
        facts.setVisible(shown)
