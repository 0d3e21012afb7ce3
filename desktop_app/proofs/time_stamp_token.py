"""Time-stamp tokens of an authority (RFC 3161) over a commitment, by rfc3161-client."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop_app.core.errors import CorruptError, InvalidInputError
from desktop_app.proofs.certificate_order import in_der_order

if TYPE_CHECKING:
    from cryptography import x509
    from rfc3161_client import TimeStampResponse

SIZE_LIMIT = 64 * 1024
_HASHES = {"2.16.840.1.101.3.4.2.1": hashlib.sha256, "2.16.840.1.101.3.4.2.3": hashlib.sha512}
REQUEST_TYPE, ANSWER_TYPE = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True)
class StampRequest:
    """What goes to the authority: SHA-512 of the commitment and a nonce. `data` is DER."""

    data: bytes
    nonce: int = field(repr=False)


def request_for(commitment: bytes) -> StampRequest:
    """A request over the 48-byte commitment, never over the content or its hash."""
    from rfc3161_client import TimestampRequestBuilder

    made = TimestampRequestBuilder().data(commitment).build()
    return StampRequest(made.as_bytes(), int(made.nonce or 0))


@dataclass(frozen=True)
class StampFacts:
    """What a token says: the time in Unix seconds, and the name of the authority's certificate."""

    time: int
    authority: str


def answer_fits(answer: bytes, commitment: bytes, request: StampRequest) -> StampFacts:
    """Check that an authority's answer is of this commitment and to this request.

    Its signature is checked if it sent its root certificate along; whether to trust it is for `verify`.
    Raises CorruptError "witness.bad_answer", "witness.authority_refused".
    """
    said = facts(answer)
    if not _is_of(answer, commitment, request.nonce):
        raise CorruptError("witness.bad_answer")
    sent_roots = [one for one in _certificates(answer) if _is_root(one)]
    if sent_roots:
        _check_signature(answer, commitment, sent_roots)
    return said


def verify(answer: bytes, commitment: bytes, roots: bytes) -> StampFacts:
    """Check a token against root certificates (PEM) that the reader trusts.

    Raises InvalidInputError("witness.roots"), CorruptError("witness.bad_answer", "witness.not_trusted").
    """
    from cryptography import x509

    try:
        trusted = x509.load_pem_x509_certificates(roots)
    except ValueError:
        raise InvalidInputError("witness.roots") from None
    said = facts(answer)
    if not _is_of(answer, commitment, None):
        raise CorruptError("witness.bad_answer")
    try:
        _check_signature(answer, commitment, trusted)
    except CorruptError:
        raise CorruptError("witness.not_trusted", authority=said.authority) from None
    return said


def facts(answer: bytes) -> StampFacts:
    """What a token says, unchecked. Raises CorruptError("witness.bad_answer")."""
    from rfc3161_client import PKIStatus

    if len(answer) > SIZE_LIMIT:
        raise CorruptError("witness.bad_answer")
    try:
        response = _decoded(answer)
        if PKIStatus(response.status) not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            raise CorruptError("witness.authority_refused")
        time = response.tst_info.gen_time
        certificates = _certificates(answer)
        signer = next((one for one in certificates if _stamps(one)), None)
        name = signer.subject.rfc4514_string()[:200] if signer else ""
        return StampFacts(int(time.replace(tzinfo=time.tzinfo or datetime.UTC).timestamp()), name)
    except (ValueError, TypeError, OverflowError) as error:
        raise CorruptError("witness.bad_answer") from error


def _decoded(answer: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    return decode_timestamp_response(in_der_order(answer))


def _is_of(answer: bytes, commitment: bytes, nonce: int | None) -> bool:
    try:
        said = _decoded(answer).tst_info
        hashed = _HASHES.get(said.message_imprint.hash_algorithm.dotted_string)
        if hashed is None or said.message_imprint.message != hashed(commitment).digest():
            return False
        return nonce is None or said.nonce == nonce
    except (ValueError, TypeError, OverflowError):
        return False


def _check_signature(answer: bytes, commitment: bytes, roots: list[x509.Certificate]) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    # What the answer itself sends along must not be named here: all that is named counts as trusted.
    builder = VerifierBuilder(roots=list(dict.fromkeys(roots)))
    try:
        builder.build().verify_message(_decoded(answer), commitment)
    except (VerificationError, ValueError, TypeError) as error:
        raise CorruptError("witness.bad_answer") from error


def _certificates(answer: bytes) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        found = _decoded(answer).signed_data.certificates
        return [x509.load_der_x509_certificate(one) for one in sorted(found)]
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        raise CorruptError("witness.bad_answer") from error


def _is_root(certificate: x509.Certificate) -> bool:
    try:
        return certificate.subject == certificate.issuer
    except ValueError:
        return False


def _stamps(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return False
    return x509.ObjectIdentifier("1.3.6.1.5.5.7.3.8") in purposes
