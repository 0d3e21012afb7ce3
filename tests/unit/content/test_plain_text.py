from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.content.media import epub, open_document, pdf, word

from desktop_app.content.plain_text import decoded, has_text, plain_text, without_markup
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"
LINES = ["It was low water.", "Nobody had come."]


def test_the_words_of_every_kind_of_document_are_found(tmp_path: Path) -> None:
    documents = {
        "application/pdf": pdf(tmp_path / "a.pdf", LINES),
        "application/epub+zip": epub(tmp_path / "a.epub", LINES),
        WORD: word(tmp_path / "a.docx", LINES),
        OPEN_DOCUMENT: open_document(tmp_path / "a.odt", LINES),
    }
    for kind, path in documents.items():
        assert has_text(kind)
        assert plain_text(path, kind, Task()).split() == " ".join(LINES).split(), kind


def test_chapters_come_in_the_order_of_reading_not_of_their_names(tmp_path: Path) -> None:
    chapters = [f"chapter{number}" for number in range(6)]
    assert plain_text(epub(tmp_path / "a.epub", chapters), "application/epub+zip", Task()).split() == chapters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_the_encoding_of_a_text_is_found(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Für Élise, größer".encode(encoding))
    assert plain_text(tmp_path / "a.txt", "text/plain", Task()) == "Für Élise, größer"


@given(st.binary())
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decoded(data), str)
    assert isinstance(without_markup(decoded(data)), str)


@given(st.text(alphabet=st.characters(exclude_characters="<>&\r", exclude_categories=["Cs", "Cc"])))
def test_markup_is_left_out_and_words_are_kept(text: str) -> None:
    html = f"<head><title>x</title></head><body><script>var x</script><b>{text}</b></body>"
    assert without_markup(html) == text


@pytest.mark.parametrize("kind", ["application/pdf", "application/epub+zip", WORD, OPEN_DOCUMENT])
@given(data=st.binary(max_size=200))
def test_a_damaged_document_is_said_to_be_one(
    kind: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bad") / "bad"
    path.write_bytes(data)
    with pytest.raises(InvalidInputError) as caught:
        plain_text(path, kind, Task())
    assert caught.value.code == "content.text_unreadable"


def test_tables_are_not_texts() -> None:
    assert not has_text("text/csv")
    assert not has_text("audio/mpeg")
