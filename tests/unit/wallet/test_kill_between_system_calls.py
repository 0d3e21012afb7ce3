"""kill -9 between any two system calls of a change to the wallet: the kernel stops the process at each one.

Uses ptrace(2): the child is stopped at every entry to and exit from the kernel, and killed at the n-th stop.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = r'''
import ctypes, os, signal, sys
from pathlib import Path
from keyring.backend import KeyringBackend
from desktop_app.core.clock import FixedClock
from desktop_app.wallet.keyring_backend import SystemKeyring
from desktop_app.wallet.sealing import Argon2Cost
from desktop_app.wallet.facts import WalletState
from desktop_app.wallet.wallet import Wallet

PTRACE_TRACEME, PTRACE_SYSCALL, PTRACE_SETOPTIONS, EXITKILL = 0, 24, 0x4200, 0x00100000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long

class FileKeyring(KeyringBackend):
    """A keyring in files, each written whole."""
    priority = 1
    def __init__(self, folder):
        super().__init__()
        self.folder = folder
    def get_password(self, service, username):
        path = self.folder / username
        return path.read_text() if path.exists() else None
    def set_password(self, service, username, password):
        part = self.folder / (username + ".part")
        part.write_text(password)
        part.replace(self.folder / username)
    def delete_password(self, service, username):
        (self.folder / username).unlink()

ADDRESS = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
OLD, NEW = "correct horse", "battery staple"
CHANGES = {
    "create": ("passphrase", None),
    "to passphrase": ("keyring", lambda w: w.change_protection("passphrase", NEW)),
    "new passphrase": ("passphrase", lambda w: w.change_passphrase(OLD, NEW)),
    "add": ("passphrase", lambda w: w.add_account("Second")),
    "lock": ("keyring", lambda w: w.lock()),
}
STEP = int(sys.argv[2])
allowed = {f"{FileKeyring.__module__}.{FileKeyring.__qualname__}": "File"}

def process(home):
    return Wallet(home / "vault.json", SystemKeyring(FileKeyring(home / "keys"), allowed=allowed),
                  FixedClock(0), Argon2Cost(8, 1, 1))

def make(home, protection):
    process(home).create(bytes(16), "Main", protection, OLD if protection == "passphrase" else None, True)

def traced(home, protection, act, stops):
    """Run the change in a child; kill it at stop number `stops`. True when it was killed."""
    child = os.fork()
    if child == 0:
        wallet = process(home)
        if act is not None:
            wallet.unlock(OLD)
        libc.ptrace(PTRACE_TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        make(home, protection) if act is None else act(wallet)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSTOPPED(status)
    libc.ptrace(PTRACE_SETOPTIONS, child, None, ctypes.c_void_p(EXITKILL))
    count = 0
    while True:
        if count == stops:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True
        if libc.ptrace(PTRACE_SYSCALL, child, None, None) != 0:
            sys.exit("no ptrace")
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, status
            return False
        if os.WIFSIGNALED(status):
            sys.exit(f"died of {os.WTERMSIG(status)}")
        count += 1

def opens(home):
    for passphrase in (OLD, NEW):
        try:
            wallet = process(home)
            wallet.unlock(passphrase)
            return wallet.signer().address == ADDRESS
        except Exception as error:
            problem = error
    print(repr(problem), file=sys.stderr)
    return False

root = Path(sys.argv[1])
make_first = root / "warm"
(make_first / "keys").mkdir(parents=True)
make(make_first, "passphrase")
process(make_first).unlock(OLD)
for change, (protection, act) in CHANGES.items():
    killed = 0
    for stops in range(0, 20_000, STEP):
        home = root / f"{change} {stops}"
        (home / "keys").mkdir(parents=True)
        if act is not None:
            make(home, protection)
        was_killed = traced(home, protection, act, stops)
        if act is None and process(home).facts().state is WalletState.ABSENT:
            assert was_killed
        elif not opens(home):
            sys.exit(f"{change}, killed at stop {stops}: nothing opens")
        if not was_killed:
            break
        killed += 1
    else:
        sys.exit(f"{change}: never finished")
    print(change, killed)
'''


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ptrace as Linux has it")
def test_a_wallet_killed_between_any_two_system_calls_opens_again(tmp_path: Path) -> None:
    program = tmp_path / "tracer.py"
    program.write_text(PROGRAM)
    # Every stop with COLOPHON_EVERY_SYSTEM_CALL=1; a fifth of them keeps the suite quick.
    step = "1" if os.environ.get("COLOPHON_EVERY_SYSTEM_CALL") == "1" else "5"
    root = Path(__file__).resolve().parents[3]
    result = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "data"), step],
        capture_output=True,
        text=True,
        timeout=280,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    if result.stderr.strip() == "no ptrace":
        pytest.skip("ptrace is not allowed here")
    assert result.returncode == 0, result.stderr
    counts = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in result.stdout.splitlines()}
    assert counts.keys() == {"create", "to passphrase", "new passphrase", "add", "lock"}
    assert min(counts.values()) > 5, counts
