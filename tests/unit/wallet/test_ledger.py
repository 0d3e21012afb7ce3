"""A Ledger as signer: what goes over USB, and what is done when device, owner or cable says no."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st
from unit.wallet.fake_ledger import FakeLedger

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import (
    ColophonError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.services.wording import message
from desktop_app.wallet.backup import create_backup, open_backup
from desktop_app.wallet.ledger import PATH, LedgerSigner, addresses
from desktop_app.wallet.ledger_transport import LedgerTransport, frames, open_hid
from desktop_app.wallet.vault import path_is_usable
from desktop_app.wallet.wallet import Wallet

OWN = PATH.format(index=1)
TRANSACTION = {
    "type": 2,
    "chainId": 8453,
    "nonce": 7,
    "to": "0x" + "11" * 20,
    "value": 10**17,
    "data": "0x",
    "gas": 21_000,
    "maxFeePerGas": 2 * 10**9,
    "maxPriorityFeePerGas": 10**6,
}
TYPED: dict[str, Any] = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}],
        "Mail": [{"name": "contents", "type": "string"}],
    },
    "primaryType": "Mail",
    "domain": {"name": "Colophon"},
    "message": {"contents": "Hello"},
}


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def signer(ledger: FakeLedger) -> LedgerSigner:
    return LedgerSigner(ledger.address(OWN), OWN, ledger)


@pytest.mark.parametrize("length", [0, 1, 100, 190, 200, 255, 256, 1_000, 5_000])
def test_a_transaction_of_any_length_is_signed_by_the_device(
    length: int, ledger: FakeLedger, signer: LedgerSigner
) -> None:
    transaction = {**TRANSACTION, "data": "0x" + "5a" * length}
    raw = signer.sign_transaction(transaction)
    assert Account.recover_transaction(raw) == signer.address
    expected = Account.sign_transaction({**transaction}, ledger._key(OWN))
    assert raw == bytes(expected.raw_transaction), "byte for byte as with the key here (RFC 6979)"
    assert len(ledger.signed) == 1
    assert ledger.closed == ledger.opened == 1


@pytest.mark.parametrize("offset", [0, 27])
def test_typed_data_is_signed_by_its_two_hashes(
    offset: int, ledger: FakeLedger, signer: LedgerSigner
) -> None:
    ledger.typed_v = offset
    signature = signer.sign_typed_data(TYPED)
    signable = encode_typed_data(full_message=TYPED)
    assert ledger.signed == [bytes(signable.header) + bytes(signable.body)]
    assert Account.recover_message(signable, signature=signature) == signer.address


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (0x6985, "ledger.declined"),
        (0x5515, "ledger.locked"),
        (0x6D00, "ledger.no_app"),
        (0x6511, "ledger.no_app"),
        (0x6A80, "ledger.blind_signing"),
        (0x6F42, "ledger.refused"),
    ],
)
def test_each_refusal_of_the_device_has_its_own_words(
    status: int, code: str, ledger: FakeLedger, signer: LedgerSigner
) -> None:
    ledger.status = status
    for sign in (lambda: signer.sign_transaction(TRANSACTION), lambda: signer.sign_typed_data(TYPED)):
        with pytest.raises(RefusedError) as caught:
            sign()
        assert caught.value.code == code
        assert all(vars(message(caught.value)).values())
    assert ledger.closed == ledger.opened == 2


def test_another_device_is_noticed_before_anything_is_signed(signer: LedgerSigner) -> None:
    other = FakeLedger(seed=b"\x07" * 64)
    wrong = LedgerSigner(signer.address, OWN, other)
    for act in (
        lambda: wrong.sign_transaction(TRANSACTION),
        lambda: wrong.sign_typed_data(TYPED),
        wrong.show_address,
    ):
        with pytest.raises(RefusedError, match="other_device"):
            act()
    assert other.signed == []


def test_a_device_that_signs_something_else_is_not_believed(
    ledger: FakeLedger, signer: LedgerSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ledger._key
    calls = []

    def changing(path: str) -> bytes:
        calls.append(path)
        return real(path) if len(calls) < 3 else bytes(31) + b"\x01"

    monkeypatch.setattr(ledger, "_key", changing)
    with pytest.raises(RefusedError, match="other_device"):
        signer.sign_transaction(TRANSACTION)


def test_a_transaction_without_a_network_is_not_even_sent_to_the_device(
    ledger: FakeLedger, signer: LedgerSigner
) -> None:
    with pytest.raises(InvalidInputError, match="no_chain_id"):
        signer.sign_transaction({**TRANSACTION, "chainId": 0})
    assert ledger.opened == 0


def test_a_silent_device_is_given_up(ledger: FakeLedger, signer: LedgerSigner) -> None:
    ledger.silent = True
    with pytest.raises(UnavailableError, match="silent"):
        signer.sign_transaction(TRANSACTION)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame[:3],
        lambda frame: b"\x02" + frame[1:],
        lambda frame: frame[:4] + b"\x09" + frame[5:],
        lambda frame: frame[:5] + b"\xff\xff" + frame[7:],
        lambda frame: frame[:5] + b"\0\0" + frame[7:],
        lambda frame: frame[:7] + b"\x05" + frame[8:],
        lambda frame: frame[:7] + bytes(57),
    ],
)
def test_frames_that_make_no_sense_end_in_words(
    spoil: Callable[[bytes], bytes], ledger: FakeLedger, signer: LedgerSigner
) -> None:
    ledger.spoil = spoil
    with pytest.raises(ColophonError) as caught:
        signer.sign_transaction(TRANSACTION)
    assert caught.value.code.startswith("ledger.")


@given(st.lists(st.binary(max_size=64), max_size=6))
def test_whatever_a_device_sends_is_an_answer_or_an_error(sent: list[bytes]) -> None:
    class Strange:
        def write(self, data: bytes) -> int:
            return len(data)

        def read(self, size: int, timeout_ms: int) -> bytes:
            return sent.pop(0) if sent else b""

        def close(self) -> None: ...

    with LedgerTransport(Strange(), FixedClock(0)) as device:
        try:
            device.exchange(0x02, 0, b"")
        except ColophonError as error:
            assert error.code.startswith("ledger.")


@given(st.binary(min_size=1, max_size=260))
def test_frames_hold_the_whole_command(apdu: bytes) -> None:
    cut = frames(apdu)
    assert all(len(frame) == 64 for frame in cut)
    whole = b"".join(frame[5:] for frame in cut)
    assert whole[2 : 2 + int.from_bytes(whole[:2], "big")] == apdu


def test_a_cable_that_breaks_is_explained(signer: LedgerSigner, ledger: FakeLedger) -> None:
    def broken(_: bytes) -> int:
        raise OSError("write error")

    ledger.write = broken  # type: ignore[method-assign]
    with pytest.raises(UnavailableError, match="not_reachable"):
        signer.sign_transaction(TRANSACTION)
    assert ledger.closed == 1


def test_without_a_device_it_says_so() -> None:
    pytest.importorskip("hid", reason="hidapi is not installed")
    with pytest.raises(UnavailableError, match="not_found"):
        open_hid()


def test_the_first_accounts_of_a_device_are_listed(ledger: FakeLedger) -> None:
    assert addresses(3, ledger) == tuple(
        (PATH.format(index=n), ledger.address(PATH.format(index=n))) for n in range(3)
    )


@pytest.mark.parametrize("path", ["44'/60'/0'/0/0", "44'/60'/0'/3", "44'/60'/7'"])
def test_usual_paths_are_usable(path: str) -> None:
    assert path_is_usable(path)


@pytest.mark.parametrize(
    "path", ["", "44'/0'/0'/0/0", "m/44'/60'/0'", "44'/60'/2147483648'", "44'/60'/x", "44'/60'/0/0/0/0"]
)
def test_other_paths_are_not(path: str) -> None:
    assert not path_is_usable(path)


# In the wallet


@pytest.fixture
def wallet(tmp_path: Path, backend: Any, keyring_of: Any, clock: FixedClock, cheap: Any, ledger: Any) -> Any:
    made = Wallet(
        tmp_path / "vault.json",
        keyring_of(backend),
        clock,
        cheap,
        lambda address, path: LedgerSigner(address, path, ledger),
    )
    made.create(bytes(16), "Main", "keyring", None, backed_up=True)
    return made


def test_an_account_of_a_device_is_chosen_signed_for_renamed_and_removed(
    wallet: Wallet, ledger: FakeLedger
) -> None:
    address = ledger.address(OWN)
    wallet.add_device("Vault", address, OWN)
    wallet.select_account(address)
    assert wallet.signer().address == address
    assert Account.recover_transaction(wallet.signer().sign_transaction(TRANSACTION)) == address
    assert wallet.rename_account(address, "Safe").name == "Safe"
    with pytest.raises(RefusedError, match="name_taken"):
        wallet.add_account("safe")
    with pytest.raises(RefusedError, match="device_known"):
        wallet.add_device("Another", address, OWN)
    with pytest.raises(InvalidInputError, match="device_path"):
        wallet.add_device("Another", "0x" + "11" * 20, "0/1")
    header = wallet.facts().header
    assert header is not None
    with pytest.raises(RefusedError, match="not_a_device"):
        wallet.remove_device(header.accounts[0].address)
    wallet.remove_device(address)
    after = wallet.facts().header
    assert after is not None
    assert (after.devices, after.active) == ((), header.accounts[0].address)
    with pytest.raises(NotFoundError):
        wallet.signer(address)


def test_a_locked_wallet_hands_out_no_signer_for_a_device_either(wallet: Wallet, ledger: FakeLedger) -> None:
    wallet.add_device("Vault", ledger.address(OWN), OWN)
    wallet.lock()
    with pytest.raises(RefusedError, match="locked"):
        wallet.signer(ledger.address(OWN))


def test_accounts_of_a_device_are_in_the_backup(
    wallet: Wallet, ledger: FakeLedger, tmp_path: Path, cheap: Any
) -> None:
    device = wallet.add_device("Vault", ledger.address(OWN), OWN)
    wallet.select_account(device.address)
    path = tmp_path / "saved"
    create_backup(path, "correct horse", wallet.contents(), {}, 0, cost=cheap)
    with open_backup(path, "correct horse") as backup:
        assert backup.wallet.devices == (device,)
        assert backup.wallet.active == device.address
        backup.finish()
