"""The same journey against a real node over HTTP that poses as an L2, and back to the practice network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.anvil import Anvil, running_anvil
from integration.journey import mint, register, whole_journey
from integration.people import active

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import deploy_call, encode_call
from desktop_app.chain.wire import to_data
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError
from desktop_app.services.app import Services
from desktop_app.services.disclosures import SameWork
from desktop_app.services.licence_terms import LicenceKind, LicenceTerms
from desktop_app.services.sale_terms import SaleTerms

pytestmark = pytest.mark.anvil

BASE = 8453
RICH = hex(10**20)
GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F"
DATA_FEE_OF_1_GWEI = "0x7f" + (10**9).to_bytes(32, "big").hex() + "5f5260205ff3"
"""Answers every question with 1 gwei: push32, mstore, return."""


@pytest.fixture
def base() -> Iterator[Anvil]:
    with running_anvil(chain_id=BASE) as anvil:
        yield anvil


@pytest.fixture
def on_base(alone: Services, base: Anvil) -> Services:
    """Somebody on a network that says it is Base, with money, and our contracts not there yet."""
    alone.wallet.confirm_backup(alone.wallet.reveal_phrase("correct horse battery"))
    alone.networks.set_endpoints("base", (base.url,))
    alone.networks.select("base")
    rpc = alone.networks.chain().rpc
    me = active(alone)
    rpc.call("anvil_setCode", [GAS_PRICE_ORACLE, DATA_FEE_OF_1_GWEI])
    rpc.call("anvil_setBalance", [me, RICH])
    give_dollars(alone, me)
    return alone


def give_dollars(services: Services, address: str) -> None:
    """Put the test dollar's code where the real dollar would be, and let it pay out."""
    chain = services.networks.chain()
    dollar = chain.network.dollar
    assert dollar is not None
    sender = services.networks.sender(chain)
    call = deploy_call("TestDollar")
    sender.send(call, sender.quote(call))
    chain.rpc.call("anvil_setCode", [dollar.address, to_data(chain.code(contract_address("TestDollar")))])
    data = encode_call("TestDollar", "faucet", address, 10**12)
    message = {"from": address, "to": dollar.address, "data": to_data(data)}
    chain.rpc.call("anvil_impersonateAccount", [address])
    chain.rpc.call("eth_sendTransaction", [message])
    chain.rpc.call("anvil_stopImpersonatingAccount", [address])


def test_the_whole_journey_on_a_real_node(on_base: Services, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="contracts_missing"):
        register(on_base, tmp_path / "works", "early")
    on_base.networks.prepare_deploy().execute()
    with pytest.raises(RefusedError, match="contracts_there"):
        on_base.networks.prepare_deploy()
    whole_journey(on_base, tmp_path / "works")


def test_each_action_asks_only_for_the_contracts_it_uses(on_base: Services, tmp_path: Path) -> None:
    """A network can have those of an earlier version of the app, and not yet the newest."""
    networks = on_base.networks
    chain = networks.chain()
    sender = networks.sender(chain)

    def put(name: str) -> None:
        sender.send(deploy_call(name), sender.quote(deploy_call(name)))

    put("Registry")
    work_id = register(on_base, tmp_path / "works")
    with pytest.raises(RefusedError, match="contracts_missing"):
        mint(on_base, work_id)
    put("RoyaltyFactory")
    token = mint(on_base, work_id)
    dollar = token.currencies[1]
    on_base.royalties.prepare_pay(token, Amount(70, dollar)).execute()
    assert on_base.prices.ask_one().reading.contracts_there
    with pytest.raises(RefusedError, match="contracts_missing"):
        on_base.licences.prepare_offer(token, LicenceTerms(LicenceKind.DOWNLOAD, Amount(70, dollar)))
    package = on_base.selling.packages.make(work_id)
    with pytest.raises(RefusedError, match="contracts_missing"):
        on_base.selling.sales.prepare_offer(token, SaleTerms(Amount(70, dollar)), package)
    assert networks.status().contracts_ready is False
    assert networks.prepare_deploy().review.transactions == 2


def test_practice_and_real_networks_never_mix(on_base: Services, tmp_path: Path) -> None:
    on_base.networks.prepare_deploy().execute()
    work_id = register(on_base, tmp_path / "works")
    token = mint(on_base, work_id)
    on_base.royalties.prepare_pay(token, Amount(70, token.currencies[1])).execute()
    on_base.payouts.sync_once(on_base.networks.active)
    on_base.networks.select("practice")
    assert on_base.royalties.tokens() == ()
    assert on_base.registration.current(work_id) is None
    on_base.registration.prepare(work_id).execute()
    both = on_base.ownership.prove(work_id, "Jury", "1", disclosure=SameWork("base"))
    report = on_base.ownership.verify(both.path, "1", online=True)
    assert report.valid
    networks = [fact for label, fact in report.facts if label == "Network"]
    assert networks == ["Practice (no real money)", "Base"]
    practice_token = mint(on_base, work_id)
    on_base.royalties.prepare_pay(practice_token, Amount(5, practice_token.currencies[1])).execute()
    on_base.payouts.sync_once(on_base.networks.active)
    paid = {row.chain_id: row.amount for row in on_base.payouts.list() if row.kind == "payment"}
    assert paid == {BASE: 70, on_base.networks.active.chain_id: 5}
    on_base.networks.reset_practice()
    assert [row.chain_id for row in on_base.payouts.list() if row.kind == "payment"] == [BASE]


def test_a_node_of_another_network_is_refused(alone: Services, base: Anvil, tmp_path: Path) -> None:
    alone.networks.set_endpoints("optimism", (base.url,))
    alone.networks.select("optimism")
    status = alone.networks.status()
    assert not status.reachable
    path = tmp_path / "la.txt"
    path.write_text("la")
    with pytest.raises(RefusedError, match=r"wrong_network|contracts_missing"):
        alone.registration.prepare(alone.library.add(path).work.id)
