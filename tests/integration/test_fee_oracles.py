"""What networks charge for data on Ethereum, against their contracts' published formulas on a real node."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integration.anvil import Anvil, running_anvil
from integration.oracles_on_anvil import (
    CURIE,
    ECOTONE,
    FEYNMAN,
    FJORD,
    GALILEO,
    ISTHMUS,
    JOVIAN,
    configure,
    install,
    op_stack,
    set_op_stack,
)

from desktop_app.chain.connection import Chain
from desktop_app.chain.data_fees import HEADROOM_PERCENT, DataFee, Draft, data_fee
from desktop_app.chain.fastlz import fastlz_size
from desktop_app.chain.fees import GasPrices, quote_fee
from desktop_app.chain.networks import network
from desktop_app.chain.own_actions import OwnAction, steps
from desktop_app.chain.prices import read_prices
from desktop_app.chain.rpc import HttpRpc
from desktop_app.chain.wire import to_data
from desktop_app.core.errors import RefusedError, UnavailableError

pytestmark = pytest.mark.anvil

CONTRACTS = ("Registry", "RoyaltyFactory")


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with running_anvil("--network", "optimism", chain_id=8453, hardfork="jovian") as anvil:
        yield anvil


@pytest.fixture
def rpc(node: Anvil) -> Iterator[HttpRpc]:
    opened = HttpRpc(node.url)
    mark = opened.call("evm_snapshot")
    yield opened
    opened.call("evm_revert", [mark])
    opened.close()


def draft(data: bytes = b"\x12\x34" * 150, gas: int = 90_000) -> Draft:
    return Draft("0x" + "51" * 20, "0x" + "a7" * 20, data, 0, gas, gas * 5 // 4, 12_000_000, 1_000_000)


def test_fastlz_in_vyper_and_in_python_agree_through_the_fee(node: Anvil, rpc: HttpRpc) -> None:
    chain = Chain(network("base"), rpc)
    # One blob wei a byte, so that the fee is the size itself, in whole bytes.
    op_stack(chain, node.accounts[0], FJORD, base_fee=0, blob_fee=10**6, scalar=0, blob_scalar=1)

    @settings(max_examples=25)
    @given(st.lists(st.one_of(st.binary(max_size=24), st.just(bytes(40)), st.just(b"abc" * 9)), max_size=18))
    def agree(parts: list[bytes]) -> None:
        raw = draft(b"".join(parts)).unsigned(8453)
        size = Fraction(-42_585_600 + 836_500 * (fastlz_size(raw) + 68), 10**6)
        assert data_fee(chain, draft(b"".join(parts))).expected == int(max(Fraction(100), size))

    agree()


@pytest.mark.parametrize("fork", [ECOTONE, FJORD, ISTHMUS, JOVIAN])
def test_an_op_stack_fee_is_what_the_specification_says(node: Anvil, rpc: HttpRpc, fork: int) -> None:
    chain = Chain(network("base"), rpc)
    op_stack(chain, node.accounts[0], fork, operator_scalar=7, operator_constant=1_234)
    fee = data_fee(chain, draft())
    raw = draft().unsigned(8453)
    price = Fraction(2_269 * 16 * 200_000_000 + 1_055_762 * 11_000_000, 10**6)
    if fork == ECOTONE:
        size = Fraction(sum(4 if byte == 0 else 16 for byte in raw) + 68 * 16, 16)
    else:
        size = max(Fraction(100), Fraction(-42_585_600 + 836_500 * (fastlz_size(raw) + 68), 10**6))
    assert fee.expected == int(size * price)
    operator = {ISTHMUS: 90_000 * 7 // 10**6 + 1_234, JOVIAN: 90_000 * 7 * 100 + 1_234}.get(fork, 0)
    assert fee.operator_expected == operator
    longest = len(raw) + 68
    bound = Fraction(-42_585_600 + 836_500 * (longest + longest // 255 + 16), 10**6)
    worst = fee.expected if fork == ECOTONE else int(bound * price)
    assert fee.worst == worst * HEADROOM_PERCENT // 100
    assert not fee.in_gas


def test_mantle_charges_in_its_own_coin(node: Anvil, rpc: HttpRpc) -> None:
    base, mantle = Chain(network("base"), rpc), Chain(network("mantle"), rpc)
    op_stack(base, node.accounts[0], ISTHMUS, operator_constant=99, ratio=2_500)
    # The chain id in the transaction differs, its size does not.
    ether = data_fee(base, draft())
    fee = data_fee(mantle, draft())
    assert fee.expected == pytest.approx(ether.expected * 2_500, rel=0.02)
    assert fee.expected % 2_500 == 0
    assert fee.operator_expected == 99
    assert fee.posted is None


@pytest.mark.parametrize("refuses", [False, True])
def test_arbitrum_tells_its_part_of_the_gas_even_where_the_call_would_fail(
    node: Anvil, rpc: HttpRpc, refuses: bool
) -> None:
    chain = Chain(network("arbitrum"), rpc)
    install(rpc, "NodeInterface", node.accounts[0])
    configure(rpc, "NodeInterface", node.accounts[0], 20_000_000, 150_000_000, 60, 90_000, refuses)
    fee = data_fee(chain, draft())
    size = 300 * 60 // 100 + 140
    gas = 16 * 150_000_000 * size // 20_000_000
    assert fee == DataFee(expected=gas * 20_000_000, worst=gas * 20_000_000, in_gas=True, posted=size)
    # It is part of the gas that was estimated, and is not counted twice.
    call = steps(chain.network, OwnAction.CLAIM, True)[0].call
    quote = quote_fee(chain, 200_000, call, "0x" + "51" * 20, GasPrices(20_000_000, 1))
    assert quote.expected.units == 200_000 * 20_000_001
    assert 0 < quote.data_fee < quote.expected.units
    assert quote.data_in_gas


@pytest.mark.parametrize("fork", [CURIE, FEYNMAN, GALILEO])
def test_a_scroll_fee_is_what_its_contract_says(node: Anvil, rpc: HttpRpc, fork: int) -> None:
    chain = Chain(network("scroll"), rpc)
    install(rpc, "L1GasPriceOracle", node.accounts[0])
    commit, blob, penalty = 600_000_000, 900_000_000, 2_000_000_000 if fork == FEYNMAN else 50_000
    configure(
        rpc, "L1GasPriceOracle", node.accounts[0], fork, [200_000_000, 11_000_000], [commit, blob], penalty
    )
    size = Fraction(len(draft().unsigned(534352)) + 68)
    base = commit * 200_000_000 + blob * 11_000_000
    expected = {
        CURIE: (commit * 200_000_000 + blob * size * 11_000_000) / 10**9,
        FEYNMAN: base * size * penalty / 10**18,
        GALILEO: (base * size + int(base * size * size / penalty)) / 10**9,
    }[fork]
    fee = data_fee(chain, draft())
    assert fee.expected == int(expected)
    assert (fee.worst, fee.in_gas) == (int(expected) * 2, False)


def test_our_own_actions_are_priced_where_our_contracts_are_not_yet(node: Anvil, rpc: HttpRpc) -> None:
    chain = Chain(network("base"), rpc)
    op_stack(chain, node.accounts[0], operator_scalar=1, operator_constant=5)
    reading = read_prices(chain, CONTRACTS)
    assert [fee.action for fee in reading.fees] == list(OwnAction)
    assert (reading.l1_base_fee, reading.blob_base_fee) == (200_000_000, 11_000_000)
    assert reading.proof_on_chain is True
    assert reading.contracts_there is False
    assert not reading.doubtful
    for fee in reading.fees:
        assert fee.execution == fee.gas * reading.gas_price
        assert fee.operator == fee.gas * 100 + 5
        price = 2_269 * 16 * 200_000_000 + 1_055_762 * 11_000_000
        assert fee.posted is not None
        assert 0 <= fee.data - fee.posted * price // 10**6 <= price // 10**6 + 1


def test_absurd_prices_are_refused_and_doubtful_ones_marked(node: Anvil, rpc: HttpRpc) -> None:
    chain = Chain(network("base"), rpc)
    op_stack(chain, node.accounts[0], base_fee=3 * 10**13)
    with pytest.raises(RefusedError, match=r"chain\.prices_absurd"):
        read_prices(chain, CONTRACTS)
    set_op_stack(chain, node.accounts[0], operator_constant=10**17)
    with pytest.raises(RefusedError, match=r"chain\.prices_absurd"):
        read_prices(chain, CONTRACTS)
    call = steps(chain.network, OwnAction.REGISTER, True)[0].call
    with pytest.raises(RefusedError, match=r"chain\.fee_too_high"):
        quote_fee(chain, 90_000, call, "0x" + "51" * 20, GasPrices(10**6, 1))
    # An oracle that charges by another formula than the published one.
    set_op_stack(chain, node.accounts[0], ECOTONE)
    assert read_prices(chain, CONTRACTS).doubtful


@pytest.mark.parametrize("code", ["0x", "0x00", "0x5f5ffd", "0x60ff5f5260015ff3"])
def test_an_oracle_that_is_missing_or_broken_is_not_taken_for_free(rpc: HttpRpc, code: str) -> None:
    for key, place in (("base", "0x420000000000000000000000000000000000000F"),
                       ("mantle", "0x420000000000000000000000000000000000000F"),
                       ("scroll", "0x5300000000000000000000000000000000000002")):  # fmt: skip
        rpc.call("anvil_setCode", [place, code])
        with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
            data_fee(Chain(network(key), rpc), draft())


def test_the_code_of_the_oracles_is_called_and_nothing_else(node: Anvil, rpc: HttpRpc) -> None:
    """Pricing asks; it sends nothing."""
    chain = Chain(network("base"), rpc)
    op_stack(chain, node.accounts[0])
    before = chain.block_number()
    read_prices(chain, CONTRACTS)
    assert chain.block_number() == before
    assert to_data(chain.code("0x" + "a7" * 20)) == "0x"
