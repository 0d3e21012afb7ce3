"""Locked files for sale (package format 2): making them of works. Their secrets stay sealed under the wallet.
"""

from __future__ import annotations

from pathlib import Path
from secrets import token_bytes

from desktop_app.content.package_format import SUFFIX, key_commitment
from desktop_app.content.sale_package import check_sale_package, content_root, create_sale_package
from desktop_app.content.whole_file import discard_partial, part_of
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, RefusedError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.services.wallet import WalletService
from desktop_app.store.ids import new_id
from desktop_app.store.sales import SalePackage, SaleRepository
from desktop_app.store.works import Work, WorkRepository
from desktop_app.wallet.content_keys import open_key, seal_key
from desktop_app.wallet.signer import Signer

_SUFFIX = f" for sale{SUFFIX}"


class SalePackages:
    def __init__(
        self, works: WorkRepository, sales: SaleRepository, wallet: WalletService, clock: Clock
    ) -> None:
        self._works = works
        self._sales = sales
        self._wallet = wallet
        self._clock = clock

    def suggested_path(self, work_id: str) -> Path:
        """Beside the work's own file."""
        path = self._works.get(work_id).path
        return path.with_name(path.stem + _SUFFIX)

    def of_work(self, work_id: str) -> tuple[SalePackage, ...]:
        """The finished ones whose file is still there, newest first."""
        return tuple(
            one for one in self._sales.packages(work_id) if one.plain_root is not None and one.path.is_file()
        )

    def make(self, work_id: str, path: Path | None = None, task: Task | None = None) -> SalePackage:
        """The newest locked file of a work, made if there is none, or anew at another `path`.

        Interrupted, it goes on where it was. The wallet has to be open. Raises RefusedError("wallet.locked",
        "content.exists", "library.file_changed") and what `create_sale_package` raises.
        """
        work = self._works.get(work_id)
        target = expanded(path or self.suggested_path(work_id)).absolute()
        for one in self.of_work(work.id):
            if path is None or one.path == target:
                return one
        row, seed = self._begin(work, target)
        return self._finish(work, row, seed, task or Task())

    def seed(self, package: SalePackage) -> bytes:
        """The secret of a package, 32 bytes. Raises RefusedError("wallet.locked")."""
        return open_key(self._wallet.owner_secrets().seed, package.sealed_seed, package.key_commitment)

    def key(self, package: SalePackage) -> bytes:
        """The key that opens a package, 32 bytes. Raises RefusedError("wallet.locked")."""
        return _key(self.seed(package))

    def signer(self, seller: str) -> Signer:
        """Signs for the account that made an offer. Raises RefusedError("wallet.locked",
        "selling.other_account")."""
        if seller not in {account.address for account in self._wallet.status().accounts}:
            raise RefusedError("selling.other_account", seller=seller)
        return self._wallet.signer(seller)

    def _begin(self, work: Work, path: Path) -> tuple[SalePackage, bytes]:
        wallet_seed = self._wallet.owner_secrets().seed
        for row in self._sales.packages(work.id):
            if row.plain_root is None and row.path == path:
                return row, open_key(wallet_seed, row.sealed_seed, row.key_commitment)
        if path.exists():
            raise RefusedError("content.exists", path=str(path))
        discard_partial(path)
        seed = token_bytes(32)
        commitment = key_commitment(_key(seed))
        row = SalePackage(
            new_id(), work.id, path, work.size, commitment, seal_key(wallet_seed, seed, commitment),
            None, None, self._clock.now(),
        )  # fmt: skip
        self._sales.add_package(row)
        return row, seed

    def _finish(self, work: Work, row: SalePackage, seed: bytes, task: Task) -> SalePackage:
        key = _key(seed)
        if row.path.exists() and _is_finished(row.path):
            # The file was finished, but the program ended before that was noted.
            facts = check_sale_package(row.path, task.part(0, 2))
            if facts.key_commitment != row.key_commitment:
                raise RefusedError("content.exists", path=str(row.path))
            root = content_root(row.path, key, work.salt, task.part(1, 2))
            discard_partial(row.path)
        else:
            try:
                facts, root = create_sale_package(work.path, row.path, key, work.salt, task)
            except ColophonError:
                if not part_of(row.path).exists():
                    self._sales.delete_package(row.id)
                raise
        # Whether exactly the registered work is inside: a buyer would be right to complain otherwise.
        if root != work.chunk_root:
            row.path.unlink(missing_ok=True)
            self._sales.delete_package(row.id)
            raise RefusedError("library.file_changed", title=work.title)
        self._sales.finish_package(row.id, facts.cipher_root, facts.plain_root)
        return self._sales.package(row.id)


def _is_finished(path: Path) -> bool:
    """Whether the file at `path` is what was being written: it gets its name before it loses the other."""
    part = part_of(path)
    return not part.exists() or part.samefile(path)


def _key(seed: bytes) -> bytes:
    from desktop_app.proofs.key_delivery import SaleSecret, content_key

    return content_key(SaleSecret.from_seed(seed))
