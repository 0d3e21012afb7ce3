"""Challenges for those who check certificates: short enough for the phone, accepted once."""

from __future__ import annotations

import hashlib
import secrets

from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError
from desktop_app.store.challenges import Challenge, ChallengeRepository

__all__ = ["Challenge", "ChallengeService"]

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, O, 1, I, L and U, which are mistaken for each other."""
GROUPS, GROUP = 3, 4
"""58 bits: nobody guesses one that was not given to him."""
NOTE_LIMIT = 200


class ChallengeService:
    def __init__(self, challenges: ChallengeRepository, clock: Clock) -> None:
        self._challenges = challenges
        self._clock = clock

    def new(self, given_to: str = "") -> Challenge:
        """A fresh challenge, remembered until it is answered. `given_to` is a note for yourself."""
        note = " ".join(given_to.split())
        if len(note) > NOTE_LIMIT:
            raise InvalidInputError("challenge.note_too_long", limit=NOTE_LIMIT)
        letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
        groups = ["".join(letters[i : i + GROUP]) for i in range(0, len(letters), GROUP)]
        challenge = Challenge("-".join(groups), note, self._clock.now())
        self._challenges.add(challenge)
        return challenge

    def all(self) -> tuple[Challenge, ...]:
        """What was given out, newest first."""
        return tuple(self._challenges.newest())

    def known(self, text: str) -> Challenge | None:
        """The challenge that was given out under this code, in whatever case and grouping it is typed."""
        return self._challenges.find(tidy(text))

    def may_answer(self, text: str, certificate: bytes, *, use: bool) -> bool:
        """Whether this certificate may answer a challenge; False when another one has used it before.

        `use` uses it up: only for a certificate whose record is confirmed, as anybody can make another kind.
        A challenge that was not given out here may always be answered.
        """
        known = self.known(text)
        if known is None:
            return True
        digest = hashlib.sha256(certificate).digest()
        if use:
            return self._challenges.use(known.code, digest, self._clock.now())
        return known.used_by in (None, digest)


def tidy(text: str) -> str:
    """The form in which codes are given out, from one that was typed; other text stays as it is."""
    letters = "".join(text.upper().replace("-", " ").split())
    if len(letters) != GROUPS * GROUP or not set(letters) <= set(ALPHABET):
        return text.strip()
    return "-".join(letters[i : i + GROUP] for i in range(0, len(letters), GROUP))
