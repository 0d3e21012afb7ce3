"""The frame of every page: a scrolling column of readable width with a header."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens, pixels
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.wording import message


class PageHeader(QWidget):
    """Title, subtitle, and the page's actions on the right."""

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.title = label(title, "title", wrap=True)
        self.subtitle = label(subtitle, "lead", wrap=True)
        self.subtitle.setVisible(bool(subtitle))
        self._actions = row(gap=SPACE.tight)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, SPACE.tight)
        outer.setSpacing(SPACE.large)
        outer.addLayout(column(self.title, self.subtitle, gap=2), 1)
        outer.addLayout(self._actions)
        outer.setAlignment(self._actions, Qt.AlignmentFlag.AlignBottom)
        self._outer = outer

    def add_action(self, button: Button) -> Button:
        self._actions.addWidget(button)
        return button

    def add_help(self, page: str) -> IconButton:
        button = IconButton("help", texts("common")("help", page=page), 18)
        self._outer.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self._outer.setSpacing(SPACE.small)
        return button

    def set_title(self, title: str, subtitle: str) -> None:
        self.title.setText(title)
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle))


class Page(QScrollArea):
    """Put content into `body`. `shown()` is called each time the page comes to the front.

    `chapter` is the part of the guide about this page; the question mark asks for it with `help_wanted`.
    """

    chapter = ""
    help_wanted = Signal(str)

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        # Everything fits at the usual size; a large text in a small window may need to be moved sideways.
        large = pixels(100) > 100
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded if large else policy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        sheet = QWidget()
        sheet.setProperty("role", "page")
        sheet.setMaximumWidth(load_tokens().size.content)
        sheet.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        holder = QWidget()
        holder.setProperty("role", "page")
        across = QHBoxLayout(holder)
        across.setContentsMargins(0, 0, 0, 0)
        across.addStretch(1)
        across.addWidget(sheet, 1000)
        across.addStretch(1)
        self.setWidget(holder)
        self.header = PageHeader(title, subtitle)
        if self.chapter:
            self.header.add_help(title).clicked.connect(lambda: self.help_wanted.emit(self.chapter))
        self.notice = InlineMessage(closable=True)
        self.notice.hide()
        self.body = QVBoxLayout(sheet)
        self.body.setContentsMargins(SPACE.huge - 4, SPACE.large + 4, SPACE.huge - 4, SPACE.large)
        self.body.setSpacing(SPACE.medium)
        self.body.addWidget(self.header)
        self.body.addWidget(self.notice)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    def fit(self) -> None:
        """Take the height of the content, once Qt knows it: after it has changed, also while hidden."""
        QTimer.singleShot(0, self, self._measure)

    def _measure(self) -> None:
        for widget in self.findChildren(QWidget):
            layout = widget.layout()
            if layout is not None:
                layout.invalidate()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def shown(self) -> None:
        """The page has come to the front: load what it shows."""

    def show_error(self, error: BaseException) -> None:
        """Title, reason and next step of a failure, at the top of the page."""
        self.notice.show_message(message(error))
        self.verticalScrollBar().setValue(0)

    def show_notice(self, title: str, reason: str = "", next_step: str = "", tone: str = "success") -> None:
        self.notice.show_text(title, reason, next_step, tone)
        self.verticalScrollBar().setValue(0)
