"""Makes the pictures of the README and the guide anew, from the window itself: `make screenshots`.

The window is real, over the home of tests/gui/world.py, and drawn twice as fine; nothing is shown on a
screen.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.update(QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="2", COLOPHON_LANGUAGE="en")

import pytest
from gui import world
from PIL import Image
from PySide6.QtCore import QBuffer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.core.amounts import Amount
from desktop_app.gui.app import Window, build_window
from desktop_app.gui.dialogs.prove import ProveDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.services.app import Services

TARGET = Path(__file__).parents[1] / "resources" / "guide" / "images"
SIZE = (1280, 800)
WIDTH = 1600
"""Of a picture of the whole window, in pixels; dialogs in the same measure."""
COLOURS = 128
CALM = 0.4
"""Seconds without any work under way, before a picture is taken."""
MOST = 1_500_000
"""Bytes of all pictures together."""


class Camera:
    def __init__(self, app: QApplication, window: Window, services: Services) -> None:
        self.app, self.window, self.services = app, window, services
        self.session, self.main = window.session, window.main

    def settle(self) -> None:
        """Wait until no work is under way and everything is drawn."""
        calm = time.monotonic()
        while time.monotonic() - calm < CALM:
            self.app.processEvents()
            if self.window.jobs.busy or not self.main.updatesEnabled():  # held while colours change
                calm = time.monotonic()
            time.sleep(0.01)

    def take(self, name: str, widget: QWidget | None = None) -> None:
        self.settle()
        self.main.toast.hide()
        (widget or self.main).setFocus()
        self.app.processEvents()
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        assert (widget or self.main).grab().save(buffer, "PNG")
        picture = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
        scale = WIDTH / (SIZE[0] * 2)
        small = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
        )
        few = small.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(TARGET / f"{name}.png", optimize=True)
        print(name, flush=True)

    def page(self, name: str, key: str = "", then: Callable[[], object] | None = None) -> None:
        self.main.go(key or name)
        self.settle()
        if then is not None:
            then()
        self.take(f"{name}-light")


def picture_everything(camera: Camera) -> None:
    main, session, services = camera.main, camera.session, camera.services
    song = next(one for one in services.library.page() if one.title == "Night Train")
    token = next(one for one in services.royalties.tokens() if one.symbol == "NIGHT")
    certificate = services.ownership.certificates(song.id)[0]
    camera.page("home")
    camera.page("library")
    session.work_opened.emit(song.id)
    camera.take("work-light")
    prove = ProveDialog(session, song, main)
    prove.audience.control.setText("The Tidewater Arts Fund")
    prove.challenge.control.setText("7341")
    prove.show()
    camera.take("prove-light", prove)
    prove.close()

    def check() -> None:
        verify = main.current
        verify.challenge.control.setText(world.CHALLENGE)
        verify.audience.control.setText(world.AUDIENCE)
        verify.check(certificate.path)
        camera.settle()
        verify.ensureWidgetVisible(verify._result)

    camera.page("verify", then=check)
    session.token_opened.emit(token)
    camera.take("royalty-light")
    amount = Amount(12_500_000, token.currencies[1])
    paid = services.royalties.prepare_pay(token, amount, "one listen")
    review = ReviewDialog(services.reviews.examine(paid), main)
    review.show()
    camera.take("review-light", review)
    review.close()
    camera.page("selling")
    camera.page("compare")

    def show_run() -> None:
        training = main.current
        training.open(services.training.runs.all()[0].id)
        camera.settle()
        chart = training.result.chart
        end = chart.mapTo(training.widget(), chart.rect().bottomLeft()).y() + SPACE.huge
        training.verticalScrollBar().setValue(end - training.viewport().height())

    camera.page("training", then=show_run)
    camera.page("payouts")
    camera.window.theme.set_mode("dark")
    main.current.show_view(1)
    main.current._segments.button(1).setChecked(True)
    camera.take("payouts-dark")


def main() -> int:
    app = QApplication(sys.argv[:1])
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        world.cheap_passphrases(patch)
        home = Path(folder) / "home"
        world.make_world(home)
        with world.open_world(home) as services:
            services.backup.create(Path(folder) / "backup.colophon-backup", world.PASSPHRASE)
            window = build_window(app, services)
            window.theme.set_mode("light")
            window.main.resize(*SIZE)
            window.main.show()
            picture_everything(Camera(app, window, services))
            window.close()
    sizes = {path.name: path.stat().st_size for path in sorted(TARGET.glob("*.png"))}
    for name, size in sizes.items():
        print(f"{size:>8,}  {name}")
    print(f"{sum(sizes.values()):>8,}  together")
    return 0 if sum(sizes.values()) < MOST else 1


if __name__ == "__main__":  # files are looked into by processes that import this one
    sys.exit(main())
