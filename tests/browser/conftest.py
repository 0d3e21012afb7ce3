"""What the page's tests need: node, the packages of resources/verifier, and Chromium. Never a download."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.certificates import make

HERE = Path(__file__).parent
VERIFIER = HERE.parents[1] / "resources" / "verifier"
CHECKOUT = VERIFIER.with_name("checkout")
NOW = 1_800_000_000

Step = dict[str, Any]
Case = dict[str, Any]


def node() -> str:
    """Its path; skips where it or the packages of the pages are not here."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    if not (VERIFIER / "node_modules" / "@noble").is_dir():
        pytest.skip(
            "the packages of resources/verifier are not installed (npm ci --prefix resources/verifier)"
        )
    return found


def run(script: Path, *arguments: str, given: object = None) -> bytes:
    """The output of a node script that is given JSON."""
    done = subprocess.run(
        [node(), str(script), *arguments],
        input=json.dumps(given).encode(),
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def verify_in_node() -> Callable[[list[Case]], list[Any]]:
    """What the page's verifier says about each case: see run_verifier.mjs. Bytes are encoded here."""

    def check(cases: list[Case]) -> list[Any]:
        written = [
            {name: encoded(value) if isinstance(value, bytes) else value for name, value in case.items()}
            for case in cases
        ]
        outcomes: list[Any] = json.loads(run(HERE / "run_verifier.mjs", given=written))
        return outcomes

    return check


@pytest.fixture(scope="session")
def browser() -> Iterator[subprocess.Popen[str]]:
    """Chromium, driven by drive_page.mjs; one for all pages."""
    chromium = (
        os.environ.get("COLOPHON_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if chromium is None:
        pytest.skip("chromium is not installed")
    command = [node(), str(HERE / "drive_page.mjs"), chromium]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate(timeout=30)


@pytest.fixture
def browse(tmp_path: Path, browser: subprocess.Popen[str]) -> Callable[..., Any]:
    """Opens a page in Chromium and takes steps, see drive_page.mjs. The page's clock stands at NOW + 5."""
    assert browser.stdin is not None
    assert browser.stdout is not None

    def open_page(page: bytes, *steps: Step, **options: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_bytes(page)
        given = {"page": str(path), "now": NOW + 5, **options, "steps": steps}
        browser.stdin.write(json.dumps(given) + "\n")  # type: ignore[union-attr]
        browser.stdin.flush()  # type: ignore[union-attr]
        told = json.loads(browser.stdout.readline())  # type: ignore[union-attr]
        assert "failed" not in told, told["failed"]
        return told

    return open_page


@pytest.fixture(scope="session")
def certificate_of() -> Callable[[str], bytes]:
    """The certificate of a kind that is issued at NOW; one for the whole run."""
    made: dict[str, bytes] = {}

    def of(kind: str) -> bytes:
        return made.setdefault(kind, make(kind, NOW))

    return of


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
