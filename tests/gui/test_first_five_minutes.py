"""From an empty folder to a verified certificate and a received practice payment, by the window alone.

`pytest -s` prints the clicks and how long the machine took; the guide's first steps tell the same way.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.conftest import start, stop
from gui.newcomer import Newcomer
from PySide6.QtWidgets import QApplication

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

CLICKS = 16
FIELDS = 3
PRACTICE = "Practice: no real money"
PASSPHRASE = "paper lantern river stone"


@pytest.fixture
def newcomer(qapp: QApplication, tmp_path: Path) -> Iterator[Newcomer]:
    services, window = start(qapp, tmp_path / "home")
    yield Newcomer(qapp)
    stop(qapp, services, window)


def approve(someone: Newcomer, *facts: str) -> None:
    """Whatever is approved says in words that no real money is in it, and what it costs."""
    someone.reads("Network fee", "of practice money", PRACTICE, *facts)
    someone.click("Approve")


def test_a_verified_certificate_and_a_practice_payment_in_a_few_clicks(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    someone, began = newcomer, time.monotonic()
    song = tmp_path / "Night Train.txt"
    song.write_text("All aboard, the night train leaves at two. " * 50)

    # What it is, before there is any account.
    someone.reads("Begin with something you made", "What happens next", PRACTICE)
    someone.drop(song)
    someone.reads("Night Train", hashlib.sha256(song.read_bytes()).hexdigest(), "May AI be trained with it?")
    someone.click("No")

    # A wallet, now that it is needed; then the sealed record.
    someone.click("Register this work")
    someone.type("Passphrase", PASSPHRASE, "a passphrase")
    someone.type("The same again", PASSPHRASE, "it again")
    someone.click("Make wallet")
    approve(someone, "Register “Night Train”: a sealed record and its proof go on the network")
    someone.reads("The sealed record has its public timestamp", PRACTICE)

    # The certificate in hand, checked as its reader will.
    someone.click("Make a certificate")
    someone.type("Who is it for?", "Blue Moon Records")
    someone.click("Make certificate")
    someone.reads("The certificate is ready", PRACTICE)
    someone.click("Check it")
    someone.reads("This certificate is valid", "The proof holds", "The record is on the network")
    someone.reads("Its record is on a practice network", "Blue Moon Records")

    # Home says what comes next.
    someone.click("Home")
    someone.reads("Next step", "Let “Night Train” be paid")
    someone.click("Go on")
    someone.click("Make royalty shares")
    someone.click("Continue")
    someone.click("Continue")
    someone.click("Review")
    approve(someone, "100 % to the holders of the shares")
    someone.reads("The royalty shares are ready", "5.00 tUSD of practice money", PRACTICE)
    someone.click("Try a practice payment")
    approve(someone, "5 tUSD leaves your account")
    someone.reads("A practice payment has arrived: 5.00 tUSD for Night Train", PRACTICE)
    took, steps = time.monotonic() - began, list(someone.steps)

    # It is there to stay, and there is a next step.
    someone.click("Home")
    someone.reads("Received in all", "5.00 tUSD", "Do it for real", PRACTICE)

    print(f"\n{took:.1f} s of the machine's time:")
    print("\n".join(f"{number:>2}. {step}" for number, step in enumerate(steps, start=1)))
    assert sum(step.startswith("click") for step in steps) <= CLICKS
    assert sum(step.startswith("type") for step in steps) <= FIELDS
