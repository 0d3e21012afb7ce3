"""AES-256 in counter mode on the EVM is AES-256 in counter mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from eth_abi.abi import decode
from harness.evm import Contract, account
from harness.world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SOURCES = Path(__file__).parents[2] / "resources" / "contracts"
WRAPPER = """
# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
import aes_counter
@external
@pure
def crypt(key: bytes32, first: uint256, piece: Bytes[1024]) -> Bytes[1024]:
    return aes_counter.crypt(key, first, piece)
"""


@pytest.fixture(scope="module")
def aes(_fast: object, _reference: object) -> Contract:
    compiler = pytest.importorskip("vyper.compiler", reason="the Vyper compiler is not installed")
    from vyper.compiler.input_bundle import FilesystemInputBundle

    world: World = (_fast or _reference)[0]  # type: ignore[index]
    built = compiler.compile_code(
        WRAPPER, output_formats=["abi", "bytecode"], input_bundle=FilesystemInputBundle([SOURCES])
    )
    return Contract(world.evm, world.evm.deploy(bytes.fromhex(built["bytecode"][2:])), built["abi"])


def crypt(aes: Contract, key: bytes, first: int, piece: bytes) -> bytes:
    call = aes.data("crypt", key, first, piece)
    return bytes(decode(["bytes"], aes.evm.call(aes.address, call, account(0)))[0])


def test_the_example_of_the_standard(aes: Contract) -> None:
    """AESAVS (NIST), the known answer for the zero key and the zero block."""
    assert crypt(aes, bytes(32), 0, bytes(16)).hex() == "dc95c078a2408989ad48a21492842087"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    key=st.binary(min_size=32, max_size=32),
    first=st.one_of(
        st.integers(0, 2**96 - 65), st.integers(2**32 - 65, 2**32), st.integers(2**64 - 65, 2**64)
    ),
    piece=st.binary(min_size=1, max_size=1024),
)
def test_it_is_the_same_as_anywhere_else(aes: Contract, key: bytes, first: int, piece: bytes) -> None:
    expected = Cipher(AES256(key), CTR(first.to_bytes(16, "big"))).encryptor().update(piece)
    assert crypt(aes, key, first, piece) == expected
    assert crypt(aes, key, first, expected) == piece
