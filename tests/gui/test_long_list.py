"""Long lists, tables and steps that are filled anew: no row too many, and the keyboard stays where it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from gui.conftest import has_turns_left
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.gui import turns
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.columns import Columns
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.step_card import StepCard
from desktop_app.gui.widgets.surfaces import column
from desktop_app.gui.widgets.text import label

MANY = 60


class Place:
    """A window with a button above and one below, where the keyboard must not get to by itself."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.window = QWidget()
        self.layout = column(Button("Above"))
        self.window.setLayout(self.layout)
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()

    def put(self, widget: Any) -> Any:
        self.layout.addWidget(widget)
        self.layout.addWidget(Button("Delete"))
        self.rest()
        return widget

    def rest(self) -> None:
        self._qtbot.wait(30)
        self._qtbot.waitUntil(lambda: not has_turns_left(self.window), timeout=30_000)
        self._qtbot.wait(10)

    @property
    def keyboard(self) -> Any:
        return self.window.focusWidget()

    @property
    def words(self) -> list[str]:
        return [one.text() for one in self.window.findChildren(QLabel) if one.isVisible()]

    def press(self, button: QWidget) -> None:
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        self.rest()


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    yield Place(qtbot)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn for every row."""
    monkeypatch.setattr(turns, "SLICE", 0)


def opener(item: tuple[int, str]) -> QWidget:
    """A row of an item with a number and a state."""
    holder = QWidget()
    holder.setLayout(column(label(f"{item}"), Button("Open"), named := Button("Remove")))
    named.setAccessibleName(f"Remove {item[0]}")
    return holder


def button(row: QWidget, text: str) -> Button:
    return next(one for one in row.findChildren(Button) if one.text() == text)


def test_of_two_equal_rows_one_can_go(place: Place) -> None:
    listed = place.put(LongList(label))
    listed.show_all(["one", "same", "same"])
    place.rest()
    listed.show_all(["one", "same"])
    place.rest()
    assert [row.text() for row in listed.rows] == place.words == ["one", "same"]


@pytest.mark.qt_no_exception_capture
def test_a_row_that_fails_is_heard_of_and_the_list_says_how_far_it_is(
    place: Place, slowly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(item: int) -> QWidget:
        if item == 3:
            raise ValueError(item)
        return label(str(item))

    heard: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: heard.append(error))
    for shown in (LongList(make), Columns(["number"])):
        filled: list[bool] = []
        shown.filled.connect(lambda filled=filled: filled.append(True))
        place.put(shown)
        if isinstance(shown, LongList):
            shown.show_all(range(9))
        else:
            shown.fill(range(9), lambda item: [make(item)])
        place.rest()
        assert filled == [True]
        assert any("3 of 9" in one for one in place.words)
        shown.hide()
    assert [str(error) for error in heard] == ["3", "3"]


def test_the_rest_of_a_list_gets_the_keyboard(place: Place, slowly: None) -> None:
    listed = place.put(LongList(opener, step=2))
    listed.show_all([(number, "new") for number in range(5)])
    place.rest()
    place.press(listed.foot.more)
    assert place.keyboard is button(listed.rows[2], "Open")
    place.press(listed.foot.more)
    assert listed.foot.more.isHidden()
    assert place.keyboard is button(listed.rows[4], "Open")


def test_rows_without_buttons_leave_the_keyboard_in_the_list(place: Place, slowly: None) -> None:
    listed = place.put(LongList(lambda item: label(str(item)), step=2))
    listed.show_all(range(5))
    place.rest()
    place.press(listed.foot.more)
    assert place.keyboard is listed.foot.more
    place.press(listed.foot.more)
    assert place.keyboard is listed


def test_the_rest_of_a_table_gets_the_keyboard(place: Place, slowly: None) -> None:
    for table, last in ((Columns(["name", ""]), "Open 20"), (Columns(["name", ">number"]), "")):
        if last:
            table.fill(range(25), lambda item: [str(item), Button(f"Open {item}")])
        else:
            table.fill(range(25), lambda item: [str(item), str(item)])
        place.put(table)
        place.rest()
        more = next(one for one in table.findChildren(Button) if one.text() == "Show more")
        place.press(more)
        place.rest()
        assert place.keyboard.accessibleName() == last
        assert table.isAncestorOf(place.keyboard) or place.keyboard is table


def test_an_exchanged_row_keeps_the_keyboard(place: Place, slowly: None) -> None:
    listed = place.put(LongList(opener))
    listed.show_all([(1, "old"), (2, "old"), (3, "old")])
    place.rest()
    button(listed.rows[1], "Remove").setFocus()
    listed.show_all([(0, "new"), (1, "old"), (2, "new"), (3, "old")])
    assert place.keyboard is listed, "and not the next row, until there is the new one"
    place.rest()
    assert place.keyboard is button(listed.rows[2], "Remove")
    place.keyboard.setAccessibleName("Something else")
    listed.show_all([(0, "new"), (1, "old"), (2, "last"), (3, "old")])
    place.rest()
    assert place.keyboard is button(listed.rows[2], "Open")


def test_a_row_that_has_gone_gives_the_keyboard_to_no_other(place: Place) -> None:
    listed = place.put(LongList(opener, step=3))
    listed.show_all([(1, "old"), (2, "old"), (3, "old"), (4, "old")])
    place.rest()
    button(listed.rows[1], "Open").setFocus()
    listed.show_all([(1, "old"), (3, "old"), (4, "old")])
    place.rest()
    assert place.keyboard is listed
    button(listed.rows[2], "Open").setFocus()
    listed.show_all([(1, "old"), (3, "old")])
    place.rest()
    assert place.keyboard is listed


def test_a_table_that_is_filled_anew_stays_as_long_as_it_was(place: Place) -> None:
    table = place.put(Columns(["name", ">number"]))

    def lines(most: int) -> list[str]:
        table.fill(range(most), lambda item: [f"name {item}", str(item)])
        place.rest()
        return [one for one in place.words if one.startswith("name ")]

    assert len(lines(MANY)) == 20
    place.press(next(one for one in table.findChildren(Button) if one.text() == "Show more"))
    labels = {id(one) for one in table.findChildren(QLabel)}
    assert lines(MANY) == [f"name {item}" for item in range(40)]
    assert "40 of 60" in "".join(place.words)
    assert {id(one) for one in table.findChildren(QLabel)} == labels, "nothing was made anew"
    assert lines(3) == ["name 0", "name 1", "name 2"]
    assert not [one for one in place.words if " of " in one]


def test_a_line_that_is_made_anew_keeps_the_keyboard(place: Place) -> None:
    table = place.put(Columns(["name", ""]))

    def fill(*items: int) -> None:
        table.fill(items, lambda item: [str(item), Button("Open")])
        place.rest()

    fill(1, 2, 3)
    second = [one for one in table.findChildren(Button) if one.text() == "Open"][1]
    second.setFocus()
    fill(1, 2, 4)
    assert place.keyboard is not second
    assert place.keyboard is [one for one in table.findChildren(Button) if one.text() == "Open"][1]
    fill(1, 5, 2)
    assert place.keyboard is table


def test_a_step_that_is_shown_anew_keeps_the_keyboard(place: Place) -> None:
    card = place.put(StepCard("Certificates"))

    def check(item: int) -> QWidget:
        time.sleep(turns.SLICE / 2)
        return Button(f"Check {item}")

    def show(*items: int) -> None:
        listed = LongList(check)
        listed.show_all(items)
        card.set_done("They prove it.", listed, action="Another one")
        place.rest()
        place.rest()

    show(1, 2, 3)
    next(one for one in card.findChildren(Button) if one.text() == "Check 3").setFocus()
    show(0, 1, 2, 3)
    assert place.keyboard.text() == "Check 3"
    show(0, 1, 2)
    assert place.keyboard is card.button
