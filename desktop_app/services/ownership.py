"""Proving that a work is yours, offline, and checking what others present."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from desktop_app.chain import reads
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import REGISTRY
from desktop_app.chain.wire import checksummed
from desktop_app.core.clock import Clock, iso_utc
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.core.settings import CERTIFICATE_DAYS, Settings
from desktop_app.proofs import certificate as certificates
from desktop_app.proofs import verifier
from desktop_app.proofs.statements import OpeningStatement, Statement
from desktop_app.services.networks import NetworkService
from desktop_app.services.registration import opening_of
from desktop_app.services.wallet import WalletService
from desktop_app.services.wording import words
from desktop_app.store.certificates import Certificate, CertificateRepository
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.works import WorkRepository

__all__ = [
    "SUFFIX",
    "Certificate",
    "CertificateFile",
    "OwnershipService",
    "Verdict",
    "VerdictState",
    "VerificationReport",
]

SUFFIX = ".colophon"
DAY = 86_400


class VerdictState(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """One of the three answers: "proof", "anchor" or "fresh". The sentences are for people."""

    name: str
    state: VerdictState
    code: str
    title: str
    reason: str
    next_step: str


@dataclass(frozen=True)
class CertificateFile:
    """A certificate that was just made, and where it is."""

    path: Path
    certificate: Certificate


@dataclass(frozen=True)
class VerificationReport:
    """The three verdicts apart, what is claimed (label, value), and what no certificate says.

    `valid`: the proof holds, and nothing that was checked speaks against it.
    """

    valid: bool
    kind: str
    verdicts: tuple[Verdict, ...]
    facts: tuple[tuple[str, str], ...]
    does_not_say: str


class OwnershipService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        issued: CertificateRepository,
        wallet: WalletService,
        networks: NetworkService,
        settings: Settings,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._issued = issued
        self._wallet = wallet
        self._networks = networks
        self._settings = settings
        self._paths = paths
        self._clock = clock

    def prove(
        self,
        work_id: str,
        audience: str,
        challenge: str = "",
        days: int | None = None,
        output: Path | None = None,
        task: Task | None = None,
    ) -> CertificateFile:
        """Make an opening certificate for one audience, without any network.

        `days` it is valid (the setting's number by default); `output` a folder or a new file, by default the
        app's certificate folder. Raises RefusedError when the work is not registered on the active network or
        belongs to another wallet, and for a locked wallet.
        """
        task = task or Task()
        if not audience.strip():
            raise InvalidInputError("ownership.audience_missing")
        valid_days = CERTIFICATE_DAYS.check(self._settings.number(CERTIFICATE_DAYS) if days is None else days)
        work = self._works.get(work_id)
        network = self._networks.active
        record = self._registrations.confirmed(work.id, network.chain_id)
        if record is None:
            raise RefusedError("ownership.not_registered", title=work.title, network=network.name)
        task.check()
        opening = opening_of(
            work, self._wallet.owner_secrets(), record.record_salt, record.chain_id, record.registry
        )
        now = self._clock.now()
        data = certificates.issue_opening(
            opening,
            chain_id=record.chain_id,
            contract=record.registry,
            registrant=record.registrant,
            subject=record.registrant,
            audience=audience,
            challenge=challenge,
            issued_at=now,
            expires_at=now + int(valid_days) * DAY,
        )
        statement = certificates.parse(data).statement
        if not isinstance(statement, OpeningStatement) or _commitment(statement) != record.commitment:
            raise RefusedError("ownership.other_wallet", title=work.title)
        number = new_id()
        name = f"{_slug(work.title)}-for-{_slug(statement.audience)}-{number}{SUFFIX}"
        path = _place(output or self._paths.certificates, name)
        _write_new(path, data)
        row = Certificate(
            id=number,
            work_id=work.id,
            kind=statement.kind,
            audience=statement.audience,
            challenge=statement.challenge,
            issued_at=statement.issued_at,
            expires_at=statement.expires_at,
            path=path,
            sha256=hashlib.sha256(data).digest(),
        )
        self._issued.add(row)
        return CertificateFile(path, row)

    def certificates(self, work_id: str = "") -> tuple[Certificate, ...]:
        """What was issued, newest first; for one work, or the newest hundred of all."""
        return tuple(self._issued.for_work(work_id) if work_id else self._issued.newest())

    def verify(
        self,
        source: Path | bytes,
        challenge: str | None = None,
        audience: str | None = None,
        online: bool = False,
        task: Task | None = None,
    ) -> VerificationReport:
        """Check a certificate. Only with `online` is the network of the certificate asked for the record.

        Raises InvalidInputError or NotFoundError where the input is no readable certificate.
        """
        data = source if isinstance(source, bytes) else _read(source)
        if task is not None:
            task.check()
        found = verifier.verify(
            data,
            now=self._clock.now(),
            expected_challenge=challenge or None,
            expected_audience=audience or None,
            lookup=self._anchor if online else None,
        )
        anchor = _verdict("anchor", _ANCHOR_STATES[found.anchor], found.anchor_code)
        record = found.record
        statement = found.statement
        if record is not None and record.holder.lower() != statement.subject:
            anchor = _verdict("anchor", VerdictState.NO, "ownership.passed_on")
        verdicts = (
            _verdict("proof", _PROOF_STATES[found.proof], found.proof_code),
            anchor,
            _verdict("fresh", _FRESH_STATES[found.freshness], found.freshness_code),
        )
        facts = self._facts(statement)
        if record is not None:
            facts += ((words("ownership.label_recorded"), iso_utc(record.registered_at)),)
        return VerificationReport(
            valid=found.accepted and all(each.state is not VerdictState.NO for each in verdicts),
            kind=statement.kind,
            verdicts=verdicts,
            facts=facts,
            does_not_say=words("ownership.does_not_say"),
        )

    def _facts(self, statement: Statement) -> tuple[tuple[str, str], ...]:
        work = getattr(statement, "work", None)
        network = "" if work is None else self._networks.name_of(work.chain_id)
        rows = [
            ("label_for", statement.audience),
            ("label_challenge", statement.challenge),
            ("label_presented_by", statement.subject),
            ("label_issued", iso_utc(statement.issued_at)),
            ("label_expires", iso_utc(statement.expires_at)),
            ("label_network", network),
            ("label_registered_by", "" if work is None else work.registrant),
            ("label_record", "" if work is None else work.commitment_id),
        ]
        return tuple((words(f"ownership.{label}"), value) for label, value in rows if value)

    def _anchor(self, statement: Statement) -> verifier.AnchorRecord | None:
        work = getattr(statement, "work", None)
        if work is None:
            return None
        chain = self._networks.chain_by_id(work.chain_id)
        # Any contract could claim any record: only the Registry that this app ships counts.
        if work.contract != contract_address(REGISTRY).lower():
            return None
        record = reads.record(chain, checksummed(work.registrant), bytes.fromhex(work.commitment_id[2:]))
        if record is None:
            return None
        return verifier.AnchorRecord(record.holder, record.registered_at, record.proved)


_PROOF_STATES = {verifier.Proof.VALID: VerdictState.YES, verifier.Proof.NOT_VALID: VerdictState.NO}
_ANCHOR_STATES = {
    verifier.Anchor.CONFIRMED: VerdictState.YES,
    verifier.Anchor.NOT_CONFIRMED: VerdictState.NO,
    verifier.Anchor.NOT_CHECKED: VerdictState.UNKNOWN,
}
_FRESH_STATES = {
    verifier.Freshness.FRESH: VerdictState.YES,
    verifier.Freshness.TRANSFERABLE: VerdictState.UNKNOWN,
    verifier.Freshness.NOT_COMPARED: VerdictState.UNKNOWN,
    verifier.Freshness.NOT_FRESH: VerdictState.NO,
}


def _commitment(statement: OpeningStatement) -> bytes:
    return bytes.fromhex(statement.work.commitment[2:])


def _verdict(name: str, state: VerdictState, code: str) -> Verdict:
    return Verdict(name, state, code, words(code, "title"), words(code, "reason"), words(code, "next"))


def _slug(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text, flags=re.UNICODE).strip("-").lower()[:40] or "work"


def _place(output: Path, name: str) -> Path:
    output = output.expanduser().absolute()
    path = output if output.suffix == SUFFIX else output / name
    if path.exists():
        raise RefusedError("ownership.file_exists", path=str(path))
    return path


def _write_new(path: Path, data: bytes) -> None:
    """Write a whole file or none; an existing one is never replaced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".certificate-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
    except FileExistsError as error:
        raise RefusedError("ownership.file_exists", path=str(path)) from error
    except OSError as error:
        raise UnavailableError(
            "ownership.cannot_write", path=str(path), detail=error.strerror or str(error)
        ) from error


def _read(path: Path) -> bytes:
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            return file.read(certificates.MAX_SIZE + 1)
    except FileNotFoundError as error:
        raise NotFoundError("ownership.no_such_file", path=str(path)) from error
    except OSError as error:
        raise InvalidInputError(
            "ownership.unreadable", path=str(path), detail=error.strerror or str(error)
        ) from error
