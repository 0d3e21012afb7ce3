"""RoyaltyToken: payments, pushes and claims, exact to the unit."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from harness import refused
from harness.evm import CHAIN_ID, NATIVE, Contract
from harness.world import COLLABORATORS, CREATOR, HOLDERS, PAYER, STRANGER, SUPPLY, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MEMO = keccak(b"order 1")
SHARES = [100_000, 50_000, 12_345]


@pytest.fixture
def token(world: World) -> Contract:
    return world.token(SHARES)


@pytest.fixture(params=["native", "dollar"])
def currency(request: pytest.FixtureRequest, world: World, token: Contract) -> str:
    if request.param == "native":
        return NATIVE
    world.dollars(PAYER, 10**15, token.address)
    return world.dollar.address


def wealth(world: World, currency: str, owner: str) -> int:
    return world.evm.balance(owner) if currency == NATIVE else world.dollar.call("balanceOf", owner)


def test_a_payment_is_split_in_the_same_transaction(world: World, token: Contract, currency: str) -> None:
    world.evm.fund(PAYER, 10**6)
    value = 10**6 if currency == NATIVE else 0
    receipt = token.send("pay", currency, 10**6, MEMO, sender=PAYER, value=value)
    pushed = [
        ("Pushed", {"collaborator": who, "currency": currency, "amount": share})
        for who, share in zip(COLLABORATORS, SHARES, strict=False)
    ]
    payment = {"payer": PAYER, "currency": currency, "amount": 10**6, "memo": MEMO}
    assert token.events(receipt) == [("Payment", payment), *pushed]
    assert [wealth(world, currency, who) for who in COLLABORATORS[:3]] == SHARES
    rest = 10**6 - sum(SHARES)
    assert token.call("pending", CREATOR, currency) == rest
    assert token.call("liabilities", currency) == wealth(world, currency, token.address) == rest
    assert token.call("received", currency) == 10**6


def test_a_payment_of_one_unit_works(world: World, token: Contract, currency: str) -> None:
    world.pay(token, currency, 1)
    assert token.call("received", currency) == token.call("liabilities", currency) == 1
    assert [wealth(world, currency, who) for who in COLLABORATORS[:3]] == [0, 0, 0]
    world.pay(token, currency, 1)
    assert token.call("pending", CREATOR, currency) == 1


def test_splitting_a_payment_into_dust_gains_nothing(world: World, token: Contract, currency: str) -> None:
    for _ in range(100):
        world.pay(token, currency, 1)
    assert [wealth(world, currency, who) for who in COLLABORATORS[:3]] == [10, 5, 1]
    assert token.call("pending", CREATOR, currency) == 83


def test_the_value_must_be_the_amount(world: World, token: Contract) -> None:
    world.evm.fund(PAYER, 10)
    for amount, value in ((5, 4), (5, 6), (5, 0), (0, 5)):
        with refused("wrong value"):
            token.send("pay", NATIVE, amount, MEMO, sender=PAYER, value=value)
    with refused("wrong value"):
        token.send("pay", world.dollar.address, 5, MEMO, sender=PAYER, value=5)


def test_a_payment_of_nothing_is_refused(world: World, token: Contract, currency: str) -> None:
    with refused("nothing received"):
        token.send("pay", currency, 0, MEMO, sender=PAYER)


def test_a_payment_of_nothing_is_refused_while_other_money_waits(world: World, token: Contract) -> None:
    world.evm.fund(STRANGER, 5)
    world.evm.send(STRANGER, token.address, value=5)
    with refused("nothing received"):
        token.send("pay", NATIVE, 0, MEMO, sender=PAYER)


def test_a_currency_that_is_not_listed_is_refused_everywhere(world: World) -> None:
    token = world.token(SHARES, [NATIVE])
    dollar = world.dollar.address
    world.dollars(PAYER, 100, token.address)
    calls: list[tuple[str, tuple[object, ...]]] = [
        ("pay", (dollar, 100, MEMO)),
        ("sync", (dollar,)),
        ("claim", (CREATOR, dollar)),
        ("claim_to", (dollar, HOLDERS[0])),
        ("claim_many", ([CREATOR], dollar)),
        ("pending", (CREATOR, dollar)),
        ("received", (dollar,)),
        ("liabilities", (dollar,)),
        ("paused", (COLLABORATORS[0], dollar)),
    ]
    for name, arguments in calls:
        with refused("currency not accepted"):
            token.send(name, *arguments, sender=PAYER)
    only_dollar = world.token(SHARES, [dollar])
    with refused("currency not accepted"):
        world.pay(only_dollar, NATIVE, 1)


def test_a_token_payment_needs_allowance_and_balance(world: World, token: Contract) -> None:
    dollar = world.dollar.address
    with refused("allowance too low"):
        world.pay(token, dollar, 5)
    world.dollars(PAYER, 4, token.address)
    with refused("balance too low"):
        world.pay(token, dollar, 5)


def test_a_plain_transfer_counts_once_it_is_booked(world: World, token: Contract) -> None:
    world.evm.fund(STRANGER, 1000)
    receipt = world.evm.send(STRANGER, token.address, value=1000)
    assert receipt.gas_used < 21_000 + 100
    assert token.call("received", NATIVE) == 1000
    assert token.call("pending", COLLABORATORS[0], NATIVE) == 100
    assert token.call("pending", CREATOR, NATIVE) == 837
    assert token.call("liabilities", NATIVE) == 0
    receipt = token.send("sync", NATIVE, sender=STRANGER)
    assert token.result(receipt, "sync", 1) == 1000
    assert token.events(receipt)[0] == (
        "Payment",
        {"payer": NATIVE, "currency": NATIVE, "amount": 1000, "memo": bytes(32)},
    )
    assert world.evm.balance(COLLABORATORS[0]) == 100
    assert token.result(token.send("sync", NATIVE, sender=STRANGER), "sync", 1) == 0


def test_a_plain_transfer_of_tokens_counts_once_it_is_booked(world: World, token: Contract) -> None:
    dollar = world.dollar.address
    world.dollars(token.address, 1000)
    assert token.call("pending", CREATOR, dollar) == 837
    token.send("sync", dollar, sender=STRANGER)
    assert token.call("liabilities", dollar) == 838
    assert world.dollar.call("balanceOf", COLLABORATORS[0]) == 100


def test_a_contract_with_2300_gas_can_pay(world: World, token: Contract) -> None:
    sender = world.hostile("StipendSender")
    world.evm.fund(PAYER, 1000)
    sender.send("pay", token.address, sender=PAYER, value=1000)
    assert token.call("received", NATIVE) == 1000


def test_money_that_waited_is_nobodys_payment(world: World, token: Contract, currency: str) -> None:
    if currency == NATIVE:
        world.evm.fund(token.address, 600)
    else:
        world.dollars(token.address, 600)
    receipt = world.pay(token, currency, 400)
    payments = [fields for name, fields in token.events(receipt) if name == "Payment"]
    assert [(found["payer"], found["amount"]) for found in payments] == [(NATIVE, 600), (PAYER, 400)]
    assert wealth(world, currency, COLLABORATORS[0]) == 100


def test_a_claim_pays_the_holder_whoever_asks(world: World, token: Contract, currency: str) -> None:
    token.send("transfer", HOLDERS[0], 250, sender=CREATOR)
    world.pay(token, currency, 10**6)
    income = 10**6 - sum(SHARES)
    receipt = token.send("claim", HOLDERS[0], currency, sender=STRANGER)
    expected = income * 250 // SUPPLY
    assert token.result(receipt, "claim", 2) == expected
    assert wealth(world, currency, HOLDERS[0]) == expected
    assert token.events(receipt) == [
        ("Claimed", {"holder": HOLDERS[0], "currency": currency, "amount": expected, "to": HOLDERS[0]}),
    ]
    assert token.call("pending", HOLDERS[0], currency) == 0
    assert token.call("pending", CREATOR, currency) == income * 750 // SUPPLY


def test_a_claim_of_nothing_does_nothing(world: World, token: Contract, currency: str) -> None:
    world.pay(token, currency, 1000)
    receipt = token.send("claim", STRANGER, currency, sender=STRANGER)
    assert token.result(receipt, "claim", 2) == 0
    assert token.events(receipt) == []


def test_a_claim_pays_exactly_what_was_pending(world: World, token: Contract, currency: str) -> None:
    world.pay(token, currency, 12_345)
    if currency == NATIVE:
        world.evm.fund(token.address, 777)
    else:
        world.dollars(token.address, 777)
    for who in (CREATOR, *COLLABORATORS[:3], HOLDERS[0]):
        expected = token.call("pending", who, currency)
        before = wealth(world, currency, who)
        mark = world.evm.snapshot()
        token.send("claim", who, currency, sender=STRANGER)
        assert wealth(world, currency, who) - before == expected
        world.evm.restore(mark)


def test_a_holder_collects_elsewhere(world: World, token: Contract, currency: str) -> None:
    world.pay(token, currency, 1000)
    receipt = token.send("claim_to", currency, HOLDERS[2], sender=CREATOR)
    assert token.result(receipt, "claim_to", 2) == wealth(world, currency, HOLDERS[2]) == 837
    assert token.events(receipt)[-1] == (
        "Claimed",
        {"holder": CREATOR, "currency": currency, "amount": 837, "to": HOLDERS[2]},
    )
    receipt = token.send("claim_to", currency, STRANGER, sender=STRANGER)
    assert token.result(receipt, "claim_to", 2) == 0


def test_a_collection_goes_to_somebody_else(world: World, token: Contract, currency: str) -> None:
    for nowhere in (NATIVE, token.address):
        with refused("bad recipient"):
            token.send("claim_to", currency, nowhere, sender=CREATOR)


def test_many_are_paid_in_one_transaction(world: World, token: Contract, currency: str) -> None:
    for i, holder in enumerate(HOLDERS):
        token.send("transfer", holder, 100 * (i + 1), sender=CREATOR)
    world.pay(token, currency, 10**6)
    expected = [token.call("pending", holder, currency) for holder in HOLDERS]
    asked = [*HOLDERS, STRANGER, HOLDERS[0]]
    receipt = token.send("claim_many", asked, currency, sender=STRANGER)
    assert token.result(receipt, "claim_many", 2) == sum(expected)
    assert [wealth(world, currency, holder) for holder in HOLDERS] == expected
    assert [name for name, _ in token.events(receipt)] == ["Claimed"] * 4


def test_a_sale_of_shares_leaves_earned_money_with_the_seller(
    world: World, token: Contract, currency: str
) -> None:
    world.pay(token, currency, 10**6)
    before = token.call("pending", CREATOR, currency)
    token.send("transfer", HOLDERS[0], SUPPLY, sender=CREATOR)
    assert token.call("pending", CREATOR, currency) == before
    assert token.call("pending", HOLDERS[0], currency) == 0
    world.pay(token, currency, 10**6)
    assert token.call("pending", CREATOR, currency) == before
    assert token.call("pending", HOLDERS[0], currency) == before
    token.send("claim", CREATOR, currency, sender=CREATOR)
    assert wealth(world, currency, CREATOR) == before


def test_shares_bought_to_catch_a_waiting_transfer_catch_nothing(
    world: World, token: Contract, currency: str
) -> None:
    if currency == NATIVE:
        world.evm.fund(token.address, 10**6)
    else:
        world.dollars(token.address, 10**6)
    receipt = token.send("transfer", STRANGER, SUPPLY, sender=CREATOR)
    assert [name for name, _ in token.events(receipt)] == ["Payment", "Transfer"]
    assert token.call("pending", STRANGER, currency) == 0
    assert token.call("pending", CREATOR, currency) == 10**6 - sum(SHARES)
    assert token.call("pending", COLLABORATORS[0], currency) == 100_000
    # Collaborators are paid by whoever comes next.
    token.send("sync", currency, sender=STRANGER)
    assert wealth(world, currency, COLLABORATORS[0]) == 100_000


def test_a_collaborator_may_hold_shares_too(world: World, currency: str, token: Contract) -> None:
    token.send("transfer", COLLABORATORS[0], 500, sender=CREATOR)
    world.pay(token, currency, 10**6)
    assert token.call("pending", COLLABORATORS[0], currency) == (10**6 - sum(SHARES)) // 2
    assert wealth(world, currency, COLLABORATORS[0]) == 100_000


def test_currencies_are_kept_apart(world: World, token: Contract) -> None:
    dollar = world.dollar.address
    world.dollars(PAYER, 10**6, token.address)
    world.pay(token, dollar, 1000)
    world.pay(token, NATIVE, 50)
    assert token.call("pending", CREATOR, dollar) == 837
    assert token.call("pending", CREATOR, NATIVE) == 50 - 5 - 2 - 2
    token.send("claim", CREATOR, dollar, sender=CREATOR)
    assert token.call("pending", CREATOR, NATIVE) == 41


def test_with_all_income_given_away_the_rounding_waits(world: World) -> None:
    token = world.token([333_333, 333_333, 333_334], [NATIVE])
    for _ in range(5):
        world.pay(token, NATIVE, 1)
    assert token.call("holders_share") == 0
    assert [world.evm.balance(who) for who in COLLABORATORS[:3]] == [1, 1, 1]
    assert token.call("pending", CREATOR, NATIVE) == 0
    assert token.call("liabilities", NATIVE) == 2
    world.pay(token, NATIVE, 10**6 - 5)
    assert token.call("liabilities", NATIVE) == 0


@pytest.mark.parametrize("shares", [[250_000] * 2, [500_000] * 2, [62_500] * 16, [200_000] * 5])
def test_one_more_unit_never_takes_back_what_was_claimed(world: World, shares: list[int]) -> None:
    """Found by an attack: income as the rest of R fell where parts stepped up together."""
    token = world.token(shares, [NATIVE])
    people = COLLABORATORS[: len(shares)]
    paid = 0
    for _ in range(40):
        world.pay(token, NATIVE, 1)
        paid += 1
        token.send("claim", CREATOR, NATIVE, sender=STRANGER)
        assert not any(token.call("paused", who, NATIVE) for who in people)
        assert [world.evm.balance(who) for who in people] == [paid * share // 10**6 for share in shares]
    rest = paid * (10**6 - sum(shares)) // 10**6
    assert paid - sum(paid * share // 10**6 for share in shares) - rest == token.call("liabilities", NATIVE)


def test_income_up_to_the_bound_is_exact_and_beyond_it_refused(world: World) -> None:
    token = world.token([1, 999_998], [NATIVE], supply=2**96 - 1)
    token.send("transfer", HOLDERS[0], 2**95, sender=CREATOR)
    bound = 2**120 - 1
    world.pay(token, NATIVE, bound)
    income = bound // 10**6
    assert token.call("pending", HOLDERS[0], NATIVE) == income * 2**95 // (2**96 - 1)
    token.send("transfer", CREATOR, 2**95, sender=HOLDERS[0])
    assert token.call("pending", HOLDERS[0], NATIVE) == income * 2**95 // (2**96 - 1)
    with refused("too much"):
        world.pay(token, NATIVE, 1)
    world.evm.fund(token.address, 10)
    assert token.result(token.send("sync", NATIVE, sender=STRANGER), "sync", 1) == 0
    assert token.call("received", NATIVE) == bound
    token.send("claim", HOLDERS[0], NATIVE, sender=STRANGER)
    token.send("claim", CREATOR, NATIVE, sender=STRANGER)
    assert token.call("liabilities", NATIVE) <= 3


@given(
    amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
    shares=st.lists(st.integers(1, 250_000), max_size=4),
    parts=st.lists(st.integers(1, 249), min_size=4, max_size=4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)  # each makes new tokens
def test_many_payments_and_one_of_the_same_sum_give_everyone_the_same(
    world: World, amounts: list[int], shares: list[int], parts: list[int]
) -> None:
    tokens = [world.token(shares, [NATIVE]) for _ in range(2)]
    results = []
    for token, payments in zip(tokens, (amounts, [sum(amounts)]), strict=True):
        before = [world.evm.balance(who) for who in COLLABORATORS]
        for holder, part in zip(HOLDERS, parts, strict=True):
            token.send("transfer", holder, part, sender=CREATOR)
        for amount in payments:
            world.pay(token, NATIVE, amount)
        pushed = [world.evm.balance(who) - old for who, old in zip(COLLABORATORS, before, strict=True)]
        results.append([token.call("pending", who, NATIVE) for who in (CREATOR, *HOLDERS)] + pushed)
    assert results[0] == results[1]


# --- EIP-3009 -------------------------------------------------------------------------------------------

KEY = Account.from_key(b"\x22" * 32)
BUYER = KEY.address.lower()
SALT = keccak(b"salt")


def authorization(world: World, token: Contract, **change: Any) -> list[Any]:
    """Arguments of pay_with_authorization, signed by BUYER."""
    fields = [
        ("from", "address"),
        ("to", "address"),
        ("value", "uint256"),
        ("validAfter", "uint256"),
        ("validBefore", "uint256"),
        ("nonce", "bytes32"),
    ]
    message = {
        "from": BUYER,
        "to": token.address,
        "value": 10**6,
        "validAfter": world.evm.time - 1,
        "validBefore": world.evm.time + 1,
        "nonce": keccak(MEMO + SALT),
    } | change
    typed = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "ReceiveWithAuthorization": [{"name": name, "type": kind} for name, kind in fields],
        },
        "primaryType": "ReceiveWithAuthorization",
        "domain": {
            "name": "Test Dollar",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": world.dollar.address,
        },
        "message": message,
    }
    signed = KEY.sign_message(encode_typed_data(full_message=typed))
    return [
        world.dollar.address,
        BUYER,
        message["value"],
        MEMO,
        message["validAfter"],
        message["validBefore"],
        SALT,
        signed.v,
        signed.r.to_bytes(32, "big"),
        signed.s.to_bytes(32, "big"),
    ]


def test_a_signed_authorization_pays_once_whoever_sends_it(world: World, token: Contract) -> None:
    world.dollars(BUYER, 2 * 10**6)
    arguments = authorization(world, token)
    receipt = token.send("pay_with_authorization", *arguments, sender=STRANGER)
    payment = {"payer": BUYER, "currency": world.dollar.address, "amount": 10**6, "memo": MEMO}
    assert token.events(receipt)[0] == ("Payment", payment)
    assert world.dollar.call("balanceOf", COLLABORATORS[0]) == 100_000
    assert world.dollar.call("balanceOf", BUYER) == 10**6
    with refused("authorization used"):
        token.send("pay_with_authorization", *arguments, sender=STRANGER)


def test_whoever_sends_an_authorization_can_change_nothing(world: World, token: Contract) -> None:
    world.dollars(BUYER, 2 * 10**6)
    good = authorization(world, token)
    for place, other in ((1, STRANGER), (2, 1), (3, bytes(32)), (4, 0), (5, 2**64), (6, bytes(32)), (7, 29)):
        with refused("bad signature"):
            token.send("pay_with_authorization", *good[:place], other, *good[place + 1 :], sender=STRANGER)


def test_an_authorization_counts_in_its_time_only(world: World, token: Contract) -> None:
    world.dollars(BUYER, 10**6)
    late = authorization(world, token, validBefore=world.evm.time)
    early = authorization(world, token, validAfter=world.evm.time)
    with refused("no longer valid"):
        token.send("pay_with_authorization", *late, sender=STRANGER)
    with refused("not valid yet"):
        token.send("pay_with_authorization", *early, sender=STRANGER)


def test_an_authorization_for_the_coin_or_another_token_is_refused(world: World, token: Contract) -> None:
    good = authorization(world, token)
    with refused("not a token"):
        token.send("pay_with_authorization", NATIVE, *good[1:], sender=STRANGER)
    other = world.token(SHARES)
    with refused("bad signature"):
        other.send("pay_with_authorization", *good, sender=STRANGER)
    currency = world.hostile("HostileToken").address
    without = world.token(SHARES, [currency])
    with refused(""):
        without.send("pay_with_authorization", currency, *good[1:], sender=STRANGER)
