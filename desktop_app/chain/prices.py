"""What our own actions cost on a network now, read from one of its nodes, and bounded: a node is a stranger.

Works where our contracts are not yet and the user has no money (chain/own_actions.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.chain import wire
from desktop_app.chain.connection import Chain, wire_word
from desktop_app.chain.data_fees import OP_ORACLE, SCROLL_ORACLE, fjord_fee
from desktop_app.chain.fees import GasPrices, call_data_fee, fee_limit, gas_prices
from desktop_app.chain.own_actions import SAMPLE_SENDER, OwnAction, Step, steps
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import to_data, to_quantity
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError

# What ZKsync posts for a written storage slot: 32 bytes of key when it is new, 5 of its number when it is
# not, and the value with its length (docs.zksync.io, pubdata-compression). Beside our slots every
# transaction changes the sender's nonce and balance and the operator's balance.
_NEW_SLOT, _CHANGED_SLOT, _ACCOUNT_SLOTS = 32 + 33, 5 + 33, 3

_L1_BASE_FEE = bytes.fromhex("519b4bd3")  # l1BaseFee()
_BLOB_BASE_FEE = bytes.fromhex("f8206140")  # blobBaseFee()
_L1_BLOB_BASE_FEE = bytes.fromhex("84189161")  # l1BlobBaseFee(), Scroll's name for it
_SCALAR = bytes.fromhex("c5985918")  # baseFeeScalar()
_BLOB_SCALAR = bytes.fromhex("68d5dca6")  # blobBaseFeeScalar()

# More than twice the highest base fee that Ethereum has ever had (about 8,000 gwei).
_HIGHEST_BASE_FEE = 20_000 * 10**9
# How far an oracle's answer may be from the published formula before a word is said, in per cent.
_TOLERANCE_PERCENT = 25


@dataclass(frozen=True)
class ActionFee:
    """What one action costs, in wei of the coin: running it, its data on Ethereum, and the operator.

    `posted` is how many bytes of it go to Ethereum, None where that is not known or they go elsewhere.
    """

    action: OwnAction
    gas: int
    execution: int
    data: int
    operator: int
    posted: int | None

    @property
    def total(self) -> int:
        return self.execution + self.data + self.operator


@dataclass(frozen=True)
class PriceReading:
    """What a network said about itself at one time; prices in wei.

    `l1_base_fee` and `blob_base_fee` are Ethereum's, where the network tells them. `proof_on_chain` is the
    probe of the precompile, `contracts_there` whether ours are on that network. `doubtful` says that the
    network's own answers do not fit the published formula.
    """

    gas_price: int
    fees: tuple[ActionFee, ...]
    l1_base_fee: int | None = None
    blob_base_fee: int | None = None
    proof_on_chain: bool | None = None
    contracts_there: bool | None = None
    doubtful: bool = False


def read_prices(chain: Chain, contracts: tuple[str, ...]) -> PriceReading:
    """Ask a network for its prices; `contracts` are those of ours that it needs.

    Raises RefusedError `chain.wrong_network`, or `chain.prices_absurd` for prices that cannot be right;
    UnavailableError.
    """
    chain.check_chain_id()
    prices = gas_prices(chain)
    proof = chain.has_precompile()
    l1_base_fee, blob_base_fee = _ethereum_prices(chain)
    fees = tuple(_action_fee(chain, action, proof, prices) for action in OwnAction)
    highest = max(fee.total for fee in fees)
    ethereum = max(l1_base_fee or 0, blob_base_fee or 0)
    if highest > fee_limit(chain.network.native) or ethereum > _HIGHEST_BASE_FEE:
        shown = Amount(highest, chain.network.native)
        raise RefusedError("chain.prices_absurd", network=chain.network.name, fee=str(shown))
    return PriceReading(
        gas_price=prices.base_fee + prices.priority_fee,
        fees=fees,
        l1_base_fee=l1_base_fee,
        blob_base_fee=blob_base_fee,
        proof_on_chain=proof,
        contracts_there=all(chain.deployed(name) for name in contracts),
        doubtful=_is_doubtful(chain, fees, l1_base_fee, blob_base_fee),
    )


def _action_fee(chain: Chain, action: OwnAction, proof: bool, prices: GasPrices) -> ActionFee:
    gas = execution = data = operator = posted = 0
    known = chain.network.posts_to != "eigenda"
    for step in steps(chain.network, action, proof):
        part = _zksync(chain, step) if chain.network.data_fee == "zksync" else _step_fee(chain, step, prices)
        gas += step.gas
        execution += part.execution
        data += part.data
        operator += part.operator
        posted += part.posted or 0
        known = known and part.posted is not None
    return ActionFee(action, gas, execution, data, operator, posted if known else None)


def _step_fee(chain: Chain, step: Step, prices: GasPrices) -> ActionFee:
    fee = call_data_fee(chain, step.call, SAMPLE_SENDER, step.gas, prices)
    price = prices.base_fee + prices.priority_fee
    execution = step.gas * price
    if fee.tip:
        # Linea: the data is the larger part of a tip that the fee history mixes for all transactions.
        execution = max(0, step.gas * (prices.base_fee + fee.tip) - fee.expected)
    return ActionFee(
        OwnAction.PAY, step.gas, execution, fee.expected, fee.operator_expected, fee.posted
    )


def _zksync(chain: Chain, step: Step) -> ActionFee:
    """ZKsync posts what changed in storage; its gas is not Ethereum's, so this is a rough estimate."""
    message = {"from": SAMPLE_SENDER, "to": step.call.to, "data": to_data(step.call.data), "value": "0x0"}
    found = wire.mapping(chain.rpc.call("zks_estimateFee", [message]), "zks_estimateFee")
    price = wire.quantity(found.get("max_fee_per_gas"), "zks_estimateFee.max_fee_per_gas")
    per_byte = wire.quantity(found.get("gas_per_pubdata_limit"), "zks_estimateFee.gas_per_pubdata_limit")
    posted = step.new_slots * _NEW_SLOT + (step.changed_slots + _ACCOUNT_SLOTS) * _CHANGED_SLOT
    return ActionFee(OwnAction.PAY, step.gas, step.gas * price, posted * per_byte * price, 0, posted)


def _ethereum_prices(chain: Chain) -> tuple[int | None, int | None]:
    """Ethereum's base fee and blob base fee as this network knows them."""
    model = chain.network.data_fee
    if model in ("op-stack", "mantle"):
        return _asked(chain, OP_ORACLE, _L1_BASE_FEE), _asked(chain, OP_ORACLE, _BLOB_BASE_FEE)
    if model == "scroll":
        return _asked(chain, SCROLL_ORACLE, _L1_BASE_FEE), _asked(chain, SCROLL_ORACLE, _L1_BLOB_BASE_FEE)
    if model is None and chain.network.key == "ethereum":
        answer = chain.rpc.call("eth_feeHistory", [to_quantity(1), "latest", []])
        history = wire.mapping(answer, "feeHistory")
        base = wire.items(history.get("baseFeePerGas"), "feeHistory.baseFeePerGas")
        blob = wire.items(history.get("baseFeePerBlobGas") or [], "feeHistory.baseFeePerBlobGas")
        return wire.quantity(base[-1]) if base else None, wire.quantity(blob[-1]) if blob else None
    # Arbitrum's and Linea's own figures mix what they pay on Ethereum with margins: no base fee to compare.
    return None, None


def _asked(chain: Chain, to: str, call: bytes) -> int | None:
    try:
        return int.from_bytes(wire_word(chain.read(to, call)), "big")
    except RpcError:
        return None


def _is_doubtful(
    chain: Chain, fees: tuple[ActionFee, ...], l1_base_fee: int | None, blob_base_fee: int | None
) -> bool:
    """Whether an OP Stack oracle's fees are far from what its own parameters give by Fjord's formula."""
    if chain.network.data_fee != "op-stack" or l1_base_fee is None or blob_base_fee is None:
        return False
    scalars = [_asked(chain, OP_ORACLE, call) for call in (_SCALAR, _BLOB_SCALAR)]
    if scalars[0] is None or scalars[1] is None:
        return False
    for fee in fees:
        computed = fjord_fee((fee.posted or 0) * 10**6, l1_base_fee, blob_base_fee, scalars[0], scalars[1])
        if fee.posted and abs(fee.data - computed) * 100 > computed * _TOLERANCE_PERCENT + 100:
            return True
    return False
