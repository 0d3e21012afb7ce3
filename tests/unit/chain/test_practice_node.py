"""The embedded node answers as a real one does; web3.py serves as an independent reader of its answers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from web3 import Web3
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import to_data
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import UnavailableError

DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
NOBODY = "0x" + "22" * 20


def install(node: PracticeNode, signer: Any, runtime: bytes, transfer: Callable[..., bytes]) -> str:
    """Put runtime code on chain through the deterministic deployer; its address."""
    assert len(runtime) < 256
    creation = bytes([0x60, len(runtime), 0x80, 0x60, 0x0A, 0x5F, 0x39, 0x5F, 0xF3, 0x00]) + runtime
    data = bytes(32) + creation
    raw = transfer(signer, to=DEPLOYER, value=0, data=to_data(data), gas=500_000)
    node.call("eth_sendRawTransaction", [to_data(raw)])
    message = {"to": DEPLOYER, "data": to_data(data)}
    with pytest.raises(RpcError):  # CREATE2 to the same address fails
        node.call("eth_call", [message, "latest"])
    from eth_utils import keccak, to_checksum_address

    return to_checksum_address(
        keccak(b"\xff" + bytes.fromhex(DEPLOYER[2:]) + bytes(32) + keccak(creation))[12:]
    )


# revert(0, calldatasize) with the call data as revert data
ECHO_REVERT = bytes.fromhex("365f5f37365ffd")
# log2(data = calldata[64:], topics = first two words), then stop
LOGGER = bytes.fromhex("6040360360405f37602035" + "5f35" + "604036035f" + "a200")


class _Provider(JSONBaseProvider):
    def __init__(self, node: PracticeNode) -> None:
        super().__init__()
        self.node = node

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        return {"jsonrpc": "2.0", "id": 1, "result": self.node.call(method, params)}


def test_the_evm_is_loaded_on_first_use_only() -> None:
    script = (
        "import sys, pathlib; from desktop_app.chain.practice import PracticeNode;"
        "from desktop_app.chain.rpc import HttpRpc; from desktop_app.core.clock import SystemClock;"
        "import desktop_app.chain.sender, desktop_app.chain.reads, desktop_app.chain.logs;"
        "PracticeNode(pathlib.Path('nowhere/x.db'), SystemClock()).close(); HttpRpc('http://localhost').close();"
        "print([m for m in ('eth', 'web3', 'requests', 'eth_tester', 'eth_abi') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_is_the_practice_chain_with_the_deployer_in_place(node: PracticeNode) -> None:
    assert int(node.call("eth_chainId"), 16) == 6516588
    assert node.call("net_version") == "6516588"
    assert node.call("eth_blockNumber") == "0x0"
    assert len(node.call("eth_getCode", [DEPLOYER, "latest"])) == 2 + 2 * 69


def test_web3_reads_blocks_transactions_and_receipts(node: PracticeNode, funded: Any, transfer: Any) -> None:
    tx_hash = node.call("eth_sendRawTransaction", [to_data(transfer(funded))])
    w3 = Web3(_Provider(node))
    block = w3.eth.get_block("latest", full_transactions=True)
    receipt = w3.eth.get_transaction_receipt(tx_hash)
    found = w3.eth.get_transaction(tx_hash)
    assert block["number"] == 2
    assert block["transactions"][0]["hash"] == found["hash"] == receipt["transactionHash"]
    assert receipt["status"] == 1
    assert receipt["gasUsed"] == 21_000
    assert found["from"] == funded.address
    assert w3.eth.get_block(block["hash"])["parentHash"] == w3.eth.get_block(1)["hash"]
    assert w3.eth.get_balance(Web3.to_checksum_address(NOBODY)) == 1
    assert w3.eth.get_transaction_count(funded.address) == 1
    history = w3.eth.fee_history(5, "latest", [50])
    assert history["oldestBlock"] == 0
    assert len(history["baseFeePerGas"]) == 4
    assert history["reward"][1:] == [[1], [1]]


def test_block_hashes_are_those_of_the_headers(node: PracticeNode, funded: Any) -> None:
    import rlp
    from eth_utils import keccak

    block = node.call("eth_getBlockByNumber", ["latest", False])
    names = [
        "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom",
        "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce",
        "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot",
        "requestsHash",
    ]  # fmt: skip
    numbers = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed",
               "excessBlobGas"}  # fmt: skip
    fields = [int(block[n], 16) if n in numbers else bytes.fromhex(block[n][2:]) for n in names]
    assert to_data(keccak(rlp.encode(fields))) == block["hash"]


@pytest.mark.parametrize("tag", ["latest", "safe", "finalized", "pending"])
def test_the_head_is_safe_and_final_at_once(node: PracticeNode, funded: Any, tag: str) -> None:
    assert node.call("eth_getBlockByNumber", [tag, False])["number"] == "0x1"
    assert int(node.call("eth_getBalance", [funded.address, tag]), 16) == 100 * 10**18


def test_the_past_can_be_read(node: PracticeNode, funded: Any) -> None:
    node.faucet(funded.address, 5)
    assert int(node.call("eth_getBalance", [funded.address, "0x1"]), 16) == 100 * 10**18
    assert int(node.call("eth_getBalance", [funded.address, "earliest"]), 16) == 0
    genesis = node.call("eth_getBlockByNumber", ["0x0", False])
    by_hash = {"blockHash": genesis["hash"]}
    assert node.call("eth_getBalance", [funded.address, by_hash]) == "0x0"
    assert node.call("eth_getBlockByNumber", ["0x63", False]) is None
    assert node.call("eth_getBlockByHash", ["0x" + "11" * 32, False]) is None
    with pytest.raises(RpcError, match="header not found"):
        node.call("eth_getBalance", [funded.address, "0x63"])


def test_block_times_come_from_the_clock_and_always_rise(
    node: PracticeNode, clock: FixedClock, funded: Any
) -> None:
    def newest() -> int:
        return int(node.call("eth_getBlockByNumber", ["latest", False])["timestamp"], 16)

    assert newest() == clock.now() + 1  # the genesis has the time itself
    clock.time += 1000
    node.faucet(funded.address, 1)
    assert newest() == clock.now()
    clock.time -= 5000
    node.faucet(funded.address, 1)
    assert newest() == clock.now() + 5001


def test_the_same_transaction_twice_is_known_and_counts_once(
    node: PracticeNode, funded: Any, transfer: Any
) -> None:
    raw = to_data(transfer(funded))
    node.call("eth_sendRawTransaction", [raw])
    with pytest.raises(RpcError, match="already known"):
        node.call("eth_sendRawTransaction", [raw])
    assert node.call("eth_getBalance", [NOBODY, "latest"]) == "0x1"
    assert node.call("eth_blockNumber") == "0x2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"chainId": 1}, "invalid chain id for signer: have 1 want 6516588"),
        ({"nonce": 5}, "nonce too high"),
        ({"value": 10**30}, "insufficient funds for gas * price + value"),
        ({"gas": 20_999}, "intrinsic gas too low"),
        ({"gas": 21_100, "data": "0x" + "ff" * 100}, "intrinsic gas too low"),
        ({"gas": 40_000_000}, "exceeds block gas limit"),
        ({"maxFeePerGas": 1}, "max fee per gas less than block base fee"),
        ({"maxPriorityFeePerGas": 5 * 10**9}, "max priority fee per gas higher than max fee per gas"),
    ],
)
def test_a_bad_transaction_is_refused_in_the_words_of_geth(
    node: PracticeNode, funded: Any, transfer: Any, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(RpcError) as caught:
        node.call("eth_sendRawTransaction", [to_data(transfer(funded, **changes))])
    assert words in caught.value.rpc_message
    assert caught.value.rpc_code == -32000
    assert node.call("eth_blockNumber") == "0x1"


def test_a_used_nonce_is_too_low(node: PracticeNode, funded: Any, transfer: Any) -> None:
    node.call("eth_sendRawTransaction", [to_data(transfer(funded))])
    with pytest.raises(RpcError, match="nonce too low"):
        node.call("eth_sendRawTransaction", [to_data(transfer(funded, nonce=0, value=2))])


def test_a_transaction_without_chain_id_is_refused(node: PracticeNode, funded: Any) -> None:
    from eth_account import Account

    fields = {"nonce": 0, "to": NOBODY, "value": 1, "gas": 21_000, "gasPrice": 10**9}
    raw = Account.sign_transaction(fields, (7).to_bytes(32, "big")).raw_transaction
    with pytest.raises(RpcError, match="replay-protected"):
        node.call("eth_sendRawTransaction", [to_data(raw)])


@pytest.mark.parametrize("junk", ["0x", "0x00", "0x02", "0x02c0", "0x" + "ff" * 50, "zz", None, 5])
def test_junk_instead_of_a_transaction_is_refused(node: PracticeNode, junk: Any) -> None:
    with pytest.raises(RpcError):
        node.call("eth_sendRawTransaction", [junk])
    assert node.call("eth_blockNumber") == "0x0"


def test_unknown_methods_and_bad_parameters_are_told_apart(node: PracticeNode) -> None:
    with pytest.raises(RpcError) as unknown:
        node.call("eth_mine")
    assert unknown.value.rpc_code == -32601
    for params in ([], ["0x12", "latest"], [NOBODY, "newest"], [None]):
        with pytest.raises(RpcError) as invalid:
            node.call("eth_getBalance", params)
        assert invalid.value.rpc_code == -32602


def test_a_batch_keeps_order_and_refusals_in_place(node: PracticeNode) -> None:
    first, second, third = node.batch([("eth_chainId", []), ("nope", []), ("eth_blockNumber", [])])
    assert (first, third) == ("0x636f6c", "0x0")
    assert isinstance(second, RpcError)


def test_a_revert_carries_reason_and_data_like_geth(node: PracticeNode, funded: Any, transfer: Any) -> None:
    echo = install(node, funded, ECHO_REVERT, transfer)
    returned = bytes.fromhex("08c379a0") + encode(["string"], ["not the holder"])
    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(RpcError) as caught:
            node.call(method, [{"to": echo, "data": to_data(returned), "from": funded.address}, "latest"])
        assert caught.value.rpc_code == 3
        assert caught.value.rpc_message == "execution reverted: not the holder"
        assert caught.value.revert_data == returned
    with pytest.raises(RpcError) as bare:
        node.call("eth_call", [{"to": echo}, "latest"])
    assert (bare.value.rpc_message, bare.value.revert_data) == ("execution reverted", b"")


def test_a_reverted_transaction_is_mined_and_says_so(node: PracticeNode, funded: Any, transfer: Any) -> None:
    echo = install(node, funded, ECHO_REVERT, transfer)
    raw = transfer(funded, to=echo, value=0, gas=60_000)
    receipt = node.call("eth_getTransactionReceipt", [node.call("eth_sendRawTransaction", [to_data(raw)])])
    assert receipt["status"] == "0x0"


def test_a_call_changes_nothing(node: PracticeNode, funded: Any) -> None:
    before = node.call("eth_getBlockByNumber", ["latest", False])
    node.call("eth_call", [{"from": funded.address, "to": NOBODY, "value": "0x5"}, "latest"])
    assert node.call("eth_getBlockByNumber", ["latest", False]) == before
    with pytest.raises(RpcError, match="insufficient funds for transfer"):
        node.call("eth_call", [{"from": NOBODY, "to": funded.address, "value": "0x5"}, "latest"])


def test_an_estimate_is_enough_and_hardly_more(node: PracticeNode, funded: Any, transfer: Any) -> None:
    assert node.call("eth_estimateGas", [{"from": funded.address, "to": NOBODY, "value": "0x1"}]) == hex(
        21_000
    )
    logger = install(node, funded, LOGGER, transfer)
    data = to_data(bytes(64) + b"x" * 100)
    estimate = int(node.call("eth_estimateGas", [{"from": funded.address, "to": logger, "data": data}]), 16)
    used = []
    for gas in (estimate, int(estimate * 0.97)):
        raw = transfer(funded, to=logger, value=0, data=data, gas=gas)
        try:
            tx_hash = node.call("eth_sendRawTransaction", [to_data(raw)])
        except RpcError as refused:
            assert "intrinsic gas too low" in refused.rpc_message
            used.append("0x0")
            continue
        used.append(node.call("eth_getTransactionReceipt", [tx_hash])["status"])
    assert used == ["0x1", "0x0"]


def test_logs_are_found_by_address_topic_range_and_block(
    node: PracticeNode, funded: Any, transfer: Any
) -> None:
    logger = install(node, funded, LOGGER, transfer)
    words = [bytes([n]) * 32 for n in range(1, 5)]
    for first, second in ((0, 1), (0, 2), (3, 1)):
        data = words[first] + words[second] + bytes([first, second])
        raw = transfer(funded, to=logger, value=0, data=to_data(data), gas=90_000)
        node.call("eth_sendRawTransaction", [to_data(raw)])
        node.faucet(NOBODY, 1)
    topics = [to_data(w) for w in words]

    def found(**query: Any) -> list[str]:
        return [log["data"] for log in node.call("eth_getLogs", [{"fromBlock": "0x0"} | query])]

    assert found() == ["0x0001", "0x0002", "0x0301"]
    assert found(address=logger.lower()) == found(address=[NOBODY, logger]) == found()
    assert found(address=NOBODY) == []
    assert found(topics=[topics[0]]) == ["0x0001", "0x0002"]
    assert found(topics=[None, topics[1]]) == ["0x0001", "0x0301"]
    assert found(topics=[[topics[0], topics[3]], [topics[2], topics[1]]]) == found()
    assert found(topics=[None, None, topics[0]]) == []
    assert found(fromBlock="0x5") == ["0x0002", "0x0301"]
    assert found(toBlock="0x4") == ["0x0001"]
    (log,) = node.call("eth_getLogs", [{"fromBlock": "0x3", "toBlock": "0x3"}])
    assert log["topics"] == [topics[0], topics[1]]
    receipt = node.call("eth_getTransactionReceipt", [log["transactionHash"]])
    assert receipt["logs"] == [log]
    assert node.call("eth_getBlockReceipts", ["0x3"]) == [receipt]
    assert node.call("eth_getLogs", [{"blockHash": log["blockHash"]}]) == [log]
    assert node.call("eth_getBlockByNumber", ["0x3", False])["logsBloom"] == receipt["logsBloom"]
    with pytest.raises(RpcError, match="invalid block range"):
        found(fromBlock="0x5", toBlock="0x4")


def test_the_bls12_381_precompile_of_prague_is_there(chain: Any) -> None:
    assert chain.has_precompile()


def test_many_threads_may_send_and_read_at_once(node: PracticeNode, make_signer: Any, transfer: Any) -> None:
    signers = [make_signer(n) for n in range(20, 24)]
    for one in signers:
        node.faucet(one.address, 10**18)
    failures: list[BaseException] = []

    def work(signer: Any) -> None:
        try:
            for nonce in range(5):
                node.call("eth_sendRawTransaction", [to_data(transfer(signer, nonce=nonce))])
                node.call("eth_getLogs", [{"fromBlock": "0x0"}])
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(one,)) for one in signers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert node.call("eth_getBalance", [NOBODY, "latest"]) == hex(20)


def test_a_closed_node_says_so(node: PracticeNode) -> None:
    node.close()
    with pytest.raises(UnavailableError, match=r"practice\.closed"):
        node.call("eth_chainId")
