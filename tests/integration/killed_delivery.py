"""Delivers what is ordered in a process that is killed: `python killed_delivery.py HOME POINT`.

POINT is "claimed" (the order is taken, nothing signed), "stored" (signed and stored, not sent) or
"sent" (sent, and nothing noted since). `deliver_and_die` runs it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def deliver_and_die(home: Path, point: str) -> None:
    """Returns once the process has been killed by its own hand; anything else fails."""
    child = subprocess.run(
        [sys.executable, __file__, str(home), point],
        env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr


def _run(home: Path, point: str) -> None:
    from integration.people import PASSPHRASE, services_of

    from desktop_app.chain.sender import Sender
    from desktop_app.chain.watch import Watch

    services = services_of(home)
    services.wallet.unlock(PASSPHRASE)
    transmit = Watch.transmit

    def die(*_arguments: object, **_named: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def send_and_die(self: Watch, *arguments: object, **named: object) -> None:
        transmit(self, *arguments, **named)  # type: ignore[arg-type]
        die()

    with pytest.MonkeyPatch.context() as patch:
        if point == "claimed":
            patch.setattr(Sender, "submit", die)
        else:
            patch.setattr(Watch, "transmit", die if point == "stored" else send_and_die)
        services.selling.delivery.deliver_once(services.networks.active)


if __name__ == "__main__":
    _run(Path(sys.argv[1]), sys.argv[2])
