"""Every attack of ATTACKS.md has its test."""

from __future__ import annotations

import re
from pathlib import Path

LIST = Path(__file__).with_name("ATTACKS.md")
TESTS = Path(__file__).parents[2]


def test_every_attack_has_a_test_of_that_name() -> None:
    named = set(re.findall(r"`(test_\w+)`", LIST.read_text(encoding="utf-8")))
    written = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named - written == set()
    assert len(named) > 60
