"""One owner's side of a federated run: checks what led to a round, proves its own steps once, and signs.

The rows stay in this process. What is kept on disk is public, but for the key that signs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from desktop_app.core.errors import ColophonError, CorruptError, InvalidInputError, RefusedError
from desktop_app.training.certificate import Proved, TrainingCertificate, parse
from desktop_app.training.dataset import CommittedData
from desktop_app.training.federated import Plan, check_update, verify_rounds
from desktop_app.training.federated_messages import Answer, AnswerKind, RoundTask
from desktop_app.training.proof import SpendColumns, prove, train_and_state
from desktop_app.wallet.durable import replace_file

Told = Callable[[int, str], None]
"""Told of each round (from 0) and what was answered: "update", "need", "done", or the code of a refusal."""


@dataclass(frozen=True)
class Progress:
    """How far an owner has verified the run: so many rounds, which led to these weights."""

    rounds: int
    weights: tuple[int, ...]


class FederatedOwner:
    """`folder` keeps the owner's state, so that it can die at any moment and come back."""

    def __init__(
        self,
        plan: Plan,
        data: CommittedData,
        spend: SpendColumns,
        key: Ed25519PrivateKey,
        folder: Path,
        told: Told | None = None,
    ) -> None:
        identity = data.header.identity()
        mine = [owner for owner in plan.owners if owner.data.identity() == identity]
        if not mine:
            raise RefusedError("training.not_in_plan")
        if mine[0].key != public_key(key):
            raise RefusedError("training.other_owner_key", owner=mine[0].name)
        self._plan = plan
        self._owner = mine[0]
        self._data = data
        self._spend = spend
        self._key = key
        self._folder = folder
        self._told = told or (lambda _number, _what: None)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def name(self) -> str:
        return self._owner.name

    def answer(self, task: bytes) -> bytes:
        """The signed answer to a request; never raises for what the request says."""
        number = 0
        try:
            asked = RoundTask.read(task)
            number = asked.number
            said = self._answer(asked)
        except ColophonError as problem:
            said = Answer(self._plan.digest(), self.name, number, AnswerKind.REFUSED, problem.code)
        self._told(number, said.value or said.kind.value)
        return said.signed(self._key)

    def _answer(self, asked: RoundTask) -> Answer:
        digest = self._plan.digest()
        if asked.plan != digest:
            raise RefusedError("training.update_other_plan")
        known = self.progress()
        if asked.since > known.rounds:
            return Answer(digest, self.name, known.rounds, AnswerKind.NEED)
        if asked.number < known.rounds or asked.number > self._plan.rounds:
            raise RefusedError("training.update_other_round")
        new = asked.rounds[known.rounds - asked.since :]
        weights, _, _ = verify_rounds(self._plan, new, known.weights, known.rounds)
        if new:
            self._keep(Progress(asked.number, weights))
        if asked.number == self._plan.rounds:
            return Answer(digest, self.name, asked.number, AnswerKind.DONE)
        return Answer(
            digest, self.name, asked.number, AnswerKind.UPDATE,
            update=self._once(asked.number, weights).to_json(),
        )

    def _once(self, number: int, start: tuple[int, ...]) -> Proved:
        """The result of a round: made once, and the same ever after."""
        path = self._folder / f"update-{number:04}.colophon"
        if path.is_file():
            kept = parse(path.read_bytes()).claims[0]
            check_update(self._plan, number, start, kept)
            return kept
        update = self.update(number, start)
        replace_file(path, TrainingCertificate((update,)).encode())
        return update

    def update(self, number: int, start: tuple[int, ...]) -> Proved:
        """This owner's steps from `start`, proved; uses one proof of the opening budget."""
        owner = self._owner
        statement, trace = train_and_state(
            [self._data], owner.recipe, licence=owner.licence, run=self._plan.run, nonce=self._plan.digest(),
            parties=(owner.name,), security=self._plan.security, initial=start,
            first_step=number * owner.recipe.steps,
        )  # fmt: skip
        return Proved(statement, prove(statement, [self._data], trace, self._spend))

    def progress(self) -> Progress:
        """How far this owner has come; raises CorruptError where its file was altered."""
        path = self._folder / "progress.json"
        if not path.is_file():
            return Progress(0, self._plan.initial)
        try:
            found = json.loads(path.read_text("utf-8"))
            return Progress(int(found["rounds"]), tuple(int(weight) for weight in found["weights"]))
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptError("training.federated_state", path=str(path)) from error

    def _keep(self, progress: Progress) -> None:
        said = {"rounds": progress.rounds, "weights": progress.weights}
        replace_file(self._folder / "progress.json", json.dumps(said).encode())


def public_key(key: Ed25519PrivateKey) -> str:
    """64 hexadecimal digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def key_in(path: Path) -> Ed25519PrivateKey:
    """The owner's key for signing its messages, made where there is none yet. Raises InvalidInputError."""
    if not path.is_file():
        made = Ed25519PrivateKey.generate()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        return made
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except ValueError as error:
        raise InvalidInputError("training.federated_state", path=str(path)) from error
