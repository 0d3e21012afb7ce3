"""What a transaction costs at most: EIP-1559 fees from the node's history, within bounds that we set.

On OP Stack networks the cost of the data on Ethereum comes on top; their GasPriceOracle knows an upper bound
(optimism/specs, fjord/predeploys.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.chain import wire
from desktop_app.chain.connection import Chain, wire_word
from desktop_app.chain.rpc import RpcError
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError

_BLOCKS = 20
_PERCENTILE = 50
_LEAST_PRIORITY = 1
_GAS_MARGIN_PERCENT = 125
# Room around the call data in a signed transaction: fields, signature and an access list of none.
_ENVELOPE_BYTES = 200
_OP_ORACLE = "0x420000000000000000000000000000000000000F"
_L1_FEE_UPPER_BOUND = bytes.fromhex("f1c7a58b")  # getL1FeeUpperBound(uint256)

# A node that asks for more than this for one transaction is wrong or dishonest. Wei of the network's coin.
_LIMITS = {"ETH": 5 * 10**16}
_OTHER_LIMIT = 20 * 10**18


@dataclass(frozen=True)
class FeeQuote:
    """Limits to sign with, wei per gas, and what they come to.

    `worst_case` is the most that can be taken from the account as fee, `expected` what will probably be taken
    and `data_fee` the part of both that pays for data on Ethereum (wei).
    """

    gas_limit: int
    max_fee: int
    priority_fee: int
    data_fee: int
    expected: Amount
    worst_case: Amount


@dataclass(frozen=True)
class GasPrices:
    """Wei per gas: what the next block burns, and the usual tip."""

    base_fee: int
    priority_fee: int

    @property
    def max_fee(self) -> int:
        """Covers six full blocks in a row, each of which raises the base fee by an eighth."""
        return 2 * self.base_fee + self.priority_fee


def gas_prices(chain: Chain) -> GasPrices:
    """Prices from the last blocks. Raises UnavailableError."""
    history = wire.mapping(
        chain.rpc.call("eth_feeHistory", [hex(_BLOCKS), "latest", [_PERCENTILE]]), "feeHistory"
    )
    fees = wire.items(history.get("baseFeePerGas"), "feeHistory.baseFeePerGas")
    if not fees:
        raise wire.bad_answer("feeHistory.baseFeePerGas")
    tips = sorted(
        wire.quantity(row[0], "feeHistory.reward")
        for row in wire.items(history.get("reward") or [], "feeHistory.reward")
        if isinstance(row, list) and row
    )
    # Empty blocks report no tip; they say nothing about what a busy one wants.
    asked = [tip for tip in tips if tip > 0]
    usual = asked[len(asked) // 2] if asked else _LEAST_PRIORITY
    return GasPrices(wire.quantity(fees[-1], "feeHistory.baseFeePerGas"), max(usual, _LEAST_PRIORITY))


def quote_fee(chain: Chain, estimate: int, data_size: int, prices: GasPrices | None = None) -> FeeQuote:
    """A quote for `estimate` gas and `data_size` bytes of call data.

    Raises RefusedError `chain.fee_too_high` beyond the bounds.
    """
    prices = prices or gas_prices(chain)
    coin = chain.network.native
    gas_limit = estimate * _GAS_MARGIN_PERCENT // 100
    data_fee = _data_fee(chain, data_size + _ENVELOPE_BYTES)
    worst = gas_limit * prices.max_fee + data_fee
    limit = _LIMITS.get(coin.symbol, _OTHER_LIMIT)
    if worst > limit:
        raise RefusedError(
            "chain.fee_too_high",
            fee=Amount(worst, coin).plain(),
            limit=Amount(limit, coin).plain(),
            symbol=coin.symbol,
        )
    return FeeQuote(
        gas_limit=gas_limit,
        max_fee=prices.max_fee,
        priority_fee=prices.priority_fee,
        data_fee=data_fee,
        expected=Amount(estimate * (prices.base_fee + prices.priority_fee) + data_fee, coin),
        worst_case=Amount(worst, coin),
    )


def _data_fee(chain: Chain, size: int) -> int:
    """Wei for `size` bytes of transaction on Ethereum, where the network charges them apart."""
    if chain.network.data_fee != "op-stack":
        return 0
    try:
        answer = chain.read(_OP_ORACLE, _L1_FEE_UPPER_BOUND + size.to_bytes(32, "big"))
    except RpcError as refused:
        raise wire.bad_answer("GasPriceOracle") from refused
    return int.from_bytes(wire_word(answer), "big")
