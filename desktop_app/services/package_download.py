"""Fetching a locked file from the web: resumed where it stopped, and never longer than it may be.

Plain HTTP is good enough: the roots of the file are compared with the offer before anything is paid.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from desktop_app.content.sale_format import SaleHeader
from desktop_app.content.whole_file import part_of
from desktop_app.core.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.checkout import Checkout

TIMEOUT = 20.0
"""Seconds for the connection and for each silence."""
GATEWAY = "http://127.0.0.1:8080/ipfs/"
"""Where a Kubo on this computer gives files (docs.ipfs.tech)."""
DOWNLOADING = "stage.downloading"
_PIECE = 256 * 1024


def download(checkout: Checkout, source: str, path: Path, task: Task) -> None:
    """Write the locked file to `path`, from `source` or else from the addresses on the page, one after the
    other.

    Raises RefusedError("selling.no_address"), InvalidInputError("selling.address_unusable"),
    UnavailableError("selling.unreachable", "selling.wrong_size", "content.write_failed"), CancelledError.
    """
    addresses = [source] if source else list(checkout.addresses)
    if not addresses:
        raise RefusedError("selling.no_address", title=checkout.title)
    size = SaleHeader(checkout.offer.size, b"").package_size
    for number, address in enumerate(addresses, start=1):
        try:
            _fetch(_web_address(address), path, size, task)
        except UnavailableError as failure:
            if number == len(addresses) or failure.code == "content.write_failed":
                raise
            continue
        return


def _web_address(address: str) -> str:
    if address.startswith("ipfs://"):
        return GATEWAY + address.removeprefix("ipfs://")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise InvalidInputError("selling.address_unusable", address=address[:80])
    return address


def _fetch(address: str, path: Path, size: int, task: Task) -> None:
    from http.client import HTTPException

    import requests
    import urllib3

    host = urlsplit(address).hostname or ""
    part = part_of(path)
    if part.is_symlink():
        part.unlink()  # it would lead the writing elsewhere
    done = part.stat().st_size if part.is_file() else 0
    if done >= size:
        part.unlink()
        done = 0
    headers = {"User-Agent": "colophon", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    try:
        with requests.Session() as session:
            # Without this, requests would send the user's ~/.netrc password for the host.
            session.auth = lambda request: request
            with session.get(address, headers=headers, timeout=TIMEOUT, stream=True) as answer:
                if answer.status_code not in (200, 206):
                    raise UnavailableError("selling.unreachable", host=host, reason=str(answer.status_code))
                resumed = done and answer.status_code == 206
                done = done if resumed else 0
                with part.open("ab" if resumed else "wb") as file:
                    for piece in answer.iter_content(_PIECE):
                        done += len(piece)
                        if done > size:
                            part.unlink()
                            raise UnavailableError("selling.wrong_size", host=host)
                        file.write(piece)
                        task.report(done, size, DOWNLOADING)
    except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
        raise UnavailableError("selling.unreachable", host=host, reason=type(error).__name__) from None
    except OSError as error:
        raise UnavailableError("content.write_failed", path=str(path), reason=str(error)) from error
    if done != size:
        raise UnavailableError("selling.wrong_size", host=host)
    part.replace(path)
