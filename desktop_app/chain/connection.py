"""One network through one node, in our own types: balances, nonces, blocks, what is deployed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.chain import wire
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.networks import Network
from desktop_app.chain.reverts import revert_reason
from desktop_app.chain.rpc import Rpc, RpcError
from desktop_app.chain.wire import Json, to_data, to_quantity
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import RefusedError

_BALANCE_OF = bytes.fromhex("70a08231")
_DECIMALS = bytes.fromhex("313ce567")
_BATCH = 100
_MOST_DECIMALS = 77  # 10**78 exceeds 256 bits
_DELEGATED = bytes.fromhex("ef0100")
G1MSM = "0x000000000000000000000000000000000000000C"
# Twice the generator of BLS12-381 G1 by one pair of G1MSM (EIP-2537): point, scalar and expected image.
_GENERATOR = bytes.fromhex(
    "0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83f"
    "f97a1aeffb3af00adb22c6bb0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6"
    "00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"
)
_TWICE_X = bytes.fromhex(
    "000000000000000000000000000000000572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb"
    "8f1c7c42c39a8c5529bf0f4e"
)


@dataclass(frozen=True)
class BlockHead:
    """Number, hash, parent hash and Unix time in seconds of one block."""

    number: int
    block_hash: str
    parent_hash: str
    timestamp: int


class Chain:
    """A network as seen by one node. Thread-safe when its Rpc is.

    Every method raises UnavailableError when the node cannot be reached, refuses or answers nonsense.
    """

    def __init__(self, network: Network, rpc: Rpc) -> None:
        self.network = network
        self.rpc = rpc

    def check_chain_id(self) -> None:
        """Raise RefusedError `chain.wrong_network` unless the node serves the network that we expect."""
        found = wire.quantity(self.rpc.call("eth_chainId"), "chainId")
        if found != self.network.chain_id:
            raise RefusedError(
                "chain.wrong_network", network=self.network.name, expected=self.network.chain_id, found=found
            )

    def block_number(self) -> int:
        return wire.quantity(self.rpc.call("eth_blockNumber"), "blockNumber")

    def head(self, tag: str = "latest") -> BlockHead:
        """A block by tag ("latest", "safe", "finalized")."""
        return parse_head(self.rpc.call("eth_getBlockByNumber", [tag, False]))

    def heads(self, numbers: Sequence[int]) -> list[BlockHead]:
        """Blocks by number, in the order asked for. Raises UnavailableError where one is not there."""
        found: list[BlockHead] = []
        for start in range(0, len(numbers), _BATCH):
            part = numbers[start : start + _BATCH]
            calls = [("eth_getBlockByNumber", [to_quantity(number), False]) for number in part]
            for number, answer in zip(part, self.rpc.batch(calls), strict=True):
                if isinstance(answer, RpcError):
                    raise answer
                head = parse_head(answer)
                if head.number != number:
                    raise wire.bad_answer("block.number")
                found.append(head)
        return found

    def balance(self, address: str, currency: Currency | None = None, block: int | None = None) -> Amount:
        """What an address holds, at the latest block by default; of the coin when no currency is given.

        Zero of a currency whose contract is not on the network (yet).
        """
        currency = currency or self.network.native
        if currency.is_native:
            return Amount(wire.quantity(self.rpc.call("eth_getBalance", [address, _tag(block)])), currency)
        call = _BALANCE_OF + bytes(12) + bytes.fromhex(address[2:])
        answer = self.read(currency.address, call, block=block)
        return Amount(int.from_bytes(wire_word(answer), "big") if answer else 0, currency)

    def decimals(self, token: str) -> int:
        """Decimal places of an ERC-20 contract. Raises RefusedError `chain.not_a_token`."""
        try:
            answer = self.read(token, _DECIMALS)
        except RpcError as refused:
            if refused.revert_data is None:
                raise
            answer = b""
        found = int.from_bytes(answer, "big")
        if len(answer) != 32 or found > _MOST_DECIMALS:
            raise RefusedError("chain.not_a_token", address=token)
        return found

    def nonce(self, address: str, tag: str = "latest") -> int:
        """How many transactions the address has sent; with "pending", also those waiting at this node."""
        return wire.quantity(self.rpc.call("eth_getTransactionCount", [address, tag]), "nonce")

    def code(self, address: str) -> bytes:
        return wire.data(self.rpc.call("eth_getCode", [address, "latest"]), what="code")

    def is_delegated(self, address: str) -> bool:
        """True when an account runs foreign code (EIP-7702): whoever wrote it can move everything."""
        return self.code(address).startswith(_DELEGATED)

    def deployed(self, name: str) -> bool:
        """Whether one of our contracts is on this network."""
        return bool(self.code(contract_address(name)))

    def has_precompile(self) -> bool:
        """Whether registration proofs can be checked on chain (EIP-2537), by asking the node for 2*G."""
        pair = _GENERATOR + (2).to_bytes(32, "big")
        try:
            answer = self.read(G1MSM, pair)
        except RpcError:
            return False
        return len(answer) == 128 and answer[:64] == _TWICE_X

    def read(self, to: str, call: bytes, sender: str | None = None, block: int | None = None) -> bytes:
        """The answer of a contract function that changes nothing, at the latest block by default.

        Raises RpcError when it reverts.
        """
        message: dict[str, Json] = {"to": to, "data": to_data(call)}
        if sender is not None:
            message["from"] = sender
        at = _tag(block)
        return wire.data(self.rpc.call("eth_call", [message, at]), what="eth_call")

    def logs(
        self, first: int, last: int, addresses: Sequence[str], topics: Sequence[Json] = ()
    ) -> list[dict[str, Json]]:
        """Raw logs of blocks `first` to `last`, both included."""
        query = {
            "fromBlock": to_quantity(first),
            "toBlock": to_quantity(last),
            "address": list(addresses),
            "topics": list(topics),
        }
        return wire.items(self.rpc.call("eth_getLogs", [query]), "logs")

    def close(self) -> None:
        self.rpc.close()


def _tag(block: int | None) -> str:
    return "latest" if block is None else to_quantity(block)


def parse_head(answer: Json) -> BlockHead:
    """A block of a node's answer, read strictly."""
    block = wire.mapping(answer, "block")
    return BlockHead(
        number=wire.quantity(block.get("number"), "block.number"),
        block_hash=to_data(wire.data(block.get("hash"), 32, "block.hash")),
        parent_hash=to_data(wire.data(block.get("parentHash"), 32, "block.parentHash")),
        timestamp=wire.quantity(block.get("timestamp"), "block.timestamp"),
    )


def wire_word(answer: bytes) -> bytes:
    """The single 32-byte word of a contract's answer."""
    if len(answer) != 32:
        raise wire.bad_answer("word")
    return answer


def reverted(refused: RpcError) -> str | None:
    """The contract's reason when a call was reverted ("" without one), None for any other refusal."""
    returned = refused.revert_data
    return None if returned is None else revert_reason(returned)
