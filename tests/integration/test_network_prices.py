"""Asking networks for their prices, and the part of the fee for data in what is approved, on a real node."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.anvil import running_anvil
from integration.oracles_on_anvil import op_stack, set_op_stack
from integration.people import active, services_of

from desktop_app.chain.data_fees import OP_ORACLE
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError
from desktop_app.services.app import Services
from desktop_app.services.comparison import Plan, compare

pytestmark = pytest.mark.anvil


def test_what_a_network_told_is_kept_and_what_another_did_not_tell_stays(
    alone: Services, tmp_path: Path
) -> None:
    with running_anvil("--network", "optimism", chain_id=8453, hardfork="jovian") as node:
        for key in ("base", "optimism"):
            alone.networks.set_endpoints(key, (node.url,))
        op_stack(alone.networks.chain("base"), node.accounts[0], operator_constant=11)
        shipped = alone.prices.last()
        assert all(one.shipped for one in shipped.values())
        base, optimism = alone.prices.ask(["base", "optimism"])
        assert base.problem is None
        assert optimism.problem is not None
        assert "8453" in optimism.problem.reason
        after = alone.prices.last()
        assert after["optimism"] == shipped["optimism"]
        told = after["base"]
        assert (told.source, told.shipped) == ("127.0.0.1", False)
        assert told.reading.l1_base_fee == 200_000_000
        assert all(fee.operator in (11, 22) for fee in told.reading.fees)
        set_op_stack(alone.networks.chain("base"), node.accounts[0], operator_constant=10**18)
        with pytest.raises(RefusedError, match=r"chain\.prices_absurd"):
            alone.prices.ask_one("base")
        assert alone.prices.last()["base"] == told
    # The node is gone; the next start compares with what it said.
    alone.close()
    again = services_of(tmp_path / "home")
    assert again.prices.last()["base"] == told
    rows = compare(again.prices.comparable(), again.prices.last(), Plan(2, 100), again.clock.now()).rows
    cost = next(row.cost for row in rows if row.network.key == "base")
    assert cost is not None
    assert cost.total == cost.execution + cost.data + cost.operator
    again.close()


def test_the_part_for_the_data_is_said_before_the_signature_and_paid_as_said(alone: Services) -> None:
    alone.wallet.confirm_backup(alone.wallet.reveal_phrase("correct horse battery"))
    with running_anvil("--network", "optimism", chain_id=8453, hardfork="jovian") as node:
        alone.networks.set_endpoints("base", (node.url,))
        alone.networks.select("base")
        chain = alone.networks.chain()
        op_stack(chain, node.accounts[0], operator_scalar=3, operator_constant=7)
        chain.rpc.call("anvil_setBalance", [active(alone), hex(10**18)])
        action = alone.transactions.prepare_send("0x" + "b1" * 20, Amount(5, chain.network.native))
        review = alone.reviews.examine(action)
        told = next(one for one in review.warnings if one.code.startswith("warning.data"))
        assert told.code == "warning.data_and_operator_fee"
        # 100 bytes at least, by Fjord's formula with the oracle's prices.
        price = 2_269 * 16 * 200_000_000 + 1_055_762 * 11_000_000
        assert told.params["data"] == str(Amount(100 * price // 10**6, chain.network.native))
        done = action.execute()
        assert done.fee is not None
        assert done.fee.units <= review.fee_worst_case.units


def test_nothing_is_said_about_data_on_the_practice_network(alone: Services) -> None:
    action = alone.transactions.prepare_send("0x" + "b1" * 20, Amount(5, alone.networks.active.native))
    assert not [one for one in alone.reviews.examine(action).warnings if "data" in one.code]


def test_a_payment_of_two_transactions_is_approved_with_the_data_of_both(
    alone: Services, tmp_path: Path
) -> None:
    """The second one is priced only after the first: its data has to be in the approved fee already."""
    from integration.journey import mint, register
    from integration.test_journey_on_a_real_node import DATA_FEE_OF_1_GWEI, give_dollars

    alone.wallet.confirm_backup(alone.wallet.reveal_phrase("correct horse battery"))
    with running_anvil(chain_id=8453) as node:
        alone.networks.set_endpoints("base", (node.url,))
        alone.networks.select("base")
        chain = alone.networks.chain()
        chain.rpc.call("anvil_setCode", [OP_ORACLE, DATA_FEE_OF_1_GWEI])
        chain.rpc.call("anvil_setBalance", [active(alone), hex(10**20)])
        give_dollars(alone, active(alone))
        alone.networks.prepare_deploy().execute()
        # Data that costs more than all of the gas.
        op_stack(chain, node.accounts[0], base_fee=6 * 10**14)
        token = mint(alone, register(alone, tmp_path / "works"))
        paid = alone.royalties.prepare_pay(token, Amount(70, token.currencies[1])).execute()
        assert paid.received.units == 70


def test_a_network_that_is_only_compared_cannot_be_chosen(alone: Services) -> None:
    for key in ("ethereum", "zksync"):
        with pytest.raises(RefusedError, match=r"network\.only_compared"):
            alone.networks.select(key)
    assert alone.networks.active.key == "practice"
