"""A worker never destroys what belongs to Qt's thread: Python's collector runs on that thread alone."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from desktop_app.gui.garbage import GarbageCollector


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[GarbageCollector]:
    made = GarbageCollector()
    yield made
    made.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def cycle(destroyed_by: list[int]) -> QObject:
    """A QObject that only the collector can free."""
    made = QObject()
    made.itself = made  # type: ignore[attr-defined]
    weakref.finalize(made, lambda: destroyed_by.append(threading.get_ident()))
    return made


def load(count: int) -> list[list[int]]:
    """So many objects, made by a worker."""
    kept: list[list[int]] = []
    worker = threading.Thread(target=lambda: kept.extend([number] for number in range(count)))
    worker.start()
    worker.join()
    return kept


def test_garbage_with_qt_objects_is_destroyed_by_the_windows_thread(collector: GarbageCollector) -> None:
    destroyed_by: list[int] = []
    for _ in range(10):
        cycle(destroyed_by)
    kept = load(10_000)
    assert destroyed_by == []
    for _ in range(3):
        collector.collect()
    assert destroyed_by == [threading.get_ident()] * 10
    assert len(kept) == 10_000


def test_what_came_in_bulk_is_set_aside_until_the_user_is_elsewhere(
    collector: GarbageCollector, qapp: QApplication
) -> None:
    collector._away.setInterval(0)
    destroyed_by: list[int] = []
    before = gc.get_freeze_count()
    held = [cycle(destroyed_by) for _ in range(10)]
    kept = load(60_000)
    collector.collect()
    assert gc.get_freeze_count() > before + len(kept)
    held.clear()  # what is set aside becomes garbage later
    for _ in range(20):
        collector.collect()
    assert destroyed_by == []
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)  # the user came back at once
    qapp.processEvents()
    assert destroyed_by == []
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    qapp.processEvents()
    assert destroyed_by == [threading.get_ident()] * 10


def test_what_is_set_aside_has_an_end_though_the_user_never_leaves(
    collector: GarbageCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.gui.garbage.MOST_ASIDE", 400_000)
    destroyed_by: list[int] = []
    held = [cycle(destroyed_by) for _ in range(10)]
    kept = [load(60_000)]
    collector.collect()
    held.clear()
    assert destroyed_by == []
    while len(kept) < 20 and not destroyed_by:
        kept.append(load(60_000))
        collector.collect()
    assert destroyed_by == [threading.get_ident()] * 10
    assert len(kept) > 1, "not each time"


def test_what_is_set_aside_behind_the_users_back_is_gone_through_soon(
    collector: GarbageCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Qt.ApplicationState.ApplicationActive
    monkeypatch.setattr(collector, "_app", SimpleNamespace(applicationState=lambda: state))
    kept = [load(60_000)]
    collector.collect()
    assert not collector._away.isActive()
    state = Qt.ApplicationState.ApplicationInactive
    kept.append(load(60_000))
    collector.collect()
    assert collector._away.isActive()
    assert len(kept) == 2


def test_without_it_the_worker_destroys_them(qapp: QApplication) -> None:
    """What this is for."""
    destroyed_by: list[int] = []
    gc.collect()
    for _ in range(10):
        cycle(destroyed_by)
    load(60_000)
    assert destroyed_by
    assert threading.get_ident() not in destroyed_by
