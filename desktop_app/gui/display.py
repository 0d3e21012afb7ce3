"""Says why no window can open, before Qt is started: Qt itself would end the process without plain words.

Imports nothing of Qt, so that it works where PySide6 is not installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

_WITHOUT_DISPLAY = {"offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs"}


def display_problem() -> str | None:
    """A code of the gui wording, section "display" (no_qt, no_display, no_server, library:NAME), or None."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "no_qt"
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if platform in _WITHOUT_DISPLAY or not sys.platform.startswith("linux"):
        return None
    if platform != "xcb" and _wayland_socket_exists():
        return None
    if not os.environ.get("DISPLAY"):
        return "no_display"
    return _xcb_problem(Path(next(iter(spec.submodule_search_locations))))


def _wayland_socket_exists() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    folder = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user/0"))
    return (folder / name).exists()


def _xcb_problem(package: Path) -> str | None:
    plugin = package / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.is_file():
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            return f"library:{str(error).split(':')[0]}"
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return "library:libxcb.so.1"
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return "no_server" if failed else None
