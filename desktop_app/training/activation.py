"""The activation tables: one output for each of the 2^16 cells of the input, in integers only.

Cell c (-2^15 <= c < 2^15) stands for inputs from c / 2^10 up to (c + 1) / 2^10, that is from -32 to 32. The
sigmoid is taken in the middle of the cell; the identity (linear regression) gives the cell itself.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import InvalidInputError

ACTIVATION_BITS = 10
CELLS = 1 << 16
LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
"""The cells at the ends of the table; inputs beyond them count as in them."""

_PRECISION = 192


class Model(StrEnum):
    LINEAR = "linear"
    LOGISTIC = "logistic"


OUTPUT_BITS = {Model.LINEAR: ACTIVATION_BITS, Model.LOGISTIC: 16}
"""log2 of the scale of a prediction, and of a label when the two are subtracted."""

TABLE_SHA256 = {
    Model.LINEAR: "e89a4d33ff043b5c47454ad27093b7d5ad25cdf25f64dda986062a8dbe258f06",
    Model.LOGISTIC: "2bfa18021bd8c402e5d1facc8c6816032e24b22599da3edde160392ef9792fec",
}
"""SHA-256 over the outputs from the lowest cell upwards, 4 bytes big-endian each, two's complement."""


def model_of(name: str) -> Model:
    """The model of this name; raises InvalidInputError."""
    try:
        return Model(name)
    except ValueError as error:
        raise InvalidInputError("training.unknown_model") from error


@cache
def table(model: Model) -> NDArray[np.int64]:
    """The outputs, lowest cell first (do not write into it)."""
    if model is Model.LINEAR:
        values = np.arange(LOWEST, HIGHEST + 1, dtype=np.int64)
    else:
        upper = np.asarray(_upper_sigmoid(), dtype=np.int64)
        values = np.concatenate([(1 << OUTPUT_BITS[model]) - upper[::-1], upper])
    values.setflags(write=False)
    return values


def table_digest(values: NDArray[np.int64]) -> str:
    return hashlib.sha256(values.astype(">i4").tobytes()).hexdigest()


def _upper_sigmoid() -> list[int]:
    """round(2^16 / (1 + exp(-(2c + 1) / 2^11))) for c = 0, 1, ...; exp in 192-bit fixed point."""
    one, output = 1 << _PRECISION, 1 << OUTPUT_BITS[Model.LOGISTIC]
    half_step = _exponential_of_minus(1, 1 << ACTIVATION_BITS + 1)
    step = half_step * half_step >> _PRECISION
    values, decay = [], half_step
    for _ in range(HIGHEST + 1):
        values.append(((output << _PRECISION + 1) // (one + decay) + 1) >> 1)
        decay = decay * step >> _PRECISION
    return values


def _exponential_of_minus(numerator: int, denominator: int) -> int:
    term = result = 1 << _PRECISION
    count = 0
    while term:
        count += 1
        term = -(abs(term) * numerator // (denominator * count)) * (1 if term > 0 else -1)
        result += term
    return result
