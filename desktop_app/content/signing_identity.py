"""Who signs Content Credentials: a certificate of the app's own making, or the creator's own.

The profile is that of C2PA 2.2, section 14.5: ECDSA on P-256, digitalSignature, the emailProtection purpose,
and the key identifier of the authority.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from desktop_app.core.errors import InvalidInputError

YEARS = 10
NAME_LIMIT = 64
"""RFC 5280: the upper bound of a common name."""
SELF_MADE = "Self-made with Colophon"
"""The organisation in every certificate that the app makes, so that readers can tell."""
_SIGNER_INFO, _AUTHORITY_INFO = b"colophon/credentials/signer", b"colophon/credentials/authority"
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_PURPOSES = (
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
    x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"),  # c2pa-kp-claimSigning
)


@dataclass(frozen=True)
class SigningIdentity:
    """`chain` is PEM, the signer's certificate first; `key` is PEM (PKCS 8); `algorithm` as C2PA calls it."""

    chain: str
    key: str = field(repr=False)
    algorithm: str = "es256"

    @property
    def name(self) -> str:
        return name_in(self.chain)


def name_in(chain: str) -> str:
    """The name in the first certificate of a PEM chain."""
    subject = x509.load_pem_x509_certificates(chain.encode())[0].subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject.rfc4514_string()


def self_made(seed: bytes, name: str, now: int) -> SigningIdentity:
    """A certificate for `name` from an authority of one's own; both keys follow from the wallet's seed.

    `now` in Unix seconds. Raises InvalidInputError("credentials.name").
    """
    line = " ".join(name.split())
    if not line or len(line) > NAME_LIMIT or not line.isprintable():
        raise InvalidInputError("credentials.name", limit=NAME_LIMIT)
    authority_key, key = _derived(seed, _AUTHORITY_INFO), _derived(seed, _SIGNER_INFO)
    start = datetime.datetime.fromtimestamp(now, datetime.UTC) - datetime.timedelta(hours=1)
    authority_name = _subject(f"{line}"[: NAME_LIMIT - 12] + " (authority)")
    authority = (
        _certificate(authority_name, authority_name, authority_key, start)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(authority_key, SHA256())
    )
    signer = (
        _certificate(_subject(line), authority_name, key, start)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, SHA256())
    )
    chain = signer.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    return SigningIdentity(chain.decode(), _pem(key))


def renewed_key(seed: bytes) -> str:
    """The private key (PEM) of the certificate that `self_made` makes."""
    return _pem(_derived(seed, _SIGNER_INFO))


def still_good(chain: str, seed: bytes, name: str, now: int) -> bool:
    """Whether a certificate made earlier is for this name and key, and not about to end."""
    try:
        certificate = x509.load_pem_x509_certificates(chain.encode())[0]
    except (ValueError, IndexError):
        return False
    ends = certificate.not_valid_after_utc.timestamp()
    key = _derived(seed, _SIGNER_INFO).public_key()
    return (
        certificate.public_key() == key and name_in(chain) == " ".join(name.split()) and ends > now + 86_400
    )


def own_identity(chain: bytes, key: bytes, passphrase: str, now: int) -> SigningIdentity:
    """A certificate from an authority, with its key, both PEM.

    Raises InvalidInputError: "credentials.certificate_unreadable", "credentials.key_unreadable",
    "credentials.key_of_another", "credentials.certificate_unfit" (with what is missing).
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain)
    except ValueError:
        raise InvalidInputError("credentials.certificate_unreadable") from None
    try:
        private = load_pem_private_key(key, passphrase.encode() or None)
    except (ValueError, TypeError):
        raise InvalidInputError("credentials.key_unreadable") from None
    signer = certificates[0]
    if private.public_key() != signer.public_key():
        raise InvalidInputError("credentials.key_of_another")
    problem = _unfit(signer, now) or _broken_chain(certificates)
    algorithm = _algorithm(private)
    if problem or not algorithm:
        raise InvalidInputError("credentials.certificate_unfit", problem=problem or "key")
    text = "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return SigningIdentity(text, pem, algorithm)


def _unfit(certificate: x509.Certificate, now: int) -> str:
    """What a signer's certificate lacks, "" when nothing."""
    found = certificate.extensions
    try:
        if not found.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            return "digitalSignature"
        purposes = found.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not any(purpose in purposes for purpose in _PURPOSES):
            return "emailProtection"
        found.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound as missing:
        return missing.oid._name
    if not certificate.not_valid_before_utc.timestamp() <= now <= certificate.not_valid_after_utc.timestamp():
        return "validity"
    return ""


def _broken_chain(certificates: list[x509.Certificate]) -> str:
    for lower, upper in pairwise(certificates):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature):
            return "chain"
    return ""


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _CURVES.get(key.curve.name, "")
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256" if key.key_size >= 2048 else ""
    return "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else ""


def _derived(seed: bytes, info: bytes) -> ec.EllipticCurvePrivateKey:
    wide = int.from_bytes(HKDF(SHA256(), 48, None, info).derive(seed), "big")
    return ec.derive_private_key(wide % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, SELF_MADE),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, start: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
