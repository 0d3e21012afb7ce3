"""Models whose weights nobody sees: committed to, kept encrypted, and what they answer, proved.

As many answers as a model has weights let the weights be worked out, whatever the proofs hide: answers are
counted, and past that number they are given only to who says that it may be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from desktop_app.core.clock import Clock
from desktop_app.core.errors import CorruptError, NotFoundError, RefusedError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.services.data_sets import DataSetService
from desktop_app.services.sealed_files import SealedFiles
from desktop_app.services.training_files import new_file
from desktop_app.services.wallet import WalletService
from desktop_app.store.database import Database
from desktop_app.store.hidden_models import HiddenModelRecord, HiddenModelRepository
from desktop_app.store.ids import new_id
from desktop_app.store.opening_budget import spend_openings
from desktop_app.store.training_runs import TrainingRun
from desktop_app.training.certificate import Proved, TrainingCertificate
from desktop_app.training.dataset import (
    SEED_SIZE,
    DataHeader,
    OpeningBudget,
    proofs_left,
    rounded_features,
)
from desktop_app.training.inference import InferenceStatement, answer
from desktop_app.training.model import CommittedWeights, commit_weights
from desktop_app.training.proof import prove_inference
from desktop_app.training.soundness import query_bound
from desktop_app.training.statement import Statement, nonce_of
from desktop_app.training.table import TableSchema
from desktop_app.training.table_files import read_table
from desktop_app.wallet.durable import replace_file

SUFFIX = ".answers.colophon"
DEFAULT_ANSWERS = 8


@dataclass(frozen=True)
class HiddenModel:
    """What is shown of a model with hidden weights on this machine."""

    id: str
    run_id: str
    header: DataHeader
    schema: TableSchema
    opened: int
    answered: int
    """Rows that its run's weights have answered, under this commitment or another."""
    created_at: int

    @property
    def identity(self) -> str:
        return self.header.identity()

    @property
    def weights(self) -> int:
        """How many weights it has: with so many answers they can be worked out."""
        return self.header.features + 1

    def proofs_left(self, security: int = 100) -> int:
        """How many more files of answers of this security the opening budget allows."""
        budget = OpeningBudget(self.header.capacity, self.opened)
        return proofs_left(budget, self.header.degree_bound, security)


@dataclass(frozen=True)
class Answers:
    """A file of answers that was made."""

    path: Path
    statement: InferenceStatement
    schema: TableSchema
    model: HiddenModel
    size: int


class HiddenModelService:
    def __init__(
        self,
        database: Database,
        data_sets: DataSetService,
        wallet: WalletService,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._database = database
        self._records = HiddenModelRepository(database)
        self._data_sets = data_sets
        self._sealed = SealedFiles(paths.hidden_models, "hidden-model", wallet)
        self._paths = paths
        self._clock = clock

    def get(self, reference: str) -> HiddenModel:
        """By id, run or identity, the newest first; raises NotFoundError."""
        return _shown(self._records.get(reference))

    def all(self) -> list[HiddenModel]:
        """Newest first."""
        return [_shown(record) for record in self._records.newest()]

    def commit(self, run: TrainingRun, whole: Statement, answers: int | None = None) -> CommittedWeights:
        """A commitment to the weights of a run.

        `answers`: how many files of answers there is room for, beside the proof of the training; as many as
        fit, and no more than `DEFAULT_ANSWERS`, where nothing is said. Raises InvalidInputError for more than
        there is room for, RefusedError for a locked wallet.
        """
        if answers is None:
            bound = whole.degree_bound
            answers = min(DEFAULT_ANSWERS, (bound - 1) // query_bound(bound, whole.security) - 1)
        made = commit_weights(whole.final, whole.data[0], proofs=answers + 1, security=whole.security)
        number = new_id()
        record = HiddenModelRecord(
            number, run.id, made.header.identity(), made.header.encode(),
            self._data_sets.get(run.data_sets[0]).schema.encode(), made.header.capacity, self._clock.now(),
        )  # fmt: skip
        self._sealed.write(number, _plain(made), record.identity)
        self._records.add(record)
        return made

    def open(self, reference: str) -> CommittedWeights:
        """The weights. Raises RefusedError for a locked wallet, CorruptError where the file was changed or
        belongs to another wallet, NotFoundError where it is gone."""
        record = self._records.get(reference)
        if not self._sealed.path(record.id).is_file():
            raise NotFoundError("training.weights_are_gone")
        return _opened(self._sealed.read(record.id, record.identity), DataHeader.read(record.header))

    def answer(
        self,
        reference: str,
        table: Path,
        output: Path | None = None,
        *,
        licence: str = "",
        challenge: str = "",
        security: int = 100,
        may_be_worked_out: bool = False,
        task: Task | None = None,
    ) -> Answers:
        """Answer every row of a table, and prove it in a new file (`output`: that file, or a folder).

        Uses one proof of the model's budget. Raises RefusedError("training.weights_worked_out") where so many
        answers let the weights be worked out, unless that is wanted; and what `read_table` raises.
        """
        model = self.get(reference)
        path = new_file(output or self._paths.certificates, f"{new_id()}{SUFFIX}")
        rows = rounded_features(model.schema.inputs(read_table(expanded(table))))
        inputs = tuple(tuple(int(value) for value in row) for row in rows)
        total = model.answered + len(inputs)
        if total >= model.weights and not may_be_worked_out:
            raise RefusedError("training.weights_worked_out", answers=total, weights=model.weights)
        committed = self.open(model.id)
        statement, first = answer(
            committed, inputs, licence=licence, nonce=nonce_of(challenge), security=security
        )

        def spend(identities: tuple[str, ...], columns: int) -> None:
            spend_openings(self._database, identities, columns)
            # Once more, and for good: another process may have answered meanwhile.
            limit = None if may_be_worked_out else model.weights
            self._records.answered(model.identity, len(inputs), limit)

        proof = prove_inference(statement, committed, first, spend, task)
        content = TrainingCertificate((Proved(statement, proof),), schema=model.schema).encode()
        replace_file(path, content)
        return Answers(path, statement, model.schema, self.get(model.id), len(content))


def _shown(record: HiddenModelRecord) -> HiddenModel:
    return HiddenModel(
        record.id,
        record.run_id,
        DataHeader.read(record.header),
        TableSchema.read(record.table_schema),
        record.opened,
        record.answered,
        record.created_at,
    )


def _plain(model: CommittedWeights) -> bytes:
    """The seed, then the weights (four bytes each)."""
    return model.seed + np.asarray(model.weights, dtype="<i4").tobytes()


def _opened(plain: bytes | None, header: DataHeader) -> CommittedWeights:
    if plain is None or len(plain) != SEED_SIZE + 4 * (header.features + 1):
        raise CorruptError("training.weights_do_not_open")
    weights = np.frombuffer(plain[SEED_SIZE:], dtype="<i4")
    return CommittedWeights(header, tuple(int(weight) for weight in weights), plain[:SEED_SIZE])
