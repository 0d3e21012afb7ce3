"""The command line speaks the language that is set, and its texts are where translators look."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from desktop_app.core.settings import LANGUAGE, Settings

ROOT = Path(__file__).resolve().parents[3]
COLLECT = ROOT / "packaging" / "collect_command_words.py"


def test_the_help_and_the_labels_in_the_files_are_those_of_the_commands() -> None:
    spec = importlib.util.spec_from_file_location("collect_command_words", COLLECT)
    assert spec is not None
    assert spec.loader is not None
    collect = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(collect)
    for path, text in collect.wanted().items():
        assert path.read_text(encoding="utf-8") == text, f"run python {COLLECT.relative_to(ROOT)}"


def test_help_labels_and_descriptions_are_in_the_language_of_the_run(tmp_path: Path) -> None:
    def colophon(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", *arguments],
            env={"COLOPHON_HOME": str(tmp_path), "COLOPHON_LANGUAGE": "pseudo", "PATH": ""},
            cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True,
        )  # fmt: skip
        return done.stdout

    assert "Öptîöñš" in (shown := colophon("settings", "set", "--help"))
    assert "Chåñgé öñé šéttîñg." in shown
    assert "För évérý çömmåñd" in shown
    assert "Lîght, dårk, hîgh çöñtråšt, ör åš thé šýštém îš." in (listed := colophon("settings", "list"))
    assert "Kéý" in listed


def test_the_language_is_a_setting(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    assert settings.text(LANGUAGE) == "system"
    settings.set(LANGUAGE, "en")
    assert settings.text(LANGUAGE) == "en"
