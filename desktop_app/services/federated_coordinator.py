"""Who collects the owners' results: checks every proof before it counts, and has to be believed by nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.errors import ColophonError, RefusedError
from desktop_app.training.certificate import Proved
from desktop_app.training.federated import (
    FederatedCertificate,
    Plan,
    aggregate,
    check_update,
    verify_rounds,
)
from desktop_app.training.federated_messages import Answer, AnswerKind, RoundTask
from desktop_app.training.statement import Statement
from desktop_app.wallet.durable import replace_file


@dataclass(frozen=True)
class Event:
    """Something about a round (from 0): `kind` is "counted", "refused", "declined", "stranger", "absent",
    "closed", "finished" or "failed".

    "refused": `owner` signed a result that does not hold, for the reason `code`; "declined": it will not
    prove this round. "stranger": a message that is signed by no owner (`owner` as it claims).
    """

    number: int
    kind: str
    owner: str = ""
    code: str = ""


class Coordinator:
    """Keeps the certificate so far at `path` after every round, and goes on from there when started again."""

    def __init__(self, plan: Plan, path: Path, told: Callable[[Event], None] | None = None) -> None:
        self.plan = plan
        self._path = path
        self._told = told or (lambda _event: None)
        self._seen: dict[int, int] = {}
        self._updates: dict[int, Proved] = {}
        self._answered: set[str] = set()
        self.certificate = FederatedCertificate(plan, ())
        if path.is_file():
            kept = FederatedCertificate.read(path.read_bytes())
            if kept.plan != plan:
                raise RefusedError("training.update_other_plan")
            self.certificate = kept
        self.weights, _, _ = verify_rounds(plan, self.certificate.rounds)

    @property
    def number(self) -> int:
        """The round that is open, from 0."""
        return len(self.certificate.rounds)

    @property
    def finished(self) -> bool:
        return self.number >= self.plan.rounds

    def task(self, node: int) -> bytes:
        """What to ask a node that may be any owner; when all rounds are done, that they are."""
        since = min(self._seen.get(node, 0), self.number)
        rounds = self.certificate.rounds[since:]
        return RoundTask(self.plan.digest(), self.number, since, rounds).encode()

    @property
    def everybody_answered(self) -> bool:
        """Whether each owner has said something that it signed about the open round."""
        return len(self._answered) == len(self.plan.owners)

    def receive(self, node: int, data: bytes) -> bool:
        """Check an answer, and count the result that it brings; True where the node is to be asked anew.

        Nothing that a node sends raises.
        """
        try:
            answer = Answer.read(data, self.plan)
        except ColophonError as problem:
            named = str(problem.params.get("owner", ""))
            self._told(Event(self.number, "stranger", named, problem.code))
            return False
        claimed = answer.owner
        if answer.kind is AnswerKind.DONE:
            self._answered.add(claimed)
            return False
        if answer.kind is AnswerKind.NEED:
            self._seen[node] = min(answer.number, self.number)
            return answer.number < self.number
        self._answered.add(claimed)
        try:
            if answer.kind is AnswerKind.REFUSED:
                self._told(Event(self.number, "declined", claimed, answer.value))
                return False
            update = answer.proved()
            place = check_update(self.plan, self.number, self.weights, update)
            if self.plan.owners[place].name != claimed:
                raise RefusedError("training.update_of_another_owner")
        except ColophonError as problem:
            self._told(Event(self.number, "refused", claimed, problem.code))
            return False
        self._seen[node] = self.number
        if place not in self._updates:
            self._updates[place] = update
            self._told(Event(self.number, "counted", claimed))
        return False

    def close(self) -> bool:
        """End the round with the results that came, if they are enough; False leaves it open for more."""
        if self.finished or len(self._updates) < self.plan.quorum:
            return False
        places = sorted(self._updates)
        updates = tuple(self._updates[place] for place in places)
        for place, owner in enumerate(self.plan.owners):
            if place not in self._updates:
                self._told(Event(self.number, "absent", owner.name))
        statements = [one.statement for one in updates if isinstance(one.statement, Statement)]
        rounds = (*self.certificate.rounds, updates)
        certificate = FederatedCertificate(
            self.plan, rounds, self.certificate.validity, self.certificate.consents
        )
        replace_file(self._path, certificate.encode())
        self._told(Event(self.number, "closed"))
        self.certificate, self.weights, self._updates = certificate, aggregate(statements), {}
        self._answered = set()
        return True
