"""What is known of a work beyond its fingerprint: its creator's words, the file's, what is like it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop_app.content.ai_use import Training, training_from, training_text
from desktop_app.content.apart import run_apart
from desktop_app.content.examination import STAGE as LOOKING
from desktop_app.content.examination import Look, look_at
from desktop_app.content.fingerprint import fingerprint
from desktop_app.content.formats import human_kind
from desktop_app.content.media_facts import MediaFacts
from desktop_app.content.metadata import (
    Creator,
    Json,
    WorkMetadata,
    checked,
    from_json_ld,
    to_json_ld,
    token_metadata,
)
from desktop_app.content.metadata_table import creators_from, creators_text, year_from
from desktop_app.content.similarity import Closeness, Nearness, nearest
from desktop_app.content.whole_file import write_text
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.store.previews import Previews
from desktop_app.store.work_details import WorkDetails, WorkDetailsRepository
from desktop_app.store.works import Work, WorkRepository

__all__ = [
    "Closeness",
    "Creator",
    "DetailsService",
    "MediaFacts",
    "Nearness",
    "SimilarWork",
    "Training",
    "WorkMetadata",
    "WorkPortrait",
    "creators_from",
    "creators_text",
    "human_kind",
    "training_from",
    "training_text",
    "year_from",
]


@dataclass(frozen=True)
class SimilarWork:
    """Another work of the library and how near it is."""

    work: Work
    nearness: Nearness


@dataclass(frozen=True)
class WorkPortrait:
    """All that can be shown of a work's inside. `preview` is a PNG; `looked`: was the file looked into.

    `previous` is the work whose file this one replaced.
    """

    metadata: WorkMetadata
    facts: MediaFacts
    preview: Path | None
    iscc: str
    looked: bool
    previous: Work | None


class DetailsService:
    def __init__(
        self, works: WorkRepository, details: WorkDetailsRepository, previews: Previews, clock: Clock
    ) -> None:
        self._works = works
        self._details = details
        self._previews = previews
        self._clock = clock

    def look(self, work_id: str, task: Task | None = None) -> WorkPortrait:
        """Look into the work's file for facts, similarity and a preview, and keep them.

        Takes from milliseconds (a picture) to minutes (a film). Raises RefusedError("library.file_changed")
        when the file is not the one that was added, what `fingerprint` raises, and CancelledError.
        """
        task = task or Task()
        work = self._works.get(work_id)
        data_code, instance_code = self._codes_of_the_bytes(work, task)
        task.report(0, 0, LOOKING)
        # Apart, since the file may be made to do harm, and parsers fill memory and hold up the window.
        look = run_apart(look_at, work.path, work.media_type, data_code, instance_code, task=task)
        self.remember(work, look)
        return self.portrait(work_id)

    def remember(self, work: Work, look: Look) -> None:
        """Keep what a look into the file has shown; tags fill the metadata only where there is none."""
        known = self._details.get(work.id)
        said = known.metadata
        if not said and look.facts.said is not None:
            said = _metadata_text(replace(look.facts.said, title=work.title), work)
        self._previews.put(work.id, look.preview)
        self._details.put(
            replace(
                known,
                metadata=said,
                facts=_facts_text(look.facts, work),
                units=look.code.units,
                looked_at=self._clock.now(),
            )
        )

    def _codes_of_the_bytes(self, work: Work, task: Task) -> tuple[str, str]:
        units = self._details.get(work.id).units
        now = work.path.stat() if work.path.is_file() else None
        same = now is not None and (now.st_size, now.st_mtime_ns) == (work.size, work.modified_ns)
        if same and len(units) >= 2:
            return units[-2], units[-1]
        found = fingerprint(work.path, work.salt, task)
        if found.sha256 != work.sha256:
            raise RefusedError("library.file_changed", title=work.title)
        return found.data_code, found.instance_code

    def portrait(self, work_id: str) -> WorkPortrait:
        """What is known so far."""
        work = self._works.get(work_id)
        known = self._details.get(work_id)
        return WorkPortrait(
            metadata=_metadata_of(known, work),
            facts=_facts_of(known.facts),
            preview=self._previews.path(work_id),
            iscc=_iscc(known.units),
            looked=known.looked_at is not None,
            previous=self._works.find(known.version_of) if known.version_of else None,
        )

    def preview(self, work_id: str) -> Path | None:
        """The work's small picture, None where a plain icon has to do."""
        return self._previews.path(work_id)

    def metadata(self, work_id: str) -> WorkMetadata:
        """What the creator says; at least the title."""
        return _metadata_of(self._details.get(work_id), self._works.get(work_id))

    def set_metadata(self, work_id: str, metadata: WorkMetadata) -> WorkMetadata:
        """Raises InvalidInputError as `content.metadata.checked` does, and then changes nothing."""
        work = self._works.get(work_id)
        said = checked(metadata)
        if said.title != work.title:
            self._works.rename(work_id, said.title)
        self._details.set_metadata(work_id, _metadata_text(said, work))
        return said

    def json_ld(self, work_id: str) -> dict[str, Json]:
        """The metadata as schema.org JSON-LD, for a web page or a catalogue."""
        work = self._works.get(work_id)
        return to_json_ld(self.metadata(work_id), human_kind(work.media_type))

    def token_document(self, work_id: str, symbol: str) -> dict[str, Json]:
        """The public description of the work's token (ERC-7572), with the JSON-LD inside."""
        work = self._works.get(work_id)
        return token_metadata(self.metadata(work_id), human_kind(work.media_type), symbol)

    def write_description(self, work_id: str, symbol: str, path: Path) -> None:
        """Write the public description of a work, or of its token, to a file that is not there yet."""
        text = json.dumps(self.token_document(work_id, symbol), ensure_ascii=False, indent=2) + "\n"
        write_text(path, text)

    def similar(self, work_id: str, at_least: Closeness = Closeness.RELATED) -> tuple[SimilarWork, ...]:
        """Works of the library that are like this one, the nearest first."""
        self._works.get(work_id)
        units = self._details.get(work_id).units
        others = ((other, theirs) for other, theirs in self._details.all_units() if other != work_id)
        return tuple(
            SimilarWork(self._works.get(other), near) for other, near in nearest(units, others, at_least)
        )


def _metadata_text(said: WorkMetadata, work: Work) -> str:
    return json.dumps(to_json_ld(said, human_kind(work.media_type)), ensure_ascii=False, sort_keys=True)


def _metadata_of(known: WorkDetails, work: Work) -> WorkMetadata:
    if not known.metadata:
        return WorkMetadata(work.title)
    # The title may have been changed without the rest.
    return replace(from_json_ld(json.loads(known.metadata)), title=work.title)


def _facts_text(facts: MediaFacts, work: Work) -> str:
    found: dict[str, Any] = {
        name: getattr(facts, name)
        for name in ("width", "height", "duration_ms", "sample_rate", "channels", "pages", "rows")
        if getattr(facts, name)
    }
    if facts.said is not None:
        found["said"] = to_json_ld(facts.said, human_kind(work.media_type))
    if facts.problem is not None:
        found["problem"] = [facts.problem.code, facts.problem.params]
    return json.dumps(found, ensure_ascii=False)


def _facts_of(text: str) -> MediaFacts:
    if not text:
        return MediaFacts()
    found = json.loads(text)
    said, problem = found.pop("said", None), found.pop("problem", None)
    return MediaFacts(
        **found,
        said=None if said is None else from_json_ld(said),
        problem=None if problem is None else ColophonError(problem[0], **problem[1]),
    )


def _iscc(units: tuple[str, ...]) -> str:
    if not units:
        return ""
    from iscc_lib import gen_iscc_code_v0

    return str(gen_iscc_code_v0(list(units)).iscc)
