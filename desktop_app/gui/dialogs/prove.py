"""Make an ownership certificate: for whom, what they may learn and what stays hidden, for how long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, clear, column, row
from desktop_app.gui.widgets.text import bullet, label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.disclosures import (
    KINDS,
    Disclosure,
    Knowledge,
    OneOfMany,
    Passage,
    SameWork,
    WholeFile,
    byte_range,
    preview,
    time_range,
    title,
)
from desktop_app.services.library import Work
from desktop_app.services.ownership import CertificateFile
from desktop_app.services.wording import words

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
        self.kind = Select([(title(kind), kind) for kind in KINDS if kind != SameWork.kind])
        self.days = Select([(self._t(f"days_{days}"), days) for days in DAYS])
        self.days.setCurrentIndex(1)
        self.part = Field(self._t("part"), line_edit(limit=2000), " ")
        self.part_by = Select([(self._t(f"by_{by}"), by) for by in _ways(work)])
        self.purpose = Field(self._t("purpose"), line_edit(limit=200), self._t("purpose_hint"))
        self.before = Field(self._t("before"), line_edit(limit=15), self._t("before_hint"))
        self.other = Select()
        self.sign = CheckBox(self._t("sign"))
        by = Field(self._t("part_by"), self.part_by)
        self._part_row = QWidget()
        self._part_row.setLayout(row(self.part, by, gap=SPACE.medium))
        self._other_field = Field(self._t("other_network"), self.other)
        self._shows, self._hides = column(gap=SPACE.hair), column(gap=SPACE.hair)
        for part in (self.audience, self.challenge):
            self.body.addWidget(part)
        choice = row(Field(self._t("what"), self.kind), Field(self._t("days"), self.days), gap=SPACE.medium)
        choice.setStretch(0, 2)
        choice.setStretch(1, 1)
        self.body.addLayout(choice)
        self.body.addWidget(self._part_row)
        crowd = row(self.purpose, self.before, gap=SPACE.medium)
        crowd.setStretch(0, 2)
        crowd.setStretch(1, 1)
        self.body.addLayout(crowd)
        self.body.addWidget(self._other_field)
        self.body.addLayout(self._two_sides())
        self.body.addWidget(self.sign)
        self.body.addStretch(1)
        self.add_cancel()
        self.make = self.add_button(self._t("make"), "primary", "seal")
        self.make.clicked.connect(self._make)
        self.kind.currentIndexChanged.connect(lambda _index: self._chosen())
        self.part_by.currentIndexChanged.connect(lambda _index: self._chosen())
        self._chosen()
        self.audience.control.setFocus()
        self.fit()
        registration = session.services.registration
        session.jobs.run(self, lambda task: registration.elsewhere(work.id), self._offer_same_work)

    def _offer_same_work(self, others: dict[str, str]) -> None:
        """The work has records on other networks too: {key: name}."""
        if others:
            self.other.set_choices([(name, key) for key, name in others.items()])
            self.kind.addItem(title(SameWork.kind), SameWork.kind)

    def _two_sides(self) -> QHBoxLayout:
        sides = row(gap=SPACE.large)
        for heading, sentences in (("shows", self._shows), ("hides", self._hides)):
            sides.addLayout(column(label(self._t(heading), "strong"), sentences, None), 1)
        return sides

    def _chosen(self) -> None:
        """Show what this choice needs and what it means."""
        kind = str(self.kind.value())
        self._part_row.setVisible(kind == Passage.kind)
        for part in (self.purpose, self.before):
            part.setVisible(kind == OneOfMany.kind)
        self._other_field.setVisible(kind == SameWork.kind)
        self.sign.setVisible(kind != OneOfMany.kind)
        self.part.set_hint(self._t(f"part_hint_{self.part_by.value()}"))
        told = preview(kind)
        for side, sentences in ((self._shows, told.shows), (self._hides, told.hides)):
            clear(side)
            for sentence in sentences:
                side.addLayout(bullet(sentence))
        self.fit()

    def _make(self) -> None:
        audience, challenge, days = self.audience.text(), self.challenge.text(), self.days.value()
        if not audience:
            self._refuse(self.audience, words("ownership.audience_missing", "next"))
            return
        if self.kind.value() == OneOfMany.kind and not self.purpose.text():
            self._refuse(self.purpose, words("ownership.scope_missing", "next"))
            return
        before = self.before.text() if self.kind.value() == OneOfMany.kind else ""
        if before and block_of(before) is None:
            self._refuse(self.before, self._t("before_wrong"))
            return
        assert isinstance(days, int)
        choose = self._disclosure()
        sign = self.sign.isChecked() and self.kind.value() != OneOfMany.kind
        self.set_busy(True, self._t("making"))
        ownership, work_id = self._session.services.ownership, self._work.id

        def work(task: Task) -> CertificateFile:
            return ownership.prove(
                work_id, audience, challenge, days, task=task, disclosure=choose(), sign=sign
            )

        self._session.jobs.run(self, work, self._done, self.show_error)

    def _refuse(self, field: Field, reason: str) -> None:
        field.error(reason)
        self.fit()

    def _disclosure(self) -> Callable[[], Disclosure]:
        """What was chosen, read now; looking into the file waits for the job."""
        kind, text, by = self.kind.value(), self.part.text(), self.part_by.value()
        purpose, other = self.purpose.text(), str(self.other.value() or "")
        before = block_of(self.before.text())
        ownership, work_id = self._session.services.ownership, self._work.id

        def choose() -> Disclosure:
            if kind == WholeFile.kind:
                return WholeFile()
            if kind == SameWork.kind:
                return SameWork(other)
            if kind == OneOfMany.kind:
                return OneOfMany(purpose, before)
            if kind == Passage.kind:
                if by == "time":
                    return ownership.find_time(work_id, *time_range(text))
                return ownership.find_text(work_id, text) if by == "text" else Passage(*byte_range(text))
            return Knowledge()

        return choose

    def _done(self, made: CertificateFile) -> None:
        self.accept()
        self.made.emit(made)


def block_of(text: str) -> int | None:
    """The number of a block; None where there is none."""
    digits = text.replace(",", "").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() else None


def _ways(work: Work) -> list[str]:
    """How a part of this kind of file can be named."""
    if work.media_type.startswith(("audio/", "video/")):
        return ["time", "bytes"]
    return ["text", "bytes"] if work.media_type.startswith("text/") else ["bytes"]
