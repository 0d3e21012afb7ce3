"""Everything that the window can do, by name, for the command palette: pages, buttons, chapters, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from desktop_app.gui.texts import texts
from desktop_app.gui.theme import SCHEMES, SYSTEM, Theme
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.more_button import MoreButton
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.side_bar import as_shown, shortcut_of
from desktop_app.services import guide
from desktop_app.services.guide import plain

Run = Callable[[], object]


@dataclass(frozen=True)
class Command:
    """`where` is the page that it belongs to; `shortcut` is shown beside it."""

    title: str
    run: Run
    where: str = ""
    shortcut: str = ""


def find(commands: Sequence[Command], text: str) -> list[Command]:
    """Those whose names have all these words, the best first: names that begin with it, shorter names."""
    wanted = plain(text).split()

    def rank(command: Command) -> tuple[bool, bool, int]:
        title = plain(command.title)
        return (not title.startswith(" ".join(wanted)), not all(word in title for word in wanted), len(title))

    fitting = [one for one in commands if all(word in plain(f"{one.title} {one.where}") for word in wanted)]
    return sorted(fitting, key=rank) if wanted else fitting


def page_commands(
    pages: Mapping[str, Page], listed: Iterable[str], current: Page, go: Callable[[str], None]
) -> list[Command]:
    """Going to each page of the side bar, and pressing each of their buttons, those of `current` first."""
    t = texts("sidebar")
    names = {key: t(key) for key in listed}
    going = [
        Command(name, partial(go, key), shortcut=as_shown(shortcut_of(number)))
        for number, (key, name) in enumerate(names.items(), start=1)
    ]
    here = next((key for key, page in pages.items() if page is current), "")
    pressed = buttons(here, current, names.get(here, current.header.title.text()), go)
    for key, name in names.items():
        if key != here and key in pages:
            pressed += buttons(key, pages[key], name, go)
    return [*going, *pressed]


def buttons(key: str, page: Page, where: str, go: Callable[[str], None]) -> list[Command]:
    """What the buttons of a page do, and what the lists behind its buttons hold."""
    found: list[Command] = []
    for button in page.findChildren(Button):
        if not button.isVisibleTo(page) or not button.isEnabled() or button.isCheckable():
            continue
        if isinstance(button, MoreButton):
            for action in button.list.actions():
                found.append(Command(action.text(), _after(go, key, action.trigger), where))
        elif name := button.accessibleName() or button.text():
            found.append(Command(name, _after(go, key, button.click), where))
    return found


def chapter_commands(show: Callable[[str], None]) -> list[Command]:
    t = texts("palette")
    return [
        Command(one.title, partial(show, one.key), t("guide"), "F1" if one.key == guide.FIRST else "")
        for one in guide.chapters()
    ]


def look_commands(theme: Theme, set_mode: Callable[[str], None]) -> list[Command]:
    t, names = texts("palette"), texts("settings")
    return [
        Command(names(mode), partial(set_mode, mode), t("look"))
        for mode in (SYSTEM, *SCHEMES)
        if mode != theme.mode
    ]


def _after(go: Callable[[str], None], key: str, press: Run) -> Run:
    def run() -> None:
        go(key)
        press()

    return run
