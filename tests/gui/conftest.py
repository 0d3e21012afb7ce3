"""The window under test: real services on a real practice network in its own home, driven like a user."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")
pytest.importorskip("pytestqt", reason="pytest-qt is not installed")

from gui.faults import faults
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QWidget,
)

from desktop_app.core import translations
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import TEXT_SIZE
from desktop_app.gui.app import Window, build_window
from desktop_app.gui.language import speak
from desktop_app.gui.loading import make_classes
from desktop_app.gui.tokens import use_text_size
from desktop_app.gui.widgets.check_list import CheckList
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.app import Services, build_services

D = TypeVar("D", bound=QWidget)
PATIENCE = float(os.environ.get("COLOPHON_PATIENCE", "90"))
TURNS = 4
"""Of the event loop, until what a job has brought is on the screen; on a busy machine one can take long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/gui" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.window)


def has_turns_left(root: QWidget) -> bool:
    """Whether something in here is still being built, a part in each turn of the event loop."""
    return any(timer.isActive() and timer.interval() == 0 for timer in root.findChildren(QTimer))


class User:
    """What a person at the window can do, and a camera."""

    def __init__(self, app: QApplication, window: Window, shots: Path) -> None:
        self.app = app
        self.window = window
        self.main = window.main
        self.shots = shots
        self.taken: list[Path] = []
        self.faults: list[str] = []

    def wait(self, until: Callable[[], Any], what: str = "") -> Any:
        """Let the window run until `until()` is true; returns its value."""
        limit = time.monotonic() + PATIENCE
        while not (value := until()):
            if time.monotonic() > limit:
                pytest.fail(f"nothing happened: {what}\n{self._what_is_there()}")
            self.app.processEvents()
            time.sleep(0.004)
        return value

    def _what_is_there(self) -> str:
        jobs = self.window.jobs
        windows = [type(each).__name__ for each in self.app.topLevelWidgets() if each.isVisible()]
        return (
            f"notice: {self.main.current.notice.text!r}\nwindows: {windows}, modal: "
            f"{self.app.activeModalWidget()}\njobs: {jobs.busy}, with titles: {jobs.open_titles}"
        )

    def settle(self, quiet: float = 0.15) -> None:
        """Let everything that is under way arrive, and be on the screen."""
        calm_since = time.monotonic()
        limit = calm_since + PATIENCE
        turns = 0
        while turns < TURNS or time.monotonic() - calm_since < quiet or self._in_turns():
            self.app.processEvents()
            turns += 1
            if self.window.jobs.busy or self._in_turns():
                calm_since, turns = time.monotonic(), 0
            if time.monotonic() > limit:
                pytest.fail(f"never quiet: {self.window.jobs.open_titles}")
            time.sleep(0.004)

    def _in_turns(self) -> bool:
        return has_turns_left(self.main.current)

    def go(self, key: str) -> Any:
        self.click(self.main.side_bar.buttons[key])
        self.settle()
        return self.main.pages[key]

    def reopen(self, language: str = "en", text_size: int = 100) -> None:
        """The same data in a new window of another language or size of text."""
        services = self.window.session.services
        self.window.close()
        os.environ["COLOPHON_LANGUAGE"] = language  # put back by the fixture that set it
        services.settings.set(TEXT_SIZE, text_size)
        speak(self.app, services.paths.settings)
        self.window = open_window(self.app, services)
        self.main = self.window.main
        self.settle()

    def in_front(self) -> None:
        """The window has the keyboard, so that its shortcuts work."""

        def is_there() -> bool:
            self.main.activateWindow()
            return bool(self.main.isActiveWindow())

        self.wait(is_there, "the window is in front")

    def click(self, button: QAbstractButton) -> None:
        assert button.isVisibleTo(button.window()), f"{button.text()!r} is hidden"
        self.wait(button.isEnabled, f"{button.text()!r} is disabled")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.app.processEvents()

    def tick_all(self, lines: CheckList) -> None:
        for number in range(lines.model().rowCount()):
            area = lines.visualRect(lines.model().index(number, 0))
            QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
        self.app.processEvents()

    def type(self, edit: QWidget, text: str) -> None:
        edit.setFocus()
        if hasattr(edit, "clear"):
            edit.clear()
        QTest.keyClicks(edit, text)

    def drop(self, target: QWidget, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        event = QDropEvent(
            QPointF(40, 40),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        target.dropEvent(event)
        self.app.processEvents()

    def dialog(self, kind: type[D]) -> D:
        """The open dialog of this kind, once it is there."""

        def find() -> D | None:
            gc.collect(0)  # what nobody holds goes at once, not now and then
            for widget in self.app.topLevelWidgets():
                if isinstance(widget, kind) and widget.isVisible():
                    return widget
            return None

        found = self.wait(find, kind.__name__)
        if isinstance(found, Dialog):
            self.wait(lambda: found.content.isEnabled(), "the dialog is ready")
        return found

    def no_dialog(self) -> None:
        self.wait(
            lambda: not [w for w in self.app.topLevelWidgets() if isinstance(w, Dialog) and w.isVisible()],
            "every dialog has closed",
        )

    def shot(self, name: str, widget: QWidget | None = None) -> Path:
        """A picture of the window or of a dialog."""
        self.window.theme.finish()
        for _ in range(TURNS):  # what has just come is laid out; work may go on
            self.app.processEvents()
        self.faults.extend(f"{name}: {fault}" for fault in faults(widget or self.main))
        theme = "dark" if self.window.theme.is_dark else "light"
        path = self.shots / f"{name}-{theme}.png"
        picture = (widget or self.main).grab()
        assert not picture.isNull()
        assert picture.save(str(path), "PNG")
        self.taken.append(path)
        return path


def start(app: QApplication, home: Path) -> tuple[Services, Window]:
    services = build_services(AppPaths(home))
    return services, open_window(app, services)


def open_window(app: QApplication, services: Services) -> Window:
    window = build_window(app, services)
    window.crash.remove()  # an exception in a slot fails the test instead of showing a dialog
    window.theme.set_mode("light")
    window.main.resize(1180, 780)
    window.main.show()
    return window


def stop(app: QApplication, services: Services, window: Window) -> None:
    for widget in app.topLevelWidgets():
        if isinstance(widget, Dialog):
            widget.close()
    window.close()
    services.close()
    for _ in range(5):
        app.processEvents()
        app.sendPostedEvents(None, 52)  # QEvent.DeferredDelete


@pytest.fixture(scope="session", autouse=True)
def _classes_of_qt() -> None:
    """Made before the first window, so that no test waits for them."""
    for _ in make_classes():
        pass


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures go: $COLOPHON_SCREENSHOTS, or a temporary folder."""
    folder = Path(os.environ.get("COLOPHON_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def user(qapp: QApplication, tmp_path: Path, shots: Path, cheap_passphrases: None) -> Iterator[User]:
    services, window = start(qapp, tmp_path / "home")
    someone = User(qapp, window, shots)
    window.main.go("library")
    someone.settle()
    yield someone
    stop(qapp, services, someone.window)
    if translations.language() != translations.ENGLISH:
        os.environ["COLOPHON_LANGUAGE"] = translations.ENGLISH
        speak(qapp, services.paths.settings)
    use_text_size(100)


@pytest.fixture
def off_the_ui_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collects every call of a service that was made on the UI thread."""
    from desktop_app.services.address_book import AddressBookService
    from desktop_app.services.backup import BackupService
    from desktop_app.services.catalogue import CatalogueService
    from desktop_app.services.credentials import CredentialService
    from desktop_app.services.data_sets import DataSetService
    from desktop_app.services.details import DetailsService
    from desktop_app.services.earnings import EarningsService
    from desktop_app.services.hidden_models import HiddenModelService
    from desktop_app.services.home import HomeService
    from desktop_app.services.library import LibraryService
    from desktop_app.services.licences import LicenceService
    from desktop_app.services.network_prices import NetworkPriceService
    from desktop_app.services.networks import NetworkService
    from desktop_app.services.ownership import OwnershipService
    from desktop_app.services.packages import PackageService
    from desktop_app.services.payouts import PayoutService
    from desktop_app.services.privacy import PrivacyService
    from desktop_app.services.receipts import ReceiptService
    from desktop_app.services.registration import RegistrationService
    from desktop_app.services.reviews import ReviewService
    from desktop_app.services.royalties import RoyaltyService
    from desktop_app.services.royalty_books import RoyaltyBooks
    from desktop_app.services.training_models import TrainingModels
    from desktop_app.services.training_runs import TrainingService
    from desktop_app.services.transactions import TransactionService
    from desktop_app.services.wallet import WalletService
    from desktop_app.services.witnesses import WitnessService

    instant = {"touch", "subscribe", "close", "is_package", "suggested_name"}
    calls: list[str] = []
    main = threading.main_thread()

    def guard(cls: type, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() is main:
                calls.append(f"{cls.__name__}.{name}")
            return function(*args, **kwargs)

        return guarded

    services = (
        AddressBookService, BackupService, CatalogueService, CredentialService, DataSetService,
        DetailsService, EarningsService, HiddenModelService, HomeService, LibraryService, LicenceService,
        NetworkPriceService, NetworkService, OwnershipService, PackageService, PayoutService, PrivacyService,
        ReceiptService, RegistrationService, ReviewService, RoyaltyBooks, RoyaltyService, TrainingModels,
        TrainingService, TransactionService, WalletService, WitnessService,
    )  # fmt: skip
    for cls in services:
        for name, value in list(vars(cls).items()):
            if name.startswith("_") or name in instant or not callable(value) or isinstance(value, type):
                continue
            if isinstance(value, (staticmethod, classmethod, property)):
                continue
            monkeypatch.setattr(cls, name, guard(cls, name, value))
    yield calls
