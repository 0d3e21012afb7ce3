"""What every test gets: loopback only, no leaked threads, one Hypothesis profile, its own data folder."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "colophon",
    deadline=None,
    derandomize=True,
    max_examples=int(os.environ.get("COLOPHON_EXAMPLES", "50")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("colophon")

pytest_plugins = ["secret_grep"]
"""Nothing that any test leaves on the disk or in the log may hold a secret."""

LONGEST = (
    "integration/test_command_line.py", "browser/test_verifier.py", "integration/test_training_commands.py",
    "gui/test_every_look.py", "gui/test_tour.py", "gui/test_content_pages.py",
    "integration/test_royalty_journey.py",
    "contracts/test_machines.py", "gui/test_training_page.py", "integration/test_training_royalties.py",
    "integration/test_real_media.py", "integration/test_demo.py", "contracts/test_escrow_machine.py",
    "integration/test_royalty_books.py", "contracts/test_build.py", "integration/test_sales.py",
    "integration/test_certificates.py", "browser/test_checkout_app.py", "gui/test_royalties_window.py",
    "contracts/test_invariants.py", "contracts/test_machines_find_faults.py",
    "integration/test_tracker_kill.py", "unit/content/test_malicious_media.py",
    "integration/test_cluster.py", "gui/test_royalty_forms.py",
    "gui/test_switching_networks.py", "gui/test_selling_window.py", "integration/test_killed_registration.py",
)  # fmt: skip
"""The files that take longest, in that order: begun first, so that no worker waits for another at the end."""

SHARED_VECTORS = Path(__file__).resolve().parents[2] / "shared" / "vectors"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    place = {tests / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


@pytest.fixture(scope="session")
def shared_vectors() -> Path:
    """The public test vectors beside the repository; skips where they are absent."""
    if not SHARED_VECTORS.is_dir():
        pytest.skip("the folder with the public test vectors (../shared/vectors) is not here")
    return SHARED_VECTORS


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            if host not in ("127.0.0.1", "::1", "localhost"):
                raise AssertionError(f"a test tried to reach {host}: tests use loopback only")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    limit = time.monotonic() + 3.0
    while True:
        left = [t for t in threading.enumerate() if t not in before and t.is_alive()]
        left = [t for t in left if not t.name.startswith(("pytest_timeout", "QThread", "Dummy-"))]
        if not left:
            return
        if time.monotonic() > limit:
            pytest.fail(f"threads left behind: {[t.name for t in left]}")
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOPHON_HOME", str(tmp_path / "colophon-home"))
    monkeypatch.setenv("COLOPHON_LANGUAGE", "en")
    for name in ("COLOPHON_PASSPHRASE", "COLOPHON_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases that are cheap to try; what they protect is the same."""
    from desktop_app.wallet.sealing import Argon2Cost

    cheap = Argon2Cost(memory=1024, passes=1, lanes=1)
    for module in ("key_keeper", "backup", "wallet"):
        monkeypatch.setattr(f"desktop_app.wallet.{module}.Argon2Cost", lambda: cheap)
