"""A payment to five people through our royalty token, and through OpenZeppelin's PaymentSplitter (v4, MIT).

Optional: `npm ci --prefix tests/benchmarks/peers/splitters` brings the peer and solc. Gas is counted on the
same EVM (py-evm, Prague), whole transactions, everybody paid before (repeated use).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))

from harness.evm import NATIVE, Contract
from harness.world import COLLABORATORS, PAYER, STRANGER, World

PEER = Path(__file__).parent / "peers" / "splitters"
SHARES = [200_000] * 5
AMOUNT = 1_000_003
FIVE = COLLABORATORS[:5]


@pytest.fixture(scope="module")
def splitter() -> dict[str, Any]:
    node = shutil.which("node")
    if node is None or not (PEER / "node_modules").is_dir():
        pytest.skip("an optional benchmark: the peer is not installed, see the top of this file")
    done = subprocess.run([node, str(PEER / "compile.mjs")], check=True, capture_output=True, timeout=120)
    compiled: dict[str, Any] = json.loads(done.stdout)
    return compiled


def ours(world: World, currency: str) -> dict[str, int]:
    """Pay: all five have their money in the same transaction."""
    token, made = world.create(SHARES)
    world.dollars(PAYER, 10**12, token.address)
    paid = [world.pay(token, currency, AMOUNT).gas_used for _ in range(3)]
    return {"make": made.gas_used, "payer": paid[-1], "others": 0}


def openzeppelin(world: World, compiled: dict[str, Any], currency: str) -> dict[str, int]:
    """Pay into the splitter; then each of the five collects in a transaction of his own."""
    code = bytes.fromhex(compiled["bytecode"]) + encode(["address[]", "uint256[]"], [FIVE, SHARES])
    made = world.evm.send(STRANGER, None, code)
    peer = Contract(world.evm, made.created, compiled["abi"])
    world.dollars(PAYER, 10**12)
    for _ in range(3):
        if currency == NATIVE:
            world.evm.fund(PAYER, AMOUNT)
            payer = world.evm.send(PAYER, peer.address, value=AMOUNT).gas_used
        else:
            payer = world.dollar.send("transfer", peer.address, AMOUNT, sender=PAYER).gas_used
        named = () if currency == NATIVE else (currency,)
        others = sum(peer.send("release", *named, who, sender=STRANGER).gas_used for who in FIVE)
    return {"make": made.gas_used, "payer": payer, "others": others}


@pytest.mark.parametrize("kind", ["the coin", "dollars"])
def test_a_payment_to_five_people(benchmark: Any, splitter: dict[str, Any], kind: str) -> None:
    world = World()
    currency = NATIVE if kind == "the coin" else world.dollar.address

    def run() -> dict[str, dict[str, int]]:
        return {"ours": ours(world, currency), "openzeppelin": openzeppelin(world, splitter, currency)}

    figures = benchmark.pedantic(run, rounds=1)
    benchmark.extra_info.update(figures)
    print(kind, figures)
    assert figures["ours"]["payer"] < sum(figures["openzeppelin"].values()) - figures["openzeppelin"]["make"]
