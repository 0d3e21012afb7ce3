"""Modules that make classes of Qt's are loaded by one thread at a time.

The chart's library is loaded by a worker, pages by the window itself. Both at once make types in the same
tables of PySide, and it has crashed on that.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module

LOADING = threading.RLock()

_OF_CHARTS = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtTest", "QtOpenGL", "QtOpenGLWidgets")


def make_classes() -> Iterator[None]:
    """Make every class of Qt's that the chart's library names, one in each step, on the window's own thread.

    PySide makes a class when it is first named. The library names them all, on a worker, and that has crashed
    too, while the window only painted.
    """
    for name in _OF_CHARTS:
        try:
            module = import_module(f"PySide6.{name}")
        except ImportError:
            continue  # no part of the packaged app
        yield
        for each in dir(module):
            getattr(module, each, None)
            yield
