"""Everything there is to know of one file, by functions that can run in another process or machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.content.fingerprint import Fingerprint, fingerprint
from desktop_app.content.media_facts import MediaFacts, media_facts
from desktop_app.content.preview import preview
from desktop_app.content.similarity import SimilarityCode, similarity_code
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import ColophonError
from desktop_app.core.progress import Task

PREVIEW_EDGE = 320
"""Pixels of the longer side of a preview."""
STAGE = "stage.looking"
_LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Look:
    """What a file tells beyond its hashes. `preview` is a PNG, None where a plain icon has to do."""

    facts: MediaFacts
    code: SimilarityCode = field(repr=False)
    preview: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Examined:
    """One file: its fingerprint under `salt` (32 bytes), and the look into it."""

    path: Path
    salt: bytes = field(repr=False)
    fingerprint: Fingerprint
    look: Look


def look_into(path: Path, media_type: str, data_code: str, instance_code: str, task: Task) -> Look:
    """Facts, similarity code and preview; never fails over what is in the file. Raises CancelledError."""
    task.report(0, 3, STAGE)
    facts = media_facts(path, media_type, task)
    task.report(1, 3, STAGE)
    code = similarity_code(path, media_type, data_code, instance_code, task)
    task.report(2, 3, STAGE)
    return Look(facts, code, preview(path, media_type, task, PREVIEW_EDGE))


def look_at(path: Path, media_type: str, data_code: str, instance_code: str) -> Look:
    """`look_into` for a process of its own."""
    return look_into(path, media_type, data_code, instance_code, Task())


def examine(path: Path, salt: bytes, task: Task) -> Examined:
    """Raises as `fingerprint` does."""
    found = fingerprint(path, salt, task)
    return Examined(
        path, salt, found, look_into(path, found.media_type, found.data_code, found.instance_code, task)
    )


class _UntilStopped(Task):
    """Cancelled as soon as a file is at `stop`; looks for it a few times a second."""

    def __init__(self, stop: Path) -> None:
        super().__init__()
        self._stop = stop
        self._clock = SystemClock()
        self._looked = self._clock.monotonic()

    def check(self) -> None:
        now = self._clock.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            if self._stop.exists():
                self.cancel()
        super().check()


def examine_several(
    jobs: Sequence[tuple[Path, bytes]], stop: Path | None = None
) -> list[tuple[Path, Examined | ColophonError]]:
    """`examine` for each path with its salt. Errors are answers, since one bad file must not lose the others.

    Work in another process cannot be cancelled by its future: it ends when there is a file at `stop`.
    """
    task = _UntilStopped(stop) if stop else Task()
    answers: list[tuple[Path, Examined | ColophonError]] = []
    for path, salt in jobs:
        try:
            answers.append((path, examine(path, salt, task)))
        except ColophonError as error:
            answers.append((path, error))
    return answers
