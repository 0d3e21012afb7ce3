"""A worker never destroys what belongs to Qt's thread: Python's collector runs on that thread alone."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop_app.gui.garbage import GarbageCollector


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[GarbageCollector]:
    made = GarbageCollector()
    yield made
    made.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def cycle(destroyed_by: list[int]) -> None:
    """A QObject that only the collector can free."""
    made = QObject()
    made.itself = made  # type: ignore[attr-defined]
    weakref.finalize(made, lambda: destroyed_by.append(threading.get_ident()))


def test_garbage_with_qt_objects_is_destroyed_by_the_windows_thread(collector: GarbageCollector) -> None:
    destroyed_by: list[int] = []
    for _ in range(10):
        cycle(destroyed_by)
    kept: list[list[int]] = []
    worker = threading.Thread(target=lambda: kept.extend([number] for number in range(50_000)))
    worker.start()
    worker.join()
    assert destroyed_by == []
    for _ in range(3):
        collector.collect()
    assert destroyed_by == [threading.get_ident()] * 10


def test_without_it_the_worker_destroys_them(qapp: QApplication) -> None:
    """What this is for."""
    destroyed_by: list[int] = []
    gc.collect()
    for _ in range(10):
        cycle(destroyed_by)
    kept: list[list[int]] = []
    worker = threading.Thread(target=lambda: kept.extend([number] for number in range(50_000)))
    worker.start()
    worker.join()
    assert destroyed_by
    assert threading.get_ident() not in destroyed_by
