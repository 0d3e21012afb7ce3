"""The vault's place on the disk: read whole, changed by one process at a time, replaced whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from desktop_app.core.errors import ColophonError, NotFoundError, UnavailableError
from desktop_app.wallet.durable import exclusive, remove_leftovers, replace_file
from desktop_app.wallet.vault import MAX_FILE_BYTES, Vault, decode


class VaultFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return self.path.exists()

    def read(self) -> Vault | None:
        """The vault, None where there is no file. Raises what `decode` does, or UnavailableError."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError("wallet.unreadable", detail=error.strerror or "") from error
        return decode(data)

    def existing(self) -> Vault:
        """As `read`; raises NotFoundError("wallet.absent") where there is no file."""
        vault = self.read()
        if vault is None:
            raise NotFoundError("wallet.absent")
        return vault

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the file against other processes. Raises UnavailableError."""
        try:
            with exclusive(self.path):
                remove_leftovers(self.path)
                yield
        except OSError as error:
            raise UnavailableError("wallet.unwritable", detail=error.strerror or "") from error

    def write(self, vault: Vault) -> None:
        """Replace the file whole. Call inside of `exclusively`."""
        replace_file(self.path, vault.encode())

    def certainly_lacks(self, key_id: str) -> bool:
        """Whether what is on the disk for sure does not need the key of this id."""
        try:
            vault = self.read()
        except ColophonError:
            return False
        return vault is None or vault.header.key_id != key_id
