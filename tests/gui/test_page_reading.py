"""What a page reads: no older answer in a newer one's place, nor another account's; failures told by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gui import world
from gui.conftest import User
from pytestqt.qtbot import QtBot

from desktop_app.core.errors import UnavailableError
from desktop_app.gui.widgets.page import Page
from desktop_app.services.royalties import RoyaltyService

DOWN = UnavailableError("chain.unreachable", host="a node", reason="timeout")


class Held:
    """Jobs whose answers come when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[Any], None], Callable[[BaseException], None]]] = []

    def run(self, _owner: object, _read: object, done: Any, failed: Any) -> None:
        self.waiting.append((done, failed))

    def answer(self, number: int, found: object) -> None:
        self.waiting[number][0](found)

    def fail(self, number: int) -> None:
        self.waiting[number][1](DOWN)


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    made = Page("Some page")
    qtbot.addWidget(made)
    made.show()
    return made


def ask(page: Page, jobs: Held, shown: list[Any], **options: Any) -> None:
    page.load(jobs, lambda _task: None, shown.append, **options)  # type: ignore[arg-type]


def test_an_earlier_answer_that_comes_later_is_left_out(page: Page) -> None:
    jobs, shown = Held(), []  # type: tuple[Held, list[Any]]
    for _ in range(3):
        ask(page, jobs, shown)
    jobs.answer(0, "first")
    jobs.answer(2, "third")
    jobs.answer(1, "second")
    assert shown == ["first", "third"]


def test_an_earlier_failure_does_not_stand_over_what_is_fresh(page: Page) -> None:
    jobs, shown = Held(), []  # type: tuple[Held, list[Any]]
    ask(page, jobs, shown)
    ask(page, jobs, shown)
    jobs.answer(1, "fresh")
    jobs.fail(0)
    assert page.notice.isHidden()


def test_what_is_disregarded_is_never_shown(page: Page) -> None:
    jobs, shown = Held(), []  # type: tuple[Held, list[Any]]
    ask(page, jobs, shown, part="money")
    page.disregard("money")
    ask(page, jobs, shown, part="money")
    jobs.answer(0, "of the network before")
    assert shown == []
    jobs.answer(1, "of this one")
    assert shown == ["of this one"]


def test_one_part_that_was_read_does_not_hide_that_another_was_not(page: Page) -> None:
    jobs, shown = Held(), []  # type: tuple[Held, list[Any]]
    ask(page, jobs, shown)
    jobs.answer(0, "rows")
    ask(page, jobs, shown, part="totals")
    jobs.fail(1)
    assert page.notice.isVisible()
    ask(page, jobs, shown)
    jobs.answer(2, "rows")
    assert page.notice.isVisible()
    ask(page, jobs, shown, part="totals")
    jobs.answer(3, "totals")
    assert page.notice.isHidden()


def test_what_was_done_stays_told_though_something_cannot_be_read(page: Page) -> None:
    jobs, shown = Held(), []  # type: tuple[Held, list[Any]]
    page.show_notice("Paid", "5.00 went to the work.")
    ask(page, jobs, shown)
    jobs.fail(0)
    assert "Paid" in page.notice.text
    ask(page, jobs, shown)
    jobs.answer(1, "rows")
    assert page.notice.isVisible()


def test_content_that_cannot_be_shown_is_no_endless_loading(page: Page) -> None:
    jobs = Held()

    def broken(_found: object) -> None:
        raise ZeroDivisionError

    page.load(jobs, lambda _task: None, broken)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        jobs.answer(0, "rows")
    assert page.awaited.failure is not None or page.notice.isVisible()


def test_another_accounts_royalties_are_not_left_as_this_ones(
    qapp: Any, tmp_path: Any, cheap_passphrases: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gui.conftest import open_window, stop

    world.make_world(tmp_path / "home")
    with world.open_world(tmp_path / "home") as services:
        user = User(qapp, open_window(qapp, services), tmp_path)
        royalties = user.go("royalties")
        card = next(iter(royalties.cards.values()))
        assert card.overview is not None

        def down(*_about: Any) -> Any:
            raise DOWN

        monkeypatch.setattr(RoyaltyService, "overview", down)
        user.window.session.money_changed.emit()
        user.settle()
        assert card.overview is not None, "the same account's stay, with their time"
        user.window.session.wallet_changed.emit()
        user.settle()
        assert card.overview is None
        assert not card._claim.isEnabled()
        assert not card._transfer.isEnabled()
        monkeypatch.undo()
        user.window.session.wallet_changed.emit()
        user.settle()
        assert card.overview is not None
        user.window.session.network_changed.emit()
        assert royalties.cards == {}, "of the network before"
        user.settle()
        assert royalties.cards
        stop(qapp, services, user.window)
