"""What is wrong with a command line, in the words and with the next step that every error of ours has."""

from __future__ import annotations

import difflib
import re
from typing import Any

import typer

from desktop_app.cli.spoken import commands
from desktop_app.core.errors import InvalidInputError

UsageError: Any = typer.BadParameter.__mro__[1]
"""What typer raises for a command line that it cannot read; its module is private."""
NEAR = 0.7


def is_help(error: Any) -> bool:
    """A group without a command: its help is on the screen already."""
    return type(error).__name__ == "NoArgsIsHelpError"


def explained(error: Any, root: Any, arguments: list[str]) -> InvalidInputError:
    """The error for people and scripts; typer's own English sentence only where nothing better is known."""
    context = error.ctx
    command = context.command_path if context else _called(root, arguments)
    told = {"command": command, "usage": _usage(context) if context else command}
    kind = type(error).__name__
    if kind == "MissingParameter":
        return InvalidInputError("usage.missing", name=named(error.param), **told)
    if kind in {"NoSuchOption", "BadOptionUsage"}:
        return _bad_option(error, told)
    if kind == "BadParameter" and error.param is not None:
        return _bad_value(error, told)
    if unknown := re.match(r"No such command ['\"](.*?)['\"]\.?", error.message):
        return _no_such_command(unknown[1], context, told)
    known = {"Missing command": "usage.no_command", "Got unexpected extra": "usage.too_many"}
    code = next((code for start, code in known.items() if error.message.startswith(start)), "usage.other")
    return InvalidInputError(code, reason=error.message, **told)


def named(parameter: Any) -> str:
    """A parameter as one types it: --for, or WORK."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    name = str(parameter.metavar or "").strip("[].")
    return parameter.name.upper() if "|" in name or not name else name


def _called(root: Any, arguments: list[str]) -> str:
    """The command that was meant, as far as the words tell."""
    path = "colophon"
    for word in arguments:
        found = getattr(root, "commands", {}).get(word)
        if found is not None:
            root, path = found, f"{path} {word}"
    return path


def _usage(context: Any) -> str:
    return " ".join([context.command_path, *context.command.collect_usage_pieces(context)])


def _bad_option(error: Any, told: dict[str, str]) -> InvalidInputError:
    near = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
    if type(error).__name__ == "NoSuchOption":
        code = "usage.no_such_option_but" if near else "usage.no_such_option"
    else:
        code = "usage.takes_no_value" if "not take a value" in error.message else "usage.needs_value"
    return InvalidInputError(code, option=error.option_name[:60], near=near, **told)


def _bad_value(error: Any, told: dict[str, str]) -> InvalidInputError:
    parameter, name = error.param, named(error.param)
    kind = parameter.type_descriptor.annotation
    least, most = parameter.min, parameter.max
    if kind in (int, float):
        code = "usage.whole" if kind is int else "usage.number"
        if least is not None:
            code += "_from" if most is None else "_between"
        return InvalidInputError(code, name=name, least=str(least), most=str(most), **told)
    if choices := parameter.type_descriptor.choices:
        known = ", ".join(str(getattr(one, "value", one)) for one in choices)
        return InvalidInputError("usage.choice", name=name, choices=known, **told)
    return InvalidInputError("usage.bad_value", name=name, reason=error.message, **told)


def _no_such_command(name: str, context: Any, told: dict[str, str]) -> InvalidInputError:
    """Similar ones of this group first, and of all groups."""
    here = difflib.get_close_matches(name, context.command.commands, n=3, cutoff=NEAR)
    whole = context.find_root().command
    prefix = told["command"]
    near = [f"{prefix} {one}" for one in here]
    paths = {path: path.rpartition(" ")[2] for path, one in commands(whole) if not hasattr(one, "commands")}
    if not near:
        near = [f"colophon {path}" for path, last in paths.items() if last == name][:3]
    code = "usage.no_such_command_but" if near else "usage.no_such_command"
    return InvalidInputError(code, name=name[:60], near=", ".join(near), **told)
