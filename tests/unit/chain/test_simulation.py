"""What a call would change, on the practice node; test_real_node's twin for anvil is in tests/integration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call, approve_call, deploy_call, faucet_call, send_call
from desktop_app.chain.networks import network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.sender import Sender
from desktop_app.chain.simulation import balance_changes
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import RefusedError, UnavailableError

SHOP = "0x" + "44" * 20


@pytest.fixture
def dollar(chain: Chain, sender: Sender) -> Currency:
    """The test dollar, of which the sender has 1,000."""
    currency = chain.network.dollar
    assert currency is not None
    sender.send(deploy_call("TestDollar"))
    sender.send(faucet_call(sender.address, Amount(10**9, currency)))
    return currency


def test_a_payment_shows_what_leaves_and_nothing_of_it_stays(
    chain: Chain, sender: Sender, dollar: Currency
) -> None:
    before = (chain.balance(sender.address), chain.balance(sender.address, dollar), chain.block_number())
    coins, dollars = Amount(5, chain.network.native), Amount(7, dollar)
    assert balance_changes(chain, sender.address, [send_call(SHOP, coins)], [dollar]) == (
        Amount(-5, chain.network.native),
    )
    paid = [send_call(SHOP, dollars)]
    assert balance_changes(chain, sender.address, paid, [dollar]) == (Amount(-7, dollar),)
    gift = faucet_call(sender.address, dollars)
    assert balance_changes(chain, sender.address, [gift], [dollar, dollar]) == (dollars, dollars)
    assert balance_changes(chain, sender.address, [approve_call(SHOP, dollars)], [dollar]) == ()
    after = (chain.balance(sender.address), chain.balance(sender.address, dollar), chain.block_number())
    assert (before, chain.balance(SHOP).units, chain.code(sender.address)) == (after, 0, b"")


def test_a_payment_to_oneself_changes_nothing(chain: Chain, sender: Sender, dollar: Currency) -> None:
    for amount in (Amount(5, chain.network.native), Amount(5, dollar)):
        assert balance_changes(chain, sender.address, [send_call(sender.address, amount)], [dollar]) == ()


def test_what_would_fail_fails_with_the_contracts_reason(
    chain: Chain, sender: Sender, dollar: Currency
) -> None:
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        balance_changes(chain, sender.address, [send_call(SHOP, Amount(10**18, dollar))], [dollar])
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        balance_changes(chain, sender.address, [send_call(SHOP, Amount(10**30, chain.network.native))], [])


def test_a_currency_that_is_no_contract_counts_nothing(chain: Chain, sender: Sender) -> None:
    ghost = Currency(chain.network.chain_id, "GHOST", 6, SHOP)
    call = send_call(SHOP, Amount(1, chain.network.native))
    assert balance_changes(chain, sender.address, [call], [ghost]) == (Amount(-1, chain.network.native),)


@pytest.mark.parametrize(
    "told", ["0x", "0x" + "00" * 32, RpcError("eth_call", -32602, "too many arguments, want at most 2")]
)
def test_a_node_without_overrides_says_nothing(sender: Sender, told: Any) -> None:
    class Node:
        def call(self, method: str, params: Sequence[Any] = ()) -> Any:
            if isinstance(told, Exception):
                raise told
            return told

        def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
            return [self.call(*call) for call in calls]

        def close(self) -> None: ...

    chain = Chain(network("practice"), Node())
    assert balance_changes(chain, sender.address, [Call(SHOP, b"", 1, "action.transfer")], []) is None


@pytest.mark.parametrize(
    "override", [1, {"nonsense": {"code": "0x"}}, {SHOP: {"balance": "0x1"}}, {SHOP: []}]
)
def test_overrides_of_another_form_are_refused(node: PracticeNode, override: Any) -> None:
    with pytest.raises(UnavailableError):
        node.call("eth_call", [{"to": SHOP}, "latest", override])


def test_long_call_data_is_passed_on_whole(
    chain: Chain, sender: Sender, make_signer: Callable[[int], Any]
) -> None:
    assert balance_changes(chain, sender.address, [deploy_call("TestDollar")], []) == ()


def test_calls_that_build_on_each_other_are_tried_out_together(
    chain: Chain, sender: Sender, dollar: Currency
) -> None:
    """An approval, and the payment that needs it; then one that has been spent before."""
    gift, gone = Amount(10**9, dollar), Amount(2 * 10**9, dollar)
    calls = [faucet_call(sender.address, gift), send_call(SHOP, gone)]
    assert balance_changes(chain, sender.address, calls, [dollar]) == (Amount(-(10**9), dollar),)
    coins = send_call(SHOP, Amount(3, chain.network.native))
    several = [coins, approve_call(SHOP, gift), coins, send_call(SHOP, gift)]
    assert balance_changes(chain, sender.address, several, [dollar]) == (
        Amount(-6, chain.network.native), Amount(-(10**9), dollar),
    )  # fmt: skip
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        balance_changes(chain, sender.address, [send_call(SHOP, gift), send_call(SHOP, gift)], [dollar])
    assert balance_changes(chain, sender.address, [], [dollar]) == ()
