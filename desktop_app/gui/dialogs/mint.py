"""Make a royalty token: name, shares, and the collaborators who are paid at once with every payment."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.core.amounts import SHARE_SCALE, format_share, parse_share
from desktop_app.core.errors import InvalidInputError
from desktop_app.gui.dialogs.prepare import ADDRESS, PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label, set_property
from desktop_app.services.library import Work
from desktop_app.services.royalties import Collaborator

MOST = 16
USUAL_SUPPLY = "1000"


class _Person(QWidget):
    """One collaborator: address and share."""

    def __init__(self) -> None:
        super().__init__()
        t = texts("mint")
        self.address: QLineEdit = line_edit(t("address"), limit=42)
        self.address.setProperty("role", "mono")
        self.share: QLineEdit = line_edit(t("share_placeholder"), limit=12)
        self.share.setFixedWidth(96)
        self.remove = IconButton("close", "")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.tight)
        outer.addWidget(self.address, 1)
        outer.addWidget(self.share)
        outer.addWidget(self.remove)

    def number(self, number: int) -> None:
        t = texts("mint")
        self.address.setAccessibleName(t("address_name", number=number))
        self.share.setAccessibleName(t("share_name", number=number))
        self.remove.setAccessibleName(t("remove", number=number))
        self.remove.setToolTip(t("remove", number=number))


def _symbol(title: str) -> str:
    words = "".join(
        letter if letter.isascii() and letter.isalnum() else " " for letter in title.upper()
    ).split()
    return max(words[:2], key=len)[:8] if words else ""


class MintDialog(PrepareDialog):
    def __init__(self, session: Session, work: Work, parent: QWidget) -> None:
        self._t = texts("mint")
        super().__init__(
            session, self._t("title"), self._t("subtitle", title=work.title), self._t("next"), parent
        )
        self.setMinimumWidth(620)
        self._work = work
        self._people: list[_Person] = []
        self.name = Field(self._t("name"), line_edit(text=work.title, limit=64))
        self.symbol = Field(
            self._t("symbol"), line_edit(text=_symbol(work.title), limit=16), self._t("symbol_hint")
        )
        self.supply = Field(self._t("supply"), line_edit(text=USUAL_SUPPLY, limit=29), self._t("supply_hint"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE.tight)
        self.add = Button(self._t("add"), "quiet", "plus")
        self.add.clicked.connect(self._add_empty)
        self._rest = label("", "caption", wrap=True)
        self.body.addWidget(self.name)
        self.body.addLayout(row(self.symbol, self.supply, gap=SPACE.medium))
        self.body.addWidget(label(self._t("collaborators"), "strong", wrap=True))
        self.body.addLayout(self._rows)
        self.body.addLayout(row(self.add, None))
        self.body.addWidget(self._rest)
        self.body.addStretch(1)
        self.scroll_content(430)
        self._changed()

    def add_person(self, address: str = "", share: str = "") -> None:
        """One more line for a collaborator."""
        if len(self._people) >= MOST:
            return
        person = _Person()
        person.address.setText(address)
        person.share.setText(share)
        person.share.textChanged.connect(lambda _text: self._changed())
        person.remove.clicked.connect(lambda: self._remove(person))
        self._people.append(person)
        self._rows.addWidget(person)
        self._changed()
        person.address.setFocus()

    def _add_empty(self) -> None:
        self.add_person()

    def _remove(self, person: _Person) -> None:
        self._people.remove(person)
        person.hide()
        person.deleteLater()
        self._changed()

    def _changed(self) -> None:
        total = 0
        for number, person in enumerate(self._people, start=1):
            person.number(number)
            try:
                total += parse_share(person.share.text())
            except InvalidInputError:
                continue
        over = total > SHARE_SCALE
        set_property(self._rest, "role", "fieldError" if over else "caption")
        rest = format_share(max(0, SHARE_SCALE - total))
        self._rest.setText(self._t("too_much") if over else self._t("left", share=rest))
        self.add.setEnabled(len(self._people) < MOST)

    def submit(self) -> None:
        name, symbol, supply = self.name.text(), self.symbol.text(), self.supply.text().replace(",", "")
        if not name:
            self.name.error(self._t("missing_name"))
            return
        if not symbol:
            self.symbol.error(self._t("missing_symbol"))
            return
        if not (supply.isascii() and supply.isdigit() and int(supply) > 0):
            self.supply.error(self._t("bad_supply"))
            return
        people: list[Collaborator] = []
        for number, person in enumerate(self._people, start=1):
            address = person.address.text().strip()
            if ADDRESS.fullmatch(address) is None:
                self._person_error(person.address, self._t("bad_address", number=number))
                return
            try:
                people.append(Collaborator(address, parse_share(person.share.text())))
            except InvalidInputError:
                self._person_error(person.share, self._t("bad_share", number=number))
                return
        royalties = self._session.services.royalties
        work_id = self._work.id
        self.prepare(lambda _task: royalties.prepare_mint(work_id, name, symbol, int(supply), people))

    def _person_error(self, edit: QLineEdit, text: str) -> None:
        set_property(self._rest, "role", "fieldError")
        self._rest.setText(text)
        edit.setFocus()
