"""Puts other networks' fee oracles on an anvil, at the addresses where those networks have them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from desktop_app.chain.connection import Chain
from desktop_app.chain.data_fees import NODE_INTERFACE, OP_ORACLE, SCROLL_ORACLE
from desktop_app.chain.rpc import Rpc
from desktop_app.chain.wire import to_data

BUILT = json.loads(Path(__file__).with_name("oracles").joinpath("oracles.json").read_text(encoding="utf-8"))
PLACES = {
    "GasPriceOracle": OP_ORACLE,
    "NodeInterface": NODE_INTERFACE,
    "L1GasPriceOracle": SCROLL_ORACLE,
}
ECOTONE, FJORD, ISTHMUS, JOVIAN = range(4)
CURIE, FEYNMAN, GALILEO = range(3)


def install(rpc: Rpc, name: str, sender: str) -> None:
    """Put the running code of an oracle where its network has it; `sender` is a rich account of anvil's."""
    rpc.call("anvil_setCode", [PLACES[name], BUILT[name]["bytecode_runtime"]])
    assert rpc.call("eth_getCode", [PLACES[name], "latest"]) != "0x"
    rpc.call("anvil_impersonateAccount", [sender])


def configure(rpc: Rpc, name: str, sender: str, *values: Any) -> None:
    """Call the oracle's `configure`."""
    entry = next(item for item in BUILT[name]["abi"] if item.get("name") == "configure")
    types = [item["type"] for item in entry["inputs"]]
    call = keccak(f"configure({','.join(types)})".encode())[:4] + encode(types, values)
    message = {"from": sender, "to": PLACES[name], "data": to_data(call), "gas": hex(1_000_000)}
    tx_hash = rpc.call("eth_sendTransaction", [message])
    limit = time.monotonic() + 20
    while (receipt := rpc.call("eth_getTransactionReceipt", [tx_hash])) is None:
        assert time.monotonic() < limit, "the oracle's configuration was not mined"
        time.sleep(0.01)
    assert receipt["status"] == "0x1"


def op_stack(chain: Chain, sender: str, fork: int = JOVIAN, **given: int) -> None:
    """An OP Stack oracle with plausible prices; any of them can be given."""
    install(chain.rpc, "GasPriceOracle", sender)
    set_op_stack(chain, sender, fork, **given)


def set_op_stack(
    chain: Chain,
    sender: str,
    fork: int = JOVIAN,
    *,
    base_fee: int = 200_000_000,
    blob_fee: int = 11_000_000,
    scalar: int = 2_269,
    blob_scalar: int = 1_055_762,
    operator_scalar: int = 0,
    operator_constant: int = 0,
    ratio: int = 0,
) -> None:
    configure(
        chain.rpc, "GasPriceOracle", sender,
        fork, [base_fee, blob_fee], [scalar, blob_scalar], [operator_scalar, operator_constant], ratio,
    )  # fmt: skip
