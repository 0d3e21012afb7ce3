# pragma version 0.4.3
"""
@title A price feed for tests
@notice Chainlink's AggregatorV3Interface as its proxies give it: rounds that never change, numbered
        `phase << 64 | round`. Anyone may tell it anything, nonsense too.
"""


struct Round:
    answer: int256
    updated_at: uint256


decimals: public(uint8)
description: public(String[64])
version: public(uint256)
_rounds: HashMap[uint80, Round]
_latest: uint80


@deploy
def __init__(decimals: uint8, description: String[64]):
    self.decimals = decimals
    self.description = description
    self.version = 4


@external
def tell(round_id: uint80, answer: int256, updated_at: uint256):
    self._rounds[round_id] = Round(answer=answer, updated_at=updated_at)
    self._latest = round_id


@external
@view
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    return self._told(self._latest)


@external
@view
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    return self._told(round_id)


@internal
@view
def _told(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    told: Round = self._rounds[round_id]
    assert told.updated_at != 0 or told.answer != 0, "No data present"
    return round_id, told.answer, told.updated_at, told.updated_at, round_id
