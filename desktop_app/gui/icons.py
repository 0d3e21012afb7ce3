"""Line icons from resources/icons, tinted with the colour that the theme gives them, sharp at every scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from desktop_app.core.errors import BugError
from desktop_app.core.paths import resource

_RATIOS = (1, 2, 3)
_POINTING = ("back", "chevron-right", "open", "send")
"""Icons that point forwards or back, and turn round with the direction of reading."""


@cache
def _source(name: str) -> bytes:
    path = resource(f"icons/{name}.svg")
    if not path.is_file():
        raise BugError(f"no icon {name!r}")
    return path.read_bytes()


def draw_icon(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Paint an icon into `box`, its strokes in `colour`."""
    if name in _POINTING and _mirrored():
        painter.save()
        painter.translate(box.left() + box.right(), 0)
        painter.scale(-1, 1)
        _render(painter, name, box, colour)
        painter.restore()
    else:
        _render(painter, name, box, colour)


def _mirrored() -> bool:
    return QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft


def _render(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    data = _source(name).replace(b'stroke="#000"', f'stroke="{colour.name()}"'.encode())
    QSvgRenderer(QByteArray(data)).render(painter, box)


def icon_pixmap(name: str, size: int, colour: QColor, ratio: float = 1.0) -> QPixmap:
    """A square pixmap of `size` logical pixels for a screen of the given pixel ratio."""
    key = f"icon {name} {size} {colour.name()} {ratio} {_mirrored()}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_icon(painter, name, QRectF(0, 0, size, size), colour)
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


def tinted_icon(name: str, size: int, normal: QColor, disabled: QColor | None = None) -> QIcon:
    """An icon with its normal and disabled look at 100, 200 and 300 %."""
    icon = QIcon()
    for ratio in _RATIOS:
        icon.addPixmap(icon_pixmap(name, size, normal, ratio), QIcon.Mode.Normal)
        if disabled is not None:
            icon.addPixmap(icon_pixmap(name, size, disabled, ratio), QIcon.Mode.Disabled)
    return icon


def app_icon() -> QIcon:
    """The mark, for the window and the task bar."""
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(icon_pixmap("mark", size, QColor("#000000")))
    return icon
