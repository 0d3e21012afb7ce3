"""What the user sees when something failed that nobody foresaw; the report has its secrets blanked."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.wording import message


class ErrorDialog(Dialog):
    def __init__(self, error: BaseException, report: str, parent: QWidget | None = None) -> None:
        t = texts("crash")
        words = message(error)
        super().__init__(parent, words.title, f"{words.reason}\n{words.next_step}")
        self._report = report
        details = QPlainTextEdit(report)
        details.setProperty("role", "mono")
        details.setReadOnly(True)
        details.setTabChangesFocus(True)
        details.setAccessibleName(t("details"))
        details.setMinimumHeight(sizes().short_list)
        self.body.addWidget(details)
        copy = self.add_button(t("copy"), icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._report))
        close = self.add_button(t("close"), "primary")
        close.clicked.connect(self.accept)
