"""Time-stamp tokens of an authority (RFC 3161) over a commitment, by rfc3161-client."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from cryptography import x509

from desktop_app.core.errors import CorruptError, InvalidInputError

SIZE_LIMIT = 64 * 1024
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
    """Check the authority's answer to a request, with whatever certificates it sent along.

    That the authority is one to be trusted is another question, see `verify`. Raises CorruptError
    "witness.bad_answer", "witness.authority_refused".
    """
    return _checked(answer, commitment, _certificates(answer), request.nonce)


def verify(answer: bytes, commitment: bytes, roots: bytes) -> StampFacts:
    """Check a token against root certificates (PEM) that the reader trusts.

    Raises InvalidInputError("witness.roots"), CorruptError("witness.bad_answer", "witness.not_trusted").
    """
    try:
        trusted = x509.load_pem_x509_certificates(roots)
    except ValueError:
        raise InvalidInputError("witness.roots") from None
    try:
        return _checked(answer, commitment, trusted, None)
    except CorruptError:
        # Wrong in itself, or right but from somebody else?
        found = _checked(answer, commitment, _certificates(answer), None)
        raise CorruptError("witness.not_trusted", authority=found.authority) from None


def facts(answer: bytes) -> StampFacts:
    """What a token says, unchecked. Raises CorruptError("witness.bad_answer")."""
    from rfc3161_client import PKIStatus, decode_timestamp_response

    if len(answer) > SIZE_LIMIT:
        raise CorruptError("witness.bad_answer")
    try:
        response = decode_timestamp_response(answer)
        if PKIStatus(response.status) not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            raise CorruptError("witness.authority_refused")
        time = response.tst_info.gen_time
        certificates = _certificates(answer)
    except (ValueError, TypeError, OverflowError) as error:
        raise CorruptError("witness.bad_answer") from error
    signer = next((one for one in certificates if _stamps(one)), certificates[0] if certificates else None)
    name = signer.subject.rfc4514_string()[:200] if signer else ""
    return StampFacts(int(time.replace(tzinfo=time.tzinfo or datetime.UTC).timestamp()), name)


def _checked(
    answer: bytes, commitment: bytes, roots: list[x509.Certificate], nonce: int | None
) -> StampFacts:
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    said = facts(answer)
    own = _certificates(answer)
    builder = VerifierBuilder(roots=list(dict.fromkeys(roots)), nonce=nonce)
    for certificate in dict.fromkeys(own):
        if certificate not in roots and not _stamps(certificate):
            builder = builder.add_intermediate_certificate(certificate)
    try:
        builder.build().verify_message(decode_timestamp_response(answer), commitment)
    except (VerificationError, ValueError, TypeError) as error:
        raise CorruptError("witness.bad_answer") from error
    return said


def _certificates(answer: bytes) -> list[x509.Certificate]:
    from rfc3161_client import decode_timestamp_response

    try:
        found = decode_timestamp_response(answer).signed_data.certificates
        return [x509.load_der_x509_certificate(one) for one in sorted(found)]
    except (ValueError, TypeError) as error:
        raise CorruptError("witness.bad_answer") from error


def _stamps(certificate: x509.Certificate) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return x509.ObjectIdentifier("1.3.6.1.5.5.7.3.8") in purposes
