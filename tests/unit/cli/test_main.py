"""`colophon` without arguments: a window, or what is missing for one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desktop_app import __main__ as entry


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux machine without a screen, whatever runs the test."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "argv", ["colophon"])


@pytest.mark.usefixtures("bare")
def test_without_a_display_or_qt_it_says_so_and_offers_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main() == 2
    said = capsys.readouterr().err
    assert "PySide6" in said or "display" in said
    assert "make demo" in said and "colophon --help" in said


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "--version"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.startswith("colophon ")
