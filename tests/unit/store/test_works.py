from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import BugError, NotFoundError, RefusedError
from desktop_app.store.certificates import Certificate, CertificateRepository
from desktop_app.store.database import Database
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import Registration, RegistrationRepository
from desktop_app.store.works import Work, WorkRepository, search_key


def work(number: int = 1, title: str = "Blue", path: Path = Path("/music/blue.flac")) -> Work:
    return Work(
        id=new_id(),
        title=title,
        path=path,
        size=2**40 + number,
        sha256=number.to_bytes(32, "big"),
        blake3=b"\xbb" * 32,
        leaf_size=65536,
        chunk_root=b"\xcc" * 32,
        salt=b"\xdd" * 32,
        media_type="audio/flac",
        added_at=1_800_000_000 + number,
        modified_ns=1_700_000_000_123_456_789,
    )


def registration(item: Work, number: int = 1) -> Registration:
    return Registration(
        id=new_id(),
        work_id=item.id,
        chain_id=6516588,
        registry="0x" + "aB" * 20,
        registrant="0x" + "Cd" * 20,
        commitment=number.to_bytes(48, "big"),
        commitment_id=number.to_bytes(32, "big"),
        record_salt=b"\xee" * 32,
        proved=False,
    )


def test_a_work_comes_back_as_it_was(database: Database) -> None:
    works = WorkRepository(database)
    added = work()
    works.add(added)
    assert works.get(added.id) == added
    assert works.get(f" {added.id.upper()} ") == added
    assert works.by_sha256(added.sha256) == added
    assert works.by_path(added.path) == added


def test_a_file_name_that_is_no_text_comes_back_as_it_was(database: Database) -> None:
    works = WorkRepository(database)
    added = work(path=Path(os.fsdecode(b"/music/\xe9t\xe9.wav")))
    works.add(added)
    assert works.get(added.id).path == added.path


def test_the_same_content_is_added_once_and_the_known_work_is_named(database: Database) -> None:
    works = WorkRepository(database)
    first = work(title="First")
    works.add(first)
    with pytest.raises(RefusedError, match=r"store\.work_exists") as caught:
        works.add(dataclasses.replace(first, id=new_id(), title="Second"))
    assert caught.value.params == {"id": first.id, "title": "First"}
    assert works.count() == 1


def test_works_are_listed_newest_first_in_pages(database: Database) -> None:
    works = WorkRepository(database)
    added = [work(number, title=f"Song {number}") for number in range(5)]
    for item in added:
        works.add(item)
    assert works.newest() == added[::-1]
    assert works.newest(limit=2, offset=1) == [added[3], added[2]]
    assert works.count() == 5


def test_works_of_one_second_are_listed_in_the_order_they_came(database: Database) -> None:
    works = WorkRepository(database)
    added = [dataclasses.replace(work(number), added_at=7) for number in range(3)]
    for item in added:
        works.add(item)
    assert works.newest() == added[::-1]


@pytest.mark.parametrize(
    "search", ["beyonce", "BEYONCÉ", "cé,", "Half", "100% live", "a_b", "straße", "STRASSE"]
)
def test_search_minds_neither_case_nor_accents_nor_wildcards(database: Database, search: str) -> None:
    works = WorkRepository(database)
    works.add(work(1, title="Beyonce\u0301, half of 100% live a_b Straße"))
    works.add(work(2, title="100 live, aXb"))
    assert works.count(search) == 1
    assert [item.title for item in works.newest(search=search)] == [
        "Beyonce\u0301, half of 100% live a_b Straße"
    ]


@given(st.text(), st.text(), st.text())
def test_a_part_of_a_title_finds_it(before: str, part: str, after: str) -> None:
    folded = search_key(part)
    assert search_key(folded) == folded
    assert search_key(part.casefold()) == folded


def test_a_work_is_renamed_and_found_under_its_new_title(database: Database) -> None:
    works = WorkRepository(database)
    added = work(title="Old")
    works.add(added)
    works.rename(added.id, "Néw")
    assert works.get(added.id).title == "Néw"
    assert works.count("new") == 1
    assert works.count("old") == 0


def test_a_moved_file_is_noted(database: Database) -> None:
    works = WorkRepository(database)
    added = work()
    works.add(added)
    works.relocate(added.id, Path("/elsewhere/blue.flac"), 5)
    assert works.by_path(added.path) is None
    assert works.get(added.id) == dataclasses.replace(added, path=Path("/elsewhere/blue.flac"), modified_ns=5)


def test_an_unknown_work_is_not_found(database: Database) -> None:
    works = WorkRepository(database)
    for call in (lambda: works.get("x"), lambda: works.rename("x", "y"), lambda: works.delete("x")):
        with pytest.raises(NotFoundError, match=r"store\.work_unknown"):
            call()
    assert works.by_sha256(b"x" * 32) is None


def test_a_deleted_work_takes_its_certificates_along(database: Database) -> None:
    works, certificates = WorkRepository(database), CertificateRepository(database)
    added = work()
    works.add(added)
    certificates.add(Certificate("c", added.id, "opening", "Label", "", 1, None, Path("/c.json"), b"1" * 32))
    works.delete(added.id)
    assert works.count() == 0
    assert certificates.newest() == []


def test_a_registered_work_cannot_be_deleted_but_a_failed_one_can(database: Database) -> None:
    works, registrations = WorkRepository(database), RegistrationRepository(database)
    added = work()
    works.add(added)
    record = registration(added)
    registrations.add(record)
    with pytest.raises(RefusedError, match=r"store\.work_registered"):
        works.delete(added.id)
    registrations.fail(record.id)
    works.delete(added.id)
    assert works.count() == 0


def test_salts_are_not_in_a_repr() -> None:
    item = work()
    assert "\\xdd" not in repr(item)
    assert "salt" not in repr(item)
    assert "\\xee" not in repr(registration(item))


@pytest.mark.parametrize("wrong", [{"size": 0}, {"sha256": b"short"}, {"salt": b"short"}, {"size": "many"}])
def test_a_work_of_the_wrong_shape_is_our_bug(database: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(BugError):
        WorkRepository(database).add(dataclasses.replace(work(), **wrong))  # type: ignore[arg-type]


def test_ids_are_short_and_do_not_repeat() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 8 and one == one.lower() for one in ids)
