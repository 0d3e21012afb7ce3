"""The user's rights over their own data: erasing a work for good, and taking everything along."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from desktop_app.content.metadata_table import guarded
from desktop_app.content.whole_file import written_at_once
from desktop_app.core.clock import Clock, iso_utc
from desktop_app.core.errors import RefusedError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.services.networks import NetworkService
from desktop_app.services.wording import words
from desktop_app.store.certificates import CertificateRepository
from desktop_app.store.database import Database
from desktop_app.store.packages import PackageRepository
from desktop_app.store.previews import Previews
from desktop_app.store.readable import readable_tables
from desktop_app.store.registrations import RegistrationRepository, RegistrationStatus
from desktop_app.store.sales import SaleRepository
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.works import Work, WorkRepository

__all__ = ["Erasure", "PrivacyService"]

EXPORTING = "stage.exporting"
SUFFIX = ".zip"


@dataclass(frozen=True)
class Erasure:
    """What goes and what stays when a work is erased, each a sentence for people."""

    work: Work
    goes: tuple[str, ...]
    stays: tuple[str, ...]
    files: tuple[Path, ...] = field(default=(), repr=False)
    """The app's own files that go with it."""


class PrivacyService:
    def __init__(
        self,
        database: Database,
        works: WorkRepository,
        registrations: RegistrationRepository,
        certificates: CertificateRepository,
        tokens: TokenRepository,
        packages: PackageRepository,
        sales: SaleRepository,
        previews: Previews,
        networks: NetworkService,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._database = database
        self._works = works
        self._registrations = registrations
        self._certificates = certificates
        self._tokens = tokens
        self._packages = packages
        self._sales = sales
        self._previews = previews
        self._networks = networks
        self._paths = paths
        self._clock = clock

    # --- Erasing -----------------------------------------------------------------------------------------

    def look_at(self, work_id: str) -> Erasure:
        """What erasing the work would do. Raises RefusedError while a record of it is on its way."""
        work = self._works.get(work_id)
        records = self._registrations.for_work(work.id)
        if any(record.status is RegistrationStatus.PENDING for record in records):
            raise RefusedError("privacy.on_its_way", title=work.title)
        confirmed = [one for one in records if one.status is RegistrationStatus.CONFIRMED]
        certificates = self._certificates.for_work(work.id)
        packages = self._packages.for_work(work.id)
        inside = self._paths.certificates.resolve()
        files = [one.path for one in certificates if one.path.resolve().is_relative_to(inside)]
        preview = self._previews.path(work.id)
        goes = [words("privacy.goes_entry")]
        stays = [words("privacy.stays_file", path=_shown(work.path))]
        if confirmed:
            goes.append(words("privacy.goes_salts"))
        for record in confirmed:
            name = self._network_name(record.chain_id)
            stays.append(
                words("privacy.stays_record", network=name, record="0x" + record.commitment_id.hex())
            )
        for token in self._tokens.for_work(work.id):
            name = self._network_name(token.chain_id)
            stays.append(words("privacy.stays_token", network=name, name=token.name, address=token.address))
        if certificates:
            goes.append(words("privacy.goes_certificates", count=len(certificates)))
            stays.append(words("privacy.stays_certificates"))
        for package in packages:
            stays.append(words("privacy.stays_package", path=_shown(package.path)))
        if packages:
            goes.append(words("privacy.goes_keys"))
        locked = self._sales.packages(work.id)
        for copy in locked:
            stays.append(words("privacy.stays_package", path=_shown(copy.path)))
        if locked:
            goes.append(words("privacy.goes_sales"))
        stays.append(words("privacy.stays_backups", path=_shown(self._paths.backups)))
        return Erasure(work, tuple(goes), tuple(stays), (*files, *([preview] if preview else [])))

    def erase(self, work_id: str) -> Erasure:
        """Erase a work: its keys and salts are destroyed, its rows removed. This cannot be undone.

        The work's own file is not touched. Raises RefusedError("privacy.on_its_way").
        """
        report = self.look_at(work_id)
        self._works.erase(report.work.id)
        for path in report.files:
            path.unlink(missing_ok=True)
        return report

    def _network_name(self, chain_id: int) -> str:
        for network in self._networks.networks():
            if network.chain_id == chain_id:
                return network.name
        return words("privacy.chain", number=chain_id)

    # --- Taking everything along -------------------------------------------------------------------------

    def suggested_name(self) -> str:
        """A file name for today's archive."""
        return f"Colophon {iso_utc(self._clock.now())[:10]}{SUFFIX}"

    def export(self, path: Path, task: Task | None = None) -> int:
        """Write everything that the app knows to a ZIP file of tables, texts and pictures; counts its files.

        Secrets are left out (recovery phrase, keys, salts): they are in the encrypted backup. Raises
        RefusedError("content.exists"), UnavailableError("content.write_failed"), CancelledError.
        """
        task = task or Task()
        path = expanded(path).absolute()
        with (
            written_at_once(path) as part,
            os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            return self._write(archive, task)

    def _write(self, archive: zipfile.ZipFile, task: Task) -> int:
        archive.writestr("README.txt", words("privacy.readme", date=iso_utc(self._clock.now())))
        everything: dict[str, list[dict[str, str]]] = {}
        for name, columns, rows in readable_tables(self._database):
            task.report(0, 0, EXPORTING)
            everything[name] = [dict(zip(columns, row, strict=True)) for row in rows]
            text = StringIO()
            writer = csv.writer(text)
            writer.writerow(columns)
            writer.writerows([guarded(cell) for cell in row] for row in rows)
            archive.writestr(f"tables/{name}.csv", text.getvalue())
        archive.writestr("everything.json", json.dumps(everything, indent=1, ensure_ascii=False))
        count = len(everything) + 2
        for path, name in self._files():
            task.report(0, 0, EXPORTING)
            archive.write(path, name)
            count += 1
        return count

    def _files(self) -> list[tuple[Path, str]]:
        found = [
            (self._paths.settings, "settings.toml"),
            (self._paths.credential_chain, "signing-certificate.pem"),
        ]
        found += [(path, f"logs/{_plain(path.name)}") for path in sorted(self._paths.logs.glob("*"))]
        found += [(path, f"previews/{path.name}") for path in sorted(self._paths.previews.glob("*.png"))]
        certificates = {one.path for one in self._certificates.newest(limit=1_000_000)}
        certificates |= set(self._paths.certificates.rglob("*"))
        found += [
            (path, f"certificates/{number:05} {_plain(path.name)}")
            for number, path in enumerate(sorted(certificates))
        ]
        return [(path, name) for path, name in found if path.is_file() and not path.is_symlink()]


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _plain(name: str) -> str:
    """A file name that is safe inside an archive on every system."""
    return "".join(sign if sign.isalnum() or sign in " ._-()" else "_" for sign in name).lstrip(".")[:120]
