"""Every command that a text names, with its options, is one that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.core.paths import resource
from tests.i18n_missing import command_gaps
from tests.named_commands import problem, wrong_in_prose

ROOT = Path(__file__).resolve().parents[3]
PROSE = [
    ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "desktop_app/training/README.md",
    *sorted(resource("guide").rglob("*.md")),
]  # fmt: skip


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_prose_are_there(path: Path) -> None:
    wrong = wrong_in_prose(path.read_text(encoding="utf-8"))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", sorted(path.name for path in resource("i18n").iterdir()))
def test_commands_in_texts_are_there(language: str) -> None:
    wrong = list(command_gaps(language))
    assert not wrong, "\n".join(wrong)


def test_a_command_that_is_gone_is_noticed() -> None:
    assert problem("library list --json") == ""
    assert problem("library catalogue") == "no command 'catalogue'"
    assert problem("library list --everything") == "no option ['--everything']"
