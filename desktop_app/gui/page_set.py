"""The pages of the window. Each is built when it is first needed, or a little later in a quiet moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from PySide6.QtCore import QObject, QTimer

from desktop_app.gui.loading import LOADING
from desktop_app.gui.restyling import style_now
from desktop_app.gui.session import Session
from desktop_app.gui.widgets.page import Page
from desktop_app.services.wording import read_ahead

KEYS = (
    "home", "library", "royalties", "selling", "payouts", "wallet", "transactions", "verify", "training",
    "networks", "settings", "work", "royalty", "compare", "buying", "guide",
)  # fmt: skip
QUIET_MS = 40
"""Between two steps of building ahead, four for each page: long enough for the user's own input."""

SETTLED = 0.12
"""Seconds in which a page that was asked for comes to rest."""


def build(key: str, session: Session) -> Page:  # noqa: PLR0912, PLR0915  # one branch for each page
    """The page, with its modules loaded only now: the first paint does not wait for them."""
    made: Page
    if key == "home":
        from desktop_app.gui.pages.home import HomePage

        made = HomePage(session)
    elif key == "library":
        from desktop_app.gui.pages.library import LibraryPage

        made = LibraryPage(session)
    elif key == "royalties":
        from desktop_app.gui.pages.royalties import RoyaltiesPage

        made = RoyaltiesPage(session)
    elif key == "selling":
        from desktop_app.gui.pages.selling import SellingPage

        made = SellingPage(session)
    elif key == "payouts":
        from desktop_app.gui.pages.payouts import PayoutsPage

        made = PayoutsPage(session)
    elif key == "wallet":
        from desktop_app.gui.pages.wallet import WalletPage

        made = WalletPage(session)
    elif key == "transactions":
        from desktop_app.gui.pages.transactions import TransactionsPage

        made = TransactionsPage(session)
    elif key == "verify":
        from desktop_app.gui.pages.verify import VerifyPage

        made = VerifyPage(session)
    elif key == "training":
        from desktop_app.gui.pages.training import TrainingPage

        made = TrainingPage(session)
    elif key == "networks":
        from desktop_app.gui.pages.networks import NetworksPage

        made = NetworksPage(session)
    elif key == "settings":
        from desktop_app.gui.pages.settings import SettingsPage

        made = SettingsPage(session)
    elif key == "work":
        from desktop_app.gui.pages.work import WorkPage

        made = WorkPage(session)
    elif key == "royalty":
        from desktop_app.gui.pages.royalty import RoyaltyPage

        made = RoyaltyPage(session)
    elif key == "compare":
        from desktop_app.gui.pages.compare import ComparePage

        made = ComparePage(session)
    elif key == "buying":
        from desktop_app.gui.pages.buying import BuyingPage

        made = BuyingPage(session)
    elif key == "guide":
        from desktop_app.gui.pages.guide import GuidePage

        made = GuidePage(session)
    else:
        raise KeyError(key)
    return made


class PageSet(Mapping[str, Page]):
    """`added(key, page)` is called once for each page, before anybody else gets it."""

    def __init__(self, session: Session, owner: QObject, added: Callable[[str, Page], None]) -> None:
        self._session = session
        self._added = added
        self.built: dict[str, Page] = {}
        self._made: dict[str, Page] = {}
        self._ready: set[str] = set()
        self._wanted_at = 0.0
        self._quiet = QTimer(owner)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._build_ahead)

    def __getitem__(self, key: str) -> Page:
        self._wanted_at = time.monotonic()
        page = self.built.get(key)
        return self._put_in(key) if page is None else page

    def _put_in(self, key: str) -> Page:
        with LOADING:
            page = self._made.pop(key) if key in self._made else build(key, self._session)
            self.built[key] = page
        self._added(key, page)
        return page

    def __iter__(self) -> Iterator[str]:
        return iter(KEYS)

    def __len__(self) -> int:
        return len(KEYS)

    def build_ahead(self) -> None:
        """Build the others one by one while the user looks at the first."""
        self._session.jobs.run(self._quiet, lambda _task: read_ahead())
        self._quiet.start()

    def close(self) -> None:
        self._quiet.stop()
        for page in self._made.values():
            page.deleteLater()
        self._made.clear()

    def _build_ahead(self) -> None:
        unready = next((key for key in KEYS if key not in self._ready), None)
        if unready is None:
            self._quiet.stop()
        elif self._is_quiet() and LOADING.acquire(blocking=False):
            try:
                self._go_on_with(unready)
            finally:
                LOADING.release()

    def _is_quiet(self) -> bool:
        return not self._session.jobs.unnamed and time.monotonic() - self._wanted_at > SETTLED

    def _go_on_with(self, key: str) -> None:
        """Its modules, the page, its place in the window, its looks: each in a turn of its own."""
        if (module := f"desktop_app.gui.pages.{key}") not in sys.modules:
            import_module(module)
        elif key not in self._made and key not in self.built:
            self._made[key] = build(key, self._session)
        elif key not in self.built:
            self._put_in(key)
        else:
            style_now(self.built[key])
            self._ready.add(key)
