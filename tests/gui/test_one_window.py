"""One window for each data folder, what it is asked to open, and the tray where there is one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from desktop_app.core.home_lock import HomeLock
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import TEXT_SIZE, TRAY
from desktop_app.gui import app as app_module
from desktop_app.gui.single_instance import SingleInstance, socket_name
from desktop_app.gui.tokens import load_tokens, use_text_size
from desktop_app.services.app import Services, build_services

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def first(qapp: QApplication, tmp_path: Path) -> Iterator[SingleInstance]:
    instance = SingleInstance(tmp_path / "home")
    assert instance.is_first()
    yield instance
    instance.close()


def start_again(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "desktop_app", *arguments],
        env={**os.environ, "COLOPHON_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_second_start_hands_its_files_to_the_first_and_ends(
    user: Any, first: SingleInstance, tmp_path: Path
) -> None:
    asked: list[list[str]] = []
    first.asked.connect(asked.append)
    again = start_again(tmp_path / "home", "colophon:guide/networks", "nowhere.colophon")
    user.wait(lambda: again.poll() is not None, "the second start has ended")
    assert again.communicate() == ("", "")
    assert again.returncode == 0
    assert asked == [["colophon:guide/networks", str(ROOT / "nowhere.colophon")]]

    # The window comes to the front and shows it; what it does not know, it says.
    main = user.main
    main.showMinimized()
    user.window.open_from_outside(asked[0][:1])
    assert not main.isMinimized()
    assert main.current is main.guide
    user.window.open_from_outside(asked[0][1:])
    assert main.current is main.pages["verify"]
    assert "nowhere.colophon" in main.current.notice.text
    user.window.open_from_outside(["colophon:wallet/pay/everything"])
    assert "wallet/pay/everything" in main.current.notice.text
    user.window.open_from_outside(["colophon:payouts"])
    assert main.current is main.pages["payouts"]


def test_under_an_open_window_nothing_is_restored(first: SingleInstance, tmp_path: Path) -> None:
    done = start_again(tmp_path / "home", "backup", "restore", str(tmp_path / "x.colophon-backup"))
    _out, told = done.communicate(timeout=60)
    assert done.returncode == 1
    assert "Colophon is open" in told


def test_what_is_no_list_of_texts_is_not_listened_to(
    qapp: QApplication, first: SingleInstance, tmp_path: Path
) -> None:
    asked: list[list[str]] = []
    first.asked.connect(asked.append)
    for sent in (b"{}\n", b"[1]\n", b"nonsense\n", b"\xff\n", b"x" * (1 << 17)):
        socket = QLocalSocket()
        socket.connectToServer(socket_name(tmp_path / "home"))
        assert socket.waitForConnected(1000)
        socket.write(sent)
        for _ in range(50):
            qapp.processEvents()
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                break
            socket.waitForReadyRead(10)
        assert socket.state() == QLocalSocket.LocalSocketState.UnconnectedState, sent[:10]
    assert asked == []


def test_a_window_that_was_killed_leaves_nothing_that_blocks_the_next(
    qapp: QApplication, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    killed = SingleInstance(home)
    assert killed.is_first()
    assert not HomeLock(home).take()
    assert not SingleInstance(home).is_first()
    killed._lock.release()  # the operating system does this when a process ends
    after = SingleInstance(home)
    assert after.is_first()
    after.close()
    killed.close()


def test_a_path_that_is_too_long_for_a_socket_gets_a_short_name(tmp_path: Path) -> None:
    assert socket_name(tmp_path / ("x" * 200)).startswith("colophon-")
    assert len(socket_name(tmp_path / ("x" * 200))) < 50


def test_closing_leaves_the_app_in_the_tray_only_where_one_is_and_the_user_wants_it(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = user.main
    told: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    user.window.session.services.settings.set(TRAY, "on")
    main.tray_icon.refresh()
    assert not main.tray_icon.keeps_running  # without a tray the window must not disappear
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    monkeypatch.setattr(main.tray_icon, "message", lambda title, _text: told.append(title))
    assert main.tray_icon.keeps_running
    for _ in range(2):
        main.close()
        assert main.isHidden()
        assert not main._leaving
        main.tray_icon.wanted.emit()
        assert main.isVisible()
    assert len(told) == 1
    main.quit()
    assert main._leaving
    assert main.isHidden()


def test_the_report_for_support_is_saved_from_the_settings(user: Any, tmp_path: Path) -> None:
    settings = user.go("settings")
    settings.save_report(tmp_path / "report.zip")
    user.wait(lambda: settings.notice.isVisible(), "told")
    assert (tmp_path / "report.zip").exists()
    user.shot("settings-report")
    assert not user.faults, "\n".join(user.faults)


def test_a_choice_for_the_whole_window_builds_it_anew_around_the_same_services(
    qapp: QApplication, first: SingleInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, str]] = []
    real = app_module.build_window

    def build(app: QApplication, services: Services) -> app_module.Window:
        window = real(app, services)
        window.crash.remove()
        QTimer.singleShot(300, lambda: look(window))
        return window

    def look(window: app_module.Window) -> None:
        seen.append((load_tokens().type.body, window.main._shown))
        if len(seen) == 1:
            window.main.settings._build_anew(TEXT_SIZE, 150)
        else:
            window.main.leave()

    monkeypatch.setattr(app_module, "build_window", build)
    try:
        services = build_services(AppPaths(tmp_path / "home"))
        assert app_module._open_until_closed(qapp, services, first, ["colophon:wallet"]) == (0, None)
    finally:
        use_text_size(100)
    assert seen == [(14, "wallet"), (21, "settings")]
