"""Files that are there whole or not at all: nothing is replaced, and two writers never mix."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from desktop_app.content.credentials import Claim, sign_beside
from desktop_app.content.signing_identity import self_made
from desktop_app.content.whole_file import discard_partial, part_of, whole_file, write_text, written_at_once
from desktop_app.core.errors import ColophonError, RefusedError, UnavailableError
from desktop_app.core.progress import Task


def refusal(error: type[ColophonError], call: object) -> str:
    with pytest.raises(error) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def interrupted(place: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole_file(place) as file:
        file.put(b"first half, ")
        raise KeyboardInterrupt


def test_what_comes_to_be_there_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "song.package"

    def write() -> None:
        with whole_file(place) as file:
            file.put(b"ours")
            place.write_text("precious")

    assert refusal(RefusedError, write) == "content.exists"
    assert place.read_text() == "precious"


def test_the_same_holds_on_a_disk_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    test_what_comes_to_be_there_meanwhile_is_not_replaced(tmp_path)
    write_text(tmp_path / "other", "text")
    assert sorted(one.name for one in tmp_path.glob("other*")) == ["other"]


def test_a_signature_written_at_once_replaces_nothing_either(tmp_path: Path) -> None:
    place = tmp_path / "song.c2pa"

    def write() -> None:
        with written_at_once(place) as part:
            part.write_text("ours")
            place.write_text("precious")

    assert refusal(RefusedError, write) == "content.exists"
    assert [one.name for one in tmp_path.iterdir()] == ["song.c2pa"] and place.read_text() == "precious"


def test_two_writers_of_one_file_never_mix_it_up(tmp_path: Path) -> None:
    place = tmp_path / "two"
    with whole_file(place) as first:
        first.put(b"first")
        assert refusal(RefusedError, lambda: write_text(place, "second")) == "content.being_written"
        assert refusal(RefusedError, lambda: discard_partial(place)) == "content.being_written"
        first.put(b" to the end")
    assert place.read_bytes() == b"first to the end"
    assert [one.name for one in tmp_path.iterdir()] == ["two"]


def test_the_unfinished_files_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "film.mkv.part"
    theirs.write_text("half a download")
    (tmp_path / "in.txt").write_text("x")
    write_text(tmp_path / "film.mkv", "text")
    identity = self_made(b"seed" * 8, "Ada", 1_700_000_000)
    beside = tmp_path / "film.mkv.c2pa"
    beside.with_name(beside.name + ".part").write_text("another")
    sign_beside(tmp_path / "in.txt", beside, Claim("x"), identity, Task())
    assert theirs.read_text() == "half a download"
    assert beside.with_name(beside.name + ".part").read_text() == "another"


def test_interrupted_writing_goes_on_and_can_be_given_up(tmp_path: Path) -> None:
    place = tmp_path / "one"
    interrupted(place)
    assert not place.exists() and part_of(place).read_bytes() == b"first half, "
    with whole_file(place) as file:
        file.put(b"first half, second half")
    assert place.read_bytes() == b"first half, second half" and not part_of(place).exists()
    interrupted(tmp_path / "given up")
    discard_partial(tmp_path / "given up")
    discard_partial(tmp_path / "given up")
    assert not part_of(tmp_path / "given up").exists()


def test_a_link_at_the_unfinished_name_leads_nowhere(tmp_path: Path) -> None:
    target, place = tmp_path / "target", tmp_path / "place"
    target.write_text("precious")
    part_of(place).symlink_to(target)
    assert refusal(UnavailableError, lambda: write_text(place, "ours")) == "content.write_failed"
    assert target.read_text() == "precious" and not place.exists()
