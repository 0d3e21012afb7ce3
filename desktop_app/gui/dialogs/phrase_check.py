"""Asks for some words of the phrase by position, to see that the phrase was written down."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import SPACE

ASKED = 3


def word_positions(count: int) -> tuple[int, ...]:
    """Three different positions from 1 to `count`, in order."""
    return tuple(sorted(secrets.SystemRandom().sample(range(1, count + 1), ASKED)))


class PhraseCheck(QWidget):
    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__()
        t = texts("wallet")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.small)
        self.fields = {place: Field(t("word", number=place), line_edit(limit=16)) for place in positions}
        for field in self.fields.values():
            outer.addWidget(field, 1)

    def words(self) -> dict[int, str]:
        """Position to typed word."""
        return {place: field.text().lower() for place, field in self.fields.items()}

    def focus_first(self) -> None:
        next(iter(self.fields.values())).control.setFocus()
