"""The words of a document: plain text, HTML, PDF, EPUB, OpenDocument and Word."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task

LIMIT = 64 * 1024 * 1024
"""No more than this is read of a document's text, in bytes before decoding."""

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"
# In two pieces, as in one it would pass for the code of a message.
_OPEN_DOCUMENT_BODY = "content" + ".xml"
_HTML = {"text/html", "application/xhtml+xml"}
_MARKUP = (".xhtml", ".html", ".htm")
_SILENT = {"script", "style", "head", "title"}
# Elements that end a line or are a space; they have no text of their own.
_BREAKS = {"p", "h", "br", "tab", "line-break", "s", "cr", "div", "li", "tr", "td", "h1", "h2", "h3", "h4"}


def has_text(media_type: str) -> bool:
    """Whether `plain_text` knows documents of this kind."""
    return media_type in {"application/pdf", "application/epub+zip", _WORD, _OPEN_DOCUMENT} or (
        media_type.startswith("text/")
        and media_type not in {"text/csv", "text/tab-separated-values", "text/rtf"}
    )


def plain_text(path: Path, media_type: str, task: Task) -> str:
    """Raises InvalidInputError("content.text_unreadable") for a damaged, locked or unknown document."""
    try:
        if media_type == "application/pdf":
            return _of_pdf(path, task)
        if media_type == "application/epub+zip":
            return _of_epub(path, task)
        if media_type == _WORD:
            return _of_xml_in_zip(path, "word/document.xml")
        if media_type == _OPEN_DOCUMENT:
            return _of_xml_in_zip(path, _OPEN_DOCUMENT_BODY)
        with path.open("rb") as file:
            data = file.read(LIMIT)
    except (OSError, zipfile.BadZipFile, ParseError, KeyError, NotImplementedError, RuntimeError) as error:
        raise InvalidInputError("content.text_unreadable", path=path.name) from error
    return without_markup(decoded(data)) if media_type in _HTML else decoded(data)


def decoded(data: bytes) -> str:
    """By its byte order mark, else as UTF-8, else as Latin-1, which takes anything."""
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1" if encoding == "utf-8" else encoding, "replace")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def without_markup(html: str) -> str:
    """The text of an HTML page."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)


def _of_pdf(path: Path, task: Task) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    pages: list[str] = []
    try:
        with PdfReader(path) as reader:
            for page in reader.pages:
                task.check()
                pages.append(page.extract_text())
    except (PyPdfError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidInputError("content.text_unreadable", path=path.name) from error
    return "\n".join(pages)


def _of_epub(path: Path, task: Task) -> str:
    with zipfile.ZipFile(path) as archive:
        pages = []
        room = LIMIT
        for name in _reading_order(archive):
            task.check()
            data = _member(archive, name, room)
            room -= len(data)
            pages.append(without_markup(decoded(data)))
    return "\n".join(pages)


def _reading_order(archive: zipfile.ZipFile) -> list[str]:
    """The chapters as the package document's spine orders them; by name where it cannot be followed."""
    chapters = sorted(name for name in archive.namelist() if name.lower().endswith(_MARKUP))
    package = next((name for name in archive.namelist() if name.endswith(".opf")), None)
    if package is None:
        return chapters
    folder = package.rpartition("/")[0]
    places: dict[str, str] = {}
    spine: list[str] = []
    for element in fromstring(_member(archive, package, LIMIT)).iter():  # noqa: S314
        kind = _name(element)
        if kind == "item":
            places[element.get("id", "")] = f"{folder}/{element.get('href')}".lstrip("/")
        elif kind == "itemref":
            spine.append(element.get("idref", ""))
    ordered = [places[name] for name in spine if places.get(name) in chapters]
    return ordered or chapters


def _of_xml_in_zip(path: Path, member: str) -> str:
    with zipfile.ZipFile(path) as archive:
        # Expat itself limits how far entities may swell.
        return "".join(_texts(fromstring(_member(archive, member, LIMIT))))  # noqa: S314


def _texts(element: Element) -> Iterator[str]:
    if _name(element) in _BREAKS:
        yield "\n"
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _member(archive: zipfile.ZipFile, name: str, room: int) -> bytes:
    with archive.open(name) as file:
        return file.read(max(room, 0))
