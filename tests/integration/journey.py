"""The main job, step by step, through one person's services; the same on every network."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.people import active

from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError
from desktop_app.services.app import Services
from desktop_app.services.library import WorkStep
from desktop_app.services.ownership import VerdictState
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.royalties import Collaborator, Token

BEN, CLEO = "0x" + "b1" * 20, "0x" + "c1" * 20
PARTS = {"0x" + "B1" * 20: 333_333, "0x" + "c1" * 20: 125_000}


def song(folder: Path, text: str = "la") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{text}.txt"
    path.write_text(text * 1000)
    return path


def register(services: Services, folder: Path, title: str = "la") -> str:
    work = services.library.add(song(folder, title), title).work
    services.registration.prepare(work.id).execute()
    return work.id


def mint(services: Services, work_id: str, supply: int = 1_000) -> Token:
    people = [Collaborator(BEN, 333_333, "Ben"), Collaborator(CLEO, 125_000, "Cleo")]
    return services.royalties.prepare_mint(work_id, "Song", "SONG", supply, people).execute()


def check_books(services: Services, token: Token, paid: dict[str, list[int]]) -> None:
    """The contract, the tracker and plain arithmetic on the payments agree."""
    overview = services.royalties.overview(token)
    totals = {
        (total.currency, total.kind): total.units
        for total in services.payouts.totals(PayoutFilter(chain_id=token.chain_id, token=token.address))
    }
    for money, currency in zip(overview.money, token.currencies, strict=True):
        sums = sum(paid[currency.symbol])
        pushed = sum(sums * share // 1_000_000 for share in PARTS.values())
        assert money.received.units == sums
        assert totals.get((currency.address, "payment"), 0) == sums
        assert money.pushed.units == totals.get((currency.address, "push"), 0) == pushed
        together = money.pushed.units + money.claimed.units + money.pending.units + money.rounding.units
        assert together == sums
        assert 0 <= money.rounding.units < len(overview.holders) + len(PARTS) + 1


def whole_journey(services: Services, folder: Path) -> None:
    """Register, prove, mint, pay, pass on and claim; the books are right after each payment."""
    work_id = register(services, folder)
    file = services.ownership.prove(work_id, "Label", "77-11")
    report = services.ownership.verify(file.path, "77-11", "Label", online=True)
    assert report.valid
    assert [verdict.state for verdict in report.verdicts] == [VerdictState.YES] * 3
    token = mint(services, work_id)
    chain_id = services.networks.active.chain_id
    assert services.library.step(work_id, chain_id) is WorkStep.MINTED
    coin, dollar = services.royalties.currencies(token)
    friend = services.wallet.add_account("Friend").address
    paid: dict[str, list[int]] = {coin.symbol: [], dollar.symbol: []}
    for units in (1, 2, 999_999, 10_000_000):
        receipt = services.royalties.prepare_pay(token, Amount(units, dollar)).execute()
        assert receipt.received == Amount(units, dollar)
        paid[dollar.symbol].append(units)
        check_books(services, token, paid)
    services.royalties.prepare_transfer(token, friend, 333).execute()
    for units in (10**15 + 7, 3):
        services.royalties.prepare_pay(token, Amount(units, coin), "thanks").execute()
        paid[coin.symbol].append(units)
    check_books(services, token, paid)
    before = services.networks.balances(active(services))[1]
    claim = services.royalties.prepare_claim(token, dollar).execute()
    assert services.networks.balances(active(services))[1] - before == claim.amount
    services.royalties.prepare_claim(token, coin, friend).execute()
    check_books(services, token, paid)
    with pytest.raises(RefusedError, match="nothing_owed"):
        services.royalties.prepare_claim(token, dollar)
