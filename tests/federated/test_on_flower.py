"""A real federated run: SuperLink, three SuperNodes, TLS on loopback; one cheats, one dies and comes back.

Needs Flower, which wants older versions of what the app uses: `make test-federated` runs it in an environment
of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.people import PASSPHRASE, services_of

from desktop_app.services.data_sets import Reading

pytest.importorskip("flwr", reason="Flower is not installed here: make test-federated")

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.name != "posix", reason="federated training needs Linux or macOS"),
]
NAMES = ("north", "east", "south")
CHEAT = Path(__file__).with_name("cheating_owner.py")
TESTS = Path(__file__).parents[1]


class Person:
    """Somebody with a data folder of their own, who types commands."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.home = folder / name
        self.log = folder / f"{name}.log"
        self._variables = {
            **os.environ,
            "COLOPHON_HOME": str(self.home),
            "COLOPHON_PASSPHRASE": PASSPHRASE,
            "PYTHONPATH": f"{TESTS}:{TESTS.parent}",
            "NO_COLOR": "1",
        }

    def start(
        self, *arguments: str | Path, program: tuple[str, ...] = ("-m", "desktop_app")
    ) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as file:
            return subprocess.Popen(
                [sys.executable, *program, "training", *map(str, arguments), "--yes"],
                env=self._variables, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True,
            )  # fmt: skip

    def says(self, *arguments: str | Path) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", "training", *map(str, arguments), "--json", "--yes"],
            env=self._variables, capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def told(self) -> str:
        return self.log.read_text("utf-8") if self.log.is_file() else ""


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        found: int = place.getsockname()[1]
        return found


def until(condition: Callable[[], bool], what: str, *people: Person) -> None:
    end = time.monotonic() + 300
    while not condition():
        if time.monotonic() > end:
            pytest.fail(what + "\n" + "\n".join(f"--- {each.name}\n{each.told()}" for each in people))
        time.sleep(0.1)


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes whose commands or variables name the folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            told = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
            if str(folder).encode() in told and place.name != str(os.getpid()):
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.fixture
def people(tmp_path: Path) -> Iterator[list[Person]]:
    """Three owners with a wallet and a committed data set each; whoever starts something is ended."""
    generator = random.Random(3)
    found, schema = [], tmp_path / "schema.json"
    for name in NAMES:
        person = Person(tmp_path, name)
        table = tmp_path / f"{name}.csv"
        rows = [(generator.gauss(0, 1), generator.gauss(0, 1)) for _ in range(40)]
        table.write_text("a,b,y\n" + "".join(f"{a:.3f},{b:.3f},{int(a + b > 0)}\n" for a, b in rows))
        services = services_of(person.home)
        services.wallet.create("passphrase", PASSPHRASE)
        reading = Reading(schema=schema) if schema.exists() else Reading(label="y")
        added = services.training.data_sets.add(table, reading, title=name, proofs=12, size_of_code=2048)
        schema.write_bytes(added.data.schema.encode())
        services.close()
        found.append(person)
    yield found
    end = time.monotonic() + 15
    while (left := processes_of(tmp_path)) and time.monotonic() < end:
        time.sleep(0.2)
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(tmp_path).encode() in (place / "environ").read_bytes() and place.name != str(os.getpid()):
                os.kill(int(place.name), signal.SIGKILL)
    assert not left, "processes left behind"


def test_owners_train_together_while_one_cheats_and_one_dies(people: list[Person], tmp_path: Path) -> None:
    north, east, south = people
    collects = Person(tmp_path, "collects")
    folder = tmp_path / "run"
    offers = [
        str(each.says("federated", "offer", each.name, "--name", each.name, "-o", tmp_path)["path"])
        for each in people
    ]
    made = collects.says(
        "federated", "prepare", *offers, "--host", "127.0.0.1", "-o", folder, "--rounds", "6", "--steps", "2"
    )
    plan, authority = str(made["plan"]), str(made["authority"])
    signed = north.says("consent", "sign", plan, "-o", tmp_path)["path"]

    port = free_port()
    running = [collects.start("federated", "coordinate", folder, "--port", str(port), "--patience", "20")]

    def take_part(person: Person, *program: str) -> subprocess.Popen[bytes]:
        own = ("--at", f"127.0.0.1:{port}", "--authority", authority, "--own-port", str(free_port()))
        started = person.start(
            "federated", "take-part", plan, *own, program=program or ("-m", "desktop_app")
        )
        running.append(started)
        return started

    try:
        take_part(north)
        take_part(east, str(CHEAT))
        dying = take_part(south)
        until(lambda: "Round 1 is done" in collects.told(), "no first round", collects, *people)

        # TLS: whoever trusts another authority does not connect.
        trusted = ssl.create_default_context(cafile=authority)
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            trusted.wrap_socket(plain, server_hostname="127.0.0.1") as sealed,
        ):
            assert sealed.version() == "TLSv1.3"
        with socket.create_connection(("127.0.0.1", port)) as plain, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(plain, server_hostname="127.0.0.1")

        os.kill(dying.pid, signal.SIGKILL)
        dying.wait()
        until(lambda: "south is not in it" in collects.told(), "nobody missed south", collects, *people)
        assert not processes_of(south.home), "the dead owner's SuperNode has ended, too"
        take_part(south)
        until(lambda: "Round 6 is done" in collects.told(), "no last round", collects, *people)
        for process in running:
            process.wait(60)
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)
            process.wait(30)

    heard = collects.told()
    assert "the result of east is REFUSED" in heard
    assert "the result of north is REFUSED" not in heard
    assert "the result of south is REFUSED" not in heard
    whole = tmp_path / "signed.federated.colophon"
    north.says("consent", "attach", folder / "run.federated.colophon", str(signed), "-o", whole)
    said = collects.says("verify", whole)
    present = said["present"]
    assert isinstance(present, list)
    assert present[0] == ["north", "south"]
    assert ["north"] in present
    assert present[-1] == ["north", "south"], "who died has come back"
    assert said["finished"] is True
    unsigned, in_range = said["unsigned"], said["rows_in_range"]
    assert isinstance(unsigned, list)
    assert isinstance(in_range, list)
    assert (len(unsigned), len(in_range)) == (2, 3)
    assert not any("east" in each for each in present)
    assert not (folder / "flower").exists(), "what Flower kept is removed"


def test_flowers_processes_tell_nobody_about_themselves_and_know_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_app.services import federated_processes

    monkeypatch.setenv("COLOPHON_PASSPHRASE", PASSPHRASE)
    variables = federated_processes.environment(tmp_path / "flower")
    assert not any(name.startswith("COLOPHON") for name in variables), "Flower is told no passphrase"
    done = subprocess.run(
        [sys.executable, "-c",
         "from flwr.supercore import telemetry as t, constant as c; import os;"
         "print(t.FLWR_TELEMETRY_ENABLED, os.environ[c.FLWR_DISABLE_UPDATE_CHECK])"],
        env=variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["0", "1"]
