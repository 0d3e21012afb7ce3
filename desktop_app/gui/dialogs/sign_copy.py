"""A copy with Content Credentials inside: under which name, with which rule for training machines."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, SecretEdit, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, Well, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.credentials import OwnCertificate, SigningProposal, Training
from desktop_app.services.library import Work
from desktop_app.services.registration import Registration
from desktop_app.services.wording import words

RULES = (Training.FORBIDDEN, Training.LICENSED, Training.ALLOWED)


class SignDialog(Dialog):
    """`signed` gives the path of the signed copy, or of the credentials beside the file."""

    signed = Signal(object)

    def __init__(
        self,
        session: Session,
        work: Work,
        record: Registration | None,
        proposal: SigningProposal,
        parent: QWidget,
    ) -> None:
        self._t = texts("sign_copy")
        way = "subtitle_inside" if proposal.embeds else "subtitle_beside"
        super().__init__(parent, self._t("title"), self._t(way), width=sizes().dialog_widest)
        self._proposal = proposal
        self._session = session
        self._work = work
        self._record = record
        self.who = Select([(self._t("self_made"), "self"), (self._t("own"), "own")])
        self._who_field = Field(self._t("certificate"), self.who, self._t("self_made_hint"))
        self.name = Field(self._t("name"), line_edit(text=proposal.name, limit=64), self._t("name_hint"))
        self.chain, self.key = line_edit(limit=4000), line_edit(limit=4000)
        self.passphrase = Field(self._t("passphrase"), SecretEdit(), self._t("passphrase_hint"))
        self._own = QWidget()
        own = column(self._file_row("chain", self.chain), self._file_row("key", self.key), gap=SPACE.medium)
        self._own.setLayout(own)
        self._own.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.rule = Select([(self._t(f"rule_{rule.name.lower()}"), rule) for rule in RULES])
        self.licence = Field(self._t("licence"), line_edit(limit=400), self._t("licence_hint"))
        self.with_record = CheckBox(self._t("with_record"))
        self.with_record.setVisible(record is not None)
        well = Well()
        well.body.addWidget(label(words("credentials.signing_reveals"), "caption", wrap=True))
        self._reveals_record = label(words("credentials.signing_reveals_record"), "caption", wrap=True)
        well.body.addWidget(self._reveals_record)
        rules = QWidget()
        rules.setLayout(beside := row(Field(self._t("rule"), self.rule), self.licence, gap=SPACE.medium))
        beside.setStretch(0, 1)
        beside.setStretch(1, 1)
        parts = (self._who_field, self.name, self._own, self.passphrase, rules, self.with_record, well)
        for part in parts:
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.add_cancel()
        self.make = self.add_button(self._t("sign"), "primary", "seal")
        self.make.clicked.connect(self._choose_place)
        self.who.currentIndexChanged.connect(lambda _index: self._chosen())
        self.rule.currentIndexChanged.connect(lambda _index: self._chosen())
        self.with_record.toggled.connect(lambda _on: self._chosen())
        self._chosen()

    def _file_row(self, name: str, edit: QLineEdit) -> QHBoxLayout:
        browse = Button(self._t("browse"), "quiet")
        browse.setAccessibleName(f"{self._t(name)}: {self._t('browse')}")
        browse.clicked.connect(lambda: self._take(edit))
        line = row(Field(self._t(name), edit), gap=SPACE.tight)
        line.addWidget(browse, 0, Qt.AlignmentFlag.AlignBottom)
        return line

    def _take(self, edit: QLineEdit) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._t("browse"))
        if name:
            edit.setText(name)

    @property
    def _rule(self) -> Training:
        return Training(str(self.rule.value()))  # Qt gives back a plain text

    def propose(self, rule: Training | None) -> None:
        """Begin with what was said of the work."""
        if rule is not None:
            self.rule.setCurrentIndex(RULES.index(rule))

    def _chosen(self) -> None:
        own = self.who.value() == "own"
        self._who_field.set_hint(self._t("own_hint" if own else "self_made_hint"))
        self.name.setVisible(not own)
        self._own.setVisible(own)
        self.passphrase.setVisible(own)
        self.licence.setVisible(self._rule is Training.LICENSED)
        self._reveals_record.setVisible(self.with_record.isChecked())
        self.fit()

    def _choose_place(self) -> None:
        if self.who.value() == "self" and not self.name.text():
            self.name.error(words("credentials.name", "next"))
            return
        if self._rule is Training.LICENSED and not self.licence.text():
            self.licence.error(words("credentials.licence_missing", "next"))
            return
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._t("sign"),
            str(self._proposal.path),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            self.write(Path(name))

    def write(self, path: Path) -> None:
        """Sign, and write to `path`."""
        credentials, work_id, signer = self._session.services.credentials, self._work.id, self.name.text()
        own = None
        if self.who.value() == "own":
            own = OwnCertificate(
                Path(self.chain.text().strip()), Path(self.key.text().strip()), self.passphrase.text()
            )
        rule, licence = self._rule, self.licence.text()
        record = self._record if self.with_record.isChecked() else None
        self.set_busy(True, self._t("signing"))

        def work(task: Task) -> Path:
            return credentials.sign(
                work_id, path, signer, training=rule, licence=licence, with_registration=record, own=own,
                task=task,
            )  # fmt: skip

        self._session.jobs.run(self, work, self._done, self.show_error)

    def _done(self, path: Path) -> None:
        self.accept()
        self.signed.emit(path)
