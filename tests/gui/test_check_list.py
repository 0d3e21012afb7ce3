"""The long list of lines to tick: mouse, keyboard, search, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.gui.dialogs.choose_works import ChooseWorksDialog
from desktop_app.gui.widgets.check_list import CheckList
from desktop_app.services.library import Work

LINES = ["Rock & Roll", "Evening", "Morning", "Morning at sea"]


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[CheckList]:
    one = CheckList(LINES, "Works")
    qtbot.addWidget(one)
    one.resize(400, 300)
    with qtbot.waitExposed(one):
        one.show()
    yield one


def click(one: CheckList, row: int, from_left: int | None = None) -> None:
    area = one.visualRect(one.model().index(row, 0))
    place = area.center() if from_left is None else QPoint(area.left() + from_left, area.center().y())
    QTest.mouseClick(one.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_anywhere_on_a_line_ticks_it_and_another_unticks_it(shown: CheckList) -> None:
    counts: list[int] = []
    shown.changed.connect(lambda count, _unseen: counts.append(count))
    click(shown, 2)
    click(shown, 0, from_left=8)  # on the box itself
    assert shown.chosen == [0, 2]
    click(shown, 2)
    assert shown.chosen == [0]
    assert counts == [1, 2, 1]


def test_the_keyboard_goes_down_and_ticks_with_the_space_bar(shown: CheckList) -> None:
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert shown.chosen == [1, 2]
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert shown.chosen == [1]


def test_what_is_searched_away_stays_ticked(shown: CheckList) -> None:
    click(shown, 1)
    shown.search("MORNING")
    assert shown.model().rowCount() == 2
    click(shown, 1)
    assert shown.chosen == [1, 3]
    shown.search("")
    assert shown.model().rowCount() == 4
    assert shown.chosen == [1, 3]
    shown.search("nothing like it")
    assert shown.model().rowCount() == 0


def test_what_is_chosen_and_searched_away_is_told_and_enter_in_the_search_does_nothing(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    works = [cast(Work, SimpleNamespace(title=f"Song {number}")) for number in range(30)]
    dialog = ChooseWorksDialog("Register", "", "Go on", works, parent)
    chosen: list[object] = []
    dialog.chosen.connect(chosen.append)
    with qtbot.waitExposed(dialog):
        dialog.show()
    for row in (3, 5):
        dialog.list.scrollTo(dialog.list.model().index(row, 0))
        click(dialog.list, row)
    dialog.search.setFocus()
    QTest.keyClicks(dialog.search, "Song 29")
    assert dialog._count.text() == "2 chosen. Not among those shown: 2."
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert chosen == []
    assert dialog.isVisible()
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert chosen == [[works[3], works[5]]]


def test_a_screen_reader_hears_the_words_and_whether_they_are_ticked(shown: CheckList) -> None:
    click(shown, 0)
    tree = QAccessible.queryAccessibleInterface(shown)
    assert tree.text(QAccessible.Text.Name) == "Works"
    lines = [tree.child(number) for number in range(tree.childCount())]
    assert [line.text(QAccessible.Text.Name) for line in lines] == LINES
    assert [bool(line.state().checked) for line in lines] == [True, False, False, False]  # type: ignore[attr-defined]
    assert all(line.state().checkable for line in lines)  # type: ignore[attr-defined]


def test_ten_thousand_lines_need_no_widget_each(qtbot: QtBot) -> None:
    many = CheckList([f"Song {number}" for number in range(10_000)], "Works")
    qtbot.addWidget(many)
    many.resize(400, 300)
    with qtbot.waitExposed(many):
        many.show()
    assert len(many.findChildren(QWidget)) < 20
    many.search("song 9999")
    qtbot.waitUntil(lambda: many.visualRect(many.model().index(0, 0)).isValid())
    click(many, 0)
    assert many.chosen == [9999]
