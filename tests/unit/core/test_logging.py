"""No secret reaches a log file."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.logging import redact, redacted_traceback, set_up_logging

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"


@given(st.binary(min_size=32, max_size=64), st.sampled_from(["", "0x", "key ", "value="]))
def test_a_key_in_hexadecimal_is_blanked(secret: bytes, before: str) -> None:
    assert secret.hex() not in redact(f"got {before}{secret.hex()} here")


@pytest.mark.parametrize(
    "text",
    [PHRASE, f"phrase: {PHRASE}!", "passphrase=hunter22", "seed: abcdef", "private key = 5", "Password: p w"],
)
def test_phrases_and_named_secrets_are_blanked(text: str) -> None:
    shown = redact(text)
    assert "[redacted]" in shown
    assert "winner" not in shown
    assert "hunter22" not in shown


def test_public_hashes_stay_readable() -> None:
    digest = "0x" + "ab" * 32
    assert digest in redact(f"sent tx {digest}")


def test_log_files_and_tracebacks_are_redacted(tmp_path: Path) -> None:
    handler = set_up_logging(tmp_path)
    logger = logging.getLogger("desktop_app")
    try:
        try:
            raise ValueError(f"seed={'cd' * 32}")
        except ValueError as error:
            logger.exception("failed at 7: %s", PHRASE)
            assert "cd" * 32 not in redacted_traceback(error)
    finally:
        logger.removeHandler(handler)
        handler.close()
    written = (tmp_path / "colophon.log").read_text()
    assert "cd" * 32 not in written
    assert "winner" not in written
    assert "failed at 7" in written
