"""A field for a person: an address, or the name of a contact or own account, checked while it is typed."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from desktop_app.core.errors import ColophonError
from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.services.actions import Notice, Weight
from desktop_app.services.wording import words


def with_names(session: Session, edit: QLineEdit) -> QStringListModel:
    """Offer the names of the address book while typing; the model holds them once they are read."""
    names = QStringListModel(edit)
    completer = QCompleter(names, edit)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    edit.setCompleter(completer)
    book = session.services.address_book
    session.jobs.run(
        edit,
        lambda _task: [one.name for one in book.contacts()],
        names.setStringList,
        lambda _error: None,
    )
    return names


class PersonField(Field):
    """Below it stands who is behind the entry. An address that looks like a known one is called out here, and
    again in the review, where it has to be accepted on purpose. `told` fires when the text below changed."""

    told = Signal()

    def __init__(self, session: Session, name: str, hint: str = "", text: str = "") -> None:
        edit = line_edit(texts("person")("placeholder"), text=text, limit=80)
        super().__init__(name, edit, hint)
        self._session = session
        self._usual = hint
        self._names = with_names(session, edit)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(load_tokens().motion.asking)
        self._look.timeout.connect(self._look_at)
        edit.textChanged.connect(lambda _text: self._look.start())

    def _look_at(self) -> None:
        services, text = self._session.services, self.text()
        if not text:
            self.set_hint(self._usual)
            return

        def look(_task: Task) -> tuple[str, str, tuple[Notice, ...]]:
            try:
                address = services.address_book.resolve(text)
            except ColophonError:
                return "", "", ()
            name = services.address_book.name_of(address)
            return address, name, services.reviews.check_recipient(address)

        self._session.jobs.run(self, look, lambda found: self._looked(text, *found), lambda _error: None)

    def _looked(self, text: str, address: str, name: str, notices: tuple[Notice, ...]) -> None:
        if text != self.text():
            return
        grave = next((one for one in notices if one.weight is Weight.DANGER), None)
        if grave is not None:
            told = words(grave.code, "title", **grave.params)
            self.warn(f"{told}. {words(grave.code, 'text', **grave.params)}")
            self.told.emit()
            return
        new = next((words(one.code, "title", **one.params) for one in notices), "")
        known = name if text == address else f"{name}: {address}" if name and address else ""
        self.set_hint(known or new or self._usual)
        self.told.emit()

    def warn(self, text: str) -> None:
        """An error without taking the cursor away from who is typing."""
        at = QWidget.focusWidget(self.window())
        self.error(text)
        if at is not None:
            at.setFocus()
