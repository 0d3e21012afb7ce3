"""Content Credentials of works: signed copies for others, and what the credentials of any file are worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.content.ai_use import Training
from desktop_app.content.credentials import (
    SIDECAR_SUFFIX,
    Claim,
    CredentialReport,
    Trust,
    can_embed,
    read_credentials,
    sign_beside,
    sign_copy,
)
from desktop_app.content.fingerprint import fingerprint
from desktop_app.content.formats import HEAD_SIZE, media_type
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.services.registration import Registration
from desktop_app.services.wallet import WalletService
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.works import Work, WorkRepository
from desktop_app.wallet.durable import replace_file

if TYPE_CHECKING:
    from desktop_app.content.signing_identity import SigningIdentity

__all__ = [
    "CredentialReport",
    "CredentialService",
    "CredentialView",
    "OwnCertificate",
    "SigningProposal",
    "Training",
    "Trust",
]

_PEM_LIMIT = 256 * 1024


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate that an authority gave the creator: chain and key as PEM files."""

    chain: Path
    key: Path
    passphrase: str = ""


@dataclass(frozen=True)
class SigningProposal:
    """The name signed with so far, whether credentials go inside a copy, and where it could be written."""

    name: str
    embeds: bool
    path: Path


@dataclass(frozen=True)
class CredentialView:
    """What a file's credentials say. `by_you`: signed with the certificate that this app made for you.

    `your_work` is the work whose record the credentials name, when that record is yours.
    """

    report: CredentialReport
    sidecar: Path | None
    by_you: bool
    your_work: Work | None


class CredentialService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        wallet: WalletService,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._wallet = wallet
        self._paths = paths
        self._clock = clock

    def signer_name(self) -> str:
        """The name in the certificate that the app made, "" before there is one."""
        return self._own()[1]

    def embeds(self, work_id: str) -> bool:
        """Whether the credentials of a work go into a copy of its file, or into a file beside it."""
        work = self._works.get(work_id)
        return can_embed(work.media_type, work.size)

    def proposal(self, work_id: str) -> SigningProposal:
        """What a form for signing begins with."""
        return SigningProposal(self.signer_name(), self.embeds(work_id), self.suggested_path(work_id))

    def suggested_path(self, work_id: str) -> Path:
        """Beside the work's own file."""
        work = self._works.get(work_id)
        if self.embeds(work_id):
            return work.path.with_name(f"{work.path.stem} (signed){work.path.suffix}")
        return work.path.with_name(work.path.name + SIDECAR_SUFFIX)

    def sign(
        self,
        work_id: str,
        output: Path,
        name: str = "",
        *,
        training: Training = Training.FORBIDDEN,
        licence: str = "",
        with_registration: Registration | None = None,
        own: OwnCertificate | None = None,
        sidecar: bool = False,
        task: Task | None = None,
    ) -> Path:
        """Sign the work's very content: a copy with credentials inside, or credentials beside it.

        `name` goes into the certificate that the app makes; `own` uses an authority's instead. What is
        written there is public to everyone who gets the copy: name, title, the training rule, and with
        `with_registration` which record on the chain is this work's. The work's file itself is not touched.
        Raises RefusedError("library.file_changed", "content.exists", "wallet.locked"), InvalidInputError.
        """
        task = task or Task()
        work = self._works.get(work_id)
        output = expanded(output).absolute()
        if training is Training.LICENSED and not licence.strip():
            raise InvalidInputError("credentials.licence_missing")
        identity = self._identity(name, own)
        claim = Claim(work.title, training, " ".join(licence.split())[:500], _told(with_registration))
        if fingerprint(work.path, work.salt, task).sha256 != work.sha256:
            raise RefusedError("library.file_changed", title=work.title)
        if not sidecar and can_embed(work.media_type, work.size):
            sign_copy(work.path, work.media_type, output, claim, identity, task)
        else:
            sign_beside(work.path, output, claim, identity, task)
        return output

    def read(
        self, path: Path, sidecar: Path | None = None, trust: Path | None = None, task: Task | None = None
    ) -> CredentialView:
        """The credentials of any file, inside it or beside it (FILE.c2pa is found by itself).

        `trust` names authorities (PEM) that you trust. Raises InvalidInputError for a file or credentials
        that cannot be read.
        """
        task = task or Task()
        path = expanded(path).absolute()
        if sidecar is None:
            beside = path.with_name(path.name + SIDECAR_SUFFIX)
            sidecar = beside if beside.is_file() else None
        anchors = _read_pem(trust).decode("ascii", "replace") if trust else ""
        kind = _kind_of(path)
        report = read_credentials(path, kind, sidecar, anchors, task)
        own_chain, own_name = self._own()
        by_you = False
        signed = report.trust in (Trust.UNKNOWN_SIGNER, Trust.TRUSTED)
        if own_chain and signed and report.signer == own_name:
            again = read_credentials(path, kind, sidecar, own_chain, task)
            by_you = again.trust is Trust.TRUSTED
        return CredentialView(report, sidecar, by_you, self._work_of(report))

    def _work_of(self, report: CredentialReport) -> Work | None:
        said = dict(report.registration)
        try:
            chain_id = int(said.get("chain_id", ""))
            commitment_id = bytes.fromhex(said.get("commitment_id", "").removeprefix("0x"))
        except ValueError:
            return None
        if not 0 <= chain_id < 2**63:
            return None
        for row in self._registrations.by_commitment(chain_id, commitment_id):
            if row.registrant.lower() == said.get("registrant", "").lower():
                return self._works.find(row.work_id)
        return None

    def _identity(self, name: str, own: OwnCertificate | None) -> SigningIdentity:
        from desktop_app.content.signing_identity import (
            SigningIdentity,
            own_identity,
            renewed_key,
            self_made,
            still_good,
        )

        now = self._clock.now()
        if own is not None:
            return own_identity(_read_pem(own.chain), _read_pem(own.key), own.passphrase, now)
        seed = self._wallet.owner_secrets().seed
        chain, own_name = self._own()
        wanted = name or own_name
        if chain and still_good(chain, seed, wanted, now):
            return SigningIdentity(chain, renewed_key(seed))
        made = self_made(seed, wanted, now)
        replace_file(self._paths.credential_chain, made.chain.encode())
        return made

    def _own(self) -> tuple[str, str]:
        """The certificates (PEM) that the app made, and the name in the first; empty before there are any."""
        from desktop_app.content.signing_identity import name_in

        try:
            chain = self._paths.credential_chain.read_text(encoding="ascii")
            return chain, name_in(chain)
        except (OSError, ValueError, IndexError):
            return "", ""


def _told(row: Registration | None) -> dict[str, str | int] | None:
    if row is None:
        return None
    return {
        "format": "colophon registration 1",
        "chain_id": row.chain_id,
        "registry": row.registry,
        "registrant": row.registrant,
        "commitment_id": "0x" + row.commitment_id.hex(),
        "transaction": row.tx_hash or "",
        "time": row.block_time or 0,
    }


def _kind_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return media_type(path, file.read(HEAD_SIZE))
    except OSError:
        return ""  # `read_credentials` says what is wrong with the file


def _read_pem(path: Path) -> bytes:
    try:
        with expanded(path).open("rb") as file:
            data = file.read(_PEM_LIMIT + 1)
    except OSError as error:
        raise InvalidInputError("credentials.certificate_unreadable") from error
    if len(data) > _PEM_LIMIT:
        raise InvalidInputError("credentials.certificate_unreadable")
    return data
