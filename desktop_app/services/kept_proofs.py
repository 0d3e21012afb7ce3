"""Proofs of a run that are made already: written again at no cost, and where a stopped run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training.certificate import Proved, TrainingCertificate, parse
from desktop_app.training.dataset import DataHeader
from desktop_app.wallet.durable import replace_file

SUFFIX = ".training.colophon"
DIGEST = 16


class KeptProofs:
    """Files in a folder of one run, each named by what it proves and by the start of its own SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, claim: Proved) -> None:
        content = TrainingCertificate((claim,)).encode()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._folder / f"{name}.{_digest(content)}{SUFFIX}", content)

    def find(self, name: str) -> Proved | None:
        """The whole proof of this name; a file that was damaged is as good as none."""
        for path in sorted(self._folder.glob(f"{name}.*{SUFFIX}")):
            content = path.read_bytes()
            if path.name == f"{name}.{_digest(content)}{SUFFIX}":
                try:
                    return parse(content).claims[0]
                except InvalidInputError:  # of another version of the program
                    continue
        return None

    def segment(self, first_step: int) -> Proved | None:
        """The longest proof that starts at this step."""
        found = [path.name.partition(".")[0] for path in self._folder.glob(f"{first_step:08}-*{SUFFIX}")]
        for name in sorted(found, reverse=True):
            claim = self.find(name)
            if claim is not None:
                return claim
        return None

    def proved_steps(self, steps: int) -> int:
        """How many of the first `steps` are proved without a gap, by the names alone."""
        pieces: dict[int, int] = {}
        for path in self._folder.glob(f"[0-9]*-*{SUFFIX}"):
            first, _, length = path.name.partition(".")[0].partition("-")
            pieces[int(first)] = max(pieces.get(int(first), 0), int(length))
        at = 0
        while at < steps and pieces.get(at, 0) > 0 and at + pieces[at] <= steps:
            at += pieces[at]
        return at


def segment_name(first_step: int, steps: int) -> str:
    return f"{first_step:08}-{steps:08}"


def test_name(steps: int, data: Sequence[DataHeader]) -> str:
    """Of a proof of how good the result of so many steps is on these data sets."""
    about: list[Json] = [steps, *(header.identity() for header in data)]
    return f"test-{hashlib.sha256(canonical_json.write(about)).hexdigest()[:32]}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGEST]
