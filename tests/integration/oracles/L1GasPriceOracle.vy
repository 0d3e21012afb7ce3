# pragma version 0.4.3
"""
@title Scroll's L1GasPriceOracle as scroll-tech/scroll-contracts publishes it, for tests
@notice Curie, Feynman and Galileo.
"""

MOST: constant(uint256) = 4096
PRECISION: constant(uint256) = 1000000000
CURIE: constant(uint256) = 0
FEYNMAN: constant(uint256) = 1
GALILEO: constant(uint256) = 2

fork: public(uint256)
l1BaseFee: public(uint256)
l1BlobBaseFee: public(uint256)
commitScalar: public(uint256)
blobScalar: public(uint256)
penaltyFactor: public(uint256)


@external
def configure(fork: uint256, prices: uint256[2], scalars: uint256[2], penalty: uint256):
    self.fork = fork
    self.l1BaseFee = prices[0]
    self.l1BlobBaseFee = prices[1]
    self.commitScalar = scalars[0]
    self.blobScalar = scalars[1]
    self.penaltyFactor = penalty


@external
@view
def getL1Fee(data: Bytes[MOST]) -> uint256:
    size: uint256 = len(data)
    commit: uint256 = self.commitScalar * self.l1BaseFee
    blob: uint256 = self.blobScalar * self.l1BlobBaseFee
    if self.fork == CURIE:
        return (commit + blob * size) // PRECISION
    base: uint256 = (commit + blob) * size
    if self.fork == FEYNMAN:
        return base * self.penaltyFactor // PRECISION // PRECISION
    return (base + base * size // self.penaltyFactor) // PRECISION
