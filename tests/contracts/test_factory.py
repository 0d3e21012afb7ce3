"""RoyaltyFactory: one immutable token per registered work, at an address known beforehand."""

from __future__ import annotations

from typing import Any

import pytest
from eth_hash.auto import keccak
from harness import refused
from harness.evm import NATIVE, Contract
from harness.world import COLLABORATORS, CREATOR, HOLDERS, STRANGER, SUPPLY, URI, World

SALT = keccak(b"salt")


def test_the_token_is_what_was_asked_for(world: World) -> None:
    work = world.anchored()
    token, receipt = world.create([400_000, 100_001], work=work, salt=SALT)
    assert token.address == world.factory.call("predict", CREATOR, SALT)
    assert world.factory.call("is_token", token.address) is True
    assert world.factory.call("token_of", CREATOR, work) == token.address
    assert token.call("work") == work
    assert token.call("creator") == CREATOR
    assert token.call("name") == "Nocturne in E"
    assert token.call("symbol") == "NOCT"
    assert token.call("decimals") == 0
    assert token.call("contractURI") == URI
    assert token.call("totalSupply") == token.call("balanceOf", CREATOR) == SUPPLY
    assert token.call("collaborators") == ((COLLABORATORS[0], 400_000), (COLLABORATORS[1], 100_001))
    assert token.call("holders_share") == 499_999
    assert token.call("currencies") == (NATIVE, world.dollar.address)
    assert world.factory.events(receipt) == [
        (
            "TokenCreated",
            {
                "token": token.address,
                "creator": CREATOR,
                "work": work,
                "name": "Nocturne in E",
                "symbol": "NOCT",
                "supply": SUPPLY,
            },
        ),
        (
            "TermsFixed",
            {
                "token": token.address,
                "registrant": CREATOR,
                "currencies": (NATIVE, world.dollar.address),
                "collaborators": ((COLLABORATORS[0], 400_000), (COLLABORATORS[1], 100_001)),
                "parents": (),
                "resale_share": 0,
                "uri": URI,
            },
        ),
    ]
    assert token.events(receipt) == [
        ("Transfer", {"sender": NATIVE, "receiver": CREATOR, "value": SUPPLY}),
    ]


def test_a_token_may_use_every_bound_at_once(world: World) -> None:
    currencies = [NATIVE, world.dollar.address, *(world.hostile("HostileToken").address for _ in range(6))]
    token = world.token(
        [62_500] * 16,
        currencies,
        name="N" * 64,
        symbol="S" * 16,
        uri="u" * 256,
        supply=2**96 - 1,
    )
    assert token.call("name") == "N" * 64
    assert token.call("symbol") == "S" * 16
    assert token.call("contractURI") == "u" * 256
    assert token.call("collaborators") == tuple((address, 62_500) for address in COLLABORATORS)
    assert token.call("holders_share") == 0
    assert token.call("currencies") == tuple(currencies)
    assert token.call("totalSupply") == 2**96 - 1


def test_the_smallest_token_works(world: World) -> None:
    token = world.token([], [NATIVE], name="N", symbol="S", uri="", supply=1)
    assert token.call("collaborators") == ()
    assert token.call("contractURI") == ""
    assert token.call("holders_share") == 1_000_000
    assert (token.call("name"), token.call("symbol"), token.call("totalSupply")) == ("N", "S", 1)


@pytest.mark.parametrize("text", ["", "a", "x" * 31, "x" * 32, "x" * 33, "ü" * 100])
def test_texts_of_all_lengths_come_back(world: World, text: str) -> None:
    name = (text or "N")[:20]
    token = world.token([1], uri=text, name=name, symbol=name[:3])
    assert (token.call("name"), token.call("symbol"), token.call("contractURI")) == (name, name[:3], text)


def test_the_factory_names_its_registry_and_its_one_implementation(world: World) -> None:
    assert world.factory.call("registry") == world.registry.address
    implementation = world.factory.call("implementation")
    token = world.token([1])
    code = world.evm.code(token.address)
    assert code[:51].hex() == (
        "36600557005b365f5f375f5f365f73" + implementation[2:] + "5af43d5f5f3e602f573d5ffd5b3d5ff3"
    )


def test_only_the_holder_of_the_record_makes_its_token(world: World) -> None:
    work = world.anchored(sender=STRANGER)
    with refused("not the holder"):
        world.create([1], work=work)


def test_a_later_holder_of_the_record_makes_the_token(world: World) -> None:
    work = world.anchored()
    world.registry.send("transfer", work, HOLDERS[0], sender=CREATOR)
    with refused("not the holder"):
        world.create([1], work=work)
    terms = (work, "N", "S", 5, [], [], [NATIVE], 0, "", SALT)
    with refused("not the holder"):
        world.factory.send("create", (work, HOLDERS[0], *terms[1:]), sender=HOLDERS[0])
    receipt = world.factory.send("create", (work, CREATOR, *terms[1:]), sender=HOLDERS[0])
    token = world.factory.result(receipt, "create", 1)
    assert world.factory.call("predict", HOLDERS[0], SALT) == token
    assert world.factory.call("token_of", CREATOR, work) == token
    assert Contract.shipped(world.evm, token, "RoyaltyToken").call("balanceOf", HOLDERS[0]) == 5


def test_a_work_has_one_token(world: World) -> None:
    work = world.anchored()
    world.create([1], work=work)
    with refused("token exists"):
        world.create([1], work=work, salt=SALT)


def test_a_salt_serves_one_sender_once(world: World) -> None:
    world.create([1], salt=SALT)
    with refused("salt used") as refusal:
        world.create([1], salt=SALT)
    assert refusal.value.gas_used < 100_000, "a mistake must not cost all gas"
    world.create([1], salt=SALT, creator=STRANGER)


TOKEN = "the token itself"
DOLLAR = "the test dollar"


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("supply out of range", {"supply": 0}),
        ("supply out of range", {"supply": 2**96}),
        ("no name", {"name": ""}),
        ("no name", {"symbol": ""}),
        ("no currency", {"currencies": []}),
        ("currency twice", {"currencies": [DOLLAR, NATIVE, DOLLAR]}),
        ("currency twice", {"currencies": [NATIVE, NATIVE]}),
        ("currency has no code", {"currencies": [STRANGER]}),
        ("currency has no code", {"currencies": [TOKEN]}),
        ("collaborator twice", {"shares": [1, 2, 3], "collaborators": [HOLDERS[0], CREATOR, HOLDERS[0]]}),
        ("bad collaborator", {"collaborators": [NATIVE]}),
        ("bad collaborator", {"collaborators": [TOKEN]}),
        ("share out of range", {"shares": [5, 0]}),
        ("share out of range", {"shares": [1_000_001]}),
        ("share out of range", {"shares": [2**256 - 1, 2]}),
        ("shares over one", {"shares": [600_000, 400_001]}),
    ],
)
def test_bad_terms_are_refused(world: World, reason: str, change: dict[str, Any]) -> None:
    places = {TOKEN: world.factory.call("predict", CREATOR, SALT), DOLLAR: world.dollar.address}
    for key in ("currencies", "collaborators"):
        if key in change:
            change = {**change, key: [places.get(address, address) for address in change[key]]}
    with refused(reason):
        world.create(**{"shares": [1], "salt": SALT, **change})


def test_more_collaborators_or_currencies_than_fit_are_refused(world: World) -> None:
    extra = [*COLLABORATORS, STRANGER]
    with refused(""):
        world.create([1] * 17, collaborators=extra)
    with refused(""):
        world.create([1], [world.hostile("HostileToken").address for _ in range(9)])


def test_nobody_but_the_factory_initializes_and_the_implementation_is_of_no_use(world: World) -> None:
    token = world.token([1])
    with refused("only the factory"):
        token.send("initialize", sender=CREATOR)
    implementation = Contract.shipped(world.evm, world.factory.call("implementation"), "RoyaltyToken")
    with refused("only the factory"):
        implementation.send("initialize", sender=CREATOR)
    for name, arguments in {
        "pay": (NATIVE, 0, bytes(32)),
        "sync": (NATIVE,),
        "claim": (CREATOR, NATIVE),
        "name": (),
        "totalSupply": (),
        "pending": (CREATOR, NATIVE),
    }.items():
        with refused("not a token"):
            world.evm.call(implementation.address, implementation.data(name, *arguments))
    world.evm.fund(STRANGER, 1)
    with refused(""):
        world.evm.send(STRANGER, implementation.address, value=1)


def test_the_code_of_the_next_clone_is_empty_between_creations(world: World) -> None:
    world.create([1])
    assert world.evm.call(world.factory.address, world.factory.data("clone_code")) == b""


def test_an_unknown_token_is_not_ours(world: World) -> None:
    assert world.factory.call("is_token", world.dollar.address) is False
    assert world.factory.call("token_of", CREATOR, bytes(32)) == NATIVE


# --- Albums ---------------------------------------------------------------------------------------------


def song(world: World, number: int, **changes: Any) -> tuple[Any, ...]:
    terms: dict[str, Any] = {
        "work": world.anchored(),
        "registrant": CREATOR,
        "name": f"Song {number}",
        "symbol": f"S{number}",
        "supply": 100 + number,
        "collaborators": [(COLLABORATORS[0], 1000 * (number + 1))],
        "parents": [],
        "currencies": [NATIVE],
        "resale_share": 0,
        "uri": "x" * number,
        "salt": number.to_bytes(32, "big"),
    }
    return tuple((terms | changes).values())


def test_an_album_is_minted_in_one_transaction(world: World) -> None:
    receipt = world.factory.send(
        "create_many", [song(world, i) for i in range(32)], sender=CREATOR, gas=16_777_216
    )
    tokens = world.factory.result(receipt, "create_many", 1)
    assert len(set(tokens)) == 32
    assert [name for name, _ in world.factory.events(receipt)] == ["TokenCreated", "TermsFixed"] * 32
    for i, address in enumerate(tokens):
        token = Contract.shipped(world.evm, address, "RoyaltyToken")
        assert world.factory.call("predict", CREATOR, i.to_bytes(32, "big")) == address
        assert (token.call("name"), token.call("symbol"), token.call("contractURI")) == (
            f"Song {i}", f"S{i}", "x" * i,
        )  # fmt: skip
        assert token.call("balanceOf", CREATOR) == token.call("totalSupply") == 100 + i
        assert token.call("collaborators") == ((COLLABORATORS[0], 1000 * (i + 1)),)


def test_a_song_may_build_on_an_earlier_one_of_the_same_album(world: World) -> None:
    first = song(world, 1)
    world.evm.pass_time(1)
    parent = world.factory.call("predict", CREATOR, first[-1])
    second = song(world, 2, parents=[(parent, 5000)])
    with refused("bad parent"):
        world.factory.send("create_many", [second, first], sender=CREATOR)
    receipt = world.factory.send("create_many", [first, second], sender=CREATOR)
    child = Contract.shipped(world.evm, world.factory.result(receipt, "create_many", 1)[1], "RoyaltyToken")
    assert child.call("parents") == ((parent, 5000),)


def test_one_bad_song_mints_nothing_of_an_album(world: World) -> None:
    good = song(world, 1)
    foreign = song(world, 2, work=world.anchored(STRANGER), registrant=STRANGER)
    for reason, bad in {
        "no name": song(world, 2, name=""),
        "salt used": song(world, 2, salt=good[-1]),
        "token exists": song(world, 2, work=good[0]),
        "not the holder": foreign,
    }.items():
        with refused(reason):
            world.factory.send("create_many", [good, bad], sender=CREATOR)
        assert world.factory.call("token_of", CREATOR, good[0]) == NATIVE
    with refused("no works"):
        world.factory.send("create_many", [], sender=CREATOR)
    with refused(""):
        world.factory.send("create_many", [good] * 33, sender=CREATOR, gas=16_777_216)


def test_a_token_leads_to_its_record(world: World) -> None:
    work = world.anchored()
    registered_at = world.evm.time
    world.evm.pass_time(5)
    world.registry.send("transfer", work, HOLDERS[0], sender=CREATOR)
    terms = (work, CREATOR, "N", "S", 5, [], [], [NATIVE], 0, "", SALT)
    token = world.factory.result(world.factory.send("create", terms, sender=HOLDERS[0]), "create", 1)
    assert world.factory.call("origin", token) == (CREATOR, registered_at)
    for stranger in (CREATOR, NATIVE, world.factory.address, world.factory.call("implementation")):
        assert world.factory.call("origin", stranger) == (NATIVE, 0)
