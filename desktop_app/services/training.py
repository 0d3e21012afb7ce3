"""Everything about training proofs, loaded when first used: numpy would slow down every start."""

from __future__ import annotations

from dataclasses import dataclass
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
    from desktop_app.services.data_sets import DataSetService
    from desktop_app.services.hidden_models import HiddenModelService
    from desktop_app.services.training_consents import TrainingConsents
    from desktop_app.services.training_licences import TrainingLicences
    from desktop_app.services.training_models import TrainingModels
    from desktop_app.services.training_runs import RunSummary, TrainingService, Verified


EXAMPLES = 50
_PROOF = b'{"claims":['


@dataclass(frozen=True)
class ColumnPreview:
    """`examples`: the different values, in order, where there are few enough to choose among."""

    name: str
    is_number: bool
    different: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class TablePreview:
    rows: int
    columns: tuple[ColumnPreview, ...]


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
            numbers = all(is_number(value) for value in different)
            columns.append(ColumnPreview(name, numbers, len(different), tuple(different[:EXAMPLES])))
        return TablePreview(table.rows, tuple(columns))

    def train(
        self,
        data_sets: list[str],
        recipe: tuple[str, str, str, str],
        licence: str,
        challenge: str,
        task: Task | None = None,
    ) -> RunSummary:
        """Train with steps, rate, batches and L2 as typed; raises InvalidInputError for what is no number."""
        from desktop_app.services.training_runs import Settings

        try:
            steps, rate, batches, l2 = int(recipe[0]), float(recipe[1]), int(recipe[2]), float(recipe[3])
        except ValueError as error:
            raise InvalidInputError("training.no_numbers") from error
        if steps < 1 or batches < 1 or not 0 < rate < 1e6 or not 0 <= l2 < 1e6:
            raise InvalidInputError("training.no_numbers")
        settings = Settings(steps, rate, batches, l2, licence=licence, challenge=challenge)
        return self.runs.run(data_sets, settings, task)

    @staticmethod
    def is_proof(path: Path) -> bool:
        """Whether a file begins as a training proof does (it need not hold)."""
        try:
            with path.open("rb") as file:
                return file.read(len(_PROOF)) == _PROOF
        except OSError:
            return False

    def check(self, path: Path, challenge: str, task: Task | None = None) -> Verified:
        """Verify somebody's proof, against a challenge where one was given; raises as `runs.verify`."""
        from desktop_app.services.training_runs import Expected, nonce_of

        expected = Expected(nonce=nonce_of(challenge)) if challenge.strip() else Expected()
        return self.runs.verify(path, expected, task)
