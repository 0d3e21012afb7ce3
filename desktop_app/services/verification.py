"""Checking what others present: each question answered apart, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from desktop_app.chain import reads
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import REGISTRY
from desktop_app.chain.networks import load_networks, network
from desktop_app.chain.registration_log import find_registration
from desktop_app.chain.wire import bad_answer, checksummed
from desktop_app.content.fingerprint import fingerprint
from desktop_app.core.clock import Clock, iso_utc
from desktop_app.core.errors import InvalidInputError, NotFoundError
from desktop_app.core.localised import grouped
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.proofs import certificate as certificates
from desktop_app.proofs import verifier
from desktop_app.proofs.attachments import ExcerptAttachment
from desktop_app.proofs.commitment import commitment_id
from desktop_app.proofs.content_statements import ContentStatement, ExcerptStatement, FileStatement
from desktop_app.proofs.encoding import from_hex, to_hex
from desktop_app.proofs.membership import MembershipStatement
from desktop_app.proofs.ring import Ring, largest_part
from desktop_app.proofs.statements import Statement, Work
from desktop_app.services.challenges import ChallengeService, tidy
from desktop_app.services.disclosures import proved
from desktop_app.services.networks import PRACTICE, NetworkService
from desktop_app.services.registered_works import RegisteredWorks
from desktop_app.services.wording import words

__all__ = ["CertificateVerifier", "Verdict", "VerdictState", "VerificationReport"]

_MAX_FILE = 2 * certificates.MAX_SIZE
"""Bytes of a certificate with the page or PDF around it."""


class VerdictState(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """One answer: "proof", "anchor", "fresh", and where they apply "file" and "subject"; for people."""

    name: str
    state: VerdictState
    code: str
    title: str
    reason: str
    next_step: str


@dataclass(frozen=True)
class VerificationReport:
    """The verdicts apart, what is claimed (label, value), and what no certificate says.

    The first three verdicts are always proof, anchor and fresh. `valid`: the proof holds, and nothing that
    was checked speaks against it. `excerpt` is the disclosed part of the work, where there is one.
    `practice`: a record of it is on a practice network, which nobody but one computer knows.
    """

    valid: bool
    kind: str
    verdicts: tuple[Verdict, ...]
    facts: tuple[tuple[str, str], ...]
    does_not_say: str
    excerpt: bytes = b""
    practice: bool = False


class CertificateVerifier:
    def __init__(
        self,
        networks: NetworkService,
        registered: RegisteredWorks,
        challenges: ChallengeService,
        clock: Clock,
    ) -> None:
        self._networks = networks
        self._registered = registered
        self._challenges = challenges
        self._clock = clock

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
        """Check a certificate. Only with `online` is its network asked for the record, at `node` if given.

        `file` is compared with a certificate about a whole file, `purpose` with that of one of many. A
        challenge that was given out here is recognised by itself and accepted for one certificate only.

        Raises InvalidInputError or NotFoundError where the input is no readable certificate.
        """
        task = task or Task()
        data = source if isinstance(source, bytes) else read_certificate(source)
        given_file = certificates.parse(data)
        statement = given_file.statement
        given = tidy(challenge) if challenge else ""
        written = tidy(statement.challenge)
        if self._challenges.known(written) and given in ("", written):
            # Given out here: what counts is the code, however it was typed.
            given = statement.challenge
        found = verifier.verify(
            data,
            now=self._clock.now(),
            expected_challenge=given or None,
            expected_audience=audience or None,
            expected_scope=purpose or None,
            lookup=self._anchor(node) if online else None,
            ring_lookup=self._ring(node, task) if online else None,
            file_root=None if file is None else _root_of(file, task),
        )
        verdicts = self._verdicts(found, isinstance(statement, FileStatement))
        valid = found.accepted and all(each.state is not VerdictState.NO for each in verdicts)
        anchored = verdicts[1].state is VerdictState.YES
        if valid and given and not self._challenges.may_answer(written, data, use=anchored):
            fresh = _verdict("fresh", VerdictState.NO, "ownership.challenge_used")
            verdicts = tuple(fresh if each.name == "fresh" else each for each in verdicts)
            valid = False
        return VerificationReport(
            valid=valid,
            kind=statement.kind,
            verdicts=verdicts,
            facts=self._facts(found),
            does_not_say=words("ownership.does_not_say"),
            excerpt=_excerpt(given_file) if found.proof is verifier.Proof.VALID else b"",
            practice=network(PRACTICE).chain_id in _chains(statement),
        )

    @staticmethod
    def _verdicts(found: verifier.Verdicts, about_file: bool) -> tuple[Verdict, ...]:
        subject = found.statement.subject
        anchor = _verdict("anchor", _ANCHOR[found.anchor], found.anchor_code)
        if not _from_our_registry(found.statement):
            anchor = _verdict("anchor", VerdictState.NO, "ownership.unknown_registry")
        if any(record.holder.lower() != subject for record in found.records[:1]):
            anchor = _verdict("anchor", VerdictState.NO, "ownership.passed_on")
        proof = _verdict("proof", _PROOF[found.proof], found.proof_code)
        if found.proof is verifier.Proof.VALID:
            proof = replace(proof, reason=proved(found.statement.kind))
        verdicts = [
            proof,
            anchor,
            _verdict("fresh", _FRESH[found.freshness], found.freshness_code),
        ]
        if about_file:
            verdicts.append(_verdict("file", _FILE[found.file], found.file_code))
        if found.subject is not verifier.Subject.NOT_SIGNED:
            verdicts.append(_verdict("subject", _SUBJECT[found.subject], found.subject_code))
        return tuple(verdicts)

    def _network(self, chain_id: int) -> str:
        """Its name, and where its money is not real, that too."""
        name = self._networks.name_of(chain_id)
        real = all(one.is_real for one in load_networks().values() if one.chain_id == chain_id)
        return name if real else words("approval.practice_network", name=name)

    def _facts(self, found: verifier.Verdicts) -> tuple[tuple[str, str], ...]:
        statement = found.statement
        rows = [
            ("label_for", statement.audience),
            ("label_challenge", statement.challenge),
            ("label_presented_by", statement.subject),
            ("label_issued", iso_utc(statement.issued_at)),
            ("label_expires", iso_utc(statement.expires_at)),
        ]
        if isinstance(statement, MembershipStatement):
            first = statement.first
            rows += [
                ("label_network", self._network(statement.chain_id)),
                ("label_crowd", grouped(statement.ring_size)),
                ("label_crowd_places", f"{grouped(first + 1)} – {grouped(first + statement.ring_size)}"),
                ("label_block", str(statement.block)),
                ("label_scope", statement.scope),
                ("label_nullifier", statement.nullifier),
            ]
        for work in _works(statement):
            rows += [
                ("label_network", self._network(work.chain_id)),
                ("label_registered_by", work.registrant),
                ("label_record", work.commitment_id),
            ]
        if isinstance(statement, ContentStatement):
            rows.append(("label_size", grouped(statement.content.size)))
        if isinstance(statement, ExcerptStatement):
            start = statement.first * statement.content.leaf_size
            end = min(start + statement.count * statement.content.leaf_size, statement.content.size) - 1
            rows.append(("label_excerpt", f"{grouped(start)} – {grouped(end)}"))
        for record in found.records:
            rows += [
                ("label_recorded", iso_utc(record.registered_at)),
                ("label_recorded_block", grouped(record.block_number)),
                ("label_recorded_hash", record.block_hash),
                ("label_recorded_transaction", record.transaction),
            ]
        return tuple((words(f"ownership.{label}"), value) for label, value in rows if value)

    def _anchor(self, node: str) -> verifier.AnchorLookup:
        def look(statement: Statement) -> verifier.AnchorRecord | None:
            works = _works(statement)
            if not works or not _from_our_registry(statement):
                return None
            work = works[0]
            with self._networks.chain_at(work.chain_id, node) as chain:
                record = reads.record(chain, checksummed(work.registrant), from_hex(work.commitment_id, 32))
                if record is None:
                    return None
                at = record.registered_at
                event = find_registration(chain, work.registrant, from_hex(work.commitment_id, 32), at)
            if event.proved != record.proved or to_hex(commitment_id(event.commitment)) != work.commitment_id:
                raise bad_answer("Registered")
            place = event.place
            return verifier.AnchorRecord(
                record.holder, at, record.proved, place.block_number, place.block_hash, place.tx_hash
            )

        return look

    def _ring(self, node: str, task: Task) -> verifier.RingLookup:
        def look(statement: MembershipStatement) -> Ring | None:
            if not _from_our_registry(statement):
                return None
            try:
                with self._networks.chain_at(statement.chain_id, node) as chain:
                    # What a node of the presenter's says is asked anew each time, and never remembered.
                    source = RegisteredWorks() if node else self._registered
                    registered = source.until(chain, statement.block, task)
                if statement.ring_size != largest_part(len(registered)):
                    return None
                return Ring.of(registered[statement.first : statement.first + statement.ring_size])
            except InvalidInputError:
                return None

        return look


def _from_our_registry(statement: Statement) -> bool:
    """Any contract could claim any record: only the Registry that this app ships counts."""
    named = [work.contract for work in _works(statement)]
    if isinstance(statement, MembershipStatement):
        named.append(statement.contract)
    return all(contract == contract_address(REGISTRY).lower() for contract in named)


def _works(statement: Statement) -> tuple[Work, ...]:
    """The registrations that a statement names."""
    named = (getattr(statement, name, None) for name in ("work", "other"))
    return tuple(work for work in named if isinstance(work, Work))


def _chains(statement: Statement) -> set[int]:
    own = {statement.chain_id} if isinstance(statement, MembershipStatement) else set()
    return own | {work.chain_id for work in _works(statement)}


def _excerpt(given: certificates.Certificate) -> bytes:
    parts = [each.chunk_bytes() for each in given.attachments if isinstance(each, ExcerptAttachment)]
    return b"".join(chunk for part in parts for chunk in part)


def _root_of(file: Path, task: Task) -> Callable[[FileStatement], bytes | None]:
    def root(statement: FileStatement) -> bytes | None:
        found = fingerprint(expanded(file), from_hex(statement.salt, 32), task)
        return found.chunk_root if found.size == statement.content.size else None

    return root


_PROOF = {verifier.Proof.VALID: VerdictState.YES, verifier.Proof.NOT_VALID: VerdictState.NO}
_ANCHOR = {
    verifier.Anchor.CONFIRMED: VerdictState.YES,
    verifier.Anchor.NOT_CONFIRMED: VerdictState.NO,
    verifier.Anchor.NOT_CHECKED: VerdictState.UNKNOWN,
}
_FRESH = {
    verifier.Freshness.FRESH: VerdictState.YES,
    verifier.Freshness.TRANSFERABLE: VerdictState.UNKNOWN,
    verifier.Freshness.NOT_COMPARED: VerdictState.UNKNOWN,
    verifier.Freshness.NOT_FRESH: VerdictState.NO,
}
_FILE = {
    verifier.FileMatch.MATCHES: VerdictState.YES,
    verifier.FileMatch.DIFFERS: VerdictState.NO,
    verifier.FileMatch.NOT_COMPARED: VerdictState.UNKNOWN,
}
_SUBJECT = {
    verifier.Subject.SIGNED: VerdictState.YES,
    verifier.Subject.WRONG_SIGNATURE: VerdictState.NO,
    verifier.Subject.NOT_SIGNED: VerdictState.UNKNOWN,
}


def _verdict(name: str, state: VerdictState, code: str) -> Verdict:
    return Verdict(name, state, code, words(code, "title"), words(code, "reason"), words(code, "next"))


def read_certificate(path: Path) -> bytes:
    """The certificate in a file: by itself, or inside of its web page or PDF.

    Raises NotFoundError or InvalidInputError.
    """
    path = expanded(path)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except FileNotFoundError as error:
        raise NotFoundError("ownership.no_such_file", path=str(path)) from error
    except OSError as error:
        raise InvalidInputError(
            "ownership.unreadable", path=str(path), detail=error.strerror or str(error)
        ) from error
    if data.startswith(b"%PDF"):
        from desktop_app.proofs import certificate_pdf

        return certificate_pdf.extract(data)
    if data.lstrip()[:14].lower() == b"<!doctype html":
        from desktop_app.proofs import certificate_page

        return certificate_page.extract(data)
    return data
