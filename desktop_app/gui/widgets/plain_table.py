"""The look of a table: no grid, whole rows, no line numbers."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop_app.gui.tokens import load_tokens, pixels

MEASURED = 3
"""So many of the longest texts of a column are measured: letters are not all of one width."""


def table_height(rows: int) -> int:
    """The height in pixels of a table that shows so many rows at once."""
    return rows * load_tokens().size.table_row + pixels(50)


def make_plain(table: QTableView, name: str, row_height: int = 0) -> None:
    """`name` is read aloud; `row_height` in pixels, 0 is that of the design."""
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_height or load_tokens().size.table_row)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().setHighlightSections(False)


def fit_columns(table: QTableView, rows: Sequence[Sequence[str]]) -> None:
    """Make every column as wide as its longest text; the first one takes what is left, where there is any.

    Not with ResizeToContents: Qt would ask all about each cell of a thousand rows, anew whenever something
    changes, and each question waits for a worker that computes.
    """
    header, model = table.horizontalHeader(), table.model()
    table.ensurePolished()
    header.ensurePolished()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    for place in range(model.columnCount()):
        longest = nlargest(MEASURED, range(len(rows)), key=lambda number: len(rows[number][place]))
        widths = (table.sizeHintForIndex(model.index(number, place)).width() for number in longest)
        header.resizeSection(place, max(header.sectionSizeHint(place), *widths, 0))
    if header.length() <= table.viewport().width():
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
