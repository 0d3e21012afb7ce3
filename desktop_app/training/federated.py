"""Federated training: every owner proves its own steps on its own rows, and anybody can add them up.

Round r starts from public weights w_r. Each owner takes the plan's steps from there, on its own committed
rows, and proves it with the same statement as any segment of a run. The next weights are the mean of the
results, weighted with the numbers of rows and rounded down (FedAvg, McMahan et al. 2017, in whole numbers).
A certificate holds the plan and the proofs of every round, so that nothing about the result has to be
believed: neither the owners, nor whoever collects their results.

What it does not say, beyond what no training proof says: that an owner who is missing in a round was absent,
and not left out by the one who collects. And every result is public: from an owner's results, round by round,
more about its rows can be worked out than from the weights at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import log2

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.training.certificate import MAX_SIZE, Proved, read_claim
from desktop_app.training.claim import MAX_OWNERS, check_context
from desktop_app.training.consent import Consent, check_consents, unsigned
from desktop_app.training.dataset import DataHeader
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import Statement
from desktop_app.training.validity import ValidityStatement
from desktop_app.training.verifier import Expected, verify_claim

PLAN_FORMAT, FORMAT = "colophon-federated-plan", "colophon-federated-certificate"
VERSION = 1
MAX_ROUNDS = 1 << 12
MAX_PLAN_SIZE = 1 << 20


@dataclass(frozen=True)
class Owner:
    """One owner, as the plan names it."""

    name: str
    key: str
    """The Ed25519 public key (hex) with which its messages are signed."""
    licence: str
    data: DataHeader
    recipe: Recipe
    """What it does in each round; `rate` depends on its number of rows."""


@dataclass(frozen=True)
class Plan:
    """Everything that is agreed before the first round."""

    run: str
    challenge: str
    """The verifier's nonce, 64 hexadecimal digits; statements carry the plan's own, which includes it."""
    security: int
    rounds: int
    quorum: int
    """How many owners a round must have at least."""
    initial: tuple[int, ...]
    owners: tuple[Owner, ...]

    @property
    def headers(self) -> tuple[DataHeader, ...]:
        return tuple(owner.data for owner in self.owners)

    def licence_of(self, identity: str) -> str:
        return next((each.licence for each in self.owners if each.data.identity() == identity), "")

    def encode(self) -> bytes:
        """The bytes of the plan's file."""
        plan = canonical_json.write_dataclass(self)
        return canonical_json.write({"format": PLAN_FORMAT, "version": VERSION, "plan": plan})

    def digest(self) -> str:
        """SHA-256 (hex) of the plan: the nonce of every statement, and what owners sign."""
        return hashlib.sha256(b"colophon/v1/training/federated\0" + self.encode()).hexdigest()

    def owner(self, name: str) -> int:
        """The place of an owner; raises InvalidInputError."""
        for place, each in enumerate(self.owners):
            if each.name == name:
                return place
        raise InvalidInputError("training.no_such_owner", owner=name[:80])

    def check(self) -> None:
        """Raises InvalidInputError for a plan that cannot be followed."""
        count = len(self.owners)
        if not 1 <= count <= MAX_OWNERS or not 1 <= self.quorum <= count:
            raise InvalidInputError("training.plan_quorum")
        if not 1 <= self.rounds <= MAX_ROUNDS:
            raise InvalidInputError("training.too_large")
        names = [owner.name for owner in self.owners]
        keys = [owner.key for owner in self.owners]
        identities = [header.identity() for header in self.headers]
        if "" in names or any(len(set(each)) != count for each in (names, keys, identities)):
            raise InvalidInputError("training.owner_twice")
        for owner in self.owners:
            check_context((owner.name, owner.licence, self.run), owner.key)
            self.sample(owner).check()
        if len({_same_for_all(owner) for owner in self.owners}) > 1 or not _rates_agree(self.owners):
            raise InvalidInputError("training.data_sets_differ")
        check_context((self.run,), self.challenge)
        last = self.rounds * self.owners[0].recipe.steps
        replace(self.sample(self.owners[0]), first_step=last).check()

    def sample(self, owner: Owner) -> Statement:
        """The statement of an owner's first round, with the start in the place of the result."""
        return Statement(
            "colophon-training", 1, self.security, owner.recipe, 0, self.initial, self.initial, (), 1,
            (owner.data,), (owner.name,), owner.licence, self.run, self.digest(),
        )  # fmt: skip

    @staticmethod
    def read(data: bytes) -> Plan:
        """From its file; raises only InvalidInputError."""
        found = _opened(data, MAX_PLAN_SIZE, PLAN_FORMAT, "plan")
        plan = canonical_json.read_dataclass(Plan, found["plan"])
        plan.check()
        return plan


def _same_for_all(owner: Owner) -> tuple[Recipe, str]:
    """How each owner's rows are read and trained on. The identity of the schema says which columns they are:
    the mean of weights for different columns would mean nothing."""
    return replace(owner.recipe, rate=0), owner.data.schema_sha256


def _rates_agree(owners: Sequence[Owner]) -> bool:
    """Whether one learning rate, for the mean over a batch, gives the rates of all, rounded to integers."""
    sizes = [owner.recipe.batch_rows(owner.data.rows) for owner in owners]
    both = list(zip(owners, sizes, strict=True))
    lowest = max((2 * owner.recipe.rate - 1) * size for owner, size in both)
    return lowest <= min((2 * owner.recipe.rate + 1) * size for owner, size in both)


def is_plan(data: bytes) -> bool:
    """Whether bytes begin as a plan does; they need not be one."""
    return data.startswith(f'{{"format":"{PLAN_FORMAT}"'.encode())


def is_federated(data: bytes) -> bool:
    """Whether bytes begin as a federated certificate does; they need not hold."""
    return data.startswith(b'{"consents":[') and f'"format":"{FORMAT}"'.encode() in data[: 1 << 16]


def aggregate(updates: Sequence[Statement]) -> tuple[int, ...]:
    """The next weights: the mean of the results, weighted with the numbers of rows, rounded down."""
    rows = sum(update.rows for update in updates)
    sums = zip(*([update.rows * weight for weight in update.final] for update in updates), strict=True)
    return tuple(sum(column) // rows for column in sums)


def check_update(plan: Plan, number: int, start: tuple[int, ...], update: Proved) -> int:
    """The place in the plan of the owner who proved this result of round `number` (from 0) from `start`.

    Raises RefusedError or InvalidInputError for everything else, such as another round's result, another
    owner's, or a proof that does not hold.
    """
    place = _stated_by(plan, number, start, update)
    verify_claim(update.statement, update.proof)
    return place


def _stated_by(plan: Plan, number: int, start: tuple[int, ...], update: Proved) -> int:
    """The same without looking at the proof."""
    statement = update.statement
    if not isinstance(statement, Statement):
        raise InvalidInputError("training.not_an_update")
    statement.check()
    identities = [header.identity() for header in statement.data]
    place = next(
        (i for i, header in enumerate(plan.headers) if identities == [header.identity()]), None
    )
    if place is None:
        raise RefusedError("training.update_other_data")
    owner = plan.owners[place]
    first_step = number * owner.recipe.steps
    if (statement.first_step, statement.initial) != (first_step, start):
        raise RefusedError("training.update_other_round")
    agreed = replace(
        plan.sample(owner), first_step=first_step, initial=start, final=statement.final,
        saturation=statement.saturation,
    )  # fmt: skip
    if statement != agreed:
        raise RefusedError("training.update_other_plan")
    return place


@dataclass(frozen=True)
class FederatedCertificate:
    plan: Plan
    rounds: tuple[tuple[Proved, ...], ...]
    """The results of each round, in the plan's order of owners."""
    validity: tuple[Proved, ...] = ()
    consents: tuple[Consent, ...] = ()

    def encode(self) -> bytes:
        """The bytes of the file."""
        rounds: list[Json] = [[one.to_json() for one in each] for each in self.rounds]
        content: dict[str, Json] = {
            "format": FORMAT,
            "version": VERSION,
            "plan": canonical_json.write_dataclass(self.plan),
            "rounds": rounds,
            "validity": [one.to_json() for one in self.validity],
            "consents": [canonical_json.write_dataclass(each) for each in self.consents],
        }
        return canonical_json.write(content)

    @staticmethod
    def read(data: bytes) -> FederatedCertificate:
        """Nothing verified yet; raises only InvalidInputError."""
        found = _opened(data, MAX_SIZE, FORMAT, "plan", "rounds", "validity", "consents")
        plan = canonical_json.read_dataclass(Plan, found["plan"])
        plan.check()
        rounds, validity, consents = (_listed(found[name]) for name in ("rounds", "validity", "consents"))
        return FederatedCertificate(
            plan,
            tuple(tuple(read_claim(one) for one in _listed(each)) for each in rounds),
            tuple(read_claim(one) for one in validity),
            tuple(canonical_json.read_dataclass(Consent, each) for each in consents),
        )


@dataclass(frozen=True)
class VerifiedFederated:
    """What a federated certificate that holds says."""

    certificate: FederatedCertificate
    weights: tuple[int, ...]
    """The result, in units of 2^-18."""
    present: tuple[tuple[str, ...], ...]
    """Names of the owners of each round."""
    error: Fraction

    @property
    def bits(self) -> float:
        return log2(self.error.denominator) - log2(self.error.numerator)

    @property
    def finished(self) -> bool:
        """Whether all rounds of the plan are there."""
        return len(self.present) == self.certificate.plan.rounds

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Identities of the data sets whose owner has not signed the plan."""
        return unsigned(self.certificate.consents, self.certificate.plan)

    @property
    def valid_data(self) -> tuple[str, ...]:
        return tuple(one.statement.committed[0].identity() for one in self.certificate.validity)


def verify_rounds(
    plan: Plan,
    rounds: Sequence[Sequence[Proved]],
    start: tuple[int, ...] | None = None,
    first: int = 0,
    task: Task | None = None,
) -> tuple[tuple[int, ...], tuple[tuple[str, ...], ...], Fraction]:
    """Check rounds from number `first` on, which starts at `start`: (weights, owners of each round, error).

    Raises RefusedError where a proof does not hold or a round does not follow from the one before.
    """
    task = task or Task()
    weights = plan.initial if start is None else start
    present, error = [], Fraction(0)
    if first + len(rounds) > plan.rounds:
        raise RefusedError("training.broken_chain")
    for number, updates in enumerate(rounds, start=first):
        task.report(number - first, len(rounds), "training.verifying")
        places = [_stated_by(plan, number, weights, update) for update in updates]
        if places != sorted(set(places)) or len(places) < plan.quorum:
            raise RefusedError("training.broken_chain")
        for update in updates:
            verify_claim(update.statement, update.proof)
        statements = [update.statement for update in updates if isinstance(update.statement, Statement)]
        error += sum(statement.soundness().total for statement in statements)
        present.append(tuple(plan.owners[place].name for place in places))
        weights = aggregate(statements)
    return weights, tuple(present), error


def verify_federated(
    certificate: FederatedCertificate, expected: Expected | None = None, task: Task | None = None
) -> VerifiedFederated:
    """Check the whole run: every proof of every round, and that each round starts where the last one ended.

    Raises InvalidInputError or RefusedError, as `certificate.verify_certificate` does.
    """
    plan = certificate.plan
    plan.check()
    _as_expected(certificate, expected or Expected())
    check_consents(certificate.consents, plan)
    if not certificate.rounds:
        raise RefusedError("training.broken_chain")
    weights, present, error = verify_rounds(plan, certificate.rounds, task=task)
    known = {header.identity() for header in plan.headers}
    for one in certificate.validity:
        if not isinstance(one.statement, ValidityStatement) or one.statement.data.identity() not in known:
            raise RefusedError("training.stray_claim")
        error += verify_claim(one.statement, one.proof).total
    return VerifiedFederated(certificate, weights, present, error)


def _as_expected(certificate: FederatedCertificate, expected: Expected) -> None:
    plan = certificate.plan
    if expected.nonce is not None and plan.challenge != expected.nonce:
        raise RefusedError("training.other_verifier")
    if expected.run is not None and plan.run != expected.run:
        raise RefusedError("training.other_run")
    if expected.model is not None:
        raise RefusedError("training.other_model")
    if expected.licence is not None and {owner.licence for owner in plan.owners} != {expected.licence}:
        raise RefusedError("training.other_licence")
    if expected.data is not None and [each.identity() for each in plan.headers] != list(expected.data):
        raise RefusedError("training.other_data")
    signers = {each.signer for each in certificate.consents}
    for wanted in expected.signers or ():
        if wanted not in signers:
            raise RefusedError("training.not_signed_by", signer=wanted)


def _listed(value: Json) -> list[Json]:
    if not isinstance(value, list) or len(value) > MAX_ROUNDS:
        raise InvalidInputError("training.not_a_certificate")
    return value


def _opened(data: bytes, limit: int, form: str, *keys: str) -> dict[str, Json]:
    value = canonical_json.read(data, limit)
    if not isinstance(value, dict) or value.get("format") != form:
        raise InvalidInputError("training.not_a_certificate")
    if type(value.get("version")) is not int or value["version"] != VERSION:
        raise InvalidInputError("training.unknown_version")
    return read_object(value, ["format", "version", *keys])
