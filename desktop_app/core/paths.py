"""Where the app keeps its data, and where its bundled resources are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parents[1]


def expanded(path: Path) -> Path:
    """With ~ for the home of a user; as it is where there is no such user, as a shell leaves it."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


@dataclass(frozen=True)
class AppPaths:
    """All files of one user. `COLOPHON_HOME` moves every one of them."""

    home: Path

    @classmethod
    def from_environment(cls) -> AppPaths:
        chosen = os.environ.get("COLOPHON_HOME")
        usual = platformdirs.user_data_path("colophon", appauthor=False)
        home = expanded(Path(chosen)) if chosen else usual
        return cls(home.resolve())

    def create(self) -> None:
        """Make the data folders, readable by the user only."""
        for folder in (self.home, self.logs, self.backups, self.certificates):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and self.home.stat().st_mode & 0o077:
            self.home.chmod(0o700)

    @property
    def database(self) -> Path:
        return self.home / "colophon.db"

    @property
    def vault(self) -> Path:
        return self.home / "vault.json"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    @property
    def practice(self) -> Path:
        """State of the embedded practice network."""
        return self.home / "practice.db"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def backups(self) -> Path:
        """Copies of the database made before an upgrade."""
        return self.home / "backups"

    @property
    def printed(self) -> Path:
        """The receipt that was printed last."""
        return self.home / "printed"

    @property
    def previews(self) -> Path:
        """Small pictures of works; they can be made again at any time."""
        return self.home / "previews"

    @property
    def credential_chain(self) -> Path:
        """The certificate (public) with which this user's Content Credentials are signed."""
        return self.home / "signing-certificate.pem"

    @property
    def data_sets(self) -> Path:
        """Rows of private data sets, encrypted under the wallet's key."""
        return self.home / "data-sets"

    @property
    def hidden_models(self) -> Path:
        """Weights of hidden models, encrypted under the wallet's key."""
        return self.home / "hidden-models"

    @property
    def training(self) -> Path:
        """Segments of training proofs, a folder for each run."""
        return self.home / "training"

    @property
    def certificates(self) -> Path:
        return self.home / "certificates"


def resource(name: str) -> Path:
    """A bundled file, e.g. resource("contracts/Registry.json")."""
    installed = _PACKAGE / "_resources"
    root = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    return root / name
