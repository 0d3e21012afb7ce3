"""The state machines find faults: each of these, put into a contract, makes one fail.

One fault for each machine; all of them (a minute) with COLOPHON_ALL_FAULTS=1.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness.machines import run
from harness.world import World
from hypothesis.errors import HypothesisException
from test_invariants import RoyaltyMachine
from test_machines import Erc20Machine, LicencesMachine, WorksMachine

SOURCES = Path(__file__).parents[2] / "resources" / "contracts"

FAULTS = [
    # A parent is paid again and again.
    (RoyaltyMachine, "RoyaltyToken", "        self._forwarded[index][position] = earned\n", ""),
    # What a parent got is still owed.
    (RoyaltyMachine, "RoyaltyToken", "        book.liabilities -= amount\n", ""),
    # The seller of shares takes what he earned from the buyer.
    (RoyaltyMachine, "RoyaltyToken", "            self._corrections[to][i] -= moved\n", ""),
    # A refused claim among many is forgotten.
    (RoyaltyMachine, "RoyaltyToken", "            self._give_back(terms, index, holder, share, debt)\n", ""),
    # A paused collaborator is paid from the beginning.
    (RoyaltyMachine, "RoyaltyToken", "                    self._paid[index][position] = paid\n", ""),
    # The lock is off.
    (RoyaltyMachine, "RoyaltyToken", "@external\ndef transfer(", "@external\n@reentrant\ndef transfer("),
    (WorksMachine, "RoyaltyFactory", 'assert parent_registered_at < ', 'assert parent_registered_at <= '),
    (WorksMachine, "RoyaltyFactory", "        self._check_currencies(part.account, terms.currencies)\n", ""),
    (WorksMachine, "Registry", "((packed >> 160) << 160) | ", "packed | "),
    (LicencesMachine, "Licences", "total > (uses >> 64) & LOW_64", "total >= (uses >> 64) & LOW_64"),
    (LicencesMachine, "Licences", "total <= uses & LOW_64", "total <= LOW_64"),
    (LicencesMachine, "Licences", 'assert found.terms_hash == terms_hash, "terms changed"\n', "pass\n"),
    (LicencesMachine, "Licences", 'assert holder == msg.sender, "not the licensor"\n', "pass\n"),
    (Erc20Machine, "RoyaltyToken", "    self._nonces[owner] = nonce + 1\n", ""),
    (Erc20Machine, "TestDollar", "        self._allowances[owner][msg.sender] = allowed - amount\n", ""),
]  # fmt: skip


ONE_EACH = list({fault[0]: fault for fault in reversed(FAULTS)}.values())


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    ("machine", "contract", "code", "fault"), FAULTS if os.environ.get("COLOPHON_ALL_FAULTS") else ONE_EACH
)
def test_a_fault_is_found(
    fast: World, monkeypatch: pytest.MonkeyPatch, machine: type, contract: str, code: str, fault: str
) -> None:
    compiler = pytest.importorskip("vyper.compiler", reason="the Vyper compiler is not installed")
    source = (SOURCES / f"{contract}.vy").read_text(encoding="utf-8")
    assert source.count(code) == 1
    built = compiler.compile_code(source.replace(code, fault), output_formats=["bytecode"])
    world = World(type(fast.evm)(), {contract: bytes.fromhex(built["bytecode"][2:])})
    for name, value in {"NO_SHRINKING": "1", "EXAMPLES": "200", "STEPS": "50"}.items():
        monkeypatch.setenv(f"COLOPHON_{name}", value)
    with pytest.raises((Exception, HypothesisException)) as caught:
        run(machine, world)
    assert "state = " in "\n".join(caught.value.__notes__)
