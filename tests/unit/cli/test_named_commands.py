"""Every command that a text names, with its options, is one that there is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from desktop_app.cli.app import app
from desktop_app.core.paths import resource

ROOT = Path(__file__).resolve().parents[3]
TREE = get_command(app)
PROSE = [
    ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "desktop_app/training/README.md",
    *sorted(resource("guide").rglob("*.md")),
]  # fmt: skip
TEXTS = sorted(resource("i18n").rglob("*.toml"))
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
        if name.startswith("-") or name in ("…", "..."):
            return ""
        if name not in command.commands:
            return "" if "|" in line and name in "|" else f"no command {name!r}"
        command = command.commands[name]
    known = {opt for one in command.params for opt in (*one.opts, *one.secondary_opts)} | {"--help"}
    unknown = [word for word in words if re.fullmatch(r"--[a-z][a-z-]*", word) and word not in known]
    return f"no option {unknown}" if unknown else ""


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_prose_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wrong = [f"{line}: {found}" for line in lines(text) if (found := problem(line))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_commands_in_texts_are_there(path: Path) -> None:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    for entry, fields in entries.items():
        for field, text in fields.items():
            for line in TYPED.findall(text):
                if "{" in line.split()[0]:
                    continue
                assert not (found := problem(line)), f"[{entry}] {field}: colophon {line}: {found}"


def test_a_command_that_is_gone_is_noticed() -> None:
    assert problem("library list --json") == ""
    assert problem("library catalogue") == "no command 'catalogue'"
    assert problem("library list --everything") == "no option ['--everything']"
