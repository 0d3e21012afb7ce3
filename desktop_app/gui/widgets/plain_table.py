"""The look of a table: no grid, whole rows, no line numbers."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop_app.gui.tokens import load_tokens, pixels


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
