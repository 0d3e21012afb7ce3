"""Committed weights: a tree of their own, of one row, so that a model can be used without being shown."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task
from desktop_app.training import field as goldilocks
from desktop_app.training.code_tree import CodeTree, committed
from desktop_app.training.dataset import SEED_SIZE, DataHeader, data_layout, randomised_rows
from desktop_app.training.field import Array
from desktop_app.training.soundness import query_bound

_SCHEMA = b"colophon/v1/training/weights\0"


def weights_schema(data_schema: str) -> str:
    """What stands in a model's header for the schema of the data that it is for; no data set has it."""
    return hashlib.sha256(_SCHEMA + data_schema.encode()).hexdigest()


def is_model_for(model: DataHeader, data: DataHeader) -> bool:
    """Whether this is the header of weights for such data."""
    fitting = replace(
        data, rows=1, schema_sha256=weights_schema(data.schema_sha256), slots=model.slots,
        predecessor="", root=model.root,
    )  # fmt: skip
    return model == fitting


@dataclass(frozen=True)
class CommittedWeights:
    """Weights with the secrets of their commitment."""

    header: DataHeader
    """Of one row, with as many cells as there are weights."""
    weights: tuple[int, ...] = field(repr=False)
    seed: bytes = field(repr=False)

    def rows(self) -> Array:
        """The rows of the code by their values on H, shape (rows of the code, K)."""
        cells = goldilocks.array(np.asarray(self.weights, dtype=np.int64))[None]
        rows = data_layout(self.header).rows({"data": cells})
        return randomised_rows(rows, self.header.degree_bound, self.seed, "weights")

    def tree(self, task: Task | None = None) -> CodeTree:
        """The commitment's tree, made again from weights and seed."""
        return committed(self.rows(), self.seed, task)


def commit_weights(
    weights: Sequence[int],
    data: DataHeader,
    *,
    proofs: int = 4,
    security: int = 100,
    seed: bytes | None = None,
) -> CommittedWeights:
    """A commitment to the weights of a model for such data, with room for so many proofs about it.

    Raises InvalidInputError where the code of the data has not enough room.
    """
    bound = data.degree_bound
    capacity = proofs * query_bound(bound, security)
    if proofs < 1 or capacity >= bound:
        raise InvalidInputError("training.too_many_proofs", proofs=proofs)
    if len(weights) != data.features + 1:
        raise InvalidInputError("training.wrong_shape")
    header = replace(
        data,
        rows=1,
        schema_sha256=weights_schema(data.schema_sha256),
        slots=bound - capacity,
        predecessor="",
        root="00" * 32,
    )
    made = CommittedWeights(
        header, tuple(weights), secrets.token_bytes(SEED_SIZE) if seed is None else seed
    )
    return replace(made, header=replace(header, root=made.tree().columns.root().hex()))
