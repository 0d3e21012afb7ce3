from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import desktop_app.chain
from desktop_app.core.paths import resource

SOURCES = sorted(Path(desktop_app.chain.__file__).parent.glob("*.py"))
CODE = re.compile(r'"(chain|practice|action)\.([a-z_0-9]+)"')


def used() -> set[tuple[str, str]]:
    return {match for path in SOURCES for match in CODE.findall(path.read_text())}


@pytest.mark.parametrize(("namespace", "name"), sorted(used()))
def test_every_code_of_the_chain_layer_has_words(namespace: str, name: str) -> None:
    entry = tomllib.loads(resource(f"i18n/en/{namespace}.toml").read_text())[name]
    assert set(entry) == ({"text"} if namespace == "action" else {"title", "reason", "next"})


@pytest.mark.parametrize("namespace", ["chain", "practice", "action"])
def test_no_words_are_left_over(namespace: str) -> None:
    entries = tomllib.loads(resource(f"i18n/en/{namespace}.toml").read_text())
    assert set(entries) == {name for space, name in used() if space == namespace}
