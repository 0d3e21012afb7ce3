"""A real Ethereum node for tests: anvil from npm, on a free port, always ended.

Install it with `npm ci --prefix packaging/npm`, or name another binary in COLOPHON_ANVIL.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PACKAGES = Path(__file__).resolve().parents[2] / "packaging" / "npm" / "node_modules" / "@foundry-rs"
_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:(\d+)")
_START_SECONDS = 20.0


@dataclass(frozen=True)
class Anvil:
    """A running node. `keys` are anvil's public development keys, `accounts` their rich addresses."""

    url: str
    process: subprocess.Popen[str]
    keys: tuple[str, ...]
    accounts: tuple[str, ...]


def anvil_binary() -> Path | None:
    """Where anvil is, None when it is not installed."""
    named = os.environ.get("COLOPHON_ANVIL")
    if named:
        return Path(named)
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = {"windows": "win32"}.get(platform.system().lower(), platform.system().lower())
    name = "anvil.exe" if system == "win32" else "anvil"
    packaged = _PACKAGES / f"anvil-{system}-{machine}" / "bin" / name
    if packaged.is_file():
        return packaged
    found = shutil.which("anvil")
    return Path(found) if found else None


@contextmanager
def running_anvil(*options: str, chain_id: int = 6516588, hardfork: str = "prague") -> Iterator[Anvil]:
    """Start anvil; skips the test where it is not installed.

    By default it mines a block per transaction and has the practice network's chain id.
    """
    binary = anvil_binary()
    if binary is None:
        pytest.skip("anvil is not installed (npm ci --prefix packaging/npm)")
    command = [str(binary), "--host", "127.0.0.1", "--port", "0", "--hardfork", hardfork]
    process = subprocess.Popen(
        [*command, "--chain-id", str(chain_id), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    reader = _Reader(process)
    try:
        yield reader.wait_until_ready()
    finally:
        process.kill()
        process.wait()
        reader.thread.join()
        if process.stdout is not None:
            process.stdout.close()


class _Reader:
    """Reads what anvil prints to the end, since a full pipe would stop it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.port = 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._read, name="anvil output")
        self.thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not self.ready.is_set():
                self.lines.append(line.rstrip())
            if match := _LISTENING.search(line):
                self.port = int(match.group(1))
                self.ready.set()
        self.ready.set()

    def wait_until_ready(self) -> Anvil:
        limit = time.monotonic() + _START_SECONDS
        self.ready.wait(_START_SECONDS)
        if not self.port or time.monotonic() > limit:
            raise RuntimeError("anvil did not start:\n" + "\n".join(self.lines[-20:]))
        text = "\n".join(self.lines)
        return Anvil(
            url=f"http://127.0.0.1:{self.port}",
            process=self.process,
            keys=tuple(re.findall(r"\(\d+\) (0x[0-9a-f]{64})", text)),
            accounts=tuple(re.findall(r"\(\d+\) (0x[0-9a-fA-F]{40}) ", text)),
        )
