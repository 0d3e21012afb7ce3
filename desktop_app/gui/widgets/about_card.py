"""What a work is: its picture, what its creator says, what the file says, and works that are like it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.preview_picture import PreviewPicture
from desktop_app.gui.widgets.surfaces import SPACE, Card, Rule, clear, row
from desktop_app.gui.widgets.text import ElidedLabel, label
from desktop_app.gui.widgets.training_choice import TrainingChoice
from desktop_app.services.details import SimilarWork, WorkPortrait, creators_text
from desktop_app.services.media_words import inside
from desktop_app.services.wording import words

PICTURE = QSize(184, 138)
NEAR_SHOWN = 5


class AboutCard(Card):
    """`describe` and `look` ask for the form and a look into the file, `work_wanted` for a similar work.

    `rule_chosen` gives the Training that the user picked.
    """

    describe = Signal()
    look = Signal()
    work_wanted = Signal(str)
    rule_chosen = Signal(object)

    def __init__(self) -> None:
        self._t = texts("about_work")
        super().__init__(self._t("heading"))
        self.edit = Button(self._t("describe"), "quiet")
        self.edit.clicked.connect(self.describe)
        self.side.addWidget(self.edit)
        self.picture = PreviewPicture(PICTURE)
        self._right = QVBoxLayout()
        self._right.setSpacing(SPACE.small)
        across = row(gap=SPACE.large)
        across.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self.training = TrainingChoice()
        self.training.chosen.connect(self.rule_chosen)
        right = QVBoxLayout()
        right.setSpacing(SPACE.medium)
        right.addLayout(self._right)
        right.addWidget(self.training)
        across.addLayout(right, 1)
        self.body.addLayout(across)
        self._near = QVBoxLayout()
        self._near.setSpacing(SPACE.tight)
        self.body.addLayout(self._near)
        self.look_again: Button | None = None

    def show_work(
        self,
        title: str,
        fingerprint: str,
        icon: str,
        portrait: WorkPortrait,
        picture: QImage | None,
        similar: tuple[SimilarWork, ...],
    ) -> None:
        self.picture.show_picture(picture, icon, self._t("picture", title=title))
        clear(self._right)
        said = portrait.metadata
        rows = (
            ("creators", creators_text(said.creators)),
            ("year", str(said.year or "")),
            ("language", said.language),
            ("isrc", said.isrc),
            ("iswc", said.iswc),
            ("isbn", said.isbn),
            ("doi", said.doi),
            ("about", said.description),
            ("inside", inside(portrait.facts)),
            ("version_of", portrait.previous.title if portrait.previous else ""),
        )
        facts = Facts(name_width=104)
        for name, value in rows:
            if value:
                facts.text(self._t(name), value)
        facts.hash(self._t("fingerprint"), fingerprint)
        self._right.addWidget(facts)
        self.training.set_rule(said.training)
        if not any(value for _, value in rows[:8]):
            self._right.addWidget(label(self._t("nothing_said"), "muted", wrap=True))
        self.look_again = None
        if not portrait.looked:
            self.look_again = Button(self._t("look"), icon="eye")
            self.look_again.clicked.connect(self.look)
            self._right.addWidget(label(self._t("look_text"), "muted", wrap=True))
            self._right.addLayout(row(self.look_again, None))
        self._right.addStretch(1)
        self._show_similar(similar)

    def _show_similar(self, similar: tuple[SimilarWork, ...]) -> None:
        clear(self._near)
        if not similar:
            return
        self._near.addWidget(Rule())
        self._near.addWidget(label(self._t("similar"), "eyebrow"))
        for one in similar[:NEAR_SHOWN]:
            self._near.addWidget(self._similar_row(one))
        if len(similar) > NEAR_SHOWN:
            self._near.addWidget(label(self._t("more", count=len(similar) - NEAR_SHOWN), "caption"))

    def _similar_row(self, one: SimilarWork) -> QWidget:
        near = one.nearness
        how = words(f"similarity.{near.closeness.name.lower()}")
        by = words(f"similarity.by_{near.kind}")
        text = self._t("nearness", how=how, by=by, percent=near.percent)
        see = Button(self._t("open"), "quiet")
        see.setAccessibleName(f"{self._t('open')}: {one.work.title}")
        see.clicked.connect(lambda: self.work_wanted.emit(one.work.id))
        holder = QWidget()
        line = row(ElidedLabel(one.work.title, "strong"), gap=SPACE.medium)
        line.addWidget(label(text, "caption"), 1)
        line.addWidget(see)
        holder.setLayout(line)
        return holder
