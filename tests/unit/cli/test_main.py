"""`colophon` without arguments: a window, or what is missing for one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desktop_app import __main__ as entry


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "argv", ["colophon"])


@pytest.mark.usefixtures("bare")
def test_without_a_display_it_says_so_and_offers_the_demo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert entry.main() == 1
    said = capsys.readouterr().err
    assert "no display" in said
    assert "make demo" in said and "colophon --help" in said


@pytest.mark.usefixtures("bare")
def test_without_pyside6_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setitem(sys.modules, "PySide6", None)
    assert entry.main() == 1
    said = capsys.readouterr().err
    assert "pipx" in said and "make demo" in said


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "--version"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.startswith("colophon ")
