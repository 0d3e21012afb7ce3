"""The question what is to protect the wallet, which several commands ask."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from desktop_app.cli import passphrase
from desktop_app.cli.session import Session


class Protection(StrEnum):
    """What protects the wallet file."""

    keyring = "keyring"
    passphrase = "passphrase"  # noqa: S105 - the name of a way, not a secret


ProtectionOption = Annotated[
    Protection | None,
    typer.Option(
        "--protection",
        help="The system keyring, or a passphrase. Without this: the keyring if there is one.",
    ),
]


def chosen_protection(
    session: Session, chosen: Protection | None, keyring_is_usable: Callable[[], bool]
) -> tuple[str, str | None]:
    """How to protect a new wallet: ("keyring", None) or ("passphrase", it)."""
    if chosen is None:
        usable = keyring_is_usable()
        chosen = Protection.keyring if usable else Protection.passphrase
        if not usable:
            session.note("cli.no_keyring")
    return chosen.value, passphrase.new(session) if chosen is Protection.passphrase else None
