"""Finds the commands that texts name: in code, in sentences, in what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from desktop_app.cli.app import app

TREE: Any = get_command(app)
QUOTED = re.compile(r"`(?:colophon )?([a-z][a-z-]*(?: [^`\n]+)?)`")
TYPED = re.compile(r"(?<![.\w])colophon ((?:[^\n`“”»„;)）。，#]|\\\n)+)")
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines(text: str) -> Iterator[str]:
    """What is typed behind `colophon` in fenced blocks, and what code in a sentence names."""
    fenced = FENCED.findall(text)
    for block in fenced:
        yield from (found.strip() for found in TYPED.findall(block.replace("\\\n", " ")))
    rest = FENCED.sub("", text)
    for found in QUOTED.finditer(rest):
        if found[0].startswith("`colophon ") or found[1].split()[0] in TREE.commands:
            yield found[1].removeprefix("colophon ")


def problem(line: str, command: Any = TREE) -> str:
    """What is wrong with a command as it is written, "" if nothing is."""
    words = [word.strip(".,:'\"。，：）»") for word in line.split()]
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        if name.startswith("-") or name in ("…", "...", "|"):
            return ""
        gone = [one for one in name.split("|") if one not in command.commands]
        if gone:
            return f"no command {gone[0]!r}"
        command = command.commands[name.split("|")[0]]
    known = {opt for one in command.params for opt in (*one.opts, *one.secondary_opts)} | {"--help"}
    unknown = [word for word in words if re.fullmatch(r"--[a-z][a-z-]*", word) and word not in known]
    return f"no option {unknown}" if unknown else ""


def wrong_in_text(text: str) -> list[str]:
    """The commands behind the word colophon in one text of the app that are not there as they are written."""
    typed = [line for line in TYPED.findall(text) if "{" not in line.split()[0]]
    return [f"colophon {line.strip()}: {found}" for line in typed if (found := problem(line))]


def wrong_in_prose(text: str) -> list[str]:
    """The same in a page of Markdown, also those in code without the word colophon."""
    return [f"{line}: {found}" for line in lines(text) if (found := problem(line))]
