"""Jobs run on workers; everything they say arrives on the UI thread, once, in order, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.core.errors import RefusedError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.gui import restoring
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.jobs import JobRunner


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[JobBridge]:
    runner = JobRunner()
    made = JobBridge(runner)
    yield made
    made.close()
    runner.close()
    qapp.processEvents()


def test_a_job_runs_on_a_worker_and_its_result_arrives_on_the_ui_thread(
    bridge: JobBridge, qtbot: QtBot
) -> None:
    threads: list[threading.Thread] = []
    results: list[tuple[int, threading.Thread]] = []

    def work(_task: Task) -> int:
        threads.append(threading.current_thread())
        return 42

    owner = QObject()
    bridge.run(owner, work, lambda value: results.append((value, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(results))
    assert threads[0] is not threading.main_thread()
    assert results == [(42, threading.main_thread())]
    assert bridge.busy == 0


def test_an_error_arrives_as_it_was_raised(bridge: JobBridge, qtbot: QtBot) -> None:
    errors: list[BaseException] = []
    owner = QObject()

    def work(_task: Task) -> None:
        raise RefusedError("wallet.locked")

    bridge.run(owner, work, None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], RefusedError)
    with qtbot.waitSignal(bridge.unhandled) as caught:
        bridge.run(owner, work)
    assert isinstance(caught.args[0], RefusedError)


def test_cancel_ends_a_job_without_a_result_or_an_error(bridge: JobBridge, qtbot: QtBot) -> None:
    outcome: list[Any] = []
    owner = QObject()
    handle = bridge.run(owner, lambda task: task.wait(60), outcome.append, outcome.append, title="long")
    assert bridge.open_titles == ("long",)
    with qtbot.waitSignal(handle.cancelled):
        handle.cancel()
    assert outcome == []


def test_a_flood_of_progress_is_thinned_out_and_the_last_word_is_the_result(
    bridge: JobBridge, qtbot: QtBot
) -> None:
    seen: list[int] = []
    results: list[str] = []
    owner = QObject()

    def work(task: Task) -> str:
        for number in range(200_000):
            task.report(number, 200_000, "stage.hashing")
        return "done"

    handle = bridge.run(owner, work, results.append)
    handle.progressed.connect(lambda done, _total, _stage: seen.append(done))
    qtbot.waitUntil(lambda: bool(results), timeout=30_000)
    assert seen == sorted(seen)
    assert len(seen) < 100_000


def test_sizes_beyond_two_gigabytes_arrive_whole(bridge: JobBridge, qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    release = threading.Event()
    owner = QObject()

    def work(task: Task) -> None:
        task.report(5 * 10**12, 10**13, "stage.hashing")
        release.wait(10)

    handle = bridge.run(owner, work)
    handle.progressed.connect(lambda done, total, _stage: seen.append((done, total)))
    qtbot.waitUntil(lambda: bool(seen))
    release.set()
    assert seen[0] == (5 * 10**12, 10**13)


def test_nothing_is_delivered_to_an_owner_that_is_gone(bridge: JobBridge, qtbot: QtBot) -> None:
    release = threading.Event()
    outcome: list[Any] = []
    owner = QObject()
    handle = bridge.run(owner, lambda _task: release.wait(10), outcome.append, outcome.append)
    owner.deleteLater()
    del owner
    QApplication.sendPostedEvents(None, 52)
    with qtbot.waitSignal(handle.finished):
        release.set()
    assert outcome == []


def test_a_dialog_tells_how_far_its_job_is_and_its_cancel_stops_it(bridge: JobBridge, qtbot: QtBot) -> None:
    """A button that says "Stopping" and stops nothing would leave the dialog as it is for ever."""
    dialog, outcome = Dialog(None, "Export"), list[Any]()
    qtbot.addWidget(dialog)
    dialog.show()

    def work(task: Task) -> None:
        task.report(1, 4)
        task.wait(60)

    for _again in range(2):
        dialog.set_busy(True, "Writing")
        bridge.run(dialog, work, outcome.append, outcome.append)
        qtbot.waitUntil(lambda: "25" in dialog.progress._detail.full_text)
        assert not dialog.content.isEnabled()
        qtbot.mouseClick(dialog.progress._stop, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(dialog.content.isEnabled)
        assert dialog.progress.isHidden() and outcome == []
    with qtbot.waitSignal(bridge.run(dialog, lambda _task: 1, outcome.append).finished):
        pass
    assert outcome == [1], "a dialog that does not wait follows nothing"


def test_a_restore_that_is_stopped_closes_its_dialog(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "restore", lambda *given: given[-1].wait(60))
    request = restoring.RestoreRequest(tmp_path / "saved", "secret", "passphrase", "own")
    dialog = restoring.RestoringDialog(AppPaths(tmp_path), request)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.progress._stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.isHidden)
    assert dialog.problem is None
    dialog.close_jobs()
