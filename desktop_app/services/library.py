"""The user's works: adding files, finding them again, and how far each has come."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from secrets import token_bytes

from desktop_app.content.fingerprint import fingerprint
from desktop_app.content.formats import human_kind
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError
from desktop_app.core.progress import Task
from desktop_app.store.certificates import CertificateRepository
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.works import Work, WorkRepository

__all__ = ["AddResult", "LibraryService", "Work", "WorkStep"]

TITLE_LIMIT = 200


class WorkStep(IntEnum):
    """How far a work has come on one network."""

    ADDED = 0
    REGISTERED = 1
    PROVED = 2
    MINTED = 3


@dataclass(frozen=True)
class AddResult:
    """The work, and whether the library already had this very file."""

    work: Work
    already_there: bool


class LibraryService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        certificates: CertificateRepository,
        tokens: TokenRepository,
        clock: Clock,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._certificates = certificates
        self._tokens = tokens
        self._clock = clock

    def add(self, path: Path, title: str = "", task: Task | None = None) -> AddResult:
        """Fingerprint a file (one pass, progress in bytes) and keep what was found; the file stays as it is.

        A file whose content is here already is not added again; if it has moved, its new place is noted.
        Raises InvalidInputError, NotFoundError or UnavailableError for a file that cannot be used.
        """
        path = path.expanduser().absolute()
        title = _checked_title(title) if title else _title_of(path)
        salt = token_bytes(32)
        found = fingerprint(path, salt, task or Task())
        known = self._works.by_sha256(found.sha256)
        if known is not None:
            if known.path != path and not known.path.exists():
                self._works.relocate(known.id, path, found.modified_ns)
                known = self._works.get(known.id)
            return AddResult(known, already_there=True)
        work = Work(
            id=new_id(),
            title=title,
            path=path,
            size=found.size,
            sha256=found.sha256,
            blake3=found.blake3,
            leaf_size=found.leaf_size,
            chunk_root=found.chunk_root,
            salt=salt,
            media_type=found.media_type,
            added_at=self._clock.now(),
            modified_ns=found.modified_ns,
        )
        self._works.add(work)
        return AddResult(work, already_there=False)

    def get(self, reference: str) -> Work:
        """A work by its id, its beginning, or its title; raises NotFoundError or InvalidInputError."""
        wanted = reference.strip()
        try:
            return self._works.get(wanted)
        except NotFoundError:
            candidates = self._works.newest(limit=10_000)
        found = [work for work in candidates if work.title == wanted]
        if not found and len(wanted) >= 2:
            found = [work for work in candidates if work.id.startswith(wanted.lower())]
        if not found:
            raise NotFoundError("library.no_such_work", reference=wanted[:80])
        if len(found) > 1:
            choices = ", ".join(work.id for work in found[:5])
            raise InvalidInputError("library.ambiguous_work", reference=wanted[:80], choices=choices)
        return found[0]

    def page(self, offset: int = 0, limit: int = 100, search: str = "") -> tuple[Work, ...]:
        """Works whose title contains `search`, newest first."""
        return tuple(self._works.newest(limit, offset, search))

    def count(self, search: str = "") -> int:
        return self._works.count(search)

    @staticmethod
    def kind(work: Work) -> str:
        """What the file is to a person: "song", "picture", "film", "text", "data" or "file"."""
        return human_kind(work.media_type)

    def rename(self, work_id: str, title: str) -> Work:
        self._works.rename(work_id, _checked_title(title))
        return self._works.get(work_id)

    def remove(self, work_id: str) -> None:
        """Take a work out of the library; the file itself is not touched.

        Raises RefusedError while a record on a network depends on it.
        """
        self._works.delete(work_id)

    def step(self, work_id: str, chain_id: int) -> WorkStep:
        """How far the work has come on the network with this chain id."""
        if any(token.chain_id == chain_id for token in self._tokens.for_work(work_id)):
            return WorkStep.MINTED
        if self._registrations.confirmed(work_id, chain_id) is None:
            return WorkStep.ADDED
        return WorkStep.PROVED if self._certificates.for_work(work_id) else WorkStep.REGISTERED


def _title_of(path: Path) -> str:
    """The file's name without its ending; names on disk need not be valid text."""
    name = os.fsencode(path.stem or path.name).decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:TITLE_LIMIT] or path.anchor


def _checked_title(title: str) -> str:
    cleaned = " ".join(title.split())
    if not cleaned:
        raise InvalidInputError("library.title_empty")
    if len(cleaned) > TITLE_LIMIT:
        raise InvalidInputError("library.title_too_long", limit=TITLE_LIMIT)
    return cleaned
