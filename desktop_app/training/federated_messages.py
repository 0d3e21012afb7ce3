"""What the coordinator asks the owners of a federated run, and what they answer, signed (Ed25519, RFC 8032).

Canonical JSON; whoever reads it checks everything that it relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.training.certificate import MAX_SIZE, Proved, read_claim
from desktop_app.training.federated import MAX_ROUNDS, Plan

TASK_FORMAT, ANSWER_FORMAT = "colophon-federated-task", "colophon-federated-answer"
_SIGNED = b"colophon/v1/training/federated-answer\0"


@dataclass(frozen=True)
class RoundTask:
    """A request to prove round `number` (from 0), with the rounds from number `since` on that lead there.

    The number after the last round says that the run is over.
    """

    plan: str
    """Digest of the plan."""
    number: int
    since: int
    rounds: tuple[tuple[Proved, ...], ...]

    def encode(self) -> bytes:
        rounds: list[Json] = [[one.to_json() for one in each] for each in self.rounds]
        return canonical_json.write(
            {
                "format": TASK_FORMAT,
                "plan": self.plan,
                "round": self.number,
                "since": self.since,
                "rounds": rounds,
            }
        )

    @staticmethod
    def read(data: bytes) -> RoundTask:
        """Raises only InvalidInputError."""
        found = read_object(
            canonical_json.read(data, MAX_SIZE), ["format", "plan", "round", "since", "rounds"]
        )
        plan, number, since, rounds = found["plan"], found["round"], found["since"], found["rounds"]
        if found["format"] != TASK_FORMAT or not isinstance(plan, str):
            raise InvalidInputError("training.not_a_message")
        if type(number) is not int or type(since) is not int or not isinstance(rounds, list):
            raise InvalidInputError("training.not_a_message")
        if not 0 <= since <= number <= MAX_ROUNDS or len(rounds) != number - since:
            raise InvalidInputError("training.not_a_message")
        return RoundTask(plan, number, since, tuple(_claims(each) for each in rounds))


class AnswerKind(StrEnum):
    UPDATE = "update"
    """The result of the round, with its proof."""
    NEED = "need"
    """The owner has verified `round` rounds, and needs those from there on."""
    REFUSED = "refused"
    """The owner does not take part in this round; `value` is why (a code)."""
    DONE = "done"
    """The owner has verified all rounds, and leaves."""


@dataclass(frozen=True)
class Answer:
    """What an owner says about a round."""

    plan: str
    owner: str
    number: int
    kind: AnswerKind
    value: str = ""
    update: Json = None

    def proved(self) -> Proved:
        """The result with its proof, nothing verified yet; raises InvalidInputError where there is none."""
        if self.update is None:
            raise InvalidInputError("training.not_a_message")
        return read_claim(self.update)

    def signed(self, key: Ed25519PrivateKey) -> bytes:
        """The bytes that are sent."""
        content = self._content()
        return canonical_json.write({**content, "signature": key.sign(_SIGNED + _bytes(content)).hex()})

    def _content(self) -> dict[str, Json]:
        return {
            "format": ANSWER_FORMAT,
            "plan": self.plan,
            "owner": self.owner,
            "round": self.number,
            "kind": self.kind.value,
            "value": self.value,
            "update": self.update,
        }

    @staticmethod
    def read(data: bytes, plan: Plan) -> Answer:
        """An answer that the owner it names has signed.

        Raises InvalidInputError for other bytes, RefusedError("training.not_its_signature") for one that
        somebody else made.
        """
        keys = ["format", "plan", "owner", "round", "kind", "value", "update", "signature"]
        found = read_object(canonical_json.read(data, MAX_SIZE), keys)
        owner, number, kind, value = found["owner"], found["round"], found["kind"], found["value"]
        signature, update = found.pop("signature"), found["update"]
        if found["format"] != ANSWER_FORMAT or found["plan"] != plan.digest():
            raise InvalidInputError("training.not_a_message")
        if not isinstance(owner, str) or type(number) is not int or not isinstance(value, str):
            raise InvalidInputError("training.not_a_message")
        if kind not in tuple(AnswerKind) or not isinstance(signature, str):
            raise InvalidInputError("training.not_a_message")
        known = plan.owners[plan.owner(owner)]
        try:
            raw = bytes.fromhex(signature)
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(known.key)).verify(raw, _SIGNED + _bytes(found))
        except (ValueError, InvalidSignature) as error:
            raise RefusedError("training.not_its_signature", owner=owner[:80]) from error
        return Answer(plan.digest(), owner, number, AnswerKind(str(kind)), value[:80], update)


def _bytes(content: dict[str, Json]) -> bytes:
    return canonical_json.write(content)


def _claims(value: Json) -> tuple[Proved, ...]:
    if not isinstance(value, list):
        raise InvalidInputError("training.not_a_message")
    return tuple(read_claim(each) for each in value)
