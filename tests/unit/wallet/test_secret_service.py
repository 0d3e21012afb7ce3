"""The wallet against a real Secret Service: Debian's gnome-keyring on a D-Bus session of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MISSING = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.keyring,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]
ROOT = Path(__file__).resolve().parents[3]

STEP = """
import json, sys
from pathlib import Path
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import ColophonError
from desktop_app.core.settings import Settings
from desktop_app.services.wallet import WalletService
from desktop_app.wallet.keyring_backend import SystemKeyring
from desktop_app.wallet.sealing import Argon2Cost

step, home = sys.argv[1], Path(sys.argv[2])
keyring = SystemKeyring(time_limit=20)
settings = Settings(home / "settings.toml")
service = WalletService(home / "vault.json", settings, SystemClock(), keyring, Argon2Cost(8, 1, 1))

def entries():
    import secretstorage
    from contextlib import closing
    with closing(secretstorage.dbus_init()) as bus:
        items = secretstorage.Collection(bus).get_all_items()
        return [item.get_attributes()["service"] for item in items]

def lock_the_keyring():
    import secretstorage
    from contextlib import closing
    with closing(secretstorage.dbus_init()) as bus:
        secretstorage.Collection(bus).lock()

steps = {
    "create": lambda: service.create("keyring") and None,
    "sign": lambda: service.signer().address,
    "lock": service.lock,
    "unlock": service.unlock,
    "lock the keyring": lock_the_keyring,
    "to passphrase": lambda: service.change_protection("passphrase", "correct horse"),
    "unlock with passphrase": lambda: service.unlock("correct horse"),
    "entries": entries,
    "look": lambda: None,
}
answer = {"step": step}
try:
    answer["result"] = steps[step]()
except ColophonError as error:
    answer["error"] = error.code
status = service.keyring_status()
answer |= {"wallet": service.status().state.value, "keyring": status.state.value, "backend": status.backend}
print(json.dumps(answer))
"""

SESSION = """
echo -n pw | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
for i in $(seq 100); do
    "$PYTHON" -c 'import sys, secretstorage as s; b = s.dbus_init()
found = s.check_service_availability(b) and not s.Collection(b).is_locked()
b.close(); sys.exit(not found)' 2>/dev/null && break
    sleep 0.05
done
for step in "$@"; do "$PYTHON" "$STEP" "$step" "$DATA"; done
kill $keyring
wait $keyring
"""


def processes_with(text: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and folder.name != str(os.getpid()):
            try:
                if text.encode() in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_text())
            except OSError:
                continue
    return found


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Runs each step in a process of its own, all in one desktop session with a fresh, unlocked keyring."""

    def run(*steps: str) -> list[dict[str, Any]]:
        (tmp_path / "step.py").write_text(STEP)
        for name in ("home", "run", "data"):
            (tmp_path / name).mkdir(mode=0o700)
        unwanted = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment |= {
            "HOME": str(tmp_path / "home"),
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
            "XDG_DATA_HOME": str(tmp_path / "home" / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "home" / "config"),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "STEP": str(tmp_path / "step.py"),
            "DATA": str(tmp_path / "data"),
        }
        command = ["dbus-run-session", "--", "bash", "-c", SESSION, "session", *steps]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert len(lines) == len(steps), done.stderr
        limit = time.monotonic() + 5
        while (left := processes_with(str(tmp_path))) and time.monotonic() < limit:
            time.sleep(0.05)
        assert left == []
        return lines

    return run


def test_a_wallet_in_a_real_keyring_opens_locks_and_unlocks_across_processes(
    session: Callable[..., list[dict[str, Any]]],
) -> None:
    look, create, sign, lock, refused, unlock, again, entries = session(
        "look", "create", "sign", "lock", "sign", "unlock", "sign", "entries"
    )
    assert (look["keyring"], look["backend"], look["wallet"]) == ("usable", "Secret Service", "absent")
    assert create["wallet"] == "unlocked"
    assert sign["result"].startswith("0x")
    assert lock["wallet"] == "locked"
    assert refused["error"] == "wallet.locked"
    assert unlock["wallet"] == "unlocked"
    assert again["result"] == sign["result"]
    assert entries["result"] == ["Colophon"]


def test_a_locked_keyring_is_told_apart_and_nothing_is_lost(
    session: Callable[..., list[dict[str, Any]]],
) -> None:
    create, _, look, sign, move, marker = session(
        "create", "lock the keyring", "look", "sign", "to passphrase", "lock"
    )
    assert create["keyring"] == "usable"
    assert look["keyring"] == "locked"
    # No display: the keyring's own dialog cannot open, so the unlock is declined for the user.
    assert sign["error"] == "keyring.locked"
    assert move["error"] == "keyring.locked"
    assert marker["wallet"] == "locked"
    assert "error" not in marker


def test_moving_to_a_passphrase_takes_the_key_out_of_the_keyring(
    session: Callable[..., list[dict[str, Any]]],
) -> None:
    _, move, entries, sign, unlock = session(
        "create", "to passphrase", "entries", "sign", "unlock with passphrase"
    )
    assert "error" not in move
    assert entries["result"] == []
    assert sign["error"] == "wallet.locked"
    assert unlock["wallet"] == "unlocked"
