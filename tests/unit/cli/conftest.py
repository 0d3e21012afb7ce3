"""Runs commands in this process, with real services in the test's own data folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from desktop_app.cli.app import app

PASSPHRASE = "a fox jumps over nine clouds"


@dataclass(frozen=True)
class Commands:
    """`run` gives the whole result; calling it gives the JSON of a command that ends with `code`."""

    def run(self, *arguments: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(app, list(arguments), input=stdin, env={"NO_COLOR": "1"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def __call__(self, *arguments: str, code: int = 0, stdin: str = "") -> Any:
        result = self.run(*arguments, "--json", stdin=stdin)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout if result.stdout.strip() else result.stderr)

    def error(self, *arguments: str, code: int = 2, stdin: str = "") -> str:
        """The code of the error that a command ends with; it has all three parts for people."""
        told = self(*arguments, code=code, stdin=stdin)["error"]
        assert all(told[part] for part in ("title", "reason", "next"))
        return str(told["code"])


@pytest.fixture
def colophon() -> Commands:
    return Commands()


@pytest.fixture
def passphrase(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cheap_passphrases: None
) -> Callable[[str], None]:
    """Sets the passphrase that commands read; called once with the usual one."""

    def choose(text: str) -> None:
        path = tmp_path / "passphrase.txt"
        path.write_text(text + "\n", encoding="utf-8")
        monkeypatch.setenv("COLOPHON_PASSPHRASE_FILE", str(path))

    choose(PASSPHRASE)
    return choose


@pytest.fixture
def wallet(colophon: Commands, passphrase: Callable[[str], None]) -> dict[str, str]:
    """A wallet with a passphrase: its phrase and address."""
    made: dict[str, str] = colophon("wallet", "create", "--protection", "passphrase")
    return made
