"""Private data sets: read from a table, committed to, kept encrypted under the wallet's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from desktop_app.core.clock import Clock
from desktop_app.core.errors import CorruptError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.services.library import LibraryService, Work
from desktop_app.services.sealed_files import SealedFiles
from desktop_app.services.wallet import WalletService
from desktop_app.store.data_sets import DataSetRecord, DataSetRepository
from desktop_app.store.database import Database
from desktop_app.store.ids import new_id
from desktop_app.store.opening_budget import spend_openings
from desktop_app.training.certificate import Proved, TrainingCertificate
from desktop_app.training.dataset import (
    SEED_SIZE,
    CommittedData,
    DataHeader,
    DataSet,
    OpeningBudget,
    commit,
    proofs_left,
)
from desktop_app.training.proof import prove_validity
from desktop_app.training.table import Table, TableSchema, infer_schema
from desktop_app.training.table_files import read_table
from desktop_app.training.validity import ValidityStatement
from desktop_app.wallet.durable import replace_file

SUFFIX = ".dataset.colophon"
DEFAULT_PROOFS = 16
TITLE_LIMIT = 200


@dataclass(frozen=True)
class PrivateDataSet:
    """What is shown of a data set on this machine."""

    id: str
    title: str
    header: DataHeader
    schema: TableSchema
    opened: int
    created_at: int

    @property
    def identity(self) -> str:
        return self.header.identity()

    def proofs_left(self, security: int = 100) -> int:
        """How many more proofs of this security the opening budget allows."""
        budget = OpeningBudget(self.header.capacity, self.opened)
        return proofs_left(budget, self.header.degree_bound, security)


@dataclass(frozen=True)
class Reading:
    """How a table is to be read."""

    label: str = ""
    model: str = "logistic"
    positive: str | None = None
    categories: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    skip_gaps: bool = False
    like: str = ""
    """Another data set here, whose schema and size of code are used, so that both fit one run."""
    schema: Path | None = None
    """The schema of somebody else's data set, instead of a new one."""


@dataclass(frozen=True)
class Added:
    """A new data set, the file that shows its commitment to others, and the work that stands for it."""

    data: PrivateDataSet
    certificate: Path
    work: Work


class DataSetService:
    def __init__(
        self,
        database: Database,
        library: LibraryService,
        wallet: WalletService,
        paths: AppPaths,
        clock: Clock,
    ) -> None:
        self._database = database
        self._records = DataSetRepository(database)
        self._library = library
        self._sealed = SealedFiles(paths.data_sets, "data-set", wallet)
        self._paths = paths
        self._clock = clock

    def read(self, path: Path, reading: Reading) -> tuple[TableSchema, DataSet]:
        """The table as it would be committed to; raises what `read_table` and the schema raise."""
        table = read_table(expanded(path))
        if reading.skip_gaps:
            table = table.without_gaps()
        schema = self._schema(table, reading)
        return schema, schema.data_set(table)

    def add(
        self,
        path: Path,
        reading: Reading,
        *,
        title: str = "",
        proofs: int = DEFAULT_PROOFS,
        security: int = 100,
        predecessor: str = "",
        size_of_code: int | None = None,
        task: Task | None = None,
    ) -> Added:
        """Read a table, commit to it, prove it valid, keep it encrypted, and add its commitment as a work.

        The table's own file stays as it is. `proofs` beside that of validity can be made before the data must
        be committed to again; `predecessor` names the commitment that this one replaces. Data sets for one
        run need the same `size_of_code`. Raises RefusedError for a locked wallet.
        """
        task = task or Task()
        schema, data = self.read(path, reading)
        if reading.like:
            size_of_code = self.get(reading.like).header.degree_bound
        number, title = new_id(), _title(title or path.stem)
        self._sealed.key(number)  # a locked wallet is refused before the long work
        task.report(0, 3, "training.committing")
        before = self._records.get(predecessor).identity if predecessor else ""
        committed = commit(
            data, proofs=proofs + 1, security=security, predecessor=before, degree_bound=size_of_code
        )
        task.report(1, 3, "training.committing")
        record = DataSetRecord(
            number, title, committed.header.identity(), committed.header.encode(), schema.encode(),
            committed.header.capacity, self._clock.now(),
        )  # fmt: skip
        self._sealed.write(number, _plain(committed), record.identity)
        self._records.add(record)
        statement = ValidityStatement.of(committed.header, security=security)
        proof = prove_validity(statement, committed, self.spend, task)
        certificate = self._paths.certificates / f"{number}{SUFFIX}"
        replace_file(certificate, TrainingCertificate((Proved(statement, proof),)).encode())
        work = self._library.add(certificate, title).work
        return Added(self.get(number), certificate, work)

    def get(self, reference: str) -> PrivateDataSet:
        """By id, title or identity; raises NotFoundError."""
        return _shown(self._records.get(reference.strip()))

    def all(self) -> list[PrivateDataSet]:
        """Newest first."""
        return [_shown(record) for record in self._records.newest()]

    def open(self, reference: str) -> CommittedData:
        """The rows and secrets of a data set. Raises RefusedError for a locked wallet, CorruptError where the
        file was changed or belongs to another wallet, NotFoundError where it is gone."""
        record = self._records.get(reference.strip())
        if not self._sealed.path(record.id).is_file():
            raise NotFoundError("training.rows_are_gone", title=record.title)
        return _opened(self._sealed.read(record.id, record.identity), record)

    def plain(self, reference: str) -> bytes:
        """The seed and the rows of a data set as they are kept; raises as `open`."""
        return _plain(self.open(reference))

    def receive(
        self,
        header: DataHeader,
        schema: TableSchema,
        plain: bytes,
        certificate: bytes,
        *,
        title: str,
        columns: int,
        task: Task | None = None,
    ) -> Added:
        """Keep a data set that was committed to elsewhere, `columns` of which may be opened here.

        Raises RefusedError for rows that are not those of the commitment, a data set that is here already,
        or a locked wallet.
        """
        task = task or Task()
        identity, number = header.identity(), new_id()
        for known in self.all():
            if known.identity == identity:
                raise RefusedError("store.data_set_exists", id=known.id)
        self._sealed.key(number)
        record = DataSetRecord(
            number, _title(title), identity, header.encode(), schema.encode(), header.capacity,
            self._clock.now(), opened=header.capacity - columns,
        )  # fmt: skip
        task.report(0, 1, "training.committing")
        committed = _opened(plain, record)
        if committed.tree().columns.root().hex() != header.root:
            raise RefusedError("training.not_the_committed_rows")
        self._sealed.write(number, plain, identity)
        self._records.add(record)
        path = self._paths.certificates / f"{number}{SUFFIX}"
        replace_file(path, certificate)
        return Added(self.get(number), path, self._library.add(path, _title(title)).work)

    def spend(self, identities: tuple[str, ...], columns: int) -> None:
        """Count columns of each of these as shown, for good, or of none; what `prove` asks for."""
        spend_openings(self._database, identities, columns)

    def require(self, references: Sequence[str], proofs: int, security: int) -> None:
        """Raises RefusedError("training.too_few_proofs") where one of these does not allow so many more.

        To be asked before long work, which would find it only at its end.
        """
        for found in map(self.get, references):
            left = found.proofs_left(security)
            if left < proofs:
                raise RefusedError("training.too_few_proofs", title=found.title, needed=proofs, left=left)

    def certificate(self, reference: str) -> Path:
        """Where the file is that shows the commitment and its validity."""
        return self._paths.certificates / f"{self._records.get(reference.strip()).id}{SUFFIX}"

    def _schema(self, table: Table, reading: Reading) -> TableSchema:
        if reading.like:
            return self.get(reading.like).schema
        if reading.schema is not None:
            if not expanded(reading.schema).is_file():
                raise NotFoundError("training.no_such_file", path=str(reading.schema))
            return TableSchema.read(expanded(reading.schema).read_bytes())
        if not reading.label:
            raise InvalidInputError("training.no_label")
        return infer_schema(
            table,
            reading.label,
            reading.model,
            positive=reading.positive,
            categories=reading.categories,
            leave_out=reading.leave_out,
        )


def _shown(record: DataSetRecord) -> PrivateDataSet:
    header = _header(record)
    schema = TableSchema.read(record.table_schema)
    return PrivateDataSet(record.id, record.title, header, schema, record.opened, record.created_at)


def _header(record: DataSetRecord) -> DataHeader:
    return DataHeader.read(record.header)


def _plain(data: CommittedData) -> bytes:
    """The seed, the features row by row, the labels (two bytes each)."""
    parts = (data.data.features.astype("<i2"), data.data.labels.astype("<i2"))
    return data.seed + b"".join(part.tobytes() for part in parts)


def _opened(plain: bytes | None, record: DataSetRecord) -> CommittedData:
    header, schema = _header(record), TableSchema.read(record.table_schema).schema()
    if plain is None or len(plain) != SEED_SIZE + 2 * header.cells:
        raise CorruptError("training.rows_do_not_open", title=record.title)
    values = np.frombuffer(plain[SEED_SIZE:], dtype="<i2").astype(np.int64)
    features = values[: header.rows * header.features].reshape(header.rows, header.features)
    data = DataSet(schema, features, values[header.rows * header.features :])
    if schema.digest() != header.schema_sha256:
        raise CorruptError("training.rows_do_not_open", title=record.title)
    return CommittedData(header, data, plain[:SEED_SIZE])


def _title(title: str) -> str:
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    return cleaned[:TITLE_LIMIT] or "data"
