"""Private data sets, and the commitment that licences and registrations name.

The rows of a table are laid out column by column (the label last), Reed-Solomon encoded and committed to
column-wise with salts. Each row of the code holds as many random values as columns will ever be opened.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.training import field as goldilocks
from desktop_app.training.activation import ACTIVATION_BITS, Model, model_of
from desktop_app.training.code_tree import CodeTree, committed
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.layout import Block, Layout
from desktop_app.training.recipe import FEATURE_BITS, FEATURE_LIMIT, MAX_CELLS, MAX_FEATURES
from desktop_app.training.soundness import query_bound
from desktop_app.training.transcript import uniform_elements

MIN_DEGREE_BOUND, MAX_DEGREE_BOUND = 1 << 10, 1 << 17
SEED_SIZE = 32
MAX_HEADER_SIZE = 1 << 16


@dataclass(frozen=True)
class Schema:
    features: tuple[str, ...]
    label: str
    model: str
    """"logistic": labels 0 and 1. "linear": labels are numbers from -32 to 32 in units of 2^-10."""

    def digest(self) -> str:
        return hashlib.sha256(canonical_json.write(canonical_json.write_dataclass(self))).hexdigest()


@dataclass(frozen=True)
class DataSet:
    schema: Schema
    features: Integers
    """(n, d), in units of 2^-8."""
    labels: Integers
    """(n,)"""

    def __post_init__(self) -> None:
        rows, features = self.features.shape if self.features.ndim == 2 else (0, 0)
        if not 0 < features == len(self.schema.features) or self.labels.shape != (rows,) or rows < 1:
            raise InvalidInputError("training.wrong_shape")
        if features > MAX_FEATURES or rows * features > MAX_CELLS:
            raise InvalidInputError("training.too_large")
        if np.any(self.features < -FEATURE_LIMIT) or np.any(self.features >= FEATURE_LIMIT):
            raise InvalidInputError("training.feature_out_of_range")
        binary = model_of(self.schema.model) is Model.LOGISTIC
        low, high = (0, 1) if binary else (-FEATURE_LIMIT, FEATURE_LIMIT - 1)
        if np.any(self.labels < low) or np.any(self.labels > high):
            raise InvalidInputError("training.label_out_of_range")

    @staticmethod
    def of_numbers(schema: Schema, features: NDArray[Any], labels: NDArray[Any]) -> DataSet:
        """From floats, rounded to the nearest unit; raises InvalidInputError for what lies out of range."""
        scale = 1 if model_of(schema.model) is Model.LOGISTIC else 1 << ACTIVATION_BITS
        return DataSet(schema, rounded_features(features), _rounded(labels, scale))


def rounded_features(values: NDArray[Any]) -> Integers:
    """Features as integers in units of 2^-8; raises InvalidInputError for what is no number."""
    return _rounded(values, 1 << FEATURE_BITS)


def _rounded(values: NDArray[Any], scale: int) -> Integers:
    scaled = np.rint(np.asarray(values, dtype=np.float64) * scale)
    if not np.all(np.abs(scaled) < 2**53):
        raise InvalidInputError("training.not_a_number")
    return scaled.astype(np.int64)


@dataclass(frozen=True)
class DataHeader:
    """What is public of a committed data set."""

    rows: int
    features: int
    model: str
    schema_sha256: str
    degree_bound: int
    """K: rows of the code are polynomials of a smaller degree; the code has 8K columns."""
    slots: int
    """Values of the data set in each row; the other K - slots are random."""
    predecessor: str
    """Identity of the commitment that this one replaces, or empty."""
    root: str

    def identity(self) -> str:
        """The 32 bytes (hex) that licences and registrations name."""
        return hashlib.sha256(canonical_json.write({"kind": "colophon-data-set", **asdict(self)})).hexdigest()

    def encode(self) -> bytes:
        return canonical_json.write(canonical_json.write_dataclass(self))

    @staticmethod
    def read(data: bytes) -> DataHeader:
        """Raises InvalidInputError for anything but a header."""
        found = canonical_json.read_dataclass(DataHeader, canonical_json.read(data, MAX_HEADER_SIZE))
        found.check()
        return found

    @property
    def cells(self) -> int:
        return self.rows * (self.features + 1)

    @property
    def capacity(self) -> int:
        """Columns that may ever be opened."""
        return self.degree_bound - self.slots

    def check(self) -> None:
        """Raises InvalidInputError for a header that no data set has."""
        bound = self.degree_bound
        model_of(self.model)
        if self.rows < 1 or not 1 <= self.features <= MAX_FEATURES or self.cells > 2 * MAX_CELLS:
            raise InvalidInputError("training.too_large")
        if not MIN_DEGREE_BOUND <= bound <= MAX_DEGREE_BOUND or bound & (bound - 1):
            raise InvalidInputError("training.wrong_code")
        if not 1 <= self.slots < bound:
            raise InvalidInputError("training.wrong_code")
        for value, empty in ((self.root, False), (self.schema_sha256, False), (self.predecessor, True)):
            if not (empty and value == "") and not is_digest(value):
                raise InvalidInputError("training.wrong_digest")


def is_digest(value: str) -> bool:
    """Whether this is the one hexadecimal form of 32 bytes."""
    return len(value) == 64 and all(character in "0123456789abcdef" for character in value)


@dataclass(frozen=True)
class OpeningBudget:
    """Columns of one data tree shown so far; where this is stored, it must only ever grow."""

    capacity: int
    opened: int = 0

    @property
    def left(self) -> int:
        return self.capacity - self.opened

    def spend(self, columns: int) -> OpeningBudget:
        """The budget after this many columns more; raises RefusedError where it does not suffice."""
        if not 0 < columns <= self.left:
            raise RefusedError("training.budget_exhausted", left=self.left, needed=columns)
        return replace(self, opened=self.opened + columns)


@dataclass(frozen=True)
class CommittedData:
    """A data set with the secrets of its commitment."""

    header: DataHeader
    data: DataSet = field(repr=False)
    seed: bytes = field(repr=False)
    """Gives all random values and salts: whoever has it and the public openings can solve for the rows."""

    def rows(self) -> Array:
        """The rows of the code by their values on H, shape (rows of the code, K)."""
        return _rows(self.data, self.header, self.seed)

    def tree(self, task: Task | None = None) -> CodeTree:
        """The commitment's tree, made again from data and seed."""
        return committed(self.rows(), self.seed, task)


def commit(
    data: DataSet,
    *,
    proofs: int = 16,
    security: int = 100,
    degree_bound: int | None = None,
    predecessor: str = "",
    seed: bytes | None = None,
) -> CommittedData:
    """A commitment under which `proofs` proofs of this security (100 or 128 bits) can be made.

    Raises InvalidInputError for more proofs than the largest code has room for.
    """
    rows, features = data.features.shape
    bound = degree_bound or _degree_bound(rows * features, proofs, security)
    capacity = proofs * query_bound(bound, security)
    if proofs < 1 or capacity >= bound:
        raise InvalidInputError("training.too_many_proofs", proofs=proofs)
    seed = secrets.token_bytes(SEED_SIZE) if seed is None else seed
    header = DataHeader(
        rows,
        features,
        data.schema.model,
        data.schema.digest(),
        bound,
        bound - capacity,
        predecessor,
        "00" * 32,
    )
    root = committed(_rows(data, header, seed), seed).columns.root()
    header = replace(header, root=root.hex())
    header.check()
    return CommittedData(header, data, seed)


def data_layout(header: DataHeader) -> Layout:
    """The one block of a data tree: feature after feature, then the labels."""
    return Layout((Block("data", header.cells, 1),), header.slots)


def _degree_bound(cells: int, proofs: int, security: int) -> int:
    """K near the smallest proof: its polynomials grow with K, its columns with the witness over K."""
    bound = MIN_DEGREE_BOUND
    while bound * bound < 9 * (25 * cells + (1 << 17)) and bound < MAX_DEGREE_BOUND:
        bound *= 2
    while bound < MAX_DEGREE_BOUND and 4 * proofs * query_bound(bound, security) > 3 * bound:
        bound *= 2
    return bound


def _rows(data: DataSet, header: DataHeader, seed: bytes) -> Array:
    cells = np.concatenate([data.features.T.reshape(-1), data.labels])
    return randomised_rows(
        data_layout(header).rows({"data": goldilocks.array(cells)[None]}), header.degree_bound, seed, "data"
    )


def randomised_rows(slots: Array, degree_bound: int, seed: bytes, label: str) -> Array:
    """The values on H of polynomials: these on its first places, random ones on all others."""
    rows, used = slots.shape
    stream = hashlib.shake_256(f"colophon/v1/training/padding/{label}".encode() + seed)
    padding = uniform_elements(stream, rows * (degree_bound - used)).reshape(rows, -1)
    return np.concatenate([slots, padding], axis=1)


def proofs_left(budget: OpeningBudget, degree_bound: int, security: int) -> int:
    """How many more proofs of this security the budget allows."""
    return budget.left // query_bound(degree_bound, security)


def features_of(data: Sequence[CommittedData]) -> tuple[Integers, Integers]:
    """All rows and labels of several data sets, one after another."""
    return (
        np.concatenate([item.data.features for item in data]),
        np.concatenate([item.data.labels for item in data]),
    )
