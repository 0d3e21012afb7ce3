"""A work's small picture, or the icon of its kind where there is none."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.gui.icons import draw_icon

ROUND = 10.0
ICON = 40


def read_picture(path: Path | None, edge: int) -> QImage | None:
    """The picture of at most `edge` pixels; None where it is missing or damaged. For a worker thread."""
    if path is None:
        return None
    reader = QImageReader(str(path))
    size = reader.size()
    if not size.isValid():
        return None
    reader.setScaledSize(size.scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio))
    picture = reader.read()
    return None if picture.isNull() else picture


class PreviewPicture(QWidget):
    def __init__(self, size: QSize) -> None:
        super().__init__()
        self._picture: QImage | None = None
        self._icon = "file"
        self.setFixedSize(size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_picture(self, picture: QImage | None, icon: str, name: str) -> None:
        self._picture, self._icon = picture, icon
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(box, ROUND, ROUND)
        painter.setClipPath(shape)
        painter.fillRect(box, self.palette().color(QPalette.ColorRole.AlternateBase))
        if self._picture is None:
            place = QRectF(0, 0, ICON, ICON)
            place.moveCenter(box.center())
            draw_icon(painter, self._icon, place, self.palette().color(QPalette.ColorRole.PlaceholderText))
            return
        room = box.size().toSize()
        shown = self._picture.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, shown.width(), shown.height())
        place.moveCenter(box.center())
        painter.drawImage(place, self._picture)
