"""Registers works in a process that is killed on the way: `python killed_registration.py HOME POINT WORK...`.

POINT is "stored" (signed and stored, not sent), "sent" (sent, and nothing noted since) or "noted" (waiting
for the block). `register_and_die` runs it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
POINTS = ("stored", "sent", "noted")


def register_and_die(home: Path, point: str, works: Sequence[str]) -> None:
    """Returns once the process has been killed by its own hand; anything else fails."""
    child = subprocess.run(
        [sys.executable, __file__, str(home), point, *works],
        env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr


def _run(home: Path, point: str, works: Sequence[str]) -> None:
    from integration.people import PASSPHRASE, services_of

    from desktop_app.chain.sender import Sender
    from desktop_app.chain.watch import Watch

    services = services_of(home)
    services.wallet.unlock(PASSPHRASE)
    action = services.registration.prepare_many(works)
    transmit = Watch.transmit

    def die(*_arguments: object, **_named: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def send_and_die(self: Watch, *arguments: object, **named: object) -> None:
        transmit(self, *arguments, **named)  # type: ignore[arg-type]
        die()

    with pytest.MonkeyPatch.context() as patch:
        if point == "noted":
            patch.setattr(Sender, "wait", die)
        else:
            patch.setattr(Watch, "transmit", die if point == "stored" else send_and_die)
        action.execute()


if __name__ == "__main__":
    _run(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
