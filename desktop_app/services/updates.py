"""Is there a newer version? Asked only when the user says so, answered by a signed announcement.

Nothing is ever installed. The announcement is a small JSON file beside its minisign signature. It expires, so
that an old one cannot be shown for ever to hide a newer one.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import desktop_app
from desktop_app.chain.web_service import ask, checked_address
from desktop_app.core.clock import Clock
from desktop_app.core.errors import (
    CorruptError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.core.paths import resource
from desktop_app.core.progress import Task
from desktop_app.core.settings import UPDATE_ADDRESS, UPDATE_CHECK, UPDATE_KEY, Settings
from desktop_app.services.minisign import TEXT_LIMIT, PublicKey, Signature

FORMAT = "colophon-release/1"
ENDING = ".minisig"
ANNOUNCEMENT_LIMIT = 8192
_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){1,3}")
_FIELDS = {"format", "version", "released", "expires", "page", "summary"}
_MAX_SUMMARY = 600
_MAX_PAGE = 300


@dataclass(frozen=True)
class Announcement:
    """A release as its makers announce it; dates as YYYY-MM-DD.

    `page` is an HTTPS address for people, which is never opened by itself.
    """

    version: str
    released: str
    expires: str
    page: str
    summary: str

    @classmethod
    def parse(cls, data: bytes) -> Announcement:
        """Raises CorruptError("updates.bad_announcement")."""
        try:
            found = json.loads(data.decode(), object_pairs_hook=_without_doubles)
            fields = {name: found[name] for name in _FIELDS}
            if set(found) != _FIELDS or any(type(value) is not str for value in fields.values()):
                raise ValueError
            announcement = cls(
                fields["version"],
                date.fromisoformat(fields["released"]).isoformat(),
                date.fromisoformat(fields["expires"]).isoformat(),
                fields["page"],
                fields["summary"],
            )
            page = urlsplit(announcement.page)
            good = (
                fields["format"] == FORMAT
                and _VERSION.fullmatch(announcement.version)
                and page.scheme == "https"
                and page.hostname
                and not page.username
                and announcement.page.isascii()
                and announcement.page.isprintable()
                and len(announcement.page) <= _MAX_PAGE
                and len(announcement.summary) <= _MAX_SUMMARY
                and announcement.summary.isprintable()
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            good = False
        if not good:
            raise CorruptError("updates.bad_announcement")
        return announcement


@dataclass(frozen=True)
class Update:
    """What is installed, and what is announced."""

    installed: str
    newer: bool
    announced: Announcement


@dataclass(frozen=True)
class SignedFile:
    """A downloaded file that the release key has signed, with what its signer says of it."""

    path: Path
    key: str
    comment: str


class UpdateService:
    def __init__(self, settings: Settings, clock: Clock, installed: str = desktop_app.__version__) -> None:
        self._settings = settings
        self._clock = clock
        self._installed = installed

    @property
    def asked_for(self) -> bool:
        """Whether the window asks when it opens; off until the user switches it on."""
        return self._settings.text(UPDATE_CHECK) == "on"

    def ask_when_opening(self, on: bool) -> None:
        """Switch the question on or off. Raises RefusedError("updates.nowhere") where nobody can be asked."""
        if on:
            self._source()
        self._settings.set(UPDATE_CHECK, "on" if on else "off")

    @property
    def host(self) -> str:
        """Who would be asked; "" where this copy knows nobody."""
        try:
            return urlsplit(self._source()[0]).hostname or ""
        except (RefusedError, InvalidInputError):
            return ""

    def look(self, task: Task | None = None) -> Update:
        """Ask now. The server learns this computer's network address and the time, nothing else.

        Raises RefusedError ("updates.nowhere", "updates.expired"), InvalidInputError, UnavailableError,
        CorruptError.
        """
        address, key = self._source()
        (task or Task()).report(0, 0, "stage.asking_updates")
        host = urlsplit(address).hostname or ""
        try:
            data = ask(address, None, "application/json", ANNOUNCEMENT_LIMIT)
            signature = ask(address + ENDING, None, "application/octet-stream", TEXT_LIMIT)
        except UnavailableError as error:
            reason = error.params.get("reason") or error.params.get("status") or ""
            raise UnavailableError("updates.unreachable", host=host, reason=reason) from error
        # Whatever is in the announcement is looked at only after its signature.
        Signature.parse(signature).check(key, data)
        announced = Announcement.parse(data)
        if announced.expires < datetime.fromtimestamp(self._clock.now(), UTC).date().isoformat():
            raise RefusedError("updates.expired", date=announced.expires)
        return Update(self._installed, _order(announced.version) > _order(self._installed), announced)

    def check_file(
        self, path: Path, signature: Path | None = None, key: str = "", task: Task | None = None
    ) -> SignedFile:
        """Whether a downloaded file is the one that was released, by its .minisig file beside it.

        `key` replaces the key of this release. Raises RefusedError("updates.no_key"), InvalidInputError,
        NotFoundError, UnavailableError, CorruptError.
        """
        own = key or self._key_text()
        if not own:
            raise RefusedError("updates.no_key")
        public = PublicKey.parse(own)
        signature = signature or path.with_name(path.name + ENDING)
        try:
            with signature.open("rb") as file:
                parsed = Signature.parse(file.read(TEXT_LIMIT + 1))
        except OSError as error:
            raise NotFoundError("updates.no_signature_file", path=str(signature)) from error
        return SignedFile(path, public.name, parsed.check_file(public, path, task))

    def _source(self) -> tuple[str, PublicKey]:
        address = self._settings.text(UPDATE_ADDRESS) or _release()["address"]
        key = self._key_text()
        if not address or not key:
            raise RefusedError("updates.nowhere")
        try:
            return checked_address(address), PublicKey.parse(key)
        except InvalidInputError as error:
            if error.code.startswith("updates."):
                raise
            raise InvalidInputError("updates.address", given=address[:80]) from error

    def _key_text(self) -> str:
        return self._settings.text(UPDATE_KEY) or _release()["key"]


def _release() -> dict[str, str]:
    with resource("release.toml").open("rb") as file:
        return tomllib.load(file)


def _order(version: str) -> tuple[int, ...]:
    """For comparing; 1.2 and 1.2.0 are the same."""
    numbers = [int(part) for part in version.split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
