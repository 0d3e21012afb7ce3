"""The frame around the pages: command palette, keyboard, screen reader, jobs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.gui.commands import Command, find
from desktop_app.gui.dialogs.command_palette import CommandPalette


def test_names_that_begin_with_the_words_come_first_and_all_words_must_be_there() -> None:
    commands = [
        Command("Make a wallet", print, "Wallet"),
        Command("Wallet", print, shortcut="Ctrl+4"),
        Command("Récovery phrase", print, "Wallet"),
        Command("Networks", print),
    ]
    assert [one.title for one in find(commands, "WALLET")] == ["Wallet", "Make a wallet", "Récovery phrase"]
    assert [one.title for one in find(commands, "recovery wal")] == ["Récovery phrase"]
    assert find(commands, "") == commands
    assert find(commands, "zyxwv") == []


def test_everything_is_one_word_away_in_the_palette(user: Any) -> None:
    main = user.main

    def ask(words: str, name: str = "") -> CommandPalette:
        user.settle()
        main.activateWindow()
        user.wait(main.isActiveWindow, "the window is in front again")
        QTest.keyClick(main, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        palette = user.dialog(CommandPalette)
        user.type(palette.edit, words)
        if name:
            user.settle()
            user.shot(name, palette)
        return palette

    palette = ask("networks", "palette")
    assert palette.list.topLevelItem(0).text(1) == "Ctrl+8"
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    user.no_dialog()
    assert main.current is main.pages["networks"]

    # The keyboard chooses without leaving the field; an action of another page goes there first.
    palette = ask("royalties")
    first = palette.list.currentItem()
    QTest.keyClick(palette.edit, Qt.Key.Key_Down)
    assert palette.list.currentItem() is not first
    QTest.keyClick(palette.edit, Qt.Key.Key_Escape)
    user.no_dialog()

    palette = ask("high contrast")
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    user.settle()
    assert user.window.theme.scheme == "contrast"
    user.shot("contrast")

    palette = ask("taxes law")
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    user.settle()
    assert main.current is main.guide

    palette = ask("zyxwv", "palette-nothing")
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.reject()
    assert not user.faults, "\n".join(user.faults)
