"""What a transaction costs at most: EIP-1559 fees from the node's history, within bounds that we set.

What the network charges for data on Ethereum is asked of the network itself (chain/data_fees.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from desktop_app.chain import wire
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call
from desktop_app.chain.data_fees import DataFee, Draft, data_fee
from desktop_app.core.amounts import Amount, Currency, significant
from desktop_app.core.errors import RefusedError

_BLOCKS = 20
_LEAST_PRIORITY = 1
GAS_MARGIN_PERCENT = 125
_LATER_PERCENT = 150

# geth replaces a waiting transaction when both prices rise by this much (core/txpool, PriceBump).
_BUMP_PERCENT = 10

# A node that asks for more than this for one transaction is wrong or dishonest. Wei of the network's coin.
_LIMITS = {"ETH": 5 * 10**16}
_OTHER_LIMIT = 20 * 10**18


class Speed(StrEnum):
    """How soon a transaction should be in a block."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


# Tip as a percentile of what others paid, and how far the base fee may rise in per cent: three full blocks in
# a row raise it by 42 %, six by 103 %, nine by 189 % (EIP-1559: an eighth each).
_TIP_PERCENTILES = {Speed.SLOW: 10, Speed.NORMAL: 50, Speed.FAST: 90}
_HEADROOM = {Speed.SLOW: 150, Speed.NORMAL: 200, Speed.FAST: 300}


@dataclass(frozen=True)
class FeeQuote:
    """Limits to sign with, wei per gas, and what they come to.

    `worst_case` is the most that can be taken from the account as fee, `expected` what will probably be.
    Parts of `expected` in wei: `data_fee` pays for data on Ethereum, `operator_fee` the network's operator.
    `data_in_gas` says that the data is paid with the gas, so that the signature caps it.
    """

    gas_limit: int
    max_fee: int
    priority_fee: int
    data_fee: int
    expected: Amount
    worst_case: Amount
    speed: Speed = Speed.NORMAL
    operator_fee: int = 0
    data_in_gas: bool = False


@dataclass(frozen=True)
class GasPrices:
    """Wei per gas: what the next block burns, and the tip.

    `headroom` is how much of the base fee to allow, in per cent; the highest price is never below `floor`.
    """

    base_fee: int
    priority_fee: int
    headroom: int = _HEADROOM[Speed.NORMAL]
    floor: int = 0

    @property
    def max_fee(self) -> int:
        """What the next blocks may cost at most, even when the base fee rises as the headroom allows."""
        return max(self.base_fee * self.headroom // 100 + self.priority_fee, self.floor)


def gas_prices(chain: Chain, speed: Speed = Speed.NORMAL) -> GasPrices:
    """Prices from the last blocks. Raises UnavailableError."""
    return price_table(chain)[speed]


def price_table(chain: Chain) -> dict[Speed, GasPrices]:
    """Prices for every speed, none of them below a slower one. Raises UnavailableError."""
    percentiles = list(_TIP_PERCENTILES.values())
    history = wire.mapping(
        chain.rpc.call("eth_feeHistory", [hex(_BLOCKS), "latest", percentiles]), "feeHistory"
    )
    fees = wire.items(history.get("baseFeePerGas"), "feeHistory.baseFeePerGas")
    if not fees:
        raise wire.bad_answer("feeHistory.baseFeePerGas")
    base_fee = wire.quantity(fees[-1], "feeHistory.baseFeePerGas")
    rewards = [
        wire.items(row, "feeHistory.reward")
        for row in wire.items(history.get("reward") or [], "feeHistory.reward")
    ]
    if any(len(row) != len(percentiles) for row in rewards):
        raise wire.bad_answer("feeHistory.reward")
    table, least = {}, _LEAST_PRIORITY
    for column, speed in enumerate(_TIP_PERCENTILES):
        # Empty blocks report no tip; they say nothing about what a busy one wants.
        tips = sorted(wire.quantity(row[column], "feeHistory.reward") for row in rewards)
        asked = [tip for tip in tips if tip > 0]
        least = max(least, asked[len(asked) // 2] if asked else _LEAST_PRIORITY)
        table[speed] = GasPrices(base_fee, least, _HEADROOM[speed])
    return table


def bumped(price: int) -> int:
    """The least price per gas with which a node lets a new version take the place of one at `price`."""
    return price + max(1, -(-price * _BUMP_PERCENT // 100))


def replacement_prices(prices: GasPrices, max_fee: int, priority_fee: int) -> GasPrices:
    """What a new version must offer: the present prices, and on both counts more than the old version."""
    tip = max(prices.priority_fee, bumped(priority_fee))
    return GasPrices(prices.base_fee, tip, prices.headroom, floor=bumped(max_fee))


def quote_fee(
    chain: Chain,
    estimate: int,
    call: Call,
    sender: str,
    prices: GasPrices | None = None,
    speed: Speed = Speed.NORMAL,
) -> FeeQuote:
    """A quote for a call that will probably use `estimate` gas.

    Raises RefusedError `chain.fee_too_high` beyond the bounds.
    """
    prices = prices or gas_prices(chain, speed)
    coin = chain.network.native
    gas_limit = estimate * GAS_MARGIN_PERCENT // 100
    data = data_fee(chain, _draft(call, sender, estimate, prices))
    prices = replace(prices, priority_fee=max(prices.priority_fee, data.tip))
    worst = gas_limit * prices.max_fee
    expected = estimate * (prices.base_fee + prices.priority_fee)
    if not data.in_gas:
        worst += data.worst + data.operator_worst
        expected += data.expected + data.operator_expected
    limit = fee_limit(coin)
    if worst > limit:
        raise RefusedError(
            "chain.fee_too_high",
            fee=significant(worst, coin.decimals),
            limit=significant(limit, coin.decimals),
            symbol=coin.symbol,
        )
    return FeeQuote(
        gas_limit=gas_limit,
        max_fee=prices.max_fee,
        priority_fee=prices.priority_fee,
        data_fee=min(data.expected, expected),
        expected=Amount(expected, coin),
        worst_case=Amount(worst, coin),
        speed=speed,
        operator_fee=data.operator_expected,
        data_in_gas=data.in_gas,
    )


def fee_limit(coin: Currency) -> int:
    """The highest fee of one transaction that this app pays or believes, in smallest units of the coin."""
    return _LIMITS.get(coin.symbol, _OTHER_LIMIT)


def call_data_fee(chain: Chain, call: Call, sender: str, gas: int, prices: GasPrices) -> DataFee:
    """What the data of a call costs, for one that is not sent now. Raises UnavailableError."""
    return data_fee(chain, _draft(call, sender, gas, prices))


def call_fee_bound(chain: Chain, call: Call, sender: str, gas: int, quote: FeeQuote) -> Amount:
    """The most that a call with at most `gas` can cost at a quote's prices, its data included."""
    tip = GasPrices(max(0, quote.max_fee - quote.priority_fee), quote.priority_fee, 100)
    data = call_data_fee(chain, call, sender, gas * 100 // GAS_MARGIN_PERCENT, tip)
    # By the time it is sent the data may have become dearer, and is then allowed for twice again.
    beside = 0 if data.in_gas else data.worst * _LATER_PERCENT // 100 + data.operator_worst
    price = max(quote.max_fee, tip.base_fee + data.tip)
    return Amount(gas * price + beside, chain.network.native)


def _draft(call: Call, sender: str, gas: int, prices: GasPrices) -> Draft:
    return Draft(
        sender=sender,
        to=call.to,
        data=call.data,
        value=call.value,
        gas=gas,
        gas_limit=gas * GAS_MARGIN_PERCENT // 100,
        max_fee=prices.max_fee,
        priority_fee=prices.priority_fee,
    )
