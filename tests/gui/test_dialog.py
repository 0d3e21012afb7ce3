"""The frame of the dialogs: it stays while it is open, has room for what is said later, and Esc cancels."""

from __future__ import annotations

import gc
import threading
from typing import Any

from gui.faults import faults
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.text import label

LONG = "Say how many shares there are, with digits alone, and no more than there are people. " * 3


def turns(qapp: QApplication, count: int = 8) -> None:
    for _ in range(count):
        qapp.processEvents()


def opened(parent: QWidget, *parts: QWidget) -> Dialog:
    dialog = Dialog(parent, "A question", "With a subtitle")
    for part in parts:
        dialog.body.addWidget(part)
    dialog.add_cancel()
    dialog.add_button("Continue", "primary")
    dialog.open()
    return dialog


def test_an_open_dialog_is_not_garbage(qapp: QApplication) -> None:
    parent = QWidget()
    opened(parent, label("Nothing to type here, and nobody in Python keeps it."))
    turns(qapp)
    gc.collect(0)
    gc.collect()
    (dialog,) = parent.findChildren(Dialog)
    assert dialog.isVisible()
    dialog.close()
    parent.close()


def test_it_begins_where_something_is_typed(qapp: QApplication) -> None:
    parent, inside = QWidget(), QWidget()
    shown, typed = line_edit(text="0x2e71"), line_edit()
    shown.setReadOnly(True)
    QVBoxLayout(inside).addWidget(typed)
    dialog = opened(parent, shown, inside, line_edit())
    turns(qapp)
    assert dialog.focusWidget() is typed
    dialog.close()
    parent.close()


def test_what_is_said_later_has_room(qapp: QApplication) -> None:
    parent = QWidget()
    fields = [Field(f"Field {number}", line_edit()) for number in range(4)]
    dialog = opened(parent, *fields)
    turns(qapp)
    before = dialog.height()
    for field in fields:
        field.error(LONG)
    turns(qapp)
    assert dialog.height() > before
    assert faults(dialog) == []
    dialog.close()
    parent.close()


def test_esc_stops_what_it_is_busy_with_and_stays(user: Any) -> None:
    began, may_end = threading.Event(), threading.Event()

    def work(task: Task) -> None:
        began.set()
        may_end.wait(10)
        task.check()

    dialog = opened(user.main, line_edit())
    dialog.set_busy(True, "Working")
    user.window.jobs.run(dialog, work, lambda _done: dialog.accept(), dialog.show_error)
    user.wait(began.is_set, "the job has begun")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    may_end.set()
    user.settle()
    assert dialog.isVisible()
    assert dialog.content.isEnabled(), "as before"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    user.no_dialog()


def test_a_second_esc_waits_for_nothing(user: Any) -> None:
    may_end = threading.Event()
    dialog = opened(user.main, line_edit())
    dialog.set_busy(True, "Working")
    user.window.jobs.run(dialog, lambda _task: may_end.wait(10), lambda _done: None, dialog.show_error)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    user.no_dialog()
    may_end.set()
    user.settle()


def test_a_message_is_read_aloud_as_sentences(qapp: QApplication) -> None:
    told = InlineMessage()
    told.show_text("The terms are written to a file:", "terms.colophon", "Send it to the owners")
    assert told.text == "The terms are written to a file: terms.colophon. Send it to the owners."
    told.close()
