from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import desktop_app.chain
import desktop_app.services
from desktop_app.core.paths import resource

SOURCES = sorted(Path(desktop_app.chain.__file__).parent.glob("*.py"))
ABOVE = sorted(Path(desktop_app.services.__file__).parent.glob("*.py"))
"""Receipts say more about an action, and services refuse what belongs to practice alone."""
CODE = re.compile(r'"(chain|practice|action)\.([a-z_0-9]+)"')


def used() -> set[tuple[str, str]]:
    return {match for path in SOURCES for match in CODE.findall(path.read_text())}


@pytest.mark.parametrize(("namespace", "name"), sorted(used()))
def test_every_code_of_the_chain_layer_has_words(namespace: str, name: str) -> None:
    entry = tomllib.loads(resource(f"i18n/en/{namespace}.toml").read_text())[name]
    if namespace == "action":
        assert set(entry) == {"text", "done"}, "to be approved, and on its receipt"
    else:
        assert set(entry) == {"title", "reason", "next"}


@pytest.mark.parametrize("namespace", ["chain", "practice", "action"])
def test_no_words_are_left_over(namespace: str) -> None:
    entries = tomllib.loads(resource(f"i18n/en/{namespace}.toml").read_text())
    assert set(entries) >= {name for space, name in used() if space == namespace}
    for name in set(entries) - {name for space, name in used() if space == namespace}:
        told = re.compile(rf'["._]{name}["\]]')
        assert any(told.search(path.read_text()) for path in ABOVE), f"nobody says {namespace}.{name}"
