"""A pytest plugin: after each test, no file that it left and no log that it wrote may hold a secret.

Secrets register themselves: whatever passes through the wallet's own holders (phrase entropy, seed, vault
key) and every passphrase that is stretched. A test adds others with `register`, and says with
`expected_in(path)` where a secret is on purpose, as in a file from which the user lets it be read.

Use: pytest_plugins = ["secret_grep"] in tests/conftest.py. COLOPHON_SECRET_GREP=off switches it off.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

LARGEST_FILE = 16 * 1024 * 1024
MOST_FILES, MOST_SECRETS = 400, 400
"""Of one test: enough for every real one, little enough for a property with thousands of examples."""
SHORTEST = 8
FEWEST_DIFFERENT = 3

_lock = threading.Lock()
_secrets: dict[bytes, str] = {}
_expected: list[Path] = []
_known_entropies: set[bytes] = set()
_hits: list[str] = []


def register(secret: str | bytes, name: str) -> None:
    """A secret of this test, in its own form; bytes are looked for raw and in hex too."""
    spellings = [secret.encode()] if isinstance(secret, str) else [secret, secret.hex().encode()]
    if isinstance(secret, bytes) and len(set(secret)) < FEWEST_DIFFERENT:
        # Sixteen zeros, the entropy of a well-known phrase, are in every database. Its words are looked for.
        return
    with _lock:
        for spelling in spellings:
            if len(spelling) >= SHORTEST and len(_secrets) < MOST_SECRETS:
                _secrets.setdefault(spelling, name)


def expected_in(path: Path) -> Path:
    """This file, or everything in this folder, holds secrets on purpose; returns the path."""
    with _lock:
        _expected.append(path)
    return path


def register_entropy(entropy: bytes) -> None:
    """The phrase of an entropy, and the keys of the first two accounts."""
    with _lock:
        if entropy in _known_entropies or len(_known_entropies) >= MOST_SECRETS:
            return
        _known_entropies.add(entropy)
    from desktop_app.wallet import phrase

    register(entropy, "entropy")
    register(phrase.phrase_from_entropy(entropy), "phrase")


def leaks(data: bytes) -> list[str]:
    """Names of the secrets in some bytes."""
    with _lock:
        return sorted({name for secret, name in _secrets.items() if secret in data})


def search(folder: Path) -> list[str]:
    """What is wrong in the files of a folder."""
    found = []
    for path in _files(folder):
        if any(path == place or place in path.parents for place in _expected):
            continue
        try:
            data = path.read_bytes()
        except OSError:
            continue
        found += [f"{path.relative_to(folder)} holds the {name}" for name in leaks(data)]
    return found


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_FILE:
                continue
            count += 1
            if count > MOST_FILES:
                return
            yield path


# --- Registering by themselves --------------------------------------------------------------------------


def _watch_holder(kind: type[Any], note: Callable[[Any], None]) -> None:
    real = kind.__init__

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        note(self)

    kind.__init__ = init  # type: ignore[misc]


def _note_open(vault: Any) -> None:
    register(vault.key, "vault key")
    register(vault.seed, "seed")
    register_entropy(vault.entropy)


def watch() -> None:
    """Let secrets register themselves from now on."""
    from desktop_app.wallet import redacted, sealing

    _watch_holder(redacted.OpenVault, _note_open)
    _watch_holder(redacted.OwnerSecrets, lambda holder: register(holder.seed, "seed"))
    _watch_holder(redacted.WalletContents, lambda holder: register_entropy(holder.entropy))
    real = sealing._stretch

    def stretch(passphrase: str, *rest: Any) -> Any:
        register(passphrase, "passphrase")
        return real(passphrase, *rest)

    sealing._stretch = stretch


# --- The plugin -----------------------------------------------------------------------------------------


def enabled() -> bool:
    return os.environ.get("COLOPHON_SECRET_GREP", "") != "off"


def pytest_configure(config: pytest.Config) -> None:
    if enabled():
        watch()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    with _lock:
        _secrets.clear()
        _expected.clear()
        _known_entropies.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    given = os.environ.get("COLOPHON_PASSPHRASE_FILE")
    if given:
        # The user's own file, from which he lets the passphrase be read.
        expected_in(Path(given))
    logged = "\n".join(text for when, kind, text in item._report_sections if kind == "log")
    yield
    if not enabled() or not _secrets:
        return
    problems = [f"the log holds the {name}" for name in leaks(logged.encode())]
    if isinstance(folder, Path) and folder.is_dir():
        problems += search(folder)
    if problems:
        pytest.fail("secrets were left behind:\n" + "\n".join(problems), pytrace=False)
