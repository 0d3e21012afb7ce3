"""What can stand in the place of a name on the command line; no service is built for it."""

from __future__ import annotations

import re

from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import SETTINGS

GIVEN = {"WORK": "works", "TOKEN": "tokens", "CONTACT": "contacts", "DATASET": "data_sets", "RUN": "runs"}
_HARMLESS = re.compile(r"\w[\w .,+-]*")
"""Shells evaluate what they are given to complete: names made by others must not become commands."""


def candidates(paths: AppPaths, place: str) -> list[str]:
    """What fits into a place of the usage line (WORK, NETWORK, ...); an id where a name is no plain text."""
    if place in GIVEN:
        from desktop_app.store.given_names import given_names

        found = given_names(paths.database, GIVEN[place])
        return [name if _HARMLESS.fullmatch(name) else key for name, key in found]
    if place == "NETWORK":
        from desktop_app.chain.networks import load_networks

        return list(load_networks())
    if place == "CHAPTER":
        from desktop_app.services.guide import chapters

        return [one.key for one in chapters()]
    if place == "SETTING":
        return [one.key for one in SETTINGS]
    return place.split("|") if "|" in place else []
