"""Draws the app's mark as an icon file for Windows (.ico) or macOS (.icns), with Qt.

    python packaging/make_icon.py OUTPUT.ico|OUTPUT.icns
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from PIL import Image

SIZE = 1024
SIDES = [(16, 16), (24, 24), (32, 32), (48, 48), (64, 64), (128, 128), (256, 256)]


def drawn() -> Image.Image:
    """The mark, 1024 pixels wide."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    app = QGuiApplication.instance() or QGuiApplication([])
    source = Path(__file__).resolve().parents[1] / "resources" / "icons" / "mark.svg"
    image = QImage(SIZE, SIZE, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    del app
    return Image.open(io.BytesIO(bytes(buffer.data().data())))


def main() -> None:
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".ico":
        drawn().save(target, "ICO", sizes=SIDES)
    else:
        drawn().save(target, "ICNS")


if __name__ == "__main__":
    main()
