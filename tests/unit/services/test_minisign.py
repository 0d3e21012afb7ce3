"""Signatures in minisign's format, made by minisign 0.11 itself (`minisign -G -W`, `-S`, `-S -l`)."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import ColophonError, CorruptError, InvalidInputError, RefusedError
from desktop_app.services import minisign
from desktop_app.services.minisign import PublicKey, Signature

PUBLIC = (
    "untrusted comment: minisign public key A69BFC5D55BE8E45\n"
    "RWRFjr5VXfybpgnT2wVoqhNxf50tbhRDXd2Vl0ee6ciUZ+0Uca5EycHv\n"
)
MESSAGE = b"Colophon\n"
HASHED = (
    b"untrusted comment: signature from minisign secret key\n"
    b"RURFjr5VXfybpoyCpFWe2efoT2YAtxspKFMrV4zVX8JZOJe7rlZClho9zMIS5+RrRkUemvxpYJK+eP6JIzewovBcIany2Cg2ZgU=\n"
    b"trusted comment: timestamp:1790000000\tfile:message\n"
    b"xYnGUvVrZCFchnCl4iV4aUMtnKLkUIwgsh2e6WYLK1yUVEvEL7KmlGywTOmQXwhWjGZEhJ7ipOW2bRbNyHMtDw==\n"
)
LEGACY = (
    b"untrusted comment: signature from minisign secret key\n"
    b"RWRFjr5VXfybpk2Fwijia0buKWqA7+Ea4Qt7ROaeSEek6lSepLP8fpexxt1YKAjEJQePQGkGFI/vFqyV6dDdesnoh+dvBkH1AgI=\n"
    b"trusted comment: timestamp:1790000000\tfile:message\n"
    b"1q9OMHzoz0MnmKn8pSqJcOh6Fss3LRYgmR7oKU0rx69nJSR4WtpNpEHGUwVUBj8kUoIqhFqYtYpL2j0yV3xaBA==\n"
)


def signed(data: bytes, comment: str = "by the test", *, algorithm: bytes = b"ED") -> tuple[str, bytes]:
    """A key's .pub line and the .minisig of `data`, put together after minisign's description."""
    private, key_id = Ed25519PrivateKey.from_private_bytes(bytes(range(32))), b"\1\2\3\4\5\6\7\x08"
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    first = private.sign(hashlib.blake2b(data).digest() if algorithm == b"ED" else data)
    second = private.sign(first + comment.encode())
    lines = (
        b"untrusted comment: none",
        base64.b64encode(algorithm + key_id + first),
        b"trusted comment: " + comment.encode(),
        base64.b64encode(second),
    )
    return base64.b64encode(b"Ed" + key_id + public).decode(), b"\n".join(lines) + b"\n"


def code(error: pytest.ExceptionInfo[ColophonError]) -> str:
    return error.value.code


@pytest.mark.parametrize("text", [HASHED, LEGACY], ids=["hashed", "legacy"])
def test_what_minisign_has_signed_is_accepted_with_its_comment(text: bytes) -> None:
    key = PublicKey.parse(PUBLIC)
    assert Signature.parse(text).check(key, MESSAGE) == "timestamp:1790000000\tfile:message"
    assert key == PublicKey.parse(PUBLIC.splitlines()[1])
    assert key.name in PUBLIC


@pytest.mark.parametrize("text", [HASHED, LEGACY], ids=["hashed", "legacy"])
def test_one_other_byte_in_the_file_is_refused(text: bytes) -> None:
    with pytest.raises(CorruptError, match="wrong_signature"):
        Signature.parse(text).check(PublicKey.parse(PUBLIC), MESSAGE[:-1] + b"?")


def test_our_own_signatures_of_the_tests_are_what_minisign_makes() -> None:
    key, text = signed(b"data", algorithm=b"Ed")
    assert Signature.parse(text).check(PublicKey.parse(key), b"data") == "by the test"


@given(st.data())
def test_no_bit_of_a_signature_file_can_change_but_in_the_untrusted_comment(data: st.DataObject) -> None:
    key, text = signed(b"data")
    start = text.index(b"\n")
    place = data.draw(st.integers(start, len(text) - 2))
    changed = bytearray(text)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CorruptError):
        Signature.parse(bytes(changed)).check(PublicKey.parse(key), b"data")


@given(st.binary(max_size=400))
def test_rubbish_is_refused_calmly(data: bytes) -> None:
    with pytest.raises(CorruptError, match="bad_signature_file"):
        Signature.parse(data)
    with pytest.raises(InvalidInputError, match="bad_key"):
        PublicKey.parse(data.decode("latin-1"))


def test_a_hashed_signature_does_not_count_as_one_over_the_hash_as_a_file() -> None:
    key, text = signed(b"data")
    lines = text.split(b"\n")
    lines[1] = base64.b64encode(b"Ed" + base64.b64decode(lines[1])[2:])
    legacy = Signature.parse(b"\n".join(lines))
    with pytest.raises(CorruptError, match="wrong_signature"):
        legacy.check(PublicKey.parse(key), b"data")


def test_a_signature_by_another_key_says_so() -> None:
    key, _ = signed(b"data")
    with pytest.raises(CorruptError) as error:
        Signature.parse(HASHED).check(PublicKey.parse(key), MESSAGE)
    assert code(error) == "updates.other_key"


def test_a_large_file_is_read_in_pieces_and_the_old_kind_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "colophon.deb"
    data = bytes(3_000_000)
    path.write_bytes(data)
    for algorithm in (b"ED", b"Ed"):
        key, text = signed(data, algorithm=algorithm)
        assert Signature.parse(text).check_file(PublicKey.parse(key), path) == "by the test"
    monkeypatch.setattr(minisign, "LEGACY_LIMIT", 1000)
    with pytest.raises(RefusedError) as error:
        Signature.parse(text).check_file(PublicKey.parse(key), path)
    assert code(error) == "updates.too_large_for_legacy"
