"""The public recipe of a training run, and the bounds within which its integers mean what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.core.errors import InvalidInputError
from desktop_app.training.activation import (
    ACTIVATION_BITS,
    OUTPUT_BITS,
    TABLE_SHA256,
    Model,
    model_of,
)
from desktop_app.training.field import P

FEATURE_BITS = 8
WEIGHT_BITS = 18
RATE_BITS = 31
"""log2 of the scales of a feature, a weight and the learning rate."""

FEATURE_LIMIT = 1 << 15
"""Features lie in [-limit, limit) in units of 2^-8, that is from -128 to 128."""
WEIGHT_LIMIT = 1 << 31
"""Weights lie in [-limit, limit) in units of 2^-18, that is from -8192 to 8192."""
INTERCEPT = 1 << FEATURE_BITS
"""The constant feature that the last weight belongs to."""
ERROR_LIMIT = 1 << 16
"""Prediction minus label, in either model's scale, is at most this."""
EXCESS_LIMIT = 1 << 32
HIDDEN_BITS = ACTIVATION_BITS
"""log2 of the scale of a hidden unit's value: its sum of 2^-26 has been divided by 2^16."""
HIDDEN_LIMIT = 1 << 16
"""Sums of hidden units lie in [-limit, limit) in units of 2^-10, that is from -64 to 64."""
SLOPE_BITS = RATE_BITS - 2
"""A hidden unit's slope is its rate * gradient / 2^29: the step of its weights if it had the weight 1."""
DECAY_UNIT = 1 << RATE_BITS - WEIGHT_BITS
"""The decay of a network is a multiple of this: hidden weights are divided by 2^18, not by 2^31."""
MAX_HIDDEN = 64
MAX_FEATURES = 1 << 12
MAX_CELLS = 1 << 23
"""Rows times features, rows of a batch times steps, weights times steps or batches: what a verifier is
willing to work on."""
ROUNDING = "floor"


@dataclass(frozen=True)
class Recipe:
    model: str
    steps: int
    batches: int
    """The rows, in their committed order, are cut into this many batches; one is used in each step."""
    rate: int
    """A step subtracts floor((rate * gradient sum + decay * weight) / 2^31) from each weight."""
    decay: int
    """L2 regularisation; the intercept has none."""
    feature_bits: int = FEATURE_BITS
    weight_bits: int = WEIGHT_BITS
    activation_bits: int = ACTIVATION_BITS
    rate_bits: int = RATE_BITS
    rounding: str = ROUNDING
    table_sha256: str = ""

    @staticmethod
    def of(
        model: Model,
        rows: int,
        steps: int,
        rate: float,
        *,
        batches: int = 1,
        l2: float = 0.0,
        hidden: int = 0,
    ) -> Recipe:
        """The integers nearest to a mean-gradient descent with this learning rate and L2 strength.

        `hidden`: units of the hidden layer, 0 for regression.
        """
        inputs = HIDDEN_BITS if hidden else FEATURE_BITS
        scale = RATE_BITS + WEIGHT_BITS - inputs - OUTPUT_BITS[model]
        unit = DECAY_UNIT if hidden else 1
        per_batch = -(-rows // max(1, batches))
        return Recipe(
            model=model.value,
            steps=steps,
            batches=batches,
            rate=round(rate * 2**scale / max(1, per_batch)),
            decay=round(rate * l2 * 2**RATE_BITS / unit) * unit,
            table_sha256=TABLE_SHA256[model],
        )

    def batch_rows(self, rows: int) -> int:
        """The rows of one batch; the last batch may have fewer."""
        return -(-rows // self.batches)

    def check(self, rows: int, features: int, hidden: int = 0) -> None:
        """Raises InvalidInputError unless no integer of such a run can wrap in the field."""
        model = model_of(self.model)
        expected = (FEATURE_BITS, WEIGHT_BITS, ACTIVATION_BITS, RATE_BITS, ROUNDING, TABLE_SHA256[model])
        given = (
            self.feature_bits, self.weight_bits, self.activation_bits, self.rate_bits, self.rounding,
            self.table_sha256,
        )  # fmt: skip
        if given != expected:
            raise InvalidInputError("training.other_scales")
        counts = (rows, features, self.steps, self.batches)
        if min(counts) < 1 or features > MAX_FEATURES or not 0 <= hidden <= MAX_HIDDEN:
            raise InvalidInputError("training.too_large")
        cells = (rows * features, self.steps * self.batch_rows(rows) * max(1, hidden))
        weights = weight_count(features, hidden) * max(self.steps, self.batches)
        if max(*cells, weights) > MAX_CELLS:
            raise InvalidInputError("training.too_large")
        if (self.batches - 1) * self.batch_rows(rows) >= rows:
            raise InvalidInputError("training.empty_batch", batches=self.batches, rows=rows)
        fits = _network_fits(self, rows, features, hidden) if hidden else _fits(self, rows, features)
        if self.rate < 1 or self.decay < 0 or not fits:
            raise InvalidInputError("training.rate_out_of_range")


def _fits(recipe: Recipe, rows: int, features: int) -> bool:
    """Whether both sides of each equation differ by less than p, so that equal modulo p is equal.

    Activation: sum of feature * weight = remainder + 2^16 (cell + excess). Step: 2^31 (weight - next weight)
    + remainder = rate * gradient + decay * weight, for any weights in their range: the next weight is not
    otherwise bounded before this equation is known to hold.
    """
    inputs = (features * FEATURE_LIMIT + INTERCEPT) * WEIGHT_LIMIT
    cells = (1 << 16) * (FEATURE_LIMIT + EXCESS_LIMIT + 1)
    gradient = recipe.batch_rows(rows) * FEATURE_LIMIT * ERROR_LIMIT
    numerator = recipe.rate * gradient + recipe.decay * WEIGHT_LIMIT
    step = (1 << RATE_BITS) * (2 * WEIGHT_LIMIT + 1)
    return inputs + cells < P and numerator + step < P  # step > 2^63: the numerator has 63 bits


def _network_fits(recipe: Recipe, rows: int, features: int, hidden: int) -> bool:
    """The same for each equation of a network (network.py), the values in their ranges.

    Hidden sums; output sums; steps of output weights; slopes; steps of hidden weights.
    """
    batch = recipe.batch_rows(rows)
    moved = 2 * WEIGHT_LIMIT + 1
    sums = (features * FEATURE_LIMIT + INTERCEPT) * WEIGHT_LIMIT + (1 << 16) * (HIDDEN_LIMIT + 1)
    cells = (1 << WEIGHT_BITS) * (FEATURE_LIMIT + EXCESS_LIMIT + 1)
    outputs = (hidden * HIDDEN_LIMIT + (1 << HIDDEN_BITS)) * WEIGHT_LIMIT + cells
    gradient = recipe.rate * batch * HIDDEN_LIMIT * ERROR_LIMIT + recipe.decay * WEIGHT_LIMIT
    slope = recipe.rate * batch * FEATURE_LIMIT * ERROR_LIMIT
    step = WEIGHT_LIMIT * WEIGHT_LIMIT + recipe.decay // DECAY_UNIT * WEIGHT_LIMIT
    return (
        recipe.decay % DECAY_UNIT == 0
        and max(
            sums,
            outputs,
            gradient + (1 << RATE_BITS) * moved,
            slope + (1 << SLOPE_BITS) * moved,
            step + (1 << WEIGHT_BITS) * moved,
        )
        < P
    )


def weight_count(features: int, hidden: int = 0) -> int:
    """Weights of a model: one per feature and the intercept, for each hidden unit and for the output."""
    return hidden * (features + 1) + hidden + 1 if hidden else features + 1


def schedule(recipe: Recipe, identities: Sequence[str], nonce: str, first_step: int) -> list[int]:
    """The batch of each step: every epoch a permutation drawn from the data sets and the verifier's nonce.

    Membership is fixed by the committed order of the rows; the prover chooses no seed.
    """
    seed = hashlib.sha256("|".join(["colophon/v1/training/schedule", *identities, nonce]).encode()).digest()
    order: list[int] = []
    epoch = -1
    steps = []
    for step in range(first_step, first_step + recipe.steps):
        if step // recipe.batches != epoch:
            epoch = step // recipe.batches
            order = _permutation(seed + epoch.to_bytes(8, "big"), recipe.batches)
        steps.append(order[step % recipe.batches])
    return steps


def _permutation(seed: bytes, count: int) -> list[int]:
    """Fisher and Yates; the bias of a 128-bit word modulo at most 2^23 is below 2^-100."""
    words = hashlib.shake_256(seed).digest(16 * count)
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = int.from_bytes(words[16 * i : 16 * i + 16], "big") % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order
