"""py-evm's blocks, transactions, receipts and logs in the JSON form of the execution-apis specification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI
from eth_hash.auto import keccak
from rlp import encode as rlp_encode

from desktop_app.chain.wire import Json, to_data, to_quantity


def block_json(block: BlockAPI, full: bool) -> dict[str, Json]:
    """One block, with whole transactions or only their hashes."""
    header: Any = block.header
    transactions: list[Json] = [
        transaction_json(header, tx, index) if full else to_data(tx.hash)
        for index, tx in enumerate(block.transactions)
    ]
    return {
        "number": to_quantity(header.block_number),
        "hash": to_data(header.hash),
        "parentHash": to_data(header.parent_hash),
        "nonce": to_data(header.nonce),
        "sha3Uncles": to_data(header.uncles_hash),
        "logsBloom": to_data(header.bloom.to_bytes(256, "big")),
        "transactionsRoot": to_data(header.transaction_root),
        "stateRoot": to_data(header.state_root),
        "receiptsRoot": to_data(header.receipt_root),
        "miner": to_data(header.coinbase),
        "difficulty": to_quantity(header.difficulty),
        "extraData": to_data(header.extra_data),
        "size": to_quantity(len(rlp_encode(block))),
        "gasLimit": to_quantity(header.gas_limit),
        "gasUsed": to_quantity(header.gas_used),
        "timestamp": to_quantity(header.timestamp),
        "mixHash": to_data(header.mix_hash),
        "baseFeePerGas": to_quantity(header.base_fee_per_gas),
        "withdrawalsRoot": to_data(header.withdrawals_root),
        "withdrawals": [],
        "blobGasUsed": to_quantity(header.blob_gas_used),
        "excessBlobGas": to_quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": to_data(header.parent_beacon_block_root),
        "requestsHash": to_data(header.requests_hash),
        "transactions": transactions,
        "uncles": [],
    }


def transaction_json(header: BlockHeaderAPI, tx: Any, index: int) -> dict[str, Json]:
    """One mined transaction."""
    kind = getattr(tx, "type_id", None) or 0
    found: dict[str, Json] = {
        "blockHash": to_data(header.hash),
        "blockNumber": to_quantity(header.block_number),
        "transactionIndex": to_quantity(index),
        "hash": to_data(tx.hash),
        "type": to_quantity(kind),
        "chainId": None if tx.chain_id is None else to_quantity(tx.chain_id),
        "nonce": to_quantity(tx.nonce),
        "from": to_data(tx.sender),
        "to": to_data(tx.to) if tx.to else None,
        "value": to_quantity(tx.value),
        "gas": to_quantity(tx.gas),
        "gasPrice": to_quantity(effective_price(header, tx)),
        "input": to_data(tx.data),
        "r": to_quantity(tx.r),
        "s": to_quantity(tx.s),
        "v": to_quantity(tx.y_parity if kind else tx.v),
    }
    if kind:
        found["yParity"] = found["v"]
        found["accessList"] = [
            {"address": to_data(account), "storageKeys": [to_data(k.to_bytes(32, "big")) for k in slots]}
            for account, slots in tx.access_list
        ]
    if kind >= 2:
        found["maxFeePerGas"] = to_quantity(tx.max_fee_per_gas)
        found["maxPriorityFeePerGas"] = to_quantity(tx.max_priority_fee_per_gas)
    return found


def effective_price(header: Any, tx: Any) -> int:
    """Wei paid per gas (EIP-1559)."""
    return int(min(tx.max_fee_per_gas, header.base_fee_per_gas + tx.max_priority_fee_per_gas))


def receipt_json(block: BlockAPI, receipts: Sequence[ReceiptAPI], index: int) -> dict[str, Json]:
    """The receipt of transaction `index` of the block."""
    header: Any = block.header
    tx: Any = block.transactions[index]
    receipt: Any = receipts[index]
    before = receipts[index - 1].gas_used if index else 0
    first_log = sum(len(r.logs) for r in receipts[:index])
    return {
        "transactionHash": to_data(tx.hash),
        "transactionIndex": to_quantity(index),
        "blockHash": to_data(header.hash),
        "blockNumber": to_quantity(header.block_number),
        "from": to_data(tx.sender),
        "to": to_data(tx.to) if tx.to else None,
        "contractAddress": None if tx.to else to_data(_created(tx.sender, tx.nonce)),
        "cumulativeGasUsed": to_quantity(receipt.gas_used),
        "gasUsed": to_quantity(receipt.gas_used - before),
        "effectiveGasPrice": to_quantity(effective_price(header, tx)),
        "type": to_quantity(getattr(tx, "type_id", None) or 0),
        "status": "0x1" if receipt.state_root == b"\x01" else "0x0",
        "logsBloom": to_data(receipt.bloom.to_bytes(256, "big")),
        "logs": [
            log_json(header, tx.hash, index, first_log + ordinal, log)
            for ordinal, log in enumerate(receipt.logs)
        ],
    }


def log_json(header: Any, tx_hash: bytes, tx_index: int, log_index: int, log: Any) -> dict[str, Json]:
    """One log; `log_index` counts through the block."""
    return {
        "address": to_data(log.address),
        "topics": [to_data(topic.to_bytes(32, "big")) for topic in log.topics],
        "data": to_data(log.data),
        "blockNumber": to_quantity(header.block_number),
        "blockHash": to_data(header.hash),
        "blockTimestamp": to_quantity(header.timestamp),
        "transactionHash": to_data(tx_hash),
        "transactionIndex": to_quantity(tx_index),
        "logIndex": to_quantity(log_index),
        "removed": False,
    }


def block_logs(block: BlockAPI, receipts: Sequence[ReceiptAPI]) -> Iterator[dict[str, Json]]:
    """All logs of a block in order."""
    for index in range(len(receipts)):
        yield from receipt_json(block, receipts, index)["logs"]


def _created(sender: bytes, nonce: int) -> bytes:
    return bytes(keccak(rlp_encode([sender, nonce]))[12:])
