"""Whole catalogues: folders with thousands of files, and tables with what is to be said about them."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_bytes

from desktop_app.content.examination import Examined, examine_several
from desktop_app.content.folder import files_below
from desktop_app.content.metadata_table import MetadataRow, applied, read_table, write_table
from desktop_app.content.whole_file import write_text
from desktop_app.core.errors import ColophonError, InvalidInputError, NotFoundError, UnavailableError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.core.settings import CLUSTER, Settings
from desktop_app.services.details import DetailsService, WorkMetadata
from desktop_app.services.executors import Workers, cluster, local_processes
from desktop_app.services.library import AddOutcome, AddResult, LibraryService, Work
from desktop_app.services.wording import words
from desktop_app.store.database import Database

__all__ = ["CatalogueService", "FolderReport", "TableReport"]

STAGE = "stage.adding_files"
_FILES_IN_BATCH = 32
_BYTES_IN_BATCH = 64 * 1024 * 1024
_BATCHES_AHEAD = 4
_LOOK_AGAIN_SECONDS = 0.2

Batch = list[tuple[Path, bytes]]


@dataclass
class FolderReport:
    """What became of the files of a folder: `unchanged` counts those that did not even have to be read."""

    results: list[AddResult] = field(default_factory=list)
    failed: list[tuple[Path, ColophonError]] = field(default_factory=list)
    unchanged: int = 0

    def count(self, outcome: AddOutcome) -> int:
        return sum(result.outcome is outcome for result in self.results)


@dataclass(frozen=True)
class TableReport:
    """How many lines changed a work, and which could not be used."""

    changed: int
    refused: tuple[ColophonError, ...] = ()


class CatalogueService:
    def __init__(
        self, database: Database, library: LibraryService, details: DetailsService, settings: Settings
    ) -> None:
        self._database = database
        self._library = library
        self._details = details
        self._settings = settings

    # --- Folders -----------------------------------------------------------------------------------------

    @property
    def cluster_address(self) -> str:
        """The cluster that the user has chosen to read folders, "" for this computer."""
        return self._settings.text(CLUSTER)

    def set_cluster(self, address: str) -> None:
        """Have folders read by the cluster at `address` from now on, or with "" by this computer.

        Asks nobody. Raises as `executors.cluster` does, and then changes nothing.
        """
        address = address.strip()
        if address:
            cluster(address)
        self._settings.set(CLUSTER, address)

    def add_folder(
        self,
        folder: Path,
        task: Task | None = None,
        workers: Workers | None = None,
        *,
        read_again: bool = False,
    ) -> FolderReport:
        """Add every file below `folder`, with facts, preview and similarity, on all hands of `workers`.

        Without `workers`, the user's cluster does it if one was chosen, else the processors of this computer.
        Files that are in the library and have neither another size nor another time are not read, unless
        `read_again`. What is done stays done when it is cancelled or breaks off; asked again, it goes on.
        Progress in files, stage "stage.adding_files". Raises InvalidInputError for a folder that cannot be
        used, UnavailableError("catalogue.cluster_unreachable"), CancelledError.
        """
        task = task or Task()
        if workers is None:
            workers = cluster(self.cluster_address) if self.cluster_address else local_processes
        report = FolderReport()
        wanted: list[Path] = []
        for path in files_below(expanded(folder).absolute()):
            task.check()
            if not read_again and self._library.unchanged(path) is not None:
                report.unchanged += 1
            else:
                wanted.append(path)
        if wanted:
            with tempfile.TemporaryDirectory(prefix="colophon-") as signs:
                self._add(wanted, report, task, workers, Path(signs) / "stop")
        return report

    def _add(
        self,
        wanted: list[Path],
        report: FolderReport,
        task: Task,
        workers: Workers,
        stop: Path,
    ) -> None:
        examine = partial(examine_several, stop=stop)
        queue = deque(_batches(wanted))
        # Files that were being read when a worker died: one of them may kill it again, so each goes alone.
        suspects: deque[Batch] = deque()
        task.report(0, len(wanted), STAGE)
        while queue or suspects:
            with workers() as executor:
                source, ahead = (suspects, 1) if suspects else (queue, _BATCHES_AHEAD * _hands(executor))
                try:
                    lost = self._run(executor, source, ahead, examine, len(wanted), report, task)
                except BaseException:
                    stop.touch()
                    raise
            if not lost:
                continue
            if source is suspects:
                (path, _), *_ = lost[0]
                report.failed.append((path, UnavailableError("catalogue.worker_died", path=path.name)))
                lost = lost[1:]
            suspects.extend([job] for batch in lost for job in batch)

    def _run(
        self,
        executor: Executor,
        source: deque[Batch],
        ahead: int,
        examine: Callable[[Batch], list[tuple[Path, Examined | ColophonError]]],
        total: int,
        report: FolderReport,
        task: Task,
    ) -> list[Batch]:
        """Work through `source`; ends early, and answers what is lost, when a worker has died."""
        running: dict[Future[list[tuple[Path, Examined | ColophonError]]], Batch] = {}
        lost: list[Batch] = []
        try:
            while (source and not lost) or running:
                try:
                    while source and not lost and len(running) < ahead:
                        running[executor.submit(examine, source[0])] = source[0]
                        source.popleft()
                except RuntimeError:  # a broken pool takes no more work
                    if not running:
                        lost.append(source.popleft())
                for future in wait(running, _LOOK_AGAIN_SECONDS, FIRST_COMPLETED).done:
                    batch = running.pop(future)
                    try:
                        answers = future.result()
                    except Exception:  # noqa: BLE001 - whatever kills a worker, the files are tried alone
                        lost.append(batch)
                    else:
                        self._keep(answers, report)
                task.report(len(report.results) + len(report.failed), total, STAGE)
        finally:
            for future in running:
                future.cancel()
        return lost

    def _keep(self, answers: list[tuple[Path, Examined | ColophonError]], report: FolderReport) -> None:
        with self._database.transaction():
            for path, answer in answers:
                if isinstance(answer, ColophonError):
                    report.failed.append((path, answer))
                    continue
                if not _is_that_file(path, answer):
                    report.failed.append((path, UnavailableError("catalogue.another_file", path=path.name)))
                    continue
                result = self._library.keep(path, "", answer.salt, answer.fingerprint)
                if not result.already_there:
                    self._details.remember(result.work, answer.look)
                report.results.append(result)

    # --- Tables ------------------------------------------------------------------------------------------

    def import_table(self, path: Path, task: Task | None = None, *, skip_bad: bool = False) -> TableReport:
        """Set the metadata of many works from a CSV file, all or nothing, unless bad lines are to be skipped.

        A work is named by its id or title in the column `work`, or by its file in the column `file`, relative
        to the table. Progress in lines, stage "stage.reading_table". Raises InvalidInputError for a table
        that cannot be read, and for the first bad line.
        """
        task = task or Task()
        rows = read_table(path)
        folder = expanded(path).absolute().parent
        changes: dict[str, WorkMetadata] = {}
        refused: list[ColophonError] = []
        for done, row in enumerate(rows):
            task.report(done, len(rows), "stage.reading_table")
            try:
                work = self._work_of(row, folder)
                changes[work.id] = applied(row, changes.get(work.id) or self._details.metadata(work.id))
            except ColophonError as error:
                if "problem" in error.params:
                    error.params["problem"] = words(str(error.params["problem"]), "title")
                if not skip_bad:
                    raise
                refused.append(error)
        with self._database.transaction():
            for work_id, said in changes.items():
                task.check()
                self._details.set_metadata(work_id, said)
        return TableReport(len(changes), tuple(refused))

    def _work_of(self, row: MetadataRow, folder: Path) -> Work:
        try:
            if row.work:
                return self._library.get(row.work)
            found = self._library.at(folder / row.file)
        except (NotFoundError, InvalidInputError) as error:
            raise InvalidInputError("metadata.no_such_work", line=row.line, given=row.work[:60]) from error
        if found is None:
            raise InvalidInputError("metadata.no_such_work", line=row.line, given=row.file[:60])
        return found

    @staticmethod
    def write(path: Path, text: str) -> None:
        """Write a text file that is not there yet. Raises RefusedError, UnavailableError as `whole_file`."""
        write_text(path, text)

    def write_table(self, path: Path, search: str = "") -> int:
        """Write the table of all works (whose title contains `search`) to a new file; counts them."""
        works = self._library.page(limit=max(1, self._library.count(search)), search=search)
        write_text(path, self.table(works))
        return len(works)

    def table(self, works: Iterable[Work]) -> str:
        """The metadata of works as a CSV file, to be filled in and imported again."""
        return write_table((work.id, str(work.path), self._details.metadata(work.id)) for work in works)


def _batches(paths: Iterable[Path]) -> Iterator[Batch]:
    batch: Batch = []
    size = 0
    for path in paths:
        batch.append((path, token_bytes(32)))
        with suppress(OSError):
            size += path.stat().st_size
        if len(batch) == _FILES_IN_BATCH or size >= _BYTES_IN_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_that_file(path: Path, answer: Examined) -> bool:
    """Whether what was read is what lies at `path` here: another machine may have another file there."""
    try:
        here = path.stat()
    except OSError:
        return False
    # Disks that are shared over a network may round times to two seconds.
    near = abs(here.st_mtime_ns - answer.fingerprint.modified_ns) <= 2_000_000_000
    return here.st_size == answer.fingerprint.size and near


def _hands(executor: Executor) -> int:
    """How many workers there are, as far as that can be known."""
    return int(getattr(executor, "_max_workers", 0)) or 8
