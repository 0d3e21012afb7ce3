"""Power loss between any two system calls leaves the old vault or the new one, never none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import ColophonError
from desktop_app.wallet import durable
from desktop_app.wallet.durable import replace_file
from desktop_app.wallet.facts import WalletState
from desktop_app.wallet.wallet import Wallet

SYSTEM_CALLS = ("open", "write", "fsync", "close", "replace", "unlink")
ADDRESS = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
OLD, NEW = "correct horse", "battery staple"


class PowerCutError(BaseException):
    """Not an Exception: no handler of the app may catch it."""


@contextmanager
def power_cut(monkeypatch: pytest.MonkeyPatch, at: int, keyring: Any = None) -> Iterator[list[str]]:
    """From the `at`-th call on nothing reaches the disk or the keyring; a write is cut in half."""
    calls: list[str] = []
    opened: set[int] = set()
    real_close = os.close

    def guarded(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            if len(calls) > at:
                if name == "write" and len(calls) == at + 1:
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                raise PowerCutError(name)
            result = real(*args, **kwargs)
            if name == "open":
                opened.add(result)
            if name == "close":
                opened.discard(args[0])
            return result

        return call

    with monkeypatch.context() as patch:
        for name in SYSTEM_CALLS:
            patch.setattr(os, name, guarded(name, getattr(os, name)))
        if keyring is not None:
            for name in ("get_password", "set_password", "delete_password"):
                patch.setattr(keyring, name, guarded(name, getattr(keyring, name)))
        yield calls
    for handle in opened:
        real_close(handle)


def test_a_file_is_old_or_new_whenever_the_power_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    seen = set()
    for at in range(100):
        path.write_bytes(b"old" * 100)
        with power_cut(monkeypatch, at) as calls:
            try:
                replace_file(path, b"new" * 200)
                finished = True
            except PowerCutError:
                finished = False
        seen.add(path.read_bytes())
        assert path.read_bytes() in (b"old" * 100, b"new" * 200), calls
        if finished:
            assert path.read_bytes() == b"new" * 200
            break
    else:
        pytest.fail("never finished")
    assert at >= 6
    assert len(seen) == 2


def test_the_data_is_synced_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with power_cut(monkeypatch, 1000) as calls:
        replace_file(tmp_path / "file", b"data")
    expected = ["open", "write", "fsync", "close", "replace"]
    assert calls[:5] == expected
    assert calls[5:] == ([] if os.name == "nt" else ["open", "fsync", "close"])


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:7]))
    replace_file(tmp_path / "file", bytes(range(100)))
    assert (tmp_path / "file").read_bytes() == bytes(range(100))


def test_a_failed_write_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(tmp_path / "file", b"data")
    assert list(tmp_path.iterdir()) == []


CHANGES: dict[str, tuple[str, Callable[[Wallet], object]]] = {
    "add account": ("keyring", lambda wallet: wallet.add_account("Second")),
    "lock": ("keyring", lambda wallet: wallet.lock()),
    "to passphrase": ("keyring", lambda wallet: wallet.change_protection("passphrase", NEW)),
    "to keyring": ("passphrase", lambda wallet: wallet.change_protection("keyring", OLD)),
    "new passphrase": ("passphrase", lambda wallet: wallet.change_passphrase(OLD, NEW)),
}


def opens(wallet: Wallet) -> bool:
    for passphrase in (OLD, NEW):
        try:
            wallet.unlock(passphrase)
        except ColophonError:
            continue
        return wallet.signer().address == ADDRESS
    return False


@pytest.mark.parametrize("change", CHANGES)
def test_the_wallet_opens_whenever_the_power_goes(
    change: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    backend: Any,
    keyring_of: Callable[..., Any],
    clock: FixedClock,
    cheap: Any,
) -> None:
    protection, act = CHANGES[change]
    for at in range(100):
        home = tmp_path / str(at)

        def process(home: Path = home) -> Wallet:
            return Wallet(home / "vault.json", keyring_of(backend), clock, cheap)

        wallet = process()
        wallet.create(
            bytes(16), "Main", protection, OLD if protection == "passphrase" else None, backed_up=True
        )
        with power_cut(monkeypatch, at, backend) as calls:
            try:
                act(wallet)
                finished = True
            except (PowerCutError, ColophonError):
                # A call into the keyring fails as an error of its own thread.
                finished = False
        assert opens(process()), (change, calls)
        if finished and len(calls) <= at:
            assert at >= 6
            return
        # The leftovers of the cut do not stand in the way of the next change.
        later = process()
        assert opens(later)
        later.rename_account(ADDRESS, "Songs")
        assert {path.name for path in home.iterdir()} == {"vault.json", ".vault.json.lock"}
    pytest.fail("never finished")


def test_a_power_cut_during_creation_leaves_a_whole_wallet_or_none(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    backend: Any,
    keyring_of: Callable[..., Any],
    clock: FixedClock,
    cheap: Any,
) -> None:
    states = set()
    for at in range(100):
        path = tmp_path / str(at) / "vault.json"
        with power_cut(monkeypatch, at, backend) as calls:
            try:
                Wallet(path, keyring_of(backend), clock, cheap).create(
                    bytes(16), "Main", "keyring", None, True
                )
                finished = len(calls) <= at
            except (PowerCutError, ColophonError):
                finished = False
        wallet = Wallet(path, keyring_of(backend), clock, cheap)
        state = wallet.facts()[0]
        states.add(state)
        assert state is WalletState.ABSENT or opens(wallet)
        if finished:
            break
    assert states == {WalletState.ABSENT, WalletState.UNLOCKED}


def test_an_error_after_the_replacement_does_not_take_the_key_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_wallet: Callable[[], Wallet]
) -> None:
    def failing(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "sync_folder", failing)
        with pytest.raises(ColophonError):
            open_wallet().create(bytes(16), "Main", "keyring", None, backed_up=False)
    assert opens(open_wallet())


KILLER = '''
"""Forks a child per system call; the child kills itself there (SIGKILL), the parent looks at what is left."""
import os, signal, sys
from pathlib import Path
from keyring.backend import KeyringBackend
from desktop_app.core.clock import FixedClock
from desktop_app.wallet.keyring_backend import SystemKeyring
from desktop_app.wallet.sealing import Argon2Cost
from desktop_app.wallet.wallet import Wallet

class FileKeyring(KeyringBackend):
    priority = 1
    def __init__(self, folder):
        super().__init__()
        self.folder = folder
    def get_password(self, service, username):
        path = self.folder / username
        return path.read_text() if path.exists() else None
    def set_password(self, service, username, password):
        (self.folder / username).write_text(password)
    def delete_password(self, service, username):
        (self.folder / username).unlink()

OLD, NEW = "correct horse", "battery staple"
CHANGES = {
    "add": ("keyring", lambda w: w.add_account("Second")),
    "to passphrase": ("keyring", lambda w: w.change_protection("passphrase", NEW)),
    "to keyring": ("passphrase", lambda w: w.change_protection("keyring", OLD)),
    "new passphrase": ("passphrase", lambda w: w.change_passphrase(OLD, NEW)),
}

def arm(at, backend):
    count = 0
    def armed(real):
        def call(*args, **kwargs):
            nonlocal count
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return real(*args, **kwargs)
        return call
    for name in ("open", "write", "fsync", "close", "replace", "unlink"):
        setattr(os, name, armed(getattr(os, name)))
    for name in ("get_password", "set_password", "delete_password"):
        setattr(backend, name, armed(getattr(backend, name)))

root = Path(sys.argv[1])
killed = 0
for change, (protection, act) in CHANGES.items():
    for at in range(60):
        home = root / f"{change} {at}"
        keys = home / "keys"
        keys.mkdir(parents=True)
        backend = FileKeyring(keys)
        allowed = {f"{FileKeyring.__module__}.{FileKeyring.__qualname__}": "File"}
        def process():
            keyring = SystemKeyring(backend, allowed=allowed)
            return Wallet(home / "vault.json", keyring, FixedClock(0), Argon2Cost(8, 1, 1))
        process().create(bytes(16), "Main", protection, OLD if protection == "passphrase" else None, True)
        child = os.fork()
        if child == 0:
            wallet = process()
            wallet.unlock(OLD)
            arm(at, backend)
            act(wallet)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        wallet = process()
        for passphrase in (OLD, NEW):
            try:
                wallet.unlock(passphrase)
                break
            except Exception as error:
                problem = error
        else:
            sys.exit(f"{change}, killed at {at}: {problem!r}")
        assert wallet.signer().address == "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, (change, at, status)
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        killed += 1
    else:
        sys.exit(f"{change}: never finished")
print("killed", killed)
'''


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system lacks")
def test_kill_9_at_every_system_call_leaves_a_wallet_that_opens(tmp_path: Path) -> None:
    program = tmp_path / "killer.py"
    program.write_text(KILLER)
    result = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("killed ")
    assert int(result.stdout.split()[1]) > 30
