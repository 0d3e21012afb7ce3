"""Moved, renamed and changed files are recognised."""

from __future__ import annotations

import os
from pathlib import Path

from desktop_app.services.app import Services
from desktop_app.services.library import AddOutcome, FileState


def test_a_renamed_and_a_moved_file_stay_the_same_work(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("so much depends")
    work = services.library.add(path).work
    renamed = path.rename(tmp_path / "b.txt")
    again = services.library.add(renamed)
    assert (again.outcome, again.work.id, again.work.path) == (AddOutcome.RENAMED, work.id, renamed)
    (tmp_path / "sub").mkdir()
    moved = renamed.rename(tmp_path / "sub" / "b.txt")
    again = services.library.add(moved)
    assert (again.outcome, again.work.path, services.library.count()) == (AddOutcome.MOVED, moved, 1)


def test_a_copy_is_the_same_work_and_the_first_place_stays(services: Services, tmp_path: Path) -> None:
    for name in ("a.txt", "copy.txt"):
        (tmp_path / name).write_text("so much depends")
    work = services.library.add(tmp_path / "a.txt").work
    again = services.library.add(tmp_path / "copy.txt")
    assert (again.outcome, again.work) == (AddOutcome.ALREADY, work)


def test_a_changed_file_is_a_new_version_with_what_was_said(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("so much depends")
    first = services.library.add(path, "The Red Wheelbarrow").work
    said = services.details.metadata(first.id)
    services.details.set_metadata(first.id, type(said)(said.title, year=1923))
    path.write_text("so much depends upon")
    second = services.library.add(path)
    assert (second.outcome, second.previous) == (AddOutcome.CHANGED, first)
    assert second.work.id != first.id and second.work.title == "The Red Wheelbarrow"
    portrait = services.details.portrait(second.work.id)
    assert (portrait.previous, portrait.metadata.year) == (first, 1923)
    assert services.library.get(first.id).sha256 == first.sha256


def test_files_are_checked_and_found_where_they_went(services: Services, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.txt" for name in "abcde"]
    for number, path in enumerate(paths):
        path.write_text(f"poem {number}")
        services.library.add(path)
    (tmp_path / "away").mkdir()
    paths[0].rename(tmp_path / "away" / "x.txt")
    paths[1].write_text("poem 9")
    paths[2].unlink()
    paths[3].touch()
    works = services.library.page()

    def found(look_in: Path | None) -> dict[str, FileState]:
        return {one.work.title: one.state for one in services.library.check_files(works, look_in)}

    assert found(None) == {
        "a": FileState.MISSING, "b": FileState.CHANGED, "c": FileState.MISSING,
        "d": FileState.UNCHANGED, "e": FileState.UNCHANGED,
    }  # fmt: skip
    assert found(tmp_path)["a"] is FileState.FOUND_ELSEWHERE
    assert services.library.get("a").path == tmp_path / "away" / "x.txt"


def test_a_work_is_named_by_title_id_or_the_beginning_of_it(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("so much depends")
    work = services.library.add(path, "Wheel").work
    assert {services.library.get(name).id for name in ("Wheel", work.id, work.id.upper(), work.id[:5])} == {
        work.id
    }


def test_other_content_with_size_and_time_set_back_is_found_by_reading(
    services: Services, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("so much depends")
    work = services.library.add(path).work
    before = path.stat()
    path.write_text("so much pretend")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [one.state for one in services.library.check_files([work])] == [FileState.UNCHANGED]
    (found,) = services.library.check_all(read_again=True)
    assert found.state is FileState.CHANGED


def test_a_new_title_is_one_line_of_whole_signs(services: Services, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("so much depends")
    work = services.library.add(tmp_path / "a.txt").work
    renamed = services.library.rename(work.id, "The\x1b[2J Red\udcff\nWheelbarrow")
    assert renamed.title == "The [2J Red Wheelbarrow"
