"""A report for those who help: versions, settings, counts and logs; nothing in it is private or secret."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sqlite3
import zipfile
from importlib import metadata
from pathlib import Path

import desktop_app
from desktop_app.content.whole_file import written_at_once
from desktop_app.core import localised, translations
from desktop_app.core.clock import Clock, iso_utc
from desktop_app.core.errors import ColophonError
from desktop_app.core.logging import redact
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.settings import SETTINGS, Settings
from desktop_app.services.wording import words
from desktop_app.store.snapshot import row_counts

SUFFIX = ".zip"
LIBRARIES = (
    "PySide6-Essentials", "web3", "py-evm", "eth-account", "coincurve", "cryptography",
    "py-arkworks-bls12381", "c2pa-python", "keyring", "numpy", "typer", "rich", "babel",
)  # fmt: skip
_LONG_HEX = re.compile(r"(?i)\b0x[0-9a-f]{40,}\b")
_ADDRESS = re.compile(r"(?i)\b(https?|wss?|tcp|tls)://[^\s'\"<>)\]]+")
_NAMED = re.compile(r"\b(title|name|path|file|folder|audience|memo|label|text)=[^,)\n]*")
_FOREIGN = re.compile(r"(['\"])(/|[A-Za-z]:\\)(?![^'\"\n]*\.py\1)[^'\"\n]+\1")


class DiagnosticsService:
    """Works without the other services, so that it can report on data that cannot be opened."""

    def __init__(self, paths: AppPaths, clock: Clock) -> None:
        self._paths = paths
        self._clock = clock

    def suggested_name(self) -> str:
        return f"Colophon report {iso_utc(self._clock.now())[:10]}{SUFFIX}"

    def report(self) -> dict[str, object]:
        """What the file says about this computer and this app; no title, no address, no amount."""
        return {
            "made": iso_utc(self._clock.now()),
            "colophon": desktop_app.__version__,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "desktop": os.environ.get("XDG_CURRENT_DESKTOP", ""),
            "session": os.environ.get("XDG_SESSION_TYPE", ""),
            "qt_platform": os.environ.get("QT_QPA_PLATFORM", ""),
            "language": translations.language(),
            "formats": localised.formats(),
            "processors": os.cpu_count(),
            "free_megabytes": shutil.disk_usage(self._paths.home).free // 1_000_000,
            "libraries": {name: _version(name) for name in LIBRARIES},
            "settings": self._chosen(),
            "rows": self._rows(),
            "files": {path.name: path.stat().st_size for path in sorted(self._paths.home.iterdir())},
        }

    def _rows(self) -> dict[str, int] | str:
        try:
            return row_counts(self._paths.database) if self._paths.database.exists() else {}
        except (ColophonError, sqlite3.Error, OSError) as error:
            return type(error).__name__

    def _chosen(self) -> dict[str, object]:
        """The settings without addresses: those of nodes often hold an access key."""
        found: dict[str, object] = {}
        try:
            settings = Settings(self._paths.settings)
        except ColophonError as error:
            return {"problem": error.code}
        for one in SETTINGS:
            try:
                value = settings.get(one)
            except ColophonError as error:
                value = error.code
            found[one.key] = self.without_private(value) if isinstance(value, str) else value
        return found

    def export(self, path: Path) -> int:
        """Write the report and the redacted logs to a ZIP file; counts its files.

        Raises RefusedError("content.exists"), UnavailableError("content.write_failed").
        """
        path = expanded(path).absolute()
        logs = sorted(self._paths.logs.glob("colophon.log*"))
        with (
            written_at_once(path) as part,
            os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr("README.txt", words("diagnostics.readme"))
            archive.writestr("report.json", json.dumps(self.report(), indent=1))
            for log in logs:
                archive.writestr(f"logs/{log.name}", self.without_private(log.read_text("utf-8", "replace")))
        return len(logs) + 2

    def without_private(self, text: str) -> str:
        """A log fit for others: no secrets, whole accounts or hashes, addresses of nodes, names or paths."""
        text = redact(text)
        text = _ADDRESS.sub(lambda match: f"{match[1]}://[address]", text)
        text = _LONG_HEX.sub(lambda match: f"{match[0][:6]}…", text)
        text = _NAMED.sub(r"\1=…", text)
        text = _FOREIGN.sub(r"\1[path]\1", text)
        for place, name in ((self._paths.home, "[data folder]"), (Path.home(), "~")):
            text = text.replace(str(place), name)
        return text


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
