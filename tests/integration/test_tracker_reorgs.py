"""Reorganisations of a real node by 1 to 64 blocks, around every phase of following. Each on a fresh node.

COLOPHON_LONG=1 tries every depth in every phase; otherwise each phase meets some depths.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from integration.anvil import running_anvil
from integration.watched_node import Watched

from desktop_app.chain import sender as sender_module
from desktop_app.chain.rpc import HttpRpc, RpcError
from desktop_app.services.payouts import PayoutFilter

pytestmark = pytest.mark.anvil

Calls = Sequence[tuple[str, Sequence[Any]]]

PHASES = (
    "before anything is read",
    "between two rounds",
    "after the tip",
    "between two windows",
    "within a batch",
    "while finality is confirmed",
    "twice",
)
DEPTHS = (1, 2, 3, 4, 6, 8, 11, 16, 21, 27, 32, 33, 40, 48, 55, 61, 63, 64)
CASES = (
    [(phase, depth) for phase in PHASES for depth in range(1, 65)]
    if os.environ.get("COLOPHON_LONG")
    else [(PHASES[number % len(PHASES)], depth) for number, depth in enumerate(DEPTHS)]
)


class Striking:
    """A connection on which something happens at one moment of following, once."""

    def __init__(self, rpc: HttpRpc, phase: str) -> None:
        self.rpc = rpc
        self.phase = phase
        self.strike: Callable[[], None] | None = None
        self.windows = 0

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        return self.rpc.call(method, params)

    def batch(self, calls: Calls) -> list[Any]:
        methods = [method for method, _ in calls]
        first, listed = methods[0] == "eth_chainId", "eth_getLogs" in methods
        if listed and self.phase == "between two windows":
            query = calls[methods.index("eth_getLogs")][1][0]
            if int(query["toBlock"], 16) - int(query["fromBlock"], 16) > 4:
                return [RpcError("eth_getLogs", -32602, "block range is too wide")] * len(calls)
        if listed and not first:
            self.windows += 1
        due = {
            "after the tip": listed and not first,
            "between two windows": listed and self.windows == 3,
            "within a batch": listed and not first,
            "while finality is confirmed": listed and first,
        }.get(self.phase, False)
        if not due or self.strike is None:
            return self.rpc.batch(calls)
        strike, self.strike = self.strike, None
        if self.phase != "within a batch":
            strike()
            return self.rpc.batch(calls)
        middle = methods.index("eth_getLogs") + 1 + (len(calls) - methods.index("eth_getLogs")) // 2
        before = self.rpc.batch(calls[:middle])
        strike()
        return before + self.rpc.batch(calls[middle:])

    def close(self) -> None:
        self.rpc.close()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(sender_module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.05)
    with running_anvil() as node:
        watched = Watched(node.url, node.keys[0], tmp_path)
        yield watched
        watched.close()


@pytest.mark.parametrize(("phase", "depth"), CASES)
def test_after_a_reorganisation_the_database_equals_the_chain(
    watched: Watched, phase: str, depth: int
) -> None:
    rpc = Striking(watched.rpc, phase)
    watched.endpoints[:] = [rpc, rpc] if phase == "while finality is confirmed" else [rpc]
    watched.mine(80)
    if phase not in ("before anything is read", "between two windows"):
        watched.sync()
    # The newest `depth` blocks hold a payment at their start, in the middle and at their end.
    places = sorted({1, (depth + 1) // 2, depth})
    receipts, mined = [], 0
    for place in places:
        if place - 1 > mined:
            watched.mine(place - 1 - mined)
        receipts.append(watched.world.pay(watched.token, 1_000 + place))
        mined = place
    raws = [watched.raw(receipt.tx_hash) for receipt in receipts]
    kept, lost = raws[:-1], raws[-1]

    def reorganise() -> None:
        watched.reorg(depth, *((raw, depth - 1) for raw in kept))

    if phase in ("between two rounds", "twice"):
        watched.sync()
        watched.check()
    if phase in ("before anything is read", "between two rounds", "twice"):
        reorganise()
    else:
        rpc.strike = reorganise
    watched.sync()
    if phase == "twice":
        watched.check()
        watched.reorg(depth, *((raw, 0) for raw in kept))
        watched.sync()
    assert rpc.strike is None, "the moment never came"
    watched.sync()
    watched.check()
    payments = watched.service.list(PayoutFilter(kind="payment"))
    assert sorted(one.amount for one in payments) == [1_000 + place for place in places[:-1]]

    watched.rpc.call("eth_sendRawTransaction", ["0x" + lost.hex()])
    watched.mine(70)
    watched.sync()
    watched.check()
    assert watched.service.count(PayoutFilter(orphaned=True)) == 0
    assert {one.state for one in watched.service.list()} == {"final"}
    assert set(watched.announced.values()) == {1}
