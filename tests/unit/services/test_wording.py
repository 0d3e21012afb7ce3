"""Every code that the program can raise, show or report has words that ask for no missing parameter."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import desktop_app
from desktop_app.core import errors
from desktop_app.core.paths import resource
from desktop_app.core.settings import SETTINGS

PACKAGE = Path(desktop_app.__file__).parent
WORDS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in resource("i18n/en").glob("*.toml")
}
CODE = re.compile(r"([a-z]+)\.([a-z0-9_]+)")
FILE_ENDINGS = {"toml", "json", "db", "md", "html", "log", "csv"}
SETTING_KEYS = {setting.key for setting in SETTINGS}
ERROR_TYPES = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ColophonError)
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text(encoding="utf-8"))


def error_types(trees: list[tuple[str, ast.Module]]) -> set[str]:
    """Names of ColophonError and of every class that stems from it, anywhere in the package."""
    known, grown = set(ERROR_TYPES), True
    while grown:
        before = len(known)
        for _, tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and any(name_of(base) in known for base in node.bases):
                    known.add(node.name)
        grown = len(known) > before
    return known


def name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def texts(node: ast.AST | None) -> set[str]:
    """The strings that an expression can be, as far as they are written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return set()


def fields(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def keywords(call: ast.Call) -> set[str] | None:
    """Names given to a call; None where `**` hides them."""
    names = {item.arg for item in call.keywords}
    return None if None in names else {name for name in names if name}


def argument(call: ast.Call, position: int, name: str) -> ast.AST | None:
    if len(call.args) > position:
        return call.args[position]
    return next((item.value for item in call.keywords if item.arg == name), None)


TREES = list(sources())
TYPES = error_types(TREES)
CALLS = [
    (f"{file}:{node.lineno}", name_of(node.func), node)
    for file, tree in TREES
    for node in ast.walk(tree)
    if isinstance(node, ast.Call)
]


def entry(code: str) -> dict[str, str] | None:
    space, _, name = code.partition(".")
    found = WORDS.get(space, {}).get(name)
    return found if isinstance(found, dict) else None


def test_every_error_raised_has_title_reason_and_next_step() -> None:
    problems = []
    for where, name, call in CALLS:
        if name not in TYPES:
            continue
        for code in texts(argument(call, 0, "code")):
            found = entry(code)
            if found is None or not all(found.get(part) for part in ("title", "reason", "next")):
                problems.append(f"{where}: {code} lacks words")
                continue
            given = keywords(call)
            wanted = set().union(*(fields(found[part]) for part in ("title", "reason", "next")))
            if given is not None and wanted - given:
                problems.append(f"{where}: the words of {code} ask for {sorted(wanted - given)}")
    assert not problems, "\n".join(problems)


def test_every_code_written_in_the_source_exists() -> None:
    problems = []
    for file, tree in TREES:
        parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            for text in texts(node) if isinstance(node, ast.Constant) and node not in parts else ():
                match = CODE.fullmatch(text)
                if match is None or match[1] not in WORDS or match[2] in FILE_ENDINGS or text in SETTING_KEYS:
                    continue
                if entry(text) is None:
                    problems.append(f"{file}:{node.lineno}: {text} is not in {match[1]}.toml")
    assert not problems, "\n".join(problems)


def test_every_built_code_has_at_least_one_entry() -> None:
    problems = []
    for file, tree in TREES:
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr) or not texts(node.values[0]):
                continue
            space, dot, start = next(iter(texts(node.values[0]))).partition(".")
            fits = space in WORDS and re.fullmatch(r"[a-z0-9_]*", start) and dot
            if fits and not any(name.startswith(start) for name in WORDS[space]):
                problems.append(f"{file}:{node.lineno}: nothing in {space}.toml starts with {start!r}")
    assert not problems, "\n".join(problems)


def test_words_are_asked_for_with_the_parameters_they_need() -> None:
    problems = []
    for where, name, call in CALLS:
        if name not in {"words", "note", "approve", "wording"}:
            continue
        part = next(iter(texts(argument(call, 1, "field"))), "text")
        for code in texts(argument(call, 0, "code")):
            found = entry(code)
            given = keywords(call)
            if found is None or part not in found:
                problems.append(f"{where}: {code} has no {part!r}")
            elif given is not None and fields(found[part]) - given:
                problems.append(f"{where}: {code} asks for {sorted(fields(found[part]) - given)}")
    assert not problems, "\n".join(problems)


def test_every_review_is_worded_with_its_own_parameters() -> None:
    problems = []
    for where, name, call in CALLS:
        codes = {code for item in ast.walk(call) for code in texts(item) if code.startswith("review.")}
        if name not in {"Review", "_review", "review", "reviewed"} or not codes:
            continue
        params = argument(call, 99, "params")
        literal = isinstance(params, ast.Dict) and all(key is not None for key in params.keys)
        given = {text for key in params.keys for text in texts(key)} if literal else None  # type: ignore[union-attr]
        for code in codes:
            found = entry(code)
            if found is None or "text" not in found:
                problems.append(f"{where}: {code} has no text")
            elif given is not None and fields(found["text"]) - given:
                problems.append(f"{where}: {code} asks for {sorted(fields(found['text']) - given)}")
    assert not problems, "\n".join(problems)


def test_every_reported_stage_is_a_worded_code() -> None:
    problems = []
    for where, name, call in CALLS:
        if name != "report":
            continue
        for stage in texts(argument(call, 2, "stage")) - {""}:
            found = entry(stage)
            if found is None or "text" not in found:
                problems.append(f"{where}: the stage {stage!r} has no text")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("space", sorted(WORDS))
def test_a_wording_file_holds_whole_entries_only(space: str) -> None:
    for name, found in WORDS[space].items():
        assert isinstance(found, dict), name
        for part, text in found.items():
            assert isinstance(text, str), f"{space}.{name}.{part} is no text"
            assert text.strip() or space == "gui", f"{space}.{name}.{part} is empty"
            fields(text)
        if "reason" in found:
            assert {"title", "reason", "next"} <= found.keys(), f"{space}.{name} lacks a part"
