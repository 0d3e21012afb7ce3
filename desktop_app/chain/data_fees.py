"""What a network charges for keeping a transaction's data on Ethereum, as the network itself says it now.

Each family of networks says it in its own way:
- OP Stack: the GasPriceOracle (ethereum-optimism/specs, ecotone, fjord, isthmus and jovian). Paid beside gas;
  the operator fee of Isthmus and Jovian is asked for with it. Mantle answers in ether and names the ratio.
- Arbitrum: NodeInterface.gasEstimateComponents (arbitrum-docs, how-to-estimate-gas). Part of the gas.
- Scroll: the L1GasPriceOracle (scroll-contracts, L1GasPriceOracle.sol). Paid beside gas.
- Linea: linea_estimateGas (Consensys/doc.linea, gas-fees.mdx). Part of the tip.
- ZKsync: zks_estimateFee (zksync-docs, 40.zks-rpc.md). Part of the gas; state changes are posted, not data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.chain import wire
from desktop_app.chain.connection import Chain, wire_word
from desktop_app.chain.fastlz import fastlz_size
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import Json, to_data, to_quantity

OP_ORACLE = "0x420000000000000000000000000000000000000F"
SCROLL_ORACLE = "0x5300000000000000000000000000000000000002"
NODE_INTERFACE = "0x00000000000000000000000000000000000000C8"

_L1_FEE = bytes.fromhex("49948e0e")  # getL1Fee(bytes)
_L1_FEE_UPPER_BOUND = bytes.fromhex("f1c7a58b")  # getL1FeeUpperBound(uint256)
_OPERATOR_FEE = bytes.fromhex("275aedd2")  # getOperatorFee(uint256)
_TOKEN_RATIO = bytes.fromhex("06f837d3")  # tokenRatio()
_COMPONENTS = bytes.fromhex("c94e6eeb")  # gasEstimateComponents(address,bool,bytes)
_L1_COMPONENT = bytes.fromhex("77d488a2")  # gasEstimateL1Component(address,bool,bytes)

# Nothing that is signed caps what is charged beside gas, and Ethereum's price can rise by an eighth a block:
# twice as much covers six blocks in a row (EIP-1559).
HEADROOM_PERCENT = 200
SIGNATURE_BYTES = 68
# Linea: the method's margin, and the fixed price that reflects infrastructure, not data (gas-fees.mdx).
_LINEA_FIXED_PRICE = 30_000_000 * 12 // 10

_FJORD_INTERCEPT, _FJORD_COEFFICIENT, _FJORD_LEAST = -42_585_600, 836_500, 100_000_000


@dataclass(frozen=True)
class Draft:
    """A transaction before it is signed: amounts and prices in wei, `gas` what it will probably use."""

    sender: str
    to: str
    data: bytes
    value: int
    gas: int
    gas_limit: int
    max_fee: int
    priority_fee: int

    def message(self) -> dict[str, Json]:
        """The call object of the JSON-RPC methods."""
        return {
            "from": self.sender,
            "to": self.to,
            "value": to_quantity(self.value),
            "data": to_data(self.data),
        }

    def unsigned(self, chain_id: int) -> bytes:
        """The RLP of the unsigned transaction (EIP-1559), with a number of some hundred sent before."""
        import rlp

        nonce = 500
        prices = [self.priority_fee, self.max_fee, self.gas_limit]
        fields = [chain_id, nonce, *prices, bytes.fromhex(self.to[2:]), self.value, self.data, []]
        return b"\x02" + bytes(rlp.encode(fields))

    def signed(self, chain_id: int) -> bytes:
        """As long as the signed transaction, with a signature that does not compress."""
        return self.unsigned(chain_id) + bytes(range(1, SIGNATURE_BYTES + 1))


@dataclass(frozen=True)
class DataFee:
    """Wei of the network's coin.

    `expected` and `worst` are for the data, `operator_expected` and `operator_worst` for the operator of an
    OP Stack network. `in_gas` says that the data is paid with the gas already, not beside it; `tip` is the
    least tip per gas that a transaction needs, where the network says so; `posted` how many bytes go to
    Ethereum.
    """

    expected: int = 0
    worst: int = 0
    operator_expected: int = 0
    operator_worst: int = 0
    in_gas: bool = False
    tip: int = 0
    posted: int | None = None


def data_fee(chain: Chain, draft: Draft) -> DataFee:
    """What this transaction's data costs on that network now.

    Raises UnavailableError, also (`chain.bad_answer`) where a network that charges beside gas does not say.
    """
    ask = _MODELS.get(chain.network.data_fee or "")
    return ask(chain, draft) if ask else DataFee()


def fjord_size(fastlz: int) -> int:
    """Millionths of a byte that OP Stack networks charge for, from the signed transaction's FastLZ size."""
    return max(_FJORD_LEAST, _FJORD_INTERCEPT + _FJORD_COEFFICIENT * fastlz)


def fjord_fee(size: int, l1_base_fee: int, blob_base_fee: int, scalar: int, blob_scalar: int) -> int:
    """The L1 fee in wei since Fjord; `size` in millionths of a byte, scalars in millionths."""
    return size * (scalar * 16 * l1_base_fee + blob_scalar * blob_base_fee) // 10**12


def posted_bytes(draft: Draft, chain_id: int) -> int:
    """Bytes of this transaction that end up on Ethereum, compressed, as OP Stack networks estimate it."""
    return fjord_size(fastlz_size(draft.unsigned(chain_id)) + SIGNATURE_BYTES) // 10**6


def _number(chain: Chain, to: str, call: bytes) -> int:
    return int.from_bytes(wire_word(chain.read(to, call)), "big")


def _bytes_argument(raw: bytes) -> bytes:
    """ABI encoding of one `bytes`."""
    return (32).to_bytes(32, "big") + len(raw).to_bytes(32, "big") + raw + bytes(-len(raw) % 32)


def _op_stack(chain: Chain, draft: Draft) -> DataFee:
    raw = draft.unsigned(chain.network.chain_id)
    try:
        expected = _number(chain, OP_ORACLE, _L1_FEE + _bytes_argument(raw))
    except RpcError as refused:
        raise wire.bad_answer("GasPriceOracle") from refused
    try:
        bound = _number(chain, OP_ORACLE, _L1_FEE_UPPER_BOUND + len(raw).to_bytes(32, "big"))
    except RpcError:
        bound = expected  # Before Fjord there is no such function.
    return DataFee(
        expected=expected,
        worst=max(expected, bound) * HEADROOM_PERCENT // 100,
        operator_expected=_operator_fee(chain, draft.gas),
        operator_worst=_operator_fee(chain, draft.gas_limit),
        posted=posted_bytes(draft, chain.network.chain_id),
    )


def _mantle(chain: Chain, draft: Draft) -> DataFee:
    raw = draft.unsigned(chain.network.chain_id)
    try:
        ether = _number(chain, OP_ORACLE, _L1_FEE + _bytes_argument(raw))
        expected = ether * _number(chain, OP_ORACLE, _TOKEN_RATIO)
    except RpcError as refused:
        raise wire.bad_answer("GasPriceOracle") from refused
    return DataFee(
        expected=expected,
        worst=expected * HEADROOM_PERCENT // 100,
        operator_expected=_operator_fee(chain, draft.gas),
        operator_worst=_operator_fee(chain, draft.gas_limit),
    )


def _operator_fee(chain: Chain, gas: int) -> int:
    """Isthmus: gas * scalar / 1e6 + constant; Jovian: gas * scalar * 100 + constant; before: none."""
    try:
        return _number(chain, OP_ORACLE, _OPERATOR_FEE + gas.to_bytes(32, "big"))
    except RpcError:
        return 0


def _scroll(chain: Chain, draft: Draft) -> DataFee:
    # Since Galileo the network charges the size after zstd, which never exceeds this: the fee is no more.
    raw = draft.signed(chain.network.chain_id)
    try:
        expected = _number(chain, SCROLL_ORACLE, _L1_FEE + _bytes_argument(raw))
    except RpcError as refused:
        raise wire.bad_answer("L1GasPriceOracle") from refused
    posted = posted_bytes(draft, chain.network.chain_id)
    return DataFee(expected=expected, worst=expected * HEADROOM_PERCENT // 100, posted=posted)


def _arbitrum(chain: Chain, draft: Draft) -> DataFee:
    arguments = (
        bytes(12)
        + bytes.fromhex(draft.to[2:])
        + bytes(32)
        + (96).to_bytes(32, "big")
        + len(draft.data).to_bytes(32, "big")
        + draft.data
        + bytes(-len(draft.data) % 32)
    )
    try:
        try:
            answer = chain.read(NODE_INTERFACE, _COMPONENTS + arguments, draft.sender)
            _, l1_gas, price, l1_price = _words(answer, 4)
        except RpcError:
            # Tried out on a contract that would refuse: the part for the data is told without trying.
            l1_gas, price, l1_price = _words(chain.read(NODE_INTERFACE, _L1_COMPONENT + arguments), 3)
    except RpcError:
        # The data is part of the gas that was estimated: not knowing its part makes nothing dearer.
        return DataFee(in_gas=True)
    cost = l1_gas * price
    posted = cost // (16 * l1_price) if l1_price else None
    return DataFee(expected=cost, worst=cost, in_gas=True, posted=posted)


def _words(answer: bytes, count: int) -> list[int]:
    if len(answer) != 32 * count:
        raise wire.bad_answer("NodeInterface")
    return [int.from_bytes(answer[at : at + 32], "big") for at in range(0, len(answer), 32)]


def _linea(chain: Chain, draft: Draft) -> DataFee:
    try:
        answer = chain.rpc.call("linea_estimateGas", [draft.message()])
    except RpcError:
        return DataFee(in_gas=True)
    found = wire.mapping(answer, "linea_estimateGas")
    gas = wire.quantity(found.get("gasLimit"), "linea_estimateGas.gasLimit")
    tip = wire.quantity(found.get("priorityFeePerGas"), "linea_estimateGas.priorityFeePerGas")
    cost = gas * max(0, tip - _LINEA_FIXED_PRICE)
    posted = posted_bytes(draft, chain.network.chain_id)
    # Per gas the tip covers the data of this very transaction: fewer units of gas want a higher one.
    per_gas = -(-cost // max(1, draft.gas)) + min(tip, _LINEA_FIXED_PRICE)
    return DataFee(expected=cost, worst=cost, in_gas=True, tip=per_gas, posted=posted)


def _zksync(chain: Chain, draft: Draft) -> DataFee:
    """ZKsync has no part apart from gas in a quote; `state_diff_fee` tells the part of what is posted."""
    return DataFee(in_gas=True)


_MODELS: dict[str, Callable[[Chain, Draft], DataFee]] = {
    "op-stack": _op_stack,
    "mantle": _mantle,
    "scroll": _scroll,
    "arbitrum": _arbitrum,
    "linea": _linea,
    "zksync": _zksync,
}
