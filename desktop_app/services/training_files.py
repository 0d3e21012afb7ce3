"""Files of training proofs: nothing is overwritten, and nothing unreadable goes unexplained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.paths import expanded
from desktop_app.training.certificate import MAX_SIZE
from desktop_app.training.consent import Agreement, Consent, read_consent
from desktop_app.training.statement import MAX_STATEMENT_SIZE


def read_file(path: Path, limit: int = MAX_SIZE) -> bytes:
    """At most one byte more than `limit`; raises NotFoundError, InvalidInputError for an unreadable file."""
    path = expanded(path)
    if not path.is_file():
        raise NotFoundError("training.no_such_file", path=str(path))
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as problem:
        raise InvalidInputError("training.cannot_read", path=str(path)) from problem


def new_file(output: Path, name: str) -> Path:
    """A path that is free: `output`, or `name` in it where it is a folder.

    Raises RefusedError for a file that exists, NotFoundError for a folder that does not.
    """
    path = expanded(output)
    if path.is_dir():
        path = path / name
    if path.exists():
        raise RefusedError("training.file_exists", path=str(path))
    if not path.parent.is_dir():
        raise NotFoundError("training.no_such_folder", path=str(path.parent))
    return path


def read_consents(paths: Sequence[Path], agreement: Agreement) -> tuple[Consent, ...]:
    """The signatures in these files, each under this agreement; raises as `read_consent`."""
    found = tuple(read_consent(read_file(path, MAX_STATEMENT_SIZE), agreement) for path in paths)
    if len({each.data for each in found}) != len(found):
        raise InvalidInputError("training.consent_twice")
    return found
