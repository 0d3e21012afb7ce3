"""Content Credentials in real files of every kind that holds them, and beside those that do not."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content import credentials
from desktop_app.content.credentials import (
    Claim,
    Training,
    Trust,
    can_embed,
    read_credentials,
    sign_beside,
    sign_copy,
)
from desktop_app.content.formats import media_type
from desktop_app.content.signing_identity import (
    SigningIdentity,
    name_in,
    own_identity,
    renewed_key,
    self_made,
    still_good,
)
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import CancelledError, ColophonError, InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from tests.unit.content.media import epub, film, needs_ffmpeg, pdf, picture, sound

SEED = bytes(range(64))
NOW = SystemClock().now()
CLAIM = Claim("Night Train", registration={"chain_id": 6516588, "commitment_id": "0x" + "ab" * 32})
CIRCLE = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/>' + "<g/>" * 9000 + "</svg>"
MAKERS: dict[str, Callable[[Path], Any]] = {
    "png": lambda path: picture().save(path),
    "jpg": lambda path: picture().save(path),
    "webp": lambda path: picture().save(path),
    "tif": lambda path: picture().save(path),
    "gif": lambda path: picture().save(path),
    "avif": lambda path: picture().save(path),
    "svg": lambda path: path.write_text(CIRCLE),
    "pdf": lambda path: pdf(path, ["It was late"]),
    "epub": lambda path: epub(path, ["It was late"]),
    "wav": sound,
    "mp3": sound,
    "flac": sound,
    "m4a": sound,
    "mp4": film,
    "mov": film,
}
MADE_BY_FFMPEG = {"wav", "mp3", "flac", "m4a", "mp4", "mov"}
KINDS = [pytest.param(kind, marks=[needs_ffmpeg] if kind in MADE_BY_FFMPEG else []) for kind in MAKERS]


@pytest.fixture(scope="module")
def identity() -> SigningIdentity:
    return self_made(SEED, "Ada Wren", NOW)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same code without a process for each call, so that much can be tried in little time."""

    def here(function: Callable[..., Any], *arguments: Any, task: Task) -> Any:
        task.check()
        return function(*arguments)

    monkeypatch.setattr(credentials, "run_apart", here)


def kind_of(path: Path) -> str:
    return media_type(path, path.read_bytes()[:64])


def read(path: Path, sidecar: Path | None = None, anchors: str = "") -> credentials.CredentialReport:
    return read_credentials(path, kind_of(path), sidecar, anchors, Task())


def trust(path: Path, sidecar: Path | None = None) -> Trust | None:
    """None for credentials that cannot even be read."""
    try:
        return read(path, sidecar).trust
    except InvalidInputError:
        return None


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_holds_its_credentials_and_every_change_shows(
    kind: str, tmp_path: Path, identity: SigningIdentity
) -> None:
    source, copy = tmp_path / f"work.{kind}", tmp_path / f"copy.{kind}"
    MAKERS[kind](source)
    before = source.read_bytes()
    assert can_embed(kind_of(source), len(before))
    sign_copy(source, kind_of(source), copy, CLAIM, identity, Task())
    assert source.read_bytes() == before
    found = read(copy)
    assert (found.trust, found.embedded, found.signer, found.title) == (
        Trust.UNKNOWN_SIGNER, True, "Ada Wren", "Night Train",
    )  # fmt: skip
    assert {rule for _, rule in found.training} == {"notAllowed"} and len(found.training) == 4
    assert dict(found.registration)["commitment_id"] == "0x" + "ab" * 32
    assert read(copy, anchors=identity.chain).trust is Trust.TRUSTED
    assert read(source).trust is Trust.NONE
    data = copy.read_bytes()
    chance = random.Random(kind)
    content = _content_places(data, before)
    assert content
    for place in chance.sample(content, min(len(content), 12)):
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        (tmp_path / f"changed.{kind}").write_bytes(changed)
        assert trust(tmp_path / f"changed.{kind}") not in (Trust.UNKNOWN_SIGNER, Trust.TRUSTED), place


def _content_places(data: bytes, source: bytes) -> list[int]:
    """Where the content is. Padding inside of credentials and the wrapping of a ZIP are in no C2PA hash."""
    if data.startswith(b"PK"):
        text = data.find(b"It was late")
        return list(range(text, text + 11))
    start = next(
        found for mark in (b"C2PA_GIF", b"c2pa:manifest", b"jumb") if (found := data.find(mark)) >= 0
    )
    room = len(data) - len(source)
    return [place for place in range(len(data)) if not start - 96 <= place <= start + room]


@pytest.mark.usefixtures("in_this_process")
def test_any_file_has_its_credentials_beside_it(tmp_path: Path, identity: SigningIdentity) -> None:
    source, sidecar = tmp_path / "rows.csv", tmp_path / "rows.csv.c2pa"
    source.write_bytes(b"place,minutes\nharbour,12\n" * 50)
    assert not can_embed("text/csv", 10)
    sign_beside(source, sidecar, CLAIM, identity, Task())
    found = read(source, sidecar)
    assert (found.trust, found.embedded, found.signer) == (Trust.UNKNOWN_SIGNER, False, "Ada Wren")
    data = source.read_bytes()
    for place in (0, 7, len(data) // 2, len(data) - 1):
        changed = bytearray(data)
        changed[place] ^= 1
        (tmp_path / "changed.csv").write_bytes(changed)
        assert trust(tmp_path / "changed.csv", sidecar) is Trust.BROKEN
    (tmp_path / "longer.csv").write_bytes(data + b"x")
    assert trust(tmp_path / "longer.csv", sidecar) is Trust.BROKEN


@pytest.mark.usefixtures("in_this_process")
def test_a_sidecar_leaves_no_byte_of_any_file_changed(tmp_path: Path, identity: SigningIdentity) -> None:
    for kind in ("png", "pdf", "epub"):
        source = tmp_path / f"work.{kind}"
        MAKERS[kind](source)
        before = source.read_bytes()
        sign_beside(source, tmp_path / f"{kind}.c2pa", CLAIM, identity, Task())
        assert source.read_bytes() == before
        assert read(source, tmp_path / f"{kind}.c2pa").trust is Trust.UNKNOWN_SIGNER


@pytest.mark.usefixtures("in_this_process")
def test_signing_again_keeps_what_was_there(tmp_path: Path, identity: SigningIdentity) -> None:
    picture().save(tmp_path / "work.png")
    sign_copy(tmp_path / "work.png", "image/png", tmp_path / "one.png", CLAIM, identity, Task())
    other = self_made(bytes(64), "Ben Low", NOW)
    licensed = Claim("Again", Training.LICENSED, "ask ada@example.org")
    sign_copy(tmp_path / "one.png", "image/png", tmp_path / "two.png", licensed, other, Task())
    found = read(tmp_path / "two.png")
    assert (found.signer, found.title, found.earlier) == ("Ben Low", "Again", 1)
    assert {rule for _, rule in found.training} == {"constrained"}
    assert found.registration == ()


def test_in_a_process_of_its_own_it_is_the_same(tmp_path: Path, identity: SigningIdentity) -> None:
    picture().save(tmp_path / "work.png")
    sign_copy(tmp_path / "work.png", "image/png", tmp_path / "copy.png", CLAIM, identity, Task())
    assert read(tmp_path / "copy.png").trust is Trust.UNKNOWN_SIGNER
    assert (tmp_path / "copy.png").stat().st_mode & 0o777 == 0o600
    cancelled = Task()
    cancelled.cancel()
    with pytest.raises(CancelledError):
        sign_copy(tmp_path / "work.png", "image/png", tmp_path / "two.png", CLAIM, identity, cancelled)
    assert {path.name for path in tmp_path.iterdir()} == {"work.png", "copy.png"}


@pytest.mark.usefixtures("in_this_process")
def test_a_damaged_file_gets_no_credentials_and_leaves_nothing(
    tmp_path: Path, identity: SigningIdentity
) -> None:
    (tmp_path / "work.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"damaged" * 99)
    with pytest.raises(InvalidInputError) as caught:
        sign_copy(tmp_path / "work.mp4", "video/mp4", tmp_path / "copy.mp4", CLAIM, identity, Task())
    assert caught.value.code == "credentials.cannot_embed"
    (tmp_path / "taken.png").write_bytes(b"x")
    with pytest.raises(RefusedError):
        sign_copy(tmp_path / "work.mp4", "video/mp4", tmp_path / "taken.png", CLAIM, identity, Task())
    assert {path.name for path in tmp_path.iterdir()} == {"work.mp4", "taken.png"}


@pytest.mark.usefixtures("in_this_process")
@given(data=st.binary(max_size=300), kind=st.sampled_from(["png", "jpg", "mp4", "pdf", "epub", "gif", "mp3"]))
def test_whatever_a_file_holds_reading_ends_in_a_report_or_a_typed_error(
    data: bytes, kind: str, tmp_path: Path
) -> None:
    path, sidecar = tmp_path / f"x.{kind}", tmp_path / "x.c2pa"
    path.write_bytes(b"x" + data)
    sidecar.write_bytes(data)
    for beside in (None, sidecar):
        try:
            found = read(path, beside)
        except ColophonError as error:
            assert error.code == "credentials.unreadable"
        else:
            assert found.trust in (Trust.NONE, Trust.BROKEN)


@pytest.mark.usefixtures("in_this_process")
def test_an_address_of_credentials_is_named_and_not_visited(
    tmp_path: Path, identity: SigningIdentity
) -> None:
    import c2pa

    picture().save(tmp_path / "work.png")
    builder = c2pa.Builder(credentials.json.dumps(credentials._manifest(CLAIM)))
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    builder.set_no_embed()
    builder.set_remote_url("https://127.0.0.1:9/manifest.c2pa")
    signer = c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(b"es256", identity.chain.encode(), identity.key.encode(), None)
    )
    with (tmp_path / "work.png").open("rb") as source, (tmp_path / "far.png").open("w+b") as copy:
        builder.sign(signer, "image/png", source, copy)
    found = read(tmp_path / "far.png")
    assert (found.trust, found.remote) == (Trust.NONE, "https://127.0.0.1:9/manifest.c2pa")


# --- Who signs ----------------------------------------------------------------------------------------------


def test_the_key_follows_from_the_seed_and_the_certificate_is_renewed_when_needed() -> None:
    made = self_made(SEED, " Ada   Wren ", NOW)
    assert made.name == name_in(made.chain) == "Ada Wren"
    assert renewed_key(SEED) == made.key
    assert still_good(made.chain, SEED, "Ada Wren", NOW)
    assert not still_good(made.chain, SEED, "Ben Low", NOW)
    assert not still_good(made.chain, bytes(64), "Ada Wren", NOW)
    assert not still_good(made.chain, SEED, "Ada Wren", NOW + 11 * 365 * 86_400)
    assert not still_good("no certificate", SEED, "Ada Wren", NOW)
    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\x1bb"])
def test_a_name_that_fits_no_certificate_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        self_made(SEED, name, NOW)
    assert caught.value.code == "credentials.name"


def authority_made(*, purpose: bool = True, signs: bool = True, days: int = 30) -> tuple[bytes, Any, bytes]:
    """A chain from an authority that is not ours: chain, key, the authority's own certificate."""
    root, key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name),
                          x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Harbour")])  # fmt: skip

    def usage(**on: bool) -> x509.KeyUsage:
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                 "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
        return x509.KeyUsage(**{name: on.get(name, False) for name in names})

    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)

    def begun(subject: str, public: Any, end: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named("Harbour Root"))
            .public_key(public).serial_number(x509.random_serial_number()).not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=end))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        )  # fmt: skip

    top = (
        begun("Harbour Root", root.public_key(), 900)
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(usage(key_cert_sign=True), True)
        .sign(root, SHA256())
    )
    leaf = begun("Harbour Records", key.public_key(), days)
    leaf = leaf.add_extension(usage(digital_signature=signs, key_agreement=not signs), True)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False
    ).add_extension(x509.BasicConstraints(False, None), True)
    if purpose:
        leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    chain = leaf.sign(root, SHA256()).public_bytes(Encoding.PEM)
    return chain, key, top.public_bytes(Encoding.PEM)


def pem(key: Any, passphrase: str = "word") -> bytes:
    locked = BestAvailableEncryption(passphrase.encode())
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))


@pytest.mark.usefixtures("in_this_process")
def test_a_certificate_of_ones_own_signs_and_is_trusted_by_who_trusts_its_authority(tmp_path: Path) -> None:
    chain, key, root = authority_made()
    own = own_identity(chain + root, pem(key), "word", NOW)
    assert (own.name, own.algorithm) == ("Harbour Records", "es384")
    picture().save(tmp_path / "work.jpg")
    sign_copy(tmp_path / "work.jpg", "image/jpeg", tmp_path / "copy.jpg", CLAIM, own, Task())
    assert read(tmp_path / "copy.jpg").trust is Trust.UNKNOWN_SIGNER
    assert read(tmp_path / "copy.jpg", anchors=root.decode()).trust is Trust.TRUSTED


def test_what_is_wrong_with_a_certificate_is_said() -> None:
    chain, key, _ = authority_made()
    _, other, other_root = authority_made()

    def refused(chain: bytes, key: bytes, passphrase: str = "word") -> tuple[str, object]:
        with pytest.raises(InvalidInputError) as caught:
            own_identity(chain, key, passphrase, NOW)
        return caught.value.code, caught.value.params.get("problem")

    assert refused(b"nothing", pem(key))[0] == "credentials.certificate_unreadable"
    assert refused(chain, pem(key), "wrong")[0] == "credentials.key_unreadable"
    assert refused(chain, pem(key), "")[0] == "credentials.key_unreadable"
    assert refused(chain, pem(other))[0] == "credentials.key_of_another"
    assert refused(chain + other_root, pem(key)) == ("credentials.certificate_unfit", "chain")
    for wanted, made in (
        ("validity", authority_made(days=1)),
        ("digitalSignature", authority_made(signs=False)),
        ("extendedKeyUsage", authority_made(purpose=False)),
    ):
        assert refused(made[0], pem(made[1])) == ("credentials.certificate_unfit", wanted)
