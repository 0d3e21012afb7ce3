"""The frame of every page: a scrolling column of readable width with a header."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.progress import Task
from desktop_app.gui.formatting import local_time
from desktop_app.gui.job_bridge import JobBridge, JobHandle
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens, pixels, sizes
from desktop_app.gui.widgets.awaited import Awaited
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import label
from desktop_app.services.wording import message

Found = TypeVar("Found")

class PageHeader(QWidget):
    """Title, subtitle, and the page's actions on the right; below them where the title would be squeezed."""

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.title = label(title, "title", wrap=True)
        self.subtitle = label(subtitle, "lead", wrap=True)
        if not subtitle:
            self.subtitle.hide()  # to show it without a parent would open a window
        self._actions = Flow()
        self._help: IconButton | None = None
        self._outer = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._outer.setContentsMargins(0, 0, 0, SPACE.tight)
        self._outer.addLayout(column(self.title, self.subtitle, gap=SPACE.line), 1)
        self._outer.addLayout(self._actions)
        self._outer.setAlignment(self._actions, Qt.AlignmentFlag.AlignBottom)
        self._side_by_side(True)

    def add_action(self, button: Button) -> Button:
        if self._help is not None:
            self._actions.removeWidget(self._help)
        self._actions.addWidget(button)
        if self._help is not None:
            self._actions.addWidget(self._help)
        return button

    def add_help(self, page: str) -> IconButton:
        self._help = IconButton("help", texts("common")("help", page=page), 18)
        self._actions.addWidget(self._help)
        return self._help

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left = self.width() - self._actions.sizeHint().width()
        title = self.title.fontMetrics().horizontalAdvance(self.title.text())
        words = self.subtitle.fontMetrics().horizontalAdvance(self.subtitle.text())
        self._side_by_side(left >= max(title, words // 2, sizes().contents))

    def _side_by_side(self, beside: bool) -> None:
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        wanted = across if beside else down
        if self._outer.direction() != wanted:
            self._outer.setDirection(wanted)
        self._outer.setSpacing(SPACE.large if beside else SPACE.small)
        none = Qt.AlignmentFlag(0)
        self._outer.setAlignment(self._actions, Qt.AlignmentFlag.AlignBottom if beside else none)

    def set_title(self, title: str, subtitle: str) -> None:
        self.title.setText(title)
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle))


class Page(QScrollArea):
    """Put content into `body`. `shown()` is called each time the page comes to the front.

    A page that `reads` shows its content once `load` has brought it: until then that it is awaited, or why it
    cannot be read. What cannot be read again stays, with its time.

    `chapter` is the part of the guide about this page; the question mark asks for it with `help_wanted`.
    """

    chapter = ""
    reads = True
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
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(0)
        self._fitting.timeout.connect(self._measure)
        self._outdated = ("", "")
        """Which part could not be read, and what is said of it."""
        self._begun = 0
        self._shown_last: dict[str, int] = {}
        self.awaited = Awaited()
        self.awaited.again.connect(self.shown)
        self.body = self.awaited.body
        self.sheet = QVBoxLayout(sheet)
        self.sheet.setContentsMargins(SPACE.gutter, SPACE.side, SPACE.gutter, SPACE.large)
        self.sheet.setSpacing(SPACE.medium)
        self.sheet.addWidget(self.header)
        self.sheet.addWidget(self.notice)
        self.sheet.addWidget(self.awaited, 1)
        if self.reads:
            self.awaited.forget()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    def fit(self) -> None:
        """Take the height of the content, once Qt knows it: after it has changed, also while hidden.

        Until then the page is not laid out: Qt would do it anew for each part that comes into it.
        """
        self._let_layouts(False)
        self._fitting.start()

    def _let_layouts(self, work: bool) -> None:
        for layout in (self.body, self.sheet):
            layout.setEnabled(work)

    def _measure(self) -> None:
        self._let_layouts(True)
        for layout in self.findChildren(QLayout):
            layout.invalidate()
        for layout in (self.body, self.sheet):
            layout.activate()  # what it was asked for meanwhile has been forgotten
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def shown(self) -> None:
        """The page has come to the front: load what it shows."""

    def load(
        self,
        jobs: JobBridge,
        read: Callable[[Task], Found],
        show: Callable[[Found], object],
        *,
        part: str = "",
        failed: Callable[[BaseException], object] | None = None,
    ) -> JobHandle:
        """Read on a worker what the page shows, or a part of it, then show it.

        An answer is left out where a later question was answered already, or after `disregard`.
        """
        self._begun += 1
        number, subject = self._begun, self.awaited.number

        def is_news() -> bool:
            if subject != self.awaited.number or number <= self._shown_last.get(part, 0):
                return False
            self._shown_last[part] = number
            return True

        def done(found: Found) -> None:
            if is_news():
                try:
                    show(found)
                except BaseException as error:
                    self.could_not_read(error, part=part)
                    raise
                self.have_read(part)

        def not_read(error: BaseException) -> None:
            if is_news():
                if failed is None:
                    self.could_not_read(error, part=part)
                else:
                    failed(error)

        if not part:
            self.awaited.begin()
        return jobs.run(self, read, done, not_read)

    def disregard(self, part: str = "") -> None:
        """What was asked so far is about something else now: another network, another account."""
        self._shown_last[part] = self._begun

    def have_read(self, part: str = "") -> None:
        """The content, or this part of it, is filled with what is so now."""
        if not part:
            self.awaited.arrived()
        if self._outdated == (part, self.notice.text):
            self.notice.hide()
        if self._outdated[0] == part:
            self._outdated = ("", "")

    def could_not_read(self, error: BaseException, since: int | None = None, part: str = "") -> None:
        """In place of the content; or above it, with the time of what is shown. Either with a way to go on.

        `since` is that time in seconds, where it is not that of the last reading; 0 where there is none. What
        the page says of something that was done is left standing.
        """
        is_ours = self._outdated[1] != "" and self.notice.text == self._outdated[1]
        if self.reads and not part and not self.awaited.is_known:
            self.awaited.failed(error)
            if is_ours:
                self.notice.hide()
            return
        if self.awaited.failure is not None or not (self.notice.isHidden() or is_ours):
            return
        told, t = message(error), texts("common")
        read_at = self.awaited.known_at if since is None else since
        reason = f"{told.reason} {t('from_before', time=local_time(read_at))}" if read_at else told.reason
        before = self._outdated if not self.notice.isHidden() else ("", "")
        self.notice.show_text(told.title, reason, told.next_step, "warn")
        self.notice.offer(t("try_again"), self.shown)
        self._outdated = (part, self.notice.text)
        if self._outdated != before:
            self.verticalScrollBar().setValue(0)

    def show_error(self, error: BaseException) -> None:
        """Title, reason and next step of a failure, at the top of the page."""
        self.notice.show_message(message(error))
        self.verticalScrollBar().setValue(0)

    def show_notice(self, title: str, reason: str = "", next_step: str = "", tone: str = "success") -> None:
        self.notice.show_text(title, reason, next_step, tone)
        self.verticalScrollBar().setValue(0)
