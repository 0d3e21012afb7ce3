"""A certificate that is opened from the file manager is checked in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from desktop_app.gui.opened_files import OpenedFiles

CERTIFICATE = next(Path(__file__).parents[1].glob("old_databases/0.1.0/certificates/night*.colophon"))


def test_what_the_desktop_opens_is_checked_and_nothing_else_is_taken(user: Any) -> None:
    opened = user.window.opened
    assert opened.eventFilter(user.app, QEvent(QEvent.Type.Show)) is False
    assert user.main.current is not user.main.pages["verify"]
    assert opened.eventFilter(user.app, QFileOpenEvent(str(CERTIFICATE))) is True
    page = user.main.pages["verify"]
    assert user.main.current is page
    user.wait(lambda: page._result.isVisible(), "the verdicts")


def test_on_macos_a_link_leads_to_its_page_like_a_file(user: Any, monkeypatch: Any) -> None:
    """Links have no file: they came to nothing."""
    monkeypatch.setattr("sys.platform", "darwin")
    handed: list[str] = []
    opened = OpenedFiles(user.app, handed.append)
    try:
        for url in ("colophon:guide/networks", CERTIFICATE.as_uri()):
            QApplication.sendEvent(user.app, QFileOpenEvent(QUrl(url)))
    finally:
        opened.remove()
    assert handed == ["colophon:guide/networks", str(CERTIFICATE)]
    QApplication.sendEvent(user.app, QFileOpenEvent(QUrl("colophon:settings")))
    assert len(handed) == 2
    user.window.open_from_outside(handed[:1])
    assert user.main.current is user.main.pages["guide"]
