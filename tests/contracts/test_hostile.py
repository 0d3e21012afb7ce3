"""RoyaltyToken against recipients and tokens that revert, burn gas, flood memory, call back or lie."""

from __future__ import annotations

import pytest
from harness import refused
from harness.evm import NATIVE, Contract, Reverted
from harness.world import COLLABORATORS, CREATOR, HOLDERS, PAYER, STRANGER, SUPPLY, World

BAD = COLLABORATORS[0]
GOOD = COLLABORATORS[1]
GOOD_MODE, NOTHING, ANSWER_FALSE, REVERT, RETURN_BOMB, REVERT_BOMB, BURN_GAS, SHORT, GREEDY = range(9)

RECIPIENTS = {
    "reverting": "5f5ffd",
    "gas burner": "5b5f56",
    "revert bomb": "623fffff5ffd",
    "invalid": "fe",
    "without stipend room": "5b5a6103e8106000575f5ffd",
}


def recipient(world: World, kind: str, address: str = BAD) -> None:
    world.evm.set_code(address, bytes.fromhex(RECIPIENTS[kind]))


@pytest.fixture
def token(world: World) -> Contract:
    return world.token([100_000, 50_000])


@pytest.fixture
def odd(world: World) -> Contract:
    """A token that misbehaves on demand; PAYER has plenty."""
    contract = world.hostile("HostileToken")
    contract.send("mint", PAYER, 10**12, sender=STRANGER)
    return contract


def behave(odd: Contract, mode: int = 0, *, fee: int = 0, hooked: bool = False, balance: int = 0) -> None:
    odd.send("behave", mode, fee, hooked, balance, sender=STRANGER)


@pytest.mark.parametrize("kind", RECIPIENTS)
def test_a_hostile_recipient_blocks_nobody_and_stays_owed(world: World, token: Contract, kind: str) -> None:
    recipient(world, kind)
    receipt = world.pay(token, NATIVE, 1000)
    assert token.events(receipt)[1] == (
        "PushFailed",
        {"collaborator": BAD, "currency": NATIVE, "amount": 100},
    )
    assert world.evm.balance(GOOD) == 50
    assert world.evm.balance(BAD) == 0
    assert token.call("pending", BAD, NATIVE) == 100
    assert token.call("paused", BAD, NATIVE) is True
    assert token.call("liabilities", NATIVE) == world.evm.balance(token.address) == 950
    with refused("transfer refused"):
        token.send("claim", BAD, NATIVE, sender=STRANGER)


def test_a_return_bomb_costs_its_sender_only(world: World, token: Contract) -> None:
    world.evm.set_code(BAD, bytes.fromhex("621fff005ff3"))
    receipt = world.pay(token, NATIVE, 1000)
    assert receipt.gas_used < 350_000
    assert world.evm.balance(GOOD) == 50


def test_later_payers_do_not_pay_for_a_broken_recipient(world: World, token: Contract) -> None:
    world.pay(token, NATIVE, 1000)
    normal = world.pay(token, NATIVE, 1000).gas_used
    recipient(world, "gas burner")
    world.pay(token, NATIVE, 1000)
    receipt = world.pay(token, NATIVE, 1000)
    assert receipt.gas_used < normal
    assert [name for name, _ in token.events(receipt)] == ["Payment", "Pushed"]
    assert token.call("pending", BAD, NATIVE) == 200


def test_a_repaired_recipient_is_paid_by_a_claim_and_pushed_to_again(world: World, token: Contract) -> None:
    recipient(world, "reverting")
    world.pay(token, NATIVE, 1000)
    world.pay(token, NATIVE, 1000)
    world.evm.set_code(BAD, b"")
    receipt = token.send("claim", BAD, NATIVE, sender=STRANGER)
    assert token.result(receipt, "claim", 2) == world.evm.balance(BAD) == 200
    assert token.call("paused", BAD, NATIVE) is False
    world.pay(token, NATIVE, 1000)
    assert world.evm.balance(BAD) == 300
    assert token.call("pending", BAD, NATIVE) == 0


def test_what_is_owed_can_be_collected_elsewhere_again_and_again(world: World, token: Contract) -> None:
    proxy = world.hostile("Reentrant")
    shared = world.token([100_000], [world.dollar.address, NATIVE], collaborators=[proxy.address])
    # It refuses the native coin while its answer is to fail: use a token that blocks it instead.
    odd = world.hostile("HostileToken")
    odd.send("mint", PAYER, 10**6, sender=STRANGER)
    odd.send("refuse", proxy.address, True, sender=STRANGER)
    token = world.token([100_000], [odd.address], collaborators=[proxy.address])
    for n in (1, 2):
        world.pay(token, odd.address, 1000)
        assert token.call("pending", proxy.address, odd.address) == 100
        data = token.data("claim_to", odd.address, HOLDERS[0])
        proxy.send("run", token.address, data, sender=STRANGER)
        assert odd.call("real_balance", HOLDERS[0]) == 100 * n
        assert token.call("paused", proxy.address, odd.address) is True
    assert shared.call("pending", proxy.address, NATIVE) == 0


def test_an_empty_claim_does_not_resume_a_broken_recipient(world: World) -> None:
    proxy = world.hostile("Reentrant")
    odd = world.hostile("HostileToken")
    odd.send("mint", PAYER, 10**6, sender=STRANGER)
    odd.send("refuse", proxy.address, True, sender=STRANGER)
    token = world.token([100_000], [odd.address], collaborators=[proxy.address])
    world.pay(token, odd.address, 1000)
    proxy.send("run", token.address, token.data("claim_to", odd.address, HOLDERS[0]), sender=STRANGER)
    token.send("claim", proxy.address, odd.address, sender=STRANGER)
    assert token.call("paused", proxy.address, odd.address) is True


def test_a_failed_push_does_not_touch_the_share_as_holder(world: World, token: Contract) -> None:
    token.send("transfer", BAD, SUPPLY // 2, sender=CREATOR)
    recipient(world, "reverting")
    world.pay(token, NATIVE, 1000)
    assert token.call("pending", BAD, NATIVE) == 100 + 425
    assert token.call("pending", CREATOR, NATIVE) == 425
    token.send("claim", CREATOR, NATIVE, sender=STRANGER)
    assert token.call("pending", BAD, NATIVE) == 525


@pytest.mark.parametrize("kind", RECIPIENTS)
def test_claim_many_skips_whoever_cannot_be_paid(world: World, token: Contract, kind: str) -> None:
    for holder in (*HOLDERS, BAD):
        token.send("transfer", holder, 100, sender=CREATOR)
    recipient(world, kind, HOLDERS[1])
    recipient(world, kind, BAD)
    world.pay(token, NATIVE, 10_000)
    people = [*HOLDERS, BAD]
    expected = [token.call("pending", who, NATIVE) for who in people]
    assert expected == [850, 850, 850, 850, 1850]
    liabilities = token.call("liabilities", NATIVE)
    receipt = token.send("claim_many", people, NATIVE, sender=STRANGER)
    assert token.result(receipt, "claim_many", 2) == 3 * 850
    assert [name for name, _ in token.events(receipt)] == [
        "Claimed", "PushFailed", "Claimed", "Claimed", "PushFailed",
    ]  # fmt: skip
    assert [token.call("pending", who, NATIVE) for who in people] == [0, 850, 0, 0, 1850]
    assert token.call("liabilities", NATIVE) == liabilities - 3 * 850
    assert token.call("paused", BAD, NATIVE) is True
    world.evm.set_code(BAD, b"")
    token.send("claim_many", people, NATIVE, sender=STRANGER)
    assert world.evm.balance(BAD) == 1850
    assert token.call("paused", BAD, NATIVE) is False


@pytest.mark.parametrize("kind", ["coin", "token"])
def test_a_payer_cannot_starve_a_push_of_gas(world: World, odd: Contract, kind: str) -> None:
    money = NATIVE if kind == "coin" else odd.address
    token = world.token([50_000], [money], collaborators=[GOOD])
    # Reverts at once when it has less than 45,000 gas, so that the payer keeps enough to finish.
    world.evm.set_code(GOOD, bytes.fromhex("5a61afc811600957005b5f5ffd"))
    behave(odd, GREEDY)
    mark = world.evm.snapshot()
    outcomes = set()
    for gas in range(50_000, 300_000, 1_500):
        world.evm.fund(PAYER, 1000)
        value = 1000 if kind == "coin" else 0
        try:
            token.send("pay", money, 1000, bytes(32), sender=PAYER, value=value, gas=gas)
            outcomes.add(str(token.call("paused", GOOD, money)))
        except Reverted as failure:
            outcomes.add(failure.reason)
        world.evm.restore(mark)
    assert outcomes <= {"False", "more gas needed", "OutOfGas", ""}
    assert {"False", "more gas needed"} <= outcomes


def test_a_seller_cannot_hide_waiting_tokens_with_little_gas(world: World, odd: Contract) -> None:
    token = world.token([], [odd.address])
    world.pay(token, odd.address, 1000)
    odd.send("mint", token.address, 10**6, sender=STRANGER)
    behave(odd, balance=GREEDY)
    mark = world.evm.snapshot()
    outcomes = set()
    for gas in range(40_000, 300_000, 1_500):
        try:
            token.send("transfer", STRANGER, SUPPLY, sender=CREATOR, gas=gas)
            outcomes.add(str(token.call("pending", STRANGER, odd.address)))
        except Reverted as failure:
            outcomes.add(failure.reason)
        world.evm.restore(mark)
    assert outcomes <= {"0", "more gas needed", "OutOfGas", ""}
    assert {"0", "more gas needed"} <= outcomes


REENTRANT_CALLS = {
    "pay": lambda token, me: token.data("pay", NATIVE, 0, bytes(32)),
    "sync": lambda token, me: token.data("sync", NATIVE),
    "claim": lambda token, me: token.data("claim", CREATOR, NATIVE),
    "claim_to": lambda token, me: token.data("claim_to", NATIVE, me),
    "claim_many": lambda token, me: token.data("claim_many", [CREATOR], NATIVE),
    "transfer": lambda token, me: token.data("transfer", STRANGER, 1),
    "transferFrom": lambda token, me: token.data("transferFrom", CREATOR, me, 1),
    "approve": lambda token, me: token.data("approve", STRANGER, 1),
    "pending": lambda token, me: token.data("pending", me, NATIVE),
    "received": lambda token, me: token.data("received", NATIVE),
    "liabilities": lambda token, me: token.data("liabilities", NATIVE),
    "paused": lambda token, me: token.data("paused", me, NATIVE),
}


@pytest.mark.parametrize("name", REENTRANT_CALLS)
@pytest.mark.parametrize("during", ["push", "claim"])
def test_a_recipient_that_calls_back_gets_its_money_and_nothing_else(
    world: World, name: str, during: str
) -> None:
    caller = world.hostile("Reentrant")
    me = caller.address
    token = world.token([100_000], collaborators=[me])
    token.send("transfer", me, 100, sender=CREATOR)
    token.send("approve", me, 1000, sender=CREATOR)
    world.pay(token, NATIVE, 1000)
    caller.send("prepare", token.address, REENTRANT_CALLS[name](token, me), sender=STRANGER)
    if name != "pay":  # of nothing, which is refused for another reason
        mark = world.evm.snapshot()
        caller.send("run", token.address, REENTRANT_CALLS[name](token, me), sender=STRANGER)
        world.evm.restore(mark)
    calls = 0
    before = world.evm.balance(me)
    if during == "push":
        world.pay(token, NATIVE, 1000)
        calls += 1
        assert world.evm.balance(me) - before == 100
    else:
        token.send("claim", me, NATIVE, sender=STRANGER)
        calls += 1
        assert world.evm.balance(me) - before == 90
    assert caller.call("calls") == calls
    assert caller.call("entered") is False


def test_a_recipient_may_pay_back_into_the_token_while_it_is_paid(world: World) -> None:
    caller = world.hostile("Reentrant")
    token = world.token([100_000], [NATIVE], collaborators=[caller.address])
    world.evm.set_code(COLLABORATORS[0], bytes.fromhex("5f5f5f5f4773" + token.address[2:] + "5af15000"))
    other = world.token([100_000], [NATIVE])
    world.pay(other, NATIVE, 1000)
    assert token.call("received", NATIVE) == 100
    assert other.call("liabilities", NATIVE) == world.evm.balance(other.address) == 900


def test_a_token_may_be_a_collaborator_of_another(world: World) -> None:
    parent = world.token([500_000], [NATIVE], collaborators=[HOLDERS[0]])
    child = world.token([100_000], [NATIVE], collaborators=[parent.address])
    world.pay(child, NATIVE, 1000)
    assert parent.call("received", NATIVE) == 100
    parent.send("sync", NATIVE, sender=STRANGER)
    assert world.evm.balance(HOLDERS[0]) == 50


# --- Tokens ---------------------------------------------------------------------------------------------


def test_a_fee_on_transfer_is_booked_net(world: World, odd: Contract) -> None:
    token = world.token([100_000], [odd.address])
    behave(odd, fee=20_000)
    receipt = world.pay(token, odd.address, 1000)
    assert token.events(receipt)[0][1]["amount"] == 980
    assert odd.call("real_balance", BAD) == 98 - 1
    assert token.call("pending", CREATOR, odd.address) == 882
    assert odd.call("real_balance", token.address) == token.call("liabilities", odd.address) == 882


def test_a_token_that_returns_nothing_works(world: World, odd: Contract) -> None:
    token = world.token([100_000], [odd.address])
    behave(odd, NOTHING)
    world.pay(token, odd.address, 1000)
    token.send("claim", CREATOR, odd.address, sender=STRANGER)
    assert (odd.call("real_balance", BAD), odd.call("real_balance", CREATOR)) == (100, 900)


def test_a_token_with_a_return_bomb_works(world: World, odd: Contract) -> None:
    token = world.token([100_000], [odd.address])
    behave(odd, RETURN_BOMB)
    receipt = world.pay(token, odd.address, 1000)
    assert receipt.gas_used < 450_000
    assert odd.call("real_balance", BAD) == 100


@pytest.mark.parametrize("mode", [ANSWER_FALSE, REVERT, REVERT_BOMB, SHORT])
def test_a_payment_in_a_token_that_refuses_is_refused(world: World, odd: Contract, mode: int) -> None:
    token = world.token([100_000], [odd.address])
    behave(odd, mode)
    with pytest.raises(Reverted):
        world.pay(token, odd.address, 1000)
    assert token.call("received", odd.address) == 0


@pytest.mark.parametrize("mode", [ANSWER_FALSE, REVERT, REVERT_BOMB, BURN_GAS])
def test_a_push_that_a_token_refuses_stays_owed(world: World, odd: Contract, mode: int) -> None:
    token = world.token([100_000, 50_000], [odd.address])
    odd.send("mint", token.address, 1000, sender=STRANGER)
    behave(odd, mode)
    receipt = token.send("sync", odd.address, sender=STRANGER)
    assert [name for name, _ in token.events(receipt)] == ["Payment", "PushFailed", "PushFailed"]
    assert token.call("pending", BAD, odd.address) == 100
    with refused("transfer refused"):
        token.send("claim", CREATOR, odd.address, sender=STRANGER)
    behave(odd)
    receipt = token.send("claim_many", [BAD, GOOD, CREATOR], odd.address, sender=STRANGER)
    assert token.result(receipt, "claim_many", 2) == 1000
    assert token.call("liabilities", odd.address) == odd.call("real_balance", token.address) == 0


def test_a_blacklisted_recipient_blocks_nobody(world: World, odd: Contract) -> None:
    token = world.token([100_000, 50_000], [odd.address])
    odd.send("refuse", BAD, True, sender=STRANGER)
    for _ in range(3):
        world.pay(token, odd.address, 1000)
    assert (odd.call("real_balance", GOOD), token.call("pending", BAD, odd.address)) == (150, 300)


@pytest.mark.parametrize("name", ["sync", "claim", "pending", "transfer"])
def test_a_token_that_calls_recipients_lets_none_in(world: World, odd: Contract, name: str) -> None:
    caller = world.hostile("Reentrant")
    token = world.token([100_000], [odd.address, NATIVE], collaborators=[caller.address])
    token.send("transfer", caller.address, 100, sender=CREATOR)
    caller.send("prepare", token.address, REENTRANT_CALLS[name](token, caller.address), sender=STRANGER)
    behave(odd, hooked=True)
    world.pay(token, odd.address, 1000)
    assert caller.call("calls") == 1
    assert caller.call("entered") is False
    assert odd.call("real_balance", caller.address) == 100


@pytest.mark.parametrize("mode", [NOTHING, REVERT, REVERT_BOMB, BURN_GAS])
def test_a_token_that_hides_its_balance_blocks_no_other_currency_and_no_shares(
    world: World, odd: Contract, mode: int
) -> None:
    token = world.token([100_000], [odd.address, NATIVE])
    world.pay(token, odd.address, 1000)
    odd.send("mint", token.address, 500, sender=STRANGER)
    behave(odd, balance=mode)
    with refused("balance unknown"):
        world.pay(token, odd.address, 1000)
    world.pay(token, NATIVE, 1000)
    token.send("transfer", HOLDERS[0], 500, sender=CREATOR)
    assert token.call("pending", CREATOR, odd.address) == 900
    assert token.result(token.send("sync", odd.address, sender=STRANGER), "sync", 1) == 0
    token.send("claim", CREATOR, odd.address, sender=STRANGER)
    assert odd.call("real_balance", CREATOR) == 900
    behave(odd)
    assert token.call("pending", HOLDERS[0], odd.address) == 225


def test_a_token_whose_balance_shrinks_pays_while_it_lasts(world: World, odd: Contract) -> None:
    token = world.token([], [odd.address, NATIVE])
    token.send("transfer", HOLDERS[0], SUPPLY // 2, sender=CREATOR)
    world.pay(token, odd.address, 1000)
    odd.send("take", token.address, 300, sender=STRANGER)
    assert token.call("received", odd.address) == 1000
    token.send("claim", CREATOR, odd.address, sender=STRANGER)
    with refused("transfer refused"):
        token.send("claim", HOLDERS[0], odd.address, sender=STRANGER)
    with refused("nothing received"):
        world.pay(token, odd.address, 300)
    receipt = world.pay(token, odd.address, 310)
    assert token.events(receipt)[0][1]["amount"] == 10
    token.send("claim", HOLDERS[0], odd.address, sender=STRANGER)
    assert odd.call("real_balance", HOLDERS[0]) == 505


def test_a_token_that_claims_endless_balance_hurts_its_own_currency_only(world: World, odd: Contract) -> None:
    token = world.token([100_000], [odd.address, NATIVE])
    odd.send("mint", token.address, 2**255, sender=STRANGER)
    token.send("transfer", HOLDERS[0], 500, sender=CREATOR)
    assert token.call("received", odd.address) == 2**120 - 1
    world.pay(token, NATIVE, 1000)
    assert token.call("pending", HOLDERS[0], NATIVE) == 450
