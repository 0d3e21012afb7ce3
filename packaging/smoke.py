"""The same smoke test against any package of Colophon: does it start, do its work, and paint its window?

    python packaging/smoke.py [--version X] [--chroot DIR] [--no-window] COMMAND

COMMAND is whatever starts the installed app: `colophon`, `build/folder/colophon/colophon`, "flatpak run ...".
Needs Python 3.11 and nothing else; for the window, which is looked at on Linux, Xvfb. Exit code 0: all well.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCREEN = (1280, 860)
COLOURS = 40
"""A window with words in it has at least as many; an empty screen has one, a blank window two."""
PATIENCE = 120
DOT = "47494638396101000100800000ff000000000021f90400000000002c00000000010001000002024401003b"
"""A picture of one pixel."""
LEFT_OUT = ("PYTHONPATH", "PYTHONHOME", "QT_QPA_PLATFORM", "QT_PLUGIN_PATH", "WAYLAND_DISPLAY")


class Smoke:
    def __init__(self, command: list[str], chroot: Path | None) -> None:
        self._prefix = ["chroot", str(chroot)] if chroot else []
        self._command = command
        self._root = chroot or Path("/")
        parent = str(chroot / "tmp") if chroot else None
        self._place = Path(tempfile.mkdtemp(prefix="colophon-smoke-", dir=parent))
        self.home = self._inside(self._place / "home")

    def _inside(self, path: Path) -> str:
        """The path as the app under test sees it."""
        return "/" + str(path.relative_to(self._root)) if self._prefix else str(path)

    def _outside(self, path: str) -> Path:
        return self._root / path.lstrip("/") if self._prefix else Path(path)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        return kept | {"COLOPHON_HOME": self.home, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"} | more

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._prefix, *self._command, *arguments],
            env=self.environment(**more),
            cwd=str(self._place) if not self._prefix else "/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *arguments: str, code: int = 0, **more: str) -> str:
        """What the command prints; ends the test when it ends with another code."""
        process = self.start(*arguments, **more)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        if process.returncode != code:
            fail(f"`{' '.join(arguments)}` ended with {process.returncode}, not {code}:\n{out}{err}")
        return out

    def version(self, expected: str) -> None:
        said = self.run("--version").strip()
        if not said.startswith("colophon ") or (expected and said != f"colophon {expected}"):
            fail(f"it says {said!r}, not 'colophon {expected}'")
        tell(said)

    def demo(self) -> str:
        """The whole journey; where its certificate is."""
        found = json.loads(self.run("demo", "--json"))
        if found["adds_up"] is not True:
            fail("the sums of the demo do not add up")
        tell("the demo runs and adds up")
        return str(found["certificate"])

    def certificate(self, path: str) -> None:
        """A certificate is valid, and one with a changed byte is not."""
        self.run("verify", path)
        good = self._outside(path)
        bad = self._place / "changed.colophon"
        data = bytearray(good.read_bytes())
        place = data.index(b'"proof"') + 30
        data[place] = ord("1") if data[place] != ord("1") else ord("2")
        bad.write_bytes(data)
        process = self.start("verify", self._inside(bad))
        process.communicate(timeout=PATIENCE)
        if process.returncode not in (1, 2):
            fail(f"a changed certificate ended with {process.returncode}")
        tell("a certificate is verified, a changed one refused")

    def numbers(self) -> None:
        """NumPy and Pillow load with the libraries that they bring: a private table, and a picture."""
        table = self._place / "rows.csv"
        table.write_text("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(64)))
        picture = self._place / "dot.gif"
        picture.write_bytes(bytes.fromhex(DOT))
        demo = f"{self.home}/demo"
        person = ("--home", f"{demo}/ada", "--json")
        passphrase = {"COLOPHON_PASSPHRASE_FILE": f"{demo}/passphrase.txt"}
        self.run("library", "add", self._inside(picture), *person, **passphrase)
        self.run("library", "look", "dot", *person, **passphrase)
        named = ("training", "dataset", "add", self._inside(table), "--label", "y")
        self.run(*named, *person, **passphrase)
        tell("a picture is looked at, a private table is committed to")

    def window(self, certificate: str) -> None:
        """The window paints itself, empty and with a certificate that was opened."""
        if sys.platform != "linux":
            tell("the window is not looked at: that needs Xvfb, on Linux")
            return
        for arguments in ((), (certificate,)):
            with screen(self._place) as (display, picture):
                began = time.monotonic()
                process = self.start(*arguments, DISPLAY=display, QT_QPA_PLATFORM="xcb")
                try:
                    painted = wait_for_colours(process, picture, began)
                finally:
                    process.send_signal(signal.SIGTERM)
                    try:
                        _, said = process.communicate(timeout=20)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        _, said = process.communicate()
                if painted is None:
                    fail(f"the window did not paint:\n{said}")
                if "Traceback" in said:
                    fail(f"the window complained:\n{said}")
                what = "a certificate" if arguments else "the window"
                tell(f"{what} was on the screen after {painted:.1f} s")

    def start_times(self, rounds: int) -> list[float]:
        """Seconds to the painted window, each time with an empty file cache (that takes root)."""
        times = []
        for _ in range(rounds):
            with screen(self._place) as (display, picture):
                os.sync()
                Path("/proc/sys/vm/drop_caches").write_text("3")
                began = time.monotonic()
                process = self.start(DISPLAY=display, QT_QPA_PLATFORM="xcb")
                painted = wait_for_colours(process, picture, began)
                process.terminate()
                process.communicate(timeout=20)
                if painted is None:
                    fail("the window did not paint")
                times.append(painted)
        return times

    def clean(self) -> None:
        shutil.rmtree(self._place, ignore_errors=True)


@contextmanager
def screen(place: Path) -> Iterator[tuple[str, Path]]:
    """A screen of its own: its DISPLAY, and the file that shows what is on it."""
    pictures = Path(tempfile.mkdtemp(dir=place))
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24",
         "-fbdir", pictures, "-nolisten", "tcp", "-noreset", "-ac"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            fail("Xvfb does not start")
        yield f":{number}", pictures / "Xvfb_screen0"
    finally:
        server.terminate()
        server.wait()


def colours(picture: Path) -> int:
    """How many different colours are on the screen; the file is an X window dump (XWD, version 7)."""
    data = picture.read_bytes()
    header = struct.unpack(">25I", data[:100])
    size, height, per_line, entries = header[0], header[5], header[12], header[19]
    start = size + 12 * entries
    pixels = memoryview(data[start : start + per_line * height]).cast("I")
    return len(set(pixels))


def wait_for_colours(process: subprocess.Popen[str], picture: Path, began: float) -> float | None:
    """Seconds until the window was painted; None when it ended or did not paint in time."""
    while time.monotonic() - began < PATIENCE:
        if process.poll() is not None:
            return None
        if picture.is_file() and colours(picture) >= COLOURS:
            painted = time.monotonic() - began
            time.sleep(2)  # whatever fails after the first paint fails now
            return painted if process.poll() is None else None
        time.sleep(0.02)
    return None


def tell(text: str) -> None:
    print(f"  ok: {text}", flush=True)


def fail(text: str) -> None:
    raise SystemExit(f"  NOT ok: {text}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("command", help="what starts the installed app")
    options.add_argument("--version", default="", help="the version that it must say")
    options.add_argument("--chroot", type=Path, help="run it in this folder as its root")
    options.add_argument("--no-window", action="store_true", help="only the command line")
    options.add_argument("--cold", type=int, metavar="N", help="only measure N cold starts of the window")
    given = options.parse_args()
    print(f"smoke test of {given.command}{f' in {given.chroot}' if given.chroot else ''}")
    command = shlex.split(given.command)
    if not given.chroot and Path(command[0]).is_file():
        command[0] = str(Path(command[0]).absolute())
    smoke = Smoke(command, given.chroot)
    try:
        if given.cold:
            times = sorted(smoke.start_times(given.cold))
            tell(f"on the screen after {', '.join(f'{one:.2f}' for one in times)} s, cold")
            return
        smoke.version(given.version)
        certificate = smoke.demo()
        smoke.certificate(certificate)
        smoke.numbers()
        if not given.no_window:
            smoke.window(certificate)
    finally:
        smoke.clean()


if __name__ == "__main__":
    main()
