"""Secrets of commitments on disk: a folder of files, each under a key of its own from the wallet's seed."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop_app.services.wallet import WalletService
from desktop_app.wallet.durable import replace_file
from desktop_app.wallet.sealing import KEY_BYTES, NONCE_BYTES, seal, unseal

SUFFIX = ".sealed"


class SealedFiles:
    """nonce, then AES-256-GCM, bound to the identity of the commitment. `purpose` separates the keys."""

    def __init__(self, folder: Path, purpose: str, wallet: WalletService) -> None:
        self._folder = folder
        self._purpose = purpose
        self._wallet = wallet

    def path(self, number: str) -> Path:
        return self._folder / f"{number}{SUFFIX}"

    def write(self, number: str, plain: bytes, identity: str) -> None:
        """Raises RefusedError for a locked wallet."""
        sealed = seal(self.key(number), plain, identity.encode())
        self._folder.mkdir(mode=0o700, exist_ok=True)
        replace_file(self.path(number), b"".join(sealed))

    def read(self, number: str, identity: str) -> bytes | None:
        """None where the file was changed or is another wallet's; raises RefusedError for a locked one."""
        sealed = self.path(number).read_bytes()
        return unseal(self.key(number), sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], identity.encode())

    def key(self, number: str) -> bytes:
        """Raises RefusedError for a locked wallet."""
        seed = self._wallet.owner_secrets().seed
        info = f"colophon/v1/training/{self._purpose}/{number}".encode()
        return HKDF(SHA256(), KEY_BYTES, None, info).derive(seed)
