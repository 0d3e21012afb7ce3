"""The appearance switches a few widgets at a time; in the end nothing is left in the old colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from shiboken6 import delete

from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import Card
from desktop_app.gui.widgets.text import label

ROLES = (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText, QPalette.ColorRole.Base)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.finish()
    theme.close()


def something(title: str) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for _ in range(4):
        card = Card(title, "muted words")
        card.body.addWidget(label("a hash", "mono"))
        card.body.addWidget(Button("Do it", "primary", icon="check"))
        layout.addWidget(card)
    window.show()
    return window


def colours(window: QWidget) -> list[str]:
    return [one.palette().color(role).name() for one in window.findChildren(QWidget) for role in ROLES]


def test_after_a_switch_everything_looks_as_if_it_were_built_in_the_new_colours(
    qapp: QApplication, theme: Theme
) -> None:
    window = something("Before")
    light, picture = colours(window), window.grab().toImage()
    theme.set_mode("dark")
    theme.finish()
    new = something("Before")
    assert colours(window) == colours(new) != light
    assert window.grab().toImage() == new.grab().toImage() != picture
    theme.set_mode("light")
    theme.finish()
    assert colours(window) == light
    assert window.grab().toImage() == picture
    for one in (window, new):
        delete(one)


def test_the_switch_takes_many_turns_and_paints_nothing_half_done(
    qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.gui.restyling.SLICE", 0.0)  # as if each widget took a whole slice
    shown, hidden, ended = something("Shown"), something("Hidden"), something("Ended")
    hidden.hide()
    light = colours(shown)
    theme.set_mode("dark")
    turns = 0
    while not shown.updatesEnabled():
        qapp.processEvents()
        turns += 1
        if turns == 3:
            delete(ended)  # what is gone by its turn is left out
    assert turns > 3
    assert not set(colours(shown)) & set(light) - set(colours(something("New")))
    theme.finish()
    assert colours(hidden) == colours(shown) != light
    for one in (shown, hidden):
        delete(one)
