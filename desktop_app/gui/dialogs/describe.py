"""Say what a work is called, whether AI may learn from it, who made it; and more, by the kind of work."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.core.errors import ColophonError
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.fold import Fold
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.training_choice import TrainingChoice
from desktop_app.services.details import Creator, WorkMetadata, human_kind, year_from
from desktop_app.services.library import Work
from desktop_app.services.wording import message

NUMBERS = {"song": ("isrc", "iswc"), "text": ("isbn", "doi"), "data": ("doi",)}
"""By which numbers the trade knows this kind of work; the others are among what is folded away."""
LIMITS = {"isrc": 40, "iswc": 40, "isbn": 40, "doi": 200}


class CreatorRow(QWidget):
    """A name and what this person did."""

    def __init__(self, creator: Creator) -> None:
        super().__init__()
        t = texts("describe")
        self.name = line_edit(t("creator_name"), creator.name)
        self.name.setAccessibleName(t("creator_name"))
        self.role = line_edit(t("creator_role"), creator.role)
        self.role.setAccessibleName(t("creator_role"))
        self.take_out = IconButton("close", t("take_out"))
        line = row(self.name, self.role, self.take_out)
        line.setStretch(0, 3)
        line.setStretch(1, 2)
        self.setLayout(line)

    @property
    def creator(self) -> Creator:
        return Creator(self.name.text().strip(), self.role.text().strip())


class DescribeDialog(Dialog):
    """`saved` fires when the new description is kept."""

    saved = Signal()

    def __init__(self, session: Session, work: Work, said: WorkMetadata, parent: QWidget) -> None:
        self._t = texts("describe")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        self._session = session
        self._work = work
        self._said = said
        self.title = Field(self._t("work_title"), line_edit(text=said.title))
        self._people = QVBoxLayout()
        self._people.setSpacing(SPACE.tight)
        self.people: list[CreatorRow] = []
        self.more = Button(self._t("add_creator"), "quiet", "plus")
        self.more.clicked.connect(lambda: self.add_person(Creator("")))
        self.training = TrainingChoice()
        self.training.set_rule(said.training)
        self.year = Field(self._t("year"), line_edit(text=str(said.year or ""), limit=4))
        self.language = Field(self._t("language"), line_edit("en", said.language, 20))
        about_work = texts("about_work")
        self.numbers = {
            name: Field(
                about_work(name), line_edit(text=getattr(said, name), limit=limit), self._t(f"{name}_hint")
            )
            for name, limit in LIMITS.items()
        }
        self.about = QPlainTextEdit(said.description)
        self.about.setTabChangesFocus(True)
        self.about.setFixedHeight(sizes().few_lines)
        usual = NUMBERS.get(human_kind(work.media_type), ())
        rare = tuple(name for name in LIMITS if name not in usual)
        self.body.addWidget(self.title)
        self.body.addWidget(self.training)
        self.body.addWidget(label(self._t("creators"), "strong"))
        self.body.addLayout(self._people)
        self.body.addLayout(row(self.more, None))
        for line in self._abreast(usual):
            self.body.addLayout(line)
        rest, about = QWidget(), Field(self._t("about"), self.about)
        rest.setLayout(
            column(beside(self.year, self.language), about, *self._abreast(rare), gap=SPACE.medium)
        )
        self.fold = Fold(self._t("more"), self._t("less"), rest)
        self.body.addWidget(self.fold)
        self.body.addStretch(1)
        folded = (said.year, said.language, said.description, *(getattr(said, name) for name in rare))
        self.fold.set_open(any(folded))
        for creator in said.creators or (Creator(""),):
            self.add_person(creator)
        self.scroll_content(sizes().list)
        self.add_cancel()
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._save)
        self.title.control.setFocus()

    def _abreast(self, names: tuple[str, ...]) -> list[QHBoxLayout]:
        """Fields of numbers, two in a line."""
        fields = [self.numbers[name] for name in names]
        return [beside(*fields[place : place + 2]) for place in range(0, len(fields), 2)]

    def add_person(self, creator: Creator) -> CreatorRow:
        person = CreatorRow(creator)
        person.take_out.clicked.connect(lambda: self._take_out(person))
        self.people.append(person)
        self._people.addWidget(person)
        return person

    def _take_out(self, person: CreatorRow) -> None:
        self.people.remove(person)
        self._people.removeWidget(person)
        person.hide()
        person.deleteLater()

    def _save(self) -> None:
        try:
            year = year_from(self.year.text() or "0")
        except ColophonError as error:
            self._show_problem(self.year, error)
            return
        people = tuple(person.creator for person in self.people)
        said = replace(
            self._said,
            title=self.title.text(),
            creators=tuple(one for one in people if one.name or one.role),
            year=year,
            language=self.language.text(),
            description=self.about.toPlainText().strip(),
            training=self.training.rule(),
            **{name: field.text() for name, field in self.numbers.items()},
        )
        details, work_id = self._session.services.details, self._work.id
        self._session.jobs.run(
            self, lambda _task: details.set_metadata(work_id, said), self._done, self._refused
        )

    def _refused(self, error: BaseException) -> None:
        """Show the error at the field that it is about, where that is known."""
        fields = {"title": self.title, "language": self.language, "year": self.year, **self.numbers}
        space, _, name = error.code.partition(".") if isinstance(error, ColophonError) else ("", "", "")
        if isinstance(error, ColophonError) and space == "content" and name in fields:
            self._show_problem(fields[name], error)
        else:
            self.show_error(error)

    def _show_problem(self, field: Field, error: ColophonError) -> None:
        if self.fold.content.isAncestorOf(field):
            self.fold.set_open(True)
        field.error(message(error).next_step)

    def _done(self, _said: WorkMetadata) -> None:
        self.accept()
        self.saved.emit()


def beside(*fields: Field) -> QHBoxLayout:
    """One or two fields in a line, equally wide."""
    line = row(*fields, gap=SPACE.medium)
    for place in range(len(fields)):
        line.setStretch(place, 1)
    return line
