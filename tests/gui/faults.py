"""What a designer or a screen reader would send back, found by looking at the widgets themselves."""

from __future__ import annotations

import re
from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QRadioButton,
    QWidget,
)
from shiboken6 import dump

from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.text import ElidedLabel
from desktop_app.gui.widgets.toast import Toast

PARENT = re.compile(r"(?<=^parent\.{12} ).* at (0x[0-9a-f]+)>$", re.MULTILINE)
INTERACTIVE = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)


def faults(root: QWidget) -> list[str]:
    """Nameless or unreachable controls, clipped or covered words, controls out of the window."""
    found = _overlaps(root)
    for widget in root.findChildren(QWidget):
        if not widget.isVisibleTo(root) or widget.window() is not root.window():
            continue
        if isinstance(widget.parent(), QComboBox) or "qt_spinbox" in widget.objectName():
            continue
        worded = isinstance(widget, (QLabel, QAbstractButton))
        text = widget.text().strip() if worded else widget.accessibleName()
        where = f"{type(widget).__name__} {text!r} in {type(widget.parent()).__name__}"
        if isinstance(widget, Page) and widget.widget().width() > widget.viewport().width():
            found.append(f"wider than the window: {where}")
        if isinstance(widget.parent(), QLineEdit):
            continue  # Qt's own buttons inside of an input
        if isinstance(widget, INTERACTIVE) and not isinstance(
            widget.parent(), (QLineEdit, QAbstractItemView)
        ):
            if not widget.accessibleName().strip():
                found.append(f"no name: {where}")
            group = widget.group() if isinstance(widget, QAbstractButton) else None
            by_arrows = isinstance(widget, QAbstractButton) and (
                widget.autoExclusive() or (group is not None and group.exclusive())
            )
            reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or by_arrows
            if widget.isEnabled() and not reachable:
                found.append(f"not reachable by keyboard: {where}")
        if worded and text and not isinstance(widget, ElidedLabel):
            found.extend(f"{fault}: {where}" for fault in _clipping(widget))
        if isinstance(widget, INTERACTIVE) and widget.width() > 0:
            right = widget.mapTo(root, widget.rect().topRight()).x()
            if right > root.width() or widget.mapTo(root, widget.rect().topLeft()).x() < 0:
                found.append(f"outside of the window: {where}")
        found.extend(f"{fault}: {where}" for fault in _cut(widget))
    return found


def _clipping(widget: QLabel | QAbstractButton) -> list[str]:
    if isinstance(widget, (QCheckBox, QRadioButton)) or (isinstance(widget, QLabel) and widget.wordWrap()):
        need = widget.heightForWidth(widget.width())
        # Layouts round: one pixel less cuts no letter.
        return [f"clipped, {widget.height()} of {need} high"] if widget.height() + 1 < need else []
    need = widget.sizeHint() if isinstance(widget, QAbstractButton) else widget.minimumSizeHint()
    if widget.width() < need.width() or widget.height() < need.height():
        return [f"clipped, {widget.width()}x{widget.height()} of {need.width()}x{need.height()}"]
    return []


def _cut(widget: QWidget) -> list[str]:
    """The choice or the example that an input has no room for."""
    text = ""
    if isinstance(widget, QComboBox):
        text, room = widget.currentText(), widget.width() - 22 - sizes().icon_small
    elif isinstance(widget, QLineEdit) and not widget.text():
        text, room = widget.placeholderText(), widget.contentsRect().width()
    need = widget.fontMetrics().horizontalAdvance(text) if text else 0
    return [f"cut off, {room} of {need} wide, {text!r}"] if need and need > room else []


def _overlaps(root: QWidget) -> list[str]:
    """Pairs of words and controls of which one lies upon the other; what floats is left out."""
    groups: dict[QWidget, list[tuple[QWidget, QRect]]] = {}
    for widget in root.findChildren(QWidget):
        shown = isinstance(widget, (*INTERACTIVE, QProgressBar)) or (
            isinstance(widget, QLabel) and (widget.text() or not widget.pixmap().isNull())
        )
        if not shown or not widget.isVisibleTo(root) or widget.window() is not root.window():
            continue
        holder, inside = widget.parentWidget(), False
        while holder is not None and holder is not root and not isinstance(holder, QAbstractScrollArea):
            inside = inside or isinstance(holder, (*INTERACTIVE, Toast))
            holder = holder.parentWidget()
        if inside or holder is None or isinstance(holder, INTERACTIVE):
            continue
        place = QRect(widget.mapTo(holder, widget.rect().topLeft()), widget.size())
        groups.setdefault(holder, []).append((widget, place))
    found = []
    for members in groups.values():
        for (one, here), (other, there) in combinations(members, 2):
            common = here.intersected(there)
            if common.width() > SLACK and common.height() > SLACK:
                found.append(f"overlap, {common.width()}x{common.height()}: {_said(one)} and {_said(other)}")
    return found


def _said(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else widget.accessibleName()
    return f"{type(widget).__name__} {text[:40]!r}"


SLACK = 2
"""Pixels that may be shared: fonts and borders stand out a little."""


def unmarked(root: QWidget) -> list[str]:
    """Controls that look the same with the keyboard on them as without: nobody can tell where they are.

    And those that grow with it, so that everything below them jumps.
    """
    held = root.window().focusWidget()
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, INTERACTIVE) or not widget.isVisibleTo(root) or not widget.isEnabled():
            continue
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or isinstance(widget.parent(), INTERACTIVE):
            continue
        widget.clearFocus()
        without, size = widget.grab().toImage(), widget.sizeHint()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if not widget.hasFocus():
            continue
        if widget.grab().toImage() == without:
            found.append(f"no visible focus: {_said(widget)}")
        if widget.sizeHint() != size:
            grown = widget.sizeHint() - size
            found.append(f"grows by {grown.width()}x{grown.height()} with focus: {_said(widget)}")
    if held is not None:
        held.setFocus()
    return found


def disowned(root: QWidget) -> list[str]:
    """Widgets that PySide takes for children of another one than Qt: the collector destroys them in use."""
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        said = PARENT.search(dump(widget))
        around = widget.parent()
        while said is not None and around is not None and id(around) != int(said[1], 16):
            around = around.parent()
        if said is not None and around is None:
            found.append(f"belongs to {said[0]}: {_said(widget)}")
    return found
