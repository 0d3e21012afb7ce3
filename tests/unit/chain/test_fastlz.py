from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.data_fees import fjord_fee, fjord_size
from desktop_app.chain.fastlz import fastlz_size

# A real contract call and its size, from op-geth's TestFlzCompressLen.
CONTRACT_CALL = (
    "02f901550a758302df1483be21b88304743f94f80e51afb613d764fa61751affd3313c190a86bb870151bd62fd12adb8e41ef24f3f"
    "000000000000000000000000000000000000000000000000000000000000006e000000000000000000000000af88d065e77c8cc223"
    "9327c5edb3a432268e5831000000000000000000000000000000000000000000000000000000000003c1e500000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000a000"
    "000000000000000000000000000000000000000000000000000000000000148c89ed219d02f1a5be012c689b4f5b731827bebe0000"
    "00000000000000000000c001a033fd89cb37c31b2cba46b6466e040c61fc9b2a3675a7f5f493ebd5ad77c497f8a07cdf65680e2383"
    "92693019b4092f610222e71b7cec06449cb922b93b6a12744e"
)


@pytest.mark.parametrize(
    ("raw", "size"),
    [
        (b"", 0),
        (b"\x01" * 1000, 21),
        (bytes(1000), 21),
        (bytes.fromhex("facade"), 4),
        (bytes.fromhex("dd80808094095e7baea6a6c7c4c2dfeb977efac326af552d878080808080"), 31),
        (bytes.fromhex(CONTRACT_CALL), 202),
    ],
)
def test_sizes_are_those_of_op_geth(raw: bytes, size: int) -> None:
    assert fastlz_size(raw) == size


@given(st.lists(st.one_of(st.binary(max_size=40), st.just(bytes(300)), st.just(b"again and ")), max_size=30))
def test_compression_never_grows_beyond_its_bound(parts: list[bytes]) -> None:
    raw = b"".join(parts)
    assert 0 <= fastlz_size(raw) <= len(raw) + len(raw) // 32 + 1
    assert (fastlz_size(raw) == 0) == (not raw)


@given(st.integers(1, 3000))
def test_repetition_costs_next_to_nothing(count: int) -> None:
    assert fastlz_size(b"\x07" * count) <= 16 + 3 * (count // 262 + 2)


def test_the_fee_is_the_one_that_a_real_receipt_charged() -> None:
    """OP Mainnet, 13 May 2026, transaction 0xca5a3c6b…53685: prices, scalars and l1Fee as in its receipt."""
    fee = fjord_fee(fjord_size(1), 0xCDB8F78, 0xA92FC3, 0x146B, 0xF79C5)
    assert fee == 0xAE8F1995


@given(st.integers(0, 10**5), st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_longer_transaction_never_costs_less(size: int, base_fee: int, blob_fee: int) -> None:
    def cost(fastlz: int) -> int:
        return fjord_fee(fjord_size(fastlz), base_fee, blob_fee, 2_269, 1_055_762)

    assert cost(size) <= cost(size + 1)
    assert fjord_size(size) >= 100_000_000
