"""Modules that make classes of Qt's are loaded by one thread at a time.

The chart's library is loaded by a worker, pages by the window itself. Both at once make types in the same
tables of PySide, and it has crashed on that.
"""

from __future__ import annotations

import threading

LOADING = threading.RLock()
