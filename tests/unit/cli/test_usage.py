"""A command line that cannot be read is explained as every other error is, in the language of the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from desktop_app.cli.app import run
from desktop_app.core import translations
from desktop_app.services.language import speak


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COLOPHON_LANGUAGE", translations.PSEUDO)
    yield
    monkeypatch.setenv("COLOPHON_LANGUAGE", "en")
    speak("en")
    run(["--version"])  # typer's own words are English again


WRONG = [
    ("prove", "missing", "needs WORK", "colophon prove [OPTIONS] --for AUDIENCE WORK"),
    ("prove Song", "missing", "needs --for", "colophon prove --help"),
    ("prove Song --for", "needs_value", "--for needs a value", "colophon prove --help"),
    ("prove Song --four x", "no_such_option_but", "no option --four. There is: --for", "prove --help"),
    ("library list --everything", "no_such_option", "no option --everything", "library list --help"),
    ("library list --json=yes", "takes_no_value", "--json is either given or not", "library list --help"),
    ("library lst", "no_such_command_but", "There is: colophon library list", "colophon library --help"),
    ("describe", "no_such_command_but", "There is: colophon library describe", "colophon --help"),
    ("zyxwv", "no_such_command", "no command “zyxwv”", "colophon --help"),
    ("wallet show Ada Ben", "too_many", "colophon wallet show [OPTIONS].", "wallet show --help"),
    ("library list --limit many", "whole_between", "--limit has to be a whole number from 1", "--help"),
    ("licence show 0", "whole_from", "LICENCE has to be a whole number, 1 or more", "licence show --help"),
    ("training run x --rate fast", "number", "--rate has to be a number", "training run --help"),
    ("wallet protect glass", "choice", "PROTECTION is one of: keyring, passphrase", "protect --help"),
    ("--json", "no_command", "“colophon” alone does nothing", "colophon --help"),
]


@pytest.mark.parametrize(("line", "code", "reason", "step"), WRONG, ids=[one[0] for one in WRONG])
def test_what_is_wrong_is_said_with_a_next_step_and_exit_code_2(
    line: str, code: str, reason: str, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--json", *line.removeprefix("--json").split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    told = json.loads(err)["error"]
    assert told["code"] == f"usage.{code}"
    assert reason in told["reason"]
    assert step in told["reason"] + told["next"]


def test_people_read_the_same_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[:2] == ["Something is missing", "The command needs WORK."]


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library"]) == 2
    assert "Usage: colophon library [OPTIONS] COMMAND ..." in capsys.readouterr().out


def test_help_shows_values_as_words_and_none_for_flags(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library", "add", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Usage: colophon library add [OPTIONS] FILE..." in shown
    assert not re.search(r"<\w+>", shown)
    assert re.search(r"--title +TEXT", shown)
    assert re.search(r"--quick +[A-Z][a-z]", shown)
    assert re.search(r"--help +Show this help\.", shown)


@pytest.mark.usefixtures("pseudo")
def test_typers_own_words_are_in_the_language_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    run(["prove", "--help"])
    shown = capsys.readouterr().out
    for text in ("Ûšåg", "[ÖPTÎÖNS", "Årgûm", "Öptîö", "[réqûîréd", "Shöw thîš hélp", "För évérý çömmåñd"):
        assert text in shown, text
    for text in ("Usage", "OPTIONS", "Arguments", "Options", "required", "Show this"):
        assert text not in shown, text
    for line in ("prove", "library lst", "prove x --for y --days z", "wallet protect x", "zyxwv"):
        assert run(line.split()) == 2
        said = capsys.readouterr().err
        assert not re.search(r"\b(missing|needs|There is|has to be|one of|Error|Try)\b", said), said
