"""What the app's own actions look like to a network: sample transactions with the gas that they use.

With them an action can be priced on a network where the user has no money and our contracts are not yet. The
gas is that of real transactions, with five collaborators, once storage is in use. ERC-20 dollars differ a
little from network to network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from desktop_app.chain.contracts import (
    Call,
    anchor_call,
    claim_call,
    create_token_call,
    pay_call,
    pay_signed_call,
    register_call,
)
from desktop_app.chain.networks import Network
from desktop_app.core.amounts import Amount

COLLABORATORS = 5


class OwnAction(StrEnum):
    """What a creator, and who pays a creator, does again and again."""

    REGISTER = "register"
    MINT = "mint"
    PAY = "pay"
    CLAIM = "claim"


@dataclass(frozen=True)
class Step:
    """One transaction of an action: the gas it uses, and how many storage slots it writes first or again."""

    call: Call
    gas: int
    new_slots: int
    changed_slots: int


GAS = {
    "register": 93_200,
    "anchor": 51_000,
    "mint": 250_000,
    "pay_dollars": 146_300,
    "pay_coin": 105_200,
    "claim": 69_000,
}
"""Gas of each transaction; tests/integration/test_own_actions.py holds it against real ones."""

SLOTS = {
    "register": (1, 0),
    "anchor": (1, 0),
    "mint": (3, 0),
    "pay_dollars": (1, 9),
    "pay_coin": (0, 2),
    "claim": (0, 4),
}
"""Storage slots that each transaction writes for the first time, and again (same test)."""

SAMPLE_SENDER = "0x" + hashlib.sha256(b"colophon: sample sender").hexdigest()[:40]


def steps(network: Network, action: OwnAction, proof_on_chain: bool) -> tuple[Step, ...]:
    """The transactions that the app sends for an action on a network.

    Where the proof cannot be checked on chain, a work is anchored instead; where the network has a dollar, a
    payment is one transaction with the payer's authorization (EIP-3009). Dollars without that are approved
    first, which is not counted here.
    """
    token, holder = _address("token"), _address("holder")
    dollar = network.dollar
    if action is OwnAction.REGISTER:
        return (_register(proof_on_chain),)
    if action is OwnAction.MINT:
        return (_step("mint", _mint(network)),)
    if action is OwnAction.CLAIM:
        return (_step("claim", claim_call(token, holder, dollar.address if dollar else "")),)
    if dollar is None:
        return (_step("pay_coin", pay_call(token, Amount(10**15 + 1, network.native), _noise("memo"))),)
    signature = _noise("r") + _noise("s") + b"\x1c"
    paid = pay_signed_call(
        token, SAMPLE_SENDER, Amount(9_990_000, dollar), bytes(32), 2**31, _noise("salt"), signature
    )
    return (_step("pay_dollars", paid),)


def _register(proof_on_chain: bool) -> Step:
    commitment = b"".join(_noise(f"commitment {part}") for part in range(4))
    if not proof_on_chain:
        return _step("anchor", anchor_call(commitment, _noise("uri")))
    numbers = [int.from_bytes(_noise(f"proof {part}"), "big") for part in range(4)]
    call = register_call(commitment, numbers[0], (numbers[1], numbers[2], numbers[3]), _noise("uri"))
    return _step("register", call)


def _mint(network: Network) -> Call:
    people = [(_address(f"collaborator {number}"), 50_000 + number) for number in range(COLLABORATORS)]
    return create_token_call(
        commitment_id=_noise("commitment"),
        name="A song with a usual title",
        symbol="SONG",
        supply=1_000_000,
        collaborators=people,
        currencies=["", *([network.dollar.address] if network.dollar else [])],
        uri="",
        salt=_noise("salt"),
        registrant=SAMPLE_SENDER,
    )


def _step(name: str, call: Call) -> Step:
    return Step(call, GAS[name], *SLOTS[name])


def _noise(name: str) -> bytes:
    """32 bytes that compress as badly as hashes and proofs do, the same each time."""
    return hashlib.sha256(f"colophon: sample {name}".encode()).digest()


def _address(name: str) -> str:
    return "0x" + _noise(name)[:20].hex()
