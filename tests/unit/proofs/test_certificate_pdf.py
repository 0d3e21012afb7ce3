"""A certificate on paper: the file is attached unchanged, and the page says what the certificate says."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Callable

import pytest
from browser.certificates import KINDS, make
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.certificate import MAX_SIZE
from desktop_app.proofs.certificate_pdf import extract, render
from desktop_app.proofs.statements import LAST_TIME
from desktop_app.services.wording import message

NOW = 1_800_000_000


@pytest.fixture(scope="module")
def data(issue: Callable[..., bytes]) -> bytes:
    return issue()


@pytest.mark.parametrize("kind", KINDS)
def test_the_certificate_of_every_kind_is_attached_unchanged(kind: str) -> None:
    data = make(kind, NOW)
    pdf = render(data, "Harbour at Night")
    assert pdf.startswith(b"%PDF-1.")
    assert extract(pdf) == data


def test_two_renderings_are_the_same_bytes(data: bytes) -> None:
    assert render(data, "Night") == render(data, "Night")


@pytest.mark.parametrize(
    "title",
    [
        "Ночная гавань",
        "Ἁρμονία",
        "Đêm ở bến cảng",
        "夜の港",
        "\U0001f3b5",
        "a" * 5000,
        "x " * 900,
        "\x00\x1b\ud800",
    ],
)
def test_titles_in_any_script_and_of_any_length_make_a_pdf(data: bytes, title: str) -> None:
    assert extract(render(data, title)) == data


@settings(max_examples=15)
@given(st.text(max_size=40))
def test_no_title_breaks_the_pdf(data: bytes, title: str) -> None:
    assert extract(render(data, title)) == data


def test_the_first_and_the_last_possible_dates_make_a_pdf(issue: Callable[..., bytes]) -> None:
    data = issue(issued_at=1, expires_at=LAST_TIME)
    assert extract(render(data)) == data
    data = issue(issued_at=LAST_TIME - 1, expires_at=LAST_TIME)
    assert extract(render(data)) == data


def test_it_is_a_pdf_for_archives_with_one_attached_file(data: bytes) -> None:
    pdf = render(data)
    assert pdf.count(b"/Type /EmbeddedFile") == 1
    assert b"/AFRelationship /Source" in pdf
    assert 'pdfaid:part="3"' in pdf.decode("latin-1")


def test_a_title_cannot_write_into_the_metadata(data: bytes) -> None:
    text = render(data, "</rdf:li><evil/>").decode("latin-1")
    assert "&lt;/rdf:li&gt;&lt;evil/&gt;" in text
    assert "<evil/>" not in text


def test_a_name_is_printed_letter_by_letter(issue: Callable[..., bytes]) -> None:
    """Found by an attack: the placeholder for the number of pages was printed as that, within a name."""
    audience = "Label {nb} {total} {pages}"
    printed = PdfReader(io.BytesIO(render(issue(audience=audience)))).pages[0].extract_text()
    assert f"Made for\n{audience}" in printed or f"Made for {audience}" in printed
    assert "Page 1 of 1" in printed


def test_a_pdf_made_to_stall_the_reader_is_refused_at_once() -> None:
    """Found by an attack: 20 MB of beginnings of attachments took most of a minute."""
    hostile = b"%PDF" + b"/EmbeddedFile " * 1_400_000
    start = time.process_time()
    with pytest.raises(InvalidInputError, match="no_certificate"):
        extract(hostile)
    assert time.process_time() - start < 5


def test_what_is_no_certificate_makes_no_pdf(data: bytes) -> None:
    for broken in (b"", b"{}", data[:-1]):
        with pytest.raises(InvalidInputError):
            render(broken)


def test_a_pdf_without_a_certificate_gives_none(data: bytes) -> None:
    pdf = render(data)
    other = pdf.replace(b"/EmbeddedFile\n", b"/EmbeddedFail\n")
    for empty in (b"", b"%PDF-1.7", other, pdf[: len(pdf) // 20], bytes(MAX_SIZE + (1 << 23))):
        with pytest.raises(InvalidInputError) as caught:
            extract(empty)
        assert "certificate" in message(caught.value).title


def attached(content: bytes, extra: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"1 0 obj <</Type /EmbeddedFile %b /Length 9>>\nstream\r\n%b\nendstream endobj" % (extra, content)


def test_a_certificate_attached_by_another_program_is_found(data: bytes) -> None:
    assert extract(b"%PDF-1.7\n" + attached(zlib.compress(data))) == data
    assert extract(b"%PDF-1.7\n" + attached(data, b"")) == data
    assert extract(attached(zlib.compress(b"an invoice")) + attached(zlib.compress(data))) == data
    assert extract(attached(zlib.compress(data)) * 2) == data


def test_two_certificates_in_one_pdf_are_refused(issue: Callable[..., bytes]) -> None:
    with pytest.raises(InvalidInputError, match="no_certificate"):
        extract(attached(zlib.compress(issue())) + attached(zlib.compress(issue(challenge="other"))))


def test_a_bomb_is_refused_within_bounds() -> None:
    bomb = zlib.compress(b'{"attachments":[' + bytes(MAX_SIZE * 4), 9)
    with pytest.raises(InvalidInputError, match="no_certificate"):
        extract(attached(bomb) * 20)


@given(st.binary(max_size=300))
def test_extracting_never_fails_in_another_way(content: bytes) -> None:
    for pdf in (content, attached(content), attached(content, b"")):
        try:
            assert extract(pdf).startswith(b'{"attachments":[')
        except InvalidInputError as error:
            assert error.code == "page.no_certificate"
