"""Nodes that want harm: what they say may delay, and never stops, loses, invents or makes final too early."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from unit.services.scripted_chain import (
    TOKENS,
    Edit,
    ScriptedChain,
    ScriptedNode,
    comparable,
    noise,
    payment,
)
from unit.services.tracker_bench import Bench

from desktop_app.core.errors import UnavailableError

Make = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Bench] = []

    def build(chain: ScriptedChain, nodes: Sequence[ScriptedNode], **options: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), chain, list(nodes), **options))
        return made[-1]

    yield build
    for bench in made:
        bench.close()


def fill(chain: ScriptedChain, count: int) -> None:
    for i in range(count):
        number = chain.head + 1
        chain.mine(payment(f"{number} a", 1_000 + i), noise(number), payment(f"{number} b", 1_000 + i))


def removed(method: str, params: Sequence[Any], answer: Any) -> Any:
    return [log | {"removed": True} for log in answer] if method == "eth_getLogs" else answer


def elsewhere(method: str, params: Sequence[Any], answer: Any) -> Any:
    return [log | {"blockHash": "0x" + "66" * 32} for log in answer] if method == "eth_getLogs" else answer


def malformed(method: str, params: Sequence[Any], answer: Any) -> Any:
    return [log | {"data": "0x" + "f" * 5000} for log in answer] if method == "eth_getLogs" else answer


@pytest.mark.parametrize("lie", [removed, elsewhere, malformed])
def test_a_second_node_with_nonsense_delays_finality_only(make: Make, lie: Any) -> None:
    chain = ScriptedChain()
    fill(chain, 40)
    bench = make(chain, [ScriptedNode(chain), ScriptedNode(chain, edits=[lie])])
    result = bench.sync()
    assert result.note is not None
    assert "final" not in bench.states().values()
    bench.assert_true_to_chain()


@pytest.mark.parametrize("lie", [removed, elsewhere, malformed])
def test_a_third_node_stands_in_for_a_second_with_nonsense(make: Make, lie: Any) -> None:
    chain = ScriptedChain()
    fill(chain, 40)
    bench = make(chain, [ScriptedNode(chain), ScriptedNode(chain, edits=[lie]), ScriptedNode(chain)])
    assert bench.sync().note is None
    assert bench.states()[chain.final] == "final"
    bench.assert_true_to_chain()


def test_a_third_node_stands_in_for_a_second_on_another_fork(make: Make) -> None:
    chain, other = ScriptedChain(), ScriptedChain()
    fill(chain, 40)
    other.mine(noise("fork"))
    fill(other, 40)
    bench = make(chain, [ScriptedNode(chain), ScriptedNode(other), ScriptedNode(chain)])
    assert bench.sync().note is None
    assert bench.states()[chain.final] == "final"
    bench.assert_true_to_chain()


def final_block(says: dict[str, Any], *, by_number: bool = False) -> Edit:
    """Tells of another final block for as long as `says` is not empty; `by_number` keeps to the story."""

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method != "eth_getBlockByNumber" or not says:
            return answer
        asked = params[0] == "finalized" or (by_number and params[0] == says["number"])
        return answer | says if asked else answer

    return edit


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize("beyond", [-1, 0, 1000])
def test_a_final_block_that_is_told_once_and_is_on_no_chain_is_not_pinned(
    make: Make, nodes: int, beyond: int
) -> None:
    chain = ScriptedChain()
    fill(chain, 40)
    says = {"number": hex(chain.head + beyond), "hash": "0x" + "66" * 32}
    others = [ScriptedNode(chain) for _ in range(nodes - 1)]
    bench = make(chain, [ScriptedNode(chain, edits=[final_block(says)]), *others])
    with nullcontext() if others else pytest.raises(UnavailableError):
        bench.sync()
    says.clear()
    fill(chain, 3)
    assert bench.sync().note is None
    assert bench.states()[chain.final] == "final"
    assert bench.states()[chain.final + 1] != "final"
    bench.assert_true_to_chain()


def test_a_final_block_that_another_node_knows_otherwise_is_not_pinned(make: Make) -> None:
    """The first node keeps to its story of a block far below the first one that was read."""
    chain = ScriptedChain()
    fill(chain, 40)
    says = {"number": hex(3), "hash": "0x" + "66" * 32}
    bench = make(
        chain,
        [ScriptedNode(chain, edits=[final_block(says, by_number=True)]), ScriptedNode(chain)],
        tokens=[(TOKENS[0], 10)],
    )
    note = bench.sync().note
    assert note is not None
    assert note.code == "payouts.sources_disagree"
    says.clear()
    assert bench.sync().note is None
    assert bench.states()[chain.final] == "final"


def test_a_payment_mined_again_is_safe_no_earlier_than_the_node_says(make: Make) -> None:
    chain = ScriptedChain(safe_lag=2, final_lag=30)
    fill(chain, 40)
    bench = make(chain, [ScriptedNode(chain)])
    bench.sync()
    chain.safe_lag = 12
    chain.reorg(8, [[], [payment("again", 5)], [], [], [], [], [], []])
    bench.sync()
    assert bench.states()[chain.head - 6] == "seen"


class Minutes:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = 1_800_000_000

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return float(self.time)


@pytest.mark.parametrize("twice", [False, True])
def test_one_of_two_alike_events_lost_or_repeated_in_a_new_block_is_found_by_the_books(
    make: Make, twice: bool
) -> None:
    """Neither changes a bloom, and there is no second node."""
    chain, clock = ScriptedChain(), Minutes()
    chain.mine(payment("first", 100, pushes=0))
    node = ScriptedNode(chain, keeps_books=True)
    bench = make(chain, [node], clock=clock)
    bench.sync()
    chain.mine(payment("one", 5, pushes=0), payment("two", 7, pushes=0))

    def lie(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method != "eth_getLogs" or not answer:
            return answer
        return [*answer, answer[-1] | {"logIndex": "0x9"}] if twice else answer[:1]

    node.edits.append(lie)
    bench.sync()
    assert len(bench.rows()) == (4 if twice else 2), "nothing shows it yet"
    clock.time += 700
    bench.sync()
    assert [comparable(row) for row in bench.rows()] == chain.expected()


def test_new_payments_do_not_wait_for_a_long_history(make: Make) -> None:
    """A token is added whose history has to be read from far back; blocks come in meanwhile."""
    chain, clock = ScriptedChain(), Minutes()
    fill(chain, 30)
    node = ScriptedNode(chain, max_range=4)
    bench = make(chain, [node], clock=clock)
    bench.tokens[:] = [(TOKENS[0], 25)]
    bench.sync()
    bench.tokens.append((TOKENS[1], 1))
    seen: list[tuple[int, int]] = []

    def later() -> None:
        clock.time += 2
        if chain.head < 40:
            chain.mine(payment(f"new {chain.head}", 5))
        cursor = bench.checkpoint().cursor
        assert cursor is not None
        seen.append((chain.head - cursor.number, min(f.synced_to for f in bench.checkpoint().tokens)))

    node.before_batch = later
    bench.sync()
    while_reading = [behind for behind, lowest in seen[3:] if lowest < 25]
    assert len(while_reading) > 5
    assert max(while_reading) < 8, "the newest blocks are looked at in between"
    node.before_batch = None
    bench.sync()
    assert {f.synced_to for f in bench.checkpoint().tokens} == {chain.head}


def test_what_another_process_has_stored_is_a_change_here_and_announced_only_there(make: Make) -> None:
    """The window and the command line follow the same network; the command line is quicker."""
    chain = ScriptedChain()
    fill(chain, 20)
    window = make(chain, [ScriptedNode(chain)])
    window.sync()
    told = len(window.announced)
    window.changes.clear()
    window.sync()
    assert window.changes == [], "nothing happened"
    other = Bench(window.folder, chain, [ScriptedNode(chain)])
    chain.mine(payment("while both follow", 5))
    other.sync()
    window.sync()
    assert [change.new for change in window.changes if change.new] == []
    assert sum(change.changed for change in window.changes) > 0, "the list in the window is read again"
    assert len(window.announced) == told
    assert len(other.announced) == 3
    other.close()
