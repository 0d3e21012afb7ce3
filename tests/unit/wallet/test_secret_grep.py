"""The plugin that searches what tests leave behind finds what it has to find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]

LEAKY = """
import logging
from pathlib import Path
import secret_grep
from desktop_app.wallet import phrase, sealing
from desktop_app.wallet.redacted import OpenVault

ENTROPY = bytes(range(16))

def vault():
    return OpenVault(b"k" * 16 + bytes(range(16)), ENTROPY, phrase.seed_from_entropy(ENTROPY))

def test_phrase(tmp_path):
    vault()
    (tmp_path / "a" ).mkdir()
    (tmp_path / "a" / "notes.txt").write_text("my words: " + phrase.phrase_from_entropy(ENTROPY))

def test_seed_in_hex(tmp_path):
    (tmp_path / "crash.txt").write_text(vault().seed.hex())

def test_key_as_it_is(tmp_path):
    (tmp_path / "core").write_bytes(b"..." + vault().key + b"...")

def test_log():
    logging.getLogger("x").warning("passphrase is %s", passphrase())

def passphrase():
    sealing.wrap_key("open sesame", bytes(32), sealing.Argon2Cost(8, 1, 1), b"test")
    return "open sesame"

def test_given(tmp_path):
    secret_grep.register("hunter2hunter2", "password")
    (tmp_path / "x").write_text("hunter2hunter2")

def test_on_purpose(tmp_path):
    (secret_grep.expected_in(tmp_path / "passphrase.txt")).write_text(passphrase())

def test_clean(tmp_path):
    vault()
    passphrase()
    (tmp_path / "fine.txt").write_text("nothing")

def test_of_another_test(tmp_path):
    (tmp_path / "x").write_text("open sesame")
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("leaky")
    (folder / "test_leaky.py").write_text(LEAKY)
    (folder / "conftest.py").write_text('pytest_plugins = ["secret_grep"]\n')
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS} {TESTS.parent}\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rEfp", str(folder)]
    done = subprocess.run(
        [*command, f"--basetemp={folder / 'temp'}"], capture_output=True, text=True, cwd=folder, check=False
    )
    return done.stdout


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("test_phrase", "a/notes.txt holds the phrase"),
        ("test_seed_in_hex", "crash.txt holds the seed"),
        ("test_key_as_it_is", "core holds the vault key"),
        ("test_log", "the log holds the passphrase"),
        ("test_given", "x holds the password"),
    ],
)
def test_a_secret_left_behind_fails_the_test_that_left_it(outcome: str, test: str, said: str) -> None:
    assert f"ERROR test_leaky.py::{test}" in outcome
    assert said in outcome


@pytest.mark.parametrize("test", ["test_on_purpose", "test_clean", "test_of_another_test"])
def test_nothing_else_is_complained_about(outcome: str, test: str) -> None:
    assert f"ERROR test_leaky.py::{test}" not in outcome
    assert "5 errors" in outcome
