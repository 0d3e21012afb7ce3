"""Federated runs: anybody can check all of it; who cheats is refused by name, owners and who collects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account

from desktop_app.core.errors import ColophonError, InvalidInputError, RefusedError
from desktop_app.services.federated import FederatedService, served
from desktop_app.services.federated_coordinator import Coordinator, Event
from desktop_app.services.federated_owner import FederatedOwner, public_key
from desktop_app.training.activation import Model
from desktop_app.training.certificate import Proved
from desktop_app.training.consent import NO_DATA, Role, check_consents, message, signed, unsigned
from desktop_app.training.dataset import CommittedData
from desktop_app.training.federated import (
    FederatedCertificate,
    Owner,
    Plan,
    VerifiedFederated,
    aggregate,
    check_update,
    verify_federated,
)
from desktop_app.training.federated_messages import Answer, AnswerKind, RoundTask
from desktop_app.training.gradient_descent import train_plainly
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import Statement
from desktop_app.training.verifier import Expected

NAMES = ("north", "east", "south")
KEYS = tuple(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
NONCE = "5a" * 32


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


@pytest.fixture(scope="module")
def data(new_data: Callable[..., CommittedData]) -> list[CommittedData]:
    return [new_data(rows=rows, seed=seed, proofs=4) for rows, seed in ((14, 1), (9, 2), (21, 3))]


@pytest.fixture(scope="module")
def plan(data: list[CommittedData]) -> Plan:
    owners = tuple(
        Owner(name, public_key(key), f"licence {name}", one.header,
              Recipe.of(Model.LOGISTIC, one.header.rows, 2, 0.5, batches=2))
        for name, key, one in zip(NAMES, KEYS, data, strict=True)
    )  # fmt: skip
    return Plan("run 1", NONCE, 100, 2, 1, (0, 0, 0, 0), owners)


class Run:
    """Owners and the one who collects, with what was told."""

    def __init__(self, plan: Plan, data: list[CommittedData], folder: Path) -> None:
        self.events: list[Event] = []
        self.folder = folder
        self.coordinator = Coordinator(plan, folder / "run.colophon", self.events.append)
        self.owners = [
            FederatedOwner(plan, one, spend, key, folder / name)
            for name, key, one in zip(NAMES, KEYS, data, strict=True)
        ]

    def round(self, *present: int) -> bool:
        for node in present:
            self.coordinator.receive(node, self.owners[node].answer(self.coordinator.task(node)))
        return self.coordinator.close()

    def told(self, kind: str) -> list[tuple[int, str, str]]:
        return [(each.number, each.owner, each.code) for each in self.events if each.kind == kind]


@pytest.fixture(scope="module")
def finished(plan: Plan, data: list[CommittedData], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two rounds, the second without east."""
    run = Run(plan, data, tmp_path_factory.mktemp("federated"))
    assert run.round(0, 1, 2)
    assert run.round(2, 0)
    return run


@pytest.fixture(scope="module")
def certificate(finished: Run) -> FederatedCertificate:
    return finished.coordinator.certificate


def test_anybody_can_check_the_whole_run(finished: Run, plan: Plan, data: list[CommittedData]) -> None:
    content = (finished.folder / "run.colophon").read_bytes()
    verified = verify_federated(FederatedCertificate.read(content), Expected(nonce=NONCE, run="run 1"))
    assert verified.certificate.encode() == content
    assert verified.present == (NAMES, ("north", "south"))
    assert verified.finished
    assert 97 < verified.bits < 100
    # The same in Python's integers, straight from the rows.
    weights = plan.initial
    for number, present in enumerate(([0, 1, 2], [0, 2])):
        results = []
        for place in present:
            owner, rows = plan.owners[place], data[place].data
            batches = replace(
                plan.sample(owner), first_step=2 * number, initial=weights, final=weights
            ).batches()
            results.append(
                (len(rows.labels), train_plainly(
                    rows.features.tolist(), rows.labels.tolist(), owner.recipe, batches, weights
                ))
            )  # fmt: skip
        total = sum(count for count, _ in results)
        weights = tuple(
            sum(count * found[j] for count, found in results) // total for j in range(len(weights))
        )
    assert verified.weights == weights


def test_who_is_away_is_reported_and_may_come_back(finished: Run) -> None:
    assert finished.told("absent") == [(1, "east", "")]
    assert not finished.told("refused")


@pytest.fixture(scope="module")
def second_round(certificate: FederatedCertificate, plan: Plan, tmp_path_factory: Any) -> Any:
    """Who collects, with round 1 open, and what it tells; started from the file of round 0."""
    events: list[Event] = []
    path = tmp_path_factory.mktemp("second") / "run.colophon"
    path.write_bytes(replace(certificate, rounds=certificate.rounds[:1]).encode())
    return Coordinator(plan, path, events.append), events, path


@pytest.mark.parametrize(
    ("cheat", "code"),
    [
        ("other weights", "training"),
        ("an older round", "update_other_round"),
        ("an older round's proof", "training"),
        ("another owner's", "update_of_another_owner"),
        ("another owner's proof", "training"),
        ("a mask", "training"),
        ("another learning rate", "update_other_plan"),
        ("more steps", "update_other_plan"),
        ("another run", "update_other_plan"),
        ("weights hidden", "training"),
        ("half a proof", "proof_length"),
        ("nothing", "not_a_message"),
    ],
)
def test_an_owner_who_cheats_is_refused_by_name(
    cheat: str, code: str, certificate: FederatedCertificate, plan: Plan, second_round: Any
) -> None:
    coordinator, events, _ = second_round
    earlier, (honest, south) = certificate.rounds[0], certificate.rounds[1]
    said = honest.statement
    assert isinstance(said, Statement)
    bent = tuple(weight + 5 for weight in said.final)
    forged: dict[str, Proved] = {
        "other weights": replace(honest, statement=replace(said, final=bent)),
        "an older round": earlier[0],
        "an older round's proof": replace(honest, proof=earlier[0].proof),
        "another owner's": south,
        "another owner's proof": replace(honest, proof=south.proof),
        # As in naive secure aggregation: a sum that is to cancel with another owner's.
        "a mask": replace(honest, statement=replace(said, final=(said.final[0] + 2**20, *said.final[1:]))),
        "another learning rate": replace(
            honest, statement=replace(said, recipe=replace(said.recipe, rate=said.recipe.rate + 1))
        ),
        "more steps": replace(honest, statement=replace(said, recipe=replace(said.recipe, steps=3))),
        "another run": replace(honest, statement=replace(said, run="run 2")),
        "weights hidden": replace(honest, statement=replace(said, final=())),
        "half a proof": replace(honest, proof=honest.proof[:-8]),
    }
    update = forged[cheat].to_json() if cheat in forged else None
    answer = Answer(plan.digest(), "north", 1, AnswerKind.UPDATE, update=update)
    coordinator.receive(7, answer.signed(KEYS[0]))
    found = events.pop()
    assert (found.kind, found.owner) == ("refused", "north")
    assert code in found.code
    assert not events
    assert not coordinator.close()


def test_the_round_goes_on_without_who_cheats(
    certificate: FederatedCertificate, plan: Plan, second_round: Any
) -> None:
    coordinator, events, path = second_round
    digest, result = plan.digest(), certificate.rounds[1][1].to_json()
    coordinator.receive(1, Answer(digest, "east", 1, AnswerKind.REFUSED, "some.reason").signed(KEYS[1]))
    coordinator.receive(8, Answer(digest, "south", 1, AnswerKind.UPDATE, update=result).signed(KEYS[2]))
    assert coordinator.close()
    assert [(each.kind, each.owner) for each in events] == [
        ("declined", "east"), ("counted", "south"), ("absent", "north"), ("absent", "east"), ("closed", ""),
    ]  # fmt: skip
    written = FederatedCertificate.read(path.read_bytes())
    assert [[one.statement.data[0] for one in each] for each in written.rounds] == [
        list(plan.headers), [plan.headers[2]]
    ]  # fmt: skip


def test_nobody_can_get_another_owner_refused(
    certificate: FederatedCertificate, plan: Plan, tmp_path: Path
) -> None:
    events: list[Event] = []
    coordinator = Coordinator(plan, tmp_path / "run.colophon", events.append)
    answer = Answer(plan.digest(), "north", 0, AnswerKind.UPDATE)
    honest = certificate.rounds[0][0].to_json()
    good = Answer(plan.digest(), "north", 0, AnswerKind.UPDATE, update=honest).signed(KEYS[0])
    for data in (answer.signed(KEYS[1]), good.replace(b'"round":0', b'"round":1'), b"", b"{}", good[:-1],
                 Answer("00" * 32, "north", 0, AnswerKind.UPDATE).signed(KEYS[0]),
                 Answer(plan.digest(), "west", 0, AnswerKind.UPDATE).signed(KEYS[0])):  # fmt: skip
        coordinator.receive(1, data)
    assert {each.kind for each in events} == {"stranger"}
    coordinator.receive(2, good)
    coordinator.receive(3, good)
    assert [each.kind for each in events[-1:]] == ["counted"]


@pytest.mark.parametrize(
    "change",
    ["a result dropped", "a round dropped", "rounds swapped", "a result twice", "another order",
     "a round too many", "a result of another round", "plan"],
)  # fmt: skip
def test_who_collects_cannot_bend_the_run(change: str, certificate: FederatedCertificate, plan: Plan) -> None:
    first, second = certificate.rounds
    bent = {
        "a result dropped": replace(certificate, rounds=(first[:2], second)),
        "a round dropped": replace(certificate, rounds=(second,)),
        "rounds swapped": replace(certificate, rounds=(second, first)),
        "a result twice": replace(certificate, rounds=((first[0], *first), second)),
        "another order": replace(certificate, rounds=(first[::-1], second)),
        "a round too many": replace(certificate, rounds=(first, second, second)),
        "a result of another round": replace(certificate, rounds=(first, (*second, first[1]))),
        "plan": replace(certificate, plan=replace(plan, quorum=2)),
    }[change]
    with pytest.raises(RefusedError):
        verify_federated(FederatedCertificate.read(bent.encode()))


def test_a_round_with_too_few_owners_is_no_round(certificate: FederatedCertificate, plan: Plan) -> None:
    with pytest.raises(RefusedError):
        verify_federated(replace(certificate, plan=replace(plan, quorum=3)))
    one_round = replace(certificate, rounds=certificate.rounds[:1])
    unfinished = VerifiedFederated(one_round, (), (NAMES,), Fraction(1))
    assert not unfinished.finished


def test_owners_follow_no_aggregate_but_the_right_one(
    certificate: FederatedCertificate, plan: Plan, data: list[CommittedData], tmp_path: Path
) -> None:
    """Weights of somebody's choosing could be made to draw the rows out."""
    owner = FederatedOwner(plan, data[1], spend, KEYS[1], tmp_path / "east")
    first = certificate.rounds[0]
    swapped = tuple(
        replace(one, statement=replace(one.statement, final=(9, 9, 9, 9))) for one in first  # type: ignore[type-var]
    )
    for rounds, number, code in (
        ((swapped,), 1, "training"), ((first[:1][::-1] * 2,), 1, "broken_chain"), ((), 5, "not_a_message"),
    ):  # fmt: skip
        task = RoundTask(plan.digest(), number, 0, rounds)
        said = Answer.read(owner.answer(task.encode()), plan)
        assert said.kind is AnswerKind.REFUSED
        assert code in said.value
    assert owner.progress().rounds == 0
    other = RoundTask("00" * 32, 0, 0, ())
    assert Answer.read(owner.answer(other.encode()), plan).value == "training.update_other_plan"


def test_an_owner_proves_a_round_once_and_never_goes_back(
    certificate: FederatedCertificate, plan: Plan, data: list[CommittedData], tmp_path: Path
) -> None:
    spent: list[int] = []
    folder = tmp_path / "south"
    owner = FederatedOwner(plan, data[2], lambda _i, columns: spent.append(columns), KEYS[2], folder)
    late = RoundTask(plan.digest(), 1, 0, certificate.rounds[:1]).encode()
    missing = RoundTask(plan.digest(), 1, 1, ()).encode()
    need = Answer.read(owner.answer(missing), plan)
    assert (need.kind, need.number) == (AnswerKind.NEED, 0)
    first = owner.answer(late)
    # It dies and comes back with what is on its disk.
    again = FederatedOwner(plan, data[2], lambda _i, columns: spent.append(columns), KEYS[2], folder)
    assert again.answer(late) == first
    assert again.answer(missing) == first
    assert len(spent) == 1
    back = RoundTask(plan.digest(), 0, 0, ()).encode()
    assert Answer.read(again.answer(back), plan).value == "training.update_other_round"
    over = RoundTask(plan.digest(), 2, 1, certificate.rounds[1:]).encode()
    assert Answer.read(again.answer(over), plan).kind is AnswerKind.DONE
    assert again.progress().weights == aggregate([one.statement for one in certificate.rounds[1]])  # type: ignore[misc]
    (folder / "progress.json").write_text("{")
    assert Answer.read(again.answer(late), plan).value == "training.federated_state"


def test_owners_sign_the_plan(certificate: FederatedCertificate, plan: Plan) -> None:
    account = Account.from_key(bytes([9]) * 32)
    identity = plan.headers[1].identity()
    told = message(plan, "owner", account.address, identity)
    assert told.typed_data()["message"]["licence"] == "licence east"
    signature = account.sign_typed_data(full_message=told.typed_data()).signature
    consent = signed(plan, Role.OWNER, account.address, identity, signature)
    check_consents((consent,), plan)
    assert unsigned((consent,), plan) == tuple(plan.headers[place].identity() for place in (0, 2))
    signer = Expected(signers=["0x" + "11" * 20])
    with pytest.raises(RefusedError, match="not_signed_by"):
        verify_federated(replace(certificate, consents=(consent,)), signer)
    for changes in ({"quorum": 2}, {"run": "run 2"}, {"rounds": 3}):
        with pytest.raises(RefusedError, match="forged_consent"):
            consent.check(replace(plan, **changes))  # type: ignore[arg-type]
    assert plan.licence_of(NO_DATA) == ""


def test_plans_are_read_strictly(plan: Plan, data: list[CommittedData]) -> None:
    assert Plan.read(plan.encode()) == plan
    first, second, third = plan.owners
    for bad in (
        replace(plan, quorum=4), replace(plan, quorum=0), replace(plan, rounds=0), replace(plan, owners=()),
        replace(plan, owners=(first, first)), replace(plan, owners=(first, replace(second, name="north"))),
        replace(plan, owners=(first, replace(second, key=first.key))), replace(plan, initial=(0, 0)),
        replace(plan, owners=(first, replace(second, recipe=replace(second.recipe, steps=3)))),
        replace(plan, rounds=1 << 12, owners=tuple(
            replace(each, recipe=replace(each.recipe, steps=1 << 18)) for each in plan.owners)),
        replace(plan, run="a\nb"), replace(plan, challenge="x"), replace(plan, security=64),
        replace(plan, owners=(replace(first, name=""), second, third)),
    ):  # fmt: skip
        with pytest.raises(InvalidInputError):
            Plan.read(bad.encode())
    with pytest.raises(ColophonError):
        check_update(plan, 0, plan.initial, Proved(plan.sample(first), b""))


def test_all_owners_of_a_plan_read_rows_alike_and_train_by_one_recipe(plan: Plan) -> None:
    """Else one of them could outweigh all others, or its weights be those of other columns."""
    first, second, third = plan.owners
    recipe = second.recipe
    for other in (
        replace(second, data=replace(second.data, schema_sha256="ab" * 32)),
        replace(second, recipe=replace(recipe, rate=recipe.rate * 2)),
        replace(second, recipe=replace(recipe, rate=recipe.rate - recipe.rate // 1000)),
        replace(second, recipe=replace(recipe, batches=1)),
        replace(second, recipe=replace(recipe, decay=1)),
        replace(
            second,
            data=replace(second.data, model="linear"),
            recipe=Recipe.of(Model.LINEAR, second.data.rows, 2, 0.5, batches=2),
        ),
    ):
        replace(plan, owners=(other,)).check()
        with pytest.raises(InvalidInputError, match="data_sets_differ"):
            replace(plan, owners=(first, other, third)).check()


def test_whoever_asks_for_answers_gets_no_federated_run(
    certificate: FederatedCertificate, finished: Run, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="other_model"):
        verify_federated(certificate, Expected(model="00" * 32))
    path = finished.folder / "run.colophon"
    with pytest.raises(RefusedError, match="no_answers_in_file"):
        FederatedService.verify(path, trained=path)
    with pytest.raises(RefusedError, match="no_answers_in_file"):
        FederatedService.verify(path, inputs=tmp_path / "table.csv")


def test_who_does_not_know_the_secret_leaves_the_owner_answering(
    plan: Plan, data: list[CommittedData], tmp_path: Path
) -> None:
    owner = FederatedOwner(plan, data[1], spend, KEYS[1], tmp_path / "east")
    with served(owner) as place:
        address, secret = place["COLOPHON_OWNER_ADDRESS"], bytes.fromhex(place["COLOPHON_OWNER_SECRET"])
        with pytest.raises(AuthenticationError), Client(address, authkey=b"a guess"):
            pass
        with Client(address, authkey=secret) as connection:
            connection.send_bytes(b"{}")
            assert connection.poll(20)
            assert Answer.read(connection.recv_bytes(), plan).kind is AnswerKind.REFUSED


def test_an_owner_whom_nobody_asks_or_who_has_just_answered_ends(
    plan: Plan, data: list[CommittedData], tmp_path: Path
) -> None:
    owner = FederatedOwner(plan, data[1], spend, KEYS[1], tmp_path / "east")
    for asked in (0, 1) * 20:
        with served(owner) as place:
            address, secret = place["COLOPHON_OWNER_ADDRESS"], bytes.fromhex(place["COLOPHON_OWNER_SECRET"])
            for _ in range(asked):
                with Client(address, authkey=secret) as connection:
                    connection.send_bytes(b"{}")
                    assert connection.recv_bytes()


def test_the_aggregate_is_the_weighted_mean_rounded_down(plan: Plan) -> None:
    finals = ((1,) * 4, (-2,) * 4, (0,) * 4)
    results = [
        replace(plan.sample(owner), final=final) for owner, final in zip(plan.owners, finals, strict=True)
    ]
    assert aggregate(results) == ((14 - 18) // 44,) * 4 == (-1,) * 4
