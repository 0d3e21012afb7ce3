"""A shell completes commands, options, and names of what there is; nothing in a name becomes a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.cli import completion
from desktop_app.cli.app import run
from desktop_app.core.clock import SystemClock
from desktop_app.core.paths import AppPaths
from desktop_app.services.completions import candidates
from desktop_app.store.database import Database
from desktop_app.store.works import Work, WorkRepository

TITLES = {"plainone": "Night Train", "trapped0": "$(touch trap) `touch trap` \\$(touch trap)"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppPaths:
    """Two works: one with a plain title, one whose title is a trap for shells."""
    paths = AppPaths(tmp_path / "home")
    paths.create()
    database = Database(paths.database, paths.backups, SystemClock())
    works = WorkRepository(database)
    for number, (key, title) in enumerate(TITLES.items()):
        works.add(Work(
            id=key, title=title, path=tmp_path / key, size=1, sha256=bytes([number]) * 32, blake3=b"b" * 32,
            leaf_size=1024, chunk_root=b"c" * 32, salt=b"s" * 32, media_type="", added_at=1,
            modified_ns=number,
        ))  # fmt: skip
    database.close()
    monkeypatch.setenv("COLOPHON_HOME", str(paths.home))
    return paths


def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> set[str]:
    """What bash is offered for the last of these words."""
    monkeypatch.setenv(completion.ASKED, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(("colophon", *words)))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    assert run([]) == 0
    return set(capsys.readouterr().out.split("\n")) - {""}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("li",), {"library", "licence"}),
        (("wallet", "rec"), {"receive"}),
        (("library", "list", "--js"), {"--json"}),
        (("network", "use", "base"), {"base", "base-sepolia"}),
        (("--network", "pract"), {"practice"}),
        (("sell", "offer", "--mode", "s"), {"safe", "sealed"}),
        (("transactions", "speed-up", "--speed", "f"), {"fast"}),
        (("settings", "get", "window.th"), {"window.theme"}),
        (("guide", "first"), {"first-steps"}),
        (("completion", "z"), {"zsh"}),
        (("register", "night"), {"Night Train"}),
        (("register", "Night\\ Train", ""), {"Night Train", "trapped0"}),
        (("library", "add", "/etc/hos"), set()),
    ],
)
def test_what_can_follow_is_offered(
    words: tuple[str, ...],
    offered: set[str],
    home: AppPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert asked(monkeypatch, capsys, *words) == offered


def test_names_are_of_the_home_that_is_typed(
    tmp_path: Path, home: AppPaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLOPHON_HOME", str(tmp_path / "nowhere"))
    assert asked(monkeypatch, capsys, "register", "N") == set()
    assert asked(monkeypatch, capsys, "--home", str(home.home), "register", "N") == {"Night Train"}
    assert not (tmp_path / "nowhere").exists(), "asking makes nothing"


def test_a_broken_database_completes_nothing(home: AppPaths) -> None:
    for place in ("WORK", "TOKEN", "CONTACT", "DATASET", "RUN"):
        assert candidates(home, place) == (["trapped0", "Night Train"] if place == "WORK" else [])
    home.database.write_bytes(b"no database")
    assert candidates(home, "WORK") == []


ASK = {
    "bash": """
        source <({program} completion bash)
        COMP_WORDS=(colophon library show Ni); COMP_CWORD=3; _colophon_completion colophon
        printf '%s\\n' "${{COMPREPLY[@]}}"
        COMP_WORDS=(colophon register ''); COMP_CWORD=2; _colophon_completion colophon
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """,
    "fish": """
        {program} completion fish | source
        complete -C 'colophon library show Ni'
        complete -C 'colophon register '
    """,
}


@pytest.mark.parametrize("shell", [one for one in ASK if shutil.which(one)])
def test_a_real_shell_offers_names_and_runs_none(shell: str, home: AppPaths, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "colophon"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m desktop_app "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[3])
    done = subprocess.run(
        [shell, "-c", ASK[shell].format(program=program)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    offered = [line.replace("\\ ", " ").strip() for line in done.stdout.splitlines() if line.strip()]
    assert offered[0] == "Night Train"
    assert set(offered) == {"Night Train", "trapped0"}
    assert not (tmp_path / "trap").exists()


def test_zsh_is_given_no_name_that_it_would_run(
    home: AppPaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(completion.ASKED, "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "colophon register ")
    assert run([]) == 0
    assert capsys.readouterr().out.strip() == "_arguments '*: :((\"trapped0\"\n\"Night Train\"))'"
