"""Copies the help and the labels of the command line into resources/i18n/en, where translators find them.

    python packaging/collect_command_words.py            write help.toml and labels.toml
    python packaging/collect_command_words.py --check    say what is out of date, exit code 1
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import typer

from desktop_app.cli import spoken
from desktop_app.cli.app import app
from desktop_app.core.paths import resource
from desktop_app.core.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Written by packaging/collect_command_words.py from the code; translations are written by hand.\n"
Entries = dict[str, dict[str, str]]


def help_texts() -> Entries:
    """What `--help` shows: one section for each command, one for the options that all have."""
    found: Entries = {"panels": {}, "shared": {}}
    for path, one in spoken.commands(typer.main.get_command(app)):
        entry = {"help": one.help.strip()} if one.help else {}
        for holder in (one, *one.params):
            panel = getattr(holder, "rich_help_panel", None)
            if isinstance(panel, str):
                found["panels"][spoken.slug(panel)] = panel
        for parameter in one.params:
            text = getattr(parameter, "help", None)
            if text:
                place = found["shared"] if parameter.name in spoken.SHARED else entry
                place[str(parameter.name)] = text.strip()
        found[path] = entry
    return {name: entry for name, entry in found.items() if entry}


def labels() -> Entries:
    """The names in front of values ("Phrase kept safe") and over columns, as they are written in cli/*.py."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "desktop_app" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in _labels_of(node):
                if spoken.slug(text):
                    found[spoken.slug(text)] = text
    described = {spoken.slug(one.key): one.description for one in SETTINGS}
    return {"labels": dict(sorted(found.items())), "settings": described}


def _labels_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "listing" and node.args:
        return [text.removeprefix(">") for text in _strings(node.args[0]) if text.removeprefix(">")]
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        return [text for text in _strings(ast.List([node.elts[0]])) if text[:1].isupper()]
    if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "columns" for one in node.targets):
        named = [text.removeprefix(">") for text in _strings(node.value)]
        return [text for text in named if text[:1].isupper()]
    return []


def _strings(node: ast.AST) -> list[str]:
    listed = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return [one.value for one in listed if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def toml(entries: Entries) -> str:
    parts = [HEAD]
    for name, entry in entries.items():
        key = name if name.replace("_", "").isalnum() else json.dumps(name)
        lines = [f"{field} = {json.dumps(text, ensure_ascii=False)}" for field, text in entry.items()]
        parts.append("\n".join((f"[{key}]", *lines, "")))
    return "\n".join(parts)


def wanted() -> dict[Path, str]:
    folder = resource("i18n/en")
    return {folder / "help.toml": toml(help_texts()), folder / "labels.toml": toml(labels())}


def main() -> int:
    stale = [path for path, text in wanted().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date: run python packaging/collect_command_words.py")
        return 1 if stale else 0
    for path, text in wanted().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
