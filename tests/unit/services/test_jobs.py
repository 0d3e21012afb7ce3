"""Long work runs elsewhere, reports, stops when asked, and never swallows an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop_app.core.errors import CancelledError, InvalidInputError
from desktop_app.core.progress import Task
from desktop_app.services.actions import Action, Review
from desktop_app.services.jobs import Job, JobRunner, JobState


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


def test_a_result_arrives_with_its_progress(runner: JobRunner) -> None:
    seen: list[tuple[int, int, str]] = []
    go = threading.Event()

    def work(task: Task) -> int:
        go.wait(5)
        task.report(1, 3, "stage.hashing")
        return 42

    job = runner.submit("job.add", work)
    job.listen(lambda each: seen.append((each.done, each.total, each.stage)))
    go.set()
    assert job.wait(5) == 42
    runner.close()
    assert job.state is JobState.DONE
    assert (1, 3, "stage.hashing") in seen
    assert runner.active() == ()


def test_a_failure_is_kept_and_raised_to_the_waiter(runner: JobRunner) -> None:
    def work(task: Task) -> None:
        raise InvalidInputError("amount.not_a_number", text="x")

    job = runner.submit("job.fail", work)
    with pytest.raises(InvalidInputError):
        job.wait(5)
    ended: list[JobState] = []
    runner.close()
    job.listen(lambda each: ended.append(each.state))
    assert ended == [JobState.FAILED]
    assert isinstance(job.error, InvalidInputError)


def test_cancel_stops_running_and_waiting_work() -> None:
    runner = JobRunner(workers=1)
    started = threading.Event()

    def work(task: Task) -> None:
        started.set()
        task.wait(60)

    first, second = runner.submit("job.a", work), runner.submit("job.b", work)
    assert started.wait(5)
    second.cancel()
    first.cancel()
    for job in (first, second):
        with pytest.raises(CancelledError):
            job.wait(5)
    runner.close()
    assert {first.state, second.state} == {JobState.CANCELLED}


def test_closing_leaves_no_thread_and_no_waiter_hanging() -> None:
    runner = JobRunner(workers=1)
    jobs: list[Job[None]] = [runner.submit("job.wait", lambda task: task.wait(60)) for _ in range(3)]
    runner.close()
    assert all(job.finished for job in jobs)


def test_one_approval_never_acts_twice() -> None:
    from desktop_app.core.amounts import Amount, Currency

    done: list[int] = []
    review = Review("review.pay", "practice", "Practice", True, "0x", Amount(0, Currency(1, "ETH", 18)))
    action = Action(review, lambda task: done.append(1))
    action.execute()
    with pytest.raises(RuntimeError):
        action.execute()
    assert done == [1]
