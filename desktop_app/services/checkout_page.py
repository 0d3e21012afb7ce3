"""The checkout page of a work: one file on which anybody buys it with a wallet, from any host or from disk.

The page is `resources/checkout/checkout.html`; here an offer is put into it, and its content security policy
(CSP level 3) is narrowed to the addresses that the offer names: the page can reach nothing else.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import resource

_PLACE = re.compile(r'(<script type="application/json" id="offer">).*?(</script>)', re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_NO_CONNECTION, _NO_MEDIA = "connect-src 'none'", "media-src 'none'"
_HOST = re.compile(r"\[[0-9a-f:]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def checkout_page(offer: Mapping[str, Any]) -> str:
    """The whole page. `offer` is what services/checkout.py makes: chain, work, price, split, licence, ...

    Raises InvalidInputError `checkout.address_unusable` for an address that no browser can ask.
    """
    page = resource("checkout/checkout.html").read_text(encoding="utf-8")
    # Within a script element, "<" could end it.
    island = json.dumps(offer, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page = _PLACE.sub(lambda place: place[1] + island + place[2], page, count=1)
    title = html.escape(str(offer["work"]["title"]))
    page = _TITLE.sub(lambda _: f"<title>{title} · Colophon</title>", page, count=1)
    page = page.replace(_NO_CONNECTION, _sources("connect-src", _asked(offer)), 1)
    return page.replace(_NO_MEDIA, _sources("media-src", _streamed(offer)), 1)


def _asked(offer: Mapping[str, Any]) -> Iterator[str]:
    yield from map(_origin, offer["chain"]["rpc"])
    for address in (offer.get("package") or {}).get("urls", ()):
        if not address.lower().startswith(("http:", "https:")):
            continue  # shown as text, for people who have a program for it
        yield _origin(address)
        if "/ipfs/" in address or "/ipns/" in address:
            yield _subdomains(address)
    yield from _streamed(offer)


def _streamed(offer: Mapping[str, Any]) -> Iterator[str]:
    server = (offer.get("plays") or {}).get("server")
    if server:
        yield _origin(server)


def _sources(directive: str, origins: Iterator[str]) -> str:
    return " ".join([directive, *(dict.fromkeys(origins) or ["'none'"])])


def _origin(address: str) -> str:
    """Scheme, host and port: all that a policy names, and nothing that could end one."""
    scheme, host, port = _parts(address)
    return f"{scheme}://{host}{port}"


def _subdomains(address: str) -> str:
    """Gateways of IPFS send to a host of its own for every file (docs.ipfs.tech, subdomain gateway)."""
    scheme, host, port = _parts(address)
    return f"{scheme}://*.{host}{port}"


def _parts(address: str) -> tuple[str, str, str]:
    try:
        found = urlsplit(address.strip())
        host, port = (found.hostname or "").lower(), found.port
    except ValueError:
        raise InvalidInputError("checkout.address_unusable", address=address[:200]) from None
    if found.scheme not in ("http", "https") or not _HOST.fullmatch(f"[{host}]" if ":" in host else host):
        raise InvalidInputError("checkout.address_unusable", address=address[:200])
    return found.scheme, f"[{host}]" if ":" in host else host, f":{port}" if port else ""
