"""Gaps in old history, read on one node's word alone, are found by the contracts' books and refilled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from unit.services.scripted_chain import (
    COIN,
    DOLLAR,
    PEOPLE,
    TOKENS,
    Fact,
    ScriptedChain,
    ScriptedNode,
    Tx,
    payment,
    tx,
)
from unit.services.tracker_bench import Bench

from desktop_app.core.errors import UnavailableError

Make = Callable[..., Bench]


def forward(name: str, amount: int) -> Tx:
    return tx(name, Fact(TOKENS[0], "forward", PEOPLE[3], COIN, amount))


def fill(chain: ScriptedChain, count: int) -> None:
    """Payments of which a part goes out again, in both currencies; every tenth block forwards a little."""
    for i in range(count):
        currency = COIN if i % 2 else DOLLAR
        chain.mine(payment(f"p{i}", 1_000 + i, currency=currency, pushes=i % 2))
        if i % 10 == 9:
            chain.mine(forward(f"f{i}", 7), payment(f"x{i}", 5, token=TOKENS[1]))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Bench] = []

    def make(blocks: int = 400, **given: Any) -> Bench:
        chain = ScriptedChain(final_lag=20)
        fill(chain, blocks)
        node = ScriptedNode(chain, keeps_books=True)
        bench = Bench(tmp_path / str(len(made)), chain, [node], dense_reach=8, **given)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()


def lose(node: ScriptedNode, chance: float, seed: int, first: int = 0, last: int = 10**9) -> None:
    """Some logs of some blocks are missing whenever the node lists them."""
    dice = random.Random(seed)
    lost = {number for number in range(2_000) if first <= number <= last and dice.random() < chance}

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method != "eth_getLogs":
            return answer
        return [log for log in answer if int(log["blockNumber"], 16) not in lost]

    node.edits.append(edit)


@pytest.mark.parametrize("oldest_state", [0, 10**9 - 1])
@pytest.mark.parametrize("seed", range(3))
def test_a_single_node_that_loses_logs_of_old_blocks_is_found_out(
    make: Make, seed: int, oldest_state: int
) -> None:
    bench = make()
    node = bench.nodes[0]
    if oldest_state:
        node.oldest_state = bench.chain.head - 10
    lose(node, 0.3, seed)
    result = bench.sync()
    assert result.note is None
    bench.assert_true_to_chain()
    assert set(bench.states().values()) == {"final", "safe", "seen"}


def test_one_lost_log_is_found_without_reading_everything_again(make: Make) -> None:
    bench = make()
    lose(bench.nodes[0], 1.0, 0, first=300, last=300)
    bench.sync()
    bench.assert_true_to_chain()
    blocks = [params[0] for method, params in bench.nodes[0].asked if method == "eth_getBlockByNumber"]
    asked = [int(block, 16) for block in blocks if block.startswith("0x")]
    assert not {number for number in asked if 30 < number < 290 and asked.count(number) > 1}


def test_a_complete_history_costs_a_few_questions_and_is_read_once(make: Make) -> None:
    bench = make()
    bench.sync()
    bench.assert_true_to_chain()
    calls = [m for m, _ in bench.nodes[0].asked if m in ("eth_call", "eth_getBalance")]
    assert len(calls) == 7
    bench.sync()
    assert len([m for m, _ in bench.nodes[0].asked if m in ("eth_call", "eth_getBalance")]) == 7


def test_an_invented_old_payment_is_taken_back(make: Make) -> None:
    bench = make()
    block = bench.chain.blocks[50]
    forged = {**block.logs()[0], "logIndex": hex(40), "data": "0x" + f"{999:064x}" + "0" * 64}
    forged["topics"] = [forged["topics"][0], forged["topics"][1], "0x" + "0" * 64]

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method != "eth_getLogs":
            return answer
        first, last = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
        return [*answer, forged] if first <= 50 <= last else answer

    bench.nodes[0].edits.append(edit)
    bench.sync()
    assert [row.amount for row in bench.rows(orphaned=True)] == [999]
    bench.assert_true_to_chain()


def test_a_difference_that_stays_is_told_and_following_goes_on(make: Make) -> None:
    bench = make(60)

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method == "eth_call" and answer != "0x" and len(answer) == 66:
            return f"0x{int(answer, 16) + 1:064x}"
        return answer

    bench.nodes[0].edits.append(edit)
    result = bench.sync()
    assert result.note is not None
    assert result.note.code == "payouts.books_differ"
    bench.assert_true_to_chain()
    bench.chain.mine(payment("later", 9))
    assert bench.sync().block == bench.chain.head
    bench.assert_true_to_chain()


def test_a_node_that_cannot_tell_the_books_is_followed_as_before(make: Make) -> None:
    bench = make()
    bench.nodes[0].keeps_books = False
    assert bench.sync().note is None
    bench.assert_true_to_chain()


def test_a_loss_in_blocks_whose_bloom_tells_nothing_is_found_within_ten_minutes(make: Make) -> None:
    class Clock:
        time = 1_000_000

        def now(self) -> int:
            return self.time

        def monotonic(self) -> float:
            return float(self.time)

    clock = Clock()
    bench = make(40, clock=clock)
    node, chain = bench.nodes[0], bench.chain
    bench.sync()

    def flooded(method: str, params: Sequence[Any], answer: Any) -> Any:
        """Somebody fills the blooms, and the node leaves out what is in those blocks."""
        if method == "eth_getBlockByNumber" and answer:
            return {**answer, "logsBloom": "0x" + "ff" * 256}
        return [] if method == "eth_getLogs" and clock.time < 1_000_500 else answer

    node.edits.append(flooded)
    chain.mine(payment("hidden", 12_345))
    bench.sync()
    assert all(row.amount != 12_345 for row in bench.rows()), "nothing shows it yet"
    node.edits.clear()
    clock.time += 700
    chain.mine(payment("next", 5))
    node.edits.append(flooded)
    with pytest.raises(UnavailableError, match="unproved"):
        bench.sync()  # the books differ; these receipts do not give that bloom
    node.edits.clear()
    bench.sync()
    bench.assert_true_to_chain()
