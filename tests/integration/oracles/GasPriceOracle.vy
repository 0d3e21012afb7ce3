# pragma version 0.4.3
"""
@title The GasPriceOracle of an OP Stack network as its specifications publish it, for tests
@notice ethereum-optimism/specs: ecotone, fjord (FastLZ size), isthmus and jovian (operator fee).
        Mantle's has `tokenRatio` besides.
"""

MOST: constant(uint256) = 4096
SIGNATURE: constant(uint256) = 68
ECOTONE: constant(uint256) = 0
FJORD: constant(uint256) = 1
ISTHMUS: constant(uint256) = 2
JOVIAN: constant(uint256) = 3

fork: public(uint256)
l1BaseFee: public(uint256)
blobBaseFee: public(uint256)
baseFeeScalar: public(uint256)
blobBaseFeeScalar: public(uint256)
operator_scalar: uint256
operator_constant: uint256
tokenRatio: public(uint256)


@external
def configure(
    fork: uint256,
    prices: uint256[2],
    scalars: uint256[2],
    operator: uint256[2],
    ratio: uint256,
):
    self.fork = fork
    self.l1BaseFee = prices[0]
    self.blobBaseFee = prices[1]
    self.baseFeeScalar = scalars[0]
    self.blobBaseFeeScalar = scalars[1]
    self.operator_scalar = operator[0]
    self.operator_constant = operator[1]
    self.tokenRatio = ratio


@external
@view
def getL1Fee(data: Bytes[MOST]) -> uint256:
    if self.fork == ECOTONE:
        price: uint256 = self.baseFeeScalar * 16 * self.l1BaseFee + self.blobBaseFeeScalar * self.blobBaseFee
        return self._calldata_gas(data) * price // 16000000
    return self._fjord(self._fastlz(data) + SIGNATURE)


@external
@view
def getL1FeeUpperBound(size: uint256) -> uint256:
    assert self.fork >= FJORD, "only supports Fjord"
    whole: uint256 = size + SIGNATURE
    return self._fjord(whole + whole // 255 + 16)


@external
@view
def getOperatorFee(gas_used: uint256) -> uint256:
    if self.fork < ISTHMUS:
        return 0
    if self.fork == ISTHMUS:
        return gas_used * self.operator_scalar // 1000000 + self.operator_constant
    return gas_used * self.operator_scalar * 100 + self.operator_constant


@internal
@view
def _fjord(fastlz: uint256) -> uint256:
    size: uint256 = 100000000
    if 836500 * fastlz > 142585600:
        size = 836500 * fastlz - 42585600
    price: uint256 = self.baseFeeScalar * 16 * self.l1BaseFee + self.blobBaseFeeScalar * self.blobBaseFee
    return size * price // 1000000000000


@internal
@pure
def _calldata_gas(data: Bytes[MOST]) -> uint256:
    total: uint256 = SIGNATURE * 16
    for place: uint256 in range(len(data), bound=MOST):
        total += 4 if slice(data, place, 1) == b"\x00" else 16
    return total


@internal
@pure
def _three(data: Bytes[MOST], place: uint256) -> uint256:
    high_first: uint256 = convert(slice(data, place, 3), uint256)
    return (high_first >> 16) | (high_first & 65280) | ((high_first & 255) << 16)


@internal
@pure
def _literals(count: uint256) -> uint256:
    rest: uint256 = count % 32
    return 33 * (count // 32) + (0 if rest == 0 else rest + 1)


@internal
@pure
def _fastlz(data: Bytes[MOST]) -> uint256:
    if len(data) < 16:
        return self._literals(len(data))
    heads: uint256[8192] = empty(uint256[8192])
    limit: uint256 = len(data) - 13
    size: uint256 = 0
    anchor: uint256 = 0
    place: uint256 = 2
    for _: uint256 in range(MOST):
        if place >= limit:
            break
        start: uint256 = 0
        found: bool = False
        for __: uint256 in range(MOST):
            three: uint256 = self._three(data, place)
            slot: uint256 = ((2654435769 * three) % 4294967296) >> 19
            start = heads[slot]
            heads[slot] = place
            far: uint256 = place - start
            if place >= limit:
                break
            place += 1
            if far <= 8191 and three == self._three(data, start):
                found = True
                break
        if not found or place >= limit:
            break
        place -= 1
        if place > anchor:
            size += self._literals(place - anchor)
        length: uint256 = 0
        for ___: uint256 in range(MOST):
            if place + 3 + length >= limit + 9:
                break
            same: bool = slice(data, start + 3 + length, 1) == slice(data, place + 3 + length, 1)
            length += 1
            if not same:
                break
        size += 3 * ((length - 1) // 262)
        size += 3 if (length - 1) % 262 >= 6 else 2
        place += length
        for ____: uint256 in range(2):
            heads[((2654435769 * self._three(data, place)) % 4294967296) >> 19] = place
            place += 1
        anchor = place
    return size + self._literals(len(data) - anchor)
