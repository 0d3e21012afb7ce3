"""Secrets on their way in: a hidden prompt, a file or the environment, and never an argument."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from desktop_app.cli.session import Session
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

FILE_VARIABLE = "COLOPHON_PASSPHRASE_FILE"
VARIABLE = "COLOPHON_PASSPHRASE"
KEY_FILE_VARIABLE = "COLOPHON_KEY_PASSPHRASE_FILE"
HELP = (
    "A passphrase is asked for without showing it, or read from the file named by "
    f"{FILE_VARIABLE}, or from {VARIABLE}."
)


BACKUP_FILE_VARIABLE = "COLOPHON_BACKUP_PASSPHRASE_FILE"
BACKUP_VARIABLE = "COLOPHON_BACKUP_PASSPHRASE"
BACKUP_HELP = (
    "A backup has a passphrase of its own. It is asked for without showing it, or read from the file named "
    f"by {BACKUP_FILE_VARIABLE}, or from {BACKUP_VARIABLE}."
)


HAND_OVER_FILE_VARIABLE = "COLOPHON_HAND_OVER_PASSPHRASE_FILE"
HAND_OVER_VARIABLE = "COLOPHON_HAND_OVER_PASSPHRASE"


def from_environment(file_variable: str = FILE_VARIABLE, variable: str = VARIABLE) -> str | None:
    """The passphrase in the file that the environment names, else in the environment, else None."""
    name = os.environ.get(file_variable)
    if name:
        try:
            return Path(name).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError("cli.passphrase_file", path=name, variable=file_variable) from error
    return os.environ.get(variable)


def present(session: Session) -> str:
    """The passphrase of the wallet as it is."""
    given = from_environment()
    return _typed(session, "cli.ask_passphrase") if given is None else given


def new(session: Session, variable_holds_it: bool = True) -> str:
    """A new passphrase, typed twice. `variable_holds_it`: whether the environment may give it."""
    given = from_environment() if variable_holds_it else None
    if given is not None:
        return given
    return _typed_twice(session, "cli.ask_new_passphrase", "cli.passphrase_needed")


def of_backup(session: Session) -> str:
    """The passphrase of a backup as it is."""
    given = from_environment(BACKUP_FILE_VARIABLE, BACKUP_VARIABLE)
    if given is not None:
        return given
    return _typed(session, "cli.ask_backup_passphrase", "cli.backup_passphrase_needed")


def new_backup(session: Session) -> str:
    """The passphrase for a new backup, typed twice."""
    given = from_environment(BACKUP_FILE_VARIABLE, BACKUP_VARIABLE)
    if given is not None:
        return given
    return _typed_twice(session, "cli.ask_new_backup_passphrase", "cli.backup_passphrase_needed")


def of_hand_over(session: Session) -> str:
    """The passphrase of a data set that was handed over."""
    given = from_environment(HAND_OVER_FILE_VARIABLE, HAND_OVER_VARIABLE)
    if given is not None:
        return given
    return _typed(session, "cli.ask_hand_over_passphrase", "cli.hand_over_passphrase_needed")


def new_hand_over(session: Session) -> str:
    """The passphrase for a data set to be handed over, typed twice."""
    given = from_environment(HAND_OVER_FILE_VARIABLE, HAND_OVER_VARIABLE)
    if given is not None:
        return given
    return _typed_twice(session, "cli.ask_new_hand_over_passphrase", "cli.hand_over_passphrase_needed")


def _typed_twice(session: Session, code: str, missing: str) -> str:
    first = _typed(session, code, missing)
    if _typed(session, "cli.ask_again") != first:
        raise InvalidInputError("cli.passphrases_differ")
    return first


def phrase(session: Session) -> str:
    """A recovery phrase: typed without showing it, or piped in."""
    if sys.stdin.isatty():
        return _typed(session, "cli.ask_phrase", missing="cli.phrase_needed")
    text = sys.stdin.read(4096).strip()
    if not text:
        raise InvalidInputError("cli.phrase_needed")
    return text


def unlock(session: Session) -> None:
    """Open a wallet that waits for its passphrase; leaves any other as it is."""
    wallet = session.services.wallet
    status = wallet.status()
    if status.protection == "passphrase" and status.state.name == "LOCKED":
        given = present(session)
        session.run(lambda _: wallet.unlock(given))


def of_key(session: Session, key: Path) -> str:
    """The passphrase of a private key in a PEM file, "" for one that has none.

    Read from the file that COLOPHON_KEY_PASSPHRASE_FILE names, or typed.
    """
    try:
        with expanded(key).open("rb") as file:
            locked = b"ENCRYPTED" in file.read(4096)
    except OSError:
        return ""  # Signing says what is wrong with the file.
    if not locked:
        return ""
    name = os.environ.get(KEY_FILE_VARIABLE)
    if not name:
        return _typed(session, "cli.ask_key_passphrase")
    try:
        return Path(name).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError("cli.key_passphrase_file", path=name) from error


def _typed(session: Session, code: str, missing: str = "cli.passphrase_needed") -> str:
    if not session.can_ask:
        raise InvalidInputError(missing)
    return getpass.getpass(words(code) + " ", stream=sys.stderr)
