"""What a training proof states: everything public, bound before the first challenge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training.activation import Model
from desktop_app.training.claim import Claim, check_context, check_saturation, check_weights
from desktop_app.training.dataset import DataHeader
from desktop_app.training.recipe import MAX_CELLS, Recipe, schedule, weight_count
from desktop_app.training.shape import RunShape, TrainingShape

KIND = "colophon-training"
MAX_STATEMENT_SIZE = 1 << 20


def nonce_of(challenge: str) -> str:
    """The 32 bytes (hex) that stand for a challenge; the prover chooses nothing about them."""
    return hashlib.sha256(b"colophon/v1/training/challenge\0" + challenge.strip().encode()).hexdigest()


@dataclass(frozen=True)
class Statement(Claim):
    """The weights `final` are the result of `recipe`, from `initial`, on the data sets of `data`."""

    recipe: Recipe
    first_step: int
    """Steps of the same run before this one (0, or where the previous segment ended)."""
    initial: tuple[int, ...]
    final: tuple[int, ...]
    """Weights in units of 2^-18, one per feature and the intercept last."""
    model: tuple[DataHeader, ...]
    """The commitment of the final weights where they are not shown (`final` is empty then), else empty."""
    saturation: int
    """Room for different values beyond the activation table, on each side."""
    data: tuple[DataHeader, ...]
    parties: tuple[str, ...]
    """Who takes part: names or addresses, the trainer first."""
    licence: str
    run: str
    nonce: str
    """The verifier's challenge, 64 hexadecimal digits."""

    @staticmethod
    def read(value: Json) -> Statement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(Statement, value)
        found.check()
        return found

    @property
    def committed(self) -> tuple[DataHeader, ...]:
        return (*self.data, *self.model)

    @property
    def rows(self) -> int:
        return sum(header.rows for header in self.data)

    @property
    def features(self) -> int:
        return self.data[0].features

    def batches(self) -> list[int]:
        """The batch of each step."""
        identities = [header.identity() for header in self.data]
        return schedule(self.recipe, identities, self.nonce, self.first_step)

    @property
    def hidden(self) -> int:
        """Units of the hidden layer; 0 for regression, which has none."""
        return 0

    @property
    def starts_as_usual(self) -> bool:
        """Whether the first weights are those that nobody chose: zeros."""
        return not any(self.initial)

    @property
    def kind_name(self) -> str:
        return KIND

    def shape(self) -> RunShape:
        """The sizes that the witness of this statement has."""
        return TrainingShape(
            model=Model(self.recipe.model),
            owners=tuple(header.rows for header in self.data),
            features=self.features,
            batch_rows=self.recipe.batch_rows(self.rows),
            batch_count=self.recipe.batches,
            steps=self.recipe.steps,
            schedule=self.batches,
            saturation=self.saturation,
        )

    def check(self) -> None:
        if not self.data or len(self.model) > 1:
            raise InvalidInputError("training.wrong_shape")
        self.check_commitments(self.kind_name, *self.model)
        if self.data[0].model != self.recipe.model:
            raise InvalidInputError("training.data_sets_differ")
        self.recipe.check(self.rows, self.features, self.hidden)
        count = weight_count(self.features, self.hidden)
        check_weights(self.initial, count)
        if not self.model:
            check_weights(self.final, count)
        elif self.final:
            raise InvalidInputError("training.wrong_shape")
        check_saturation(self.saturation)
        if not 0 <= self.first_step <= MAX_CELLS:
            raise InvalidInputError("training.too_large")
        check_context((*self.parties, self.licence, self.run), self.nonce)
        self.check_size()
