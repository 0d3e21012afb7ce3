"""What a creator says about a work, as schema.org JSON-LD; from it the metadata of its token (ERC-7572)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop_app.content import identifiers
from desktop_app.content.ai_use import Training, from_plus_term, plus_term
from desktop_app.core.errors import InvalidInputError

TEXT_LIMIT = 200
DESCRIPTION_LIMIT = 5000
CREATOR_LIMIT = 100
_CONTEXT = "https://schema.org"
# What `formats.human_kind` says, in the words of schema.org.
_TYPES = {
    "song": "MusicRecording", "picture": "ImageObject", "film": "VideoObject", "text": "TextDigitalDocument",
    "data": "Dataset", "file": "CreativeWork",
}  # fmt: skip
_BOOK = "Book"
_SONG = "MusicComposition"
_KEYS = {
    "@context", "@type", "name", "creator", "datePublished", "inLanguage", "description", "isrcCode", "isbn",
    "identifier", "recordingOf", "usageInfo",
}  # fmt: skip
# Persian and the scripts of India spell with these, and emoji are put together with one.
_JOINERS = "\u200c\u200d"
_DOI = "https://registry.identifiers.org/registry/doi"

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Creator:
    """`role` in the creator's own words ("composer", "lyrics"); may be empty."""

    name: str
    role: str = ""


@dataclass(frozen=True)
class WorkMetadata:
    """Checked on creation, see `checked`. Empty texts and year 0 mean: not said."""

    title: str
    creators: tuple[Creator, ...] = ()
    year: int = 0
    language: str = ""
    description: str = ""
    isrc: str = ""
    isbn: str = ""
    doi: str = ""
    iswc: str = ""
    training: Training | None = None


def checked(metadata: WorkMetadata) -> WorkMetadata:
    """The same in its usual form (spaces, case, hyphens).

    Raises InvalidInputError: "content.title", "content.text_too_long", "content.creators", "content.year",
    "content.language", "content.isrc", "content.isbn", "content.doi", "content.iswc".
    """
    title = _line(metadata.title)
    if not title:
        raise InvalidInputError("content.title")
    creators = tuple(Creator(_line(creator.name), _line(creator.role)) for creator in metadata.creators)
    if len(creators) > CREATOR_LIMIT or not all(creator.name for creator in creators):
        raise InvalidInputError("content.creators", limit=CREATOR_LIMIT)
    if not 0 <= metadata.year <= 9999:
        raise InvalidInputError("content.year", given=metadata.year)
    description = _visible(metadata.description.replace("\r\n", "\n"), "\n\t").strip()
    if len(description) > DESCRIPTION_LIMIT:
        raise InvalidInputError("content.text_too_long", limit=DESCRIPTION_LIMIT)
    return WorkMetadata(
        title,
        creators,
        metadata.year,
        metadata.language and identifiers.language(metadata.language),
        description,
        metadata.isrc and identifiers.isrc(metadata.isrc),
        metadata.isbn and identifiers.isbn(metadata.isbn),
        metadata.doi and identifiers.doi(metadata.doi),
        metadata.iswc and identifiers.iswc(metadata.iswc),
        metadata.training,
    )


def to_json_ld(metadata: WorkMetadata, kind: str) -> dict[str, Json]:
    """The JSON-LD of a work of this kind (as `formats.human_kind` says). Raises as `checked` does."""
    said = checked(metadata)
    creators: list[Json] = [_role(creator) for creator in said.creators]
    found: dict[str, Json] = {
        "@context": _CONTEXT,
        "@type": _BOOK if said.isbn else _TYPES.get(kind, _TYPES["file"]),
        "name": said.title,
        "creator": creators,
        "datePublished": f"{said.year:04}" if said.year else "",
        "inLanguage": said.language,
        "description": said.description,
        "isrcCode": said.isrc,
        "isbn": said.isbn,
        "identifier": _doi(said.doi) if said.doi else "",
        "recordingOf": {"@type": _SONG, "iswcCode": said.iswc} if said.iswc else "",
        "usageInfo": plus_term(said.training) if said.training else "",
    }
    return {key: value for key, value in found.items() if value}


def from_json_ld(data: object) -> WorkMetadata:
    """What `to_json_ld` has written. Raises InvalidInputError("content.metadata") for any other form."""
    if not isinstance(data, Mapping) or set(data) - _KEYS or data.get("@context") != _CONTEXT:
        raise InvalidInputError("content.metadata")
    try:
        creators = data.get("creator", [])
        year = _text(data, "datePublished") or "0"
        named, composed = data.get("identifier"), data.get("recordingOf")
        rule = _text(data, "usageInfo")
        if not isinstance(creators, list) or not (year.isascii() and year.isdigit()):
            raise InvalidInputError("content.metadata")
        metadata = checked(
            WorkMetadata(
                _text(data, "name"),
                tuple(_creator(entry) for entry in creators),
                int(year),
                _text(data, "inLanguage"),
                _text(data, "description"),
                _text(data, "isrcCode"),
                _text(data, "isbn"),
                "" if named is None else _doi_of(named),
                "" if composed is None else _iswc_of(composed),
                from_plus_term(rule) if rule else None,
            )
        )
    except InvalidInputError:
        raise InvalidInputError("content.metadata") from None
    kinds = [kind for kind, name in _TYPES.items() if name == data.get("@type")]
    if to_json_ld(metadata, kinds[0] if kinds else "file") != data:
        raise InvalidInputError("content.metadata")
    return metadata


def token_metadata(metadata: WorkMetadata, kind: str, symbol: str) -> dict[str, Json]:
    """The `contractURI` document of the work's token (ERC-7572), with the JSON-LD inside.

    `symbol` is "" while there is no token yet.
    """
    said = checked(metadata)
    names = ", ".join(creator.name for creator in said.creators)
    about = said.description or (f"{said.title} ({names})" if names else said.title)
    found: dict[str, Json] = {"name": said.title, "symbol": symbol, "description": about}
    found["work"] = to_json_ld(said, kind)
    return {key: value for key, value in found.items() if value}


def _visible(text: str, also: str = "") -> str:
    """Without what steers terminals or turns the direction of writing, and without halves of signs."""
    return "".join(c if c.isprintable() or c in _JOINERS + also else " " for c in text)


def one_line(text: str) -> str:
    """`text` as a title can be: spaces instead of what cannot be seen, none at the ends, never two."""
    return " ".join(_visible(text).split())


def _line(text: str) -> str:
    line = one_line(text)
    if len(line) > TEXT_LIMIT:
        raise InvalidInputError("content.text_too_long", limit=TEXT_LIMIT)
    return line


def _role(creator: Creator) -> Json:
    person: dict[str, Json] = {"@type": "Person", "name": creator.name}
    if not creator.role:
        return person
    return {"@type": "Role", "roleName": creator.role, "creator": person}


def _creator(entry: object) -> Creator:
    if not isinstance(entry, dict):
        raise InvalidInputError("content.metadata")
    person = entry.get("creator", entry)
    if not isinstance(person, dict):
        raise InvalidInputError("content.metadata")
    return Creator(_text(person, "name"), _text(entry, "roleName"))


def _doi(value: str) -> Json:
    return {"@type": "PropertyValue", "propertyID": _DOI, "value": value}


def _iswc_of(entry: object) -> str:
    if not isinstance(entry, dict):
        raise InvalidInputError("content.metadata")
    return _text(entry, "iswcCode")


def _doi_of(entry: object) -> str:
    if not isinstance(entry, dict):
        raise InvalidInputError("content.metadata")
    return _text(entry, "value")


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise InvalidInputError("content.metadata")
    return value
