"""The window with 10,000 works and 100,000 payouts: how soon it paints, and how long it ever stands still.

Run: pytest --benchmark-enable --benchmark-only tests/benchmarks/test_window_speed.py
Reach: first paint within 1 s (warm), and the UI thread never busy for more than 50 ms in the tour. Without
--benchmark-enable a smaller history is used, and nothing is timed. What kept it busy is printed with -s.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")
pytest.importorskip("pytestqt", reason="pytest-qt is not installed")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.core.paths import AppPaths
from desktop_app.gui.app import Window, build_window
from desktop_app.gui.dialogs.command_palette import CommandPalette
from desktop_app.services.app import Services, build_services
from desktop_app.store.tokens import Collaborator, Token

DAY = 86_400
FIRST_DAY = 1_700_000_000
BEAT_MS = 4
REACH = 0.050
START = """
import sys, time
began = time.perf_counter()
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from desktop_app.core.paths import AppPaths
from desktop_app.gui import app as gui, language
from desktop_app.services.app import build_services
paths = AppPaths.from_environment()
app = QApplication([])
services = build_services(paths)
language.speak(app, paths.settings)
window = gui.build_window(app, services)

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.perf_counter() - began, time.process_time())
            app.exit()
        return False

watch = Watch()
window.main.centralWidget().installEventFilter(watch)
window.main.show()
app.exec()
window.close()
services.close()
"""


def history(services: Services, works: int, payouts: int) -> None:
    """A library, tokens and their payouts, as years of use would leave them."""
    network = services.networks.active
    currencies = (network.native, network.dollar)
    with services.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO works (id, title, title_key, path, size, sha256, blake3, leaf_size, chunk_root,"
            " salt, media_type, added_at, modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            [
                (
                    f"work{n:028d}", f"Song {n:05d} of the Long Road", f"song {n:05d} of the long road",
                    f"/music/{n}.wav".encode(), 1000 + n, n.to_bytes(32, "big"), n.to_bytes(32, "big"), 1024,
                    n.to_bytes(32, "big"), n.to_bytes(32, "big"), "audio/x-wav", FIRST_DAY + n,
                )
                for n in range(works)
            ],
        )  # fmt: skip
    addresses = [f"0x{n + 1:040x}" for n in range(20)]
    for n, address in enumerate(addresses):
        services.royalties._tokens.add(
            Token(
                network.chain_id, address, f"work{n:028d}", "0x" + "aa" * 20, f"Song {n:05d}", f"S{n}",
                1000, 0, None, (Collaborator("0x" + "c1" * 20, 250_000),), currencies,
            )
        )  # fmt: skip
    with services.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO payouts (chain_id, token, tx_hash, block_number, block_hash, block_time, currency,"
            " ordinal, log_index, kind, party, amount, memo, state, recipient, first_seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 'payment', ?, ?, '', 'final', '', 0)",
            (
                (
                    network.chain_id, addresses[n % 20], f"0x{n:064x}", 10**6 + n, "0x" + "bb" * 32,
                    FIRST_DAY + n * 900, currencies[n % 2].address, f"0x{n % 50 + 16:040x}",
                    str((n % 17 + 1) * 10 ** (currencies[n % 2].decimals - 2)),
                )
                for n in range(payouts)
            ),
        )  # fmt: skip


class Watchdog:
    """Notices when the UI thread does not come round: for how long, computing for how long, and where.

    Where is found by a signal after so much processor time: its handler runs in the UI thread itself. (Were
    another thread to hold the frames of this one, Qt's objects would end their lives in the wrong place.)
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self.longest_computing = 0.0
        self.blocks: list[str] = []
        self.doing = ""
        self._beat = (time.monotonic(), time.thread_time())
        self._seen = ""
        self._timer = QTimer()
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.beat)

    def __enter__(self) -> Watchdog:
        self._before = signal.signal(signal.SIGPROF, self._look)
        self._timer.start()
        self.beat()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.stop()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def beat(self) -> None:
        """The event loop has come round."""
        now = (time.monotonic(), time.thread_time())
        gap, computing = now[0] - self._beat[0], now[1] - self._beat[1]
        self._beat = now
        self.longest = max(self.longest, gap)
        self.longest_computing = max(self.longest_computing, computing)
        if computing > REACH:
            took = f"{computing * 1000:.0f} ms of {gap * 1000:.0f} ms"
            self.blocks.append(f"{took}, {self.doing}\n{self._seen}")
        self._seen = ""
        signal.setitimer(signal.ITIMER_PROF, REACH * 0.8)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        self._seen = "".join(traceback.format_stack(frame)[-8:])


@pytest.fixture
def enabled(request: pytest.FixtureRequest) -> bool:
    return bool(
        request.config.getoption("--benchmark-enable") or request.config.getoption("--benchmark-only")
    )


@pytest.fixture
def long_used(
    qapp: QApplication, tmp_path: Path, enabled: bool, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Services, Window]]:
    monkeypatch.setattr("desktop_app.gui.payout_watch.PayoutWatch.refresh", lambda self: None)
    services = build_services(AppPaths(tmp_path / "home"))
    history(services, *((10_000, 100_000) if enabled else (200, 400)))
    window = build_window(qapp, services)
    window.crash.remove()
    yield services, window
    window.close()
    services.close()


def test_the_tour_of_a_long_history(
    benchmark: BenchmarkFixture, long_used: tuple[Services, Window], qapp: QApplication, enabled: bool
) -> None:
    _services, window = long_used
    main = window.main
    main.show()

    def turn(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until or (window.jobs.busy and time.monotonic() < until + 60):
            qapp.processEvents()
            time.sleep(0.001)

    turn(4 if enabled else 0.2)  # every page is built ahead by then
    pause = 0.4 if enabled else 0.02
    dogs: list[Watchdog] = []

    def tour() -> None:
        with Watchdog() as dog:
            for key in main.pages:
                dog.doing = key
                main.go(key)
                turn(pause)
            pages: Any = main.pages
            dog.doing = "scrolling and searching"
            main.go("library")
            bar = pages["library"].list.verticalScrollBar()
            for _ in range(20):
                bar.setValue(bar.maximum())
                turn(pause / 8)
            for text in ("s", "so", "song 09", ""):
                pages["library"].search.setText(text)
                turn(pause)
            main.go("payouts")
            turn(pause)
            bar = pages["payouts"].table.verticalScrollBar()
            for step in range(20):
                bar.setValue(bar.maximum() * step // 19)
                turn(pause / 8)
            for number in range(4):
                pages["payouts"]._segments.button(number).click()
                turn(pause * 2)
            main.show_palette()
            turn(pause)
            for palette in main.findChildren(CommandPalette):
                palette.reject()
        dogs.append(dog)

    benchmark.pedantic(tour, rounds=3 if enabled else 1)
    best = min(dogs, key=lambda dog: dog.longest_computing)
    benchmark.extra_info["longest_ms"] = round(min(dog.longest for dog in dogs) * 1000)
    benchmark.extra_info["longest_computing_ms"] = round(best.longest_computing * 1000)
    print(f"\nlongest: {benchmark.extra_info}\n" + "\n".join(best.blocks))


def test_switching_the_appearance(
    benchmark: BenchmarkFixture, long_used: tuple[Services, Window], qapp: QApplication, enabled: bool
) -> None:
    _services, window = long_used
    window.main.show()
    for key in window.main.pages:
        window.main.go(key)
        qapp.processEvents()
    modes = iter(("dark", "light") * 9)

    def switch() -> None:
        window.theme.set_mode(next(modes))
        qapp.processEvents()

    benchmark.pedantic(switch, rounds=4 if enabled else 1)


def test_the_first_paint_of_a_warm_start(benchmark: BenchmarkFixture, tmp_path: Path, enabled: bool) -> None:
    environment = {
        **os.environ,
        "COLOPHON_HOME": str(tmp_path / "home"),
        "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    seen: list[tuple[float, float]] = []

    def start() -> None:
        done = subprocess.run(
            [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
        )
        wall, computing = done.stdout.split()
        seen.append((float(wall), float(computing)))

    start()  # compiles, and makes the data folder
    seen.clear()
    benchmark.pedantic(start, rounds=7 if enabled else 1)
    wall, computing = (min(column) for column in zip(*seen, strict=True))
    benchmark.extra_info["first_paint_s"] = round(wall, 3)
    benchmark.extra_info["processor_s"] = round(computing, 3)
    print(f"\nfirst paint: {benchmark.extra_info}")
