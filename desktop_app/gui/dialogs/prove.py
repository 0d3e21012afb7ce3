"""Make an ownership certificate for one audience, offline."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.services.library import Work
from desktop_app.services.ownership import CertificateFile

DAYS = (7, 30, 365)


class ProveDialog(Dialog):
    """`made` gives the CertificateFile."""

    made = Signal(object)

    def __init__(self, session: Session, work: Work, parent: QWidget) -> None:
        self._t = texts("prove")
        super().__init__(parent, self._t("title"), self._t("subtitle", title=work.title))
        self._session = session
        self._work = work
        self.audience = Field(self._t("audience"), line_edit(limit=200), self._t("audience_hint"))
        self.challenge = Field(self._t("challenge"), line_edit(limit=200), self._t("challenge_hint"))
        self.days = Select([(self._t(f"days_{days}"), days) for days in DAYS])
        self.days.setCurrentIndex(1)
        for part in (self.audience, self.challenge, Field(self._t("days"), self.days)):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.add_cancel()
        self.make = self.add_button(self._t("make"), "primary", "seal")
        self.make.clicked.connect(self._make)
        self.audience.control.setFocus()

    def _make(self) -> None:
        audience, challenge, days = self.audience.text(), self.challenge.text(), self.days.value()
        if not audience:
            self.audience.error(self._t("missing_audience"))
            return
        assert isinstance(days, int)
        self.set_busy(True, self._t("making"))
        ownership, work_id = self._session.services.ownership, self._work.id
        self._session.jobs.run(
            self,
            lambda task: ownership.prove(work_id, audience, challenge, days, task=task),
            self._done,
            self.show_error,
        )

    def _done(self, made: CertificateFile) -> None:
        self.accept()
        self.made.emit(made)
