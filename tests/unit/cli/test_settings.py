"""The settings commands, and how every command ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from desktop_app.cli.app import app, run


def colophon(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"NO_COLOR": "1"})


def test_settings_are_listed_with_their_defaults() -> None:
    found = json.loads(colophon("settings", "list", "--json").stdout)
    assert found["network.active"] == "practice"


def test_a_setting_that_was_set_is_got_again() -> None:
    assert colophon("settings", "set", "proof.valid_days", "90").exit_code == 0
    assert colophon("settings", "get", "proof.valid_days").stdout.strip() == "90"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("proof.valid_days", "many"),
        ("proof.valid_days", "-1"),
        ("proof.valid_days", "0"),
        ("window.theme", "pink"),
    ],
)
def test_a_value_that_does_not_fit_is_unusable_input(key: str, value: str) -> None:
    result = colophon("settings", "set", "--", key, value)
    assert result.exit_code == 2
    assert result.stderr.strip().count("\n") >= 2, "title, reason and next step"


def test_an_unknown_setting_names_the_known_ones() -> None:
    result = colophon("settings", "get", "colour")
    assert result.exit_code == 2
    assert "proof.valid_days" in result.stderr


def test_with_json_an_error_is_json_on_stderr_and_stdout_is_empty() -> None:
    result = colophon("settings", "get", "colour", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert json.loads(result.stderr)["error"]["code"] == "settings.unknown_key"


def test_options_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    assert colophon("--home", str(home), "settings", "set", "proof.valid_days", "7").exit_code == 0
    assert (home / "settings.toml").is_file()
    assert colophon("settings", "get", "proof.valid_days", "--home", str(home)).stdout.strip() == "7"
    assert colophon("settings", "get", "proof.valid_days").stdout.strip() == "30"
    before = colophon("--json", "settings", "get", "proof.valid_days").stdout
    assert before == colophon("settings", "get", "proof.valid_days", "--json").stdout


def test_the_dispatcher_returns_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "get", "proof.valid_days"]) == 0
    assert run(["settings", "get", "colour"]) == 2
    assert run(["--version"]) == 0
    assert "colophon " in capsys.readouterr().out
