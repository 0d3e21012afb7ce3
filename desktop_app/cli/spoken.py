"""The help of the commands and the names in front of their results, in the language of the run.

Both are written in the code, beside what they describe; `packaging/collect_command_words.py` copies them into
`resources/i18n/en/help.toml` and `labels.toml`, where translators find them. English needs no look-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.rich_utils

from desktop_app.core.settings import Setting
from desktop_app.core.translations import ENGLISH, language, namespace

SHARED = ("home", "network_option", "as_json", "yes")
"""Options of every command, described once."""
_TITLES = ("OPTIONS_PANEL_TITLE", "ARGUMENTS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "ERRORS_PANEL_TITLE")


def slug(text: str) -> str:
    """The key of a name: "Phrase kept safe" is phrase_kept_safe."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def label(text: str) -> str:
    """The name of a value or column; what has no translation, such as a person's name, stays."""
    return text if language() == ENGLISH else namespace("labels")["labels"].get(slug(text), text)


def description(setting: Setting) -> str:
    """What a setting is for."""
    if language() == ENGLISH:
        return setting.description
    return namespace("labels")["settings"].get(slug(setting.key), setting.description)


def commands(root: Any, path: str = "colophon") -> Iterator[tuple[str, Any]]:
    """Every command (click's, or the copy of it in typer) with the words that call it, "colophon" first."""
    yield path, root
    for name, one in getattr(root, "commands", {}).items():
        yield from commands(one, name if path == "colophon" else f"{path} {name}")


def panels() -> tuple[str, ...]:
    """The headings that typer itself writes over options, arguments and commands."""
    return tuple(getattr(typer.rich_utils, title) for title in _TITLES)


def speak(root: Any) -> None:
    """Give the help of all commands the words of the language in use."""
    if language() == ENGLISH:
        return
    words = namespace("help")
    headings = words["panels"]
    for title in _TITLES:
        text = getattr(typer.rich_utils, title)
        setattr(typer.rich_utils, title, headings.get(slug(text), text))
    for path, one in commands(root):
        own = words.get(path, {})
        one.help = own.get("help", one.help)
        _speak_panel(one, headings)
        for parameter in one.params:
            described = words["shared"] if parameter.name in SHARED else own
            text = described.get(str(parameter.name))
            if text:
                parameter.help = text
            _speak_panel(parameter, headings)


def _speak_panel(one: Any, headings: dict[str, str]) -> None:
    panel = getattr(one, "rich_help_panel", None)
    if isinstance(panel, str):
        one.rich_help_panel = headings.get(slug(panel), panel)
