"""Check a timestamp against a block of Bitcoin; what the server learns is said before it is asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import Well
from desktop_app.gui.widgets.text import label
from desktop_app.services.witnesses import SUGGESTED_BLOCKS
from desktop_app.services.wording import words


class ConfirmWitnessDialog(Dialog):
    """`confirmed` fires when the block holds the timestamp."""

    confirmed = Signal()

    def __init__(self, session: Session, witness_id: str, parent: QWidget) -> None:
        self._t = texts("witness")
        super().__init__(parent, self._t("confirm_title"), self._t("confirm_subtitle"))
        self._session = session
        self._witness_id = witness_id
        self.edit = line_edit(text=SUGGESTED_BLOCKS, limit=500)
        self._learns = label("", "", wrap=True)
        well = Well()
        well.body.addWidget(label(self._t("learns"), "eyebrow"))
        well.body.addWidget(self._learns)
        for part in (Field(self._t("address"), self.edit), well):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.add_cancel()
        self.ask = self.add_button(self._t("confirm"), "primary", "verify")
        self.ask.clicked.connect(self._ask)
        self.edit.textChanged.connect(lambda _text: self._tell())
        self._tell()

    def _tell(self) -> None:
        self._learns.setText(words("witness.blocks_learns", server=server_of(self.edit.text())))
        self.fit()

    def _ask(self) -> None:
        witnesses, witness_id, blocks = self._session.services.witnesses, self._witness_id, self.edit.text()
        self.set_busy(True, self._t("asking"))
        self._session.jobs.run(
            self,
            lambda task: witnesses.confirm(witness_id, blocks=blocks, task=task),
            self._done,
            self.show_error,
        )

    def _done(self, _view: object) -> None:
        self.accept()
        self.confirmed.emit()


def server_of(address: str) -> str:
    """The part of an address that names the server, as far as it can be told yet."""
    text = address.strip()
    try:
        return urlsplit(text).hostname or text or "…"
    except ValueError:
        return text
