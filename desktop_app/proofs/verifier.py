"""Three verdicts on a certificate, apart: does the proof hold, is the work on the chain, is it fresh.

Pure: time, challenge, audience and the look-up on the chain are given by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.proofs import certificate
from desktop_app.proofs.content_statements import FileStatement
from desktop_app.proofs.encoding import to_hex
from desktop_app.proofs.group import Group, P, default_group
from desktop_app.proofs.membership import MembershipStatement
from desktop_app.proofs.ring import Ring
from desktop_app.proofs.statements import Statement, normalized
from desktop_app.proofs.subject_signature import is_by_subject

CLOCK_TOLERANCE = 300
"""Seconds that the issuer's clock may be ahead."""


class Proof(StrEnum):
    VALID = "valid"
    NOT_VALID = "not valid"


class Anchor(StrEnum):
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    NOT_CHECKED = "not checked"


class Freshness(StrEnum):
    FRESH = "fresh"
    TRANSFERABLE = "transferable"
    """Dates fit, but it answers nobody's challenge: whoever got a copy can show it."""
    NOT_COMPARED = "not compared"
    """Dates fit, and it answers a challenge, but the verifier named none."""
    NOT_FRESH = "not fresh"


class Subject(StrEnum):
    SIGNED = "signed"
    """The key of the subject's address signed this very statement."""
    NOT_SIGNED = "not signed"
    WRONG_SIGNATURE = "wrong signature"


class FileMatch(StrEnum):
    MATCHES = "matches"
    DIFFERS = "differs"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class AnchorRecord:
    """What the Registry holds for (registrant, commitment id)."""

    holder: str
    registered_at: int
    """Block time, seconds since 1970."""
    proved: bool
    """Whether the contract itself checked the proof at registration."""
    block_number: int = 0
    block_hash: str = ""
    transaction: str = ""
    """Where the event of the registration stands; hashes as 0x-hex."""


AnchorLookup = Callable[[Statement], AnchorRecord | None]
"""Asks the chain about the statement's `work`; None where there is no record. May raise UnavailableError.

Called once for each registration that the statement speaks of."""

RingLookup = Callable[[MembershipStatement], Ring | None]
"""Takes the ring from the chain, out of its registrations up to the block. May raise UnavailableError."""

FileRoot = Callable[[FileStatement], bytes | None]
"""The chunk-tree root of the file at hand under the statement's salt; None where its size is another."""


@dataclass(frozen=True)
class Verdicts:
    """Each verdict with the code of its wording, e.g. "certificate.expired"."""

    statement: Statement
    proof: Proof
    proof_code: str
    anchor: Anchor
    anchor_code: str
    freshness: Freshness
    freshness_code: str
    file: FileMatch = FileMatch.NOT_COMPARED
    """Only of the file statement."""
    file_code: str = "certificate.file_not_compared"
    subject: Subject = Subject.NOT_SIGNED
    subject_code: str = "certificate.subject_not_signed"
    records: tuple[AnchorRecord, ...] = ()
    """One for each registration of the statement, in its order."""

    @property
    def record(self) -> AnchorRecord | None:
        return self.records[0] if self.records else None

    @property
    def accepted(self) -> bool:
        """The proof holds, and nothing that was checked speaks against it."""
        return (
            self.proof is Proof.VALID
            and self.anchor is not Anchor.NOT_CONFIRMED
            and self.freshness is not Freshness.NOT_FRESH
            and self.file is not FileMatch.DIFFERS
            and self.subject is not Subject.WRONG_SIGNATURE
        )


def verify(
    data: bytes,
    *,
    now: int,
    expected_challenge: str | None = None,
    expected_audience: str | None = None,
    expected_scope: str | None = None,
    lookup: AnchorLookup | None = None,
    ring_lookup: RingLookup | None = None,
    file_root: FileRoot | None = None,
    group: Group[P] | None = None,
) -> Verdicts:
    """Verdicts on the bytes of a certificate file; `now` in seconds since 1970.

    Raises InvalidInputError where the bytes are no certificate at all, and nothing else.
    """
    given = certificate.parse(data)
    proof, proof_code = _judge_proof(given, group or default_group())
    anchor, anchor_code, records = _NO_ANCHOR
    if proof is Proof.VALID and isinstance(given.statement, MembershipStatement):
        anchor, anchor_code = _judge_ring(given.statement, ring_lookup)
    elif proof is Proof.VALID and lookup:
        anchor, anchor_code, records = _judge_anchor(given.statement, lookup)
    freshness, freshness_code = _judge_freshness(given.statement, now, expected_challenge, expected_audience)
    if freshness is not Freshness.NOT_FRESH and not _is_of_scope(given.statement, expected_scope):
        freshness, freshness_code = Freshness.NOT_FRESH, "certificate.other_scope"
    file, file_code = _judge_file(given.statement, file_root)
    subject, subject_code = _judge_subject(given)
    return Verdicts(
        given.statement,
        proof,
        proof_code,
        anchor,
        anchor_code,
        freshness,
        freshness_code,
        file,
        file_code,
        subject,
        subject_code,
        records,
    )


def _judge_ring(statement: MembershipStatement, ring_lookup: RingLookup | None) -> tuple[Anchor, str]:
    if ring_lookup is None:
        return Anchor.NOT_CHECKED, "certificate.anchor_not_checked"
    try:
        ring = ring_lookup(statement)
    except UnavailableError:
        return Anchor.NOT_CHECKED, "certificate.anchor_unavailable"
    if ring is None or to_hex(ring.digest) != statement.ring_digest:
        return Anchor.NOT_CONFIRMED, "certificate.ring_not_confirmed"
    return Anchor.CONFIRMED, "certificate.ring_confirmed"


_NO_ANCHOR: tuple[Anchor, str, tuple[AnchorRecord, ...]] = (
    Anchor.NOT_CHECKED,
    "certificate.anchor_not_checked",
    (),
)


def _judge_file(statement: Statement, file_root: FileRoot | None) -> tuple[FileMatch, str]:
    if file_root is None or not isinstance(statement, FileStatement):
        return FileMatch.NOT_COMPARED, "certificate.file_not_compared"
    root = file_root(statement)
    if root is not None and to_hex(root) == statement.content.root:
        return FileMatch.MATCHES, "certificate.file_matches"
    return FileMatch.DIFFERS, "certificate.file_differs"


def _judge_subject(given: certificate.Certificate) -> tuple[Subject, str]:
    if given.signature is None:
        return Subject.NOT_SIGNED, "certificate.subject_not_signed"
    if given.statement.subject and is_by_subject(given.signature, given.statement):
        return Subject.SIGNED, "certificate.subject_signed"
    return Subject.WRONG_SIGNATURE, "certificate.signature_not_of_subject"


def _judge_proof(given: certificate.Certificate, group: Group[P]) -> tuple[Proof, str]:
    try:
        given.statement.check_attachments(given.attachments)
        holds = given.statement.is_proved_by(group, given.proof, given.attachments)
    except InvalidInputError as error:
        return Proof.NOT_VALID, error.code
    if not holds:
        return Proof.NOT_VALID, "certificate.proof_not_valid"
    return Proof.VALID, "certificate.proof_valid"


def _judge_anchor(statement: Statement, lookup: AnchorLookup) -> tuple[Anchor, str, tuple[AnchorRecord, ...]]:
    records = []
    for part in statement.anchored():
        try:
            record = lookup(part)
        except UnavailableError:
            return Anchor.NOT_CHECKED, "certificate.anchor_unavailable", ()
        if record is None:
            return Anchor.NOT_CONFIRMED, "certificate.anchor_not_confirmed", ()
        records.append(record)
    proved = all(record.proved for record in records)
    code = "certificate.anchor_confirmed" if proved else "certificate.anchor_confirmed_unproved"
    return Anchor.CONFIRMED, code, tuple(records)


def _is_of_scope(statement: Statement, scope: str | None) -> bool:
    """Numbers count for one scope only: a name that merely looks like it gives its owner another number."""
    if scope is None:
        return True
    return isinstance(statement, MembershipStatement) and statement.scope == normalized(scope)


def _judge_freshness(  # noqa: PLR0911  # one return for each reason
    statement: Statement, now: int, challenge: str | None, audience: str | None
) -> tuple[Freshness, str]:
    if statement.issued_at > now + CLOCK_TOLERANCE:
        return Freshness.NOT_FRESH, "certificate.not_yet_valid"
    if now >= statement.expires_at:
        return Freshness.NOT_FRESH, "certificate.expired"
    if audience is not None and normalized(audience) != statement.audience:
        return Freshness.NOT_FRESH, "certificate.other_audience"
    if challenge is not None and normalized(challenge) != statement.challenge:
        return Freshness.NOT_FRESH, "certificate.other_challenge"
    if not statement.challenge:
        return Freshness.TRANSFERABLE, "certificate.transferable"
    if challenge is None:
        return Freshness.NOT_COMPARED, "certificate.challenge_not_compared"
    return Freshness.FRESH, "certificate.fresh"
