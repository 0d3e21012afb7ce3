"""No secret appears in anything the wallet prints, raises, logs or leaves on disk."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from keyring.errors import PasswordSetError

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import ColophonError
from desktop_app.wallet import phrase as phrases
from desktop_app.wallet.accounts import private_key
from desktop_app.wallet.keyring_backend import SystemKeyring
from desktop_app.wallet.redacted import OpenVault, OwnerSecrets
from desktop_app.wallet.wallet import Wallet

ENTROPY = bytes.fromhex("9e885d952ad362caeb4efe34a8e91bd2")
PHRASE = "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic"
SEED = phrases.seed_from_entropy(ENTROPY)
PASSPHRASE, OTHER = "Quetzal-Oboe-71", "Glockenspiel-92"


def spellings(secret: bytes) -> Iterator[str]:
    yield secret.hex()
    yield repr(secret)[2:-1]
    yield str(int.from_bytes(secret, "big"))


SECRETS = {
    PASSPHRASE,
    OTHER,
    PHRASE,
    *(word for word in PHRASE.split() if len(word) > 5),
    *spellings(ENTROPY),
    *spellings(SEED),
    *spellings(private_key(SEED, 0)),
    *spellings(private_key(SEED, 1)),
}


def leaks(text: str, keyring: Any) -> list[str]:
    keys = {value.rpartition(":")[2] for value in keyring.seen}
    return [secret for secret in SECRETS | keys if secret and secret in text]


@pytest.fixture
def watched(backend: Any) -> Any:
    """The keyring in memory, remembering every key that went through it."""
    backend.seen = set()
    store = backend.set_password

    def remember(service: str, username: str, password: str) -> None:
        backend.seen.add(password)
        store(service, username, password)

    backend.set_password = remember
    return backend


def everything_about(error: BaseException) -> str:
    """What a log, a crash report or a careless print could show of an exception and all behind it."""
    parts = []
    step: BaseException | None = error
    while step is not None:
        parts += [repr(step), str(step), repr(step.args), repr(getattr(step, "__dict__", {}))]
        parts += [repr(getattr(step, "object", "")), *getattr(step, "__notes__", [])]
        step = step.__cause__ or step.__context__
    return "\n".join([*parts, *traceback.format_exception(error)])


def test_errors_logs_and_files_of_a_whole_life_hold_no_secret(
    tmp_path: Path,
    watched: Any,
    clock: FixedClock,
    cheap: Any,
    keyring_of: Callable[..., SystemKeyring],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "home" / "vault.json"
    wallet = Wallet(path, keyring_of(watched), clock, cheap)
    shown: list[str] = []

    def fails(call: Callable[[], object]) -> None:
        with pytest.raises(ColophonError) as caught:
            call()
        shown.append(everything_about(caught.value))

    def look() -> None:
        opened = wallet._open
        shown.extend(
            [repr(wallet), str(wallet), repr(opened), str(opened), f"{opened}", repr(wallet.facts())]
        )

    for typed in (PHRASE + "s", PHRASE.replace("grab", "grabb"), PHRASE + " eight", PHRASE[:-7] + " zoo"):
        fails(lambda typed=typed: phrases.entropy_from_phrase(typed))
    fails(lambda: wallet.create(ENTROPY, "Main", "passphrase", PASSPHRASE + "\udcff", True))
    fails(lambda: wallet.create(ENTROPY, "Main", "passphrase", PASSPHRASE * 100, True))
    fails(lambda: wallet.create(ENTROPY, "Main", "nothing", PASSPHRASE, True))

    with monkeypatch.context() as patch:

        def out_of_memory(*arguments: object) -> bytes:
            raise MemoryError(arguments)

        patch.setattr("argon2.low_level.hash_secret_raw", out_of_memory)
        fails(lambda: wallet.create(ENTROPY, "Main", "passphrase", PASSPHRASE, True))

    wallet.create(ENTROPY, "Main", "passphrase", PASSPHRASE, backed_up=False)
    look()
    shown.extend([repr(wallet.signer()), repr(wallet.owner_secrets()), str(wallet.owner_secrets())])
    fails(lambda: wallet.create(ENTROPY, "Main", "passphrase", OTHER, True))
    fails(lambda: wallet.change_passphrase(OTHER, OTHER))
    fails(lambda: wallet.change_passphrase(PASSPHRASE, OTHER[:5]))
    fails(lambda: wallet.confirm_backup(dict(enumerate(PHRASE.replace("grab", "zoo").split(), 1))))
    wallet.change_passphrase(PASSPHRASE, OTHER)
    fails(lambda: wallet.unlock(PASSPHRASE))

    def refuse(service: str, username: str, password: str) -> None:
        watched.seen.add(password)
        raise PasswordSetError(f"cannot store {password}")

    with monkeypatch.context() as patch:
        patch.setattr(watched, "set_password", refuse)
        fails(lambda: wallet.change_protection("keyring", OTHER))
    wallet.change_protection("keyring", OTHER)
    look()
    wallet.add_account("Second")
    with pytest.raises(Exception) as caught:  # whatever eth-account says
        wallet.signer().sign_transaction({"chainId": 1, "nonce": "rubbish"})
    shown.append(everything_about(caught.value))
    wallet.lock()
    fails(wallet.signer)
    wallet.unlock()
    (place,) = watched.entries
    watched.entries[place] = watched.entries[place][:-4] + "0000"
    fails(Wallet(path, keyring_of(watched), clock, cheap).signer)
    path.write_bytes(path.read_bytes()[:-10])
    fails(wallet.signer)

    shown.extend(record.getMessage() for record in caplog.records)
    shown.append(caplog.text)
    shown.extend(capfd.readouterr())
    shown.extend(file.read_bytes().decode("latin-1") for file in path.parent.rglob("*") if file.is_file())
    everything = "\n".join(shown)
    assert len(shown) > 40
    assert len(watched.seen) >= 2
    assert leaks(everything, watched) == []


def test_the_search_itself_finds_what_it_looks_for(watched: Any) -> None:
    watched.set_password("Colophon", "vault a", "colophon-vault-key-1:" + "5e" * 32)
    for secret in (PASSPHRASE, SEED.hex(), repr(ENTROPY), "my picnic", "5e" * 32):
        assert leaks(f"... {secret} ...", watched)


@pytest.mark.parametrize("kind", [OwnerSecrets, OpenVault])
def test_secrets_are_neither_printed_nor_copied_nor_pickled(kind: type[Any]) -> None:
    held = OwnerSecrets(SEED) if kind is OwnerSecrets else OpenVault(b"k" * 32, ENTROPY, SEED)
    assert repr(held) == f"{type(held).__name__}([redacted])"
    assert f"{held} {held!s} {[held]} {vars(type(held))['__slots__']}".count("redacted") == 3
    assert not hasattr(held, "__dict__")
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            spread(held)


def test_a_locked_wallet_keeps_no_reference_to_its_secrets(open_wallet: Callable[[], Wallet]) -> None:
    # Other tests of this process may have left an open wallet to the collector.
    before = [held for held in gc.get_objects() if isinstance(held, OpenVault)]
    wallet = open_wallet()
    wallet.create(ENTROPY, "Main", "keyring", None, backed_up=True)
    signer = wallet.signer()
    assert wallet._open is not None
    wallet.lock()
    gc.collect()
    now = [held for held in gc.get_objects() if isinstance(held, OpenVault)]
    assert not [held for held in now if not any(held is other for other in before)]
    assert wallet._open is None
    assert signer.address
