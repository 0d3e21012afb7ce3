"""Accounts and signatures against published vectors (BIP-44 test phrase, EIP-155, EIP-712)."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.backends.coincurve import CoinCurveECCBackend
from eth_utils import keccak

from desktop_app.core.errors import InvalidInputError
from desktop_app.wallet.accounts import address_of, eth_account_on_coincurve, private_key
from desktop_app.wallet.phrase import entropy_from_phrase, seed_from_entropy
from desktop_app.wallet.signer import AccountSigner

# The development accounts that Hardhat, Foundry and Ganache print.
DEVELOPMENT = "test test test test test test test test test test test junk"
DEVELOPMENT_ADDRESSES = [
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
]
MAIL = {
    "types": {
        "EIP712Domain": [
            {"name": "name", "type": "string"},
            {"name": "version", "type": "string"},
            {"name": "chainId", "type": "uint256"},
            {"name": "verifyingContract", "type": "address"},
        ],
        "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
        "Mail": [
            {"name": "from", "type": "Person"},
            {"name": "to", "type": "Person"},
            {"name": "contents", "type": "string"},
        ],
    },
    "primaryType": "Mail",
    "domain": {
        "name": "Ether Mail",
        "version": "1",
        "chainId": 1,
        "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
    },
    "message": {
        "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
        "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
        "contents": "Hello, Bob!",
    },
}


def seed(phrase: str) -> bytes:
    return seed_from_entropy(entropy_from_phrase(phrase))


def test_the_development_accounts_come_out() -> None:
    master = seed(DEVELOPMENT)
    assert [address_of(private_key(master, index)) for index in range(5)] == DEVELOPMENT_ADDRESSES
    first = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
    assert private_key(master, 0).hex() == first


def test_the_all_zero_phrase_has_its_published_address() -> None:
    first = address_of(private_key(seed("abandon " * 11 + "about"), 0))
    assert first == "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"


def test_an_account_index_out_of_range_is_refused() -> None:
    for index in (-1, 1000, 2**31):
        with pytest.raises(InvalidInputError):
            private_key(seed(DEVELOPMENT), index)


def test_signatures_come_from_the_c_library() -> None:
    assert isinstance(eth_account_on_coincurve()._keys.backend, CoinCurveECCBackend)


def test_the_example_of_eip155_is_signed_byte_for_byte() -> None:
    signer = AccountSigner("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F", lambda: b"\x46" * 32)
    transaction = {
        "nonce": 9,
        "gasPrice": 20 * 10**9,
        "gas": 21000,
        "to": "0x3535353535353535353535353535353535353535",
        "value": 10**18,
        "data": b"",
        "chainId": 1,
    }
    assert signer.sign_transaction(transaction).hex() == (
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a0"
        "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a0"
        "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    )


def test_a_fee_market_transaction_is_recovered_to_its_sender() -> None:
    key = private_key(seed(DEVELOPMENT), 1)
    signer = AccountSigner(address_of(key), lambda: key)
    transaction = {
        "type": 2,
        "chainId": 6516588,
        "nonce": 0,
        "maxFeePerGas": 2 * 10**9,
        "maxPriorityFeePerGas": 10**9,
        "gas": 50_000,
        "to": DEVELOPMENT_ADDRESSES[0],
        "value": 1,
        "data": b"\x01",
    }
    raw = signer.sign_transaction(transaction)
    assert raw[0] == 2
    assert Account.recover_transaction(raw) == DEVELOPMENT_ADDRESSES[1]


@pytest.mark.parametrize("chain_id", [None, 0])
def test_a_transaction_without_a_network_is_not_signed(chain_id: int | None) -> None:
    signer = AccountSigner(DEVELOPMENT_ADDRESSES[0], lambda: pytest.fail("the key was asked for"))
    transaction: dict[str, object] = {"nonce": 0, "gas": 21000, "gasPrice": 1, "value": 0}
    if chain_id is not None:
        transaction["chainId"] = chain_id
    with pytest.raises(InvalidInputError) as caught:
        signer.sign_transaction(transaction)
    assert caught.value.code == "wallet.no_chain_id"


def test_the_example_of_eip712_is_signed_byte_for_byte() -> None:
    key = keccak(b"cow")
    signer = AccountSigner(address_of(key), lambda: key)
    assert signer.address == "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
    signature = signer.sign_typed_data(MAIL)
    assert signature.hex() == (
        "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
        "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562"
        "1c"
    )
    assert (
        Account.recover_message(encode_typed_data(full_message=MAIL), signature=signature) == signer.address
    )


def test_a_signer_shows_its_address_only() -> None:
    key = b"\x46" * 32
    shown = repr(AccountSigner(address_of(key), lambda: key))
    assert shown == "AccountSigner(0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F)"
