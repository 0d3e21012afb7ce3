"""Which Python distributions are inside of the packaged app: Colophon, window, Ledger, and what they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement  # the library; this folder has no __init__

ROOT, EXTRAS = "colophon", ("window", "ledger")


def distributions() -> list[Distribution]:
    """All of them, by name, as this Python has them installed."""
    found: dict[str, Distribution] = {}
    waiting = [(ROOT, frozenset(EXTRAS))]
    seen = set()
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        name, extras = wanted
        one = distribution(name)
        found[normal(name)] = one
        waiting.extend((normal(need.name), frozenset(need.extras)) for need in needs(one, extras))
    return [found[name] for name in sorted(found)]


def needs(one: Distribution, extras: frozenset[str] = frozenset()) -> Iterator[Requirement]:
    """What a distribution requires here, with these extras."""
    for text in one.requires or ():
        need = Requirement(text)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            yield need


def normal(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
