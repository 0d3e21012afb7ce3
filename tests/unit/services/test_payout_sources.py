"""Nodes that drop, lie, contradict each other or stay silent: nothing is lost, nothing is final too early."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from unit.services.scripted_chain import (
    COIN,
    TOKENS,
    Edit,
    ScriptedChain,
    ScriptedNode,
    claim,
    noise,
    payment,
    refuse,
)
from unit.services.tracker_bench import Bench

from desktop_app.chain.rpc import RpcError
from desktop_app.core.errors import UnavailableError

Make = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Bench] = []

    def make(nodes: int = 1, **given: object) -> Bench:
        chain = ScriptedChain()
        folder = tmp_path / str(len(made))
        bench = Bench(folder, chain, [ScriptedNode(chain) for _ in range(nodes)], **given)  # type: ignore[arg-type]
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()


def fill(chain: ScriptedChain, count: int) -> None:
    for _ in range(count):
        i = chain.head
        chain.mine(*([payment(i, 100 + i, pushes=i % 4)] if i % 3 else [noise(i)]), noise(-i))


def dropping(share: float, seed: int = 1, *, whole_answers: bool = False) -> Edit:
    """An endpoint that leaves out events in answers to eth_getLogs."""
    dice = random.Random(seed)

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method != "eth_getLogs":
            return answer
        if whole_answers:
            return [] if dice.random() < share else answer
        return [log for log in answer if dice.random() >= share]

    return edit


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_an_endpoint_that_drops_half_of_its_answers_loses_no_payout(
    make: Make, nodes: int, seed: int
) -> None:
    bench = make(nodes)
    for number, node in enumerate(bench.nodes):
        node.edits.append(dropping(0.5, seed + 10 * number, whole_answers=True))
    for _ in range(40):
        fill(bench.chain, 3)
        bench.sync()
    bench.assert_true_to_chain()


@pytest.mark.parametrize("seed", range(4))
def test_single_events_dropped_by_one_node_are_all_there_once_final(make: Make, seed: int) -> None:
    bench = make(2)
    bench.nodes[0].edits.append(dropping(0.3, seed))
    fill(bench.chain, 60)
    bench.sync()
    for _ in range(13):
        bench.chain.mine()
    bench.sync()
    rows = {(row.tx_hash, row.kind, row.party, row.amount) for row in bench.rows()}
    assert rows == {(row[4], row[7], row[8], row[10]) for row in bench.chain.expected()}
    assert {row.state for row in bench.rows()} == {"final"}


def test_a_block_that_cannot_be_proved_holds_the_cursor(make: Make) -> None:
    bench = make()
    fill(bench.chain, 10)
    hidden = bench.chain.mine(payment("hidden", 5)).number
    fill(bench.chain, 5)
    bench.nodes[0].edits += [
        lambda method, params, answer: (
            [log for log in answer if int(log["blockNumber"], 16) != hidden]
            if method == "eth_getLogs"
            else answer
        ),
        refuse("eth_getBlockReceipts", "eth_getTransactionReceipt", message="the method is not available"),
    ]
    with pytest.raises(UnavailableError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.unproved"
    assert bench.checkpoint().cursor is not None
    assert bench.checkpoint().cursor.number == hidden - 1  # type: ignore[union-attr]
    assert {row.block_number for row in bench.rows()} == {
        r[0] for r in bench.chain.expected() if r[0] < hidden
    }
    bench.nodes[0].edits.pop()
    bench.sync()
    bench.assert_true_to_chain()


def test_receipts_that_leave_a_log_out_are_not_believed(make: Make) -> None:
    bench = make()
    bench.chain.mine(payment("p", 5, pushes=3), noise(1))

    def cut(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method == "eth_getLogs":
            return []
        if method == "eth_getBlockReceipts":
            answer[0]["logs"] = answer[0]["logs"][1:]
        return answer

    bench.nodes[0].edits.append(cut)
    with pytest.raises(UnavailableError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.unproved"
    assert bench.rows() == []


def test_a_node_without_block_receipts_is_asked_transaction_by_transaction(make: Make) -> None:
    bench = make()
    fill(bench.chain, 20)
    bench.nodes[0].edits += [
        dropping(1.0),
        refuse("eth_getBlockReceipts", code=-32601, message="method not found"),
    ]
    bench.sync()
    bench.assert_true_to_chain()


def test_a_doubtful_block_needs_both_nodes_where_there_are_two(make: Make) -> None:
    bench = make(2)
    bench.chain.mine(payment("p", 5))
    bench.nodes[0].edits.append(dropping(1.0))
    bench.nodes[1].edits += [dropping(1.0), refuse("eth_getBlockReceipts")]
    with pytest.raises(UnavailableError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.second_source"
    assert bench.rows() == []
    bench.nodes[1].edits.clear()
    bench.sync()
    bench.assert_true_to_chain()


def test_a_log_that_the_bloom_rules_out_is_not_believed(make: Make) -> None:
    bench = make()
    bench.chain.mine(noise(1))
    forged = ScriptedChain()
    forged.mine(payment("forged", 10**18))
    invented = forged.blocks[1].logs()

    def forge(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method == "eth_getLogs":
            return [{**log, "blockHash": bench.chain.blocks[1].hash} for log in invented]
        return answer

    bench.nodes[0].edits.append(forge)
    with pytest.raises(UnavailableError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.contradiction"
    assert bench.rows() == []


def test_a_network_without_blooms_is_followed(make: Make) -> None:
    bench = make()
    fill(bench.chain, 30)
    bench.nodes[0].edits.append(
        lambda method, params, answer: (
            {**answer, "logsBloom": "0x" + "00" * 256}
            if method == "eth_getBlockByNumber" and answer
            else answer
        )
    )
    bench.sync()
    bench.assert_true_to_chain()


def test_a_failed_answer_is_not_an_empty_answer(make: Make) -> None:
    bench = make()
    fill(bench.chain, 10)
    bench.sync()
    fill(bench.chain, 10)
    cursor = bench.checkpoint().cursor
    bench.nodes[0].edits.append(refuse("eth_getLogs"))
    with pytest.raises(RpcError):
        bench.sync()
    assert bench.checkpoint().cursor == cursor
    bench.nodes[0].edits.clear()
    bench.sync()
    bench.assert_true_to_chain()


def test_payouts_become_final_only_after_two_nodes_agreed(make: Make) -> None:
    bench = make(2)
    fill(bench.chain, 20)
    bench.nodes[1].edits.append(refuse("eth_getLogs", message="out of order"))
    result = bench.sync()
    assert result.note is not None
    assert result.note.code == "payouts.second_source"
    assert "final" not in bench.states().values()
    assert "safe" in bench.states().values()
    bench.nodes[1].edits.clear()
    result = bench.sync()
    assert result.note is None
    final = {number for number, state in bench.states().items() if state == "final"}
    assert final == {row[0] for row in bench.chain.expected() if row[0] <= bench.chain.final}
    bench.assert_true_to_chain()


def test_one_node_alone_makes_payouts_final_by_its_tag(make: Make) -> None:
    bench = make(1)
    fill(bench.chain, 20)
    result = bench.sync()
    assert (result.sources, result.note) == (1, None)
    assert "final" in bench.states().values()


def test_a_second_node_that_lags_delays_finality_only(make: Make) -> None:
    bench = make(2)
    fill(bench.chain, 30)
    bench.nodes[1].lag = 25
    assert bench.sync().block == bench.chain.head
    assert "final" not in bench.states().values()
    bench.nodes[1].lag = 0
    bench.sync()
    assert "final" in bench.states().values()
    bench.assert_true_to_chain()


def test_a_third_node_stands_in_for_a_silent_second(make: Make) -> None:
    bench = make(3)
    fill(bench.chain, 20)
    bench.nodes[1].edits.append(refuse("eth_getLogs", "eth_getBlockByNumber", "eth_chainId"))
    assert bench.sync().note is None
    assert "final" in bench.states().values()


def test_an_invented_event_of_both_the_first_node_and_its_blooms_never_becomes_final(make: Make) -> None:
    bench = make(2)
    lies = ScriptedChain()
    lies.mine(payment("invented", 10**20))
    bench.chain.mine(noise(1))
    truth = bench.chain.blocks[1]
    for _ in range(14):
        bench.chain.mine()

    def lie(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method == "eth_getLogs" and int(params[0]["fromBlock"], 16) <= 1:
            return [{**log, "blockHash": truth.hash} for log in lies.blocks[1].logs()]
        if method == "eth_getBlockByNumber" and answer and answer["number"] == "0x1":
            return {**answer, "logsBloom": lies.blocks[1].header()["logsBloom"]}
        return answer

    bench.nodes[0].edits.append(lie)
    result = bench.sync()
    assert result.note is not None
    assert [row.state for row in bench.rows()] == ["safe"] * len(bench.rows())
    bench.nodes[0].edits.clear()
    bench.sync()
    assert bench.rows() == []
    assert {row.amount for row in bench.rows(orphaned=True)} >= {10**20}


def test_failover_in_the_middle_of_a_long_range_leaves_no_gap(make: Make) -> None:
    bench = make(2)
    fill(bench.chain, 200)
    batches = 0

    def die() -> None:
        nonlocal batches
        batches += 1
        if batches > 4:
            raise UnavailableError("chain.unreachable", host="one", reason="ConnectionError")

    bench.nodes[0].before_batch = die
    bench.sync()
    assert [row.tx_hash for row in bench.rows()] == [row[4] for row in bench.chain.expected()]
    assert max(bench.announced.values()) == 1


@pytest.mark.parametrize("nodes", [1, 2])
def test_settled_history_is_read_in_long_strides_without_every_header(make: Make, nodes: int) -> None:
    bench = make(nodes, dense_reach=50)
    bench.tokens.append((TOKENS[1], 400))
    for i in range(700):
        bench.chain.mine(*([payment(i, i), payment(-i, i, TOKENS[1])] if i % 10 == 5 and i > 410 else []))
    fill(bench.chain, 100)
    bench.sync()
    heights = [params[0] for method, params in bench.nodes[0].asked if method == "eth_getBlockByNumber"]
    assert len(heights) < 500
    bench.assert_true_to_chain()


def test_an_event_dropped_from_settled_history_is_found_by_the_second_node(make: Make) -> None:
    bench = make(2, dense_reach=50)
    fill(bench.chain, 300)
    bench.nodes[0].edits.append(dropping(0.4, whole_answers=False))
    bench.sync()
    rows = {(row.tx_hash, row.kind, row.party, row.amount) for row in bench.rows()}
    assert rows == {(row[4], row[7], row[8], row[10]) for row in bench.chain.expected()}


def test_a_log_given_twice_counts_once(make: Make) -> None:
    bench = make()
    fill(bench.chain, 20)
    bench.nodes[0].edits.append(
        lambda method, params, answer: answer * 2 if method == "eth_getLogs" else answer
    )
    bench.sync()
    bench.assert_true_to_chain()


def test_full_blooms_do_not_make_every_block_suspicious(make: Make) -> None:
    bench = make()
    fill(bench.chain, 20)
    bench.nodes[0].edits.append(
        lambda method, params, answer: (
            {**answer, "logsBloom": "0x" + "ff" * 256}
            if method == "eth_getBlockByNumber" and answer
            else answer
        )
    )
    bench.sync()
    assert "eth_getBlockReceipts" not in {method for method, _ in bench.nodes[0].asked}
    bench.assert_true_to_chain()


BROKEN: dict[str, Callable[[Any], Any]] = {
    "null": lambda answer: None,
    "text": lambda answer: "<html>",
    "number": lambda answer: 7,
    "list of null": lambda answer: [None],
    "empty object": lambda answer: {},
    "object without a number": lambda answer: (
        {**answer, "number": None} if isinstance(answer, dict) else [{}]
    ),
    "other height": lambda answer: {**answer, "number": "0x99"} if isinstance(answer, dict) else [[]],
    "a time that no calendar knows": lambda answer: (
        {**answer, "timestamp": hex(2**62)} if isinstance(answer, dict) else "0x"
    ),
    "bad hash": lambda answer: {**answer, "hash": "0x1"} if isinstance(answer, dict) else [1],
}


@pytest.mark.parametrize("method", ["eth_getLogs", "eth_getBlockByNumber", "eth_chainId"])
@pytest.mark.parametrize("kind", sorted(BROKEN))
def test_a_malformed_answer_is_refused_and_changes_nothing(make: Make, method: str, kind: str) -> None:
    bench = make()
    fill(bench.chain, 10)
    bench.sync()
    fill(bench.chain, 10)
    before, rows = bench.checkpoint(), bench.announced.copy()
    bench.nodes[0].edits.append(
        lambda asked, params, answer: BROKEN[kind](answer) if asked == method else answer
    )
    with pytest.raises(UnavailableError):
        bench.sync()
    assert bench.checkpoint().cursor == before.cursor
    assert bench.announced == rows
    bench.nodes[0].edits.clear()
    bench.sync()
    bench.assert_true_to_chain()


def test_claims_go_to_where_they_were_sent(make: Make) -> None:
    bench = make()
    bench.chain.mine(claim("c", 12), payment("p", 3, currency=COIN, pushes=0))
    bench.sync()
    bench.assert_true_to_chain()
    assert bench.rows()[0].recipient != bench.rows()[0].party
