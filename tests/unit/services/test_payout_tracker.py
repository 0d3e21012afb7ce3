"""The tracker against scripted nodes: whatever they do, the database equals the chain to the unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from unit.services.scripted_chain import (
    COIN,
    DOLLAR,
    TOKENS,
    ScriptedChain,
    ScriptedNode,
    Tx,
    claim,
    noise,
    payment,
    tx,
)
from unit.services.tracker_bench import Bench

from desktop_app.core.errors import CancelledError, RefusedError, UnavailableError
from desktop_app.core.progress import Task

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


def fill(chain: ScriptedChain, count: int, start: int = 0) -> None:
    """Blocks of all sorts: with payouts, with noise, empty."""
    for i in range(start, start + count):
        if i % 5 == 4:
            chain.mine()
        elif i % 5 == 3:
            chain.mine(noise(i), claim(i, 7 * i + 1), noise(-i))
        else:
            chain.mine(payment(i, 10**18 + i, currency=COIN if i % 2 else DOLLAR, pushes=i % 4), noise(i))


def branch(name: str, count: int, token: str = TOKENS[0]) -> list[tuple[Tx, ...]]:
    """Blocks with a payment each, to put in the place of others."""
    return [(payment(f"{name}{i}", 3 + i, token=token),) for i in range(count)]


def test_every_payment_push_and_claim_is_stored_to_the_unit(make: Make) -> None:
    bench = make()
    fill(bench.chain, 120)
    bench.chain.mine(payment("huge", 2**256 - 1))
    result = bench.sync()
    assert (result.block, result.head) == (121, 121)
    assert {row.kind for row in bench.rows()} == {"payment", "push", "push_failed", "claim"}
    assert max(row.amount for row in bench.rows()) == 2**256 - 1
    bench.assert_true_to_chain()


def test_a_second_round_and_a_restart_repeat_nothing(make: Make) -> None:
    bench = make()
    fill(bench.chain, 40)
    bench.sync()
    bench.sync()
    bench.restart()
    bench.sync()
    fill(bench.chain, 40, 40)
    bench.restart()
    bench.sync()
    bench.assert_true_to_chain()


def test_payouts_are_seen_then_safe_then_final_as_the_node_tags_them(make: Make) -> None:
    bench = make()
    bench.chain.mine(payment("a", 100))
    seen = []
    for _ in range(14):
        bench.sync()
        seen.append(bench.states()[1])
        bench.chain.mine()
    assert seen == ["seen"] * 4 + ["safe"] * 8 + ["final"] * 2


def test_only_followed_tokens_count(make: Make) -> None:
    bench = make()
    bench.chain.mine(payment("ours", 5), payment("theirs", 6, token=TOKENS[1]))
    bench.sync()
    bench.assert_true_to_chain()


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8, 11])
def test_a_transaction_mined_again_after_a_reorg_is_announced_once(make: Make, depth: int) -> None:
    bench = make()
    fill(bench.chain, 30)
    bench.sync()
    gone = bench.chain.blocks[-depth:]
    before = dict(bench.announced)
    bench.chain.reorg(depth, [(), *(block.txs for block in gone)])
    bench.sync()
    bench.assert_true_to_chain()
    assert dict(bench.announced) == before
    assert all(change.new == () for change in bench.changes[1:])


@pytest.mark.parametrize("depth", [1, 4, 10])
def test_a_transaction_lost_in_a_reorg_is_taken_back_visibly_and_may_return(make: Make, depth: int) -> None:
    bench = make()
    fill(bench.chain, 30)
    bench.sync()
    rows = {(row.tx_hash, row.ordinal) for row in bench.rows()}
    gone = bench.chain.reorg(depth, [()] * (depth + 1))
    bench.sync()
    bench.assert_true_to_chain()
    orphaned = {(row.tx_hash, row.ordinal) for row in bench.rows(orphaned=True)}
    lost = {entry.hash for entry in gone}
    assert orphaned == {key for key in rows if key[0] in lost}
    assert all(row.state == "seen" for row in bench.rows(orphaned=True))
    bench.chain.mine(*gone)
    bench.sync()
    assert bench.rows(orphaned=True) == []
    bench.assert_true_to_chain()


def test_a_reorg_moves_a_safe_payment_back_to_seen(make: Make) -> None:
    bench = make()
    fill(bench.chain, 20)
    bench.chain.mine(payment("p", 9))
    for _ in range(5):
        bench.chain.mine()
    bench.sync()
    assert bench.states()[21] == "safe"
    bench.chain.reorg(6, [(), (payment("p", 9),)])
    bench.sync()
    assert bench.states()[22] == "seen"
    bench.assert_true_to_chain()


def test_a_re_mined_payment_with_another_outcome_is_corrected(make: Make) -> None:
    bench = make()
    good = payment("p", 60, pushes=2)
    bench.chain.mine(good)
    bench.sync()
    failed = tx("p", good.facts[0], good.facts[1]._replace(kind="push_failed"), good.facts[2])
    assert failed.hash == good.hash
    bench.chain.reorg(1, [(failed,), ()])
    bench.sync()
    bench.assert_true_to_chain()


@pytest.mark.parametrize("seen", range(1, 9))
def test_a_reorg_between_two_windows_takes_back_what_the_first_one_read(make: Make, seen: int) -> None:
    bench = make()
    fill(bench.chain, 90)
    node, struck = bench.nodes[0], False
    node.max_range = 1

    def strike() -> None:
        nonlocal struck
        cursor = bench.checkpoint().cursor
        if not struck and cursor is not None and cursor.number == 80 + seen:
            struck = True
            bench.chain.reorg(10, branch("late", 12))

    node.before_batch = strike
    bench.sync()
    assert struck
    bench.assert_true_to_chain()


def test_a_reorg_within_a_batch_mixes_no_two_chains(make: Make) -> None:
    bench = make()
    fill(bench.chain, 20)
    struck = False

    def strike(method: str, params: object, answer: object) -> object:
        nonlocal struck
        if method == "eth_getLogs" and not struck:
            struck = True
            bench.chain.reorg(5, branch("late", 6))
        return answer

    bench.nodes[0].edits.append(strike)
    bench.sync()
    assert struck
    bench.assert_true_to_chain()


def test_a_history_rewritten_below_the_final_block_asks_the_user(make: Make) -> None:
    bench = make()
    fill(bench.chain, 40)
    bench.sync()
    before = bench.rows()
    bench.chain.reorg(20, branch("forged", 21), rewrite=True)
    with pytest.raises(RefusedError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.history_rewritten"
    assert bench.rows() == before
    bench.checkpoints.start_over()
    bench.announced.clear()
    bench.sync()
    bench.assert_true_to_chain()


def test_a_node_of_another_network_is_never_believed(make: Make) -> None:
    bench = make()
    fill(bench.chain, 10)
    bench.nodes[0].chain_id = 1
    with pytest.raises(RefusedError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.wrong_network"
    assert bench.rows() == []
    bench.nodes.append(ScriptedNode(bench.chain))
    bench.sync()
    bench.assert_true_to_chain()


def test_a_head_that_moves_backwards_loses_nothing(make: Make) -> None:
    bench = make()
    fill(bench.chain, 30)
    bench.sync()
    bench.nodes[0].lag = 6
    with pytest.raises(UnavailableError) as raised:
        bench.sync()
    assert raised.value.code == "payouts.node_behind"
    bench.assert_true_to_chain()
    bench.nodes[0].lag = 0
    bench.sync()
    bench.assert_true_to_chain()


def test_a_shorter_chain_that_differs_is_a_reorg(make: Make) -> None:
    bench = make()
    fill(bench.chain, 30)
    bench.sync()
    bench.chain.reorg(8, branch("other", 3))
    bench.sync()
    bench.assert_true_to_chain()


def test_a_token_followed_later_is_read_from_its_creation_without_repeating_the_others(make: Make) -> None:
    bench = make()
    for i in range(60):
        bench.chain.mine(payment(f"a{i}", i + 1), payment(f"b{i}", i + 9, token=TOKENS[1]))
        both = payment(f"c{i}", 5).facts + payment(f"d{i}", 6, token=TOKENS[1]).facts
        bench.chain.mine(tx(f"both{i}", *both))
    bench.sync()
    bench.assert_true_to_chain()
    bench.tokens.append((TOKENS[1], 7))
    bench.tokens.append((TOKENS[2], 119))
    bench.sync()
    created = [row for row in bench.chain.expected([TOKENS[1]]) if row[0] >= 7]
    stored = [row for row in bench.rows() if row.token == TOKENS[1]]
    assert [row.tx_hash for row in stored] == [row[4] for row in created]
    assert set(bench.announced.values()) == {1}
    assert {f.synced_to for f in bench.checkpoint().tokens} == {bench.chain.head}


def test_a_token_followed_at_run_time_survives_a_reorg_of_its_backfill(make: Make) -> None:
    bench = make()
    fill(bench.chain, 30)
    bench.sync()
    bench.chain.mine(payment("x", 4, token=TOKENS[1]))
    for _ in range(8):
        bench.chain.mine(payment(f"y{_}", 4, token=TOKENS[1]))
    bench.sync()
    bench.tokens.append((TOKENS[1], 25))
    struck = False

    def strike(method: str, params: object, answer: object) -> object:
        nonlocal struck
        if method == "eth_getLogs" and not struck:
            struck = True
            bench.chain.reorg(9, branch("z", 10, TOKENS[1]))
        return answer

    bench.nodes[0].edits.append(strike)
    bench.sync()
    assert struck
    bench.assert_true_to_chain()


def test_a_token_created_after_the_cursor_is_followed_too(make: Make) -> None:
    bench = make()
    fill(bench.chain, 10)
    bench.sync()
    bench.tokens.append((TOKENS[1], 15))
    fill(bench.chain, 10, 10)
    bench.chain.mine(payment("new", 3, token=TOKENS[1]))
    bench.sync()
    bench.assert_true_to_chain()


def test_two_processes_on_one_database_announce_each_payout_once_together(make: Make) -> None:
    bench = make()
    other = Bench(bench.folder, bench.chain, bench.nodes, announced=bench.announced)
    for step in range(12):
        fill(bench.chain, 5, 5 * step)
        struck = False

        def strike() -> None:
            nonlocal struck
            if not struck:
                struck = True
                other.sync()

        bench.nodes[0].before_batch = strike if step % 2 else None
        bench.sync()
    other.close()
    bench.assert_true_to_chain()


def test_a_cancelled_round_stops_and_is_taken_up_again(make: Make) -> None:
    bench = make()
    fill(bench.chain, 200)
    task = Task()
    batches = 0

    def strike() -> None:
        nonlocal batches
        batches += 1
        if batches == 3:
            task.cancel()

    bench.nodes[0].before_batch = strike
    with pytest.raises(CancelledError):
        bench.tracker.round(task, bench._hear)
    assert 0 < len(bench.rows()) < len(bench.chain.expected())
    bench.nodes[0].before_batch = None
    bench.sync()
    bench.assert_true_to_chain()


def test_nothing_is_asked_of_the_pending_block(make: Make) -> None:
    bench = make(nodes=2)
    fill(bench.chain, 30)
    bench.sync()
    assert "pending" not in str([node.asked for node in bench.nodes])
