"""The sample transactions against the real ones: their gas, their size, and what they write."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.test_journey_on_a_real_node import base, on_base  # noqa: F401 - fixtures

from desktop_app.chain.own_actions import COLLABORATORS, GAS, SLOTS, OwnAction, Step, steps
from desktop_app.chain.rpc import Rpc
from desktop_app.core.amounts import Amount
from desktop_app.services.app import Services
from desktop_app.services.royalties import Collaborator

pytestmark = pytest.mark.anvil


def sent(services: Services) -> list[str]:
    """Hashes of what the person has sent, oldest first."""
    return [one.tx_hash for one in reversed(services.transactions.page())]


def written(rpc: Rpc, tx_hash: str) -> tuple[int, int]:
    """Storage slots that a transaction wrote for the first time, and again."""
    diff = rpc.call(
        "debug_traceTransaction",
        [tx_hash, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}],
    )
    new = changed = 0
    for address, after in diff["post"].items():
        before = diff["pre"].get(address, {}).get("storage", {})
        for slot in after.get("storage", {}):
            was = int(before.get(slot, "0x0"), 16)
            new, changed = (new, changed + 1) if was else (new + 1, changed)
    for address, before in diff["pre"].items():
        after = diff["post"].get(address, {}).get("storage", {})
        changed += len([slot for slot in before.get("storage", {}) if slot not in after])
    return new, changed


def test_the_samples_are_like_what_the_app_really_sends(on_base: Services, tmp_path: Path) -> None:  # noqa: F811
    services = on_base
    services.networks.prepare_deploy().execute()
    rpc = services.networks.chain().rpc
    path = tmp_path / "song.txt"
    path.write_text("la" * 500)
    work = services.library.add(path, "A song with a usual title").work
    before = len(sent(services))
    services.registration.prepare(work.id).execute()
    people = [Collaborator("0x" + f"{n:02x}" * 20, 50_000 + n) for n in range(17, 17 + COLLABORATORS)]
    token = services.royalties.prepare_mint(
        work.id, "A song with a usual title", "SONG", 1_000_000, people
    ).execute()
    coin, dollar = token.currencies
    for _ in range(2):
        services.royalties.prepare_pay(token, Amount(9_990_000, dollar)).execute()
        services.royalties.prepare_claim(token, dollar).execute()
        services.royalties.prepare_pay(token, Amount(10**15 + 1, coin)).execute()
    hashes = sent(services)[before:]
    names = ["register", "mint", *["pay_dollars", "claim", "pay_coin"] * 2]
    assert len(hashes) == len(names)
    found = dict(zip(names, hashes, strict=True))  # the second round, when storage is in use
    network = services.networks.active
    samples: dict[str, Step] = {}
    for action in OwnAction:
        for step in steps(network, action, True):
            samples[next(name for name, gas in GAS.items() if gas == step.gas)] = step
    for name, tx_hash in found.items():
        gas = int(rpc.call("eth_getTransactionReceipt", [tx_hash])["gasUsed"], 16)
        assert gas == pytest.approx(GAS[name], rel=0.12), (name, gas)
        new, changed = written(rpc, tx_hash)
        assert (new, changed) == pytest.approx(SLOTS[name], abs=2), (name, new, changed)
        if name in samples:
            size = len(rpc.call("eth_getTransactionByHash", [tx_hash])["input"]) // 2 - 1
            assert size == pytest.approx(len(samples[name].call.data), rel=0.05), name
