"""A name for an address."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.address_book import Contact, Known


class ContactDialog(Dialog):
    """`saved` fires once it is in the address book. An address that looks like a known one is saved only when
    that was accepted."""

    saved = Signal()

    def __init__(self, session: Session, parent: QWidget, contact: Contact | None = None) -> None:
        self._t = texts("contacts")
        super().__init__(parent, self._t("edit" if contact else "add"), self._t("form_text"), 640)
        self._session = session
        address = line_edit("0x…", text=contact.address if contact else "", limit=42)
        address.setProperty("role", "mono")
        address.setReadOnly(contact is not None)
        self.address = Field(self._t("address"), address)
        self.name = Field(self._t("name"), line_edit(text=contact.name if contact else "", limit=60))
        self.note = Field(self._t("note"), line_edit(text=contact.note if contact else "", limit=500))
        self.watch = CheckBox(self._t("watch_it"))
        self.watch.setChecked(contact is not None and contact.watched)
        self.alike = InlineMessage("danger")
        self.alike.hide()
        self.certain = CheckBox(self._t("certain"))
        self.certain.hide()
        for part in (self.address, self.name, self.note, self.watch, self.alike, self.certain):
            self.body.addWidget(part)
        self.add_cancel()
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._save)
        address.textChanged.connect(lambda _text: self._forget_warning())
        (self.name if contact else self.address).control.setFocus()

    def _forget_warning(self) -> None:
        self.alike.hide()
        self.certain.hide()
        self.certain.setChecked(False)

    def _save(self) -> None:
        book = self._session.services.address_book
        address, name, note = self.address.text(), self.name.text(), self.note.text()
        watched, certain = self.watch.isChecked(), self.certain.isChecked()
        self.set_busy(True, self._t("saving"))

        def save(_task: Task) -> tuple[Known, ...]:
            alike = () if certain else book.look_alikes(address)
            if not alike:
                book.add(address, name, note, watched)
            return alike

        self._session.jobs.run(self, save, self._saved, self.show_error)

    def _saved(self, alike: tuple[Known, ...]) -> None:
        self.set_busy(False)
        if alike:
            other = alike[0]
            known = other.name or self._t("used_before")
            self.alike.show_text(
                self._t("alike_title"), self._t("alike_text", name=known, known=other.address)
            )
            self.certain.show()
            self.fit()
            return
        self._session.contacts_changed.emit()
        self.accept()
        self.saved.emit()
