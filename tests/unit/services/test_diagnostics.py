"""A report for those who help says what they need and nothing that is private."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import RefusedError
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import CLUSTER, THEME, Settings
from desktop_app.services.app import build_services
from desktop_app.services.diagnostics import DiagnosticsService

ACCOUNT = "0x" + "ab" * 20
HASH = "0x" + "cd" * 32


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    found = AppPaths(tmp_path / "home")
    build_services(found).close()
    settings = Settings(found.settings)
    settings.set(CLUSTER, "tcp://cluster.example:8786")
    settings.set(THEME, "dark")
    settings.set_endpoints("base", ("https://node.example/v1/SECRETKEY",))
    return found


def test_the_report_has_versions_settings_counts_and_logs(paths: AppPaths, tmp_path: Path) -> None:
    (paths.logs / "colophon.log").write_text("2026-11-26 INFO one line\n")
    service = DiagnosticsService(paths, FixedClock(1_795_682_040))
    assert service.suggested_name() == "Colophon report 2026-11-26.zip"
    file = tmp_path / "report.zip"
    assert service.export(file) == 3
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        report = json.loads(archive.read("report.json"))
        assert "one line" in archive.read("logs/colophon.log").decode()
    assert report["settings"]["window.theme"] == "dark"
    assert report["rows"]["works"] == 0
    assert report["libraries"]["web3"]
    with pytest.raises(RefusedError):
        service.export(file)


def test_nothing_private_is_in_it(paths: AppPaths, tmp_path: Path) -> None:
    lines = (
        f"payment from {ACCOUNT} in {HASH}",
        "asked https://node.example/v1/SECRETKEY?x=1",
        "library.missing (title=Secret Song, path=/home/ada/Secret Song.wav)",
        "FileNotFoundError: No such file: '/media/ada/Secret Song.wav'",
        f"opened {paths.home}/colophon.db",
        "passphrase: paper-lantern",
        'File "/usr/lib/python3.11/json/decoder.py", line 3, in decode',
    )
    (paths.logs / "colophon.log").write_text("\n".join(lines))
    file = tmp_path / "report.zip"
    DiagnosticsService(paths, FixedClock(1_795_682_040)).export(file)
    with zipfile.ZipFile(file) as archive:
        everything = "\n".join(archive.read(name).decode() for name in archive.namelist())
    private_words = ("SECRETKEY", "node.example", "cluster.example", "Secret", "lantern", str(paths.home))
    for private in (ACCOUNT, HASH, *private_words):
        assert private not in everything, private
    assert "decoder.py" in everything  # what helps stays


def test_data_that_cannot_be_opened_can_still_be_reported_on(paths: AppPaths, tmp_path: Path) -> None:
    paths.database.write_bytes(b"not a database, but long enough to be looked at" * 50)
    paths.settings.write_text("not [ toml")
    report = DiagnosticsService(paths, FixedClock(0)).report()
    assert report["rows"] == "CorruptError"
    assert report["settings"] == {"problem": "settings.unreadable"}
    assert DiagnosticsService(paths, FixedClock(0)).export(tmp_path / "report.zip") >= 2
