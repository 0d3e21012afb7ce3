"""What is read before it can be shown: meanwhile that it comes; where it does not, why and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.core.clock import SystemClock
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.announce import announce
from desktop_app.gui.widgets.states import EmptyState
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import label
from desktop_app.services.wording import message

PATIENCE_MS = 300
"""What comes sooner comes without a word about it."""


class Awaited(QWidget):
    """Content goes into `body`. `again` asks to read once more what could not be read."""

    again = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._t = texts("common")
        self.number = 0
        """Of what is awaited: what was asked for under another one is not it."""
        self.known_at: int | None = None
        """When what is shown was read, in seconds."""
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(SPACE.medium)
        self.loading = label(self._t("loading"), "muted")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.loading.setContentsMargins(0, SPACE.huge, 0, 0)
        self.loading.hide()
        self.failure: EmptyState | None = None
        self._asked = False
        self._place = column(gap=0)
        outer = column(self.loading, gap=0)
        outer.addLayout(self._place)
        outer.addWidget(self._content, 1)
        self.setLayout(outer)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say_loading)

    @property
    def is_known(self) -> bool:
        return self.known_at is not None

    def forget(self) -> None:
        """Something else is awaited: what is here is not it."""
        self.number += 1
        self.known_at = None
        self._content.hide()
        self._quiet()
        self._drop_failure()

    def begin(self) -> None:
        """It is being read. What is there stays, also why not; after a moment, nothing becomes "Loading"."""
        nothing = not self.is_known and self.failure is None and self.loading.isHidden()
        if nothing and not self._patience.isActive():
            self._patience.start()

    def arrived(self) -> None:
        """Show the content, which is filled."""
        self.known_at = SystemClock().now()
        self._asked = False
        self._quiet()
        self._drop_failure()
        self._content.show()

    def failed(self, error: BaseException) -> None:
        """Nothing can be shown: say why in its place."""
        self._quiet()
        told = message(error)
        text = "\n".join(part for part in (told.reason, told.next_step) if part)
        if self.failure is not None and self.failure.told == (told.title, text):
            return  # said already; the keyboard may be on its button
        self._drop_failure()
        self.failure = EmptyState("warn", told.title, text, self._t("try_again"), "warn")
        self.failure.acted.connect(self._try_again)
        self._place.addWidget(self.failure)
        self.failure.show()
        if self._asked and self.failure.button is not None:
            self.failure.button.setFocus()
        self._asked = False
        if self.isVisible():
            announce(self.failure, f"{told.title}. {text}", urgent=True)

    def _try_again(self) -> None:
        self._asked = True
        self._say_loading()
        self.again.emit()

    def _say_loading(self) -> None:
        self._drop_failure()
        self.loading.show()
        if self.isVisible():
            announce(self.loading, self.loading.text())

    def _quiet(self) -> None:
        self._patience.stop()
        self.loading.hide()

    def _drop_failure(self) -> None:
        if self.failure is not None:
            self.failure.hide()
            self._place.removeWidget(self.failure)
            self.failure.deleteLater()
            self.failure = None
