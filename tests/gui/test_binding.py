"""PySide6 itself must be sound: 6.12.0 loses references to None and True on Python 3.11, and then crashes."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

TIMES = 50


class _Source(QObject):
    plain = Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal since Python 3.12")
def test_signals_and_calls_leave_the_counts_of_none_and_true_alone(qapp: QApplication) -> None:
    source, label = _Source(), QLabel()
    source.plain.emit()
    label.setVisible(False)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(TIMES):
        source.plain.emit()
        label.setVisible(False)
    lost = before[0] - sys.getrefcount(True), before[1] - sys.getrefcount(None)
    assert max(lost) < TIMES // 2, f"this PySide6 loses references: {lost}; use a version below 6.12"
