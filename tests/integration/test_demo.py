"""The demo: its numbers add up to the unit, it can be run again, and broken off at any step."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from secret_grep import expected_in

from desktop_app.chain.practice import PracticeNode
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import CancelledError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.services.app import build_services
from desktop_app.services.demo import DemoStep, DemoSummary, run_demo
from desktop_app.services.wording import words

pytestmark = pytest.mark.usefixtures("cheap_passphrases")


@pytest.fixture(autouse=True)
def _keeps_its_passphrase(tmp_path: Path) -> None:
    """The demo's people hold practice money only, and their passphrase lies beside their wallets."""
    for home in (tmp_path, tmp_path / "home"):
        expected_in(home / "demo" / "passphrase.txt")


def check(summary: DemoSummary) -> None:
    """Against a plain model: shares of the payments, in exact fractions."""
    assert summary.adds_up
    assert summary.proved_on_chain
    paid = {"ETH": [20_000_000_000_000_000], "tUSD": [25_000_000, 9_990_001]}
    parts = {"Ben": Fraction(25, 100), "Cleo": Fraction(125, 1000)}
    got = {person.name: person for person in summary.people}
    for index, money in enumerate(summary.money):
        symbol = money.received.currency.symbol
        total = sum(paid[symbol])
        assert money.received.units == total
        expected = {name: int(total * part) for name, part in parts.items()}
        for name, units in expected.items():
            assert got[name].received[index].units == units
        rest = 1 - sum(parts.values())
        first = int(paid[symbol][0] * rest)
        later = int(total * rest) - first
        dan = int(Fraction(later, 4))
        ada = int(first + Fraction(later * 3, 4))
        assert got["Dan"].received[index].units + got["Dan"].pending[index].units == dan
        assert got["Ada"].received[index].units + got["Ada"].pending[index].units == ada
        everyone = sum(p.received[index].units + p.pending[index].units for p in summary.people)
        assert everyone + money.rounding.units == total
        assert money.rounding.units == total - sum(expected.values()) - dan - ada
    assert got["Dan"].shares + got["Ada"].shares == summary.supply


def check_receipts(home: Path, runs: int) -> None:
    """What somebody has is what the faucet gave, and what the receipts say."""
    said = set()
    node = PracticeNode(AppPaths(home / "demo" / "ada").practice, SystemClock())
    people = [build_services(AppPaths(home / "demo" / name), practice=node) for name in ("ada", "dan", "eve")]
    for services in people:
        receipts, address = list(services.receipts.all()), services.wallet.status().active
        assert address is not None
        for held in services.networks.balances(address):
            units = runs * (10 * 10**18 if held.currency.is_native else 1_000 * 10**6)
            for receipt in receipts:
                fee = [receipt.fee] if receipt.fee else []
                for sign, amounts in ((1, receipt.reached or ()), (-1, receipt.left or ()), (-1, fee)):
                    units += sign * sum(one.units for one in amounts if one.currency == held.currency)
            assert held.units == units
        assert all(one.is_final and one.block_time and not one.doubts for one in receipts)
        said |= {receipt.code for receipt in receipts}
        news = services.home.look().news
        sent = [one.receipt for one in news if one.kind == "transaction"]
        assert sent == [one.id for one in receipts][: len(sent)]
        assert len({one.receipt for one in news}) == len(news), "each thing once"
        assert not any("0x" in one.text or len(one.detail) > 80 for one in news if one.kind != "transaction")
    for services in people:
        services.close()  # with the node that they share
    kinds = ("register", "create_token", "pay", "transfer_shares", "claim_own")
    assert said == {f"action.{one}" for one in kinds}


def test_the_demo_adds_up_to_the_unit_and_runs_again_on_its_own_data(tmp_path: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "files"
    steps: list[DemoStep] = []
    first = run_demo(AppPaths(home), output, steps.append)
    check(first)
    assert [step.number for step in steps] == list(range(1, steps[0].total + 1))
    assert all(words(step.code, **step.params) for step in steps)
    second = run_demo(AppPaths(home), output, lambda step: None)
    check(second)
    check_receipts(home, runs=2)
    assert (first.run, second.run) == (1, 2)
    assert first.token != second.token
    assert {path.parent for path in (*first.files, *second.files)} == {output}
    assert all(path.is_file() for path in (*first.files, *second.files))
    verifier = build_services(AppPaths(tmp_path / "somebody"))
    try:
        assert verifier.ownership.verify(first.certificate, first.challenge).valid
        assert not verifier.ownership.verify(first.certificate, second.challenge).valid
    finally:
        verifier.close()
    others = [p for p in home.rglob("*") if p.is_file() and p != first.passphrase_file]
    everything = b"".join(path.read_bytes() for path in others)
    assert first.passphrase_file.read_bytes().strip() not in everything
    assert first.passphrase_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("broken_at", [1, 3, 6, 9])
def test_a_demo_that_was_broken_off_does_no_harm_to_the_next(tmp_path: Path, broken_at: int) -> None:
    task = Task()

    def stop(step: DemoStep) -> None:
        if step.number == broken_at:
            task.cancel()

    with pytest.raises(CancelledError):
        run_demo(AppPaths(tmp_path), None, stop, task)
    check(run_demo(AppPaths(tmp_path), None, lambda step: None))
