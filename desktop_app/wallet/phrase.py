"""Recovery phrases after BIP-39: 12 or 24 English words with a checksum.

No error here carries a word of the phrase: a mistyped word is named by its position.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from desktop_app.core.errors import InvalidInputError

if TYPE_CHECKING:
    from eth_account.hdaccount.mnemonic import Mnemonic

ENTROPY_BYTES = {12: 16, 24: 32}
"""Bytes of randomness by number of words."""


@cache
def _mnemonic() -> Mnemonic:
    from eth_account.hdaccount.mnemonic import Mnemonic

    return Mnemonic()


@cache
def _positions() -> dict[str, int]:
    return {word: position for position, word in enumerate(_mnemonic().wordlist)}


def new_entropy(words: int) -> bytes:
    """Fresh randomness for a phrase of 12 or 24 words; raises InvalidInputError for another length."""
    if words not in ENTROPY_BYTES:
        raise InvalidInputError("wallet.phrase_length", words=words)
    return secrets.token_bytes(ENTROPY_BYTES[words])


def phrase_from_entropy(entropy: bytes) -> str:
    """The phrase that stands for 16 or 32 bytes."""
    return str(_mnemonic().to_mnemonic(entropy))


def normalise(text: str) -> str:
    """One space between words, lower case, Unicode NFKD (BIP-39)."""
    return " ".join(unicodedata.normalize("NFKD", text).lower().split())


def entropy_from_phrase(text: str) -> bytes:
    """The 16 or 32 bytes behind a phrase, however it is spaced or capitalised.

    Raises InvalidInputError: "wallet.phrase_length", "wallet.phrase_unknown_word" (with the position of the
    word, counted from 1) or "wallet.phrase_checksum".
    """
    words = normalise(text).split()
    if len(words) not in ENTROPY_BYTES:
        raise InvalidInputError("wallet.phrase_length", words=len(words))
    known = _positions()
    number = 0
    for position, word in enumerate(words, start=1):
        index = known.get(word)
        if index is None:
            raise InvalidInputError("wallet.phrase_unknown_word", position=position)
        number = number << 11 | index
    size = ENTROPY_BYTES[len(words)]
    checksum_bits = size // 4
    entropy = (number >> checksum_bits).to_bytes(size, "big")
    expected = hashlib.sha256(entropy).digest()[0] >> (8 - checksum_bits)
    if number & ((1 << checksum_bits) - 1) != expected:
        raise InvalidInputError("wallet.phrase_checksum")
    return entropy


def seed_from_entropy(entropy: bytes) -> bytes:
    """The 64-byte BIP-39 seed (PBKDF2-HMAC-SHA512, 2,048 rounds, no extra word)."""
    return bytes(_mnemonic().to_seed(phrase_from_entropy(entropy)))


def words_starting_with(prefix: str, limit: int = 8) -> tuple[str, ...]:
    """Words of the BIP-39 list to offer while a phrase is typed."""
    start = normalise(prefix)
    if not start:
        return ()
    return tuple(word for word in _mnemonic().wordlist if word.startswith(start))[:limit]
