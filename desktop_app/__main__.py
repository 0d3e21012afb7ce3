"""Dispatch only: nothing, or files and links to open, is for the window, all else for the command line."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """The executable `colophon`; returns the exit code."""
    if getattr(sys, "frozen", False):
        # In a bundle the workers of a process pool start as this executable again.
        from multiprocessing import freeze_support

        freeze_support()
    from desktop_app.services.opening import is_to_open

    completes = "_COLOPHON_COMPLETE" in os.environ  # a shell asks, see cli/completion.py
    if completes or not all(is_to_open(argument) for argument in sys.argv[1:]):
        from desktop_app.cli.app import run

        return run(sys.argv[1:])
    from desktop_app.gui.app import run as open_window

    return open_window()


if __name__ == "__main__":
    sys.exit(main())
