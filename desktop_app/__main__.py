"""Dispatch only: no arguments opens the window, anything else is the command line."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """The executable `colophon`; returns the exit code."""
    from desktop_app.cli.app import explain, run

    if len(sys.argv) > 1:
        return run(sys.argv[1:])
    if not _has_display():
        return explain("cli.no_display")
    try:
        from PySide6 import QtWidgets as _  # noqa: F401 - finds out whether a window can open here
    except ModuleNotFoundError:
        return explain("cli.no_window")
    except ImportError as error:
        return explain("cli.no_window_library", detail=str(error))
    from desktop_app.gui.app import run as open_window

    return open_window()


def _has_display() -> bool:
    """Whether a window could appear: always on macOS and Windows, elsewhere by what the session says."""
    if sys.platform in ("darwin", "win32"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(main())
