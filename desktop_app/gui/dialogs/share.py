"""Save a certificate in a form to hand on: a web page that checks itself, or a PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.drop_zone import file_pattern
from desktop_app.gui.widgets.fields import Field, Select, line_edit

FORMS = {"page": "html", "pdf": "pdf"}


class ShareDialog(Dialog):
    """`saved` gives the path of the new file."""

    saved = Signal(object)

    def __init__(self, session: Session, certificate: Path, parent: QWidget) -> None:
        self._t = texts("share")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        self._session = session
        self._certificate = certificate
        self.form = Select([(self._t(form), form) for form in FORMS])
        self._form_field = Field(self._t("form"), self.form, " ")
        self.title = Field(self._t("work_title"), line_edit(limit=200), self._t("work_title_hint"))
        for part in (self._form_field, self.title):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.add_cancel()
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._choose_place)
        self.form.currentIndexChanged.connect(lambda _index: self._chosen())
        self._chosen()

    def _chosen(self) -> None:
        self._form_field.set_hint(self._t(f"{self.form.value()}_hint"))
        self.fit()

    def _choose_place(self) -> None:
        form = str(self.form.value())
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._t("save"),
            str(self._certificate.with_suffix(f".{FORMS[form]}")),
            file_pattern(self._t(form), FORMS[form]),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            self._write(form, Path(name))

    def _write(self, form: str, path: Path) -> None:
        ownership = self._session.services.ownership
        write = ownership.write_page if form == "page" else ownership.write_pdf
        certificate, title = self._certificate, self.title.text()
        self.set_busy(True, self._t("saving"))

        def work(_task: Task) -> Path:
            write(certificate, path, title)
            return path

        self._session.jobs.run(self, work, self._done, self.show_error)

    def _done(self, path: Path) -> None:
        self.accept()
        self.saved.emit(path)
