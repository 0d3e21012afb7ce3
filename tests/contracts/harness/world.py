"""The contracts as they are deployed on every network, and ready-made works, tokens and payers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from desktop_app.chain.artifacts import contract_address, init_code, load_artifact
from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.registration import Registration, make
from harness.evm import NATIVE, Contract, Evm, Receipt, account

if TYPE_CHECKING:
    from harness.fast_evm import FastEvm

CREATOR, PAYER, STRANGER = account(1), account(2), account(3)
COLLABORATORS = [account(10 + i) for i in range(16)]
HOLDERS = [account(40 + i) for i in range(4)]
SUPPLY = 1000
URI = "https://example.org/works/1.json"


class World:
    """Registry, factory and test dollar on a fresh chain."""

    def __init__(self, evm: Evm | FastEvm | None = None, faulty: Mapping[str, bytes] | None = None) -> None:
        """`faulty` is init code in place of what ships, to see that a test finds the fault."""
        self.evm: Any = evm or Evm()
        self._faulty = faulty or {}
        addresses: dict[str, str] = {}
        for name in ("Registry", "RoyaltyFactory", "Licences", "KeyEscrow", "TestDollar"):
            addresses[name] = self.evm.deploy_at_fixed_address(self._init_code(name, addresses))
            assert self._faulty or addresses[name] == contract_address(name).lower()
        self.registry = Contract.shipped(self.evm, addresses["Registry"], "Registry")
        self.factory = Contract.shipped(self.evm, addresses["RoyaltyFactory"], "RoyaltyFactory")
        self.licences = Contract.shipped(self.evm, addresses["Licences"], "Licences")
        self.escrow = Contract.shipped(self.evm, addresses["KeyEscrow"], "KeyEscrow")
        self.dollar = Contract.shipped(self.evm, addresses["TestDollar"], "TestDollar")
        self._works = 0

    def _init_code(self, name: str, addresses: Mapping[str, str]) -> bytes:
        if not self._faulty:
            return init_code(name)
        codes = {one: load_artifact(one).bytecode for one in (name, "RoyaltyToken")} | dict(self._faulty)
        if name == "RoyaltyFactory":
            arguments = encode(["address", "bytes"], [addresses["Registry"], codes["RoyaltyToken"]])
        else:
            served = name in ("Licences", "KeyEscrow")
            arguments = encode(["address"], [addresses["RoyaltyFactory"]]) if served else b""
        return codes[name] + arguments

    def proof(self, sender: str, secret: int = 7) -> Registration:
        """A commitment with the proof for one sender."""
        return make(6516588, self.registry.address, sender, Opening(secret, secret + 1, secret + 2))

    def anchored(self, sender: str = CREATOR) -> bytes:
        """The commitment id of a new work, registered without a proof (py-evm's precompile is slow)."""
        self._works += 1
        commitment = bytes(31) + b"\x01" + self._works.to_bytes(32, "big") + bytes(64)
        self.registry.send("anchor", commitment, bytes(32), sender=sender)
        return keccak(commitment)

    def create(
        self,
        shares: Sequence[int],
        currencies: Sequence[str] | None = None,
        *,
        collaborators: Sequence[str] = COLLABORATORS,
        supply: int = SUPPLY,
        name: str = "Nocturne in E",
        symbol: str = "NOCT",
        uri: str = URI,
        work: bytes | None = None,
        salt: bytes | None = None,
        parents: Sequence[tuple[str, int]] = (),
        resale_share: int = 0,
        creator: str = CREATOR,
    ) -> tuple[Contract, Receipt]:
        """A royalty token of a new work of `creator`, and the receipt of its creation."""
        work = work or self.anchored(creator)
        terms = (
            work, creator, name, symbol, supply, list(zip(collaborators, shares, strict=False)),
            list(parents), list(currencies if currencies is not None else [NATIVE, self.dollar.address]),
            resale_share, uri, work if salt is None else salt,
        )  # fmt: skip
        receipt = self.factory.send("create", terms, sender=creator)
        address = self.factory.result(receipt, "create", 1)
        return Contract.shipped(self.evm, address, "RoyaltyToken"), receipt

    def token(
        self, shares: Sequence[int], currencies: Sequence[str] | None = None, **more: object
    ) -> Contract:
        """A royalty token of a new work of CREATOR."""
        return self.create(shares, currencies, **more)[0]  # type: ignore[arg-type]

    def hostile(self, name: str) -> Contract:
        """A contract of tests/contracts/hostile."""
        built = json.loads((Path(__file__).parents[1] / "hostile" / "hostile.json").read_text())[name]
        address = self.evm.deploy(bytes.fromhex(built["bytecode"][2:]))
        return Contract(self.evm, address, built["abi"])

    def dollars(self, owner: str, amount: int, spender: str | None = None) -> None:
        """Give test dollars (millionths), and let `spender` take them."""
        self.dollar.send("faucet", owner, amount, sender=STRANGER)
        if spender:
            self.dollar.send("approve", spender, 2**256 - 1, sender=owner)

    def pay(self, token: Contract, currency: str, amount: int, payer: str = PAYER) -> Receipt:
        """A payment by an account that always has the native coins for it."""
        if currency == NATIVE:
            self.evm.fund(payer, amount)
        return token.send(
            "pay", currency, amount, bytes(32), sender=payer, value=amount if currency == NATIVE else 0
        )
