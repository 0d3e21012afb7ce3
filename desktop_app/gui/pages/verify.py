"""Check a certificate: each verdict apart, in plain words. And ask for one, with a challenge."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.share import ShareDialog
from desktop_app.gui.formatting import readable_time
from desktop_app.gui.origin_actions import OriginActions
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.challenge_card import ChallengeCard
from desktop_app.gui.widgets.drop_zone import DropZone, file_pattern
from desktop_app.gui.widgets.excerpt_card import ExcerptCard
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.flow import Abreast
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.states import Chip, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, row
from desktop_app.gui.widgets.text import Glyph, label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.gui.widgets.training_verdict import TrainingVerdictCard
from desktop_app.services.challenges import Challenge
from desktop_app.services.ownership import Verdict, VerdictState, VerificationReport
from desktop_app.services.training import Checked

ABREAST = 3
_LOOK = {
    VerdictState.YES: ("success", "success", "yes"),
    VerdictState.NO: ("danger", "danger", "no"),
    VerdictState.UNKNOWN: ("open", "muted", "unknown"),
}


class VerdictCard(Card):
    """One of the three answers."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(margin=SPACE.inset)
        t = texts("verify")
        icon, tone, word = _LOOK[verdict.state]
        chip = Chip(t(word), "neutral" if tone == "muted" else tone)
        name = label(t(verdict.name), "eyebrow")
        self.body.addLayout(row(Glyph(icon, sizes().icon, tone), name, None, chip))
        self.body.addWidget(label(verdict.title, "section", wrap=True))
        self.body.addWidget(label(verdict.reason, "", wrap=True))
        if verdict.next_step and verdict.state is not VerdictState.YES:
            self.body.addWidget(label(verdict.next_step, "muted", wrap=True))
        self.body.addStretch(1)
        self.setAccessibleName(f"{t(verdict.name)}: {verdict.title}. {verdict.reason}")


class VerifyPage(Page):
    chapter = "certificates#checking"
    reads = False

    def __init__(self, session: Session) -> None:
        self._t = texts("verify")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._path: Path | None = None
        self._file: Path | None = None
        self._trained: Path | None = None
        self._inputs: Path | None = None
        self.drop = DropZone(
            self._t("drop_title"),
            self._t("drop_text"),
            self._t("choose"),
            icon="verify",
            pattern=file_pattern(self._t("pattern"), "colophon", "html", "pdf"),
            many=False,
        )
        self.drop.files.connect(lambda paths: self.check(paths[0]))
        self._result = QWidget()
        self._result_layout = QVBoxLayout(self._result)
        self._result_layout.setContentsMargins(0, 0, 0, 0)
        self._result_layout.setSpacing(SPACE.medium)
        self._result.hide()
        self.challenge = Field(self._t("challenge"), line_edit(limit=500), self._t("challenge_hint"))
        self.audience = Field(self._t("audience"), line_edit(limit=500), self._t("audience_hint"))
        self.purpose = Field(self._t("purpose"), line_edit(limit=500), self._t("purpose_hint"))
        self.online = CheckBox(self._t("online"))
        self.online.setChecked(True)
        self.node = Field(self._t("node"), line_edit("https://", limit=500), self._t("node_hint"))
        self.online.toggled.connect(self.node.setEnabled)
        self._again = Button(self._t("again"), icon="refresh")
        self._again.setEnabled(False)
        self._again.clicked.connect(self._repeat)
        expect = Card(self._t("expect_heading"))
        expect.body.addLayout(Abreast(self.challenge, self.audience))
        expect.body.addLayout(Abreast(self.purpose, self.node))
        expect.body.addLayout(row(self.online, None, self._again))
        self.challenges = ChallengeCard()
        self.challenges.wanted.connect(self._give_out)
        self.origin = OriginActions(session, self)
        for part in (self.drop, self._result, expect, self.challenges, self.origin.card):
            self.body.addWidget(part)
        self.body.addStretch(1)

    def shown(self) -> None:
        challenges = self._session.services.challenges
        self._session.jobs.run(self, lambda _task: challenges.all(), self._show_given, self.could_not_read)

    def _show_given(self, given: tuple[Challenge, ...]) -> None:
        self.challenges.show_given(given)
        self.have_read()

    def check(
        self,
        path: Path,
        file: Path | None = None,
        *,
        trained: Path | None = None,
        inputs: Path | None = None,
    ) -> None:
        """Verify this certificate, compare it with `file` where it is about one, and show the verdicts.

        Answers of a hidden model are compared with the proof of its training, `trained`, and with the table
        that was asked about, `inputs`.
        """
        self._path, self._file, self._trained, self._inputs = path, file, trained, inputs
        self.notice.hide()
        challenge, audience, purpose = self.challenge.text(), self.audience.text(), self.purpose.text()
        online = self.online.isChecked()
        node = self.node.text() if online else ""
        ownership, training = self._session.services.ownership, self._session.services.training

        def look(task: Task) -> VerificationReport | Checked:
            if training.is_proof(path):
                return training.check(path, challenge, task, trained=trained, inputs=inputs)
            return ownership.verify(
                path, challenge, audience, online=online, task=task, file=file, node=node, purpose=purpose
            )

        def show(report: VerificationReport | Checked) -> None:
            if isinstance(report, VerificationReport):
                self._show(path, report)
            else:
                self._show_training(path, report)

        self._session.jobs.run(
            self,
            look,
            show,
            self._failed,
            title=self._t("checking", name=path.name),
        )

    def _repeat(self) -> None:
        if self._path is not None:
            self.check(self._path, self._file, trained=self._trained, inputs=self._inputs)

    def _failed(self, error: BaseException) -> None:
        self._result.hide()
        self.show_error(error)

    def _show(self, path: Path, report: VerificationReport) -> None:
        clear(self._result_layout)
        self.drop.set_compact(True)
        summary = InlineMessage("success" if report.valid else "danger")
        words = ("valid_title", "valid_text") if report.valid else ("not_valid_title", "not_valid_text")
        summary.show_text(self._t(words[0]), self._t(words[1], name=path.name))
        self._result_layout.addWidget(summary)
        if report.practice:
            practice = InlineMessage("practice")
            practice.show_text(self._t("practice_title"), self._t("practice_text"))
            self._result_layout.addWidget(practice)
        verdicts = QGridLayout()
        verdicts.setSpacing(SPACE.medium)
        for place, verdict in enumerate(report.verdicts):
            verdicts.addWidget(VerdictCard(verdict), place // ABREAST, place % ABREAST)
            verdicts.setColumnStretch(place % ABREAST, 1)
        self._result_layout.addLayout(verdicts)
        if report.kind == "file" and report.verdicts[0].state is VerdictState.YES:
            self._result_layout.addWidget(self._file_drop(path))
        if report.excerpt:
            excerpt = ExcerptCard(report.excerpt)
            excerpt.wanted.connect(lambda: self._save_excerpt(report))
            self._result_layout.addWidget(excerpt)
        claims = Card(self._t("claims"))
        share = Button(self._t("share"), "quiet")
        share.clicked.connect(lambda: self._share(path))
        claims.side.addWidget(share)
        facts = Facts()
        for name, value in report.facts:
            if value.startswith("0x"):
                facts.hash(name, value)
            else:
                facts.text(name, readable_time(value))
        claims.body.addWidget(facts)
        claims.body.addWidget(label(report.does_not_say, "caption", wrap=True))
        self._result_layout.addWidget(claims)
        self._result.show()
        self._again.setEnabled(True)
        self.verticalScrollBar().setValue(0)
        summary.setFocus(Qt.FocusReason.OtherFocusReason)
        self.shown()

    def _show_training(self, path: Path, checked: Checked) -> None:
        clear(self._result_layout)
        self.drop.set_compact(True)
        summary = InlineMessage("success")
        text = [self._t("training_text", name=path.name)]
        text += [self._t("compared_table", name=self._inputs.name)] if self._inputs else []
        text += [self._t("compared_training", name=self._trained.name)] if self._trained else []
        summary.show_text(self._t("answers_title" if checked.answers else "training_title"), " ".join(text))
        card = TrainingVerdictCard(checked)
        card.compare_table.connect(self._compare_table)
        card.compare_training.connect(self._compare_training)
        self._result_layout.addWidget(summary)
        self._result_layout.addWidget(card)
        self._result.show()
        self._again.setEnabled(True)
        self.verticalScrollBar().setValue(0)
        summary.setFocus(Qt.FocusReason.OtherFocusReason)

    def _compare_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._t("choose_table"))
        if name and self._path is not None:
            self.check(self._path, trained=self._trained, inputs=Path(name))

    def _compare_training(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._t("choose_training"))
        if name and self._path is not None:
            self.check(self._path, trained=Path(name), inputs=self._inputs)

    def _file_drop(self, certificate: Path) -> DropZone:
        drop = DropZone(
            self._t("file_title"), self._t("file_text"), self._t("file_choose"), icon="file", many=False
        )
        drop.set_compact(True)
        drop.files.connect(lambda paths: self.check(certificate, paths[0]))
        return drop

    def _save_excerpt(self, report: VerificationReport) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self._t("excerpt_save"), "", options=QFileDialog.Option.DontConfirmOverwrite
        )
        if not name:
            return
        ownership, path = self._session.services.ownership, Path(name)
        self._session.jobs.run(
            self,
            lambda _task: ownership.write_excerpt(report, path),
            lambda _nothing: self._saved(path),
            self.show_error,
        )

    def _share(self, certificate: Path) -> None:
        dialog = ShareDialog(self._session, certificate, self)
        dialog.saved.connect(self._saved)
        dialog.open()

    def _saved(self, path: Path) -> None:
        self.show_notice(self._t("saved"), str(path))

    def _give_out(self, note: str) -> None:
        challenges = self._session.services.challenges
        self._session.jobs.run(
            self, lambda _task: challenges.new(note), lambda _given: self.shown(), self.show_error
        )
