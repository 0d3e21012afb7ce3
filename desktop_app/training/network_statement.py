"""What the proof of a network's training states: the statement of a regression and one number more."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training.activation import Model
from desktop_app.training.layout import Block
from desktop_app.training.network import drawn_weights
from desktop_app.training.recipe import weight_count
from desktop_app.training.shape import Folded, RunShape
from desktop_app.training.statement import Statement

KIND = "colophon-training-network"


@dataclass(frozen=True)
class NetworkStatement(Statement):
    """`recipe.model` says what the output is: logistic or linear. The order of weights: `network.py`."""

    units: int
    """Of the hidden layer."""

    @staticmethod
    def read(value: Json) -> NetworkStatement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(NetworkStatement, value)
        found.check()
        return found

    @property
    def hidden(self) -> int:
        return self.units

    @property
    def starts_as_usual(self) -> bool:
        """Whether the first weights are those drawn from data sets and nonce."""
        identities = [header.identity() for header in self.data]
        return self.initial == drawn_weights(identities, self.nonce, self.features, self.units)

    @property
    def kind_name(self) -> str:
        return KIND

    def shape(self) -> NetworkShape:
        return NetworkShape(
            model=Model(self.recipe.model),
            owners=tuple(header.rows for header in self.data),
            features=self.features,
            batch_rows=self.recipe.batch_rows(self.rows),
            batch_count=self.recipe.batches,
            steps=self.recipe.steps,
            schedule=self.batches,
            saturation=self.saturation,
            units=self.units,
        )

    def check(self) -> None:
        if self.units < 1:
            raise InvalidInputError("training.wrong_shape")
        if self.model:
            raise InvalidInputError("training.network_weights_are_shown")
        super().check()


def read_run(value: Json) -> Statement:
    """The statement of a regression or of a network; raises InvalidInputError for any other."""
    network = isinstance(value, dict) and value.get("kind") == KIND
    return NetworkStatement.read(value) if network else Statement.read(value)


@dataclass(frozen=True)
class NetworkShape(RunShape):
    units: int

    @property
    def weight_count(self) -> int:
        return weight_count(self.features, self.units)

    @property
    def hidden_weights(self) -> int:
        """The first weights of a step: those of the hidden units."""
        return self.units * self.width

    @property
    def folded(self) -> Folded:
        return Folded(self.rows, self.width, self.steps, self.units + 1)

    @property
    def fold_degree(self) -> int:
        """Hidden sums 3, output sums 2, output steps 2, slopes 3, hidden steps 3 (README.md)."""
        return 13

    @property
    def narrow_sizes(self) -> dict[str, int]:
        weights = (self.steps + 1) * self.weight_count
        hidden, top = self.steps * self.hidden_weights, self.steps * (self.units + 1)
        return super().narrow_sizes | {
            "remainder_high": self.activations,
            "remainder_high_shifted": self.activations,
            "hidden_remainder": self.activations * self.units,
            "weight_low": weights,
            "weight_high": weights,
            "step_low": top,
            "step_high": top,
            "step_high_shifted": top,
            "slope_low": hidden,
            "slope_high": hidden,
            "slope_remainder_low": hidden,
            "slope_remainder_high": hidden,
            "slope_remainder_high_shifted": hidden,
            "hidden_step_low": hidden,
            "hidden_step_high": hidden,
            "hidden_step_high_shifted": hidden,
        }

    @property
    def ranged(self) -> dict[str, int]:
        return super().ranged | {"magnitude": self.activations * self.units}

    def first_blocks(self) -> tuple[Block, ...]:
        cells = self.activations * self.units
        return (
            *super().first_blocks(),
            *(Block(name, cells, 1) for name in ("magnitude", "sign", "value")),
            Block("error", self.activations, 1),
            Block("output_weight", self.steps * self.units, 1),
        )

    def second_blocks(self, degree: int) -> tuple[Block, ...]:
        by_row = ("sign_fold", "sign_error", "value_fold", "value_error")
        by_unit = ("unit_fold", "unit_product", "slope_fold", "slope_product")
        return (
            *super().second_blocks(degree),
            *(Block(name, self.activations, degree) for name in by_row),
            *(Block(name, self.steps * self.units, degree) for name in by_unit),
        )
