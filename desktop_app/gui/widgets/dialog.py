"""The frame of every dialog: heading, explanation, content, a message, and buttons with one clear choice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import InlineMessage, ProgressRow
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import label
from desktop_app.services.wording import message

LOWEST_SCREEN = 600
LEAST_CONTENT = 160
TITLE_BAR = 40
"""What the frame of a window takes of a screen, about, in pixels."""
SIDE = 28


class Dialog(QDialog):
    """Content goes into `body`; `add_button` fills the foot, cancel first, the main choice last."""

    def __init__(self, parent: QWidget | None, title: str, subtitle: str = "", width: int = 560) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        self.heading = label(title, "heading", wrap=True)
        self.subtitle = label(subtitle, "muted", wrap=True)
        self.subtitle.setVisible(bool(subtitle))
        self.message = InlineMessage("danger")
        self.message.hide()
        self.progress = ProgressRow()
        self.progress.hide()
        self.content = QWidget()
        self._area: QScrollArea | None = None
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, SPACE.hair, 0, SPACE.hair)
        self.body.setSpacing(SPACE.medium)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(SPACE.tight)
        self._foot.addStretch(1)
        self.outer = QVBoxLayout(self)
        self.outer.setContentsMargins(SIDE, 24, SIDE, 22)
        self.outer.setSpacing(SPACE.small)
        self.outer.addWidget(self.heading)
        self.outer.addWidget(self.subtitle)
        self.outer.addWidget(self.content, 1)
        self.outer.addWidget(self.progress)
        self.outer.addWidget(self.message)
        self.outer.addSpacing(SPACE.hair)
        self.outer.addLayout(self._foot)

    def scroll_content(self, height: int) -> None:
        """Let long content scroll inside at most `height` pixels, so that the buttons stay in view."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(height)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.outer.replaceWidget(self.content, area)
        self.body.setContentsMargins(2, SPACE.hair, SPACE.medium, SPACE.hair)
        held = self.focusWidget()
        area.setWidget(self.content)
        area.setVisible(True)
        if held is not None:
            held.setFocus(Qt.FocusReason.OtherFocusReason)
        self._area = area

    def add_button(self, text: str, kind: str = "secondary", icon: str = "") -> Button:
        button = Button(text, kind, icon)
        button.setDefault(kind in ("primary", "danger"))
        self._foot.addWidget(button)
        return button

    def add_cancel(self) -> Button:
        self.cancel = self.add_button(texts("common")("cancel"))
        self.cancel.clicked.connect(self.reject)
        return self.cancel

    def set_title(self, title: str, subtitle: str = "") -> None:
        self.setAccessibleName(title)
        self.heading.setText(title)
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle))

    def show_error(self, error: BaseException) -> None:
        self.set_busy(False)
        self.message.show_message(message(error))
        self.fit()

    def fit(self) -> None:
        """Take the size of the content, once Qt knows it."""
        QTimer.singleShot(0, self, self._take_size)

    def showEvent(self, event: QShowEvent) -> None:
        self._take_size()
        super().showEvent(event)

    def _take_size(self) -> None:
        # Not adjustSize(): it stops at two thirds of the screen, and clips on small ones.
        # Texts that have just changed are measured anew, also those of fields within fields.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self.outer.activate()
        width = max(self.minimumWidth(), self.outer.totalMinimumSize().width())
        room = max(self.screen().availableGeometry().height(), LOWEST_SCREEN) - TITLE_BAR
        height = self._height_for(width)
        if height > room and self._area is None:
            # More than the screen has: what is inside scrolls, and the buttons stay in view.
            self.setMinimumWidth(width)
            self.scroll_content(LEAST_CONTENT)
            self.outer.activate()
            height = room
        elif self._area is not None and self._area.minimumHeight() == LEAST_CONTENT:
            inside = self.body.totalHeightForWidth(width - 2 * SIDE)
            height += max(inside, self.body.totalMinimumSize().height()) - LEAST_CONTENT
        self.resize(width, min(height, room))

    def _height_for(self, width: int) -> int:
        return max(self.outer.totalHeightForWidth(width), self.outer.totalMinimumSize().height())

    def set_busy(self, busy: bool, title: str = "") -> None:
        """While busy the content is disabled and a progress bar says what happens."""
        self.content.setEnabled(not busy)
        for index in range(self._foot.count()):
            item = self._foot.itemAt(index)
            button = item.widget() if item is not None else None
            if isinstance(button, Button):
                button.setEnabled(not busy)
        if busy:
            self.message.hide()
            self.progress.start(title)
        else:
            self.progress.hide()
