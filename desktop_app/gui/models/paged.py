"""A list of rows that are fetched from a service in pages, off the UI thread, as the user scrolls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop_app.core.progress import Task
from desktop_app.gui.job_bridge import JobBridge

PAGE = 100
Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[int, int], Sequence[Any]]


class PagedModel(QAbstractTableModel):
    """`fetch(offset, limit)` runs on a worker. `loaded` fires after each page."""

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, jobs: JobBridge, fetch: Fetch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._fetch = fetch
        self._rows: list[Any] = []
        self._more = False
        self._loading = False
        self._again = False
        self._generation = 0

    @property
    def rows(self) -> Sequence[Any]:
        return self._rows

    def reload(self) -> None:
        """Fetch again from the start, as many rows as are shown now; the list stays visible meanwhile."""
        if self._loading:
            self._again = True
            return
        self._load(0, max(PAGE, len(self._rows)))

    def _load(self, offset: int, limit: int) -> None:
        self._loading = True
        fetch = self._fetch

        def read(_task: Task) -> Sequence[Any]:
            return fetch(offset, limit)

        def arrived(rows: Sequence[Any]) -> None:
            self._loading = False
            self._more = len(rows) == limit
            if offset == 0:
                self._replace(list(rows))
            elif rows:
                first = len(self._rows)
                self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
                self._rows.extend(rows)
                self.endInsertRows()
            self.loaded.emit()
            self._next()

        def trouble(error: BaseException) -> None:
            self._loading = False
            self.failed.emit(error)
            self._next()

        self._jobs.run(self, read, arrived, trouble)

    def _next(self) -> None:
        if self._again:
            self._again = False
            self.reload()

    def _replace(self, rows: list[Any]) -> None:
        if rows == self._rows:
            return
        if len(rows) == len(self._rows):
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))
            return
        new = len(rows) - len(self._rows)
        if new > 0 and rows[new:] == self._rows:
            self.beginInsertRows(QModelIndex(), 0, new - 1)  # newest first: the view keeps its place
            self._rows = rows
            self.endInsertRows()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more and not self._loading

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._load(len(self._rows), PAGE)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return (
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if index.isValid()
            else Qt.ItemFlag.NoItemFlags
        )
