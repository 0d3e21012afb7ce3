"""The help of the commands and the names in front of their results, in the language of the run.

Both are written in the code, beside what they describe; `packaging/collect_command_words.py` copies them into
`resources/i18n/en/help.toml` and `labels.toml`, where translators find them. English needs no look-up. What
typer says of its own accord ("Usage:", "[required]") is in `usage.toml`, in English too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from desktop_app.core.settings import Setting
from desktop_app.core.translations import ENGLISH, language, namespace
from desktop_app.services.wording import words

SHARED = ("home", "network_option", "as_json", "yes")
"""Options of every command, described once."""
OWN = {
    "OPTIONS_PANEL_TITLE": "options",
    "ARGUMENTS_PANEL_TITLE": "arguments",
    "COMMANDS_PANEL_TITLE": "commands",
    "DEFAULT_STRING": "default",
    "REQUIRED_LONG_STRING": "required",
    "ENVVAR_STRING": "variable",
}
"""Where typer's help keeps its own words, and what they are called in usage.toml."""
KINDS = {int: "NUMBER", float: "NUMBER", bool: ""}
"""What help shows as the value of an option that does not say it; a flag has none. All else is TEXT."""


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
    """Every command with the words that call it, "colophon" first."""
    yield path, root
    for name, one in getattr(root, "commands", {}).items():
        yield from commands(one, name if path == "colophon" else f"{path} {name}")


class _Context(typer.Context):
    """Shows help and usage in the words of the run."""

    def make_formatter(self) -> Any:
        # Only what shows help loads typer's rich_utils, a third of the time that a command takes to start.
        import typer.rich_utils as drawn

        for name, code in OWN.items():
            setattr(drawn, name, words(f"usage.{code}", value="{}"))
        made: Any = super().make_formatter()
        write = made.write_usage
        made.write_usage = lambda prog, args="", prefix=None: write(
            prog, args, words("usage.usage") + " " if prefix is None else prefix
        )
        return made


def speak(root: Any) -> None:
    """Give the help of all commands the words of the language in use, and a calm form."""
    translated = None if language() == ENGLISH else namespace("help")
    for path, one in commands(root):
        one.context_class = _Context
        if hasattr(one, "commands"):
            one.subcommand_metavar = words("usage.some_command")
        asks_help = one.get_help_option(_Context(one))
        asks_help.help = words("usage.help_option")
        for parameter in (*one.params, asks_help):
            _show_plainly(parameter)
        needed = [f"{each.opts[0]} {each.metavar}" for each in one.params if is_needed(each)]
        one.options_metavar = " ".join([words("usage.some_options"), *needed])
        if translated is not None:
            _translate(one, translated, path)


def is_needed(parameter: Any) -> bool:
    """Whether it is an option that has to be given."""
    return parameter.param_type_name == "option" and bool(parameter.required)


def _show_plainly(parameter: Any) -> None:
    """Names of values as words, none for flags; arguments as every other program shows them."""
    if parameter.param_type_name == "argument":
        name = parameter.metavar.strip("[]").removesuffix("...") + "..." * (parameter.nargs == -1)
        shown = name if parameter.required else f"[{name}]"
        parameter.get_usage_pieces = lambda ctx: [shown]
        parameter.display_type_rich = lambda ctx: ""
    elif parameter.metavar is None:
        kind = parameter.type_descriptor
        choices = "|".join(str(getattr(choice, "value", choice)) for choice in kind.choices or ())
        parameter.metavar = choices or KINDS.get(bool if parameter.is_flag else kind.annotation, "TEXT")


def _translate(one: Any, translated: Any, path: str) -> None:
    own, headings = translated.get(path, {}), translated["panels"]
    one.help = own.get("help", one.help)
    _translate_panel(one, headings)
    for parameter in one.params:
        described = translated["shared"] if parameter.name in SHARED else own
        parameter.help = described.get(str(parameter.name)) or parameter.help
        _translate_panel(parameter, headings)


def _translate_panel(one: Any, headings: dict[str, str]) -> None:
    panel = getattr(one, "rich_help_panel", None)
    if isinstance(panel, str):
        one.rich_help_panel = headings.get(slug(panel), panel)
