"""The works of the library for a list view, each with how far it has come on the active network."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from desktop_app.gui.formatting import file_size, kind_of, local_date
from desktop_app.gui.models.paged import PagedModel
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.preview_picture import read_picture
from desktop_app.gui.widgets.text import tooltip
from desktop_app.services.library import Work, WorkStep

TILE = 80
"""Pixels of a row's picture: twice what is shown, for dense screens."""
ITEM = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class WorkRow:
    work: Work
    step: WorkStep
    picture: QImage | None = field(default=None, compare=False, repr=False)

    @property
    def icon(self) -> str:
        return kind_of(self.work.media_type)[0]

    @property
    def detail(self) -> str:
        return " · ".join(
            (kind_of(self.work.media_type)[1], file_size(self.work.size), local_date(self.work.added_at))
        )

    @property
    def state(self) -> str:
        return texts("steps")(self.step.name.lower())


class WorksModel(PagedModel):
    """Newest first; `search` narrows it by title, and `total` is how many there are then."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        self.search = ""
        self.total = 0
        library = session.services.library
        details, networks = session.services.details, session.services.networks

        def fetch(offset: int, limit: int) -> list[WorkRow]:
            chain_id = networks.active.chain_id
            self.total = library.count(self.search)
            works = library.page(offset, limit, self.search)
            return [
                WorkRow(work, library.step(work.id, chain_id), read_picture(details.preview(work.id), TILE))
                for work in works
            ]

        super().__init__(session.jobs, fetch, parent)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        row: WorkRow = self._rows[index.row()]
        if role == ITEM:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.work.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.work.title}. {row.detail}. {row.state}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(str(row.work.path))
        return None
