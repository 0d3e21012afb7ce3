"""What a training proof states: everything public, bound before the first challenge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training.activation import Model
from desktop_app.training.dataset import DataHeader, is_digest
from desktop_app.training.recipe import MAX_CELLS, WEIGHT_LIMIT, Recipe, schedule
from desktop_app.training.shape import Shape
from desktop_app.training.soundness import SoundnessError, extension_degree, query_bound, soundness_error

VERSION = 1
KIND = "colophon-training"
MAX_STATEMENT_SIZE = 1 << 20
MAX_OWNERS = 64
MAX_SATURATION = 1 << 20
MAX_NAME = 256


@dataclass(frozen=True)
class Statement:
    """The weights `final` are the result of `recipe`, from `initial`, on the data sets of `data`."""

    kind: str
    version: int
    security: int
    """100 or 128 bits."""
    recipe: Recipe
    first_step: int
    """Steps of the same run before this one (0, or where the previous segment ended)."""
    initial: tuple[int, ...]
    final: tuple[int, ...]
    """Weights in units of 2^-18, one per feature and the intercept last."""
    saturation: int
    """Room for different values beyond the activation table, on each side."""
    data: tuple[DataHeader, ...]
    licence: str
    run: str
    nonce: str
    """The verifier's challenge, 64 hexadecimal digits."""

    def encode(self) -> bytes:
        """The canonical bytes that the transcript absorbs."""
        return canonical_json.write(self.to_json())

    def to_json(self) -> dict[str, Json]:
        return canonical_json.write_dataclass(self)

    @staticmethod
    def read(value: Json) -> Statement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(Statement, value)
        found.check()
        return found

    @property
    def rows(self) -> int:
        return sum(header.rows for header in self.data)

    @property
    def features(self) -> int:
        return self.data[0].features

    @property
    def degree_bound(self) -> int:
        return self.data[0].degree_bound

    @property
    def queries(self) -> int:
        return query_bound(self.degree_bound, self.security)

    def batches(self) -> list[int]:
        """The batch of each step."""
        identities = [header.identity() for header in self.data]
        return schedule(self.recipe, identities, self.nonce, self.first_step)

    def shape(self) -> Shape:
        """The sizes that the witness of this statement has."""
        return Shape(
            model=Model(self.recipe.model),
            owners=tuple(header.rows for header in self.data),
            features=self.features,
            batch_rows=self.recipe.batch_rows(self.rows),
            batch_count=self.recipe.batches,
            batches=tuple(self.batches()),
            saturation=self.saturation,
        )

    def soundness(self) -> SoundnessError:
        """The exact probability, per attempt, that a false statement passes."""
        shape = self.shape()
        return soundness_error(
            self.degree_bound, self.security, shape.narrow_size, shape.activations, self.saturation
        )

    def check(self) -> None:
        """Raises InvalidInputError unless every part is well formed and all fit together."""
        if self.kind != KIND or self.version != VERSION:
            raise InvalidInputError("training.unknown_version")
        extension_degree(self.security)
        if not 1 <= len(self.data) <= MAX_OWNERS:
            raise InvalidInputError("training.wrong_shape")
        for header in self.data:
            header.check()
            same = (header.features, header.model, header.degree_bound)
            if same != (self.features, self.recipe.model, self.degree_bound):
                raise InvalidInputError("training.data_sets_differ")
            if header.capacity < self.queries:
                raise InvalidInputError("training.wrong_code")
        if len({header.root for header in self.data}) != len(self.data):
            raise InvalidInputError("training.data_set_twice")
        self.recipe.check(self.rows, self.features)
        _check_weights(self.initial, self.features)
        _check_weights(self.final, self.features)
        if not 0 <= self.first_step <= MAX_CELLS or not 1 <= self.saturation <= MAX_SATURATION:
            raise InvalidInputError("training.too_large")
        if not is_digest(self.nonce):
            raise InvalidInputError("training.wrong_digest")
        if self.soundness().total > Fraction(1, 1 << self.security):
            raise InvalidInputError("training.too_large_for_security", bits=self.security)
        if len(self.licence) > MAX_NAME or len(self.run) > MAX_NAME:
            raise InvalidInputError("training.too_large")


def _check_weights(weights: Sequence[int], features: int) -> None:
    if len(weights) != features + 1:
        raise InvalidInputError("training.wrong_shape")
    if not all(-WEIGHT_LIMIT <= weight < WEIGHT_LIMIT for weight in weights):
        raise InvalidInputError("training.weight_out_of_range")
