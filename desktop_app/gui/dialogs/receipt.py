"""A receipt: read, saved, looked up, printed: for that its PDF is opened in the system's own viewer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens, sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.drop_zone import file_pattern
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, Select
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.states import Chip, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, clear, column
from desktop_app.gui.widgets.text import label
from desktop_app.services.rates import FIAT
from desktop_app.services.receipt_text import Section, doubts, headline, kind_text, sections
from desktop_app.services.receipts import Receipt, Valued

_TONES = {"practice": "practice", "test": "warn", "main": "accent"}


class ReceiptDialog(Dialog):
    """`reference` is the id of a transaction of ours, or of a payment to one of the works."""

    def __init__(self, session: Session, reference: str, parent: QWidget) -> None:
        self._t = texts("receipt")
        super().__init__(parent, self._t("title"), width=sizes().dialog_wide)
        self._session = session
        self.receipt: Receipt | None = None
        self._values: dict[str, Valued] = {}
        self.kind = Chip()
        self.kind.hide()
        self.doubt = InlineMessage("danger")
        self.doubt.hide()
        self.copy = Button(self._t("copy"), icon="copy")
        self.copy.clicked.connect(self._copy_id)
        self.explorer = Button(self._t("explorer"), icon="open")
        self.explorer.setToolTip(self._t("explorer_hint"))
        self.explorer.clicked.connect(self._open_explorer)
        choices = [(self._t("money_none"), ""), *((code, code) for code in FIAT)]
        self.money = Select(choices)
        self.money.currentIndexChanged.connect(lambda _index: self._value())
        self._money_field = Field(self._t("money"), self.money, self._t("money_hint"))
        self._money_field.hide()
        self._parts = column(gap=SPACE.medium)
        self.outcome = InlineMessage("success")
        self.outcome.hide()
        self.body.addLayout(Flow(self.kind, self.copy, self.explorer))
        self.body.addWidget(self.doubt)
        self.body.addLayout(self._parts)
        self.body.addWidget(self._money_field)
        self.outer.insertWidget(self.outer.indexOf(self.progress), self.outcome)
        self.scroll_content(sizes().list)
        for button in (self.copy, self.explorer):
            button.hide()
        self.close_button = self.add_button(self._t("close"))
        self.close_button.clicked.connect(self.reject)
        self.save = self.add_button(self._t("save"))
        self.save.clicked.connect(self._choose_place)
        self.print_button = self.add_button(self._t("print"), "primary")
        self.print_button.clicked.connect(self._print)
        for button in (self.save, self.print_button):
            button.setEnabled(False)
        receipts = session.services.receipts
        session.jobs.run(self, lambda _task: receipts.get(reference), self._show, self.show_error)

    def _show(self, receipt: Receipt) -> None:
        self.receipt = receipt
        self.set_title(headline(receipt))
        self.setAccessibleName(f"{self._t('title')}: {headline(receipt)}")
        self.kind.set(kind_text(receipt), _TONES[receipt.kind])
        self.kind.show()
        found = doubts(receipt)
        if found:
            self.doubt.show_text(found[0], "\n".join(found[1:]))
        for button in (self.save, self.print_button):
            button.setEnabled(True)
        self.copy.show()
        self.explorer.setVisible(receipt.explorer_url is not None)
        self._money_field.setVisible(receipt.kind == "main" and receipt.block_time is not None)
        self._fill()

    def _fill(self) -> None:
        if self.receipt is None:
            return
        clear(self._parts)
        told = [one.value for one in sections(self.receipt)[0].lines] if doubts(self.receipt) else []
        for section in sections(self.receipt, self._values.get(self.receipt.id)):
            if [line.value for line in section.lines] != told:
                self._parts.addLayout(self._part(section))
        self.fit()

    @staticmethod
    def _part(section: Section) -> QVBoxLayout:
        facts = Facts(sizes().name_long)
        for line in section.lines:
            if line.is_code:
                facts.hash(line.name, line.value)
            else:
                facts.text(line.name, line.value)
        return column(label(section.heading, "section"), facts, gap=SPACE.tight)

    def _copy_id(self) -> None:
        if self.receipt is not None:
            QGuiApplication.clipboard().setText(self.receipt.id)
            self.copy.set_text(self._t("copied"))
            glance = load_tokens().motion.glance
            QTimer.singleShot(glance, self.copy, lambda: self.copy.set_text(self._t("copy")))

    def _open_explorer(self) -> None:
        if self.receipt is not None and self.receipt.explorer_url:
            QDesktopServices.openUrl(QUrl(self.receipt.explorer_url))

    def _value(self) -> None:
        """Ask what it was worth in the money that was chosen."""
        receipt, fiat = self.receipt, str(self.money.value())
        if receipt is None:
            return
        if not fiat:
            self._values = {}
            self._fill()
            return
        receipts = self._session.services.receipts

        def ask(task: Task) -> dict[str, Valued]:
            return receipts.value([receipt], fiat, task=task)

        self.set_busy(True, self._t("asking"))
        self._session.jobs.run(self, ask, self._valued, self.show_error, title=self._t("asking"))

    def _valued(self, found: dict[str, Valued]) -> None:
        self.set_busy(False)
        self._values = found
        self._fill()

    def _choose_place(self) -> None:
        receipt = self.receipt
        if receipt is None:
            return
        day = datetime.fromtimestamp(receipt.when, UTC).strftime("%Y-%m-%d")
        start = Path.home() / f"{self._t('file_name', date=day)} {receipt.id[2:8]}.pdf"
        kinds = (file_pattern(self._t("pdf"), "pdf"), file_pattern(self._t("page"), "html"))
        name, _ = QFileDialog.getSaveFileName(self, self._t("save"), str(start), ";;".join(kinds))
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """As a web page where the name ends so, else as a PDF; the file dialog has asked before replacing."""
        receipt, values, receipts = self.receipt, self._values, self._session.services.receipts
        if receipt is None:
            return
        is_page = path.suffix.lower() in (".html", ".htm")
        write = receipts.write_page if is_page else receipts.write_pdf

        def work(_task: Task) -> Path:
            write(path, [receipt], values, overwrite=True)
            return path

        self._session.jobs.run(self, work, self._saved, self.show_error)

    def _saved(self, path: Path) -> None:
        self.outcome.show_text(self._t("saved"), str(path))
        self.fit()

    def _print(self) -> None:
        receipt, values, receipts = self.receipt, self._values, self._session.services.receipts
        if receipt is not None:
            self._session.jobs.run(
                self, lambda _task: receipts.for_printing(receipt, values), self._opened, self.show_error
            )

    def _opened(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        self.outcome.show_text(self._t("opened"))
        self.fit()
