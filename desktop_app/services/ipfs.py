"""Putting a locked file into IPFS through a Kubo of the user's own, by its RPC
(docs.ipfs.tech/reference/kubo/rpc)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.core.progress import Task

USUAL_NODE = "http://127.0.0.1:5001"
TIMEOUT = 60.0
UPLOADING = "stage.uploading"
_PIECE = 256 * 1024
_MOST_ANSWER = 64 * 1024
_CID = re.compile(r"b[a-z2-7]{20,100}")


class _Form:
    """One file as multipart/form-data (RFC 7578), read as it is sent."""

    def __init__(self, path: Path, task: Task) -> None:
        self._path, self._task = path, task
        self.boundary = token_hex(16)
        self._size = path.stat().st_size
        self._head = (
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="file"; filename="package"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{self.boundary}--\r\n".encode()

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        done = 0
        with self._path.open("rb") as file:
            while done < self._size and (part := file.read(min(_PIECE, self._size - done))):
                done += len(part)
                self._task.report(done, self._size, UPLOADING)
                yield part
        yield self._tail


def add_to_ipfs(path: Path, node: str = USUAL_NODE, task: Task | None = None) -> str:
    """Add and pin a file; its content identifier (CID version 1, base32), as in "ipfs://<cid>".

    Raises InvalidInputError("selling.ipfs_address"), UnavailableError("selling.ipfs_unreachable"),
    CancelledError.
    """
    from http.client import HTTPException

    import requests
    import urllib3

    parts = urlsplit(node.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InvalidInputError("selling.ipfs_address", address=node[:80])
    form = _Form(path, task or Task())
    url = node.strip().rstrip("/") + "/api/v0/add?cid-version=1&pin=true&quieter=true"
    headers = {
        "User-Agent": "colophon",
        "Content-Type": f"multipart/form-data; boundary={form.boundary}",
    }
    try:
        with requests.Session() as session:
            session.auth = lambda request: request
            answer = session.post(
                url, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
            with answer:
                text = answer.raw.read(_MOST_ANSWER, decode_content=True)
                status = answer.status_code
    except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
        reason = type(error).__name__
        raise UnavailableError("selling.ipfs_unreachable", host=parts.hostname, reason=reason) from None
    if status != 200:
        raise UnavailableError("selling.ipfs_unreachable", host=parts.hostname, reason=str(status))
    try:
        found = str(json.loads(text.decode().strip().splitlines()[-1])["Hash"])
    except (ValueError, KeyError, IndexError, TypeError):
        found = ""
    if _CID.fullmatch(found) is None:
        raise UnavailableError("selling.ipfs_unreachable", host=parts.hostname, reason="answer")
    return found
