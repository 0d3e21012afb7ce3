"""A full disk, a locked database, a clock that jumps: nothing is lost, nothing half there."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.services.scripted_chain import ScriptedChain, ScriptedNode, claim, payment
from unit.services.tracker_bench import Bench

from desktop_app.core.errors import UnavailableError
from desktop_app.store.database import Database


class JumpyClock:
    """Wall time jumps years to and fro; the monotonic clock may stand still, as in a suspended machine."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._monotonic = 0.0

    def now(self) -> int:
        return self._dice.choice((0, 1, 1_600_000_000, 1_900_000_000, 4_102_444_800))

    def monotonic(self) -> float:
        self._monotonic += self._dice.choice((0.0, 0.0, 0.001, 3_600.0))
        return self._monotonic


def mine(chain: ScriptedChain, count: int) -> None:
    for _ in range(count):
        i = chain.head
        chain.mine(payment(f"p{i}", 10**18 + i, pushes=i % 3), claim(f"c{i}", i + 1))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    chain = ScriptedChain()
    bench = Bench(tmp_path, chain, [ScriptedNode(chain, max_range=5)])
    yield bench
    bench.close()


def test_a_full_disk_stops_following_and_half_a_window_is_never_stored(bench: Bench) -> None:
    mine(bench.chain, 40)
    bench.sync()
    told = dict(bench.announced)
    connection = bench.database._connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    mine(bench.chain, 400)
    for room in (0, 1, 2, 3, 5, 8, 13):
        connection.execute(f"PRAGMA max_page_count = {pages + room}")
        with pytest.raises(UnavailableError) as raised:
            bench.sync()
        assert raised.value.code == "store.disk_full"
        checkpoint = bench.checkpoint()
        assert checkpoint.cursor is not None
        expected = [row for row in bench.chain.expected() if row[0] <= checkpoint.cursor.number]
        assert len(bench.rows()) == len(expected)
    connection.execute("PRAGMA max_page_count = 1000000")
    bench.sync()
    bench.assert_true_to_chain()
    assert len(told) < len(bench.announced)


def test_a_locked_database_delays_and_loses_nothing(tmp_path: Path) -> None:
    chain = ScriptedChain()
    bench = Bench(tmp_path, chain, [ScriptedNode(chain)])
    bench.database.close()
    bench.database = Database(
        tmp_path / "colophon.db", tmp_path / "backups", bench.clock, busy_seconds=0.05
    )
    bench.restart()
    mine(chain, 20)
    bench.sync()
    other = sqlite3.connect(tmp_path / "colophon.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    mine(chain, 20)
    with pytest.raises(UnavailableError) as raised:
        bench.sync()
    assert raised.value.code == "store.locked"
    other.execute("ROLLBACK")
    other.close()
    bench.sync()
    bench.assert_true_to_chain()
    bench.close()


@pytest.mark.parametrize("seed", range(6))
def test_a_clock_that_jumps_changes_nothing(tmp_path: Path, seed: int) -> None:
    chain = ScriptedChain()
    bench = Bench(tmp_path, chain, [ScriptedNode(chain), ScriptedNode(chain)], clock=JumpyClock(seed))
    for step in range(8):
        mine(chain, 9)
        if step % 2:
            gone = [block.txs for block in chain.blocks[-5:]]
            chain.reorg(5, [(), *gone])
        bench.sync()
        bench.assert_true_to_chain()
    bench.close()
