"""A row of widgets that goes on in the next line where it is too long: buttons with long words still fit."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from desktop_app.gui.widgets.surfaces import SPACE


class Flow(QLayout):
    """Lines from the side where reading starts (after Qt's example Flow Layout)."""

    def __init__(self, *widgets: QWidget, gap: int = SPACE.tight) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(gap)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self._heights.clear()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        self._heights.clear()
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        """Kept until something changes, as Qt asks many times over."""
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), place=False)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self.spacing() * max(0, len(shown) - 1)
        return QSize(width, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        shown = [item.minimumSize() for item in self._items if not item.isEmpty()]
        width = max((size.width() for size in shown), default=0)
        return QSize(width, max((size.height() for size in shown), default=0))

    def setGeometry(self, rectangle: QRect) -> None:
        super().setGeometry(rectangle)
        self._arrange(rectangle, place=True)

    def _arrange(self, room: QRect, *, place: bool) -> int:
        """Put everything in its place, or only reckon; the height that it takes."""
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        y = 0
        for line in self._lines(room.width()):
            tall = max(item.sizeHint().height() for item in line)
            x = 0
            for item in line:
                size = item.sizeHint().boundedTo(QSize(room.width(), tall))
                if place:
                    left = room.right() + 1 - x - size.width() if mirrored else room.left() + x
                    top = room.top() + y + (tall - size.height()) // 2
                    item.setGeometry(QRect(QPoint(left, top), size))
                x += size.width() + self.spacing()
            y += tall + self.spacing()
        return max(0, y - self.spacing())

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wide = item.sizeHint().width()
            if not lines or wide > left:
                lines.append([])
                left = width
            lines[-1].append(item)
            left -= wide + self.spacing()
        return lines


class Abreast(Flow):
    """Fields of equal width side by side; fewer in a line where one would be too narrow for its name."""

    def __init__(self, *widgets: QWidget, gap: int = SPACE.medium) -> None:
        super().__init__(*widgets, gap=gap)

    def _arrange(self, room: QRect, *, place: bool) -> int:
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        shown = [item for item in self._items if not item.isEmpty()]
        least = max((item.minimumSize().width() for item in shown), default=0)
        gap = self.spacing()
        count = max(1, min(len(shown), (room.width() + gap) // max(1, least + gap)))
        width = (room.width() - gap * (count - 1)) // count
        y = 0
        for start in range(0, len(shown), count):
            line = shown[start : start + count]
            tall = max(_height(item, width) for item in line)
            for number, item in enumerate(line):
                x = number * (width + gap)
                left = room.right() + 1 - x - width if mirrored else room.left() + x
                if place:
                    item.setGeometry(QRect(left, room.top() + y, width, tall))
            y += tall + gap
        return max(0, y - gap)


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
