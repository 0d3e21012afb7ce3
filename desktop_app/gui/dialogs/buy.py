"""Buy from a checkout page: what it sells, where the locked file comes from, and where the file goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from desktop_app.core.amounts import amount_text
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.gui.desktop import downloads
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.actions import Action
from desktop_app.services.checkout import Checkout
from desktop_app.services.purchases import Purchase
from desktop_app.services.sale_terms import duration_in_words


class BuyDialog(PrepareDialog):
    """The locked file is fetched and compared with the offer before there is anything to approve."""

    def __init__(self, session: Session, checkout: Checkout, parent: QWidget) -> None:
        self._t = texts("buy")
        super().__init__(session, self._t("title"), self._t("subtitle"), self._t("next"), parent)
        self.widen(sizes().dialog_wide)
        self._checkout = checkout
        facts = Facts()
        facts.text(self._t("work"), checkout.title)
        facts.text(self._t("creator"), checkout.creator or self._t("not_named"))
        facts.text(self._t("price"), amount_text(checkout.price))
        facts.text(self._t("key"), checkout.mode_in_words)
        facts.text(self._t("within"), duration_in_words(checkout.offer.time_limit))
        facts.text(self._t("file"), checkout.file_name)
        self.licence = QPlainTextEdit(checkout.licence)
        self.licence.setReadOnly(True)
        self.licence.setTabChangesFocus(True)
        self.licence.setFixedHeight(sizes().few_lines)
        known = next(iter(checkout.addresses), "")
        self.source = Field(self._t("source"), line_edit(self._t("source_example"), known, limit=500), " ")
        self.folder = Field(self._t("folder"), line_edit(text=str(downloads()), limit=500))
        self.body.addWidget(facts)
        self.body.addWidget(Field(self._t("licence"), self.licence))
        self.body.addLayout(self._line(self.source, "choose_file", self._choose_file))
        self.body.addLayout(self._line(self.folder, "choose_folder", self._choose_folder))
        self.body.addStretch(1)
        self._edit(self.source).textChanged.connect(lambda _text: self._tell())
        self._tell()

    @property
    def place(self) -> Path:
        """The folder for what is bought."""
        return expanded(Path(self.folder.text()))

    def _line(self, field: Field, code: str, choose: Callable[[], None]) -> QHBoxLayout:
        button = Button(self._t("choose"), "quiet")
        button.setAccessibleName(self._t(code))
        button.clicked.connect(choose)
        return row(field, column(label(" ", "strong"), button, None, gap=SPACE.snug), gap=SPACE.tight)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._t("choose_file"))
        if name:
            self._edit(self.source).setText(name)

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self._t("choose_folder"), str(self.place))
        if name:
            self._edit(self.folder).setText(name)

    def _tell(self) -> None:
        """Who learns what when the file is fetched: from the page's own addresses where none is named."""
        source = self.source.text()
        hosts = filter(None, map(_host, [source] if source else self._checkout.addresses))
        asked = ", ".join(dict.fromkeys(hosts))
        self.source.set_hint(self._t("learns", host=asked) if asked else self._t("local") if source else " ")
        self.fit()

    def submit(self) -> None:
        checkout, source, folder = self._checkout, self.source.text(), self.place
        purchases = self._session.services.selling.purchases

        def ready(task: Task) -> Action[Purchase]:
            target = purchases.content_path(checkout, folder)
            locked = target.with_name(purchases.package_name(checkout))
            return purchases.prepare_order(checkout, purchases.fetch(checkout, source, locked, task), task)

        self.prepare(ready)

    @staticmethod
    def _edit(field: Field) -> QLineEdit:
        assert isinstance(field.control, QLineEdit)
        return field.control


def _host(address: str) -> str:
    """Whom an address asks; "" for a file."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return "IPFS" if parts.scheme == "ipfs" else parts.hostname or ""
