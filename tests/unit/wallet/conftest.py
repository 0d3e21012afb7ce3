"""A real keyring back end that lives in memory, and wallets whose passphrase is cheap to try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from desktop_app.core.clock import FixedClock
from desktop_app.wallet.keyring_backend import SystemKeyring
from desktop_app.wallet.sealing import Argon2Cost
from desktop_app.wallet.wallet import Wallet

CHEAP = Argon2Cost(memory=8, passes=1, lanes=1)


class MemoryKeyring(KeyringBackend):
    """Keeps entries in a dict; `problem` is raised by every call while set."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.problem: Exception | None = None
        self.calls = 0

    def _call(self) -> None:
        self.calls += 1
        if self.problem is not None:
            raise self.problem

    def get_password(self, service: str, username: str) -> str | None:
        self._call()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._call()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._call()
        del self.entries[service, username]


def name_of(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


@pytest.fixture
def backend() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def keyring_of() -> Callable[..., SystemKeyring]:
    """Wraps a back end of a test, adding it to the allow-list."""

    def wrap(backend: KeyringBackend, time_limit: float = 10.0) -> SystemKeyring:
        return SystemKeyring(backend, time_limit, allowed={name_of(backend): "Test keyring"})

    return wrap


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(1_790_000_000)


@pytest.fixture
def cheap() -> Argon2Cost:
    return CHEAP


@pytest.fixture
def open_wallet(
    tmp_path: Path, backend: MemoryKeyring, clock: FixedClock, keyring_of: Callable[..., SystemKeyring]
) -> Callable[[], Wallet]:
    """Each call is a new process' view of the same vault file and keyring."""
    return lambda: Wallet(tmp_path / "home" / "vault.json", keyring_of(backend), clock, CHEAP)
