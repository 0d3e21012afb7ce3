"""The main job, end to end, through the services: the numbers add up to the unit."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.people import PASSPHRASE, active, services_of

from desktop_app.chain.practice import PracticeNode
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
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
        assert 0 <= money.rounding.units < len(overview.holders)


def test_the_whole_journey_on_the_practice_network(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works")
    file = alone.ownership.prove(work_id, "Label", "77-11")
    report = alone.ownership.verify(file.path, "77-11", "Label", online=True)
    assert report.valid
    assert [verdict.state for verdict in report.verdicts] == [VerdictState.YES] * 3
    token = mint(alone, work_id)
    chain_id = alone.networks.active.chain_id
    assert alone.library.step(work_id, chain_id) is WorkStep.MINTED
    coin, dollar = alone.royalties.currencies(token)
    friend = alone.wallet.add_account("Friend").address
    paid: dict[str, list[int]] = {coin.symbol: [], dollar.symbol: []}
    for units in (1, 2, 999_999, 10_000_000):
        receipt = alone.royalties.prepare_pay(token, Amount(units, dollar)).execute()
        assert receipt.received == Amount(units, dollar)
        paid[dollar.symbol].append(units)
        check_books(alone, token, paid)
    alone.royalties.prepare_transfer(token, friend, 333).execute()
    for units in (10**15 + 7, 3):
        alone.royalties.prepare_pay(token, Amount(units, coin), "thanks").execute()
        paid[coin.symbol].append(units)
    check_books(alone, token, paid)
    before = alone.networks.balances(active(alone))[1]
    claim = alone.royalties.prepare_claim(token, dollar).execute()
    assert alone.networks.balances(active(alone))[1] - before == claim.amount
    alone.royalties.prepare_claim(token, coin, friend).execute()
    check_books(alone, token, paid)
    with pytest.raises(RefusedError, match="nothing_owed"):
        alone.royalties.prepare_claim(token, dollar)


def test_shares_passed_on_leave_what_was_earned_before(alone: Services, tmp_path: Path) -> None:
    token = mint(alone, register(alone, tmp_path / "works"))
    dollar = token.currencies[1]
    friend = alone.wallet.add_account("Friend").address
    alone.royalties.prepare_pay(token, Amount(1_000_000, dollar)).execute()
    before = {h.address: h.pending for h in alone.royalties.overview(token).holders}
    alone.royalties.prepare_transfer(token, friend, 1_000).execute()
    after = {h.address: h.pending for h in alone.royalties.overview(token).holders}
    assert after[active(alone)] == before[active(alone)]
    assert all(amount.units == 0 for amount in after.get(friend, ()))


def test_everything_is_there_after_a_restart(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works")
    token = mint(alone, work_id)
    dollar = token.currencies[1]
    alone.royalties.prepare_pay(token, Amount(12_345, dollar)).execute()
    rows = alone.royalties.overview(token), alone.payouts.list()
    alone.close()
    again = services_of(alone.paths.home)
    try:
        again.wallet.unlock(PASSPHRASE)
        assert again.royalties.tokens() == (token,)
        assert (again.royalties.overview(token), again.payouts.list()) == rows
        again.royalties.prepare_pay(token, Amount(1, dollar)).execute()
        again.payouts.sync_once(again.networks.active)
        paid = [row.amount for row in again.payouts.list() if row.kind == "payment"]
        assert paid == [1, 12_345]
    finally:
        again.close()


def test_a_second_registration_or_token_is_refused(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works")
    with pytest.raises(RefusedError, match="already_registered"):
        alone.registration.prepare(work_id)
    mint(alone, work_id)
    with pytest.raises(RefusedError, match="already_minted"):
        alone.royalties.prepare_mint(work_id, "Song", "SONG", 10)


def test_a_copied_record_is_refused_by_the_contract(alone: Services, tmp_path: Path) -> None:
    register(alone, tmp_path / "works")
    chain = alone.networks.chain()
    sent = alone.database
    with sent.read() as connection:
        row = connection.execute("SELECT raw FROM transactions WHERE code = 'action.register'").fetchone()
    from eth_account.typed_transactions import TypedTransaction
    from hexbytes import HexBytes

    original = TypedTransaction.from_bytes(HexBytes(row["raw"])).as_dict()
    thief = alone.wallet.add_account("Thief").address
    alone.networks.faucet(thief)
    from desktop_app.chain.contracts import Call

    copy = Call("0x" + bytes(original["to"]).hex(), bytes(original["data"]), 0, "action.register")
    with pytest.raises(RefusedError, match="reverted"):
        alone.networks.sender(chain, alone.wallet.signer(thief)).quote(copy)


def test_a_certificate_is_made_without_any_network(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_id = register(alone, tmp_path / "works")
    alone.close()

    def forbidden(self: PracticeNode) -> None:
        raise AssertionError("a network was started")

    monkeypatch.setattr(PracticeNode, "_open", forbidden)
    offline = services_of(alone.paths.home)
    try:
        offline.wallet.unlock(PASSPHRASE)
        file = offline.ownership.prove(work_id, "Label", "1")
        assert offline.ownership.verify(file.path, "1").valid
        assert not offline.ownership.verify(file.path, "2").valid
    finally:
        offline.close()


def test_a_locked_wallet_registers_nothing(alone: Services, tmp_path: Path) -> None:
    work = alone.library.add(song(tmp_path / "works")).work
    alone.wallet.lock()
    with pytest.raises(RefusedError, match=r"wallet\.locked"):
        alone.registration.prepare(work.id)
    assert alone.registration.for_work(work.id) == ()


def test_resetting_the_practice_network_mixes_nothing(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works")
    token = mint(alone, work_id)
    alone.royalties.prepare_pay(token, Amount(5, token.currencies[1])).execute()
    alone.payouts.sync_once(alone.networks.active)
    alone.networks.reset_practice()
    assert alone.payouts.list() == ()
    assert alone.royalties.tokens() == ()
    assert alone.registration.current(work_id) is None
    alone.networks.faucet(active(alone))
    alone.registration.prepare(work_id).execute()
    again = mint(alone, work_id)
    alone.royalties.prepare_pay(again, Amount(7, again.currencies[1])).execute()
    alone.payouts.sync_once(alone.networks.active)
    assert sum(row.amount for row in alone.payouts.list() if row.kind == "payment") == 7


def test_a_buyer_with_his_own_app_finds_the_token_by_its_address(tmp_path: Path) -> None:
    node = PracticeNode(tmp_path / "practice.db", SystemClock())
    creator, buyer = (services_of(tmp_path / name, practice=node) for name in ("creator", "buyer"))
    try:
        for services in (creator, buyer):
            services.wallet.create("passphrase", PASSPHRASE)
            services.networks.faucet(active(services))
        token = mint(creator, register(creator, tmp_path / "works"))
        seen = buyer.royalties.token(token.address.lower())
        assert (seen.name, seen.supply, seen.created_block) == (token.name, token.supply, token.created_block)
        assert seen.currencies == token.currencies
        buyer.royalties.prepare_pay(seen, Amount(1_000, seen.currencies[1])).execute()
        creator.payouts.sync_once(creator.networks.active)
        assert [row.amount for row in creator.payouts.list() if row.kind == "payment"] == [1_000]
    finally:
        creator.close()
        buyer.close()
        node.close()
