"""A list that may be long: its first rows, how many there are, and further ones for those who want them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.localised import grouped
from desktop_app.gui.restyling import style_now
from desktop_app.gui.texts import texts
from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE, Rule, column, row
from desktop_app.gui.widgets.text import label

STEP = 20
"""So many rows at once: some screens."""
CARDS = 8
"""So many of the tall ones."""


class ListFoot(QWidget):
    """How many of how many are shown; `wanted` asks for more. It hides where the list is short."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._t = texts("common")
        self._count = label("", "caption")
        self.more = Button(self._t("show_more"))
        self.more.clicked.connect(self.wanted)
        self.setLayout(row(None, self._count, self.more, None, gap=SPACE.medium))
        self.hide()

    def tell(self, shown: int, total: int, step: int) -> None:
        self._count.setText(self._t("shown_of", shown=grouped(shown), count=grouped(total)))
        self.more.setVisible(shown < total)
        self.setVisible(total > step)


class LongList(QWidget):
    """`make` gives the widget of an item; the row of an item that was there before stays as it is.

    `more_wanted` asks for items that were not given yet, as many as `limit` says. `filled`: all are there.
    """

    more_wanted = Signal()
    filled = Signal()

    def __init__(
        self, make: Callable[[Any], QWidget], *, gap: int = SPACE.small, step: int = STEP, ruled: bool = False
    ) -> None:
        super().__init__()
        self._make = make
        self._step = self.limit = step
        self._ruled = ruled
        self._items: Sequence[Any] = ()
        self._total = 0
        self._shown: list[tuple[Any, _Row]] = []
        self._turn = 0
        self._rows = column(gap=gap)
        self.foot = ListFoot()
        self.foot.wanted.connect(self._show_more)
        self.setLayout(column(self._rows, self.foot, gap=gap))

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """The items that are shown, each with the widget that `make` has given."""
        return [(item, one.content) for item, one in self._shown]

    @property
    def rows(self) -> list[Any]:
        return [widget for _item, widget in self.pairs]

    def show_all(self, items: Sequence[Any], total: int = 0) -> None:
        """Show the first of `items`; `total` where there are more than were given."""
        self._items, self._total = items, max(total, len(items))
        self._turn += 1
        in_turns(self, self._fill(self._turn, list(items[: self.limit])))

    def _fill(self, turn: int, wanted: list[Any]) -> Iterator[None]:
        """Row by row, unless there is something newer."""
        kept = []
        for item, one in self._shown:
            if item in wanted:
                kept.append((item, one))
            else:
                one.hide()
                self._rows.removeWidget(one)
                one.deleteLater()
        self._shown = kept
        self.foot.tell(len(wanted), self._total, self._step)
        for place, item in enumerate(wanted):
            if turn != self._turn:
                return
            one = self._take(item, place) or _Row(self._make(item), ruled=self._ruled)
            self._shown.insert(place, (item, one))
            if self._rows.indexOf(one) != place:
                self._rows.removeWidget(one)
                self._rows.insertWidget(place, one)
                style_now(one)
            one.set_first(place == 0)
            yield
        self.filled.emit()

    def _take(self, item: Any, place: int) -> _Row | None:
        """The row that there is for the item, at this place or below."""
        for at in range(place, len(self._shown)):
            if self._shown[at][0] == item:
                return self._shown.pop(at)[1]
        return None

    def _show_more(self) -> None:
        self.limit += self._step
        if len(self._items) < min(self.limit, self._total):
            self.more_wanted.emit()
        else:
            self.show_all(self._items, self._total)


class _Row(QWidget):
    """What stands in one row, with a hairline above it where rows are `ruled`."""

    def __init__(self, content: QWidget, *, ruled: bool) -> None:
        super().__init__()
        self.content = content
        self._rule = Rule() if ruled else None
        parts = (self._rule, content) if self._rule is not None else (content,)
        self.setLayout(column(*parts, gap=SPACE.small))

    def set_first(self, first: bool) -> None:
        if self._rule is not None:
            self._rule.setHidden(first)
