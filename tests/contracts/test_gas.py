"""Gas of whole transactions: within the design's figures, and no more than 3 % above what is recorded.

`COLOPHON_RECORD_GAS=1` writes new figures to gas.json, and the table to resources/contracts/README.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.evm import CHAIN_ID, NATIVE, Contract
from harness.selling import Shop, a_work, words
from harness.world import COLLABORATORS, CREATOR, HOLDERS, PAYER, STRANGER, World

from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.key_delivery import one_time_key
from desktop_app.proofs.registration import make

RECORD = Path(__file__).with_name("gas.json")
README = Path(__file__).parents[2] / "resources" / "contracts" / "README.md"
FIVE = [100_000, 50_000, 200_000, 12_345, 77_000]
REPEATS = 3

# The design's figures.
REACH = {
    "register, proof checked on chain": 110_000,
    "create a token, 5 collaborators": 420_000,
    "pay in dollars, 5 collaborators": 150_000,
    "pay in the coin, 5 collaborators": 120_000,
    "claim dollars": 75_000,
    "claim the coin": 75_000,
    "transfer shares, 2 live currencies": 75_000,
    # The delivery with the whole payment; what the split among collaborators costs comes on top, as with
    # `pay`.
    "deliver a key for the coin, no collaborators": 140_000,
    "deliver a key for dollars, no collaborators": 140_000,
}


def repeated(action: Callable[[], int]) -> int:
    """The gas of an action once storage slots are in use."""
    return [action() for _ in range(REPEATS)][-1]


def measure(world: World) -> dict[str, int]:
    dollar = world.dollar.address

    def plain() -> int:
        world.evm.fund(STRANGER, 1000)
        return world.evm.send(STRANGER, token.address, value=1000).gas_used

    def waiting(then: Callable[[], int]) -> int:
        world.dollars(token.address, 10**6)
        return then()

    def claim(currency: str) -> int:
        world.pay(token, currency, 10**6)
        return token.send("claim", CREATOR, currency, sender=STRANGER).gas_used

    def claim_four() -> int:
        world.pay(token, dollar, 10**6)
        return token.send("claim_many", HOLDERS, dollar, sender=STRANGER).gas_used

    def move() -> int:
        return token.send("transfer", HOLDERS[0], 10, sender=CREATOR).gas_used

    proof = make(
        CHAIN_ID,
        world.registry.address,
        CREATOR,
        Opening(7**80, 11**70, 13**65),
        nonces=lambda *_: (3**150, 5**100, 17**60),
    )
    figures = {
        "register, proof checked on chain": world.registry.send(
            "register", proof.commitment, proof.challenge, list(proof.responses), b"\x55" * 32, sender=CREATOR
        ).gas_used,
        "anchor, no proof": world.registry.send(
            "anchor", proof.commitment, b"\x55" * 32, sender=STRANGER
        ).gas_used,
    }
    token, receipt = world.create(FIVE, salt=b"\x77" * 32)
    figures["create a token, 5 collaborators"] = receipt.gas_used
    world.dollars(PAYER, 10**12)
    world.dollar.send("approve", token.address, 10**12, sender=PAYER)
    figures["pay in dollars, 5 collaborators, first time"] = world.pay(token, dollar, 1_000_003).gas_used
    figures["pay in dollars, 5 collaborators"] = repeated(
        lambda: world.pay(token, dollar, 1_000_003).gas_used
    )
    figures["pay in the coin, 5 collaborators"] = repeated(lambda: world.pay(token, NATIVE, 10**15).gas_used)
    figures["plain transfer of the coin to a token"] = repeated(plain)
    figures["sync dollars, 5 collaborators"] = repeated(
        lambda: waiting(lambda: token.send("sync", dollar, sender=STRANGER).gas_used)
    )
    figures["claim dollars"] = repeated(lambda: claim(dollar))
    figures["claim the coin"] = repeated(lambda: claim(NATIVE))
    figures["transfer shares, 2 live currencies"] = repeated(move)
    figures["transfer shares, 2 live currencies, waiting money booked"] = repeated(lambda: waiting(move))
    for holder in HOLDERS:
        token.send("transfer", holder, 50, sender=CREATOR)
    figures["claim dollars for 4 holders at once"] = repeated(claim_four)
    figures["pay in the coin, no collaborators"] = _alone(world)
    figures |= _with_parents(world)
    figures |= _licences(world, token)
    figures |= _selling(world, token)
    return figures | _album(world)


def _with_parents(world: World) -> dict[str, int]:
    parents = [world.token([], salt=bytes([i]) * 32) for i in range(5)]
    world.evm.pass_time(1)
    shares = [(parent.address, 50_000) for parent in parents]
    child, receipt = world.create(FIVE, parents=shares, salt=b"\x70" * 32)
    found = {"create a token, 5 collaborators, 5 parents": receipt.gas_used}
    for name, currency in (("dollars", world.dollar.address), ("the coin", NATIVE)):

        def forward(count: int, currency: str = currency) -> int:
            world.dollar.send("approve", child.address, 10**12, sender=PAYER)
            world.pay(child, currency, 10**6)
            named = [parent.address for parent in parents[:count]]
            return child.send("forward", named, currency, sender=STRANGER).gas_used

        found[f"forward {name} to one parent"] = repeated(lambda: forward(1))
        found[f"forward {name} to 5 parents"] = repeated(lambda: forward(5))
    return found


def _licences(world: World, token: Contract) -> dict[str, int]:
    """Of a token with 5 collaborators, whose books are in use."""
    found = {}
    world.dollar.send("approve", world.licences.address, 10**12, sender=PAYER)
    for name, currency in (("dollars", world.dollar.address), ("the coin", NATIVE)):
        terms = (2, currency, 10**6, 0, bytes(32), b"\x44" * 32)
        receipt = world.licences.send("offer", token.address, terms, 0, "https://a.example", sender=CREATOR)
        found["offer a licence"] = receipt.gas_used
        version = world.licences.result(receipt, "offer", 4)
        agreed = world.licences.call("terms_hash", token.address, version)
        value = 10**6 if currency == NATIVE else 0

        def buy(version: int = version, agreed: bytes = agreed, value: int = value) -> int:
            world.evm.fund(PAYER, value)
            arguments = (token.address, version, 2, 1, 10**6, agreed)
            return world.licences.send("buy", *arguments, sender=PAYER, value=value).gas_used

        found[f"buy a licence in {name}, 5 collaborators"] = repeated(buy)
    world.licences.send("redeem", world.licences.call("licences") - 1, 1, b"", sender=PAYER)
    receipt = world.licences.send("redeem", world.licences.call("licences"), 1, b"", sender=PAYER)
    return found | {"redeem plays": receipt.gas_used}


def _selling(world: World, five: Contract) -> dict[str, int]:
    """Of the key escrow; a delivery includes the payment to the royalty token."""
    found = {}
    work = a_work(1, 2048, garbage=[1])
    for who, token in (("no collaborators", world.token([], salt=b"\x71" * 32)), ("5 collaborators", five)):
        for name, currency in (("the coin", NATIVE), ("dollars", world.dollar.address)):
            shop = Shop(world, token)
            offer = shop.place(work, currency=currency, price=1_000_003)
            orders = [shop.order(offer, secret=11**60 + i) for i in range(REPEATS)]
            gas = [shop.deliver(work, order, nonces=lambda *_: [3**150]).gas_used for order in orders]
            found[f"deliver a key for {name}, {who}"] = gas[-1]
    safe = shop.terms(work, window=86_400)
    found["offer a work for sale"] = shop.escrow.send("place_offer", safe, sender=CREATOR).gas_used
    world.evm.fund(PAYER, 1000)
    key = words(one_time_key(11**60))
    receipt = shop.escrow.send("order", safe, key, sender=PAYER, value=1000)
    found["order a work for the coin"] = receipt.gas_used
    order = shop.placed(safe, receipt, 11**60)
    point = shop.proof(work, order)[0]
    shop.deliver(work, order, nonces=lambda *_: [3**150])
    _, at = shop.escrow.call("state", order.id)
    evidence = work.evidence(1)
    complaint = (order.fields, safe, point, at, order.secret, *evidence)
    found["complain about a piece"] = shop.escrow.send("complain", *complaint, sender=PAYER).gas_used
    return found


def _album(world: World) -> dict[str, int]:
    proofs = [
        make(CHAIN_ID, world.registry.address, CREATOR, Opening(8**80, 11**70, 13**65 + i),
             nonces=lambda *_: (3**150, 5**100, 17**60))
        for i in range(10)
    ]  # fmt: skip
    entries = [(p.commitment, p.challenge, list(p.responses), b"\x55" * 32) for p in proofs]
    registering = world.registry.send("register_many", entries, sender=CREATOR)
    songs = [
        (p.commitment_id, CREATOR, "Nocturne in E", "NOCT", 1000,
         list(zip(COLLABORATORS, FIVE, strict=False)), [], [NATIVE, world.dollar.address], 0,
         "https://example.org/works/1.json", bytes([9, i]) * 16)
        for i, p in enumerate(proofs)
    ]  # fmt: skip
    minting = world.factory.send("create_many", songs, sender=CREATOR, gas=16_777_216)
    return {
        "register an album of 10, each with its proof": registering.gas_used,
        "mint an album of 10, 5 collaborators each": minting.gas_used,
    }


def _alone(world: World) -> int:
    token: Contract = world.token([], [NATIVE])
    return repeated(lambda: world.pay(token, NATIVE, 10**15).gas_used)


def recorded() -> dict[str, int]:
    figures: dict[str, int] = json.loads(RECORD.read_text(encoding="utf-8"))
    return figures


@pytest.fixture
def figures(reference: World) -> dict[str, int]:
    found = measure(reference)
    if os.environ.get("COLOPHON_RECORD_GAS"):
        readme = README.read_text(encoding="utf-8")
        README.write_text(readme.replace(table(recorded()), table(found)), encoding="utf-8")
        RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def table(figures: dict[str, int]) -> str:
    """As it stands in the contracts' README."""
    rows = [
        f"| {name} | {gas:,} | {f'{REACH[name]:,}' if name in REACH else ''} |"
        for name, gas in figures.items()
    ]
    return "\n".join(["| Transaction | Gas | Reach |", "|---|---:|---:|", *rows]) + "\n"


def test_gas_stays_within_reach_and_within_3_percent_of_the_record(figures: dict[str, int]) -> None:
    before = recorded()
    assert figures.keys() == before.keys()
    assert {name: gas for name, gas in figures.items() if gas > REACH.get(name, gas)} == {}
    assert {name: gas for name, gas in figures.items() if gas > before[name] * 1.03} == {}


def test_the_table_in_the_readme_is_the_record() -> None:
    assert table(recorded()) in README.read_text(encoding="utf-8")
