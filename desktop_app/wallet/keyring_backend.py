"""The system keyring, through the `keyring` library and an allow-list of its back ends.

Every call runs on a thread of its own with a time limit, as a keyring may wait for a password dialog. Back
ends outside the list (plain files, terminal prompts, "null") are never used, whatever is configured.
"""

from __future__ import annotations

import hmac
import logging
import os
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from desktop_app.core.errors import ColophonError, NotFoundError, RefusedError, UnavailableError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
_log = logging.getLogger(__name__)

SERVICE = "Colophon"
ALLOWED = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Locker",
}
"""Back ends that keep secrets encrypted under the user's login, with the names that people know them by."""

_CHAINER = "keyring.backends.chainer.ChainerBackend"
_VALUE_PREFIX = "colophon-vault-key-1:"
_DENIED = ("PromptDismissedException", "KeychainDenied")
_LOCKED = ("KeyringLocked", "LockedException")
_ABSENT = ("NoKeyringError", "SecretServiceNotAvailableException")


class KeyringState(Enum):
    USABLE = "usable"
    NONE = "none"
    LOCKED = "locked"
    DENIED = "denied"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


@dataclass(frozen=True)
class KeyringStatus:
    """What can be expected of the keyring. `code` is worded in the "keyring" namespace."""

    state: KeyringState
    backend: str = ""

    @property
    def usable(self) -> bool:
        return self.state is KeyringState.USABLE

    @property
    def code(self) -> str:
        return f"keyring.{self.state.value}"


class KeyStore(Protocol):
    """Where vault keys live in keyring mode. Methods raise typed errors of the "keyring" namespace."""

    def status(self) -> KeyringStatus: ...
    def get(self, entry: str) -> bytes: ...
    def put(self, entry: str, key: bytes) -> None: ...
    def remove(self, entry: str) -> None: ...


class SystemKeyring:
    """The user's keyring. `time_limit` seconds leave room to type a password into the keyring's own dialog.

    `backend` skips detection (it must be allowed all the same).
    """

    def __init__(
        self,
        backend: KeyringBackend | None = None,
        time_limit: float = 60.0,
        allowed: dict[str, str] | None = None,
    ) -> None:
        self._given = backend
        self._time_limit = time_limit
        self._allowed = ALLOWED if allowed is None else allowed

    def status(self) -> KeyringStatus:
        """Look at the keyring without asking the user anything and without writing."""
        name = ""
        try:
            backend = self._limited(self._detect)
            name = self._allowed[_class_name(backend)]
            locked = self._limited(lambda: _is_locked(backend))
        except ColophonError as error:
            return KeyringStatus(_STATES.get(error.code, KeyringState.FAILED), name)
        return KeyringStatus(KeyringState.LOCKED if locked else KeyringState.USABLE, name)

    def get(self, entry: str) -> bytes:
        """The 32-byte key; raises NotFoundError("keyring.entry_missing") when the keyring has none."""
        value = self._limited(lambda: self._detect().get_password(SERVICE, entry))
        if value is None:
            raise NotFoundError("keyring.entry_missing")
        key = _key_from(value)
        if key is None:
            raise UnavailableError("keyring.failed", detail="entry")
        return key

    def put(self, entry: str, key: bytes) -> None:
        """Store a key and read it back; raises UnavailableError("keyring.not_kept") if another comes back."""
        value = _VALUE_PREFIX + key.hex()

        def write() -> str | None:
            backend = self._detect()
            backend.set_password(SERVICE, entry, value)
            return backend.get_password(SERVICE, entry)

        kept = self._limited(write)
        if kept is None or not hmac.compare_digest(kept.encode(), value.encode()):
            raise UnavailableError("keyring.not_kept")

    def remove(self, entry: str) -> None:
        """Delete a key; a missing one is fine."""

        def delete() -> None:
            backend = self._detect()
            if backend.get_password(SERVICE, entry) is not None:
                backend.delete_password(SERVICE, entry)

        self._limited(delete)

    def _detect(self) -> KeyringBackend:
        backend = self._given or _configured() or self._best()
        if _class_name(backend) == _CHAINER:
            inner = list(backend.backends)  # type: ignore[attr-defined]  # only the chainer has it
            if not inner or any(_class_name(one) not in self._allowed for one in inner):
                raise UnavailableError("keyring.none")
            backend = inner[0]
        if _class_name(backend) not in self._allowed:
            raise UnavailableError("keyring.none")
        return backend

    def _best(self) -> KeyringBackend:
        # Not keyring.get_keyring(): that loads every installed plug-in, caches its first finding for good,
        # and finds nothing in a frozen application.
        from keyring.backends import SecretService, Windows, kwallet, libsecret, macOS

        classes: list[type[KeyringBackend]] = [
            SecretService.Keyring,
            libsecret.Keyring,
            kwallet.DBusKeyring,
            kwallet.DBusKeyringKWallet4,
            macOS.Keyring,
            Windows.WinVaultKeyring,
        ]
        viable = [one for one in classes if one.viable]
        if not viable:
            raise UnavailableError("keyring.none")
        return max(viable, key=lambda one: one.priority)()

    def _limited(self, call: Callable[[], T]) -> T:
        """The call's result; raises a typed error without the original, whose frames may hold a key."""
        results: list[T] = []
        failures: list[ColophonError] = []

        def run() -> None:
            try:
                results.append(call())
            except ColophonError as error:
                failures.append(error)
            except BaseException as error:  # noqa: BLE001  # third-party code may raise anything
                failures.append(_typed(error))

        thread = threading.Thread(target=run, name="colophon-keyring", daemon=True)
        thread.start()
        thread.join(self._time_limit)
        if failures:
            raise failures[0]
        if not results:
            raise UnavailableError("keyring.timed_out", seconds=int(self._time_limit))
        return results[0]


_STATES = {f"keyring.{state.value}": state for state in KeyringState}


def _class_name(backend: object) -> str:
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"


def _configured() -> KeyringBackend | None:
    """What PYTHON_KEYRING_BACKEND or keyringrc.cfg names, if anything."""
    from keyring import core

    named = os.environ.get("PYTHON_KEYRING_BACKEND")
    if named and named not in ALLOWED and named != _CHAINER:
        raise UnavailableError("keyring.none")
    return (core.load_env() if named else None) or core.load_config()


def _is_locked(backend: KeyringBackend) -> bool:
    """Whether the next read will ask for a password, as far as that can be known without asking."""
    if ALLOWED.get(_class_name(backend)) != "Secret Service":
        return False
    import secretstorage

    with closing(secretstorage.dbus_init()) as connection:
        try:
            return bool(secretstorage.Collection(connection).is_locked())
        except secretstorage.ItemNotFoundException:
            return False


def _key_from(value: str) -> bytes | None:
    try:
        key = bytes.fromhex(value.removeprefix(_VALUE_PREFIX))
    except ValueError:
        return None
    return key if value.startswith(_VALUE_PREFIX) and len(key) == 32 else None


def _typed(error: BaseException) -> ColophonError:
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in chain:
        chain.append(step)
        step = step.__cause__ or step.__context__
    names = [type(one).__name__ for one in chain]
    remote = [str(getattr(one, "name", "")) for one in chain]
    if any(name in _DENIED for name in names) or "Cancelled by user" in str(error):
        return RefusedError("keyring.denied")
    if any(name.endswith("AccessDenied") for name in remote):
        return RefusedError("keyring.denied")
    if any(name in _ABSENT for name in names):
        return UnavailableError("keyring.none")
    if any(name in _LOCKED for name in names) or any(name.endswith("IsLocked") for name in remote):
        return UnavailableError("keyring.locked")
    return UnavailableError("keyring.failed", detail=", ".join(names))
