"""The errors that a person can meet, as types with a code and parameters.

Layers raise codes ("wallet.locked"), never sentences; `services.wording` turns a code into a title, a
reason and a next step from `resources/i18n/<language>/<namespace>.toml`.
"""

from __future__ import annotations

Param = str | int


class ColophonError(Exception):
    """Base of all expected failures.

    `code` is "namespace.name"; `params` fill the places in its wording. Neither may hold a secret.
    """

    def __init__(self, code: str, **params: Param) -> None:
        self.code = code
        self.params = params
        details = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code} ({details})" if details else code)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.params)


def _rebuild(kind: type[ColophonError], code: str, params: dict[str, Param]) -> ColophonError:
    return kind(code, **params)


class InvalidInputError(ColophonError):
    """What the user gave cannot be used: wrong form, wrong value, unusable file."""


class NotFoundError(ColophonError):
    """The thing named does not exist."""


class RefusedError(ColophonError):
    """The request is well formed, but rules or the present state forbid it."""


class UnavailableError(ColophonError):
    """Something outside (node, keyring, disk) does not answer; trying again later may help."""


class CorruptError(ColophonError):
    """Stored data fails its integrity check."""


class CancelledError(ColophonError):
    """The user stopped the work."""

    def __init__(self, code: str = "job.cancelled", **params: Param) -> None:
        super().__init__(code, **params)


class BugError(AssertionError):
    """A state that our own code must never reach."""
