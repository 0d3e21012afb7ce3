"""Cards, wells and rules: the surfaces that content sits on, and short ways to lay things out."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from desktop_app.gui.tokens import load_tokens
from desktop_app.gui.widgets.text import label

SPACE = load_tokens().space
Item = QWidget | QLayout | int | None


def fill(layout: QBoxLayout, items: Iterable[Item]) -> None:
    """Add widgets and layouts in order; a number is a fixed gap, None takes the spare room."""
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def column(*items: Item, gap: int = SPACE.tight, margin: int = 0) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    fill(layout, items)
    return layout


def row(*items: Item, gap: int = SPACE.tight, margin: int = 0) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    fill(layout, items)
    return layout


def clear(layout: QLayout) -> None:
    """Take out and delete everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()  # and no setParent(None): that would style it once more, as a window
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def refill(layout: QBoxLayout, *items: Item) -> None:
    """Put these where others are, all at once: Qt lays the page out for each widget that it shows."""
    clear(layout)
    holder = QWidget()
    holder.setLayout(column(*items, gap=layout.spacing()))
    layout.addWidget(holder)


class Rule(QFrame):
    """A hairline."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "rule")


class Card(QFrame):
    """A raised sheet with an optional heading; content goes into `body`, controls beside it into `side`."""

    def __init__(self, heading: str = "", subtitle: str = "", margin: int = SPACE.large) -> None:
        super().__init__()
        self.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(margin, margin - SPACE.hair, margin, margin - SPACE.line)
        outer.setSpacing(SPACE.small)
        self.side = row()
        self.heading = label(heading, "section", wrap=True)
        self.subtitle = label(subtitle, "muted", wrap=True)
        if not subtitle:
            self.subtitle.hide()  # to show it without a parent would open a window
        if heading:
            text = column(self.heading, self.subtitle, gap=SPACE.hair)
            top = QHBoxLayout()
            top.setSpacing(SPACE.medium)
            top.addLayout(text, 1)
            top.addLayout(self.side)
            top.setAlignment(self.side, Qt.AlignmentFlag.AlignTop)
            outer.addLayout(top)
        self.body = column(gap=SPACE.small)
        outer.addLayout(self.body)


class Well(QFrame):
    """A sunken surface for quiet details."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "well")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(SPACE.medium, SPACE.small, SPACE.medium, SPACE.small)
        self.body.setSpacing(SPACE.tight)
