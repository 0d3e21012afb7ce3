"""What a translation still lacks: `python -m tests.i18n_missing de` lists it with the English text.

    python -m tests.i18n_missing de            all that is missing, stale, or of another form
    python -m tests.i18n_missing de gui help   of these files only (guide/works for a chapter of the guide)
    python -m tests.i18n_missing --hardcoded   texts in the window's code that no translator can reach
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import desktop_app
from desktop_app.core.paths import resource
from desktop_app.core.translations import ENGLISH, placeholders
from desktop_app.services.guide import Chapter, read_chapter
from tests.named_commands import wrong_in_text

NOT_TRANSLATED = frozenset({"page"})
"""The texts of certificates for others, which are in English whatever the app speaks."""
PACKAGE = Path(desktop_app.__file__).parent


@dataclass(frozen=True)
class Gap:
    """`kind` is "missing", "stale" (no English text has this key) or "placeholders"."""

    kind: str
    file: str
    entry: str
    field: str
    english: str = ""

    def __str__(self) -> str:
        name = f"{self.file}.toml [{self.entry}] {self.field}"
        return f"{self.kind}: {name}" + (f" = {self.english!r}" if self.english else "")


def files(language: str) -> dict[str, dict[str, dict[str, str]]]:
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(resource(f"i18n/{language}").glob("*.toml"))
    }


def gaps(language: str, only: tuple[str, ...] = ()) -> Iterator[Gap]:
    """How the files of a language differ from the English ones, in keys or in placeholders."""
    english, own = files(ENGLISH), files(language)
    for file in sorted({*english, *own}):
        if (only and file not in only) or file in NOT_TRANSLATED:
            continue
        wanted, given = english.get(file, {}), own.get(file, {})
        for entry in sorted({*wanted, *given}):
            theirs, ours = wanted.get(entry, {}), given.get(entry, {})
            for field in sorted({*theirs, *ours}):
                if field not in ours:
                    yield Gap("missing", file, entry, field, theirs[field])
                elif field not in theirs:
                    yield Gap("stale", file, entry, field)
                elif placeholders(ours[field]) != placeholders(theirs[field]):
                    yield Gap("placeholders", file, entry, field, theirs[field])


def command_gaps(language: str, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Texts that name a command or an option which is not there."""
    for file, entries in files(language).items():
        for entry, fields in entries.items() if not only or file in only else ():
            for field, text in fields.items():
                for wrong in wrong_in_text(text):
                    yield f"no such command: {file}.toml [{entry}] {field}: {wrong}"


_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def chapter_gaps(language: str, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Chapters of the guide that a language lacks, and how others differ in form from English ones."""
    folder = resource("guide")
    both = (folder, folder / language)
    english, own = ({path.stem: path for path in place.glob("*.md")} for place in both)
    for key in sorted({*english, *own}):
        name = f"guide/{key}"
        if only and name not in only:
            continue
        if key not in own:
            yield f"missing: {name}.md"
        elif key not in english:
            yield f"stale: {name}.md (there is no such English chapter)"
        else:
            theirs, ours = _form(read_chapter(key, english[key])), _form(read_chapter(key, own[key]))
            for what, wanted in theirs.items():
                if ours[what] != wanted:
                    yield f"other {what}: {name}.md has {ours[what]}, English {wanted}"


def _form(chapter: Chapter) -> dict[str, list[int] | list[str]]:
    """What all languages have alike: the levels of headings, where links lead, commands and their options."""
    links = sorted(one.partition("#")[0].removeprefix("../") for one in _LINK.findall(chapter.text))
    commands = [len(block.splitlines()) for block in _FENCED.findall(chapter.text)]
    return {
        "headings": [one.level for one in chapter.headings],
        "links": links,
        "lines of commands": commands,
        "options": sorted(set(_OPTION.findall(chapter.text))),
    }


_SHOWS = {
    "label", "Button", "IconButton", "Card", "Field", "CheckBox", "Radio", "EmptyState", "PageHeader", "Chip",
    "ElidedLabel", "setText", "set_text", "setToolTip", "setAccessibleName", "setAccessibleDescription",
    "setWindowTitle", "setPlaceholderText", "show_text", "show_notice", "setInformativeText", "addAction",
    "add_button", "setTitle", "setStatusTip", "addItem",
}  # fmt: skip
_SPEAKS = {"note", "approve", "line", "ask", "echo"}
_NAMES = {"Colophon", "Inter"}


def hardcoded() -> Iterator[str]:
    """Literals with words in them that the window shows or the command line says."""
    for folder, calls in (("gui", _SHOWS), ("cli", _SPEAKS)):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                if name not in calls:
                    continue
                for text in _said(node.args[0]) if node.args else ():
                    if re.search(r"[A-Z][a-z]{2}|[a-z]{2} [a-z]{2}", text) and text not in _NAMES:
                        yield f"{path.relative_to(PACKAGE)}:{node.lineno}: {name}({text!r})"


def _said(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [text for part in node.values for text in _said(part)]
    if isinstance(node, ast.IfExp):
        return [*_said(node.body), *_said(node.orelse)]
    return []


def main(arguments: list[str]) -> int:
    if arguments == ["--hardcoded"]:
        found: list[object] = list(hardcoded())
    elif arguments and not arguments[0].startswith("-"):
        language, *names = arguments
        lists = (gaps, chapter_gaps, command_gaps)
        found = [one for each in lists for one in each(language, tuple(names))]
    else:
        print(__doc__)
        return 2
    for one in found:
        print(one)
    print(f"{len(found)} found", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
