"""The certificate as one web page that checks itself in any browser, without a network.

The page is `resources/verifier/verifier.html`; here a certificate is put into it, or taken out again.
"""

from __future__ import annotations

import html
import json
import re

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import resource
from desktop_app.proofs import certificate
from desktop_app.proofs.certificate import MAX_SIZE
from desktop_app.proofs.certificate_words import printable_title
from desktop_app.proofs.encoding import from_base64, to_base64

_PLACE = re.compile(rb'<script type="application/json" id="given">(.*?)</script>', re.DOTALL)
_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)
_CARRIED = re.compile(rb'\{"certificate":"([A-Za-z0-9+/=]+)"')
_PAGE_SIZE = 1 << 20
"""Bytes that a page has beside its certificate, at most."""


def render(certificate_bytes: bytes, title: str = "") -> bytes:
    """The page, UTF-8. `title` is shown as given by the sender; it is not part of the proof.

    Raises InvalidInputError where the bytes are no certificate; whether its proof holds, the page says.
    """
    certificate.parse(certificate_bytes)
    page = resource("verifier/verifier.html").read_bytes()
    title = printable_title(title)
    given = json.dumps({"certificate": to_base64(certificate_bytes), "title": title}, separators=(",", ":"))
    # Within a script element, "<" could end it.
    block = (
        b'<script type="application/json" id="given">' + given.replace("<", "\\u003c").encode() + b"</script>"
    )
    page = _PLACE.sub(lambda _: block, page, count=1)
    if not title:
        return page
    named = f"<title>{html.escape(title)} · Colophon</title>".encode()
    return _TITLE.sub(lambda _: named, page, count=1)


def extract(page: bytes) -> bytes:
    """The certificate in a page that `render` made; raises InvalidInputError where there is not just one."""
    if len(page) > MAX_SIZE * 4 // 3 + _PAGE_SIZE:
        raise InvalidInputError("page.no_certificate")
    found = [_CARRIED.match(place) for place in _PLACE.findall(page)]
    if len(found) != 1 or found[0] is None:
        raise InvalidInputError("page.no_certificate")
    return from_base64(found[0][1].decode("ascii"))
