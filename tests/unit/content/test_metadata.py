"""What creators say about works: checked numbers of the trade, and JSON-LD that reads back as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content import identifiers
from desktop_app.content.ai_use import Training, training_from, training_text
from desktop_app.content.metadata import (
    Creator,
    WorkMetadata,
    checked,
    from_json_ld,
    to_json_ld,
    token_metadata,
)
from desktop_app.core.errors import InvalidInputError

LINES = st.text(max_size=60)
NAMES = LINES.filter(lambda text: any(c.isprintable() and not c.isspace() for c in text))
KINDS = st.sampled_from(["song", "picture", "film", "text", "data", "file"])
METADATA = st.builds(
    WorkMetadata,
    title=NAMES,
    creators=st.lists(st.builds(Creator, NAMES, LINES), max_size=4).map(tuple),
    year=st.integers(0, 9999),
    language=st.sampled_from(["", "en", "PT_br", "zh-hant-tw", "de-419"]),
    description=st.text(max_size=300),
    isrc=st.sampled_from(["", "US-RC1-76-07839", "isrc: gbaye0601498"]),
    isbn=st.sampled_from(["", "978-3-16-148410-0", "0-306-40615-2"]),
    doi=st.sampled_from(["", "10.1000/182", "https://doi.org/10.5281/Zenodo.123"]),
    iswc=st.sampled_from(["", "T-034.524.680-1", "iswc t0345246801"]),
    training=st.sampled_from([None, *Training]),
)


@given(METADATA, KINDS)
def test_metadata_read_back_as_they_were(metadata: WorkMetadata, kind: str) -> None:
    said = to_json_ld(metadata, kind)
    assert from_json_ld(json.loads(json.dumps(said))) == checked(metadata)
    assert checked(checked(metadata)) == checked(metadata)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["@context", "@type", "name", "creator", "x"]), inner)
        ),
    )
)
def test_any_other_json_is_refused(data: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        from_json_ld(data)
    assert caught.value.code == "content.metadata"


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1}, {"@context": "http://example.org"}, {"@type": "Person"}, {"name": 5},
        {"datePublished": "24"},
        {"datePublished": "٢٠٢٤"}, {"isrcCode": "USRC1760783"}, {"creator": {}}, {"creator": [5]},
        {"creator": [{"@type": "Person", "name": "A", "x": 1}]}, {"identifier": "10.1/1"}, {"identifier": {}},
        {"isbn": "9783161484101"}, {"name": "two  spaces"}, {"usageInfo": "https://example.org/terms"},
        {"recordingOf": "T-034.524.680-1"}, {"recordingOf": {"iswcCode": "T-034.524.680-1"}},
    ],
)  # fmt: skip
def test_altered_metadata_are_refused(change: dict[str, object]) -> None:
    said = to_json_ld(
        WorkMetadata("Low Water", (Creator("Ada Wren", "voice"),), 2024, isrc="USRC17607839"), "song"
    )
    assert from_json_ld(said)
    with pytest.raises(InvalidInputError):
        from_json_ld({**said, **change})


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (WorkMetadata(" \t\n"), "content.title"),
        (WorkMetadata("x" * 201), "content.text_too_long"),
        (WorkMetadata("x", description="x" * 5001), "content.text_too_long"),
        (WorkMetadata("x", (Creator(" "),)), "content.creators"),
        (WorkMetadata("x", (Creator("a"),) * 101), "content.creators"),
        (WorkMetadata("x", year=10000), "content.year"),
        (WorkMetadata("x", year=-1), "content.year"),
        (WorkMetadata("x", language="english"), "content.language"),
        (WorkMetadata("x", isrc="US-RC1-76-0783"), "content.isrc"),
        (WorkMetadata("x", isbn="978-3-16-148410-1"), "content.isbn"),
        (WorkMetadata("x", doi="11.1000/182"), "content.doi"),
        (WorkMetadata("x", iswc="T-034.524.680-2"), "content.iswc"),
        (WorkMetadata("x", iswc="T-34.524.680-1"), "content.iswc"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(metadata: WorkMetadata, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked(metadata)
    assert caught.value.code == code


@given(st.integers(0, 10**9 - 1), st.integers(1, 9), st.integers(0, 8))
def test_a_wrong_digit_in_an_isbn_is_always_noticed(number: int, shift: int, place: int) -> None:
    body = f"{number:09}"
    rest = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), body, strict=True)) % 11
    check = "X" if rest == 10 else str(rest)
    full = identifiers.isbn(body + check)
    assert full.startswith("978" + body) and identifiers.isbn(full) == full
    wrong = list(full)
    wrong[3 + place] = str((int(wrong[3 + place]) + shift) % 10)
    with pytest.raises(InvalidInputError):
        identifiers.isbn("".join(wrong))


def test_numbers_are_brought_into_one_form() -> None:
    assert identifiers.isrc("isrc us-rc1-76-07839") == "USRC17607839"
    assert identifiers.iswc("ISWC T 034 524 680 1") == "T-034.524.680-1"
    assert identifiers.isbn("ISBN-10: 0-8044-2957-X") == "9780804429573"
    assert (
        identifiers.doi("DOI: 10.1000/ABC")
        == identifiers.doi("http://dx.doi.org/10.1000/abc")
        == "10.1000/abc"
    )
    assert identifiers.language("sr_latn_rs") == "sr-Latn-RS"


def test_the_tokens_metadata_name_the_work_and_its_creators() -> None:
    song = WorkMetadata("Low Water", (Creator("Ada Wren", "voice"), Creator("Bo")), 2024)
    found = token_metadata(song, "song", "LOW")
    assert (found["name"], found["symbol"], found["description"]) == (
        "Low Water",
        "LOW",
        "Low Water (Ada Wren, Bo)",
    )
    assert from_json_ld(found["work"]) == song
    assert to_json_ld(WorkMetadata("T", isbn="9780306406157"), "text")["@type"] == "Book"


def test_texts_steer_no_terminal_and_hold_no_halves_of_signs() -> None:
    title = "re\x1b[31md\u202egnp.exe\udcff"
    said = checked(WorkMetadata(title, description="one\udcff\x1b[2Jtwo\r\n\tthree\u2066"))
    assert said.title == "re [31md gnp.exe"
    assert said.description == "one  [2Jtwo\n\tthree"
    said.description.encode()


def test_persian_and_joined_emoji_keep_their_joiners() -> None:
    for title in ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f3a8"):
        assert checked(WorkMetadata(title, description=title)) == WorkMetadata(title, description=title)


def test_what_may_be_trained_is_said_in_the_words_that_machines_read() -> None:
    said = to_json_ld(WorkMetadata("Low Water", training=Training.FORBIDDEN), "song")
    assert said["usageInfo"] == "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
    assert "usageInfo" not in to_json_ld(WorkMetadata("Low Water"), "song")


def test_a_rule_for_training_is_one_of_three_words_or_none() -> None:
    for rule in (None, *Training):
        assert training_from(f" {training_text(rule).title()} ") is rule
    with pytest.raises(InvalidInputError) as caught:
        training_from("maybe")
    assert caught.value.code == "content.training"
