"""What transactions would change: the sender's balances before and after, tried out on the node.

The node runs a small program in place of the sender's account (the state override of eth_call, as geth, reth,
nethermind, erigon and anvil have it): it notes the balances, makes the calls as the sender would, notes them
again and returns both. Nothing of it stays. Without overrides nothing can be said.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.chain import wire
from desktop_app.chain.connection import Chain, reverted
from desktop_app.chain.contracts import Call
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import to_data
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import RefusedError

_BALANCE_OF = bytes.fromhex("70a08231")
_ASKER = "0x00000000000000000000000000000000c0107011"
"""Calls the program. Everybody else who calls the account meanwhile is let pass, as with a plain account."""
_WORD = 32


def balance_changes(
    chain: Chain, sender: str, calls: Sequence[Call], currencies: Sequence[Currency]
) -> tuple[Amount, ...] | None:
    """What the sender would gain or lose (negative) of the coin and of `currencies`, without the fee.

    The calls are made one after another, each seeing what the ones before did. Only what changes is listed.
    None where the node cannot try it out this way. Raises RefusedError `chain.reverted` when a call would
    fail, UnavailableError.
    """
    watched = (chain.network.native, *(one for one in currencies if not one.is_native))
    code = _program(calls, [bytes.fromhex(one.address[2:]) for one in watched[1:]])
    message = {"from": _ASKER, "to": sender, "data": to_data(b"".join(one.data for one in calls))}
    try:
        answer = chain.rpc.call("eth_call", [message, "latest", {sender: {"code": to_data(code)}}])
    except RpcError as refused:
        reason = reverted(refused)
        if reason is None:
            return None
        raise RefusedError("chain.reverted", reason=reason) from refused
    told = wire.data(answer, what="eth_call")
    if len(told) != 2 * len(watched) * _WORD:
        return None
    words = [int.from_bytes(told[at : at + _WORD], "big") for at in range(0, len(told), _WORD)]
    before, after = words[: len(watched)], words[len(watched) :]
    changes = [Amount(new - old, one) for one, old, new in zip(watched, before, after, strict=True)]
    return tuple(change for change in changes if change.units)


def _program(calls: Sequence[Call], tokens: Sequence[bytes]) -> bytes:
    """EVM code that returns all balances before and after making the calls, or reverts as one of them does.

    Its input is the input of all calls, one after another.
    """
    count = len(tokens) + 1
    scratch = 2 * count * _WORD
    # Anybody but the asker: an incoming payment, accepted like by a plain account.
    guard = _push(bytes.fromhex(_ASKER[2:])) + b"\x33\x14"  # CALLER EQ
    code = _unless(guard, b"\x00", 0)  # STOP
    code += (
        _push(_BALANCE_OF + bytes(28)) + _number(scratch) + b"\x52"  # MSTORE
        + b"\x30" + _number(scratch + 4) + b"\x52"  # ADDRESS MSTORE
        + _balances(tokens, 0, scratch)
    )  # fmt: skip
    place, start = _number(scratch + 2 * _WORD), 0
    for call in calls:
        size = _number(len(call.data))
        made = (
            size + _number(start) + place + b"\x37"  # CALLDATACOPY
            + b"\x5f\x5f" + size + place  # no answer wanted; input
            + _number(call.value) + _push(bytes.fromhex(call.to[2:])) + b"\x5a\xf1"  # GAS CALL
        )  # fmt: skip
        code += _unless(made, b"\x3d\x5f\x5f\x3e\x3d\x5f\xfd", len(code))  # RETURNDATACOPY REVERT
        start += len(call.data)
    return code + _balances(tokens, count * _WORD, scratch) + _number(scratch) + b"\x5f\xf3"  # RETURN


def _unless(condition: bytes, otherwise: bytes, at: int) -> bytes:
    """Code for the place `at` that goes on behind itself when `condition` holds, else runs `otherwise`."""
    target = at + len(condition) + _JUMP + len(otherwise)
    return condition + b"\x61" + target.to_bytes(2, "big") + b"\x57" + otherwise + b"\x5b"  # JUMPI JUMPDEST


_JUMP = 4
"""Length of PUSH2 target JUMPI."""


def _balances(tokens: Sequence[bytes], at: int, scratch: int) -> bytes:
    """Write all balances to memory from `at`, the coin's first; a token that does not answer counts 0."""
    code = b"\x47" + _number(at) + b"\x52"  # SELFBALANCE MSTORE
    for position, token in enumerate(tokens, start=1):
        place = _number(at + position * _WORD)
        code += _number(_WORD) + place + _number(36) + _number(scratch) + _push(token) + b"\x5a\xfa\x50"
    return code


def _number(value: int) -> bytes:
    return _push(value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _push(data: bytes) -> bytes:
    return bytes([0x5F + len(data)]) + data
