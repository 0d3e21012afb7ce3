"""The frame of every dialog: heading, explanation, content, a message, and buttons with one clear choice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.stages import stage_words
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import InlineMessage, ProgressRow
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import label
from desktop_app.services.wording import message

LOWEST_SCREEN = 600
NARROWEST_SCREEN = 900
LEAST_CONTENT = 160
TITLE_BAR = 40
"""What the frame of a window takes of a screen, about, in pixels."""


class Dialog(QDialog):
    """Content goes into `body`; `add_button` fills the foot, cancel first, the main choice last."""

    def __init__(self, parent: QWidget | None, title: str, subtitle: str = "", width: int = 0) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.widen(width or sizes().dialog)
        self.heading = label(title, "heading", wrap=True)
        self.subtitle = label(subtitle, "muted", wrap=True)
        if not subtitle:
            self.subtitle.hide()  # to show it without a parent would open a window
        self.message = InlineMessage("danger")
        self.message.hide()
        self.progress = ProgressRow()
        self.progress.hide()
        self.progress.cancelled.connect(self._stop)
        self._awaited: JobHandle | None = None
        self._was_told_to_stop = False
        self.content = QWidget()
        self._area: QScrollArea | None = None
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(0)
        self._fitting.timeout.connect(self._take_size)
        self._least = LEAST_CONTENT
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, SPACE.hair, 0, SPACE.hair)
        self.body.setSpacing(SPACE.medium)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(SPACE.tight)
        self._foot.addStretch(1)
        self.outer = QVBoxLayout(self)
        self.outer.setContentsMargins(SPACE.side, SPACE.large, SPACE.side, SPACE.large)
        self.outer.setSpacing(SPACE.small)
        self.outer.addWidget(self.heading)
        self.outer.addWidget(self.subtitle)
        self.outer.addWidget(self.content, 1)
        self.outer.addWidget(self.progress)
        self.outer.addWidget(self.message)
        self.outer.addSpacing(SPACE.hair)
        self.outer.addLayout(self._foot)

    def widen(self, width: int) -> None:
        """At least so wide, as far as the smallest screen has it."""
        self.setMinimumWidth(min(width, NARROWEST_SCREEN - TITLE_BAR))

    def scroll_content(self, least: int = LEAST_CONTENT) -> None:
        """Let content that the screen has no room for scroll, so that the buttons stay in view.

        It is never squeezed below `least` pixels while there is more of it.
        """
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._least = least
        self.outer.replaceWidget(self.content, area)
        gap = (SPACE.medium, 0) if self.isRightToLeft() else (0, SPACE.medium)
        self.body.setContentsMargins(gap[0], SPACE.hair, gap[1], SPACE.hair)
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
        self._fitting.start()

    def event(self, event: QEvent) -> bool:
        """Whatever appears in it later, such as what is wrong with an entry, gets its room."""
        done = super().event(event)
        asked = event.type() == QEvent.Type.LayoutRequest and self.isVisible()
        if asked and self._area is None and self.height() < min(self._height_for(self.width()), self._room()):
            self.fit()
        return done

    def showEvent(self, event: QShowEvent) -> None:
        self._take_size()
        if self.focusWidget() is None:
            self._begin_with_the_first_input()
        super().showEvent(event)

    def _begin_with_the_first_input(self) -> None:
        """A form begins where something is to be typed, and a question at its buttons."""
        # Not by nextInFocusChain(): PySide takes the widget that it returns for a child of the one before,
        # and this dialog, which follows its last button, would be collected with it while it is open.
        for widget in self.content.findChildren(QWidget):
            typed = isinstance(widget, (QLineEdit, QPlainTextEdit)) and not widget.isReadOnly()
            if typed and widget.isVisibleTo(self):
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _take_size(self) -> None:
        # Not adjustSize(): it stops at two thirds of the screen, and clips on small ones.
        # Texts that have just changed are measured anew, also those of fields within fields.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self.outer.activate()
        width = max(self.minimumWidth(), self.outer.totalMinimumSize().width())
        room = self._room()
        height = self._height_for(width)
        if height > room and self._area is None:
            self.setMinimumWidth(width)
            self.scroll_content()
        if self._area is not None:
            inside = self.body.totalHeightForWidth(width - 2 * SPACE.side)
            inside = max(inside, self.body.totalMinimumSize().height())
            self._area.setFixedHeight(0)
            self.outer.activate()
            around = self._height_for(width)
            self._area.setMaximumHeight(self.maximumHeight())
            self._area.setMinimumHeight(min(self._least, inside, max(LEAST_CONTENT, room - around)))
            height = around + inside
        self.resize(width, min(height, room))

    def _room(self) -> int:
        """The most that it can be high, on this screen."""
        return max(self.screen().availableGeometry().height(), LOWEST_SCREEN) - TITLE_BAR

    def _height_for(self, width: int) -> int:
        return max(self.outer.totalHeightForWidth(width), self.outer.totalMinimumSize().height())

    def follow_job(self, handle: JobHandle) -> None:
        """While busy: tell how far this job is, let it be stopped, and be as before when it was."""
        if self.progress.isHidden() or not (self._awaited is None or self._awaited.ended):
            return
        self._awaited = handle
        handle.progressed.connect(self._tell_progress)
        handle.cancelled.connect(self._stopped)

    def reject(self) -> None:
        """Esc stops first what it is busy with; a second one closes, though that has not stopped yet."""
        if self._awaited is None or self._awaited.ended or self._was_told_to_stop:
            super().reject()
        else:
            self._stop()

    def _stop(self) -> None:
        if self._awaited is not None:
            self._was_told_to_stop = True
            self._awaited.cancel()

    def _stopped(self) -> None:
        self.set_busy(False)

    def _tell_progress(self, done: int, total: int, stage: str) -> None:
        self.progress.update_progress(done, total, stage_words(stage))

    def set_busy(self, busy: bool, title: str = "") -> None:
        """While busy the content is disabled and a progress bar says what happens."""
        self._awaited, self._was_told_to_stop = None, False
        self.content.setEnabled(not busy)
        for index in range(self._foot.count()):
            item = self._foot.itemAt(index)
            button = item.widget() if item is not None else None
            if isinstance(button, Button):
                button.setEnabled(not busy)
        if cancel := getattr(self, "cancel", None):
            cancel.setVisible(not busy)  # the progress has its own
        if busy:
            self.message.hide()
            self.progress.start(title)
        else:
            self.progress.hide()
        self.fit()
