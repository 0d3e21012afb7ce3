"""The window: side bar, network band, pages. It wires the pages together; they do not know each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, SignalInstance
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.core.errors import NotFoundError
from desktop_app.gui.commands import Command, chapter_commands, look_commands, page_commands
from desktop_app.gui.dialogs.command_palette import CommandPalette
from desktop_app.gui.dialogs.error import ErrorDialog
from desktop_app.gui.dialogs.jobs import JobsDialog
from desktop_app.gui.icons import app_icon
from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.job_list import JobList
from desktop_app.gui.notifications import Notifications, in_words
from desktop_app.gui.page_set import PageSet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import pixels
from desktop_app.gui.tray import Tray
from desktop_app.gui.widgets.announce import announce
from desktop_app.gui.widgets.backup_reminder import BackupReminder
from desktop_app.gui.widgets.job_tray import JobTray
from desktop_app.gui.widgets.network_band import NetworkBand
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.side_bar import SideBar
from desktop_app.gui.widgets.toast import Toast
from desktop_app.services.backup import BackupStatus
from desktop_app.services.earnings import PayoutLine
from desktop_app.services.guide import FIRST, chapters
from desktop_app.services.networks import Network
from desktop_app.services.opening import ToOpen
from desktop_app.services.receipt_text import headline
from desktop_app.services.receipts import Receipt
from desktop_app.services.royalties import Token

if TYPE_CHECKING:
    from desktop_app.gui.pages.guide import GuidePage
    from desktop_app.gui.pages.library import LibraryPage
    from desktop_app.gui.pages.settings import SettingsPage

PAGES = (
    ("home", "home"),
    ("library", "library"),
    ("royalties", "royalties"),
    ("selling", "sell"),
    ("payouts", "payouts"),
    ("wallet", "wallet"),
    ("transactions", "send"),
    ("verify", "verify"),
    ("training", "data"),
    ("networks", "networks"),
    ("settings", "settings"),
)
INSIDE = {"work": "library", "royalty": "royalties", "compare": "networks", "buying": "selling"}
"""Pages that are opened from another one."""
NAMES_BACKUP = ("home", "wallet")
"""Pages that ask for the backup themselves."""
MINIMUM = (900, 600)
USUAL = (1180, 780)
TOLD_LETTERS = 60
"""Of what was done, in a note that goes by itself."""
IDLE_CHECK_MS = 30_000
AHEAD_MS = 600
"""After the first paint, the other pages are built in quiet moments."""
_INPUT = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress)


class MainWindow(QMainWindow):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._t = texts("window")
        self._session = session
        self._leaving = False
        self._shown = self._before_guide = PAGES[0][0]
        self._backup_due: tuple[BackupStatus, bool] | None = None
        self.setWindowTitle("Colophon")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*MINIMUM)
        self.resize(*USUAL)
        self.side_bar = SideBar(PAGES)
        self.band = NetworkBand()
        self.tray = JobTray()
        self.side_bar.foot.addWidget(self.tray)
        self.job_list = JobList(session.jobs, self)
        self.tray.all_wanted.connect(self.show_jobs)
        self.reminder = BackupReminder(later=True)
        self.stack = QStackedWidget()
        self.pages = PageSet(session, self, self._page_added)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.band)
        right.addWidget(self.reminder)
        right.addWidget(self.stack, 1)
        centre = QWidget()
        across = QHBoxLayout(centre)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.side_bar)
        across.addLayout(right, 1)
        self.setCentralWidget(centre)
        self.toast = Toast(self.stack)
        self.tray_icon = Tray(session.services.settings, self)
        self.notifications = Notifications(session, self, self.tray_icon)
        self._wire()
        self.go("home")
        self.stack.setFocus()
        QTimer.singleShot(AHEAD_MS, self, self.pages.build_ahead)

    def _wire(self) -> None:
        session = self._session
        self.side_bar.chosen.connect(self.go)
        session.page_wanted.connect(self.go)
        session.work_opened.connect(self._open_work)
        session.proof_opened.connect(self._check_proof)
        session.token_opened.connect(self._open_token)
        session.jobs.started.connect(self._job_started)
        session.jobs.unhandled.connect(self.show_error)
        session.network_changed.connect(self._show_network)
        session.payouts_arrived.connect(self._payouts_arrived)
        session.receipt_wanted.connect(self._open_receipt)
        session.receipt_ready.connect(self._offer_receipt)
        self.reminder.wanted.connect(lambda: self.go("wallet"))
        for signal in (session.wallet_changed, session.works_changed, session.network_changed):
            signal.connect(self._read_backup)
        self._show_network()
        self._read_backup()
        QShortcut(QKeySequence.StandardKey.Quit, self, self.quit)
        session.tray_changed.connect(self.tray_icon.refresh)
        self.tray_icon.quit_wanted.connect(self.quit)
        for signal in (self.tray_icon.wanted, self.tray_icon.clicked):
            signal.connect(self.come_back)
        QShortcut(QKeySequence.StandardKey.Open, self, self._choose_files)
        QShortcut(QKeySequence.StandardKey.HelpContents, self, lambda: self.show_guide(self.current.chapter))
        QShortcut(QKeySequence("Ctrl+K"), self, self.show_palette)
        self.side_bar.finder.clicked.connect(self.show_palette)
        self._idle = QTimer(self)
        self._idle.setInterval(IDLE_CHECK_MS)
        self._idle.timeout.connect(self._lock_if_idle)
        self._idle.start()

    def _page_added(self, key: str, page: Page) -> None:
        """A page was built: put it into the window, and connect what only some have."""
        self.stack.addWidget(page)
        page.help_wanted.connect(self.show_guide)
        left: SignalInstance | None = getattr(page, "left", None)
        if left is not None:
            left.connect(lambda: self.go(INSIDE.get(key, self._before_guide)))
        if key == "settings":
            self.settings.updates.news.connect(self.toast.show_text)
        dropped: SignalInstance | None = getattr(page, "files_dropped", None)
        if dropped is not None:
            dropped.connect(self.add_files)

    @property
    def library(self) -> LibraryPage:
        from desktop_app.gui.pages.library import LibraryPage

        page = self.pages["library"]
        assert isinstance(page, LibraryPage)
        return page

    @property
    def guide(self) -> GuidePage:
        from desktop_app.gui.pages.guide import GuidePage

        page = self.pages["guide"]
        assert isinstance(page, GuidePage)
        return page

    @property
    def settings(self) -> SettingsPage:
        from desktop_app.gui.pages.settings import SettingsPage

        page = self.pages["settings"]
        assert isinstance(page, SettingsPage)
        return page

    def look_for_an_update(self) -> None:
        """Where that is wanted, once the page that tells of it has been built ahead."""
        if "settings" in self.pages.built:
            self.settings.updates.look_when_opening()
        elif not self._leaving:
            QTimer.singleShot(AHEAD_MS, self, self.look_for_an_update)

    @property
    def current(self) -> Page:
        page = self.stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def go(self, key: str) -> None:
        """Bring a page to the front."""
        page = self.pages[key]
        self._shown = key
        self.stack.setCurrentWidget(page)
        self.side_bar.select(INSIDE.get(key, key))
        page.shown()
        if self._backup_due is not None:
            status, something = self._backup_due
            self.reminder.set_status(status, allowed=something and key not in NAMES_BACKUP)

    def show_guide(self, chapter: str) -> None:
        """The guide at a chapter ("networks#what-makes-up-the-cost"); its way back leads to this page."""
        key, _, place = chapter.partition("#")
        if self._shown != "guide":
            self._before_guide = self._shown
        self.guide.open(key or FIRST, place)
        self.go("guide")

    def show_jobs(self) -> None:
        """All work of this session."""
        JobsDialog(self, self.job_list).open()

    def show_palette(self) -> None:
        """Everything that can be done, to be found by a word of it."""
        listed = [key for key, _icon in PAGES]
        found = [
            *page_commands(self.pages.built, listed, self.current, self.go),
            *chapter_commands(self.show_guide),
            *look_commands(self._session.theme, self.settings.set_mode),
            Command(self._t("jobs"), self.show_jobs),
            Command(self._t("quit"), self.quit, shortcut=_shown(QKeySequence.StandardKey.Quit)),
        ]
        CommandPalette(self, found).open()

    def show_error(self, error: BaseException) -> None:
        self.current.show_error(error)

    def show_crash(self, error: BaseException, report: str) -> None:
        """The dialog for what nobody foresaw."""
        ErrorDialog(error, report, self).open()

    def showEvent(self, event: QShowEvent) -> None:
        """The first page was chosen while nothing could be seen; and what comes back may be out of date."""
        super().showEvent(event)
        if not event.spontaneous():
            self.current.shown()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side_bar.set_narrow(self.width() < pixels(MINIMUM[0]))

    def event(self, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._session.services.wallet.touch()
        return super().event(event)

    def _check_proof(self, path: Path) -> None:
        self._verify((path,))

    def _open_work(self, work_id: str) -> None:
        from desktop_app.gui.pages.work import WorkPage

        page = self.pages["work"]
        assert isinstance(page, WorkPage)
        page.set_work(work_id)
        self.go("work")

    def _open_token(self, token: Token) -> None:
        from desktop_app.gui.pages.royalty import RoyaltyPage

        page = self.pages["royalty"]
        assert isinstance(page, RoyaltyPage)
        page.set_token(token)
        self.go("royalty")

    def add_files(self, paths: list[Path]) -> None:
        """Into the library; the page of a single new file opens as soon as it is known."""
        self.go("library")
        self.library.add_files(paths, then_open=len(paths) == 1)

    def _choose_files(self) -> None:
        self.go("library")
        self.library.drop.choose()

    def _job_started(self, handle: JobHandle) -> None:
        self.tray.add(handle)

    def _payouts_arrived(self, news: tuple[int, tuple[PayoutLine, ...]]) -> None:
        title, text = in_words(*news)
        self.toast.show_text(f"{title}: {text}" if text else title)
        self.notifications.tell(*news)

    def _open_receipt(self, reference: str) -> None:
        from desktop_app.gui.dialogs.receipt import ReceiptDialog

        ReceiptDialog(self._session, reference, self).open()

    def _offer_receipt(self, receipt: Receipt) -> None:
        t = texts("receipt")
        what = headline(receipt)
        what = what if len(what) <= TOLD_LETTERS else what[: TOLD_LETTERS - 1].rstrip() + "…"
        self.toast.show_text(
            t("done", what=what), t("title"), lambda: self._session.receipt_wanted.emit(receipt.id)
        )

    def _show_network(self) -> None:
        networks = self._session.services.networks

        def known(network: Network) -> None:
            before = self.band.accessibleName()
            self.band.set_network(network.kind, network.name)
            if self.band.accessibleName() != before:
                announce(self.band, self.band.accessibleName())

        self._session.jobs.run(self, lambda _task: networks.active, known)

    def _read_backup(self) -> None:
        """Remind once there is something to lose: a record that is no practice, or real money."""
        services = self._session.services

        def read(_task: object) -> tuple[BackupStatus, bool]:
            status = services.backup.status()
            return status, status.is_pressing or services.networks.active.is_real

        def known(found: tuple[BackupStatus, bool]) -> None:
            status, something = found
            self._backup_due = found
            self.reminder.set_status(status, allowed=something and self._shown not in NAMES_BACKUP)

        self._session.jobs.run(self, read, known)

    def _lock_if_idle(self) -> None:
        wallet = self._session.services.wallet

        def known(locked: bool) -> None:
            if locked:
                self._session.clipboard.clear()
                self._session.wallet_changed.emit()

        self._session.jobs.run(self, lambda _task: wallet.lock_if_idle(), known)

    def come_back(self) -> None:
        """In front of everything, wherever the window was."""
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def open_from_outside(self, wanted: ToOpen) -> None:
        """What another start of the app, or the desktop, asked to show. A link never carries anything out."""
        self.come_back()
        for words in wanted.places:
            if not self._go_to(words):
                self.show_error(NotFoundError("app.no_such_place", link="/".join(words)[:80]))
        if wanted.files:
            self._verify(wanted.files)

    def _verify(self, paths: tuple[Path, ...]) -> None:
        from desktop_app.gui.pages.verify import VerifyPage

        verify = self.pages["verify"]
        assert isinstance(verify, VerifyPage)
        self.go("verify")
        for path in paths:
            if path.is_file():
                verify.check(path)
            else:
                self.show_error(NotFoundError("app.not_there", name=path.name[:120]))

    def _go_to(self, words: tuple[str, ...]) -> bool:
        key, *more = words
        if key == "guide" and (not more or more[0] in [one.key for one in chapters()]):
            self.show_guide(more[0] if more else FIRST)
        elif key in self.side_bar.buttons and not more:
            self.go(key)
        else:
            return False
        return True

    def quit(self) -> None:
        """End the app, also where closing the window would leave it in the tray."""
        running = self._session.jobs.open_titles
        if not running or self._may_close(running):
            self.leave()

    def leave(self) -> None:
        """Close without a question."""
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._leaving and self.tray_icon.keeps_running:
            event.ignore()
            self.hide()
            self._session.clipboard.clear()
            self.tray_icon.say_still_here()
            return
        running = self._session.jobs.open_titles
        if running and not self._leaving and not self._may_close(running):
            event.ignore()
            return
        self._idle.stop()
        self.pages.close()
        self.tray_icon.close()
        self._session.clipboard.clear()
        self._session.jobs.close()
        super().closeEvent(event)

    def _may_close(self, running: tuple[str, ...]) -> bool:
        """Work is running: ask once whether to stop it."""
        box = QMessageBox(self)
        box.setWindowTitle("Colophon")
        box.setText(self._t("close_title"))
        box.setInformativeText(self._t("close_text", jobs="\n".join(running)))
        stop = box.addButton(self._t("close_stop"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(self._t("close_stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is stop


def _shown(key: QKeySequence.StandardKey) -> str:
    """A shortcut as this system writes it, or "" where it has none."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
