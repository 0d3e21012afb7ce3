"""Folders with many files and tables about them, on any executor."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desktop_app.content import examination
from desktop_app.core.errors import CancelledError, InvalidInputError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services import executors
from desktop_app.services.app import Services
from desktop_app.services.details import Creator
from desktop_app.services.executors import local_processes
from desktop_app.services.library import AddOutcome
from tests.unit.content.media import picture


@contextmanager
def one_thread() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "catalogue"
    for number in range(70):
        path = made / f"part {number % 3}" / f"{number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"poem number {number} " * 20)
    picture().save(made / "cover.png")
    return made


def test_a_folder_is_added_whole_by_processes(services: Services, folder: Path) -> None:
    seen = []
    report = services.catalogue.add_folder(
        folder, Task(lambda done, total, stage: seen.append((done, total))), partial(local_processes, 2)
    )
    assert (report.count(AddOutcome.ADDED), report.failed, report.unchanged) == (71, [], 0)
    assert seen[0] == (0, 71) and seen[-1] == (71, 71)
    cover = services.library.get("cover")
    assert services.details.portrait(cover.id).facts.width == 240
    assert services.details.preview(cover.id)


def test_the_second_time_nothing_is_read_and_only_news_are_added(services: Services, folder: Path) -> None:
    services.catalogue.add_folder(folder, workers=one_thread)
    (folder / "part 0" / "000.txt").write_text("changed")
    (folder / "part 1" / "001.txt").rename(folder / "part 1" / "renamed.txt")
    (folder / "new.txt").write_text("new")
    report = services.catalogue.add_folder(folder, workers=one_thread)
    assert {outcome: report.count(outcome) for outcome in AddOutcome} == {
        AddOutcome.ADDED: 1, AddOutcome.ALREADY: 0, AddOutcome.RENAMED: 1, AddOutcome.MOVED: 0,
        AddOutcome.CHANGED: 1,
    }  # fmt: skip
    assert report.unchanged == 69


def test_one_bad_file_loses_no_other(services: Services, folder: Path) -> None:
    bad = folder / "part 0" / "bad.txt"
    bad.write_text("x")

    @contextmanager
    def too_late() -> Iterator[Executor]:
        bad.unlink()
        with one_thread() as pool:
            yield pool

    report = services.catalogue.add_folder(folder, workers=too_late)
    assert [(path, error.code) for path, error in report.failed] == [(bad, "content.missing")]
    assert report.count(AddOutcome.ADDED) == 71


def test_a_file_that_kills_its_reader_is_named_and_all_others_are_added(
    services: Services,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("desktop_app.services.catalogue.examine_several", _examine_or_die)
    (folder / "deadly.txt").write_text("deadly")
    report = services.catalogue.add_folder(folder, workers=partial(local_processes, 2))
    assert [(path.name, error.code) for path, error in report.failed] == [
        ("deadly.txt", "catalogue.worker_died")
    ]
    assert report.count(AddOutcome.ADDED) == 71


def _examine_or_die(jobs: list[tuple[Path, bytes]], stop: Path) -> list[tuple[Path, object]]:
    if any(path.name == "deadly.txt" for path, _ in jobs):
        os.kill(os.getpid(), signal.SIGKILL)
    return list(examination.examine_several(jobs, stop))


def test_both_processes_get_work(
    services: Services, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.services.catalogue.examine_several", _examine_and_note)
    monkeypatch.setattr("desktop_app.services.catalogue._FILES_IN_BATCH", 4)
    services.catalogue.add_folder(folder, workers=partial(local_processes, 2))
    assert len(list(tmp_path.glob("worker *"))) == 2


def _examine_and_note(jobs: list[tuple[Path, bytes]], stop: Path) -> list[tuple[Path, object]]:
    here = next(place for place in jobs[0][0].parents if place.name == "catalogue").parent
    (here / f"worker {os.getpid()}").touch()
    limit = time.monotonic() + 20
    while len(list(here.glob("worker *"))) < 2 and time.monotonic() < limit:
        time.sleep(0.01)
    return list(examination.examine_several(jobs, stop))


def test_cancelled_work_keeps_what_is_done_and_goes_on_later(services: Services, folder: Path) -> None:
    over = threading.Event()

    def told(done: int, _total: int, _stage: str) -> None:
        if done >= 32:
            task.cancel()

    class Patient(ThreadPoolExecutor):
        """Only its first batch is done before nobody waits for the others any more."""

        def submit(self, function: Any, /, *arguments: Any) -> Any:
            first, self.first = self.first, False
            return super().submit(lambda: (first or over.wait(60)) and function(*arguments))

        first = True

    @contextmanager
    def patient() -> Iterator[Executor]:
        with Patient(1) as pool:
            try:
                yield pool
            finally:
                over.set()

    task = Task(told)
    with pytest.raises(CancelledError):
        services.catalogue.add_folder(folder, task, patient)
    kept = services.library.count()
    assert 32 <= kept < 71
    report = services.catalogue.add_folder(folder, workers=one_thread)
    assert (report.unchanged, services.library.count()) == (kept, 71)


def test_a_worker_notices_that_it_is_no_longer_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "_LOOK_SECONDS", 0.0)
    (tmp_path / "a.txt").write_text("words")
    stop = tmp_path / "stop"
    stop.touch()
    answers = examination.examine_several([(tmp_path / "a.txt", bytes(32))], stop)
    assert isinstance(answers[0][1], CancelledError)


@pytest.mark.parametrize("address", ["", "host:8786", "http://host:1", "tcp://"])
def test_what_is_no_cluster_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        executors.cluster(address)
    assert caught.value.code == "catalogue.cluster_address"


def test_without_distributed_the_way_to_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(executors, "import_module", missing)
    with pytest.raises(UnavailableError) as caught:
        executors.cluster("tcp://127.0.0.1:1")
    assert caught.value.code == "catalogue.no_distributed"


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["file,title,creators,year", *lines]), encoding="utf-8")
    return path


def test_a_table_describes_works_by_their_files(services: Services, folder: Path) -> None:
    services.catalogue.add_folder(folder, workers=one_thread)
    lines = [f"part {n % 3}/{n:03}.txt,Poem {n},Ada Wren (poet),{1900 + n}" for n in range(70)]
    report = services.catalogue.import_table(table(folder / "works.csv", *lines))
    assert (report.changed, report.refused) == (70, ())
    poem = services.library.get("Poem 33")
    said = services.details.metadata(poem.id)
    assert (said.creators, said.year) == ((Creator("Ada Wren", "poet"),), 1933)


def test_a_bad_line_changes_nothing_unless_it_is_to_be_skipped(services: Services, folder: Path) -> None:
    services.catalogue.add_folder(folder, workers=one_thread)
    bad = table(folder / "t.csv", "cover.png,Cover,,2020", "none.png,X,,", "cover.png,,,never")
    with pytest.raises(InvalidInputError):
        services.catalogue.import_table(bad)
    assert services.details.metadata(services.library.get("cover").id).year == 0
    report = services.catalogue.import_table(bad, skip_bad=True)
    assert (report.changed, [error.code for error in report.refused]) == (
        1, ["metadata.no_such_work", "metadata.row"],
    )  # fmt: skip
    assert services.details.metadata(services.library.get("Cover").id).year == 2020


def test_the_table_of_a_library_imports_without_a_change(services: Services, folder: Path) -> None:
    services.catalogue.add_folder(folder, workers=one_thread)
    text = services.catalogue.table(services.library.page(limit=1000))
    services.catalogue.write(folder / "all.csv", text)
    assert services.catalogue.import_table(folder / "all.csv").changed == 71
    assert services.catalogue.table(services.library.page(limit=1000)) == text


def test_the_chosen_cluster_reads_folders_and_a_wrong_address_changes_nothing(
    services: Services, folder: Path
) -> None:
    catalogue = services.catalogue
    for wrong in ("http://host:1", "host:8786", "tcp://"):
        with pytest.raises(InvalidInputError) as caught:
            catalogue.set_cluster(wrong)
        assert caught.value.code == "catalogue.cluster_address"
    assert catalogue.cluster_address == ""
    pytest.importorskip("distributed", reason="needs distributed (the extra “cluster”)")
    catalogue.set_cluster(" tcp://127.0.0.1:9 ")
    assert catalogue.cluster_address == "tcp://127.0.0.1:9"
    catalogue.set_cluster("")
    assert catalogue.add_folder(folder).count(AddOutcome.ADDED) == 71


def test_what_another_machine_read_at_the_same_path_is_not_taken_for_the_file_here(
    services: Services, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("what lies at this path on another machine")

    class Elsewhere(ThreadPoolExecutor):
        def submit(self, function: Any, batch: Any, /, *more: Any, **named: Any) -> Any:
            def answers() -> Any:
                found = dict(function(batch))
                for path, salt in batch:
                    if path.name == "000.txt":
                        ((_, found[path]),) = function([(elsewhere, salt)])
                return list(found.items())

            return super().submit(answers)

    report = services.catalogue.add_folder(folder, workers=partial(Elsewhere, 1))
    (failed,) = report.failed
    assert (failed[0].name, failed[1].code) == ("000.txt", "catalogue.another_file")
    assert report.count(AddOutcome.ADDED) == 70
