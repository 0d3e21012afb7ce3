"""Everything about training proofs, loaded when first used: numpy would slow down every start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.services.library import LibraryService
from desktop_app.services.networks import NetworkService
from desktop_app.services.registration import RegistrationService
from desktop_app.services.royalties import RoyaltyService
from desktop_app.services.wallet import WalletService
from desktop_app.store.database import Database
from desktop_app.store.training_licences import TrainingLicenceRepository
from desktop_app.store.training_runs import TrainingRunRepository

if TYPE_CHECKING:
    from desktop_app.services.data_hand_over import DataHandOver
    from desktop_app.services.data_sets import DataSetService, PrivateDataSet
    from desktop_app.services.federated import FederatedService
    from desktop_app.services.hidden_models import HiddenModel, HiddenModelService
    from desktop_app.services.training_consents import TrainingConsents
    from desktop_app.services.training_licences import TrainingLicences
    from desktop_app.services.training_models import TrainingModels
    from desktop_app.services.training_runs import RunState, Settings, TrainingService


EXAMPLES = 50
_PROOFS = (b'{"claims":[', b'{"consents":[')
"""How the files of one trainer and those of federated trainings begin."""


@dataclass(frozen=True)
class ColumnPreview:
    """`examples`: the different values, in order, where there are few enough to choose among.

    `lowest` and `highest` are the ends of the range of a column of numbers, as they are written.
    """

    name: str
    is_number: bool
    different: int
    examples: tuple[str, ...]
    lowest: str = ""
    highest: str = ""
    gaps: int = 0
    """Rows without a value."""


@dataclass(frozen=True)
class TablePreview:
    rows: int
    columns: tuple[ColumnPreview, ...]


@dataclass(frozen=True)
class Overview:
    """What the training page lists."""

    data_sets: tuple[PrivateDataSet, ...]
    runs: tuple[RunState, ...]
    hidden: tuple[HiddenModel, ...]


@dataclass(frozen=True)
class Checked:
    """What a proof that holds tells, in words; `answers`: it holds answers of a hidden model."""

    facts: tuple[tuple[str, str], ...]
    does_not_say: str
    answers: bool


class TrainingServices:
    def __init__(
        self,
        database: Database,
        library: LibraryService,
        wallet: WalletService,
        networks: NetworkService,
        registration: RegistrationService,
        royalties: RoyaltyService,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._database = database
        self._library = library
        self._wallet = wallet
        self._networks = networks
        self._registration = registration
        self._royalties = royalties
        self._paths = paths
        self._clock = clock

    @cached_property
    def data_sets(self) -> DataSetService:
        from desktop_app.services.data_sets import DataSetService

        return DataSetService(self._database, self._library, self._wallet, self._paths, self._clock)

    @cached_property
    def runs(self) -> TrainingService:
        from desktop_app.services.training_runs import TrainingService

        runs = TrainingRunRepository(self._database)
        return TrainingService(
            runs, self.data_sets, self.hidden, self.licences, self._paths, self._clock
        )

    @cached_property
    def licences(self) -> TrainingLicences:
        from desktop_app.services.training_licences import TrainingLicences

        records = TrainingLicenceRepository(self._database)
        return TrainingLicences(records, self._networks, self._wallet, self._clock)

    @cached_property
    def consents(self) -> TrainingConsents:
        from desktop_app.services.training_consents import TrainingConsents

        return TrainingConsents(self.runs, self.data_sets, self._wallet, self._networks)

    @cached_property
    def hand_over(self) -> DataHandOver:
        from desktop_app.services.data_hand_over import DataHandOver

        return DataHandOver(self.data_sets)

    @cached_property
    def federated(self) -> FederatedService:
        from desktop_app.services.federated import FederatedService

        return FederatedService(self.data_sets, self._paths)

    @cached_property
    def models(self) -> TrainingModels:
        from desktop_app.services.training_models import TrainingModels

        return TrainingModels(
            self.runs, self.data_sets, self.licences, self._library, self._registration, self._royalties
        )

    @cached_property
    def hidden(self) -> HiddenModelService:
        from desktop_app.services.hidden_models import HiddenModelService

        return HiddenModelService(self._database, self.data_sets, self._wallet, self._paths, self._clock)

    @staticmethod
    def preview(path: Path) -> TablePreview:
        """What the columns of a table are like; raises what `read_table` raises."""
        from desktop_app.training.table import is_number
        from desktop_app.training.table_files import read_table

        table = read_table(path)
        columns = []
        for name, values in table.columns.items():
            different = sorted(set(values) - {""})
            numbers = bool(different) and all(is_number(value) for value in different)
            ends = (min(different, key=float), max(different, key=float)) if numbers else ("", "")
            gaps = sum(not value for value in values)
            columns.append(
                ColumnPreview(name, numbers, len(different), tuple(different[:EXAMPLES]), *ends, gaps)
            )
        return TablePreview(table.rows, tuple(columns))

    def overview(self) -> Overview:
        """What is here: data sets, trainings with how far each is, and hidden models; newest first."""
        runs = self.runs
        return Overview(
            tuple(self.data_sets.all()),
            tuple(runs.state(run) for run in runs.all()),
            tuple(self.hidden.all()),
        )

    def licensed(self, settings: Settings, numbers: str) -> Settings:
        """The settings under the training licences of these numbers (typed, with commas), if there are any.

        Raises InvalidInputError for what is no number, or beside a licence in words.
        """
        typed = [text.strip() for text in numbers.split(",") if text.strip()]
        if not typed:
            return settings
        if settings.licence:
            raise InvalidInputError("training.two_licences")
        if not all(text.isdecimal() for text in typed):
            raise InvalidInputError("training.no_licence_numbers")
        return replace(settings, licence=str(self.licences.reference([int(text) for text in typed])))

    @staticmethod
    def is_proof(path: Path) -> bool:
        """Whether a file begins as a training proof does (it need not hold)."""
        try:
            with path.open("rb") as file:
                return file.read(max(map(len, _PROOFS))).startswith(_PROOFS)
        except OSError:
            return False

    def check(
        self,
        path: Path,
        challenge: str,
        task: Task | None = None,
        *,
        trained: Path | None = None,
        inputs: Path | None = None,
    ) -> Checked:
        """Verify somebody's proof, against a challenge where one was given; raises as `runs.verify`.

        What is known here of licences that it names is told, without asking a network.
        """
        from desktop_app.services.training_runs import Expected, nonce_of
        from desktop_app.services.training_words import federated_facts, verified_facts, what_it_says
        from desktop_app.services.wording import words

        expected = Expected(nonce=nonce_of(challenge)) if challenge.strip() else Expected()
        if self.federated.is_certificate(path):
            whole = self.federated.verify(path, expected, task, trained=trained, inputs=inputs)
            known = self.licences.check_federated(whole.certificate, online=False)
            told = federated_facts(whole, known)
            return Checked(tuple(told), words("training.what_federated_says"), False)
        verified = self.runs.verify(path, expected, task, trained=trained, inputs=inputs)
        licences = self.licences.check(verified.certificate, online=False)
        answers = verified.certificate.answers is not None
        return Checked(tuple(verified_facts(verified, licences)), what_it_says(verified), answers)
