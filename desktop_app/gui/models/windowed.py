"""A long list of which only the pages in view are in memory, however far the user scrolls."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QTimer, Signal

from desktop_app.core.progress import Task
from desktop_app.gui.job_bridge import JobBridge

PAGE = 100
KEPT = 12
"""Pages in memory: some screens around the one in view."""

Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[int, int], Sequence[Any]]
Count = Callable[[], int]


class WindowedModel(QAbstractTableModel):
    """`count()` and `fetch(offset, limit)` run on a worker. `loaded` fires whenever rows have arrived.

    A row that is not there yet is None in `row_at`; asking for it fetches its page.
    """

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, jobs: JobBridge, count: Count, fetch: Fetch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._count = count
        self._fetch = fetch
        self._total = 0
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._loading = False
        self._again = False
        self._anew = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._load_wanted)

    @property
    def rows_in_memory(self) -> int:
        return sum(map(len, self._pages.values()))

    def row_at(self, number: int) -> Any:
        """The row, or None while its page is fetched."""
        page, place = divmod(number, PAGE)
        known = self._pages.get(page)
        if known is None:
            self._wanted[page] = None
            while len(self._wanted) > 2:
                self._wanted.popitem(last=False)  # what was scrolled past is not wanted any more
            if not self._soon.isActive():
                self._soon.start()
            return None
        self._pages.move_to_end(page)
        return known[place] if place < len(known) else None

    def reload(self, *, anew: bool = False) -> None:
        """Count again and fetch the pages in view again, which stay visible meanwhile.

        `anew` for another list (a changed filter): the view then starts at its top.
        """
        self._anew = self._anew or anew
        if self._loading:
            self._again = True
            return
        self._loading = True
        anew, self._anew = self._anew, False
        pages = [0] if anew or not self._pages else sorted(list(self._pages)[-3:])
        count, fetch = self._count, self._fetch

        def read(_task: Task) -> tuple[int, dict[int, Sequence[Any]]]:
            return count(), {page: fetch(page * PAGE, PAGE) for page in pages}

        def arrived(found: tuple[int, dict[int, Sequence[Any]]]) -> None:
            self._replace(*found, anew)
            self._arrived()

        self._jobs.run(self, read, arrived, self._trouble)

    def _load_wanted(self) -> None:
        if self._loading or not self._wanted:
            return
        self._loading = True
        page, _ = self._wanted.popitem()
        fetch = self._fetch

        def arrived(rows: Sequence[Any]) -> None:
            self._keep(page, rows)
            first = page * PAGE
            last = min(first + PAGE, self._total) - 1
            if last >= first:
                self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))
            self._arrived()

        self._jobs.run(self, lambda _task: fetch(page * PAGE, PAGE), arrived, self._trouble)

    def _replace(self, total: int, pages: dict[int, Sequence[Any]], anew: bool) -> None:
        grown = total - self._total
        if anew or grown < 0:
            self.beginResetModel()
        elif grown:
            self.beginInsertRows(QModelIndex(), 0, grown - 1)  # newest first: the view keeps its place
        self._pages.clear()
        self._total = total
        for page, rows in pages.items():
            self._keep(page, rows)
        if anew or grown < 0:
            self.endResetModel()
        elif grown:
            self.endInsertRows()
        if total:
            self.dataChanged.emit(self.index(0, 0), self.index(total - 1, self.columnCount() - 1))

    def _keep(self, page: int, rows: Sequence[Any]) -> None:
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def _trouble(self, error: BaseException) -> None:
        self.failed.emit(error)
        self._ended()

    def _arrived(self) -> None:
        self._loading = False
        self.loaded.emit()
        self._ended()

    def _ended(self) -> None:
        self._loading = False
        if self._again:
            self._again = False
            self.reload()
        elif self._wanted:
            self._soon.start()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1
