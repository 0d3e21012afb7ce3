"""Signatures of data owners and trainers under a run, carried as files between their computers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.core.amounts import Amount
from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.services.acting import review
from desktop_app.services.actions import Action
from desktop_app.services.data_sets import DataSetService
from desktop_app.services.networks import NetworkService
from desktop_app.services.training_files import new_file, read_consents, read_file
from desktop_app.services.training_runs import TrainingService
from desktop_app.services.wallet import WalletService
from desktop_app.services.wording import words
from desktop_app.training.certificate import parse, verify_certificate
from desktop_app.training.consent import (
    NO_DATA,
    Agreement,
    Consent,
    Role,
    Terms,
    message,
    read_request,
    signed,
    write_consent,
    write_request,
)
from desktop_app.training.federated import (
    FederatedCertificate,
    Plan,
    is_federated,
    is_plan,
    verify_federated,
)
from desktop_app.training.statement import MAX_STATEMENT_SIZE

__all__ = ["Consent", "ConsentFile", "Role", "Terms", "TrainingConsents"]

REQUEST_SUFFIX, CONSENT_SUFFIX = ".request.colophon", ".consent.colophon"


@dataclass(frozen=True)
class ConsentFile:
    path: Path
    consent: Consent


class TrainingConsents:
    def __init__(
        self,
        runs: TrainingService,
        data_sets: DataSetService,
        wallet: WalletService,
        networks: NetworkService,
    ) -> None:
        self._runs = runs
        self._data_sets = data_sets
        self._wallet = wallet
        self._networks = networks

    def request(self, run_id: str, output: Path) -> Path:
        """Write the terms of a run for its owners to sign: `output` is a folder or a new file."""
        run = self._runs.get(run_id)
        path = new_file(output, f"{run.id}{REQUEST_SUFFIX}")
        path.write_bytes(write_request(Terms.of([self._runs.statement_of(run)])))
        return path

    @staticmethod
    def read_request(path: Path) -> Terms | Plan:
        """What somebody asks to sign: a run's terms or a federated plan.

        Raises NotFoundError, InvalidInputError.
        """
        data = read_file(path, MAX_STATEMENT_SIZE)
        return Plan.read(data) if is_plan(data) else read_request(data)

    def prepare_sign(
        self, request: Path, output: Path, data: str = "", role: Role = Role.OWNER
    ) -> Action[ConsentFile]:
        """Sign the terms with the active account and write the signature to `output`. Nothing is sent.

        `data` is the owner's data set, by what it is called here or by its identity; without it, the one of
        the request that is kept here. Raises NotFoundError `training.none_of_yours`.
        """
        terms = self.read_request(request)
        identity = self._mine(terms, data) if role is Role.OWNER else NO_DATA
        path = new_file(output, f"{terms.run}-{identity[:8]}{CONSENT_SUFFIX}")
        sender = self._networks.sender(self._networks.chain())
        told = message(terms, role.value, sender.address, identity)
        headers = terms.headers
        header = next((each for each in headers if each.identity() == identity), headers[0])
        recipe = terms.recipe if isinstance(terms, Terms) else terms.owners[0].recipe
        steps = recipe.steps if isinstance(terms, Terms) else recipe.steps * terms.rounds
        parties = terms.parties if isinstance(terms, Terms) else tuple(each.name for each in terms.owners)
        params = {
            "run": terms.run,
            "model": words(f"training.model_{recipe.model}", steps=grouped(steps)),
            "data": words("training.data_size", rows=grouped(header.rows), columns=header.features),
            "identity": identity,
            "licence": terms.licence_of(identity) or words("training.no_licence"),
            "parties": ", ".join(parties) or words("training.nobody_named"),
            "sets": str(len(headers)),
        }
        nothing = Amount(0, sender.chain.network.native)
        code = "review.sign_training" if role is Role.TRAINER else "review.consent_to_training"
        shown = review(sender, code, "", params, nothing, transactions=0)

        def run(_task: Task) -> ConsentFile:
            signature = self._wallet.signer(sender.address).sign_typed_data(told.typed_data())
            consent = signed(terms, role, sender.address, identity, signature)
            new_file(path, "").write_bytes(write_consent(consent, terms))
            return ConsentFile(path, consent)

        return Action(shown, run)

    @staticmethod
    def attach(
        certificate: Path, consents: Sequence[Path], output: Path, task: Task | None = None
    ) -> Path:
        """Write a certificate anew with signatures that came later; the old file stays as it is.

        Raises RefusedError for a certificate that does not hold, or a signature under anything else.
        """
        data = read_file(certificate)
        found = FederatedCertificate.read(data) if is_federated(data) else parse(data)
        terms: Terms | Plan
        if isinstance(found, FederatedCertificate):
            terms = found.plan
        elif found.segments:
            terms = Terms.of(found.segments)
        else:
            raise RefusedError("training.no_training_in_file")
        given = read_consents(consents, terms)
        replaced = {each.data for each in given}
        kept = [each for each in found.consents if each.data not in replaced]
        made = replace(found, consents=(*kept, *given))
        if isinstance(made, FederatedCertificate):
            verify_federated(made, None, task)
        else:
            verify_certificate(made, None, task)
        path = new_file(output, certificate.name)
        path.write_bytes(made.encode())
        return path

    def _mine(self, terms: Agreement, data: str) -> str:
        wanted = {header.identity() for header in terms.headers}
        if not data:
            here = [each.identity for each in self._data_sets.all() if each.identity in wanted]
            if len(here) != 1:
                raise NotFoundError("training.none_of_yours", found=len(here))
            return here[0]
        text = data.strip().lower().removeprefix("0x")
        identity = text if text in wanted else self._data_sets.get(data).identity
        if identity not in wanted:
            raise RefusedError("training.consent_to_other_data")
        return identity
