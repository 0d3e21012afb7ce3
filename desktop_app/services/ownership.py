"""Making certificates: what is disclosed of a registered work, to whom, for how long; offline."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.content.chunk_tree import Excerpt, open_excerpt, verify_excerpt
from desktop_app.content.passage import passage_of_text, passage_of_time
from desktop_app.content.steady_file import open_steady
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.core.settings import CERTIFICATE_DAYS, Settings
from desktop_app.proofs import certificate as certificates
from desktop_app.proofs import membership
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.attachments import Attachment, ExcerptAttachment
from desktop_app.proofs.commitment import Opening
from desktop_app.proofs.content_statements import Content, ExcerptStatement, FileStatement
from desktop_app.proofs.encoding import to_hex
from desktop_app.proofs.statements import OpeningStatement, SameWorkStatement, Statement, normalized
from desktop_app.proofs.statements import Work as SealedWork
from desktop_app.services.challenges import tidy
from desktop_app.services.disclosures import (
    Disclosure,
    Knowledge,
    OneOfMany,
    Passage,
    SameWork,
    WholeFile,
)
from desktop_app.services.networks import NetworkService
from desktop_app.services.registered_works import RegisteredWorks
from desktop_app.services.registration import opening_of
from desktop_app.services.verification import (
    CertificateVerifier,
    Verdict,
    VerdictState,
    VerificationReport,
    read_certificate,
)
from desktop_app.services.wallet import WalletService
from desktop_app.store.certificates import Certificate, CertificateRepository
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import Registration, RegistrationRepository
from desktop_app.store.works import Work, WorkRepository

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
_BLOCK = 1 << 20


@dataclass(frozen=True)
class CertificateFile:
    """A certificate that was just made, and where it is."""

    path: Path
    certificate: Certificate


@dataclass(frozen=True)
class Terms:
    """What every statement says: for whom, against which challenge, and when. Times in Unix seconds."""

    audience: str
    challenge: str
    issued_at: int
    expires_at: int


@dataclass(frozen=True)
class _Proved:
    """A statement with what is needed to prove it."""

    statement: Statement
    witness: tuple[int, ...] = field(repr=False)
    attachments: tuple[Attachment, ...] = ()


class OwnershipService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        issued: CertificateRepository,
        wallet: WalletService,
        networks: NetworkService,
        registered: RegisteredWorks,
        verifier: CertificateVerifier,
        settings: Settings,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._issued = issued
        self._wallet = wallet
        self._networks = networks
        self._registered = registered
        self._verifier = verifier
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
        *,
        disclosure: Disclosure | None = None,
        sign: bool = False,
    ) -> CertificateFile:
        """Make a certificate for one audience; without a network, except for one among many works.

        `days` it is valid (the setting's number by default); `output` a folder or a new file, by default the
        app's certificate folder; `sign` adds the wallet's signature, which shows control of the address.
        Raises RefusedError when the work is not registered on the active network or belongs to another
        wallet, when its file changed meanwhile, and for a locked wallet.
        """
        task = task or Task()
        if not audience.strip():
            raise InvalidInputError("ownership.audience_missing")
        valid_days = int(
            CERTIFICATE_DAYS.check(self._settings.number(CERTIFICATE_DAYS) if days is None else days)
        )
        work = self._works.get(work_id)
        record = self._record(work, self._networks.active.chain_id)
        now = self._clock.now()
        terms = Terms(normalized(audience), tidy(normalized(challenge)), now, now + valid_days * DAY)
        task.check()
        proved = self._prepare(work, record, terms, disclosure or Knowledge(), task)
        task.check()
        data = certificates.issue(proved.statement, proved.witness, proved.attachments)
        if sign:
            if not proved.statement.subject:
                raise InvalidInputError("ownership.anonymous_unsigned")
            data = certificates.sign(data, self._wallet.signer(record.registrant).sign_typed_data)
        return self._save(record, work, proved.statement, data, output)

    def certificates(self, work_id: str = "", chain_id: int = 0) -> tuple[Certificate, ...]:
        """What was issued, newest first; for one work (and one network), or the newest hundred of all."""
        return tuple(self._issued.for_work(work_id, chain_id) if work_id else self._issued.newest())

    def find_text(self, work_id: str, text: str) -> Passage:
        """The passage of a work's file that holds these words; raises InvalidInputError."""
        return Passage(*_in_file(self._works.get(work_id), lambda path: passage_of_text(path, text)))

    def find_time(self, work_id: str, start_ms: int, end_ms: int, task: Task | None = None) -> Passage:
        """The passage of a recording between two times in milliseconds.

        Raises InvalidInputError, and UnavailableError where a program that is needed is missing.
        """
        work = self._works.get(work_id)
        return Passage(*_in_file(work, lambda path: passage_of_time(path, start_ms, end_ms, task)))

    def verify(
        self,
        source: Path | bytes,
        challenge: str | None = None,
        audience: str | None = None,
        online: bool = False,
        task: Task | None = None,
        file: Path | None = None,
        node: str = "",
        purpose: str = "",
    ) -> VerificationReport:
        """See `CertificateVerifier.verify`."""
        return self._verifier.verify(source, challenge, audience, online, task, file, node, purpose)

    @staticmethod
    def write_page(certificate: Path, page: Path, title: str = "") -> None:
        """Save a certificate as a web page that verifies itself; an existing file is never replaced."""
        from desktop_app.proofs import certificate_page

        data = certificate_page.render(read_certificate(certificate), title)
        _write_new(expanded(page).absolute(), data)

    @staticmethod
    def write_pdf(certificate: Path, pdf: Path, title: str = "") -> None:
        """Save a certificate as a PDF that carries it; an existing file is never replaced."""
        from desktop_app.proofs import certificate_pdf

        data = certificate_pdf.render(read_certificate(certificate), title)
        _write_new(expanded(pdf).absolute(), data)

    @staticmethod
    def write_excerpt(report: VerificationReport, path: Path) -> None:
        """Save the part of the work that a certificate shows; an existing file is never replaced."""
        if not report.excerpt:
            raise InvalidInputError("ownership.no_excerpt")
        _write_new(expanded(path).absolute(), report.excerpt)

    # --- The statements ----------------------------------------------------------------------------------

    def _prepare(
        self, work: Work, record: Registration, terms: Terms, disclosure: Disclosure, task: Task
    ) -> _Proved:
        opening = self._opening(work, record)
        content, owner, blinding = opening.scalars()
        common = (
            to_hex(address_bytes(record.registrant)),
            terms.audience,
            terms.challenge,
            terms.issued_at,
            terms.expires_at,
        )
        sealed = _sealed(opening, record)
        match disclosure:
            case Knowledge():
                return _Proved(OpeningStatement(*common, sealed), (content, owner, blinding))
            case WholeFile():
                whole = FileStatement(*common, sealed, _content(work), to_hex(work.salt))
                return _Proved(whole, (owner, blinding))
            case Passage(first, last):
                excerpt = self._excerpt(work, first, last, task)
                part = ExcerptStatement(*common, sealed, _content(work), excerpt.first, len(excerpt.chunks))
                evidence = ExcerptAttachment.of(excerpt.chunks, excerpt.salts, excerpt.paths)
                return _Proved(part, (owner, blinding), (evidence,))
            case SameWork(other_network):
                other = self._record(work, self._networks.named(other_network).chain_id)
                if other.id == record.id:
                    raise InvalidInputError("ownership.same_network")
                inside = self._opening(work, other)
                both = SameWorkStatement(*common, sealed, _sealed(inside, other))
                return _Proved(both, (content, owner, blinding, inside.owner, inside.blinding))
            case OneOfMany(scope, before_block):
                return self._one_of_many(opening, record, terms, scope, before_block, task)

    def _excerpt(self, work: Work, first: int, last: int, task: Task) -> Excerpt:
        if not 0 <= first <= last < work.size:
            raise InvalidInputError("ownership.outside_of_file", size=work.size)
        chunk, end = first // work.leaf_size, last // work.leaf_size
        if (end - chunk + 1) * work.leaf_size > certificates.MAX_SIZE // 2:
            raise InvalidInputError("ownership.excerpt_too_long")
        with open_steady(work.path) as file:
            if file.size != work.size:
                raise RefusedError("ownership.file_changed", title=work.title, path=str(work.path))
            done = 0

            def blocks() -> Iterator[bytes]:
                nonlocal done
                for block in file.blocks(_BLOCK):
                    done += len(block)
                    task.report(done, work.size, "stage.hashing")
                    yield bytes(block)

            excerpt = open_excerpt(blocks(), work.salt, work.size, chunk, end - chunk + 1)
        if not verify_excerpt(excerpt, work.chunk_root, work.size):
            raise RefusedError("ownership.file_changed", title=work.title, path=str(work.path))
        return excerpt

    def _one_of_many(
        self,
        opening: Opening,
        record: Registration,
        terms: Terms,
        scope: str,
        before_block: int | None,
        task: Task,
    ) -> _Proved:
        if not scope.strip():
            raise InvalidInputError("ownership.scope_missing")
        chain = self._networks.chain_by_id(record.chain_id)
        block = chain.block_number() if before_block is None else before_block
        statement, witness, attachments = membership.prepare(
            opening,
            self._registered.until(chain, block, task),
            chain_id=record.chain_id,
            contract=record.registry,
            block=block,
            scope=scope,
            audience=terms.audience,
            challenge=terms.challenge,
            issued_at=terms.issued_at,
            expires_at=terms.expires_at,
        )
        return _Proved(statement, witness, tuple(attachments))

    # --- Inside ------------------------------------------------------------------------------------------

    def _record(self, work: Work, chain_id: int) -> Registration:
        record = self._registrations.confirmed(work.id, chain_id)
        if record is None:
            network = self._networks.name_of(chain_id)
            raise RefusedError("ownership.not_registered", title=work.title, network=network)
        return record

    def _opening(self, work: Work, record: Registration) -> Opening:
        """What is inside the record, if this wallet knows; raises RefusedError."""
        opening = opening_of(
            work, self._wallet.owner_secrets(), record.record_salt, record.chain_id, record.registry
        )
        if _sealed(opening, record).commitment != to_hex(record.commitment):
            raise RefusedError("ownership.other_wallet", title=work.title)
        return opening

    def _save(
        self, record: Registration, work: Work, statement: Statement, data: bytes, output: Path | None
    ) -> CertificateFile:
        number = new_id()
        name = f"{_slug(work.title)}-for-{_slug(statement.audience)}-{number}{SUFFIX}"
        if not statement.subject:
            # The name of an anonymous certificate must not tell which work it is about.
            name = f"one-of-many-for-{_slug(statement.audience)}-{number}{SUFFIX}"
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
            chain_id=record.chain_id,
        )
        self._issued.add(row)
        return CertificateFile(path, row)


def _sealed(opening: Opening, record: Registration) -> SealedWork:
    return SealedWork.of(opening, record.chain_id, record.registry, record.registrant)


def _content(work: Work) -> Content:
    return Content(to_hex(work.chunk_root), work.size, work.leaf_size)


def _in_file(work: Work, find: Callable[[Path], tuple[int, int]]) -> tuple[int, int]:
    try:
        return find(work.path)
    except OSError as error:
        raise InvalidInputError(
            "ownership.unreadable", path=str(work.path), detail=error.strerror or str(error)
        ) from error


def _slug(text: str) -> str:
    """At most 40 letters and 80 bytes: a file's name has 255 bytes, whatever script it is in."""
    plain = re.sub(r"[^\w]+", "-", text, flags=re.UNICODE).strip("-").lower()[:40]
    return plain.encode("utf-8")[:80].decode("utf-8", "ignore").strip("-") or "work"


def _place(output: Path, name: str) -> Path:
    output = expanded(output).absolute()
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
