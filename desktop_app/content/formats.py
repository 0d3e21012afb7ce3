"""What kind of file it is: by its first bytes where those are telling, otherwise by its name."""

from __future__ import annotations

import mimetypes
from pathlib import Path

UNKNOWN = "application/octet-stream"
HEAD_SIZE = 64
"""How many first bytes `media_type` looks at, at most."""

# (offset, bytes, media type), the more special before the more general.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"AIFF", "audio/aiff"),
    (8, b"AIFC", "audio/aiff"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"MThd", "audio/midi"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (30, b"mimetypeapplication/epub+zip", "application/epub+zip"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"\x93NUMPY", "application/x-npy"),
    (0, b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
)
# The four bytes before these are a container's length, so the container's own mark is checked too.
_CONTAINERS = {b"WEBP": b"RIFF", b"WAVE": b"RIFF", b"AVI ": b"RIFF", b"AIFF": b"FORM", b"AIFC": b"FORM"}

# Fixed here, since `mimetypes` depends on the machine.
_SUFFIXES = {
    ".mp3": "audio/mpeg", ".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg",
    ".opus": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".aif": "audio/aiff",
    ".aiff": "audio/aiff", ".mid": "audio/midi", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".tif": "image/tiff",
    ".tiff": "image/tiff", ".svg": "image/svg+xml", ".avif": "image/avif", ".heic": "image/heic",
    ".psd": "image/vnd.adobe.photoshop", ".mp4": "video/mp4", ".m4v": "video/mp4",
    ".mov": "video/quicktime", ".mkv": "video/matroska", ".webm": "video/webm", ".avi": "video/x-msvideo",
    ".ogv": "video/ogg", ".mpg": "video/mpeg", ".mpeg": "video/mpeg", ".txt": "text/plain",
    ".md": "text/markdown", ".html": "text/html", ".htm": "text/html", ".rtf": "text/rtf",
    ".tex": "text/x-tex", ".pdf": "application/pdf", ".epub": "application/epub+zip",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".doc": "application/msword", ".csv": "text/csv", ".tsv": "text/tab-separated-values",
    ".json": "application/json", ".jsonl": "application/jsonl", ".xml": "application/xml",
    ".parquet": "application/vnd.apache.parquet", ".sqlite": "application/vnd.sqlite3",
    ".npy": "application/x-npy", ".npz": "application/x-npz", ".h5": "application/x-hdf5",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet", ".zip": "application/zip",
}  # fmt: skip

_DATA = {
    "text/csv", "text/tab-separated-values", "application/json", "application/jsonl", "application/xml",
    "application/vnd.apache.parquet", "application/vnd.sqlite3", "application/x-npy", "application/x-npz",
    "application/x-hdf5", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
}  # fmt: skip
_TEXT = {
    "application/pdf", "application/epub+zip", "application/vnd.oasis.opendocument.text",
    "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
_KIND_OF_PREFIX = {"audio": "song", "image": "picture", "video": "film", "text": "text"}


def media_type(path: Path, head: bytes) -> str:
    """The media type of a file with this name and these first bytes; UNKNOWN when nothing tells."""
    by_content = _by_content(head)
    by_name = _SUFFIXES.get(path.suffix.lower()) or mimetypes.guess_type(path.name, strict=False)[0]
    if by_content == "video/mp4" and by_name in {"audio/mp4", "video/quicktime", "image/avif", "image/heic"}:
        # The brand in the file is often the general one where the name knows better.
        return by_name
    return by_content or by_name or UNKNOWN


def _by_content(head: bytes) -> str:
    for offset, mark, kind in _MAGIC:
        if head[offset : offset + len(mark)] == mark and head.startswith(_CONTAINERS.get(mark, b"")):
            return kind
    return ""


def human_kind(media: str) -> str:
    """ "song", "picture", "film", "text", "data" or "file"."""
    if media in _DATA:
        return "data"
    if media in _TEXT:
        return "text"
    return _KIND_OF_PREFIX.get(media.partition("/")[0], "file")
