"""Every page with nothing to show, while it waits, where it cannot read, and with more than fits.

A page that is new is covered as soon as it is in KEYS.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gui import world
from gui.conftest import User, open_window, stop
from gui.faults import faults
from gui.long_lists import MANY, WORKS, lengthen, name
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop_app.core.errors import UnavailableError
from desktop_app.core.localised import grouped
from desktop_app.core.paths import AppPaths
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.page_set import KEYS
from desktop_app.gui.widgets.awaited import PATIENCE_MS
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.long_list import STEP, LongList
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.text import ElidedLabel, HashLabel, label
from desktop_app.services.app import Services, build_services
from desktop_app.services.guide import FIRST
from desktop_app.services.wording import message, words

pytestmark = [pytest.mark.qt_log_level_fail("WARNING"), pytest.mark.qt_log_ignore("propagateSizeHints")]

READS_NOTHING = ("settings", "guide")
NO_LIST = {*READS_NOTHING, "networks", "compare", "training"}
MORE = words("gui.common", "show_more")
"""What they show is as long for everybody; private data sets are few, as each is made by hand."""
SOME_WORDS = 30
"""Letters: more than a page's frame has."""
BUSY = 0.4
"""Seconds of processor time of one turn: with all rows at once it is several."""
DOWN = UnavailableError("chain.timeout", host="node.example.org")


class Reading:
    """What pages ask of the services: let through, held, or failing."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.fails = False
        self._open = threading.Event()
        self._open.set()
        run = JobBridge.run

        def watched(
            bridge: JobBridge, owner: Any, work: Callable[[Any], Any], *more: Any, **named: Any
        ) -> Any:
            def read(task: Any) -> Any:
                self._open.wait(30)
                if self.fails:
                    raise DOWN
                return work(task)

            self.asked += isinstance(owner, Page | QAbstractItemModel)
            return run(bridge, owner, read, *more, **named)

        patch.setattr(JobBridge, "run", watched)

    def hold(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    with pytest.MonkeyPatch.context() as patch:
        world.cheap_passphrases(patch)
        for watch in ("payout_watch.PayoutWatch", "sale_watch.SaleWatch"):
            patch.setattr(f"desktop_app.gui.{watch}.refresh", lambda self: None)
        patch.setattr(world._World, "_data", lambda self: None)
        patch.setattr(world, "LISTENED", ((54, "6.25"), (40, "25")))
        patch.setattr("desktop_app.services.details.DetailsService.look", lambda *_about: None)
        yield Reading(patch)


Folders = pytest.TempPathFactory


@pytest.fixture(scope="module")
def newcomer(qapp: QApplication, reading: Reading, tmp_path_factory: Folders) -> Iterator[User]:
    services = build_services(AppPaths(tmp_path_factory.mktemp("newcomer") / "home"))
    yield from opened(qapp, services)
    services.close()


@pytest.fixture(scope="module")
def ada(qapp: QApplication, reading: Reading, tmp_path_factory: Folders) -> Iterator[User]:
    home = tmp_path_factory.mktemp("ada") / "home"
    world.make_world(home)
    with world.open_world(home) as services:
        services.selling.delivery.deliver_once(services.networks.active)
        yield from opened(qapp, services)


@pytest.fixture(scope="module")
def long_used(ada: User) -> Iterator[User]:
    """Ada, after years."""
    with pytest.MonkeyPatch.context() as patch:
        lengthen(patch, ada.window.session.services)
        yield ada


def opened(app: QApplication, services: Services) -> Iterator[User]:
    """One window for many tests: its workers are there before anybody counts threads."""
    workers = services.jobs._pool._max_workers
    all_there = threading.Barrier(workers + 1)
    for _ in range(workers):
        services.jobs.submit("early", lambda _task: all_there.wait(30))
    all_there.wait(30)
    user = User(app, open_window(app, services), Path())
    user.settle()
    yield user
    stop(app, services, user.window)


def go(user: User, key: str, *, symbol: str = "NIGHT", title: str = "Night Train") -> Page:
    """The page in front, as if for the first time; it may not have read yet."""
    services, session = user.window.session.services, user.window.session
    page = user.main.pages[key]
    if page.reads:
        page.awaited.forget()
    if key == "work":
        session.work_opened.emit(next(one.id for one in services.library.page() if one.title == title))
    elif key == "royalty":
        tokens = services.royalties.tokens()
        session.token_opened.emit(next(one for one in tokens if one.symbol == symbol))
    elif key == "guide":
        user.main.show_guide(FIRST)
    else:
        user.main.go(key)
    return page


def rest(user: User) -> None:
    user.settle(0.02)


def shown(root: QWidget, kind: type[Any]) -> list[Any]:
    return [one for one in root.findChildren(kind) if one.isVisible()]


def told(root: QWidget) -> str:
    return " ".join(one.text() for one in shown(root, QLabel))


def is_there(page: Page) -> bool:
    """Content, or where it is no labels, the text of the guide."""
    return len(told(page.awaited)) > SOME_WORDS or bool(getattr(page, "view", None))


@pytest.mark.parametrize("key", KEYS)
def test_a_page_with_nothing_says_so_and_what_to_do(key: str, newcomer: User, ada: User) -> None:
    # Two pages there are not before there is a work: the one of which least is known.
    user = ada if key in ("work", "royalty") else newcomer
    page = go(user, key, symbol="COVER", title=world.FILM)
    rest(user)
    assert page.awaited.loading.isHidden()
    assert page.awaited.failure is None
    assert page.notice.isHidden()
    assert is_there(page)
    assert [one for one in shown(page.widget(), Button) if one.isEnabled()], "nothing to press"
    assert not faults(user.main)


@pytest.mark.parametrize("key", KEYS)
def test_a_page_that_waits_says_so_after_a_moment(key: str, ada: User, reading: Reading) -> None:
    page = ada.main.pages[key]
    page.awaited._patience.setInterval(20)
    reading.hold()
    try:
        go(ada, key)
        if not page.reads:
            assert is_there(page), "it waits for nothing"
            return
        assert page.awaited.loading.isHidden(), "not at once: most things come sooner"
        assert not told(page.awaited), "nothing that may not be so"
        ada.wait(page.awaited.loading.isVisible, "it is said that it comes")
        assert told(page.awaited) == words("gui.common", "loading")
    finally:
        reading.go_on()
    rest(ada)
    assert page.awaited.loading.isHidden()
    assert is_there(page)


def test_a_moment_is_short() -> None:
    assert 150 <= PATIENCE_MS <= 500


@pytest.mark.parametrize("key", KEYS)
def test_a_page_that_cannot_read_says_why_and_tries_again(key: str, ada: User, reading: Reading) -> None:
    page = ada.main.pages[key]
    reading.fails, before = True, reading.asked
    try:
        go(ada, key)
        rest(ada)
    finally:
        reading.fails = False
    if key in READS_NOTHING:
        assert reading.asked == before
        return
    assert reading.asked > before
    if page.reads:
        assert page.awaited.failure is not None, "an error is not emptiness"
        text, again = told(page.awaited), page.awaited.failure.button
    else:
        text, again = told(page.notice), page.notice.action
    for part in (message(DOWN).title, message(DOWN).reason, message(DOWN).next_step):
        assert part in text
    assert not faults(ada.main)
    assert again is not None
    ada.click(again)
    rest(ada)
    assert page.awaited.failure is None
    assert page.notice.isHidden()
    assert is_there(page)


@pytest.mark.parametrize("key", [key for key in KEYS if key not in READS_NOTHING])
def test_what_cannot_be_read_again_stays_with_its_time(key: str, ada: User, reading: Reading) -> None:
    page = go(ada, key)
    rest(ada)
    before = told(page.awaited)
    reading.fails = True
    try:
        page.shown()
        rest(ada)
    finally:
        reading.fails = False
    assert page.notice.isVisible()
    assert key == "buying" or re.search(r"\d\d:\d\d", page.notice.text), "from when it is"
    if key not in ("networks", "wallet"):  # there it is said in its place what is not known now
        assert told(page.awaited) == before
    ada.click(page.notice.action)
    rest(ada)
    assert page.notice.isHidden(), "it is so now"


def test_money_that_the_network_does_not_tell_is_not_known(ada: User) -> None:
    def down(*_about: Any) -> Any:
        raise DOWN

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desktop_app.services.networks.NetworkService.balances", down)
        patch.setattr("desktop_app.services.royalties.RoyaltyService.overview", down)
        wallet = go(ada, "wallet")
        ada.window.session.network_changed.emit()
        rest(ada)
        assert words("gui.accounts", "not_known") in [
            one.full_text for one in shown(wallet.awaited, ElidedLabel)
        ]
        assert message(DOWN).reason in wallet.notice.text
        royalties = go(ada, "royalties")
        for address in list(royalties.cards):
            royalties.cards.pop(address).deleteLater()
        rest(ada)
        assert words("gui.royalties", "not_known") in told(royalties.awaited)
        assert message(DOWN).reason in royalties.notice.text
    ada.click(royalties.notice.action)
    rest(ada)
    assert words("gui.royalties", "not_known") not in told(royalties.awaited)
    assert royalties.notice.isHidden()


def test_a_list_keeps_the_rows_that_were_there(ada: User) -> None:
    listed = LongList(lambda item: label(str(item)), step=3)
    listed.show_all([1, 2, 3, 4])
    ada.app.processEvents()
    one, two, _three = listed.rows
    listed.show_all([0, 2, 1, 4])
    ada.app.processEvents()
    assert [row.text() for row in listed.rows] == ["0", "2", "1"]
    assert listed.rows[1:] == [two, one]
    listed.foot.more.click()
    ada.app.processEvents()
    assert [row.text() for row in listed.rows] == ["0", "2", "1", "4"]
    assert listed.foot.more.isHidden()
    asked: list[int] = []
    listed.more_wanted.connect(lambda: asked.append(listed.limit))
    listed.show_all([0, 2, 1, 4, 5, 6], total=9)
    listed.foot.more.click()
    assert asked == [9], "these are not here yet"
    listed.deleteLater()


@pytest.mark.parametrize("key", [key for key in KEYS if key not in NO_LIST])
def test_a_long_list_begins_short_and_says_how_long_it_is(key: str, long_used: User) -> None:
    page = go(long_used, key, title=name(0))
    longest = longest_turn(long_used)
    rest(long_used)
    assert page.awaited.failure is None
    assert page.notice.isHidden()
    assert longest < BUSY
    assert not faults(page)
    if key in ("library", "payouts"):  # only what is in view is in memory, and scrolling brings the rest
        view = page.table if key == "payouts" else page.list
        first = view.model().rowCount()
        assert first == WORKS or grouped(WORKS) in told(page)
        view.scrollToBottom()
        rest(long_used)
        assert view.model().rowCount() > first or first == WORKS
        assert view.indexAt(view.viewport().rect().center()).data()
        return
    assert page.verticalScrollBar().maximum() > 0
    assert grouped(MANY) in told(page)
    labels = len(shown(page, QLabel))
    more = [one for one in shown(page, Button) if one.text() == MORE]
    long_used.click(more[0])
    rest(long_used)
    assert len(shown(page, QLabel)) > labels


def test_holders_that_were_asked_for_stay_when_there_is_news(long_used: User) -> None:
    page: Any = go(long_used, "royalty")
    rest(long_used)
    first = len(shown(page.holders, HashLabel))
    long_used.click(next(one for one in shown(page.holders, Button) if one.text() == MORE))
    rest(long_used)
    assert len(shown(page.holders, HashLabel)) == first + STEP
    page._view = None  # something has changed
    page.shown()
    rest(long_used)
    assert len(shown(page.holders, HashLabel)) == first + STEP
    other = next(one for one in long_used.window.session.services.royalties.tokens() if one != page._token)
    long_used.window.session.token_opened.emit(other)
    rest(long_used)
    assert len(shown(page.holders, HashLabel)) == STEP, "of another work it begins short"


def longest_turn(user: User) -> float:
    """The processor time of the longest turn of the window, until it is at rest."""
    longest, calm = 0.0, time.monotonic() + 0.05
    while time.monotonic() < calm:
        began = time.thread_time()
        user.app.processEvents()
        longest = max(longest, time.thread_time() - began)
        if user.window.jobs.busy or user._in_turns():
            calm = time.monotonic() + 0.05
    return longest
