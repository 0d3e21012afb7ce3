"""Challenges for those who ask for a certificate: give one out, and see which were answered."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.formatting import local_date
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, Rule, column, row
from desktop_app.gui.widgets.text import ElidedLabel, HashLabel
from desktop_app.services.challenges import Challenge

FEW = 5


class ChallengeCard(Card):
    """`wanted` gives the note for a new challenge."""

    wanted = Signal(str)

    def __init__(self) -> None:
        self._t = texts("challenge")
        super().__init__(self._t("heading"), self._t("text"))
        self.note = Field(self._t("note"), line_edit(limit=200), self._t("note_hint"))
        self.new = Button(self._t("new"))
        self.new.clicked.connect(lambda: self.wanted.emit(self.note.text()))
        asking = row(self.note, self.new, gap=SPACE.medium)
        asking.setAlignment(self.new, Qt.AlignmentFlag.AlignVCenter)
        self._list = LongList(self._row, gap=SPACE.tight, step=FEW)
        self.body.addLayout(asking)
        self.body.addWidget(self._list)

    def show_given(self, given: tuple[Challenge, ...]) -> None:
        """The newest few, newest first; the others where they are asked for."""
        self._list.setVisible(bool(given))
        self._list.show_all(given)

    def _row(self, challenge: Challenge) -> QWidget:
        code = HashLabel(challenge.code, self._t("code"))
        to = ElidedLabel(challenge.given_to or self._t("nobody"), "strong")
        made = ElidedLabel(self._t("made", date=local_date(challenge.created_at)), "caption")
        state = Chip(self._t("open"), "neutral")
        if challenge.used_at is not None:
            state.set(self._t("answered"), "success")
        line = row(gap=SPACE.medium)
        line.addLayout(column(to, made, gap=SPACE.line), 1)
        line.addWidget(code, 1)
        line.addWidget(state)
        made_row = QWidget()
        made_row.setLayout(column(Rule(), line, gap=SPACE.tight))
        return made_row
