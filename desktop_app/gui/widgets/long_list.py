"""A list that may be long: its first rows, how many there are, and further ones for those who want them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
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


_HIDDEN_OR_SHOWN = Qt.WidgetAttribute.WA_WState_ExplicitShowHide


def keyboard_in(widget: QWidget) -> QWidget | None:
    """What in here has the keyboard, or gets it back with its window."""
    held: QWidget | None = widget.window().focusWidget()
    return held if held is not None and (held is widget or widget.isAncestorOf(held)) else None


def called(widget: QWidget) -> str:
    return widget.accessibleName() or str(widget.property("text") or "")


def give_keyboard(*parts: QWidget, name: str = "") -> None:
    """To what is called `name`, or else to the first in these parts that takes it."""
    for part in parts:
        holder = part.parentWidget()
        if holder is not None and holder.isVisible() and not part.testAttribute(_HIDDEN_OR_SHOWN):
            part.show()  # it is new: Qt would do it in a later turn
    found = [
        one
        for part in parts
        for one in (part, *part.findChildren(QWidget))
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isEnabled() and one.isVisible()
    ]
    if found:
        named = (one for one in found if called(one) == name)
        next(named, found[0]).setFocus(Qt.FocusReason.OtherFocusReason)


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
        """Where the button goes, its list has the keyboard: Qt would give it to whatever comes next."""
        self._count.setText(self._t("shown_of", shown=grouped(shown), count=grouped(total)))
        holder = self.parentWidget()
        if shown >= total and holder is not None and keyboard_in(self) is not None:
            holder.setFocus()
        self.more.setVisible(shown < total)
        self.setVisible(shown < total or total > step)

    def lead_to(self, *first_new: QWidget) -> None:
        """From the button the keyboard goes on to what came first in answer to it."""
        if keyboard_in(self) is not None:
            give_keyboard(*first_new)


class LongList(QWidget):
    """`make` gives the widget of an item; the row of an item that was there before stays as it is.

    `more_wanted` asks for items that were not given yet, as many as `limit` says. `filled`: all are there, or
    `make` has failed. The keyboard stays in the list, and never passes to the button of another item.
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
        self._before = 0  # rows, when more were asked for
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
        total = max(total, len(items))
        fewer = total < self._total
        self._items, self._total = items, total
        self._turn += 1
        in_turns(self, self._fill(self._turn, list(items[: self.limit]), fewer))

    def _fill(self, turn: int, wanted: list[Any], fewer: bool) -> Iterator[None]:
        """Row by row, unless there is something newer."""
        lost = self._keep(wanted, fewer)
        for place, item in enumerate(wanted):
            if turn != self._turn:
                return
            try:
                one = self._put(place, item)
            except Exception:
                self._end()
                raise
            if lost is not None and place == lost[0] and keyboard_in(self) is self:
                give_keyboard(one, name=lost[1])
            yield
        self._end()

    def _keep(self, wanted: list[Any], fewer: bool) -> tuple[int, str] | None:
        """Take out the rows that are not wanted.

        If the keyboard was in one that is only exchanged: the place of the new one, and what it was on.
        """
        left, kept = list(wanted), []
        place, lost = 0, None
        for item, one in self._shown:
            if item in left:
                left.remove(item)
                kept.append((item, one))
                place = wanted.index(item)
            else:
                if (held := keyboard_in(one)) is not None:
                    lost = place, called(held)
                    self.setFocus()
                one.hide()
                self._rows.removeWidget(one)
                one.deleteLater()
            place += 1
        self._shown = kept
        is_new = lost is not None and lost[0] < len(wanted) and wanted[lost[0]] in left
        return lost if is_new and not fewer else None

    def _put(self, place: int, item: Any) -> _Row:
        one = self._take(item, place) or _Row(self._make(item), ruled=self._ruled)
        self._shown.insert(place, (item, one))
        if self._rows.indexOf(one) != place:
            self._rows.removeWidget(one)
            self._rows.insertWidget(place, one)
            style_now(one)
        one.set_first(place == 0)
        return one

    def _end(self) -> None:
        """Tell what is there."""
        if 0 < self._before < len(self._shown):
            self.foot.lead_to(self._shown[self._before][1])
            self._before = 0
        self.foot.tell(len(self._shown), self._total, self._step)
        self.filled.emit()

    def _take(self, item: Any, place: int) -> _Row | None:
        """The row that there is for the item, at this place or below."""
        for at in range(place, len(self._shown)):
            if self._shown[at][0] == item:
                return self._shown.pop(at)[1]
        return None

    def _show_more(self) -> None:
        self._before = len(self._shown)
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
