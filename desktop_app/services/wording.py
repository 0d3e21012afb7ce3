"""Turns codes into plain words for both front ends, from `resources/i18n/<language>/<namespace>.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.errors import BugError, ColophonError
from desktop_app.core.logging import redact
from desktop_app.core.paths import resource
from desktop_app.core.translations import namespace

_SELDOM = ("help", "labels", "language", "page")
"""Texts of the command line and of certificates, and the names of languages."""


@dataclass(frozen=True)
class Message:
    """What a person reads about a problem."""

    title: str
    reason: str
    next_step: str


def words(code: str, field: str = "text", **params: object) -> str:
    """The wording of a code such as "stage.hashing"; raises BugError for an unknown code."""
    space, _, name = code.partition(".")
    entry = namespace(space).get(name)
    if entry is None or field not in entry:
        raise BugError(f"no wording for {code!r}, field {field!r}")
    return entry[field].format_map(params)


def read_ahead() -> None:
    """Read the texts of all that can be shown, on a worker, before somebody waits for them."""
    for path in sorted(resource("i18n/en").glob("*.toml")):
        if path.stem not in _SELDOM:
            namespace(path.stem)


def title_of(code: str) -> str:
    """The title of a problem that is known by its code only, which may come from somebody else."""
    try:
        return words(code, "title")
    except (BugError, KeyError):
        return code


def message(error: BaseException) -> Message:
    """Title, reason and next step of any exception; unexpected ones get the same calm form."""
    if isinstance(error, ColophonError):
        try:
            return Message(
                words(error.code, "title", **error.params),
                words(error.code, "reason", **error.params),
                words(error.code, "next", **error.params),
            )
        except (BugError, KeyError):
            detail = str(error)
    else:
        detail = f"{type(error).__name__}: {error}"
    params = {"detail": redact(detail)}
    return Message(
        words("app.unexpected", "title"),
        words("app.unexpected", "reason", **params),
        words("app.unexpected", "next"),
    )
