"""Federated training: owners offer a committed data set, one prepares the plan and collects, all prove.

Files are what they exchange: an owner's offer, the plan, and the authority of the coordinator's connection.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import read_object
from desktop_app.services import federated_processes as flower
from desktop_app.services.data_sets import DataSetService, PrivateDataSet
from desktop_app.services.federated_coordinator import Event
from desktop_app.services.federated_owner import FederatedOwner, key_in, public_key
from desktop_app.services.training_files import new_file, read_file
from desktop_app.store.ids import new_id
from desktop_app.training.activation import model_of
from desktop_app.training.certificate import MAX_SIZE, Proved, parse, read_claim
from desktop_app.training.claim import MAX_NAME
from desktop_app.training.dataset import DataHeader
from desktop_app.training.federated import (
    MAX_PLAN_SIZE,
    FederatedCertificate,
    Owner,
    Plan,
    VerifiedFederated,
    is_federated,
    verify_federated,
)
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import nonce_of
from desktop_app.training.validity import ValidityStatement
from desktop_app.training.verifier import Expected, verify_claim
from desktop_app.wallet.durable import replace_file

__all__ = ["Event", "FederatedService", "Plan", "PlanSettings", "Prepared", "VerifiedFederated"]

OFFER_FORMAT = "colophon-federated-offer"
OFFER_SUFFIX, PLAN_NAME, CERTIFICATE_NAME = ".offer.colophon", "plan.colophon", "run.federated.colophon"
STARTING = 120.0
"""Seconds that Flower's programs have to start."""
LEAVING = 2.0
"""Seconds that the farewell has to leave."""


@dataclass(frozen=True)
class PlanSettings:
    """How to train together. In each round every owner takes `steps` steps; `quorum` owners make a round."""

    rounds: int = 4
    steps: int = 8
    rate: float = 0.5
    batches: int = 1
    l2: float = 0.0
    security: int = 100
    quorum: int = 1
    challenge: str = ""


@dataclass(frozen=True)
class Prepared:
    """The coordinator's folder: `plan` and `authority` go to the owners."""

    folder: Path
    plan: Path
    authority: Path
    digest: str


@dataclass(frozen=True)
class Offer:
    name: str
    key: str
    licence: str
    data: DataHeader

    def encode(self) -> bytes:
        return canonical_json.write(canonical_json.write_dataclass(self))


class FederatedService:
    def __init__(self, data_sets: DataSetService, paths: AppPaths) -> None:
        self._data_sets = data_sets
        self._folder = paths.training / "federated"

    # --- Owners ------------------------------------------------------------------------------------------

    def offer(self, data_set: str, name: str, output: Path, licence: str = "") -> Path:
        """Write what the coordinator needs to know of an owner: nothing of it is secret, and no row."""
        found = self._data_sets.get(data_set)
        if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
            raise InvalidInputError("training.unprintable_name")
        path = new_file(output, f"{found.id}{OFFER_SUFFIX}")
        offer = Offer(name.strip(), public_key(self._key(found.id)), licence, found.header)
        certificate = self._data_sets.certificate(found.id)
        validity = parse(certificate.read_bytes()).claims if certificate.is_file() else ()
        content = canonical_json.write(
            {
                "format": OFFER_FORMAT,
                "version": 1,
                "offer": canonical_json.write_dataclass(offer),
                "validity": [claim.to_json() for claim in validity],
            }
        )
        replace_file(self._folder / f"{found.id}.offer", offer.encode())
        path.write_bytes(content)
        return path

    def read_plan(self, path: Path) -> Plan:
        """Raises NotFoundError, InvalidInputError."""
        return Plan.read(read_file(path, MAX_PLAN_SIZE))

    def mine(self, plan: Plan) -> tuple[Owner, PrivateDataSet]:
        """Who in the plan is here, and the data set.

        Raises RefusedError where nobody is, the plan says something else than was offered, or it starts from
        weights of somebody's choosing, which could be made to draw rows out.
        """
        if any(plan.initial):
            raise RefusedError("training.plan_other_start")
        here = {each.identity: each for each in self._data_sets.all()}
        for owner in plan.owners:
            found = here.get(owner.data.identity())
            if found is None:
                continue
            path = self._folder / f"{found.id}.offer"
            offer = Offer(owner.name, owner.key, owner.licence, owner.data)
            if not path.is_file() or path.read_bytes() != offer.encode():
                raise RefusedError("training.not_as_offered", owner=owner.name)
            return owner, found
        raise RefusedError("training.not_in_plan")

    def take_part(
        self,
        plan_file: Path,
        address: str,
        authority: Path,
        task: Task | None = None,
        told: Callable[[int, str], None] | None = None,
        *,
        port: int = 9094,
    ) -> int:
        """Prove this owner's rounds until the run has ended; returns how many were proved in this session.

        `address` is the coordinator's host:port, `authority` the file that came with the plan. Started again,
        it goes on where it was. It ends when it is told that the run is over, or Flower gives up finding the
        coordinator. Each round uses one proof of the data set's opening budget.
        """
        task = task or Task()
        plan = self.read_plan(plan_file)
        _, found = self.mine(plan)
        if not expanded(authority).is_file():
            raise NotFoundError("training.no_such_file", path=str(authority))
        flower.require_flower()
        proved: set[int] = set()
        done = threading.Event()

        def heard(number: int, what: str) -> None:
            if what == "update":
                proved.add(number)
            elif what == "done":
                done.set()
            if told is not None:
                told(number, what)

        folder = self._folder / plan.digest()[:32]
        owner = self.owner(plan, found.id, folder, heard)
        home = folder / "flower"
        flower.install_relay(home)
        log = folder / "supernode.log"
        with served(owner) as place:
            variables = flower.environment(home, **place)
            command = flower.supernode(address, expanded(authority).resolve(), port)
            with flower.process(command, variables, log) as node:
                while node.poll() is None and not done.is_set():
                    task.report(len(proved), plan.rounds, "training.federated_round")
                    task.wait(0.2)
                if not done.is_set() and not proved:
                    raise UnavailableError("training.flower_failed", detail=str(log))
                # The farewell has to leave this computer before its carrier ends; nothing hangs on it.
                task.wait(LEAVING)
        flower.clear(home)
        return len(proved)

    def owner(
        self, plan: Plan, data_set: str, folder: Path, told: Callable[[int, str], None] | None = None
    ) -> FederatedOwner:
        """The owner that answers for a data set here; raises as `DataSetService.open`."""
        data = self._data_sets.open(data_set)
        return FederatedOwner(plan, data, self._data_sets.spend, self._key(data_set), folder, told)

    def _key(self, data_set: str) -> Ed25519PrivateKey:
        return key_in(self._folder / f"{data_set}.key")

    # --- Who collects ------------------------------------------------------------------------------------

    def prepare(
        self, offers: Sequence[Path], settings: PlanSettings, folder: Path, hosts: tuple[str, ...]
    ) -> Prepared:
        """Make the plan from the owners' offers, and the certificate of the connection, in a new folder.

        Raises InvalidInputError for offers that do not fit together, RefusedError for a data set whose
        validity does not hold.
        """
        folder = expanded(folder)
        if (folder / PLAN_NAME).exists():
            raise RefusedError("training.file_exists", path=str(folder / PLAN_NAME))
        read = [_read_offer(read_file(path, MAX_SIZE)) for path in offers]
        if not read:
            raise InvalidInputError("training.plan_quorum")
        validity = tuple(claim for _, claims in read for claim in claims)
        for claim in validity:
            verify_claim(claim.statement, claim.proof)
        owners = tuple(
            Owner(each.name, each.key, each.licence, each.data, _recipe(each.data, settings))
            for each, _ in read
        )
        features = owners[0].data.features
        plan = Plan(
            new_id(), nonce_of(settings.challenge), settings.security, settings.rounds, settings.quorum,
            (0,) * (features + 1), owners,
        )  # fmt: skip
        plan.check()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = flower.make_tls(folder, hosts)
        target = folder / PLAN_NAME
        target.write_bytes(plan.encode())
        replace_file(folder / CERTIFICATE_NAME, FederatedCertificate(plan, (), validity).encode())
        return Prepared(folder, target, authority, plan.digest())

    def coordinate(
        self,
        folder: Path,
        task: Task | None = None,
        told: Callable[[Event], None] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 8443,
        patience: float = 600.0,
    ) -> Path:
        """Collect the owners' results until the plan is done; returns the certificate's file.

        `host` is the address at which this computer listens, `patience` how many seconds a round waits for
        all owners. Started again, it goes on with the round that was open.
        """
        task, told = task or Task(), told or (lambda _event: None)
        folder = expanded(folder).resolve()
        plan = self.read_plan(folder / PLAN_NAME)
        certificate, journal, home = folder / CERTIFICATE_NAME, folder / "journal.jsonl", folder / "flower"
        flower.require_flower()
        flower.clear(home)
        journal.unlink(missing_ok=True)
        home.mkdir(mode=0o700)
        job = {
            "plan": str(folder / PLAN_NAME),
            "certificate": str(certificate),
            "journal": str(journal),
            "patience": str(patience),
        }
        (home / "job.json").write_text(json.dumps(job), "utf-8")
        variables = flower.environment(home, COLOPHON_COORDINATOR_JOB=str(home / "job.json"))
        app = flower.write_app(home / "app")
        closed, finished = 0, False
        with flower.process(
            flower.superlink(folder, host, port, home), variables, folder / "superlink.log"
        ) as link:
            task.report(0, plan.rounds, "training.federated_waiting")
            reached = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
            flower.submit(app, reached, port, folder / flower.AUTHORITY, home / "cli", STARTING, task)
            with _following(journal) as lines:
                while not finished:
                    for line in lines():
                        event = Event(**json.loads(line))
                        told(event)
                        if event.kind == "failed":
                            raise RefusedError(event.code)
                        closed += event.kind == "closed"
                        finished = event.kind == "finished"
                    if link.poll() is not None:
                        raise UnavailableError("training.flower_failed", detail=str(folder / "superlink.log"))
                    task.report(closed, plan.rounds, "training.federated_waiting")
                    task.wait(0.2)
        flower.clear(home)
        return certificate

    # --- Anybody -----------------------------------------------------------------------------------------

    @staticmethod
    def is_certificate(path: Path) -> bool:
        """Whether a file begins as a federated certificate does (it need not hold)."""
        try:
            with expanded(path).open("rb") as file:
                return is_federated(file.read(1 << 16))
        except OSError:
            return False

    @staticmethod
    def verify(
        path: Path,
        expected: Expected | None = None,
        task: Task | None = None,
        *,
        trained: Path | None = None,
        inputs: Path | None = None,
    ) -> VerifiedFederated:
        """Check a whole federated run; raises as `TrainingService.verify`.

        Whoever names the training of a hidden model, or a table, asks about answers, and there are none here.
        """
        if (trained, inputs) != (None, None):
            raise RefusedError("training.no_answers_in_file")
        return verify_federated(FederatedCertificate.read(read_file(path)), expected, task)


@contextlib.contextmanager
def served(owner: FederatedOwner) -> Iterator[dict[str, str]]:
    """The owner's answers at a local address, for our relay in Flower's process; yields its variables."""
    secret = secrets.token_bytes(32)
    listener = Listener(authkey=secret)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            # Whoever does not know the secret is let go, and the next one answered.
            with contextlib.suppress(OSError, EOFError, AuthenticationError), listener.accept() as connection:
                _serve(connection, owner, ended)

    thread = threading.Thread(target=serve, name="federated owner")
    thread.start()
    address = str(listener.address)
    try:
        yield {"COLOPHON_OWNER_ADDRESS": address, "COLOPHON_OWNER_SECRET": secret.hex()}
    finally:
        ended.set()
        # A knock, in case it waits for somebody. A client of its own would wait for ever if nobody is there.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
            knock.connect(address)
        thread.join()
        listener.close()


def _serve(connection: Connection, owner: FederatedOwner, ended: threading.Event) -> None:
    if not ended.is_set():
        connection.send_bytes(owner.answer(connection.recv_bytes(MAX_SIZE)))


def _recipe(data: DataHeader, settings: PlanSettings) -> Recipe:
    model, rate = model_of(data.model), settings.rate
    return Recipe.of(model, data.rows, settings.steps, rate, batches=settings.batches, l2=settings.l2)


def _read_offer(data: bytes) -> tuple[Offer, tuple[Proved, ...]]:
    """Raises only InvalidInputError."""
    value = canonical_json.read(data, MAX_SIZE)
    if not isinstance(value, dict) or value.get("format") != OFFER_FORMAT:
        raise InvalidInputError("training.not_an_offer")
    found = read_object(value, ["format", "version", "offer", "validity"])
    offer = canonical_json.read_dataclass(Offer, found["offer"])
    validity = found["validity"]
    if found["version"] != 1 or not isinstance(validity, list) or len(validity) > 1:
        raise InvalidInputError("training.not_an_offer")
    claims = tuple(read_claim(each) for each in validity)
    for claim in claims:
        if not isinstance(claim.statement, ValidityStatement) or claim.statement.data != offer.data:
            raise InvalidInputError("training.not_an_offer")
    return offer, claims


@contextlib.contextmanager
def _following(path: Path) -> Iterator[Callable[[], list[str]]]:
    """Gives the whole lines that were added to a file since the last call; the file may not be there yet."""
    place = 0

    def lines() -> list[str]:
        nonlocal place
        if not path.is_file():
            return []
        with path.open("rb") as file:
            file.seek(place)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        place += len(whole)
        return whole.decode("utf-8").splitlines()

    yield lines
