"""The user's works: adding files, finding them again, and how far each has come."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from secrets import token_bytes

from desktop_app.content.fingerprint import Fingerprint, fingerprint
from desktop_app.content.folder import files_below
from desktop_app.content.formats import human_kind
from desktop_app.content.metadata import one_line
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError, UnavailableError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.store.certificates import CertificateRepository
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.work_details import WorkDetails, WorkDetailsRepository
from desktop_app.store.works import Work, WorkRepository

__all__ = ["AddOutcome", "AddResult", "FileCheck", "FileState", "LibraryService", "Work", "WorkStep"]

TITLE_LIMIT = 200


class WorkStep(IntEnum):
    """How far a work has come on one network."""

    ADDED = 0
    REGISTERED = 1
    PROVED = 2
    MINTED = 3


class AddOutcome(StrEnum):
    """What a file was to the library; "library.<outcome>" words it."""

    ADDED = "added"
    ALREADY = "already"
    """The same content is there under another name that still exists, or at this very place."""
    RENAMED = "renamed"
    MOVED = "moved"
    CHANGED = "changed"
    """Another version: the file at this place had other content when it was added before."""


@dataclass(frozen=True)
class AddResult:
    """The work, what the file was to the library, and for a changed file the work of its former content."""

    work: Work
    outcome: AddOutcome
    previous: Work | None = None

    @property
    def already_there(self) -> bool:
        """Whether the library had this very content."""
        return self.outcome in (AddOutcome.ALREADY, AddOutcome.RENAMED, AddOutcome.MOVED)


class FileState(StrEnum):
    """How a work's file is now; "library.file_is_<state>" words it."""

    UNCHANGED = "unchanged"
    FOUND_ELSEWHERE = "found_elsewhere"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True)
class FileCheck:
    """`place` is where the file is now, None where it is nowhere."""

    work: Work
    state: FileState
    place: Path | None


class LibraryService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        certificates: CertificateRepository,
        tokens: TokenRepository,
        details: WorkDetailsRepository,
        clock: Clock,
    ) -> None:
        self._works = works
        self._details = details
        self._registrations = registrations
        self._certificates = certificates
        self._tokens = tokens
        self._clock = clock

    def add(self, path: Path, title: str = "", task: Task | None = None) -> AddResult:
        """Fingerprint a file (one pass, progress in bytes) and keep what was found; the file stays as it is.

        A file whose content is here already is not added again; if it was moved or renamed, its new place is
        noted. A file that has changed since it was added becomes a work of its own, the next version. Raises
        InvalidInputError, NotFoundError or UnavailableError for a file that cannot be used.
        """
        path = expanded(path).absolute()
        title = _checked_title(title) if title else ""
        salt = token_bytes(32)
        return self.keep(path, title, salt, fingerprint(path, salt, task or Task()))

    def keep(self, path: Path, title: str, salt: bytes, found: Fingerprint) -> AddResult:
        """What `add` does once the fingerprint is there. `path` is absolute."""
        known = self._works.by_sha256(found.sha256)
        if known is not None:
            return self._met_again(known, path, found.modified_ns)
        previous = self._works.by_path(path)
        work = Work(
            id=new_id(),
            title=title or (previous.title if previous else _title_of(path)),
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
        before = self._details.get(previous.id) if previous else None
        self._works.add(work)
        self._details.put(
            WorkDetails(
                work.id,
                version_of=previous.id if previous else None,
                metadata=before.metadata if before else "",
                units=(found.data_code, found.instance_code),
            )
        )
        return AddResult(work, AddOutcome.CHANGED if previous else AddOutcome.ADDED, previous)

    def _met_again(self, known: Work, path: Path, modified_ns: int) -> AddResult:
        if known.path == path:
            if known.modified_ns != modified_ns:
                self._works.relocate(known.id, path, modified_ns)
            return AddResult(self._works.get(known.id), AddOutcome.ALREADY)
        if _may_be_there(known.path):
            return AddResult(known, AddOutcome.ALREADY)
        self._works.relocate(known.id, path, modified_ns)
        outcome = AddOutcome.RENAMED if known.path.parent == path.parent else AddOutcome.MOVED
        return AddResult(self._works.get(known.id), outcome)

    def unchanged(self, path: Path) -> Work | None:
        """The work whose file this is, by size and time of change alone, without reading it."""
        known = self._works.by_path(path)
        if known is None:
            return None
        try:
            now = path.stat()
        except OSError:
            return None
        return known if (now.st_size, now.st_mtime_ns) == (known.size, known.modified_ns) else None

    def check_all(
        self, look_in: Path | None = None, task: Task | None = None, *, read_again: bool = False
    ) -> tuple[FileCheck, ...]:
        """`check_files` for every work of the library."""
        works = self.page(limit=max(1, self.count()))
        return self.check_files(works, look_in, task, read_again=read_again)

    def check_files(
        self,
        works: Iterable[Work],
        look_in: Path | None = None,
        task: Task | None = None,
        *,
        read_again: bool = False,
    ) -> tuple[FileCheck, ...]:
        """How the files of works are now; what was moved is looked for below `look_in`, and noted.

        Reads only files whose size or time of change differs, unless `read_again`: whoever changes a file can
        set its time back. Progress in works, stage
        "stage.checking_files".
        """
        task = task or Task()
        wanted = list(works)
        by_size: dict[int, list[Path]] = {}
        if look_in is not None:
            for path in files_below(expanded(look_in).absolute()):
                task.check()
                with suppress(OSError):
                    by_size.setdefault(path.stat().st_size, []).append(path)
        found = []
        for done, work in enumerate(wanted):
            task.report(done, len(wanted), "stage.checking_files")
            found.append(self._check_file(work, by_size.get(work.size, []), task, read_again))
        return tuple(found)

    def _check_file(
        self, work: Work, candidates: list[Path], task: Task, read_again: bool
    ) -> FileCheck:
        at_home = None if read_again else self.unchanged(work.path)
        if at_home is not None and at_home.id == work.id:
            return FileCheck(work, FileState.UNCHANGED, work.path)
        quiet = _Quiet(task)
        for path in [work.path, *candidates]:
            try:
                seen = fingerprint(path, work.salt, quiet)
            except (InvalidInputError, UnavailableError):
                continue
            if seen.sha256 != work.sha256:
                continue
            self._works.relocate(work.id, path, seen.modified_ns)
            state = FileState.UNCHANGED if path == work.path else FileState.FOUND_ELSEWHERE
            return FileCheck(self._works.get(work.id), state, path)
        if _may_be_there(work.path):
            return FileCheck(work, FileState.CHANGED, work.path)
        return FileCheck(work, FileState.MISSING, None)

    def get(self, reference: str) -> Work:
        """A work by its id, its beginning, or its title; raises NotFoundError or InvalidInputError."""
        wanted = reference.strip()
        known = self._works.find(wanted.lower())
        if known is not None:
            return known
        found = self._works.called(wanted)
        if not found and len(wanted) >= 2:
            found = self._works.beginning_with(wanted.lower())
        if not found:
            raise NotFoundError("library.no_such_work", reference=wanted[:80])
        if len(found) > 1:
            choices = ", ".join(work.id for work in found[:5])
            raise InvalidInputError("library.ambiguous_work", reference=wanted[:80], choices=choices)
        return found[0]

    def at(self, path: Path) -> Work | None:
        """The work whose file was last seen at `path`."""
        return self._works.by_path(expanded(path).absolute())

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

    def at_steps(self, chain_id: int, steps: Collection[WorkStep], newest: int = 10_000) -> tuple[Work, ...]:
        """Those of the newest works that have come this far, and no further, on one network."""
        return tuple(work for work in self.page(0, newest) if self.step(work.id, chain_id) in steps)

    def step(self, work_id: str, chain_id: int) -> WorkStep:
        """How far the work has come on the network with this chain id."""
        if any(token.chain_id == chain_id for token in self._tokens.for_work(work_id)):
            return WorkStep.MINTED
        if self._registrations.confirmed(work_id, chain_id) is None:
            return WorkStep.ADDED
        return WorkStep.PROVED if self._certificates.for_work(work_id, chain_id) else WorkStep.REGISTERED


def _may_be_there(path: Path) -> bool:
    """False only where it is certain that there is nothing at `path`."""
    try:
        return path.exists()
    except OSError:
        return True


class _Quiet(Task):
    """Stops when the other task is cancelled, and reports nothing: several passes are one step of it."""

    def __init__(self, outer: Task) -> None:
        super().__init__()
        self._outer = outer

    def check(self) -> None:
        self._outer.check()


def _title_of(path: Path) -> str:
    """The file's name without its ending; names on disk need not be valid text."""
    name = os.fsencode(path.stem or path.name).decode("utf-8", "replace")
    return one_line(name)[:TITLE_LIMIT] or path.anchor


def _checked_title(title: str) -> str:
    cleaned = one_line(title)
    if not cleaned:
        raise InvalidInputError("library.title_empty")
    if len(cleaned) > TITLE_LIMIT:
        raise InvalidInputError("library.title_too_long", limit=TITLE_LIMIT)
    return cleaned
