"""A person in a list: the name that is known here, above the address."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.gui.widgets.surfaces import column
from desktop_app.gui.widgets.text import ElidedLabel, HashLabel


def person_name(address: str, what: str, names: dict[str, str]) -> QWidget:
    """`names` by addresses in lower case; `what` says what the address is, for who hears it."""
    name = names.get(address.lower())
    if not name:
        return HashLabel(address, what)
    both = QWidget()
    both.setLayout(column(ElidedLabel(name, "strong"), HashLabel(address, what), gap=0))
    return both
