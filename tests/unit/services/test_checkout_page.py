"""An offer is put into the checkout page whole, harmlessly, and with leave to ask its own addresses alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from desktop_app.core.errors import InvalidInputError
from desktop_app.services.checkout_page import checkout_page


def an_offer(**changes: Any) -> dict[str, Any]:
    return {
        "work": {"title": "Song"},
        "chain": {"rpc": ["https://mainnet.base.org/key?x=1", "http://127.0.0.1:8545"]},
        "package": {"urls": ["https://example.org:8443/a/song.colophon-package", "ipfs://bafy"]},
        "plays": None,
        **changes,
    }


def policy_of(page: str) -> dict[str, list[str]]:
    (text,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    return {name: sources for name, *sources in (part.split() for part in text.split("; "))}


def test_the_offer_comes_out_of_the_page_as_it_went_in() -> None:
    offer = an_offer(work={"title": "</script><!-- <b>é\u2028 & \"'"})
    page = checkout_page(offer)
    (island,) = re.findall(r'<script type="application/json" id="offer">(.*?)</script>', page, re.DOTALL)
    assert json.loads(island) == offer
    assert "<" not in island
    assert "<title>&lt;/script&gt;&lt;!-- &lt;b&gt;é\u2028 &amp; &quot;&#x27; · Colophon</title>" in page


def test_the_page_may_ask_the_addresses_of_its_offer_and_no_others() -> None:
    policy = policy_of(checkout_page(an_offer()))
    assert policy["default-src"] == policy["media-src"] == ["'none'"]
    assert policy["connect-src"] == [
        "https://mainnet.base.org", "http://127.0.0.1:8545", "https://example.org:8443"
    ]  # fmt: skip
    assert all(source.startswith("'sha256-") for source in policy["script-src"] + policy["style-src"])


def test_a_gateway_of_ipfs_may_send_to_the_host_of_the_file() -> None:
    offer = an_offer(package={"urls": ["https://Dweb.link/ipfs/bafy"]})
    assert policy_of(checkout_page(offer))["connect-src"][2:] == ["https://dweb.link", "https://*.dweb.link"]


def test_a_server_of_plays_may_be_asked_and_heard() -> None:
    policy = policy_of(checkout_page(an_offer(package=None, plays={"server": "https://ana.example/"})))
    assert policy["media-src"] == ["https://ana.example"]
    assert "https://ana.example" in policy["connect-src"]


@pytest.mark.parametrize(
    "address",
    [
        "https://", "file:///etc/passwd", "javascript:alert(1)", "https://a b/", "https://a;script-src *",
        'https://a"><script>', "https://a'b/", "https://a:99999/", "https://[::1",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_and_never_becomes_a_part_of_the_policy(address: str) -> None:
    with pytest.raises(InvalidInputError, match=r"checkout\.address_unusable"):
        checkout_page(an_offer(chain={"rpc": [address]}))
