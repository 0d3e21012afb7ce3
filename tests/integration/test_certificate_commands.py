"""Certificates of every kind from the command line, with their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from integration.people import PASSPHRASE

from desktop_app.cli import app as command_line
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.app import Services
from desktop_app.services.disclosures import byte_range, time_range

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

Run = tuple[int, str, str]


@pytest.fixture
def home(alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two registered poems."""
    for name in ("poem", "other"):
        path = tmp_path / f"{name}.txt"
        path.write_text("".join(f"{name} line {number}\n" for number in range(500)))
        work = alone.library.add(path).work
        alone.registration.prepare(work.id).execute()
    alone.close()
    monkeypatch.setenv("COLOPHON_HOME", str(alone.paths.home))
    monkeypatch.setenv("COLOPHON_PASSPHRASE", PASSPHRASE)
    return alone.paths.home


def colophon(capsys: pytest.CaptureFixture[str], *arguments: object) -> Run:
    code = command_line.run([str(each) for each in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--whole-file"],
        ["--text", "poem line 77"],
        ["--bytes", "10-20"],
        ["--one-of-many", "Prize"],
        ["--sign"],
    ],
)
def test_each_kind_is_made_and_checked(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    target = tmp_path / "made.colophon"
    code, out, err = colophon(
        capsys, "prove", "poem", "--for", "Jury", "--challenge", "7", "-o", target, "--json", *options
    )
    assert (code, err) == (0, "")
    assert json.loads(out)["path"] == str(target)
    assert colophon(capsys, "verify", target, "--challenge", "7", "--online")[0] == 0
    assert colophon(capsys, "verify", target, "--challenge", "8")[0] == 1
    target.write_bytes(target.read_bytes()[:-1])
    assert colophon(capsys, "verify", target)[0] == 2


def test_a_file_and_an_excerpt_are_compared_and_written(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, part = tmp_path / "whole.colophon", tmp_path / "part.colophon"
    assert colophon(capsys, "prove", "poem", "--for", "Jury", "--whole-file", "-o", whole)[0] == 0
    assert colophon(capsys, "verify", whole, "--file", tmp_path / "poem.txt")[0] == 0
    assert colophon(capsys, "verify", whole, "--file", tmp_path / "other.txt")[0] == 1
    assert colophon(capsys, "prove", "poem", "--for", "Jury", "--text", "poem line 499", "-o", part)[0] == 0
    shown = tmp_path / "shown.txt"
    assert colophon(capsys, "verify", part, "--output", shown)[0] == 0
    assert "poem line 499\n" in shown.read_text()
    assert colophon(capsys, "verify", part, "--output", shown)[0] == 1, "nothing is replaced"
    assert colophon(capsys, "verify", whole, "--output", tmp_path / "none")[0] == 2


def test_a_challenge_is_given_out_and_answered_once(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = json.loads(colophon(capsys, "challenge", "create", "--to", "The poet", "--json")[1])["code"]
    first, second = tmp_path / "first.colophon", tmp_path / "second.colophon"
    for target in (first, second):
        assert colophon(capsys, "prove", "poem", "--for", "Me", "--challenge", code, "-o", target)[0] == 0
    assert colophon(capsys, "verify", first, "--online")[0] == 0
    assert colophon(capsys, "verify", second)[0] == 1
    listed = json.loads(colophon(capsys, "challenge", "list", "--json")[1])
    assert [(each["given_to"], each["used_at"] is not None) for each in listed] == [("The poet", True)]


def test_a_certificate_travels_as_a_page_and_as_a_pdf(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, page, pdf = tmp_path / "made.colophon", tmp_path / "made.html", tmp_path / "made.pdf"
    assert colophon(capsys, "prove", "poem", "--for", "Jury", "--challenge", "7", "-o", made)[0] == 0
    assert colophon(capsys, "export", made)[0] == 2
    assert colophon(capsys, "export", made, "--page", page, "--pdf", pdf, "--title", "A poem")[0] == 0
    assert page.read_bytes()[:14].lower() == b"<!doctype html"
    assert pdf.read_bytes()[:4] == b"%PDF"
    for document in (page, pdf):
        assert colophon(capsys, "verify", document, "--challenge", "7", "--online")[0] == 0
        assert colophon(capsys, "verify", document, "--challenge", "8")[0] == 1
    assert colophon(capsys, "export", made, "--page", page)[0] == 1, "nothing is replaced"
    page.write_bytes(page.read_bytes().replace(b'"certificate":"', b'"certificate":"AAAA'))
    assert colophon(capsys, "verify", page)[0] == 2


def test_a_node_of_ones_own_is_kept_and_given_up(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://127.0.0.1:9"
    assert colophon(capsys, "network", "node", "base", url)[0] == 0
    assert colophon(capsys, "network", "status", "base")[0] == 1, "nobody answers there"
    assert url in (home / "settings.toml").read_text()
    assert colophon(capsys, "network", "node", "base")[0] == 0
    assert url not in (home / "settings.toml").read_text()
    assert colophon(capsys, "network", "node", "base", "ftp://x")[0] == 2
    assert colophon(capsys, "network", "node", "nowhere", url)[0] == 2
    assert colophon(capsys, "network", "node", "practice", url)[0] == 1


def test_only_one_thing_is_shown_at_a_time(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--whole-file", "--text", "x"], ["--until-block", "3"]):
        code, _, err = colophon(capsys, "prove", "poem", "--for", "Jury", *options)
        assert code == 2
        assert "One thing at a time" in err


def test_ranges_are_read_strictly() -> None:
    assert time_range("10-25.5") == (10_000, 25_500)
    assert time_range(" 1:10 - 1:25.125 ") == (70_000, 85_125)
    assert byte_range("0-1023") == (0, 1023)
    for text in ("", "10", "a-b", "1-", "-5-6", "1:2:3-4"):
        with pytest.raises(InvalidInputError, match="not_a_time_range"):
            time_range(text)
        with pytest.raises(InvalidInputError, match="not_a_byte_range"):
            byte_range(text)
