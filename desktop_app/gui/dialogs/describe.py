"""Say who made a work, when, and by which numbers the trade knows it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.core.errors import ColophonError
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.details import Creator, WorkMetadata, year_from
from desktop_app.services.library import Work
from desktop_app.services.wording import message

HEIGHT = 470


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
        self.year = Field(self._t("year"), line_edit(text=str(said.year or ""), limit=4))
        self.language = Field(self._t("language"), line_edit("en", said.language, 20))
        self.isrc = Field("ISRC", line_edit(text=said.isrc, limit=40), self._t("isrc_hint"))
        self.isbn = Field("ISBN", line_edit(text=said.isbn, limit=40), self._t("isbn_hint"))
        self.doi = Field("DOI", line_edit(text=said.doi, limit=200), self._t("doi_hint"))
        self.about = QPlainTextEdit(said.description)
        self.about.setTabChangesFocus(True)
        self.about.setFixedHeight(84)
        self.body.addWidget(self.title)
        self.body.addWidget(label(self._t("creators"), "strong"))
        self.body.addLayout(self._people)
        self.body.addLayout(row(self.more, None))
        for pair in ((self.year, self.language), (self.isrc, self.isbn)):
            line = row(*pair, gap=SPACE.medium)
            line.setStretch(0, 1)
            line.setStretch(1, 1)
            self.body.addLayout(line)
        self.body.addWidget(self.doi)
        self.body.addWidget(Field(self._t("about"), self.about))
        self.body.addStretch(1)
        for creator in said.creators or (Creator(""),):
            self.add_person(creator)
        self.scroll_content(HEIGHT)
        self.add_cancel()
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._save)
        self.title.control.setFocus()

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
            self.year.error(message(error).next_step)
            return
        people = tuple(person.creator for person in self.people)
        said = replace(
            self._said,
            title=self.title.text(),
            creators=tuple(one for one in people if one.name or one.role),
            year=year,
            language=self.language.text(),
            isrc=self.isrc.text(),
            isbn=self.isbn.text(),
            doi=self.doi.text(),
            description=self.about.toPlainText().strip(),
        )
        details, work_id = self._session.services.details, self._work.id
        self._session.jobs.run(
            self, lambda _task: details.set_metadata(work_id, said), self._done, self._refused
        )

    def _refused(self, error: BaseException) -> None:
        """Show the error at the field that it is about, where that is known."""
        fields = {
            "content.title": self.title, "content.language": self.language, "content.isrc": self.isrc,
            "content.isbn": self.isbn, "content.doi": self.doi, "content.year": self.year,
        }  # fmt: skip
        field = fields.get(error.code) if isinstance(error, ColophonError) else None
        if field is None:
            self.show_error(error)
        else:
            field.error(message(error).next_step)

    def _done(self, _said: WorkMetadata) -> None:
        self.accept()
        self.saved.emit()
