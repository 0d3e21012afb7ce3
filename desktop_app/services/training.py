"""Everything about training proofs, loaded when first used: numpy would slow down every start."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from desktop_app.core.clock import Clock
from desktop_app.core.paths import AppPaths
from desktop_app.services.library import LibraryService
from desktop_app.services.wallet import WalletService
from desktop_app.store.data_sets import DataSetRepository
from desktop_app.store.database import Database
from desktop_app.store.training_runs import TrainingRunRepository

if TYPE_CHECKING:
    from desktop_app.services.data_sets import DataSetService
    from desktop_app.services.training_runs import TrainingService


class TrainingServices:
    def __init__(
        self,
        database: Database,
        library: LibraryService,
        wallet: WalletService,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._database = database
        self._library = library
        self._wallet = wallet
        self._paths = paths
        self._clock = clock

    @cached_property
    def data_sets(self) -> DataSetService:
        from desktop_app.services.data_sets import DataSetService

        records = DataSetRepository(self._database)
        return DataSetService(records, self._library, self._wallet, self._paths, self._clock)

    @cached_property
    def runs(self) -> TrainingService:
        from desktop_app.services.training_runs import TrainingService

        runs = TrainingRunRepository(self._database)
        return TrainingService(runs, self.data_sets, self._paths, self._clock)
