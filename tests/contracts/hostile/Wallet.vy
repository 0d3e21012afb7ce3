# pragma version 0.4.3
# pragma evm-version prague
"""
@title A person's smart-contract wallet, which can be told to refuse money in several ways
"""

ACCEPT: constant(uint256) = 0
REVERT: constant(uint256) = 1
BURN_GAS: constant(uint256) = 2
REVERT_BOMB: constant(uint256) = 3

mode: uint256


@external
def behave(mode: uint256):
    self.mode = mode


@external
@raw_return
def run(target: address, data: Bytes[1000]) -> Bytes[64]:
    return raw_call(target, data, max_outsize=64)


@external
@payable
def __default__():
    if self.mode == ACCEPT or len(msg.data) != 0:
        return
    assert self.mode != REVERT
    if self.mode == REVERT_BOMB:
        raw_revert(abi_encode(empty(bytes32[200])))
    digest: bytes32 = empty(bytes32)
    for i: uint256 in range(1_000_000):
        digest = keccak256(digest)
