"""The page in a real browser, opened from a file: what a person sees, and that nothing leaves."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser.certificates import AUDIENCE, CHALLENGE, FILE, KINDS, LASTS, make
from browser.conftest import NOW, VERIFIER, encoded

from desktop_app.proofs.certificate_page import render

Browse = Callable[..., Any]
CertificateOf = Callable[[str], bytes]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_says_that_a_certificate_of_every_kind_holds(
    kind: str, browse: Browse, certificate_of: CertificateOf
) -> None:
    seen = browse(render(certificate_of(kind), "Harbour at Night"))
    (state,) = seen["states"]
    assert state["heading"] == state["announced"] == "The proof holds"
    assert state["verdicts"]["Proof"] == "valid"
    assert state["verdicts"]["Record on the chain"] == "not checked"
    assert state["verdicts"]["Fresh"] == "not compared"
    assert state["verdicts"].get("Signature of the address") == {"signed": "signed", "membership": None}.get(
        kind, "not signed"
    )
    assert AUDIENCE in state["text"]
    assert state["document"] == "Harbour at Night · Colophon"
    assert not seen["problems"]


def test_after_any_one_byte_changed_the_page_does_not_call_it_valid(
    browse: Browse, certificate_of: CertificateOf
) -> None:
    data = certificate_of("opening")
    seen = browse(render(data), {"step": "flip", "content": encoded(data), "now": NOW})
    assert seen["states"][-1]["answer"] == [-1]  # the unchanged one alone


def test_a_changed_certificate_is_shown_as_not_genuine(browse: Browse, certificate_of: CertificateOf) -> None:
    data = certificate_of("opening")
    forged = data.replace(b"Caf\xc3\xa9", b"Cafe")
    (state,) = browse(render(forged))["states"]
    assert state["heading"] == state["announced"] == "The proof does not hold"
    assert state["verdicts"]["Proof"] == "not valid"
    assert "What it shows" not in state["text"]


def test_typing_challenge_and_name_settles_whether_it_is_fresh(
    browse: Browse, certificate_of: CertificateOf
) -> None:
    seen = browse(
        render(certificate_of("opening")),
        {"step": "type", "field": "challenge", "text": "k7qm 2f9a xw3p"},
        {"step": "type", "field": "audience", "text": f" {AUDIENCE} "},
        {"step": "type", "field": "audience", "text": "Somebody else"},
        {"step": "type", "field": "audience", "text": ""},
        {"step": "type", "field": "challenge", "text": CHALLENGE + "X"},
    )
    fresh = [state["verdicts"]["Fresh"] for state in seen["states"]]
    assert fresh == ["not compared", "fresh", "fresh", "not fresh", "fresh", "not fresh"]
    assert seen["states"][-1]["heading"] == "Genuine, but not to be accepted as it is"
    assert seen["states"][-1]["announced"] == "Answers another challenge"
    assert not seen["problems"]


def test_out_of_its_dates_it_is_genuine_but_not_accepted(
    browse: Browse, certificate_of: CertificateOf
) -> None:
    page = render(certificate_of("opening"))
    for now, reason in ((NOW + LASTS, "No longer valid"), (NOW - 400, "Not valid yet")):
        (state,) = browse(page, now=now)["states"]
        assert state["verdicts"] | {"Proof": "valid", "Fresh": "not fresh"} == state["verdicts"]
        assert state["heading"] == "Genuine, but not to be accepted as it is"
        assert reason in state["text"]


def test_without_a_challenge_it_is_called_transferable(browse: Browse) -> None:
    (state,) = browse(render(make("opening", NOW, challenge="")))["states"]
    assert state["verdicts"]["Fresh"] == "transferable"
    assert "anyone who has a copy can show it" in state["text"]


def test_another_certificate_is_dropped_and_chosen(
    browse: Browse, certificate_of: CertificateOf, tmp_path: Path
) -> None:
    path = tmp_path / "other.colophon"
    path.write_bytes(certificate_of("same-work"))
    seen = browse(
        (VERIFIER / "verifier.html").read_bytes(),
        {"step": "drop", "name": "a.colophon", "content": encoded(certificate_of("membership"))},
        {"step": "choose", "place": "certificate", "path": str(path)},
        {"step": "drop", "name": "song.wav", "content": encoded(b"RIFF....")},
        {"step": "drop", "name": "big.colophon", "content": encoded(bytes(20_000_000))},
        {"step": "drop", "name": "a.colophon", "content": encoded(certificate_of("opening"))},
    )
    headings = [state["heading"] for state in seen["states"]]
    assert headings == [
        "Is this certificate genuine?",
        "The proof holds",
        "The proof holds",
        "Not a genuine certificate",
        "Not a genuine certificate",
        "The proof holds",
    ]
    assert "One of the 23 works" in seen["states"][1]["text"]
    assert "The two sealed records" in seen["states"][2]["text"]
    assert "20000000" in seen["states"][4]["text"].replace(",", "")
    assert not seen["problems"]


def test_the_right_file_is_recognised_and_one_bit_more_is_not(
    browse: Browse, certificate_of: CertificateOf, tmp_path: Path
) -> None:
    flipped = bytearray(FILE)
    flipped[5000] ^= 1
    path = tmp_path / "song"
    path.write_bytes(FILE)
    seen = browse(
        render(certificate_of("file")),
        {"step": "choose", "place": "file", "path": str(path)},
        {"step": "drop", "name": "song", "content": encoded(bytes(flipped)), "on": "[data-drop=file]"},
        {"step": "drop", "name": "song", "content": encoded(FILE[:-1]), "on": "[data-drop=file]"},
        {"step": "drop", "name": "song", "content": encoded(FILE)},
    )
    assert [state["verdicts"].get("The file") for state in seen["states"]] == [
        None, "matches", "differs", "differs", "matches",
    ]  # fmt: skip
    assert seen["states"][1]["heading"] == "This is the registered file"
    assert seen["states"][2]["heading"] == "The proof holds, but this is another file"
    assert not seen["problems"]


def test_no_file_is_compared_with_a_forged_certificate(browse: Browse, certificate_of: CertificateOf) -> None:
    forged = certificate_of("file").replace(b"Caf\xc3\xa9", b"Cafe")
    seen = browse(render(forged), {"step": "drop", "name": "song", "content": encoded(FILE)})
    assert "Do you have the file?" not in seen["states"][0]["text"]
    assert "The file" not in seen["states"][1]["verdicts"]
    assert seen["states"][1]["heading"] == "Not a genuine certificate"


def test_an_excerpt_is_shown_and_saved_byte_for_byte(browse: Browse) -> None:
    text, binary = make("excerpt", NOW), make("excerpt", NOW, first=6, count=2)
    seen = browse(
        render(text),
        {"step": "save", "button": "Save the excerpt"},
        {"step": "drop", "name": "b.colophon", "content": encoded(binary)},
    )
    assert FILE[2048:4096].decode() == seen["states"][0]["excerpt"]
    assert base64.b64decode(seen["states"][1]["answer"]) == FILE[2048:4096]
    assert "that are not text" in seen["states"][2]["text"]


def test_the_certificate_file_can_be_taken_out_of_the_page(
    browse: Browse, certificate_of: CertificateOf
) -> None:
    data = certificate_of("membership")
    seen = browse(render(data), {"step": "save", "button": "Save the certificate file"})
    assert base64.b64decode(seen["states"][1]["answer"]) == data


def test_a_hostile_audience_is_shown_as_text(browse: Browse) -> None:
    audience = "</script><img src=x onerror=alert(1)>"
    seen = browse(render(make("opening", NOW, audience=audience), audience))
    assert audience in seen["states"][0]["text"]
    assert seen["states"][0]["heading"] == "The proof holds"
    assert not seen["problems"]


def test_the_page_asks_the_network_for_nothing_and_may_not(
    browse: Browse, certificate_of: CertificateOf
) -> None:
    seen = browse(
        render(certificate_of("opening")), {"step": "connect", "address": "http://127.0.0.1:9/stolen"}
    )
    assert seen["states"][-1]["answer"] == "connect-src"
    assert all(address.startswith(("file:", "data:")) for address in seen["requests"])


def test_the_page_can_be_used_by_keyboard_alone(browse: Browse, certificate_of: CertificateOf) -> None:
    seen = browse(render(certificate_of("file")), *[{"step": "press", "keys": ["Tab"]}] * 8)
    stops = [state["answer"] for state in seen["states"][1:]]
    assert stops[:3] == ["Choose the file", "challenge", "audience"]
    assert {"Save the certificate file", "Print", "The certificate as it is", "Choose a certificate"} <= set(
        stops
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 1000), ("dark", 1000), ("light", 320)])
def test_the_page_follows_light_and_dark_and_narrow_windows(
    browse: Browse, certificate_of: CertificateOf, scheme: str, width: int
) -> None:
    seen = browse(render(certificate_of("same-work")), {"step": "look"}, scheme=scheme, width=width)
    look = seen["states"][-1]["answer"]
    paper, ink = "rgb(248, 244, 236)", "rgb(30, 27, 23)"
    assert (look["backgroundColor"], look["color"]) == {
        "light": (paper, ink),
        "dark": ("rgb(20, 23, 29)", "rgb(238, 233, 223)"),
    }[scheme]
    assert not look["wider"]
    assert look["unlabelled"] == 0
