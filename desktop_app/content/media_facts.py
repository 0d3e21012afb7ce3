"""What a file tells about itself: size of the picture, length of the sound, pages, and what its tags say."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError, fromstring

from desktop_app.content import identifiers
from desktop_app.content.metadata import Creator, WorkMetadata, checked
from desktop_app.content.pictures import open_picture
from desktop_app.content.plain_text import decoded
from desktop_app.content.tools import FFPROBE, LOCAL_ONLY, QUICK, run
from desktop_app.core.errors import ColophonError, InvalidInputError, UnavailableError
from desktop_app.core.progress import Task

_HEAD = 4 * 1024 * 1024
_EXIF_ARTIST, _EXIF_DESCRIPTION, _EXIF_TIME = 0x013B, 0x010E, 0x0132


@dataclass(frozen=True)
class MediaFacts:
    """What is known; 0 where it is not. Pixels, milliseconds, hertz. `said` is what the tags say, where they
    name a title; `problem` says why nothing could be read.
    """

    width: int = 0
    height: int = 0
    duration_ms: int = 0
    sample_rate: int = 0
    channels: int = 0
    pages: int = 0
    rows: int = 0
    said: WorkMetadata | None = None
    problem: ColophonError | None = None


def media_facts(path: Path, media_type: str, task: Task) -> MediaFacts:
    """Never fails over what is in the file. Raises CancelledError."""
    task.check()
    reader = _reader(media_type)
    try:
        return reader(path, task) if reader else MediaFacts()
    except (InvalidInputError, UnavailableError) as problem:
        return MediaFacts(problem=problem)


def _reader(media_type: str) -> Callable[[Path, Task], MediaFacts] | None:
    if media_type == "image/svg+xml":
        return None
    by_kind = {"image": _of_picture, "audio": _of_sound, "video": _of_film}
    by_type = {
        "application/pdf": _of_pdf,
        "application/epub+zip": _of_epub,
        "text/csv": _of_rows,
        "text/tab-separated-values": _of_rows,
        "application/jsonl": _of_rows,
    }
    return by_type.get(media_type) or by_kind.get(media_type.partition("/")[0])


def _of_picture(path: Path, _task: Task) -> MediaFacts:
    with open_picture(path) as picture:
        exif = picture.getexif()
        said = _said(
            str(exif.get(_EXIF_DESCRIPTION, "")),
            [str(exif.get(_EXIF_ARTIST, ""))],
            str(exif.get(_EXIF_TIME, "")),
        )
        return MediaFacts(width=picture.width, height=picture.height, said=said)


def _of_sound(path: Path, _task: Task) -> MediaFacts:
    from tinytag import TinyTag, TinyTagException

    try:
        found = TinyTag.get(path)
    except (TinyTagException, OSError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise InvalidInputError("content.media_unreadable", path=path.name) from error
    tags = found.as_dict()

    def all_of(name: str) -> list[str]:
        values = tags.get(name, [])
        return [str(value) for value in values] if isinstance(values, list) else [str(values)]

    names = [*(Creator(name, "artist") for name in all_of("artist")),
             *(Creator(name, "composer") for name in all_of("composer"))]  # fmt: skip
    said = _said(
        " ".join(all_of("title")[:1]), names, " ".join(all_of("year")), isrc="".join(all_of("isrc")[:1])
    )
    return MediaFacts(
        duration_ms=round((found.duration or 0) * 1000),
        sample_rate=found.samplerate or 0,
        channels=found.channels or 0,
        said=said,
    )


def _of_film(path: Path, task: Task) -> MediaFacts:
    wanted = ["-print_format", "json", "-show_format", "-show_streams"]
    outcome = run(FFPROBE, [*LOCAL_ONLY, *wanted, f"file:{path.absolute()}"], task, limit=QUICK)
    try:
        found = json.loads(outcome.output)
        picture = next(stream for stream in found["streams"] if stream["codec_type"] == "video")
        sound: dict[str, str] = next(
            (stream for stream in found["streams"] if stream["codec_type"] == "audio"), {}
        )
        tags = {key.lower(): str(value) for key, value in found["format"].get("tags", {}).items()}
        return MediaFacts(
            width=int(picture["width"]),
            height=int(picture["height"]),
            duration_ms=round(float(found["format"].get("duration", 0)) * 1000),
            sample_rate=int(sound.get("sample_rate", 0)),
            channels=int(sound.get("channels", 0)),
            said=_said(tags.get("title", ""), [tags.get("artist", "")], tags.get("date", "")),
        )
    except (ValueError, KeyError, StopIteration, TypeError, AttributeError) as error:
        raise InvalidInputError("content.media_unreadable", path=path.name) from error


def _of_pdf(path: Path, _task: Task) -> MediaFacts:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        with PdfReader(path) as reader:
            about: Mapping[str, object] = reader.metadata or {}
            made = str(about.get("/CreationDate", "")).removeprefix("D:")
            said = _said(str(about.get("/Title", "")), [str(about.get("/Author", ""))], made)
            return MediaFacts(pages=len(reader.pages), said=said)
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError) as error:
        raise InvalidInputError("content.media_unreadable", path=path.name) from error


def _of_epub(path: Path, _task: Task) -> MediaFacts:
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".opf"))
            with archive.open(name) as file:
                # Expat itself limits how far entities may swell.
                root = fromstring(decoded(file.read(_HEAD)))  # noqa: S314
    except (
        zipfile.BadZipFile,
        OSError,
        StopIteration,
        ParseError,
        RuntimeError,
        ValueError,
        LookupError,
    ) as error:
        raise InvalidInputError("content.media_unreadable", path=path.name) from error
    told: dict[str, list[str]] = {}
    for element in root.iter():
        told.setdefault(element.tag.rpartition("}")[2], []).append(element.text or "")
    title, day, spoken = (" ".join(told.get(name, [])[:1]) for name in ("title", "date", "language"))
    return MediaFacts(
        said=_said(title, told.get("creator", []), day, language=spoken, isbns=told.get("identifier", []))
    )


def _of_rows(path: Path, task: Task) -> MediaFacts:
    rows = 0
    ended = True
    try:
        with path.open("rb") as file:
            while block := file.read(_HEAD):
                task.check()
                rows += block.count(b"\n")
                ended = block.endswith(b"\n")
    except OSError as error:
        raise InvalidInputError("content.media_unreadable", path=path.name) from error
    return MediaFacts(rows=rows + (not ended))


def _said(
    title: str,
    names: Iterable[str | Creator],
    when: str,
    isrc: str = "",
    isbns: Iterable[str] = (),
    language: str = "",
) -> WorkMetadata | None:
    """What of a file's tags is usable: anyone may have written anything there."""
    creators = [Creator(name) if isinstance(name, str) else name for name in names]
    year = re.match(r"\s*([12][0-9]{3})", when)
    said = WorkMetadata(
        title=title[:200],
        creators=tuple(Creator(c.name[:200], c.role) for c in creators[:20] if c.name.strip(" \0")),
        year=int(year[1]) if year else 0,
    )
    extra: dict[str, str] = {}
    for key, check, values in (
        ("isrc", identifiers.isrc, [isrc]),
        ("isbn", identifiers.isbn, [value.rpartition(":")[2] for value in isbns]),
        ("language", identifiers.language, [language]),
    ):
        for value in values:
            try:
                extra[key] = check(value)
            except InvalidInputError:
                continue
    try:
        return checked(
            WorkMetadata(
                said.title,
                said.creators,
                said.year,
                extra.get("language", ""),
                isrc=extra.get("isrc", ""),
                isbn=extra.get("isbn", ""),
            )
        )
    except InvalidInputError:
        return None
