"""Payments with one signature (EIP-3009): at once, or in a file that somebody else sends; exactly once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.journey import mint, register
from integration.test_journey_on_a_real_node import base, on_base

from desktop_app.chain import reads
from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.approval import describe
from desktop_app.services.royalties import (
    PaymentState,
    SignedPayment,
    Token,
    mark_sent,
    read_payment,
    write_payment,
)

__all__ = ["base", "on_base"]

OTHER = parse_address("0x" + "0e" * 20)


def journey(services: Services, folder: Path) -> None:
    """Dollars in one transaction, and by a payer without any coin whose signature somebody else sends."""
    token = mint(services, register(services, folder / "works"))
    royalties, dollar = services.royalties, token.currencies[1]
    chain = services.networks.chain()
    rich = services.wallet.status().active or ""

    action = royalties.prepare_pay(token, Amount(2_000_000, dollar), "order 7")
    review = services.reviews.examine(action)
    assert (review.action, review.transactions) == ("review.pay_at_once", 1)
    assert Amount(-2_000_000, dollar) in (review.changes or ())
    receipt = action.execute()
    assert receipt.received == Amount(2_000_000, dollar)
    assert receipt.fee.units <= action.review.fee_worst_case.units
    assert reads.allowance(chain, dollar, rich, token.address).units == 0

    poor = services.wallet.add_account("Poor").address
    services.transactions.prepare_send(poor, Amount(9_000_000, dollar)).execute()
    services.wallet.select_account(poor)
    assert services.networks.balances(poor)[0].units == 0
    signing = royalties.prepare_signed_payment(token, Amount(5_000_000, dollar), "thanks", days=2)
    told = describe(services.reviews.examine(signing))
    assert "Whoever has the file can send it, one time, until" in told.headline
    assert signing.review.fee_worst_case.units == signing.review.transactions == 0
    signed = signing.execute()
    assert services.networks.balances(poor)[1] == Amount(9_000_000, dollar), "nothing was sent"

    path = folder / "thanks.payment.json"
    write_payment(signed, path)
    found = read_payment(path)
    assert found == signed
    assert royalties.signed_payment_state(found) is PaymentState.OPEN
    services.wallet.select_account(rich)
    for changed in (
        replace(found, units=5_000_001),
        replace(found, memo=b"other".ljust(32, b"\0")),
        replace(found, payer=rich),
        replace(found, valid_before=found.valid_before + 1),
    ):
        with pytest.raises(RefusedError, match="reverted"):
            royalties.prepare_send_signed(changed)
    sending = royalties.prepare_send_signed(found)
    twin = royalties.prepare_send_signed(found)
    assert poor in describe(sending.review).headline
    assert sending.execute().received == Amount(5_000_000, dollar)
    with pytest.raises(RefusedError, match="reverted"):
        twin.execute()
    with pytest.raises(RefusedError, match="payment_used"):
        royalties.prepare_send_signed(found)
    assert royalties.signed_payment_state(found) is PaymentState.USED
    assert services.networks.balances(poor)[1] == Amount(4_000_000, dollar)
    memos = {event.memo for event in services.books.statement(token).history.events if hasattr(event, "memo")}
    assert b"thanks".ljust(32, b"\0") in memos
    assert services.books.audit(token).audit.agrees


def test_signed_payments_on_the_practice_network(alone: Services, tmp_path: Path) -> None:
    journey(alone, tmp_path)


@pytest.mark.anvil
def test_signed_payments_on_a_real_node(on_base: Services, tmp_path: Path) -> None:
    on_base.networks.prepare_deploy().execute()
    journey(on_base, tmp_path)


@pytest.fixture
def token(alone: Services, tmp_path: Path) -> Token:
    return mint(alone, register(alone, tmp_path / "works"))


def test_what_cannot_be_signed_or_sent_is_refused_in_words(alone: Services, token: Token) -> None:
    coin, dollar = token.currencies
    royalties = alone.royalties
    assert royalties.can_sign_only(token, dollar)
    assert not royalties.can_sign_only(token, coin)
    with pytest.raises(InvalidInputError, match="cannot_be_signed_only"):
        royalties.prepare_signed_payment(token, Amount(1, coin))
    for days in (0, 366):
        with pytest.raises(InvalidInputError, match="days_out_of_range"):
            royalties.prepare_signed_payment(token, Amount(1, dollar), days=days)
    with pytest.raises(RefusedError, match="not_enough"):
        royalties.prepare_signed_payment(token, Amount(10**12, dollar))
    signed = royalties.prepare_signed_payment(token, Amount(1, dollar)).execute()
    assert signed.signature.hex() not in repr(signed)
    late = replace(signed, valid_before=1)
    assert royalties.signed_payment_state(late) is PaymentState.EXPIRED
    with pytest.raises(RefusedError, match="payment_expired"):
        royalties.prepare_send_signed(late)
    with pytest.raises(RefusedError, match="payer_has_not_enough"):
        royalties.prepare_send_signed(replace(signed, payer=OTHER))
    with pytest.raises(InvalidInputError, match="payment_elsewhere"):
        royalties.prepare_send_signed(replace(signed, chain_id=8453))
    with pytest.raises(InvalidInputError, match="other_currency"):
        royalties.prepare_send_signed(replace(signed, currency=OTHER))


def test_an_allowance_that_is_there_is_used(alone: Services, token: Token) -> None:
    from desktop_app.chain.contracts import approve_call

    dollar = token.currencies[1]
    alone.networks.sender(alone.networks.chain()).send(approve_call(token.address, Amount(7, dollar)))
    assert alone.royalties.prepare_pay(token, Amount(7, dollar)).review.action == "review.pay"


def test_a_file_is_marked_when_it_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.payment.json"
    payment = SignedPayment(1, OTHER, OTHER, OTHER, 5, bytes(32), 9, bytes(32), bytes(65))
    write_payment(payment, path)
    mark_sent(path, "0x" + "ab" * 32)
    assert read_payment(path) == replace(payment, sent_in="0x" + "ab" * 32)
    mark_sent(tmp_path / "gone", "0x")
    with pytest.raises(InvalidInputError, match="cannot_write"):
        write_payment(payment, tmp_path / "nowhere" / "a")


GOOD = json.loads(SignedPayment(1, OTHER, OTHER, OTHER, 5, bytes(32), 9, bytes(32), bytes(65)).to_json())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(sorted(GOOD)), JSON)
def test_a_payment_file_with_anything_in_it_is_read_or_refused(name: str, value: object) -> None:
    try:
        SignedPayment.from_json(json.dumps({**GOOD, name: value}))
    except InvalidInputError as refused:
        assert refused.code == "royalties.no_signed_payment"


@pytest.mark.parametrize("text", ["", "{}", "[]", "{" * 9000, '{"format": "colophon-payment"}'])
def test_what_is_no_payment_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "payment.json"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match="no_signed_payment"):
        read_payment(path)
