"""Proofs that hold: every model and setting, sizes, order of messages, exact error."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.core.errors import CancelledError, InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.training.activation import Model
from desktop_app.training.dataset import OpeningBudget
from desktop_app.training.proof import prove
from desktop_app.training.soundness import query_bound
from desktop_app.training.statement import Statement
from desktop_app.training.transcript import Transcript
from desktop_app.training.verifier import Expected, verify


def test_a_logistic_run_is_proved_with_100_bits(run: Any, finished: Any) -> None:
    assert 100 <= verify(run.statement, finished).bits < 102


@pytest.mark.parametrize(
    "settings",
    [
        {"model": Model.LINEAR, "steps": 4},
        {"security": 128},
        {"batches": 4, "steps": 9},
        {"model": Model.LINEAR, "batches": 3, "steps": 5, "security": 128},
        {"rate": 30.0, "initial": [40 << 18, -(90 << 18), 3, 7]},
    ],
)
def test_other_models_settings_batches_and_saturated_runs_are_proved(new_run: Any, settings: Any) -> None:
    run = new_run(**settings)
    assert ("rate" in settings) == bool(run.trace.excess.any())
    assert verify(run.statement, run.prove()).bits >= settings.get("security", 100)


def test_several_owners_prove_one_run_together(new_run: Any, new_data: Any) -> None:
    owners = [new_data(rows=rows, seed=seed) for rows, seed in ((9, 2), (4, 3), (11, 4))]
    run = new_run(owners, batches=5, steps=6)
    spent: list[tuple[tuple[str, ...], int]] = []
    proof = prove(run.statement, owners, run.trace, lambda *item: spent.append(item))
    verify(run.statement, proof, Expected(data=[owner.header.identity() for owner in owners]))
    together = tuple(owner.header.identity() for owner in owners)
    assert spent == [(together, run.statement.queries)]
    with pytest.raises(RefusedError):
        verify(run.statement, proof, Expected(data=[owner.header.identity() for owner in owners[::-1]]))


def test_a_run_goes_on_where_another_ended(new_run: Any) -> None:
    whole = new_run(steps=7, batches=3)
    first = new_run(steps=4, batches=3)
    second = new_run(steps=3, batches=3, initial=first.statement.final, first_step=4)
    assert second.statement.final == whole.statement.final
    verify(second.statement, second.prove())


def test_two_proofs_of_one_statement_have_nothing_in_common(run: Any, finished: Any) -> None:
    again = run.prove()
    verify(run.statement, again)
    assert again[:32] != finished[:32]
    assert again[32:64] != finished[32:64]


def test_a_statement_survives_canonical_json(run: Any) -> None:
    data = run.statement.encode()
    assert Statement.read(canonical_json.read(data, 1 << 20)) == run.statement


def test_no_column_is_asked_for_twice() -> None:
    for size in (256, 8192):
        transcript = Transcript()
        positions = transcript.positions("columns", 200, size)
        assert positions == sorted(set(positions))
        assert len(positions) == 200
        assert positions[-1] < size


def test_every_message_changes_every_later_challenge() -> None:
    def challenge(*messages: tuple[str, bytes]) -> int:
        transcript = Transcript()
        for label, data in messages:
            transcript.absorb(label, data)
        return int(transcript.elements("x", 1)[0])

    found = {
        challenge(),
        challenge(("a", b"")),
        challenge(("a", b"b")),
        challenge(("ab", b"")),
        challenge(("a", b""), ("b", b"")),
    }
    assert len(found) == 5


@pytest.mark.usefixtures("column_oracle")
def test_an_exhausted_opening_budget_makes_no_proof(run: Any) -> None:
    header = run.data[0].header
    budgets = {header.identity(): OpeningBudget(header.capacity)}

    def spend(identities: tuple[str, ...], columns: int) -> None:
        budgets.update({identity: budgets[identity].spend(columns) for identity in identities})

    for _ in range(2):
        prove(run.statement, run.data, run.trace, spend)
    with pytest.raises(RefusedError, match="budget_exhausted"):
        prove(run.statement, run.data, run.trace, spend)
    assert budgets[header.identity()].left == header.capacity - 2 * query_bound(1024, 100)


def test_a_trace_of_another_statement_is_not_proved(run: Any, new_run: Any) -> None:
    with pytest.raises(RefusedError, match="not_the_statement"):
        prove(run.statement, run.data, new_run(steps=4).trace, lambda *_: None)


def test_a_security_level_that_does_not_exist_is_refused(new_run: Any) -> None:
    with pytest.raises(InvalidInputError, match="unknown_security"):
        new_run(security=80)


def test_a_proof_tells_how_far_it_is_and_stops_where_asked_but_never_once_it_has_spent(run: Any) -> None:
    told: list[float] = []
    task = Task(lambda done, total, _: told.append(done / total))
    proof = prove(run.statement, run.data, run.trace, lambda *_: None, task)
    verify(run.statement, proof)
    assert told == sorted(told)
    assert len(told) >= 6
    assert told[-1] == 1
    stopping = Task(lambda done, total, _: stopping.cancel() if done > total / 2 else None)
    spent: list[str] = []
    with pytest.raises(CancelledError):
        prove(run.statement, run.data, run.trace, lambda identity, _: spent.append(identity), stopping)
    assert not spent
    late = Task()
    verify(run.statement, prove(run.statement, run.data, run.trace, lambda *_: late.cancel(), late))
