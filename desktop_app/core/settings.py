"""The user's settings: typed, with a default and a description each, kept in one TOML file.

Unknown keys and comments in the file survive a save; a bad value is an error that names the key.
"""

from __future__ import annotations

import os
import tempfile
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.translations import languages

Value = str | int | bool


@dataclass(frozen=True)
class Setting:
    """One setting: dotted key, default, allowed values or range, and what it is for."""

    key: str
    default: Value
    description: str
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 1_000_000

    def check(self, value: object) -> Value:
        """The value, if it fits; raises InvalidInputError."""
        if not isinstance(value, str | int) or type(value) is not type(self.default):
            raise InvalidInputError("settings.wrong_type", key=self.key, expected=type(self.default).__name__)
        if self.choices and value not in self.choices:
            raise InvalidInputError("settings.not_a_choice", key=self.key, choices=", ".join(self.choices))
        if type(value) is int and not self.minimum <= value <= self.maximum:
            raise InvalidInputError(
                "settings.out_of_range", key=self.key, minimum=self.minimum, maximum=self.maximum
            )
        return value


NETWORK = Setting("network.active", "practice", "The network that actions go to.")
FEE_SPEED = Setting(
    "network.fee_speed",
    "normal",
    "How soon transactions should be in a block; faster costs more.",
    ("slow", "normal", "fast"),
)
MONEY = Setting(
    "money.own",
    "USD",
    "Your money: network fees are also shown in it, where the network itself tells the price.",
    ("USD", "EUR", "GBP", "none"),
)
LANGUAGE = Setting(
    "app.language",
    "system",
    "The language of all texts; dates and numbers follow it. “system” is that of the computer.",
    ("system", *languages()),
)
THEME = Setting(
    "window.theme",
    "system",
    "Light, dark, high contrast, or as the system is.",
    ("system", "light", "dark", "contrast"),
)
TEXT_SIZE = Setting(
    "window.text_size", 100, "The size of the texts in percent of the usual one.", minimum=90, maximum=200
)
NOTIFY = Setting(
    "window.notify", "on", "Tell of payments through the desktop's tray, where there is one.", ("on", "off")
)
TRAY = Setting(
    "window.tray",
    "off",
    "Stay in the desktop's tray when the window is closed, where there is a tray.",
    ("on", "off"),
)
AUTO_LOCK = Setting(
    "wallet.auto_lock_minutes", 15, "Lock the wallet after this many idle minutes; 0 is never.", maximum=1440
)
CLUSTER = Setting(
    "library.cluster",
    "",
    "The Dask cluster of yours that reads folders, as tcp://HOST:PORT; empty: this computer does it.",
)
CERTIFICATE_DAYS = Setting(
    "proof.valid_days", 30, "How many days a new certificate is valid.", minimum=1, maximum=3650
)
UPDATE_CHECK = Setting(
    "updates.check",
    "off",
    "Ask for a newer version when the window opens; nothing is ever installed.",
    ("off", "on"),
)
UPDATE_ADDRESS = Setting(
    "updates.address", "", "Where newer versions are announced, as https://...; empty: as this release says."
)
UPDATE_KEY = Setting(
    "updates.key", "", "The minisign key that signs announcements; empty: the one of this release."
)
IPFS_NODE = Setting(
    "selling.ipfs_node", "", "The RPC address of your own IPFS node (Kubo), e.g. http://127.0.0.1:5001."
)

SETTINGS: tuple[Setting, ...] = (
    LANGUAGE, NETWORK, FEE_SPEED, MONEY, THEME, TEXT_SIZE, NOTIFY, TRAY, AUTO_LOCK, CLUSTER, CERTIFICATE_DAYS,
    UPDATE_CHECK, UPDATE_ADDRESS, UPDATE_KEY, IPFS_NODE,
)  # fmt: skip


class Settings:
    """The settings file. Thread-safe; a missing file means all defaults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._document = self._load()
        self._overrides: dict[str, Value] = {}

    def _load(self) -> dict[str, Any]:
        try:
            self._text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            self._text = ""
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise InvalidInputError("settings.unreadable", path=str(self._path), detail=str(error)) from error

    def get(self, setting: Setting) -> Value:
        """The stored value, or the default. Raises InvalidInputError for a stored value that does not fit."""
        with self._lock:
            if setting.key in self._overrides:
                return self._overrides[setting.key]
            table, name = self._place(setting.key)
            if table is None or name not in table:
                return setting.default
            return setting.check(table[name])

    def text(self, setting: Setting) -> str:
        return str(self.get(setting))

    def number(self, setting: Setting) -> int:
        return int(self.get(setting))

    def set(self, setting: Setting, value: Value) -> None:
        """Check and store a value; the file is replaced whole."""
        value = setting.check(value)
        with self._lock:
            self._overrides.pop(setting.key, None)
            section, name = setting.key.split(".")
            self._save(section, name, value)

    def override(self, setting: Setting, value: Value) -> None:
        """Use a value for this run only; the file keeps its own."""
        value = setting.check(value)
        with self._lock:
            self._overrides[setting.key] = value

    def endpoints(self, network: str) -> tuple[str, ...]:
        """Addresses of the user's own nodes for a network, from the table [endpoints]; () when none."""
        with self._lock:
            table, name = self._place(f"endpoints.{network}")
            found = None if table is None else table.get(name)
        listed = [] if found is None else found
        if not isinstance(listed, list) or not all(isinstance(url, str) for url in listed):
            raise InvalidInputError(
                "settings.wrong_type", key=f"endpoints.{network}", expected="list of addresses"
            )
        return tuple(listed)

    def set_endpoints(self, network: str, urls: tuple[str, ...]) -> None:
        """Replace the user's own nodes for a network; with none, the public ones are used again."""
        with self._lock:
            self._save("endpoints", network, list(urls))

    def _place(self, key: str) -> tuple[dict[str, Any] | None, str]:
        section, name = key.split(".")
        table = self._document.get(section)
        if table is not None and not isinstance(table, dict):
            raise InvalidInputError("settings.wrong_type", key=section, expected="table")
        return table, name

    def _save(self, section: str, name: str, value: Value | list[str]) -> None:
        import tomlkit  # keeps the comments of the user; reading does not need it

        document = tomlkit.parse(self._text)
        if section not in document:
            document[section] = tomlkit.table()
        cast("dict[str, Value | list[str]]", document[section])[name] = value
        text = tomlkit.dumps(document)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".settings-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._text, self._document = text, tomllib.loads(text)


def setting_named(key: str) -> Setting:
    """The setting with this dotted key; raises InvalidInputError."""
    for setting in SETTINGS:
        if setting.key == key:
            return setting
    raise InvalidInputError("settings.unknown_key", key=key, known=", ".join(s.key for s in SETTINGS))
