"""The address book: who is known by name, and what can be done with each."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.account_row import AccountRow, Balances
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.surfaces import Card
from desktop_app.gui.widgets.text import label
from desktop_app.services.address_book import Contact


class AddressBookCard(Card):
    """`acted` gives a contact and the key of what to do with it: "send", "edit" or "remove"."""

    acted = Signal(object, str)

    def __init__(self, balances: Balances) -> None:
        self._t = texts("wallet_page")
        super().__init__(self._t("book"), self._t("book_text"))
        self._balances = balances
        self.add = Button(self._t("add_contact"), icon="plus")
        self.side.addWidget(self.add)
        self._nobody = label(self._t("no_contacts"), "muted", wrap=True)
        self.list = LongList(self._row, ruled=True)
        self.body.addWidget(self._nobody)
        self.body.addWidget(self.list)

    @property
    def watched(self) -> dict[str, AccountRow]:
        """The rows that are shown whose money is told, by address."""
        return {one.address: line for one, line in self.list.pairs if one.watched}

    def show_all(self, contacts: tuple[Contact, ...]) -> None:
        self._nobody.setVisible(not contacts)
        self.list.setVisible(bool(contacts))
        self.list.show_all(contacts)

    def _row(self, contact: Contact) -> AccountRow:
        chips = [(self._t("watched"), "neutral")] if contact.watched else []
        actions = [("send", self._t("send_to")), ("edit", self._t("edit")), ("remove", self._t("remove"))]
        line = AccountRow(contact.name, contact.address, chips, actions, contact.note)
        line.acted.connect(partial(self.acted.emit, contact))
        if contact.watched:
            self._balances.tell(contact.address, line)
        return line
