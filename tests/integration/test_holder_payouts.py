"""Paying out everybody at once: who is paid, who is skipped, and many more people than fit into one call."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.journey import CLEO, mint, register
from integration.royalty_journey import audited, refusing_recipient
from integration.test_journey_on_a_real_node import base, on_base

from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services import holder_payouts
from desktop_app.services.app import Services
from desktop_app.services.approval import describe
from desktop_app.services.royalties import Token

__all__ = ["base", "on_base"]

PEOPLE = tuple(parse_address("0x" + f"{0xA1000 + number:040x}") for number in range(2))


def pay_everybody(services: Services, folder: Path, token: Token) -> None:
    """Two people and one contract that refuses money hold shares; all but the contract are paid."""
    royalties = services.royalties
    coin = token.currencies[0]
    broken = refusing_recipient(services)
    with pytest.raises(RefusedError, match="nobody_is_owed"):
        royalties.prepare_pay_holders(token, coin)
    for person in (*PEOPLE, broken):
        royalties.prepare_transfer(token, person, 100).execute()
    royalties.prepare_pay(token, Amount(10**16, coin)).execute()
    waiting = {one.address: one.pending[0] for one in royalties.overview(token).holders}
    before = services.networks.balances(PEOPLE[0])[0]

    action = royalties.prepare_pay_holders(token, coin)
    told = describe(action.review)
    assert "4 people" in told.headline
    assert f"{waiting[broken]} of it cannot be paid" in told.headline
    receipt = action.execute()
    paid = dict(receipt.paid)
    assert dict(receipt.skipped) == {broken: waiting[broken]}
    assert paid == {who: amount for who, amount in waiting.items() if amount.units and who != broken}
    assert services.networks.balances(PEOPLE[0])[0] == before + waiting[PEOPLE[0]]
    left = {one.address: one.pending[0].units for one in royalties.overview(token).holders}
    assert {who for who, units in left.items() if units} == {broken}
    assert "audit.not_booked" not in audited(services, token)
    with pytest.raises(RefusedError, match="nobody_can_be_paid"):
        royalties.prepare_pay_holders(token, coin)


def test_everybody_is_paid_and_who_refuses_is_skipped(alone: Services, tmp_path: Path) -> None:
    pay_everybody(alone, tmp_path, mint(alone, register(alone, tmp_path / "works")))


@pytest.mark.anvil
def test_everybody_is_paid_on_a_real_node(on_base: Services, tmp_path: Path) -> None:
    on_base.networks.prepare_deploy().execute()
    pay_everybody(on_base, tmp_path, mint(on_base, register(on_base, tmp_path / "works")))


def test_more_people_than_fit_are_paid_in_several_transactions(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one at a time; a fault after the first of three leaves the rest owed, and nobody is paid twice."""
    monkeypatch.setattr(holder_payouts, "MOST_AT_ONCE", 1)
    token = mint(alone, register(alone, tmp_path / "works"))
    royalties, dollar = alone.royalties, token.currencies[1]
    people = PEOPLE[:2]
    for person in people:
        royalties.prepare_transfer(token, person, 100).execute()
    royalties.prepare_pay(token, Amount(1_000_000, dollar)).execute()
    action = royalties.prepare_pay_holders(token, dollar)
    assert action.review.transactions == 3
    sender = alone.networks.sender(alone.networks.chain())
    real, sent = sender.send, []

    def fails_second(*arguments: object) -> object:
        if sent:
            raise RefusedError("chain.fee_outdated")
        sent.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(sender, "send", fails_second)
        with pytest.raises(RefusedError, match="some_were_paid"):
            action.execute()
    receipt = royalties.prepare_pay_holders(token, dollar).execute()
    assert len(receipt.tx_hashes) == 2
    assert len(receipt.paid) == 2
    held = [alone.networks.balances(person)[1].units for person in people]
    assert held == [held[0]] * 2
    assert held[0] > 0
    assert not any(one.pending[1].units for one in royalties.overview(token).holders)
    assert CLEO not in dict(receipt.paid)


def test_a_foreign_currency_is_refused(alone: Services, tmp_path: Path) -> None:
    token = mint(alone, register(alone, tmp_path / "works"))
    with pytest.raises(InvalidInputError, match="other_currency"):
        alone.royalties.prepare_pay_holders(token, Currency(token.chain_id, "ODD", 6, token.address))
