"""A certificate that is opened from the file manager is checked in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent

CERTIFICATE = next(Path(__file__).parents[1].glob("old_databases/0.1.0/certificates/night*.colophon"))


def test_what_the_desktop_opens_is_checked_and_nothing_else_is_taken(user: Any) -> None:
    opened = user.window.opened
    assert opened.eventFilter(user.app, QEvent(QEvent.Type.Show)) is False
    assert user.main.current is not user.main.pages["verify"]
    assert opened.eventFilter(user.app, QFileOpenEvent(str(CERTIFICATE))) is True
    page = user.main.pages["verify"]
    assert user.main.current is page
    user.wait(lambda: page._result.isVisible(), "the verdicts")
