"""In the settings: is there a newer version? Asks when told to, shows where it is, installs nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import Card
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.updates import Update
from desktop_app.services.wording import message, words


class UpdateCard(Card):
    """`news` has a line about a newer version, when the window asked by itself."""

    news = Signal(str)

    def __init__(self, session: Session) -> None:
        self._t = texts("updates")
        self._session = session
        self._updates = session.services.updates
        self._page = ""
        host = self._updates.host
        super().__init__(
            self._t("heading"), self._t("text", host=host) if host else self._t("text_nobody")
        )
        self.look_now = Button(self._t("look"))
        self.look_now.clicked.connect(self.look)
        self.side.addWidget(self.look_now)
        self.when_opening = CheckBox(self._t("when_opening"))
        self.when_opening.setChecked(self._updates.asked_for)
        self.when_opening.toggled.connect(self._switch)
        self.answer = InlineMessage()
        self.answer.hide()
        self.open_page = Button(self._t("open_page"))
        self.open_page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page)))
        self.open_page.hide()
        self.body.addWidget(self.when_opening)
        self.body.addWidget(self.answer)
        self.body.addWidget(self.open_page, 0, Qt.AlignmentFlag.AlignLeft)
        for part in (self.look_now, self.when_opening):
            part.setEnabled(bool(host))

    def look(self) -> None:
        """Ask now."""
        self.look_now.setEnabled(False)
        self._session.jobs.run(
            self, self._updates.look, self.show_update, self._failed, title=self._t("looking")
        )

    def look_when_opening(self) -> None:
        """Ask where the user wants that at every opening. A failure shows only here: nobody waits for it."""
        if self._updates.asked_for:
            self._session.jobs.run(self, self._updates.look, self._tell, self._failed)

    def _tell(self, update: Update) -> None:
        self.show_update(update)
        if update.newer:
            title = words("updates.newer", "title", version=update.announced.version)
            self.news.emit(self._t("news", title=title))

    def show_update(self, update: Update) -> None:
        """The answer, in the card."""
        self.look_now.setEnabled(True)
        announced = update.announced
        self._page = announced.page
        self.open_page.setVisible(update.newer)
        if update.newer:
            self.answer.show_text(
                words("updates.newer", "title", version=announced.version),
                words(
                    "updates.newer",
                    installed=update.installed,
                    date=announced.released,
                    summary=announced.summary,
                ),
                words("updates.newer", "next"),
                tone="info",
            )
        else:
            self.answer.show_text(
                words("updates.newest", "title"),
                words(
                    "updates.newest",
                    host=self._updates.host,
                    version=announced.version,
                    installed=update.installed,
                ),
                tone="success",
            )

    def _failed(self, error: BaseException) -> None:
        self.look_now.setEnabled(True)
        self.open_page.hide()
        self.answer.show_message(message(error))

    def _switch(self, on: bool) -> None:
        updates = self._updates
        self._session.jobs.run(self, lambda _task: updates.ask_when_opening(on), None, self._failed)
