"""A tracker in a process of its own, to be killed at any moment: `python killed_tracker.py FOLDER URL TOLD`.

Every payout that it announces is a line in the file TOLD. `killing` does the killing.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]


def run(folder: Path, url: str, told: Path) -> None:
    from unit.services.scripted_chain import CHAIN_ID, TOKENS

    from desktop_app.chain.rpc import HttpRpc
    from desktop_app.core.clock import SystemClock
    from desktop_app.core.errors import ColophonError
    from desktop_app.core.progress import Task
    from desktop_app.services.payout_tracker import PayoutTracker
    from desktop_app.store.database import Database
    from desktop_app.store.payout_checkpoints import Change, PayoutCheckpoints

    rpc = HttpRpc(url)
    rpc.call("eth_chainId")
    clock = SystemClock()
    database = Database(folder / "colophon.db", folder / "backups", clock)
    checkpoints = PayoutCheckpoints(database, CHAIN_ID, clock)
    tracker = PayoutTracker(
        CHAIN_ID, lambda: [rpc], lambda: [(TOKENS[0], 1)], checkpoints, clock, dense_reach=40
    )
    print("ready", flush=True)
    with told.open("a", buffering=1) as announced:

        def hear(change: Change) -> None:
            announced.writelines(f"{one.tx_hash} {one.ordinal}\n" for one in change.new)

        while True:
            try:
                tracker.round(Task(), hear)
            except ColophonError as error:
                print(error, flush=True)


def killing(folder: Path, rounds: int, seed: int = 0) -> None:
    """Kill a tracker `rounds` times while the chain grows and changes; nothing is lost or told twice."""
    from integration.fake_node import serving
    from unit.services.scripted_chain import ScriptedChain, ScriptedNode, claim, comparable, payment
    from unit.services.tracker_bench import Bench

    dice = random.Random(seed)
    chain = ScriptedChain()
    told = folder / "told.txt"
    count = 0

    def mine(blocks: int) -> None:
        nonlocal count
        for _ in range(blocks):
            count += 1
            chain.mine(payment(f"p{count}", 10**18 + count, pushes=count % 3), claim(f"c{count}", count))

    mine(300)
    node = ScriptedNode(chain, max_range=9)
    with serving(node) as server:
        for _ in range(rounds):
            child = subprocess.Popen(
                [sys.executable, __file__, str(folder), server.url, str(told)],
                stdout=subprocess.PIPE,
                text=True,
                env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": ""},
            )
            try:
                assert child.stdout is not None
                assert child.stdout.readline() == "ready\n"
                time.sleep(dice.random() ** 2)
            finally:
                child.kill()
                child.wait()
                if child.stdout is not None:
                    child.stdout.close()
            mine(dice.randrange(60))
            depth = dice.randrange(11)
            if depth:
                gone = [block.txs for block in chain.blocks[-depth:]]
                chain.reorg(depth, [(), *gone])
    bench = Bench(folder, chain, [ScriptedNode(chain)])
    try:
        with bench.database.read() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        stored = len(bench.rows())
        bench.sync()
        assert [comparable(row) for row in bench.rows()] == chain.expected()
        assert stored > 0 or rounds < 10, "killed too early each time"
        announced = Counter(told.read_text().split("\n")[:-1])
        announced.update(f"{tx_hash} {ordinal}" for tx_hash, _, ordinal in bench.announced)
        # A kill between commit and announcement may silence one window; it never tells one twice.
        assert set(announced.values()) == {1}
    finally:
        bench.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
