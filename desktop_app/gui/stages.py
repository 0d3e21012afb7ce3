"""Words for the stage codes that long work reports ("stage.hashing")."""

from __future__ import annotations

from desktop_app.core.errors import BugError
from desktop_app.services.wording import words


def stage_words(stage: str) -> str:
    """The wording of a stage; an unworded stage shows nothing rather than a code."""
    if not stage:
        return ""
    try:
        return words(stage)
    except BugError:
        return ""
