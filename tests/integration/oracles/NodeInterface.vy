# pragma version 0.4.3
"""
@title Arbitrum's NodeInterface as its documentation publishes it, for tests
@notice arbitrum-docs, how-to-estimate-gas: B = L1P * L1S / P, with L1P = 16 * l1BaseFeeEstimate and
        G = L2G + B. The size L1S after compression is set by the test, plus the fixed 140 bytes.
"""

MOST: constant(uint256) = 4096

price: public(uint256)
l1_price: public(uint256)
percent: uint256
gas_used: uint256
refuses: bool


@external
def configure(price: uint256, l1_price: uint256, percent: uint256, gas_used: uint256, refuses: bool):
    self.price = price
    self.l1_price = l1_price
    self.percent = percent
    self.gas_used = gas_used
    self.refuses = refuses


@external
@payable
def gasEstimateComponents(to: address, creation: bool, data: Bytes[MOST]) -> (uint64, uint64, uint256, uint256):
    assert not self.refuses, "execution reverted"
    buffer: uint256 = self._buffer(len(data))
    return (
        convert(self.gas_used + buffer, uint64),
        convert(buffer, uint64),
        self.price,
        self.l1_price,
    )


@external
@payable
def gasEstimateL1Component(to: address, creation: bool, data: Bytes[MOST]) -> (uint64, uint256, uint256):
    return convert(self._buffer(len(data)), uint64), self.price, self.l1_price


@internal
@view
def _buffer(size: uint256) -> uint256:
    return 16 * self.l1_price * (size * self.percent // 100 + 140) // self.price
