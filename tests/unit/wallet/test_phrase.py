"""Recovery phrases against the published BIP-39 vectors."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError
from desktop_app.wallet.phrase import (
    entropy_from_phrase,
    new_entropy,
    phrase_from_entropy,
    seed_from_entropy,
    words_starting_with,
)

# From the reference vectors of BIP-39 (English).
VECTORS = {
    "00" * 16: "abandon " * 11 + "about",
    "7f" * 16: "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "80" * 16: "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "ff" * 16: "zoo " * 11 + "wrong",
    "9e885d952ad362caeb4efe34a8e91bd2": (
        "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic"
    ),
    "00" * 32: "abandon " * 23 + "art",
    "7f" * 32: (
        "legal winner thank year wave sausage worth useful legal winner thank year "
        "wave sausage worth useful legal winner thank year wave sausage worth title"
    ),
    "80" * 32: (
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd "
        "amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"
    ),
    "ff" * 32: "zoo " * 23 + "vote",
    "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f": (
        "void come effort suffer camp survey warrior heavy shoot primary clutch crush "
        "open amazing screen patrol group space point ten exist slush involve unfold"
    ),
}
KNOWN_SEED = (
    "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
    "9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
)


@pytest.mark.parametrize("entropy", VECTORS)
def test_the_published_vectors_hold_in_both_directions(entropy: str) -> None:
    assert phrase_from_entropy(bytes.fromhex(entropy)) == VECTORS[entropy]
    assert entropy_from_phrase(VECTORS[entropy]).hex() == entropy


def test_the_seed_is_the_published_one() -> None:
    assert seed_from_entropy(bytes(16)).hex() == KNOWN_SEED


@given(st.sampled_from([16, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_every_phrase_leads_back_to_its_entropy_and_the_bip39_seed(entropy: bytes) -> None:
    phrase = phrase_from_entropy(entropy)
    assert entropy_from_phrase(phrase) == entropy
    assert seed_from_entropy(entropy) == hashlib.pbkdf2_hmac("sha512", phrase.encode(), b"mnemonic", 2048)


def test_case_and_spaces_do_not_matter() -> None:
    assert (
        entropy_from_phrase("  Legal WINNER\tthank year\n" + VECTORS["7f" * 16][24:] + "\u00a0 ")
        == b"\x7f" * 16
    )


@pytest.mark.parametrize("position", range(1, 13))
def test_an_unknown_word_is_named_by_its_position_and_not_repeated(position: int) -> None:
    words = VECTORS["7f" * 16].split()
    words[position - 1] = "colofon"
    with pytest.raises(InvalidInputError) as caught:
        entropy_from_phrase(" ".join(words))
    assert caught.value.code == "wallet.phrase_unknown_word"
    assert caught.value.params == {"position": position}


@pytest.mark.parametrize("count", [0, 1, 11, 13, 15, 18, 21, 23, 25])
def test_only_12_or_24_words_are_a_phrase(count: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        entropy_from_phrase("abandon " * count)
    assert caught.value.code == "wallet.phrase_length"
    with pytest.raises(InvalidInputError):
        new_entropy(count)


@pytest.mark.parametrize("phrase", ["abandon " * 12, "abandon " * 24, "about " + "abandon " * 11])
def test_a_wrong_checksum_is_refused(phrase: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        entropy_from_phrase(phrase)
    assert caught.value.code == "wallet.phrase_checksum"


@given(st.text(max_size=300))
def test_any_text_is_a_phrase_or_a_typed_error(text: str) -> None:
    try:
        assert phrase_from_entropy(entropy_from_phrase(text)).split() == text.lower().split()
    except InvalidInputError as error:
        assert error.code.startswith("wallet.phrase_")


def test_new_phrases_differ() -> None:
    assert len({new_entropy(12) for _ in range(50)}) == 50
    assert len(new_entropy(24)) == 32


def test_words_are_suggested_from_their_first_letters() -> None:
    assert words_starting_with("Zo") == ("zone", "zoo")
    assert words_starting_with("") == ()
    assert words_starting_with("qq") == ()
