"""The system keyring: which back ends are used, and how each trouble is told apart."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, chainer, fail, null

from desktop_app.core.errors import ColophonError, NotFoundError, RefusedError, UnavailableError
from desktop_app.wallet.keyring_backend import ALLOWED, KeyringState, SystemKeyring

KEY = bytes(range(32))
KeyringOf = Callable[..., SystemKeyring]


@pytest.fixture
def no_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A session without D-Bus and without a keyring configuration, as on a server or in CI."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))


def failure(call: Callable[[], object]) -> ColophonError:
    with pytest.raises(ColophonError) as caught:
        call()
    return caught.value


def test_a_key_is_kept_read_back_and_removed(backend: Any, keyring_of: KeyringOf) -> None:
    ring = keyring_of(backend)
    ring.put("vault a", KEY)
    assert ring.get("vault a") == KEY
    assert list(backend.entries) == [("Colophon", "vault a")]
    ring.remove("vault a")
    ring.remove("vault a")
    with pytest.raises(NotFoundError):
        ring.get("vault a")
    assert ring.status().state is KeyringState.USABLE
    assert ring.status().backend == "Test keyring"


def test_a_keyring_that_keeps_something_else_is_noticed(backend: Any, keyring_of: KeyringOf) -> None:
    backend.set_password = lambda *_: None
    assert failure(lambda: keyring_of(backend).put("vault a", KEY)).code == "keyring.not_kept"
    backend.get_password = lambda *_: "colophon-vault-key-1:" + "00" * 32
    assert failure(lambda: keyring_of(backend).put("vault a", KEY)).code == "keyring.not_kept"


@pytest.mark.parametrize(
    "value", ["", "rubbish", "00" * 32, "colophon-vault-key-1:00", "colophon-vault-key-1:xyz"]
)
def test_an_entry_in_another_form_is_refused(value: str, backend: Any, keyring_of: KeyringOf) -> None:
    backend.entries["Colophon", "vault a"] = value
    assert failure(lambda: keyring_of(backend).get("vault a")).code == "keyring.failed"


class PromptDismissedException(Exception):  # noqa: N818  # the name that secretstorage uses
    """Stands for secretstorage's exception of this name."""


class KeychainDenied(Exception):  # noqa: N818  # the name in keyring's macOS back end
    """Stands for the macOS back end's exception of this name."""


class RemoteError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("problem", "code", "kind"),
    [
        (keyring.errors.KeyringLocked("locked"), "keyring.locked", UnavailableError),
        (RemoteError("org.freedesktop.Secret.Error.IsLocked"), "keyring.locked", UnavailableError),
        (PromptDismissedException(), "keyring.denied", RefusedError),
        (caused(keyring.errors.InitError(), PromptDismissedException()), "keyring.denied", RefusedError),
        (caused(keyring.errors.KeyringLocked(), KeychainDenied()), "keyring.denied", RefusedError),
        (keyring.errors.PasswordSetError("Cancelled by user"), "keyring.denied", RefusedError),
        (RemoteError("org.freedesktop.DBus.Error.AccessDenied"), "keyring.denied", RefusedError),
        (keyring.errors.NoKeyringError(), "keyring.none", UnavailableError),
        (ValueError("my secret is 1234"), "keyring.failed", UnavailableError),
        (caused(ValueError("x"), ValueError("my secret is 1234")), "keyring.failed", UnavailableError),
    ],
)
def test_every_trouble_has_its_own_code_and_repeats_no_foreign_text(
    problem: Exception, code: str, kind: type[ColophonError], backend: Any, keyring_of: KeyringOf
) -> None:
    backend.problem = problem
    for call in (
        lambda ring: ring.get("vault a"),
        lambda ring: ring.put("vault a", KEY),
        lambda ring: ring.remove("vault a"),
    ):
        error = failure(lambda call=call: call(keyring_of(backend)))
        assert (error.code, type(error)) == (code, kind)
        assert "1234" not in f"{error!r} {error} {error.params}"
        assert error.__cause__ is None
        assert error.__context__ is None


@pytest.fixture
def stuck(backend: Any) -> Iterator[Any]:
    """A keyring whose dialog nobody answers, until the test is over."""
    answered = threading.Event()
    backend.get_password = lambda *_: answered.wait(60)
    yield backend
    answered.set()


def test_a_keyring_that_does_not_answer_is_given_up(stuck: Any, keyring_of: KeyringOf) -> None:
    before = time.monotonic()
    error = failure(lambda: keyring_of(stuck, 0.2).get("vault a"))
    assert time.monotonic() - before < 5
    assert (error.code, type(error)) == ("keyring.timed_out", UnavailableError)
    waiting = [thread for thread in threading.enumerate() if thread.name == "colophon-keyring"]
    assert waiting
    assert all(thread.daemon for thread in waiting)


def test_the_allow_list_names_only_encrypted_keyrings() -> None:
    assert set(ALLOWED.values()) == {
        "Secret Service", "KWallet", "macOS Keychain", "Windows Credential Locker",
    }  # fmt: skip
    assert all(name.startswith("keyring.backends.") for name in ALLOWED)
    assert not any(
        word in name.lower() for name in ALLOWED for word in ("fail", "null", "chainer", "file", "alt")
    )


@pytest.mark.parametrize("forbidden", [null.Keyring, fail.Keyring])
def test_a_back_end_outside_the_list_is_never_used(forbidden: type[KeyringBackend]) -> None:
    ring = SystemKeyring(forbidden())
    assert ring.status().state is KeyringState.NONE
    assert failure(lambda: ring.put("vault a", KEY)).code == "keyring.none"


def test_a_subclass_of_an_allowed_back_end_is_not_allowed() -> None:
    class Imposter(SecretService.Keyring):
        priority = 99  # type: ignore[assignment]

    assert SystemKeyring(Imposter()).status().state is KeyringState.NONE


@pytest.mark.parametrize(
    "name",
    ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "plaintext_of_this_test.Keyring"],
)
def test_a_forbidden_back_end_in_the_environment_is_not_even_imported(
    name: str, no_desktop: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plaintext_of_this_test.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    assert SystemKeyring().status().state is KeyringState.NONE
    assert "plaintext_of_this_test" not in sys.modules


def test_a_forbidden_back_end_in_the_configuration_is_not_used(
    no_desktop: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.util import platform_

    monkeypatch.setattr(platform_, "config_root", lambda: tmp_path)
    (tmp_path / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    assert SystemKeyring().status().state is KeyringState.NONE


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a keyring")
def test_without_a_desktop_there_is_no_keyring(no_desktop: None) -> None:
    assert SystemKeyring().status().state is KeyringState.NONE
    assert failure(lambda: SystemKeyring().put("vault a", KEY)).code == "keyring.none"


def chain(*links: KeyringBackend) -> KeyringBackend:
    """keyring's own chainer, over the given back ends."""
    body = {"backends": list(links), "__module__": "keyring.backends.chainer"}
    return type("ChainerBackend", (chainer.ChainerBackend,), body)()


def test_a_chain_is_used_only_if_every_link_is_allowed(backend: Any) -> None:
    allowed = {f"{type(backend).__module__}.{type(backend).__qualname__}": "Test keyring"}
    second = type(backend)()
    good = SystemKeyring(chain(backend, second), allowed=allowed)
    good.put("vault a", KEY)
    assert backend.entries
    assert not second.entries
    assert good.status().backend == "Test keyring"
    for links in ((backend, null.Keyring()), (null.Keyring(), backend), ()):
        assert SystemKeyring(chain(*links), allowed=allowed).status().state is KeyringState.NONE


def test_nothing_is_asked_on_the_terminal(no_desktop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> str:
        pytest.fail("a question on the terminal")

    monkeypatch.setattr("getpass.getpass", asked)
    monkeypatch.setattr("builtins.input", asked)
    SystemKeyring().status()
    failure(lambda: SystemKeyring().get("vault a"))
