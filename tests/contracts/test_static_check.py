"""packaging/check_contracts.py finds what it says it looks for, and nothing in clean code."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
HEAD = """
interface Token:
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def poke(): nonpayable

_count: uint256

"""
LOCK = "# pragma nonreentrancy on\n"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    pytest.importorskip("vyper", reason="the Vyper compiler is not installed")
    spec = importlib.util.spec_from_file_location("check_contracts", ROOT / "packaging/check_contracts.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def found(check: ModuleType, folder: Path, body: str, lock: bool = True) -> set[str]:
    path = folder / "Thing.vy"
    path.write_text((LOCK if lock else "") + HEAD + body)
    return {rule for rule, _, function in check.findings(check.Contract(path)) if function != "Token"}


def external(*lines: str) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"@external\n@payable\ndef act(token: address, amount: uint256):\n{body}\n"


CALL = "extcall Token(token).poke()"


@pytest.mark.parametrize(
    ("rules", "body"),
    [
        ({"reentrancy"}, external(CALL, "self._count = 1")),
        ({"reentrancy"}, external(CALL, "self._count += 1")),
        ({"reentrancy", "unused"}, "total: public(uint256)\n" + external(CALL, "self.total = 1")),
        ({"reentrancy"}, "_b: uint256\n" + external(CALL, "self._count, self._b = 1, 2")),
        ({"reentrancy", "unused"}, "_l: DynArray[uint256, 3]\n" + external(CALL, "self._l.append(1)")),
        (
            {"reentrancy"},
            external(
                'ok: bool = raw_call(token, b"", value=1, gas=1, revert_on_failure=False)',
                "self._count = 1",
            ),
        ),
        ({"reentrancy", "no-lock"}, "@reentrant\n" + external(CALL, "self._count = 1")),
        ({"low-level-raw-log", "unused"}, external('raw_log([], b"")')),
        ({"block-prevrandao", "unused"}, external("assert convert(block.prevrandao, uint256) == amount")),
        (set(), external("self._count = 1", CALL)),
        (
            {"reentrancy", "calls-loop"},
            external("for i: uint256 in range(2):", "    self._count = i", f"    {CALL}"),
        ),
        ({"reentrancy"}, external(CALL, "self._set()") + "@internal\ndef _set():\n    self._count = 1\n"),
        ({"unchecked-transfer", "unused"}, external("extcall Token(token).transfer(self, amount)")),
        ({"unused"}, external("assert extcall Token(token).transfer(self, amount)")),
        ({"unchecked-raw-call", "return-bomb", "unbounded-gas", "unused"}, external('raw_call(token, b"")')),
        (
            {"unused"},
            external("ok: bool = raw_call(token, b\"\", value=1, gas=1000, revert_on_failure=False)"),
        ),
        (
            {"delegatecall", "unchecked-raw-call", "return-bomb", "unbounded-gas", "unused"},
            external('raw_call(token, b"", is_delegate_call=True)'),
        ),
        ({"low-level-send", "unused"}, external("send(token, amount)")),
        ({"tx-origin", "unused"}, external("assert tx.origin == token")),
        ({"timestamp", "unused"}, external("assert block.timestamp == amount")),
        ({"divide-before-multiply"}, external("self._count = amount // 3 * 2")),
        (set(), external("self._count = amount * 2 // 3")),
    ],
)  # fmt: skip
def test_each_rule_finds_its_fault(check: ModuleType, tmp_path: Path, rules: set[str], body: str) -> None:
    assert found(check, tmp_path, body) == rules


def test_calls_without_the_lock_are_found(check: ModuleType, tmp_path: Path) -> None:
    assert found(check, tmp_path, external("self._count = 1", CALL), lock=False) == {"no-lock"}


def test_every_finding_in_our_contracts_is_answered() -> None:
    pytest.importorskip("vyper", reason="the Vyper compiler is not installed")
    command = [sys.executable, str(ROOT / "packaging" / "check_contracts.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
