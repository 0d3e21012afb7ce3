"""The frame around the pages: command palette, keyboard, screen reader, jobs."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest
from gui.conftest import open_window
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from desktop_app.core.localised import decimal
from desktop_app.core.progress import Task
from desktop_app.gui.commands import Command, find
from desktop_app.gui.dialogs.command_palette import CommandPalette
from desktop_app.gui.dialogs.jobs import JobsDialog
from desktop_app.gui.loading import LOADING
from desktop_app.gui.page_set import KEYS, build
from desktop_app.gui.widgets import announce as announcing
from desktop_app.gui.widgets.network_band import NetworkBand
from desktop_app.gui.widgets.time_left import TimeLeft


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
        user.in_front()
        QTest.keyClick(main, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        palette = user.dialog(CommandPalette)
        user.type(palette.edit, words)
        if name:
            user.settle()
            user.shot(name, palette)
        return palette

    palette = ask("networks", "palette")
    assert palette.list.topLevelItem(0).text(1) == main.side_bar.buttons["networks"].shortcut().toString()
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


ROLES = QAccessible.Role
NAMED = {
    ROLES.Button, ROLES.CheckBox, ROLES.RadioButton, ROLES.ComboBox, ROLES.EditableText, ROLES.List,
    ROLES.Table,
    ROLES.Tree, ROLES.ProgressBar, ROLES.Dialog, ROLES.ButtonMenu,
}  # fmt: skip


def spoken_faults(root: QWidget) -> list[str]:
    """What a screen reader would stumble over: controls without a name, progress without a value."""
    found: list[str] = []

    def walk(one: QAccessibleInterface, path: str) -> None:
        state, role, name = one.state(), one.role(), one.text(QAccessible.Text.Name).strip()
        if state.invisible:
            return
        here = f"{path}/{role.name}"
        if role in NAMED and not name and not _inside_of_qt(one):
            found.append(f"no name: {here}")
        if role is ROLES.ProgressBar and one.valueInterface() is None:
            found.append(f"no value: {here} {name!r}")
        if role is not ROLES.Table and role is not ROLES.Tree and role is not ROLES.List:
            for at in range(one.childCount()):
                inner = one.child(at)
                if inner is not None and inner.isValid():
                    walk(inner, here)

    walk(QAccessible.queryAccessibleInterface(root), root.accessibleName())
    return found


def _inside_of_qt(one: QAccessibleInterface) -> bool:
    """Parts that Qt makes itself inside of a named control."""
    holder = one.object()
    parent = holder.parent() if holder is not None else None
    return isinstance(parent, QComboBox | QLineEdit) or (holder is not None and "qt_" in holder.objectName())


def test_the_side_bar_is_one_choice_among_many_for_a_screen_reader_and_the_arrow_keys(user: Any) -> None:
    bar, main = user.main.side_bar, user.main
    user.in_front()
    for key in ("settings", "library", "home"):
        user.go(key)
        chosen = [name for name, button in bar.buttons.items() if button.isChecked()]
        assert chosen == [key]
    for button in bar.buttons.values():
        spoken = QAccessible.queryAccessibleInterface(button)
        assert spoken.role() is ROLES.RadioButton
        assert spoken.text(QAccessible.Text.Name).strip()
    user.in_front()
    bar.buttons["home"].setFocus()
    user.wait(bar.buttons["home"].hasFocus, "the keyboard is in the side bar")
    QTest.keyClick(bar.buttons["home"], Qt.Key.Key_Down)
    user.settle()
    assert main.focusWidget() is bar.buttons["library"]
    assert main.current is main.pages["library"], "as with the tabs of a book"


def test_keys_and_numbers_are_written_as_the_language_does(user: Any) -> None:
    user.reopen("de", 100)
    assert user.main.side_bar.buttons["library"].toolTip().endswith("(Strg+2)")
    assert user.main.side_bar.buttons["library"].shortcut().toString() == "Ctrl+2"
    assert decimal("12.50") == "12,50"


def test_large_text_in_a_small_window_leaves_the_icons_of_the_side_bar(user: Any) -> None:
    user.reopen("en", 200)
    bar, button = user.main.side_bar, user.main.side_bar.buttons["wallet"]
    assert user.main.width() < 1800
    assert button.text() == ""
    assert button.accessibleName() == "Wallet"
    assert button.shortcut().toString() == "Ctrl+6"
    narrow = bar.width()
    user.main.resize(1900, 900)
    user.settle()
    assert button.text().strip() == "Wallet"
    assert bar.width() > narrow


def test_a_screen_reader_finds_a_name_for_everything_on_every_page(user: Any) -> None:
    main = user.main
    found: list[str] = []
    for key in main.pages:
        main.go(key)
        user.settle()
        found += [f"{key}: {fault}" for fault in spoken_faults(main)]
        assert QAccessible.queryAccessibleInterface(main.current).text(QAccessible.Text.Name), key
    assert not found, "\n".join(sorted(set(found)))


def test_the_tab_key_reaches_every_control_of_every_page_and_leaves_it_again(user: Any) -> None:
    main, app = user.main, QApplication.instance()
    assert isinstance(app, QApplication)
    for key in main.pages:
        main.go(key)
        user.settle()
        user.in_front()
        wanted = {
            one for one in main.current.findChildren(QWidget)
            if isinstance(one, QAbstractButton | QLineEdit | QPlainTextEdit | QComboBox)
            and one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not (isinstance(one, QAbstractButton) and one.group() is not None and one.group().exclusive())
        }  # fmt: skip
        main.side_bar.finder.setFocus()
        reached: set[QWidget] = set()
        for _ in range(len(wanted) + 60):
            QTest.keyClick(app.focusWidget() or main, Qt.Key.Key_Tab)
            held = app.focusWidget()
            if held is main.side_bar.finder:
                break
            if held is not None:
                reached.add(held)
        names = [one.accessibleName() or type(one).__name__ for one in wanted - reached]
        assert not names, f"{key}: {names}"


def test_news_are_read_aloud_and_failures_at_once(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, bool]] = []

    class Listener:
        Role = QAccessible.Role
        AnnouncementPoliteness = QAccessible.AnnouncementPoliteness

        @staticmethod
        def updateAccessibility(event: Any) -> None:
            told.append((event.message(), event.politeness() is QAccessible.AnnouncementPoliteness.Assertive))

    monkeypatch.setattr(announcing, "QAccessible", Listener)
    page = user.main.current
    page.show_notice("It is done")
    page.show_error(OSError("no"))
    user.main.toast.show_text("A payment has arrived")
    assert told[0] == ("It is done.", False)
    assert told[1][1]
    assert told[2] == ("A payment has arrived", False)


def test_work_goes_on_when_the_page_is_left_and_is_listed_with_its_end(user: Any) -> None:
    main, jobs = user.main, user.window.jobs
    stop: list[str] = []

    def work(task: Task) -> None:
        while not stop:
            task.report(1, 4, "")

    def broken(_task: Task) -> None:
        raise OSError("no")

    for name in ("One", "Two", "Three"):
        jobs.run(main, work, title=name)
    main.go("settings")
    assert main.tray.isVisible()
    assert "1" in main.tray.all.text()
    user.click(main.tray.all)
    dialog = user.wait(lambda: main.findChild(JobsDialog), "the list of work")
    assert len(dialog.rows) == 3
    user.wait(lambda: "25" in dialog.rows[0]._detail.full_text, "progress")
    user.shot("jobs", dialog)
    user.click(dialog.rows[0]._stop)
    user.wait(lambda: len(main.job_list.running) == 2, "one is stopped")
    stop.append("now")
    user.wait(lambda: not main.job_list.running, "the others are done")
    jobs.run(main, broken, lambda _result: None, lambda _error: None, title="Four")
    user.wait(lambda: len(main.job_list.ended) == 4, "the last has failed")
    assert [one.state.value for one in main.job_list.ended] == ["failed", "done", "done", "stopped"]
    user.settle()
    user.shot("jobs-ended", dialog)
    dialog.accept()
    assert not main.tray.isVisible()
    assert not user.faults, "\n".join(user.faults)


def test_the_time_left_is_told_only_once_it_can_be_known() -> None:
    now = [0.0]
    left = TimeLeft(lambda: now[0])
    left.report(0, 1000)
    assert left.words() == ""
    for second in range(1, 11):
        now[0] = float(second)
        left.report(second * 10, 1000)
    assert left.seconds() == 91
    assert left.words() == "about 2 minutes left"
    now[0] = 11.0
    left.report(5, 20)  # another stage
    assert left.words() == ""
    for second in range(12, 20):
        now[0] = float(second)
        left.report(second - 6, 20)
    assert left.words() == "about 10 seconds left"


def test_no_page_is_built_ahead_while_a_worker_loads_what_makes_classes_of_qt(user: Any) -> None:
    pages = user.main.pages
    pages.close()
    pages.built.pop("compare", None)  # at least this one is still to be built
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with LOADING:
            held.set()
            go_on.wait(10)

    worker = threading.Thread(target=hold)
    worker.start()
    held.wait(10)
    user.wait(pages._is_quiet, "nothing else keeps it from building")
    before = dict(pages.built)
    pages._build_ahead()
    assert pages.built == before
    go_on.set()
    worker.join()
    for _ in range(4 * len(before) + 4):  # loaded, built, put into the window, styled
        pages._build_ahead()
    assert len(pages.built) > len(before)


@pytest.mark.parametrize("kind", ["practice", "test", "main"])
def test_however_narrow_the_band_says_whether_the_money_is_real(qapp: QApplication, kind: str) -> None:
    """In a small window with large texts it said “Practice: no real”."""
    band = NetworkBand()
    band.set_network(kind, "A network with a long name")
    band.resize(band._title.sizeHint().width() + 130, band.height())
    band.show()
    qapp.processEvents()
    assert band._title.width() >= band._title.sizeHint().width()
    band.close()
    band.deleteLater()


def test_the_first_page_is_filled_when_the_window_opens(user: Any) -> None:
    """It was read while nothing could be seen, and stayed empty until something happened."""
    services, window = user.window.session.services, user.window
    window.close()
    user.window = open_window(user.app, services)
    user.main = user.window.main
    user.settle()
    assert user.main.current is user.main.pages["home"]
    assert user.main.current.drop.isVisible()


def test_every_class_that_the_charts_name_is_made_before_a_worker_loads_their_library() -> None:
    code = (
        "import sys; from desktop_app.gui.loading import make_classes\n"
        "for _ in make_classes(): pass\n"
        "from PySide6 import QtCore, QtGui, QtWidgets\n"
        "lazy = [name for module in (QtCore, QtGui, QtWidgets) for name in dir(module)"
        " if name not in vars(module)]\n"
        "sys.exit(', '.join(lazy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


class Opened(QObject):
    """Collects what opens as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(f"{type(watched).__name__} {watched.accessibleName()!r}")
        return False


def test_no_page_opens_a_window_while_it_is_built(user: Any) -> None:
    """Labels that were shown before they had a parent flashed up, and took the keyboard away."""
    opened = Opened()
    user.app.installEventFilter(opened)
    for key in KEYS:
        build(key, user.window.session).deleteLater()
    user.go("networks")
    user.app.removeEventFilter(opened)
    assert opened.windows == []
