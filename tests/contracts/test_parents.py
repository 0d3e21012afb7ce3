"""Parents: credited in every payment, paid by anyone's `forward`, through the parent's own `pay`."""

from __future__ import annotations

import pytest
from harness import refused
from harness.evm import NATIVE, Contract, Reverted
from harness.world import COLLABORATORS, CREATOR, HOLDERS, PAYER, STRANGER, World

A_DAY = 86_400


def chain_of(world: World, *shares: int, currencies: list[str] | None = None) -> list[Contract]:
    """Works that build on one another: each gives the one before it `share` of its payments."""
    made = [world.token([200_000], currencies)]
    for share in shares:
        world.evm.pass_time(A_DAY)
        made.append(world.token([100_000], currencies, parents=[(made[-1].address, share)]))
    return made


def test_terms_name_the_parents_and_the_holders_have_the_rest(world: World) -> None:
    first, second = world.token([]), world.token([])
    world.evm.pass_time(1)
    parents = [(first.address, 150_000), (second.address, 1)]
    token, receipt = world.create([100_000], parents=parents, resale_share=75_000, uri="u" * 256)
    assert token.call("parents") == tuple(parents)
    assert token.call("collaborators") == ((COLLABORATORS[0], 100_000),)
    assert token.call("holders_share") == 749_999
    assert (token.call("name"), token.call("contractURI")) == ("Nocturne in E", "u" * 256)
    events = world.factory.events(receipt)
    assert [name for name, _ in events] == ["TokenCreated", "TermsFixed", "ParentNamed", "ParentNamed"]
    assert events[1][1]["parents"] == tuple(parents)
    assert events[1][1]["resale_share"] == 75_000
    assert events[3][1] == {"parent": second.address, "token": token.address, "share": 1}


def test_every_parent_is_paid_to_the_unit(world: World) -> None:
    parents = [world.token([]) for _ in range(16)]
    world.evm.pass_time(1)
    shares = [(parent.address, 10_000 + i) for i, parent in enumerate(parents)]
    token = world.token([100_000] * 5, parents=shares)
    for currency in (NATIVE, world.dollar.address):
        world.dollars(PAYER, 10**9, token.address)
        world.pay(token, currency, 1_000_000)
        for address, share in shares:
            assert token.call("forwardable", address, currency) == share
        receipt = token.send("forward", [p.address for p in parents], currency, sender=STRANGER)
        assert token.result(receipt, "forward", 2) == sum(share for _, share in shares)
        for parent, (address, share) in zip(parents, shares, strict=True):
            assert parent.call("received", currency) == share
            assert token.call("forwardable", address, currency) == 0
            assert parent.events(receipt)[0] == (
                "Payment",
                {"payer": token.address, "currency": currency, "amount": share, "memo": token.call("work")},
            )
        assert token.call("liabilities", currency) == token.call("pending", CREATOR, currency)


def test_a_payment_costs_its_payer_nothing_for_parents(world: World) -> None:
    parents = [world.token([], [NATIVE]) for _ in range(16)]
    world.evm.pass_time(1)
    alone = world.token([100_000], [NATIVE])
    child = world.token([100_000], [NATIVE], parents=[(p.address, 1000) for p in parents])
    costs = []
    for token in (alone, child):
        world.pay(token, NATIVE, 10**6)
        costs.append(world.pay(token, NATIVE, 10**6).gas_used)
    assert costs[0] == costs[1]


def test_forwarding_pays_the_parents_collaborators_and_never_goes_further(world: World) -> None:
    grandparent, parent, child = chain_of(world, 500_000, 400_000, currencies=[NATIVE])
    before = world.evm.balance(COLLABORATORS[0])
    world.pay(child, NATIVE, 1000)
    assert world.evm.balance(COLLABORATORS[0]) - before == 100
    receipt = child.send("forward", [parent.address], NATIVE, sender=STRANGER)
    assert child.events(receipt)[-1] == (
        "Forwarded", {"parent": parent.address, "currency": NATIVE, "amount": 400},
    )  # fmt: skip
    assert world.evm.balance(COLLABORATORS[0]) - before == 100 + 40
    assert (parent.call("received", NATIVE), grandparent.call("received", NATIVE)) == (400, 0)
    assert parent.call("forwardable", grandparent.address, NATIVE) == 200
    parent.send("forward", [grandparent.address], NATIVE, sender=STRANGER)
    assert grandparent.call("received", NATIVE) == 200
    assert parent.call("pending", CREATOR, NATIVE) == 160


def test_a_grandparent_may_be_named_directly(world: World) -> None:
    grandparent, parent = chain_of(world, 500_000, currencies=[NATIVE])
    world.evm.pass_time(1)
    child = world.token([], [NATIVE], parents=[(grandparent.address, 50_000), (parent.address, 100_000)])
    world.pay(child, NATIVE, 1000)
    child.send("forward", [grandparent.address, parent.address], NATIVE, sender=STRANGER)
    assert (grandparent.call("received", NATIVE), parent.call("received", NATIVE)) == (50, 100)


def test_forward_books_what_arrived_plainly_and_does_nothing_twice(world: World) -> None:
    parent, child = chain_of(world, 250_000, currencies=[NATIVE])
    world.evm.fund(STRANGER, 1000)
    world.evm.send(STRANGER, child.address, value=1000)
    assert child.call("forwardable", parent.address, NATIVE) == 250
    receipt = child.send("forward", [parent.address] * 2, NATIVE, sender=STRANGER)
    assert child.result(receipt, "forward", 2) == 250
    receipt = child.send("forward", [parent.address], NATIVE, sender=STRANGER)
    assert child.result(receipt, "forward", 2) == 0
    assert child.events(receipt) == []
    receipt = child.send("forward", [], NATIVE, sender=STRANGER)
    assert child.result(receipt, "forward", 2) == 0


def test_forward_pays_only_parents_in_accepted_currencies(world: World) -> None:
    parent, child = chain_of(world, 250_000, currencies=[NATIVE])
    world.pay(child, NATIVE, 1000)
    for stranger in (STRANGER, COLLABORATORS[0], child.address, NATIVE):
        with refused("not a parent"):
            child.send("forward", [stranger], NATIVE, sender=STRANGER)
        with refused("not a parent"):
            child.call("forwardable", stranger, NATIVE)
    for function in ("forward", "forwardable"):
        named = [parent.address] if function == "forward" else parent.address
        with refused("currency not accepted"):
            world.evm.call(child.address, child.data(function, named, world.dollar.address))
    with refused("not a parent"):
        parent.send("forward", [child.address], NATIVE, sender=STRANGER)


def test_a_blocked_parent_stays_owed_and_blocks_nobody(world: World) -> None:
    odd = world.hostile("HostileToken")
    good, bad = world.token([], [odd.address]), world.token([], [odd.address])
    world.evm.pass_time(1)
    token = world.token([], [odd.address], parents=[(bad.address, 100_000), (good.address, 200_000)])
    odd.send("mint", PAYER, 10**6, sender=STRANGER)
    odd.send("refuse", bad.address, True, sender=STRANGER)
    world.pay(token, odd.address, 1000)
    with pytest.raises(Reverted):
        token.send("forward", [good.address, bad.address], odd.address, sender=STRANGER)
    token.send("forward", [good.address], odd.address, sender=STRANGER)
    token.send("claim", CREATOR, odd.address, sender=STRANGER)
    assert (good.call("received", odd.address), odd.call("real_balance", CREATOR)) == (200, 700)
    assert token.call("forwardable", bad.address, odd.address) == 100
    assert token.call("liabilities", odd.address) == 100
    odd.send("refuse", bad.address, False, sender=STRANGER)
    token.send("forward", [bad.address], odd.address, sender=STRANGER)
    assert bad.call("received", odd.address) == 100


def test_a_transfer_of_shares_leaves_the_parents_as_they_are(world: World) -> None:
    parent, child = chain_of(world, 333_333, currencies=[NATIVE])
    world.pay(child, NATIVE, 1000)
    child.send("transfer", HOLDERS[0], 999, sender=CREATOR)
    assert child.call("forwardable", parent.address, NATIVE) == 333
    assert child.call("pending", CREATOR, NATIVE) == 566


def test_dust_gains_nobody_anything(world: World) -> None:
    parent, child = chain_of(world, 333_333, currencies=[NATIVE])
    for _ in range(30):
        world.pay(child, NATIVE, 1)
        child.send("forward", [parent.address], NATIVE, sender=STRANGER)
    assert parent.call("received", NATIVE) == 30 * 333_333 // 10**6


@pytest.mark.parametrize(
    ("reason", "parents"),
    [
        ("bad parent", ["stranger"]),
        ("bad parent", ["zero"]),
        ("bad parent", ["dollar"]),
        ("bad parent", ["itself"]),
        ("bad parent", ["implementation"]),
        ("parent twice", ["parent", "parent"]),
        ("parent twice", ["other", "parent", "other"]),
        ("parent twice", ["collaborator"]),
        ("parent lacks currency", ["coin only"]),
    ],
)
def test_bad_parents_are_refused(world: World, reason: str, parents: list[str]) -> None:
    salt = b"\x31" * 32
    places = {
        "stranger": STRANGER,
        "zero": NATIVE,
        "dollar": world.dollar.address,
        "itself": world.factory.call("predict", CREATOR, salt),
        "implementation": world.factory.call("implementation"),
        "parent": world.token([]).address,
        "other": world.token([]).address,
        "collaborator": world.token([]).address,
        "coin only": world.token([], [NATIVE]).address,
    }
    world.evm.pass_time(1)
    collaborators = [places["collaborator"]]
    with refused(reason):
        world.create(
            [1], collaborators=collaborators, parents=[(places[who], 1) for who in parents], salt=salt
        )


@pytest.mark.parametrize(
    ("reason", "share"), [("share out of range", 0), ("share out of range", 1_000_001),
                          ("share out of range", 2**256 - 1), ("shares over one", 900_001)],
)  # fmt: skip
def test_parents_and_collaborators_get_no_more_than_all(world: World, reason: str, share: int) -> None:
    parent = world.token([])
    world.evm.pass_time(1)
    with refused(reason):
        world.create([100_000], parents=[(parent.address, share)])
    world.create([100_000], parents=[(parent.address, 900_000)])


def test_a_parent_is_registered_earlier_however_late_its_token_is_made(world: World) -> None:
    child, sibling = world.anchored(), world.anchored()
    world.evm.pass_time(1)
    late = world.anchored()
    world.evm.pass_time(1)
    for work in (sibling, late):
        parent = world.token([], work=work)
        with refused("parent not earlier"):
            world.create([], work=child, parents=[(parent.address, 1)])
    world.create([], parents=[(parent.address, 1)])


def test_more_than_16_parents_are_refused(world: World) -> None:
    parents = [world.token([], [NATIVE]) for _ in range(17)]
    world.evm.pass_time(1)
    with refused(""):
        world.create([], [NATIVE], parents=[(parent.address, 1) for parent in parents])
    world.create([62_500] * 16, [NATIVE], parents=[])


def test_a_token_of_another_factory_is_no_parent(world: World) -> None:
    from eth_abi.abi import encode

    from desktop_app.chain.artifacts import load_artifact

    code = load_artifact("RoyaltyFactory").bytecode
    arguments = encode(["address", "bytes"], [world.registry.address, load_artifact("RoyaltyToken").bytecode])
    other = Contract.shipped(
        world.evm, world.evm.send(STRANGER, None, code + arguments, gas=16_000_000).created, "RoyaltyFactory"
    )
    terms = (world.anchored(), CREATOR, "N", "S", 1, [], [], [NATIVE], 0, "", bytes(32))
    twin = other.result(other.send("create", terms, sender=CREATOR), "create", 1)
    world.evm.pass_time(1)
    with refused("bad parent"):
        world.create([], [NATIVE], parents=[(twin, 1)])


@pytest.mark.parametrize("share", [0, 1, 75_000, 1_000_000])
@pytest.mark.parametrize("price", [0, 1, 999_999, 10**18 + 7, 2**256 - 1])
def test_a_resale_names_the_token_and_the_exact_royalty(world: World, share: int, price: int) -> None:
    token = world.token([1], resale_share=share)
    assert token.call("royaltyInfo", 5, price) == (token.address, price * share // 10**6)


def test_a_resale_share_over_one_is_refused(world: World) -> None:
    with refused("share out of range"):
        world.create([1], resale_share=1_000_001)
