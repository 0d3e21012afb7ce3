"""Every page and every dialog: at 100 and 200 %, in the smallest window, in long words and mirrored.

Each look is checked in one scheme, as the schemes differ in colours alone (tests/gui/test_design.py). Where
$COLOPHON_SCREENSHOTS names a folder, each is gone through in light, dark and high contrast, in every
language, and pictures of all are written there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from gui import world
from gui.conftest import User, open_window, stop
from gui.every_dialog import Holdings, every_dialog, kinds
from gui.faults import disowned, faults, unmarked
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.core import translations
from desktop_app.core.settings import TEXT_SIZE
from desktop_app.gui.language import speak
from desktop_app.gui.main_window import MINIMUM, PAGES
from desktop_app.gui.tokens import use_text_size
from desktop_app.services.guide import chapters

pytestmark = [pytest.mark.qt_log_level_fail("WARNING"), pytest.mark.qt_log_ignore("propagateSizeHints")]

WIDE = (1280, 800)
SCHEMES = ("light", "dark", "contrast")
PICTURES = os.environ.get("COLOPHON_SCREENSHOTS", "")


class Look(NamedTuple):
    name: str
    language: str
    text_size: int
    size: tuple[int, int]
    scheme: str


LOOKS = [
    Look("wide", "en", 100, WIDE, "light"),
    Look("large-text", "en", 200, WIDE, "dark"),
    Look("small-german", "de", 100, MINIMUM, "dark"),
    Look("small-long", "pseudo", 100, MINIMUM, "light"),
    Look("small-mirrored", "pseudo-mirrored", 100, MINIMUM, "contrast"),
]
if PICTURES:
    LOOKS += [Look(f"small-{language}", language, 100, MINIMUM, "light") for language in ("en", "es", "zh")]
VIEWS = {
    "payouts": lambda page: {str(n): page._segments.button(n) for n in (1, 2, 3)},
    "training": lambda page: dict(page.segments.buttons),
}
"""Pages with several views: their buttons by name."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        world.cheap_passphrases(patch)
        folder = tmp_path_factory.mktemp("world") / "home"
        world.make_world(folder)
    return folder


@pytest.fixture
def someone(qapp: QApplication, home: Path, tmp_path: Path, cheap_passphrases: None) -> Iterator[User]:
    with world.open_world(home) as services:
        user = User(qapp, open_window(qapp, services), tmp_path)
        yield user
        stop(qapp, services, user.window)
        if translations.language() != translations.ENGLISH:
            os.environ["COLOPHON_LANGUAGE"] = translations.ENGLISH
            speak(qapp, services.paths.settings)
        services.settings.set(TEXT_SIZE, 100)
        use_text_size(100)


class Tour:
    """Goes everywhere, and keeps what is wrong."""

    def __init__(self, user: User, look: str, folder: Path) -> None:
        self.user, self.look = user, look
        self.has = Holdings(user.window.session.services, folder)
        assert self.has.song and self.has.film and self.has.token  # read before anybody watches the threads
        self.found: list[str] = []

    def see(self, name: str, widget: QWidget) -> None:
        self.user.app.processEvents()
        scheme = self.user.window.theme.scheme
        wrong = faults(widget)
        if self.look == LOOKS[0].name and scheme == LOOKS[0].scheme:
            wrong += unmarked(widget) + disowned(widget)
        self.found += [f"{self.look}, {scheme}, {name}: {fault}" for fault in wrong]
        if PICTURES:
            folder = Path(PICTURES) / self.look / scheme
            folder.mkdir(parents=True, exist_ok=True)
            assert widget.grab().save(str(folder / f"{name}.png"), "PNG")

    def pages(self) -> None:
        main = self.user.main
        for key, _icon in PAGES:
            page = self.user.go(key)
            self.see(key, main)
            for view, button in VIEWS.get(key, lambda _page: {})(page).items():
                self.user.click(button)
                self.user.settle(0.05)
                self.see(f"{key}-{view}", main)
        session = self.user.window.session
        for name, work in (("work", self.has.song), ("work-new", self.has.film)):
            session.work_opened.emit(work.id)
            self.user.settle(0.05)
            self.see(name, main)
        session.token_opened.emit(self.has.token)
        self.user.settle(0.05)
        self.see("royalty", main)
        for key in ("compare", "buying"):
            main.go(key)
            self.user.settle(0.05)
            self.see(key, main)
        main.show_guide(chapters()[0].key)
        self.user.settle(0.05)
        self.see("guide", main)

    def dialogs(self) -> set[str]:
        """The classes that were seen."""
        main, session = self.user.main, self.user.window.session
        self.user.go("home")
        seen = set()
        for name, dialog, then in every_dialog(main, session, self.has):
            dialog.show()
            self.user.settle(0.02)
            if then is not None:
                then(dialog)
                self.user.settle(0.02)
            self.see(f"dialog-{name}", dialog)
            seen.add(type(dialog).__name__)
            dialog.close()
            dialog.deleteLater()
        return seen


@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_every_page_and_dialog_holds(
    someone: Any, tmp_path: Path, look: Look, off_the_ui_thread: list[str]
) -> None:
    someone.reopen(look.language, look.text_size)
    someone.main.resize(*look.size)
    tour = Tour(someone, look.name, tmp_path)
    off_the_ui_thread.clear()  # what the test itself has read
    seen: set[str] = set()
    for scheme in SCHEMES if PICTURES else (look.scheme,):
        someone.window.theme.set_mode(scheme)
        someone.wait(someone.main.updatesEnabled, "the colours have changed")
        tour.pages()
        assert off_the_ui_thread == []
        seen |= tour.dialogs()
        off_the_ui_thread.clear()
    assert seen == kinds(), "a dialog is missing in gui.every_dialog"
    assert not tour.found, "\n".join(tour.found)
