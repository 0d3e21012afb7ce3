"""Asking for a newer version, and checking a download; a server of the tests answers with real signatures."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from integration.witness_servers import server
from typer.testing import CliRunner

from desktop_app.cli.app import app
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import ColophonError
from desktop_app.core.settings import UPDATE_ADDRESS, UPDATE_CHECK, UPDATE_KEY, Settings
from desktop_app.services.updates import Update, UpdateService

NOW = 1_800_000_000  # 2027-01-15
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY_ID = b"\1\2\3\4\5\6\7\x08"
KEY = base64.b64encode(
    b"Ed" + KEY_ID + PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()
GOOD = {
    "format": "colophon-release/1",
    "version": "0.2.0",
    "released": "2027-01-02",
    "expires": "2027-12-31",
    "page": "https://example.org/colophon/0.2.0",
    "summary": "Certificates are read aloud.",
}


def sign(data: bytes) -> bytes:
    first = PRIVATE.sign(hashlib.blake2b(data).digest())
    second = PRIVATE.sign(first + b"release")
    return b"\n".join(
        (
            b"untrusted comment: x",
            base64.b64encode(b"ED" + KEY_ID + first),
            b"trusted comment: release",
            base64.b64encode(second),
        )
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.toml")


@contextmanager
def announcing(
    settings: Settings, data: bytes, signature: bytes | None = None, asked: list[str] | None = None
) -> Iterator[UpdateService]:
    """A service whose server announces `data`."""

    def answer(_method: str, path: str, _body: bytes) -> tuple[int, bytes]:
        if asked is not None:
            asked.append(path)
        if path == "/release.json":
            return 200, data
        if path == "/release.json.minisig":
            return 200, sign(data) if signature is None else signature
        return 404, b""

    with server(answer) as address:
        settings.set(UPDATE_ADDRESS, f"{address}/release.json")
        settings.set(UPDATE_KEY, KEY)
        yield UpdateService(settings, FixedClock(NOW), installed="0.1.0")


def look(settings: Settings, **changed: object) -> Update:
    with announcing(settings, json.dumps(GOOD | changed).encode()) as updates:
        return updates.look()


def refused(settings: Settings, data: bytes, signature: bytes | None = None) -> str:
    with announcing(settings, data, signature) as updates, pytest.raises(ColophonError) as error:
        updates.look()
    return error.value.code


@pytest.mark.parametrize(
    ("version", "newer"),
    [("0.2.0", True), ("0.1.1", True), ("0.10", True), ("0.1.0", False), ("0.1", False), ("0.0.9", False)],
)
def test_only_a_higher_version_is_newer(settings: Settings, version: str, newer: bool) -> None:
    found = look(settings, version=version)
    assert (found.newer, found.installed, found.announced.version) == (newer, "0.1.0", version)


def test_nobody_is_asked_until_the_user_says_so(settings: Settings) -> None:
    asked: list[str] = []
    with announcing(settings, json.dumps(GOOD).encode(), asked=asked) as updates:
        assert updates.asked_for is False
        assert updates.host == "127.0.0.1"
        assert asked == []
        updates.ask_when_opening(True)
        assert updates.asked_for is True
        assert asked == []
        updates.look()
        assert asked == ["/release.json", "/release.json.minisig"]


def test_a_copy_without_address_or_key_asks_nobody_and_says_so(settings: Settings) -> None:
    updates = UpdateService(settings, FixedClock(NOW))
    assert updates.host == ""
    for call in (updates.look, lambda: updates.ask_when_opening(True)):
        with pytest.raises(ColophonError) as error:
            call()
        assert error.value.code == "updates.nowhere"
    assert settings.text(UPDATE_CHECK) == "off"


def test_an_announcement_that_was_changed_or_signed_by_another_is_refused(settings: Settings) -> None:
    data = json.dumps(GOOD).encode()
    assert refused(settings, data, sign(data + b" ")) == "updates.wrong_signature"
    other = sign(data).replace(base64.b64encode(b"ED" + KEY_ID)[:12], base64.b64encode(b"ED1234567")[:12])
    assert refused(settings, data, other) == "updates.other_key"
    page = b"<html>Sign in to the network of the hotel</html>"
    assert refused(settings, data, page) == "updates.bad_signature_file"


def test_an_old_announcement_is_not_taken_for_an_answer(settings: Settings) -> None:
    data = json.dumps(GOOD | {"expires": "2027-01-14"}).encode()
    assert refused(settings, data) == "updates.expired"
    assert look(settings, expires="2027-01-15").newer


@pytest.mark.parametrize(
    "changed",
    [
        {"page": "http://example.org"},
        {"page": "file:///etc/passwd"},
        {"page": "https://who@example.org"},
        {"page": "https://examp\u0142e.org"},
        {"version": "2"},
        {"version": "1.\u0662"},
        {"version": 2},
        {"released": "yesterday"},
        {"format": "colophon-release/2"},
        {"more": "x"},
        {"summary": "a\u202eb"},
    ],
    ids=str,
)
def test_a_signed_announcement_must_still_be_of_the_form_that_is_known(
    settings: Settings, changed: dict[str, object]
) -> None:
    assert refused(settings, json.dumps(GOOD | changed).encode()) == "updates.bad_announcement"


def test_a_name_that_stands_twice_is_refused(settings: Settings) -> None:
    data = json.dumps(GOOD).encode()
    assert refused(settings, data[:-1] + b', "version": "9.0"}') == "updates.bad_announcement"
    assert refused(settings, b"[" * 8000) == "updates.bad_announcement"


def test_a_server_that_does_not_answer_is_named(settings: Settings) -> None:
    with announcing(settings, b"") as updates:
        settings.set(UPDATE_ADDRESS, settings.text(UPDATE_ADDRESS) + "/none")
        with pytest.raises(ColophonError) as error:
            updates.look()
    assert (error.value.code, error.value.params["reason"]) == ("updates.unreachable", 404)


def test_the_commands_check_and_verify(tmp_path: Path, settings: Settings) -> None:
    home = tmp_path / "home"

    def run(*arguments: object, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["--home", str(home), *map(str, arguments)], env={"NO_COLOR": "1"})
        assert result.exit_code == code, result.output
        return result.output

    run("updates", "check", code=1)
    data = json.dumps(GOOD | {"version": "900.1", "expires": "2999-01-01"}).encode()
    with announcing(settings, data):
        for setting in (UPDATE_ADDRESS, UPDATE_KEY):
            run("settings", "set", setting.key, settings.text(setting))
        assert "Version 900.1 is out" in run("updates", "check")
        assert json.loads(run("updates", "check", "--json"))["newer"] is True
    download = tmp_path / "colophon.deb"
    download.write_bytes(b"!<arch>\n")
    run("updates", "verify", download, code=2)
    (tmp_path / "colophon.deb.minisig").write_bytes(sign(b"!<arch>\n"))
    assert "This is the file that was released" in run("updates", "verify", download)
    download.write_bytes(b"!<arch>!")
    run("updates", "verify", download, code=1)
