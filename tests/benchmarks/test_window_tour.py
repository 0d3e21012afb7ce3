"""A tour of the window with 10,000 works and 100,000 payouts: how long the UI thread is ever busy in one go.

Run: pytest --benchmark-enable --benchmark-only -s tests/benchmarks/test_window_tour.py
Reach: never for more than 50 ms, the first building of a page included. Every longer turn of the event loop
is printed with what was being done and where. Without --benchmark-enable a part is gone through with a
smaller history, and nothing is timed.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")
pytest.importorskip("pytestqt", reason="pytest-qt is not installed")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QComboBox
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.core.paths import AppPaths
from desktop_app.gui.app import Window, build_window
from desktop_app.gui.dialogs.contact import ContactDialog
from desktop_app.gui.dialogs.receive import ReceiveDialog
from desktop_app.gui.pages.payouts import VIEWS
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.app import Services, build_services
from desktop_app.services.networks import PRACTICE
from desktop_app.store.tokens import Collaborator, Token

FIRST_DAY = 1_700_000_000
BEAT_MS = 4
REACH = 0.050


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


LATE = 40
"""So many turns more a dialog may take whose contents a worker reads, on a busy machine."""


class Watchdog:
    """Notices when the UI thread does not come round: for how long, computing for how long, and where.

    Where is found by a signal after so much time: its handler runs in the UI thread itself. (Were
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
        self._before = signal.signal(signal.SIGALRM, self._look)
        self._timer.start()
        self.beat()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def beat(self) -> None:
        """The event loop has come round."""
        now = (time.monotonic(), time.thread_time())
        gap, computing = now[0] - self._beat[0], now[1] - self._beat[1]
        self._beat = now
        self.longest = max(self.longest, gap)
        self.longest_computing = max(self.longest_computing, computing)
        if gap > REACH:
            took = f"{computing * 1000:.0f} ms of {gap * 1000:.0f} ms"
            self.blocks.append(f"{took}, {self.doing}\n{self._seen}")
        self._seen = ""
        signal.setitimer(signal.ITIMER_REAL, REACH * 0.8)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        self._seen = "".join(traceback.format_stack(frame)[-8:])


class Tour:
    """Does what a person does, and lets the window come to rest after each step."""

    def __init__(self, app: QApplication, services: Services, window: Window, whole: bool) -> None:
        self.app = app
        self.services = services
        self.window = window
        self.whole = whole
        self.pause = 0.4 if whole else 0.01
        self.dog = Watchdog()

    def walk(self) -> None:
        """From the first paint on, through everything."""
        with self.dog:
            self._do("first paint", self.window.main.show)
            self._pages("first")
            self._dialogs()
            if self.whole:
                self._pages("again")
                self._lists()
                self._works()
                self._switches()

    def _do(self, what: str, action: Callable[[], Any], pauses: float = 1) -> None:
        self.dog.beat()
        self.dog.doing = what
        action()
        until = time.monotonic() + self.pause * pauses
        while time.monotonic() < until or (self.window.jobs.busy and time.monotonic() < until + 60):
            self.app.processEvents()
            time.sleep(0.001)

    def _pages(self, which: str) -> None:
        main = self.window.main
        for key in (*main.pages,):
            self._do(f"{key}, {which}", lambda key=key: main.go(key))

    def _lists(self) -> None:
        main, pages = self.window.main, self._pages_by_name
        main.go("library")
        bar = pages["library"].list.verticalScrollBar()
        for _ in range(20):
            self._do("library, scrolled", lambda: bar.setValue(bar.maximum()), 1 / 8)
        for text in ("s", "so", "song 09", "nothing like it", ""):
            self._do(f"library, search for {text!r}", lambda text=text: pages["library"].search.setText(text))
        payouts = pages["payouts"]
        self._do("payouts", lambda: main.go("payouts"))
        bar = payouts.table.verticalScrollBar()
        for step in range(20):
            self._do("payouts, scrolled", lambda step=step: bar.setValue(bar.maximum() * step // 19), 1 / 8)
        for number, name in enumerate(VIEWS):
            self._do(f"payouts, {name}", payouts._segments.button(number).click, 2)
        for number in range(payouts.by.count()):
            self._do("payouts, summed", lambda number=number: payouts.by.setCurrentIndex(number))
        self._do("payouts, all", payouts._segments.button(0).click)
        for choice in payouts.filter.findChildren(QComboBox):
            for number in (1, 0):
                self._do("payouts, filtered", lambda c=choice, n=number: _choose(c, n))
        for view in ("models", "examples", "explained", "train"):
            main.go("training")
            self._do(f"training, {view}", pages["training"].segments.buttons[view].click)

    def _works(self) -> None:
        session = self.window.session
        for number in (0, 7, 9):
            work = f"work{number:028d}"
            self._do("a work", lambda work=work: session.work_opened.emit(work))
        for token in self.services.royalties._tokens.on_chain(self.services.networks.active.chain_id)[:3]:
            self._do("shares", lambda token=token: session.token_opened.emit(token))

    def _dialogs(self) -> None:
        main, pages, session = self.window.main, self._pages_by_name, self.window.session
        self._dialog("library", "all works to choose from", pages["library"]._choose_several)
        self._dialog("library", "what can be done", main.show_palette)
        self._dialog("library", "running work", main.show_jobs)
        self._dialog("wallet", "a contact", lambda: ContactDialog(session, pages["wallet"]).open())
        address = "0x" + "aa" * 20
        self._dialog(
            "wallet", "receive", lambda: ReceiveDialog(session, pages["wallet"], address).open()
        )
        self._dialog("payouts", "export", pages["payouts"]._export.click)
        self._dialog("networks", "reset", pages["networks"].reset.click)
        self._dialog("networks", "nodes", next(iter(pages["networks"]._cards.values())).nodes.click)

    def _dialog(self, page: str, what: str, action: Callable[[], Any]) -> None:
        self._do(page, lambda: self.window.main.go(page))
        self._do(f"dialog: {what}", action)
        for turn in range(1, LATE):
            if shown := self._shown_dialogs():
                break
            # A person would press once more, too.
            again = turn % 10 == 0 and self.app.activeModalWidget() is None
            self._do(f"dialog: {what}", action if again else lambda: None)
        assert shown, what
        self._do(f"dialog: {what}, closed", lambda: [one.reject() for one in shown])

    def _shown_dialogs(self) -> list[Dialog]:
        found = self.app.topLevelWidgets()
        return [one for one in found if isinstance(one, Dialog) and one.isVisible()]

    def _switches(self) -> None:
        main, session = self.window.main, self.window.session
        for page in ("home", "networks", "payouts"):
            main.go(page)
            for mode in ("dark", "contrast", "light"):
                self._do(f"{page} becomes {mode}", lambda mode=mode: main.settings.set_mode(mode), 3)
        networks = self.services.networks
        test = next(one.key for one in networks.networks() if one.usable and one.kind == "test")
        for key in (test, PRACTICE):
            networks.select(key)
            self._do(f"network {key}", session.network_changed.emit)
            self._pages(f"on {key}")

    @property
    def _pages_by_name(self) -> Any:
        return self.window.main.pages


def _choose(box: QComboBox, number: int) -> None:
    if number < box.count():
        box.setCurrentIndex(number)
        box.activated.emit(number)


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


@pytest.mark.timeout(1200)
def test_the_tour_of_a_long_history(
    benchmark: BenchmarkFixture, long_used: tuple[Services, Window], qapp: QApplication, enabled: bool
) -> None:
    tour = Tour(qapp, *long_used, whole=enabled)
    benchmark.pedantic(tour.walk, rounds=1)
    dog = tour.dog
    benchmark.extra_info["longest_ms"] = round(dog.longest * 1000)
    benchmark.extra_info["longest_computing_ms"] = round(dog.longest_computing * 1000)
    print(f"\nlongest: {benchmark.extra_info}\n" + "\n".join(dog.blocks))
