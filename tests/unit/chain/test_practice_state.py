"""The practice network survives restarts, kills and a second process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.practice_store import BlockStore
from desktop_app.chain.wire import to_data
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import CorruptError, RefusedError, UnavailableError

NOBODY = "0x" + "22" * 20
WORKER = """
import sys
from itertools import pairwise
from pathlib import Path
from desktop_app.chain.practice import PracticeNode
from desktop_app.core.clock import SystemClock
node = PracticeNode(Path(sys.argv[1]), SystemClock())
while True:
    print(node.faucet("0x" + "22" * 20, 1), flush=True)
"""


def test_reopening_brings_back_every_block(
    node: PracticeNode, clock: FixedClock, tmp_path: Path, funded: Any, transfer: Any
) -> None:
    for _ in range(3):
        node.call("eth_sendRawTransaction", [to_data(transfer(funded))])
    before = [node.call("eth_getBlockByNumber", [hex(n), True]) for n in range(5)]
    node.close()
    again = PracticeNode(tmp_path / "practice.db", clock)
    assert [again.call("eth_getBlockByNumber", [hex(n), True]) for n in range(5)] == before
    assert again.call("eth_getBalance", [NOBODY, "latest"]) == "0x3"
    again.faucet(NOBODY, 1)
    assert again.call("eth_blockNumber") == "0x5"
    again.close()


def test_a_kill_loses_no_block_that_was_answered_for(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "practice.db"
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        seen = [process.stdout.readline().strip() for _ in range(7 + 4 * round_)]
        os.kill(process.pid, signal.SIGKILL)
        seen += [line.strip() for line in process.stdout if len(line.strip()) == 66]
        process.stdout.close()
        process.wait()
        node = PracticeNode(path, clock)
        for tx_hash in seen:
            assert node.call("eth_getTransactionReceipt", [tx_hash])["status"] == "0x1"
        blocks = int(node.call("eth_blockNumber"), 16)
        assert int(node.call("eth_getBalance", [NOBODY, "latest"]), 16) == blocks
        parents = [node.call("eth_getBlockByNumber", [hex(n), False]) for n in range(blocks + 1)]
        assert all(b["parentHash"] == a["hash"] for a, b in pairwise(parents))
        node.close()


def test_a_second_process_is_told_that_the_network_is_in_use(node: PracticeNode, tmp_path: Path) -> None:
    node.call("eth_chainId")
    script = (
        "import sys; from pathlib import Path; from desktop_app.chain.practice import PracticeNode;"
        "from desktop_app.core.clock import SystemClock;"
        "from desktop_app.core.errors import UnavailableError\n"
        "try: PracticeNode(Path(sys.argv[1]), SystemClock(), wait=0.3).call('eth_chainId')\n"
        "except UnavailableError as error: print(error.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "practice.db")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "practice.in_use"
    node.faucet(NOBODY, 1)


def test_a_second_node_in_this_process_is_refused_until_the_first_closes(
    node: PracticeNode, clock: FixedClock, tmp_path: Path
) -> None:
    node.call("eth_chainId")
    second = PracticeNode(tmp_path / "practice.db", clock, wait=0.1)
    with pytest.raises(UnavailableError, match=r"practice\.in_use"):
        second.call("eth_chainId")
    node.close()
    assert second.call("eth_chainId") == "0x636f6c"
    second.close()


def test_a_reset_begins_anew_with_another_genesis(
    node: PracticeNode, clock: FixedClock, tmp_path: Path
) -> None:
    tx_hash = node.faucet(NOBODY, 5)
    before = node.call("eth_getBlockByNumber", ["0x0", False])["hash"]
    node.reset()
    assert node.call("eth_blockNumber") == "0x0"
    assert node.call("eth_getBalance", [NOBODY, "latest"]) == "0x0"
    assert node.call("eth_getTransactionReceipt", [tx_hash]) is None
    after = node.call("eth_getBlockByNumber", ["0x0", False])["hash"]
    assert after != before
    node.faucet(NOBODY, 1)
    node.close()
    again = PracticeNode(tmp_path / "practice.db", clock)
    assert again.call("eth_getBlockByNumber", ["0x0", False])["hash"] == after
    assert again.call("eth_blockNumber") == "0x1"
    again.close()


def test_a_failed_write_leaves_the_chain_as_it_was(
    node: PracticeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.faucet(NOBODY, 1)
    real = BlockStore.commit

    def full(self: BlockStore, *, replace_all: bool = False) -> None:
        self.rollback()
        raise UnavailableError("practice.disk", path="x", reason="SQLITE_FULL")

    monkeypatch.setattr(BlockStore, "commit", full)
    with pytest.raises(UnavailableError, match=r"practice\.disk"):
        node.faucet(NOBODY, 1)
    monkeypatch.setattr(BlockStore, "commit", real)
    assert node.call("eth_blockNumber") == "0x1"
    node.faucet(NOBODY, 1)
    assert node.call("eth_getBalance", [NOBODY, "latest"]) == "0x2"


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "p.db", 0.1)
    store[b"key"] = b"value"
    store.commit()
    store._db.execute("PRAGMA max_page_count = 3")
    store[b"key"] = b"other"
    store[b"large"] = bytes(200_000)
    with pytest.raises(UnavailableError, match="SQLITE_FULL"):
        store.commit()
    assert store[b"key"] == b"value"
    assert b"large" not in store
    store.close()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "p.db"
    BlockStore(path, 0.1).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=r"practice\.newer"):
        PracticeNode(path, clock).call("eth_chainId")
    assert path.read_bytes() == before


def test_a_damaged_file_is_called_damaged(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "p.db"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(CorruptError, match=r"practice\.corrupt"):
        PracticeNode(path, clock).call("eth_chainId")


@pytest.mark.parametrize("content", [b"not a database at all" * 1000, b"", b"\x00"])
def test_a_reset_repairs_whatever_was_in_the_file(tmp_path: Path, clock: FixedClock, content: bytes) -> None:
    path = tmp_path / "p.db"
    path.write_bytes(content)
    node = PracticeNode(path, clock)
    node.reset()
    node.faucet(NOBODY, 1)
    node.close()


def test_a_file_with_foreign_rows_is_called_damaged(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "p.db"
    store = BlockStore(path, 0.1)
    store[b"something"] = b"else"
    store.commit()
    store.close()
    with pytest.raises(CorruptError, match=r"practice\.corrupt"):
        PracticeNode(path, clock).call("eth_chainId")
    BlockStore(path, 0.1).close()
