"""Encrypted packages of works: making, opening, checking. Their keys never leave the wallet unasked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop_app.content.package import create_package, new_key
from desktop_app.content.package_format import (
    KEY_SIZE,
    MAGIC,
    SUFFIX,
    PackageFacts,
    PackageHeader,
    key_commitment,
)
from desktop_app.content.package_reading import check_package, open_package, read_header
from desktop_app.content.whole_file import discard_partial, part_of, whole_file
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.services.wallet import WalletService
from desktop_app.store.ids import new_id
from desktop_app.store.packages import Package, PackageRepository
from desktop_app.store.works import Work, WorkRepository
from desktop_app.wallet.content_keys import open_key, seal_key

__all__ = ["Package", "PackageCheck", "PackageFacts", "PackageService"]


@dataclass(frozen=True)
class PackageCheck:
    """What a package turned out to be. `opened`: every chunk was decrypted, not only counted.

    `work` is the work that it holds, where it was made here.
    """

    facts: PackageFacts
    opened: bool
    work: Work | None


class PackageService:
    def __init__(
        self, works: WorkRepository, packages: PackageRepository, wallet: WalletService, clock: Clock
    ) -> None:
        self._works = works
        self._packages = packages
        self._wallet = wallet
        self._clock = clock

    def for_work(self, work_id: str) -> tuple[Package, ...]:
        """Newest first."""
        return tuple(self._packages.for_work(work_id))

    def suggested_path(self, work_id: str) -> Path:
        """Beside the work's own file."""
        path = self._works.get(work_id).path
        return path.with_name(path.stem + SUFFIX)

    @staticmethod
    def is_package(path: Path) -> bool:
        """Whether the file begins like a package; False for what cannot be read."""
        try:
            with path.open("rb") as file:
                return file.read(len(MAGIC)) == MAGIC
        except OSError:
            return False

    def create(self, work_id: str, path: Path, task: Task | None = None) -> Package:
        """Encrypt a work under a new random key, which is kept sealed under the wallet (it has to be open).

        Interrupted or cancelled, it goes on where it was when asked again for the same work and path. Raises
        RefusedError("wallet.locked", "content.exists", "library.file_changed") and what `create_package`
        raises.
        """
        work = self._works.get(work_id)
        path = expanded(path).absolute()
        seed = self._wallet.owner_secrets().seed
        row = self._packages.unfinished(work.id, path)
        if row is None:
            if path.exists():
                raise RefusedError("content.exists", path=str(path))
            # A rest that is not ours, or whose key is gone.
            discard_partial(path)
            key = new_key()
            commitment = key_commitment(key)
            sealed = seal_key(seed, key, commitment)
            row = Package(
                new_id(), work.id, path, work.size, commitment, sealed, None, None, self._clock.now()
            )
            self._packages.add(row)
        else:
            key = open_key(seed, row.sealed_key, row.key_commitment)
            if path.exists() and _is_finished(path):
                return self._adopt(work, row, key, task or Task())
        try:
            facts = create_package(work.path, path, key, work.salt, task or Task())
        except ColophonError:
            if not part_of(path).exists():
                self._packages.delete(row.id)
            raise
        if facts.content_root != work.chunk_root:
            path.unlink(missing_ok=True)
            self._packages.delete(row.id)
            raise RefusedError("library.file_changed", title=work.title)
        return self._finished(row, facts)

    def _adopt(self, work: Work, row: Package, key: bytes, task: Task) -> Package:
        """The file was finished, but the program ended before that was noted."""
        facts = check_package(row.path, task, key)
        if (facts.key_commitment, facts.content_root) != (row.key_commitment, work.chunk_root):
            raise RefusedError("content.exists", path=str(row.path))
        discard_partial(row.path)
        return self._finished(row, facts)

    def _finished(self, row: Package, facts: PackageFacts) -> Package:
        self._packages.finish(row.id, facts.package_root, facts.content_root)
        return self._packages.get(row.id)

    def open(
        self, package: Path, output: Path, key: bytes | None = None, task: Task | None = None
    ) -> PackageFacts:
        """Decrypt a package; the file appears only when every byte of it has proved right.

        Without a key it has to be one of this library's own. Interrupted, it goes on when asked again.
        Raises NotFoundError("package.no_key") and what `open_package` raises.
        """
        package = expanded(package).absolute()
        known = self._known(read_header(package))
        return open_package(
            package,
            expanded(output).absolute(),
            key or self._key_of(known),
            task or Task(),
            _promised(known),
        )

    def check(self, package: Path, key: bytes | None = None, task: Task | None = None) -> PackageCheck:
        """Read a whole package. With its key every chunk is opened; without, its roots are compared alone.

        Raises what `check_package` raises.
        """
        package = expanded(package).absolute()
        known = self._known(read_header(package))
        if key is None and known is not None:
            try:
                key = self._key_of(known)
            except ColophonError:
                key = None  # The wallet is locked: what can be said without is said.
        facts = check_package(package, task or Task(), key, _promised(known))
        return PackageCheck(facts, key is not None, self._works.find(known.work_id) if known else None)

    def write_key(self, package_id: str, path: Path) -> None:
        """Write a package's key to a file that only the user can read. Whoever has it opens the package."""
        key = self._key_of(self._packages.get(package_id))
        path = expanded(path).absolute()
        discard_partial(path)
        with whole_file(path) as file:
            file.put(key.hex().encode() + b"\n")

    @staticmethod
    def read_key(path: Path) -> bytes:
        """A key from such a file. Raises InvalidInputError("package.key_file")."""
        try:
            with expanded(path).open("rb") as file:
                key = bytes.fromhex(file.read(200).decode("ascii").strip())
        except (OSError, ValueError) as error:
            raise InvalidInputError("package.key_file", path=path.name) from error
        if len(key) != KEY_SIZE:
            raise InvalidInputError("package.key_file", path=path.name)
        return key

    def _known(self, header: PackageHeader) -> Package | None:
        return self._packages.by_commitment(header.key_commitment)

    def _key_of(self, package: Package | None) -> bytes:
        if package is None:
            raise NotFoundError("package.no_key")
        seed = self._wallet.owner_secrets().seed
        return open_key(seed, package.sealed_key, package.key_commitment)


def _is_finished(path: Path) -> bool:
    """Whether the file at `path` is what was being written: it gets its name before it loses the other."""
    part = part_of(path)
    return not part.exists() or part.samefile(path)


def _promised(package: Package | None) -> PackageFacts | None:
    if package is None or package.package_root is None or package.content_root is None:
        return None
    return PackageFacts(package.size, package.key_commitment, package.package_root, package.content_root)
