"""Opens the window: is one possible; Qt; the services; theme, session, pages; after the paint, the tracker.

Qt is imported inside the functions, so that a machine without it gets words instead of a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app.gui.display import display_problem

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from desktop_app.gui.main_window import MainWindow
    from desktop_app.gui.restoring import RestoreRequest
    from desktop_app.gui.single_instance import SingleInstance
    from desktop_app.services.app import Services

    Outcome = tuple[int, RestoreRequest | None]
    """The exit code, and the backup that shall take the place of everything."""

__all__ = ["Window", "build_window", "display_problem", "run"]

TRACKER_DELAY_MS = 700
UPDATE_DELAY_MS = 4000
SWITCH = 0.0001
"""Seconds after which a worker that computes lets the window have Python, who asks for it again and again."""
REOPEN = (-1, None)
"""The outcome of a window that shall be built anew."""


def run(argv: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed. Exit code 2 where no window can open, with the reason."""
    from desktop_app.core.paths import AppPaths
    from desktop_app.services.language import speak_as_set

    paths = AppPaths.from_environment()
    speak_as_set(paths.settings)
    problem = display_problem()
    if problem is not None:
        sys.stderr.write(_explain(problem))
        return 2
    from PySide6.QtWidgets import QApplication

    from desktop_app.gui.single_instance import SingleInstance
    from desktop_app.services.opening import absolute

    given = list(argv if argv is not None else sys.argv)
    app = QApplication(given[:1])
    paths.create()
    instance = SingleInstance(paths.home)
    wanted = absolute(given[1:])
    if not instance.is_first():
        if instance.hand_over(wanted):
            return 0
        sys.stderr.write(_explain("busy"))
        return 1
    try:
        return _run(app, instance, wanted)
    finally:
        instance.close()


def _explain(problem: str) -> str:
    from desktop_app.gui.texts import texts

    t = texts("display")
    name, _, library = problem.partition(":")
    return f"{t(name, library=library)}\n{t(f'{name}_help')}\n{t('demo')}\n"


def _run(app: QApplication, instance: SingleInstance, wanted: list[str]) -> int:
    from desktop_app.core.errors import ColophonError
    from desktop_app.core.logging import redact, set_up_logging
    from desktop_app.core.paths import AppPaths
    from desktop_app.gui.dialogs.error import ErrorDialog
    from desktop_app.gui.restoring import restore_with_progress
    from desktop_app.gui.theme import Theme
    from desktop_app.services.app import build_services

    paths = AppPaths.from_environment()
    handler = None
    try:
        handler = set_up_logging(paths.logs)
        while True:
            code, request = _open_until_closed(app, build_services(paths), instance, wanted)
            if request is None:
                return code
            wanted = []
            problem = restore_with_progress(paths, request)
            if problem is not None:
                ErrorDialog(problem, redact(str(problem))).exec()
    except ColophonError as error:
        Theme(app)
        ErrorDialog(error, str(error)).exec()
        return 1
    finally:
        if handler is not None:
            handler.close()


def _open_until_closed(
    app: QApplication, services: Services, instance: SingleInstance, wanted: list[str]
) -> Outcome:
    """The window until it is closed for good.

    What is chosen for the whole window, such as the language, builds it anew around the same services.
    """
    from desktop_app.gui import language

    page = ""
    try:
        while True:
            language.speak(app, services.paths.settings)
            window = build_window(app, services)
            instance.asked.connect(window.open_from_outside)
            if wanted:
                window.open_from_outside(wanted)
                wanted = []
            outcome = _show(app, window, page)
            instance.asked.disconnect(window.open_from_outside)
            if outcome is not REOPEN:
                return outcome
            page = "settings"
    finally:
        services.close()


def _show(app: QApplication, window: Window, page: str) -> Outcome:
    wanted: list[Outcome] = []

    def leave(outcome: Outcome) -> None:
        wanted.append(outcome)
        window.main.leave()

    window.session.restore_wanted.connect(lambda request: leave((0, request)))
    window.session.reopen_wanted.connect(lambda: leave(REOPEN))
    try:
        if page:
            window.main.go(page)
        window.main.show()
        code = app.exec()
        return wanted[0] if wanted else (code, None)
    finally:
        window.close()


class Window:
    """The main window with what it needs around it; `close` before the services are closed."""

    def __init__(self, app: QApplication, services: Services) -> None:
        from PySide6.QtCore import QTimer

        from desktop_app.core.settings import TEXT_SIZE, THEME
        from desktop_app.gui import tokens
        from desktop_app.gui.crash import CrashHandler
        from desktop_app.gui.garbage import GarbageCollector
        from desktop_app.gui.job_bridge import JobBridge
        from desktop_app.gui.main_window import MainWindow
        from desktop_app.gui.opened_files import OpenedFiles
        from desktop_app.gui.payout_watch import PayoutWatch
        from desktop_app.gui.sale_watch import SaleWatch
        from desktop_app.gui.session import Session
        from desktop_app.gui.theme import Theme
        from desktop_app.gui.transaction_watch import TransactionWatch

        sys.setswitchinterval(SWITCH)
        app.setApplicationName("Colophon")
        app.setDesktopFileName("colophon")
        self.garbage = GarbageCollector()
        tokens.use_text_size(services.settings.number(TEXT_SIZE))
        self.theme = Theme(app, services.settings.text(THEME))
        self.jobs = JobBridge(services.jobs)
        self.session = Session(services, self.jobs, self.theme)
        self.main: MainWindow = MainWindow(self.session)
        self.watch = PayoutWatch(self.session)
        self.orders = SaleWatch(self.session)
        self.orders.told.connect(self.main.toast.show_text)
        self.orders.told.connect(self.main.notifications.say)
        self.sent = TransactionWatch(self.session)
        self.opened = OpenedFiles(app, lambda path: self.open_from_outside([path]))
        self.crash = CrashHandler(self.main.show_crash)
        self.crash.install()
        QTimer.singleShot(TRACKER_DELAY_MS, self.watch, self.watch.refresh)
        QTimer.singleShot(TRACKER_DELAY_MS, self.orders, self.orders.refresh)
        QTimer.singleShot(TRACKER_DELAY_MS, self.sent, self.sent.look)
        QTimer.singleShot(UPDATE_DELAY_MS, self.main, self.main.look_for_an_update)

    def open_from_outside(self, arguments: list[str]) -> None:
        """Show the files and links that this or another start of the app was given."""
        from desktop_app.services.opening import to_open

        self.main.open_from_outside(to_open(arguments))

    def close(self) -> None:
        self.crash.remove()
        self.opened.remove()
        self.watch.close()
        self.orders.close()
        self.sent.close()
        self.jobs.close()
        self.main.leave()
        self.main.deleteLater()
        self.session.deleteLater()
        self.theme.close()
        self.garbage.close()


def build_window(app: QApplication, services: Services) -> Window:
    """The composition root of the window."""
    return Window(app, services)
