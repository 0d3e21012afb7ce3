"""What a thief, a front runner or a nuisance would try with parents, licences and albums."""

from __future__ import annotations

import pytest
from harness import refused
from harness.evm import NATIVE, Contract, Reverted
from harness.world import COLLABORATORS, CREATOR, HOLDERS, PAYER, STRANGER, SUPPLY, World


def family(world: World, share: int = 400_000, **of_parent: object) -> tuple[Contract, Contract]:
    """A parent and a child that gives it `share`, both in the coin only."""
    parent = world.token([], [NATIVE], **of_parent)
    world.evm.pass_time(1)
    return parent, world.token([100_000], [NATIVE], parents=[(parent.address, share)])


def test_whoever_forwards_cannot_starve_the_parents_pushes_of_gas(reference: World) -> None:
    world = reference
    greedy = COLLABORATORS[1]
    parent = world.token([500_000], [NATIVE], collaborators=[greedy])
    world.evm.pass_time(1)
    child = world.token([], [NATIVE], parents=[(parent.address, 500_000)])
    # Reverts at once when it has less than 45,000 gas, so that the caller keeps enough to finish.
    world.evm.set_code(greedy, bytes.fromhex("5a61afc811600957005b5f5ffd"))
    world.pay(child, NATIVE, 1000)
    mark = world.evm.snapshot()
    outcomes = set()
    for gas in range(60_000, 300_000, 2_000):
        try:
            child.send("forward", [parent.address], NATIVE, sender=STRANGER, gas=gas)
            outcomes.add(str(parent.call("paused", greedy, NATIVE)))
        except Reverted as failure:
            outcomes.add(failure.reason)
        world.evm.restore(mark)
    assert outcomes <= {"False", "more gas needed", "OutOfGas", ""}
    assert {"False", "more gas needed"} <= outcomes


def test_no_payer_starves_a_push_to_an_account_that_runs_anothers_code(reference: World) -> None:
    # EIP-7702: the dearest of all calls, with value, to a cold account, which names a cold contract.
    world = reference
    greedy, code = COLLABORATORS[1], "0x" + "de" * 20
    # Reverts at once when it has less than 50,000 gas, of which 2,300 are the stipend.
    world.evm.set_code(code, bytes.fromhex("5a61c35011600957005b5f5ffd"))
    world.evm.set_code(greedy, bytes.fromhex("ef0100") + bytes.fromhex(code[2:]))
    token = world.token([500_000], [NATIVE], collaborators=[greedy])
    mark = world.evm.snapshot()
    outcomes = set()
    for gas in range(60_000, 180_000, 1_000):
        world.evm.fund(PAYER, 1000)
        try:
            token.send("pay", NATIVE, 1000, bytes(32), sender=PAYER, value=1000, gas=gas)
            outcomes.add(str(token.call("paused", greedy, NATIVE)))
        except Reverted as failure:
            outcomes.add(failure.reason)
        world.evm.restore(mark)
    assert outcomes <= {"False", "more gas needed", "OutOfGas", ""}
    assert {"False", "more gas needed"} <= outcomes


CHILDS = ["forward", "claim", "sync", "claim_many", "transfer", "forwardable", "pending"]


@pytest.mark.parametrize("name", CHILDS)
def test_a_parents_collaborator_that_calls_back_does_not_get_into_the_child(world: World, name: str) -> None:
    caller = world.hostile("Reentrant")
    parent = world.token([500_000], [NATIVE], collaborators=[caller.address])
    world.evm.pass_time(1)
    child = world.token([], [NATIVE], parents=[(parent.address, 500_000)])
    child.send("transfer", caller.address, 100, sender=CREATOR)
    data = {
        "forward": child.data("forward", [parent.address], NATIVE),
        "claim": child.data("claim", caller.address, NATIVE),
        "sync": child.data("sync", NATIVE),
        "claim_many": child.data("claim_many", [caller.address], NATIVE),
        "transfer": child.data("transfer", STRANGER, 1),
        "forwardable": child.data("forwardable", parent.address, NATIVE),
        "pending": child.data("pending", caller.address, NATIVE),
    }[name]
    mark = world.evm.snapshot()
    caller.send("run", child.address, data, sender=STRANGER)
    world.evm.restore(mark)
    caller.send("prepare", child.address, data, sender=STRANGER)
    world.pay(child, NATIVE, 1000)
    child.send("forward", [parent.address], NATIVE, sender=STRANGER)
    assert (caller.call("calls"), caller.call("entered")) == (1, False)
    assert world.evm.balance(caller.address) == 250


def test_a_circle_through_collaborators_ends_and_loses_nothing(world: World) -> None:
    # A child's address is known beforehand, so that a parent can name it as a collaborator.
    salt = b"\x77" * 32
    address = world.factory.call("predict", CREATOR, salt)
    parent = world.token([500_000], [NATIVE], collaborators=[address])
    world.evm.pass_time(1)
    child = world.token([], [NATIVE], parents=[(parent.address, 500_000)], salt=salt)
    assert child.address == address
    world.pay(child, NATIVE, 1000)
    rounds = 0
    while child.call("forwardable", parent.address, NATIVE):
        child.send("forward", [parent.address], NATIVE, sender=STRANGER)
        rounds += 1
    assert 1 < rounds < 10
    held = world.evm.balance(child.address) + world.evm.balance(parent.address)
    assert held == 1000
    for token in (child, parent):
        token.send("claim", CREATOR, NATIVE, sender=STRANGER)
        assert token.call("liabilities", NATIVE) <= world.evm.balance(token.address) <= 1


def test_shares_bought_before_the_forward_catch_what_waits_in_the_child(world: World) -> None:
    # A parent cannot know its children: who sells its shares forwards first, and then keeps what was earned.
    parent, child = family(world)
    world.pay(child, NATIVE, 1000)
    mark = world.evm.snapshot()
    parent.send("transfer", HOLDERS[0], SUPPLY, sender=CREATOR)
    child.send("forward", [parent.address], NATIVE, sender=STRANGER)
    assert parent.call("pending", HOLDERS[0], NATIVE) == 400
    world.evm.restore(mark)
    child.send("forward", [parent.address], NATIVE, sender=STRANGER)
    parent.send("transfer", HOLDERS[0], SUPPLY, sender=CREATOR)
    assert parent.call("pending", CREATOR, NATIVE) == 400


def test_a_false_token_with_the_parents_code_gets_nothing(world: World) -> None:
    # The code of a clone copied to another address: not of the factory, so neither parent nor licensable.
    parent, child = family(world)
    copy = "0x" + "c0" * 20
    world.evm.set_code(copy, world.evm.code(parent.address))
    with refused("bad parent"):
        world.create([], [NATIVE], parents=[(copy, 1)])
    world.pay(child, NATIVE, 1000)
    with refused("not a parent"):
        child.send("forward", [copy], NATIVE, sender=STRANGER)
    with refused("not a token"):
        world.licences.send("offer", copy, (1, NATIVE, 1, 0, bytes(32), bytes(32)), 0, "", sender=CREATOR)


def test_a_copied_work_cannot_take_the_place_of_the_parent_it_copies(world: World) -> None:
    # The copy is registered later than a derived work, so that the derived work cannot name it.
    parent, child = family(world)
    world.evm.pass_time(1)
    derived = world.anchored()
    world.evm.pass_time(1)
    copy = world.create([], [NATIVE], creator=STRANGER)[0]
    with refused("parent not earlier"):
        world.create([], [NATIVE], work=derived, parents=[(copy.address, 1)])
    world.create([], [NATIVE], work=derived, parents=[(parent.address, 1), (child.address, 1)])


def test_a_thousand_dust_payments_and_forwards_gain_no_unit(world: World) -> None:
    parent, child = family(world, 333_333)
    for _ in range(200):
        world.pay(child, NATIVE, 1)
        child.send("forward", [parent.address], NATIVE, sender=STRANGER)
        child.send("claim", CREATOR, NATIVE, sender=STRANGER)
    assert parent.call("received", NATIVE) == 200 * 333_333 // 10**6
    assert child.call("received", NATIVE) == 200
    assert child.call("liabilities", NATIVE) == world.evm.balance(child.address) <= 3


def test_a_copied_licence_purchase_only_pays_for_another_licence(world: World) -> None:
    # Front running a purchase: the copier pays himself, and takes nothing from anybody.
    token = world.token([], [NATIVE])
    world.licences.send(
        "offer", token.address, (2, NATIVE, 10, 0, bytes(32), bytes(32)), 0, "", sender=CREATOR
    )
    agreed = world.licences.call("terms_hash", token.address, 1)
    arguments = (token.address, 1, 2, 5, 50, agreed, HOLDERS[0])
    for buyer in (STRANGER, PAYER):
        world.evm.fund(buyer, 50)
        world.licences.send("buy", *arguments, sender=buyer, value=50)
    assert [world.licences.call("licence", i)[0] for i in (1, 2)] == [HOLDERS[0]] * 2
    assert token.call("received", NATIVE) == 100


def test_allowances_to_the_licences_are_nobody_elses_to_use(world: World) -> None:
    token = world.token([], [world.dollar.address])
    terms = (1, world.dollar.address, 10, 0, bytes(32), bytes(32))
    world.licences.send("offer", token.address, terms, 0, "", sender=CREATOR)
    agreed = world.licences.call("terms_hash", token.address, 1)
    world.dollars(PAYER, 10**6, world.licences.address)
    with refused("allowance too low"):
        world.licences.send("buy", token.address, 1, 1, 1, 10, agreed, PAYER, sender=STRANGER)
    assert world.dollar.call("balanceOf", PAYER) == 10**6


def test_a_training_licence_is_bound_to_its_data_set_by_the_hash_the_buyer_names(world: World) -> None:
    token = world.token([], [NATIVE])
    for root in (b"\x01" * 32, b"\x02" * 32):
        terms = (3, NATIVE, 0, 0, root, bytes(32))
        world.licences.send("offer", token.address, terms, 0, "", sender=CREATOR)
    first, second = (world.licences.call("terms_hash", token.address, version) for version in (1, 2))
    with refused("terms changed"):
        world.licences.send("buy", token.address, 2, 3, 1, 0, first, sender=PAYER)
    world.licences.send("buy", token.address, 2, 3, 1, 0, second, sender=PAYER)
    assert world.licences.call("licence", 1)[8] == b"\x02" * 32


def test_the_two_machines_agree_on_every_event_and_answer(reference: World, fast: World) -> None:
    """revm (long runs) and py-evm (the practice network) do the same."""
    told = []
    for world in (reference, fast):
        odd = world.hostile("HostileToken")
        money = [NATIVE, world.dollar.address, odd.address]
        parent = world.token([250_000], money)
        world.evm.pass_time(1)
        token = world.token([100_000, 7], money, parents=[(parent.address, 33_333)])
        world.evm.set_code(COLLABORATORS[1], bytes.fromhex("5f5ffd"))
        world.dollars(PAYER, 10**6, token.address)
        odd.send("mint", PAYER, 10**6, sender=STRANGER)
        receipts = [world.pay(token, currency, 999_999) for currency in money]
        receipts.append(token.send("transfer", HOLDERS[0], 333, sender=CREATOR))
        for currency in money:
            receipts.append(token.send("forward", [parent.address], currency, sender=STRANGER))
            receipts.append(token.send("claim_many", [CREATOR, *HOLDERS], currency, sender=STRANGER))
        # Addresses made by CREATE differ, as revm's transactions do not count nonces here.
        names = {odd.address: "odd", token.address: "token", parent.address: "parent"}
        words = ""
        for receipt in receipts:
            words += f"-> {receipt.output.hex()}\n"
            for log in receipt.logs:
                words += f"{log.address} {[topic.hex() for topic in log.topics]} {log.data.hex()}\n"
        for address, name in names.items():
            words = words.replace(address[2:], name)
        told.append(words.replace(token.call("work").hex(), "work"))
        with refused("not the holder"):
            world.registry.send("transfer", token.call("work"), STRANGER, CREATOR, sender=STRANGER)
    assert told[0] == told[1]
    assert told[0].count("token") > 20
