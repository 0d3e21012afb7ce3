"""Ask someone else to date a sealed record; what they learn is said before anybody is asked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.gui.dialogs.confirm_witness import server_of
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import Well
from desktop_app.gui.widgets.text import label
from desktop_app.services.library import Work
from desktop_app.services.witnesses import SUGGESTED_AUTHORITY, SUGGESTED_CALENDAR, WitnessView
from desktop_app.services.wording import words

SUGGESTED = {"calendar": SUGGESTED_CALENDAR, "authority": SUGGESTED_AUTHORITY}


class WitnessDialog(Dialog):
    """`witnessed` gives the WitnessView."""

    witnessed = Signal(object)

    def __init__(self, session: Session, work: Work, parent: QWidget) -> None:
        self._t = texts("witness")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        self._session = session
        self._work = work
        self.kind = Select([(self._t(kind), kind) for kind in SUGGESTED])
        self._kind_field = Field(self._t("kind"), self.kind, " ")
        self._address = line_edit(limit=500)
        self.address = Field(self._t("address"), self._address)
        self._learns = label("", "", wrap=True)
        well = Well()
        well.body.addWidget(label(self._t("learns"), "eyebrow"))
        well.body.addWidget(self._learns)
        for part in (self._kind_field, self.address, well):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.add_cancel()
        self.ask = self.add_button(self._t("ask"), "primary", "send")
        self.ask.clicked.connect(self._ask)
        self.kind.currentIndexChanged.connect(lambda _index: self._chosen())
        self._address.textChanged.connect(lambda _text: self._tell())
        self._chosen()

    @property
    def address_edit(self) -> QLineEdit:
        return self._address

    def _chosen(self) -> None:
        kind = str(self.kind.value())
        self._kind_field.set_hint(self._t(f"{kind}_hint"))
        self._address.setText(SUGGESTED[kind])
        self._tell()

    def _tell(self) -> None:
        server = server_of(self._address.text())
        if self.kind.value() == "calendar":
            self._learns.setText(words("witness.calendar_learns", server=server))
        else:
            self._learns.setText(words("witness.authority_learns", server=server))
        self.fit()

    def _ask(self) -> None:
        witnesses, work_id, address = self._session.services.witnesses, self._work.id, self.address.text()
        call = witnesses.ask_calendar if self.kind.value() == "calendar" else witnesses.ask_authority
        self.set_busy(True, self._t("asking"))
        self._session.jobs.run(self, lambda task: call(work_id, address, task), self._done, self.show_error)

    def _done(self, view: WitnessView) -> None:
        self.accept()
        self.witnessed.emit(view)
