"""Check a certificate: three verdicts apart, in plain words."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop_app.gui.formatting import readable_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.drop_zone import DropZone, file_pattern
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.states import Chip, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, row
from desktop_app.gui.widgets.text import Glyph, label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.ownership import Verdict, VerdictState, VerificationReport

ABREAST = 3
_LOOK = {
    VerdictState.YES: ("success", "success", "yes"),
    VerdictState.NO: ("danger", "danger", "no"),
    VerdictState.UNKNOWN: ("open", "muted", "unknown"),
}


class VerdictCard(Card):
    """One of the three answers."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(margin=20)
        t = texts("verify")
        icon, tone, word = _LOOK[verdict.state]
        chip = Chip(t(word), "neutral" if tone == "muted" else tone)
        name = label(t(verdict.name), "eyebrow")
        self.body.addLayout(row(Glyph(icon, 22, tone), name, None, chip))
        self.body.addWidget(label(verdict.title, "section", wrap=True))
        self.body.addWidget(label(verdict.reason, "", wrap=True))
        if verdict.next_step and verdict.state is not VerdictState.YES:
            self.body.addWidget(label(verdict.next_step, "muted", wrap=True))
        self.body.addStretch(1)
        self.setAccessibleName(f"{t(verdict.name)}: {verdict.title}. {verdict.reason}")


class VerifyPage(Page):
    def __init__(self, session: Session) -> None:
        self._t = texts("verify")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._path: Path | None = None
        self.drop = DropZone(
            self._t("drop_title"),
            self._t("drop_text"),
            self._t("choose"),
            icon="verify",
            pattern=file_pattern(self._t("pattern"), "colophon"),
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
        self.online = CheckBox(self._t("online"))
        self.online.setChecked(True)
        self._again = Button(self._t("again"), icon="refresh")
        self._again.setEnabled(False)
        self._again.clicked.connect(self._repeat)
        expect = Card(self._t("expect_heading"))
        expect.body.addLayout(row(self.challenge, self.audience, gap=SPACE.medium))
        expect.body.addLayout(row(self.online, None, self._again))
        for part in (self.drop, self._result, expect):
            self.body.addWidget(part)
        self.body.addStretch(1)

    def check(self, path: Path) -> None:
        """Verify this file and show the three verdicts."""
        self._path = path
        self.notice.hide()
        challenge, audience = self.challenge.text(), self.audience.text()
        online = self.online.isChecked()
        ownership = self._session.services.ownership
        self._session.jobs.run(
            self,
            lambda task: ownership.verify(path, challenge, audience, online=online, task=task),
            lambda report: self._show(path, report),
            self._failed,
            title=self._t("checking", name=path.name),
        )

    def _repeat(self) -> None:
        if self._path is not None:
            self.check(self._path)

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
        verdicts = QGridLayout()
        verdicts.setSpacing(SPACE.medium)
        for place, verdict in enumerate(report.verdicts):
            verdicts.addWidget(VerdictCard(verdict), place // ABREAST, place % ABREAST)
            verdicts.setColumnStretch(place % ABREAST, 1)
        self._result_layout.addLayout(verdicts)
        claims = Card(self._t("claims"))
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
