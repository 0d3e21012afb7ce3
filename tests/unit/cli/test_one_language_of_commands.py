"""The rules that all commands keep: one word for one thing, JSON from each, exit codes that are told."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import desktop_app.cli
from desktop_app.cli import spoken
from desktop_app.cli.output import READER_GONE
from tests.named_commands import TREE

SOURCES = Path(desktop_app.cli.__file__).parent
spoken.speak(TREE)
COMMANDS = {path: one for path, one in spoken.commands(TREE) if not hasattr(one, "commands")}
OTHER_WORDS = {
    "new": "create", "make": "create", "delete": "remove", "rm": "remove", "ls": "list", "view": "show",
    "info": "show", "display": "show", "save": "export", "write": "export", "test": "check",
    "validate": "verify", "edit": "set", "runs": "list", "health": "check",
}  # fmt: skip
OTHER_OPTIONS = {
    "--out": "--output", "--to-file": "--output", "--dir": "--output", "--folder": "--output",
    "--qr-file": "--output", "--excerpt": "--output", "--force": "--overwrite", "--replace": "--overwrite",
    "--rpc": "--node", "--uri": "--url", "--stop": "--off", "--disable": "--off", "--from": "--since",
    "--all": "--all-networks", "--no-confirm": "--yes", "--format": "--json",
}  # fmt: skip
SHORT = {"--output": "-o", "--yes": "-y", "--recursive": "-r", "--quantity": "-n"}
NOT_ANSWERED_AT_ONCE = {
    "payouts watch": "one line of JSON for each payout, as it comes",
    "serve": "one line of JSON for each thing that happens",
}
"""All other commands print one JSON document when --json is given."""


def options(command: Any) -> dict[str, Any]:
    return {max(one.opts, key=len): one for one in command.params if one.param_type_name == "option"}


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_keeps_the_rules(path: str) -> None:
    command = COMMANDS[path]
    verb = path.rsplit(maxsplit=1)[-1]
    assert verb not in OTHER_WORDS, f"say {OTHER_WORDS.get(verb)}"
    assert command.help.strip().endswith((".", ":")), "a sentence"
    assert len(command.help.split("\n")[0]) <= 110, "the first line fits into a list"
    for name, one in options(command).items():
        assert name not in OTHER_OPTIONS, f"say {OTHER_OPTIONS.get(name)}"
        short = [each for each in one.opts if not each.startswith("--")]
        assert short == ([SHORT[name]] if name in SHORT else []), f"{name}: {short}"
        assert one.help.strip().endswith((".", ")", "?")) or ", e.g. " in one.help or "http" in one.help, name
        if name == "--output":
            assert one.metavar in ("FILE", "FOLDER")
    assert "None" not in command.options_metavar, "an option that is needed is named with its value"
    assert "--overwrite" not in options(command) or "--output" in options(command)
    for one in command.params:
        if one.param_type_name == "argument":
            assert one.metavar, f"{one.name} needs a name of its own"


def test_an_option_is_a_flag_everywhere_or_nowhere() -> None:
    kinds = defaultdict(set)
    for path, command in COMMANDS.items():
        for name, one in options(command).items():
            if (path, name) != ("credentials sign", "--sidecar"):
                kinds[name].add(bool(one.is_flag))
    assert not [name for name, found in kinds.items() if len(found) > 1]


def functions() -> dict[str, dict[str, ast.FunctionDef]]:
    return {
        path.stem: {
            node.name: node
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        for path in SOURCES.glob("*.py")
    }


FUNCTIONS = functions()
EVERYWHERE = {name: node for found in FUNCTIONS.values() for name, node in found.items()}


def calls(node: ast.FunctionDef, own: dict[str, ast.FunctionDef], seen: set[str]) -> set[str]:
    """Names of methods that a function calls, by itself or through other functions of the command line."""
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            name = getattr(each.func, "attr", None) or getattr(each.func, "id", "")
            found.add(str(name))
            called = own.get(str(name)) or EVERYWHERE.get(str(name))
            if called is not None and name not in seen:
                found |= calls(called, own, seen | {str(name)})
    return found


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_answers_in_json_and_tells_what_its_exit_code_means(path: str) -> None:
    command = COMMANDS[path]
    function = inspect.getclosurevars(command.callback.__wrapped__).nonlocals["function"]
    module = function.__module__.rpartition(".")[2]
    node = FUNCTIONS[module][function.__name__]
    said = calls(node, FUNCTIONS[module], {function.__name__})
    assert ("line" if path in NOT_ANSWERED_AT_ONCE else "show") in said
    if isinstance(node.returns, ast.Name) and node.returns.id == "int":
        assert "xit code" in command.help or "nds with" in command.help, "what is exit code 1?"


def colophon(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "desktop_app", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
        cwd=Path(__file__).resolve().parents[3],
    )  # fmt: skip


def test_a_reader_that_has_gone_is_no_trouble(tmp_path: Path) -> None:
    with colophon("settings", "list", COLOPHON_HOME=str(tmp_path)) as program:
        assert program.stdout is not None and program.stderr is not None
        program.stdout.close()
        assert program.wait(120) == READER_GONE
        assert program.stderr.read() == ""


def test_what_programs_read_is_neither_coloured_nor_folded(tmp_path: Path) -> None:
    with colophon("settings", "list", COLOPHON_HOME=str(tmp_path), COLUMNS="40") as program:
        out, err = program.communicate(timeout=120)
    assert (program.returncode, err) == (0, "")
    assert "\x1b" not in out
    lines = [line for line in out.splitlines() if line.startswith("updates.address")]
    assert len(lines) == 1 and "https://" in lines[0]
