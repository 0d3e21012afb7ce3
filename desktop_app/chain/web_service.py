"""One question to one web server that the user has named: HTTPS, no redirects, no cookies, a short answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from desktop_app.core.errors import InvalidInputError, UnavailableError

TIMEOUT = 20.0
"""Seconds for the connection and for each silence."""
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def checked_address(url: str) -> str:
    """The address without a final slash; plain HTTP only on this computer.

    Raises InvalidInputError("witness.address").
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        usable = usable and bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInputError("witness.address", given=url[:80])
    return url.strip().rstrip("/")


def ask(url: str, data: bytes | None, kind: str, limit: int) -> bytes:
    """The body of the answer to a POST of `data`, or to a GET when that is None; `kind` is its media type.

    Raises UnavailableError: "witness.unreachable", "witness.refused" (with the HTTP status),
    "witness.answer_too_large".
    """
    from http.client import HTTPException

    import requests
    import urllib3

    host = urlsplit(url).hostname or ""
    with requests.Session() as session:
        # Without this, requests would send the user's ~/.netrc password for the host.
        session.auth = lambda request: request
        session.headers.update({"User-Agent": "colophon", "Accept": kind, "Content-Type": kind})
        method = "GET" if data is None else "POST"
        try:
            with session.request(
                method, url, data=data, timeout=TIMEOUT, stream=True, allow_redirects=False
            ) as response:
                if response.status_code != 200:
                    raise UnavailableError("witness.refused", host=host, status=response.status_code)
                found = bytearray()
                for piece in response.iter_content(16 * 1024):
                    found += piece
                    if len(found) > limit:
                        raise UnavailableError("witness.answer_too_large", host=host)
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
            raise UnavailableError("witness.unreachable", host=host, reason=type(error).__name__) from None
    return bytes(found)
