"""The main job, end to end, through the services: the numbers add up to the unit."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.journey import mint, register, song, whole_journey
from integration.people import PASSPHRASE, active, services_of

from desktop_app.chain.practice import PracticeNode
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import RefusedError
from desktop_app.services.app import Services


def test_the_whole_journey_on_the_practice_network(alone: Services, tmp_path: Path) -> None:
    whole_journey(alone, tmp_path / "works")


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
