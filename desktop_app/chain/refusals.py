"""What a node means when it refuses a transaction.

The words are those of go-ethereum (core/txpool/errors.go, core/error.go), which the other clients and the
rollups repeat, with anvil's variants. JSON-RPC has no codes for them.
"""

from __future__ import annotations

from enum import Enum, auto

from desktop_app.chain.rpc import RpcError


class Verdict(Enum):
    """What a refusal says about the transaction."""

    KNOWN = auto()
    """The node has it already: as good as sent."""
    NO_MONEY = auto()
    NEVER = auto()
    """These bytes cannot take effect as things stand."""
    UNCLEAR = auto()
    """A fault of the node; the transaction may have arrived all the same."""


_KNOWN = ("already known", "already imported", "known transaction", "already in mempool", "already exists")
_NO_MONEY = ("insufficient funds", "insufficient balance for")
_NEVER = (
    "nonce too low",
    "nonce too high",
    "underpriced",
    "intrinsic gas too low",
    "floor data gas",
    "gas limit",
    "exceeds block",
    "exceeds the configured cap",
    "max fee per gas less than",
    "max priority fee per gas higher",
    "invalid chain id",
    "invalid sender",
    "invalid signature",
    "tip above fee cap",
    "fee cap",
    "oversized data",
    "replay-protected",
    "not supported",
    "execution reverted",
    "rlp:",
    "max initcode size",
)


def judge(refused: RpcError) -> Verdict:
    """The meaning of a node's refusal of eth_sendRawTransaction, eth_call or eth_estimateGas."""
    words = refused.rpc_message.lower()
    for verdict, signs in (
        (Verdict.KNOWN, _KNOWN),
        (Verdict.NO_MONEY, _NO_MONEY),
        (Verdict.NEVER, _NEVER),
    ):
        if any(sign in words for sign in signs):
            return verdict
    return Verdict.UNCLEAR
