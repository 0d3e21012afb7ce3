"""The verifier's first challenges: they fold matrices and place the look-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.training.extension import Element
from desktop_app.training.field import Array
from desktop_app.training.shape import Shape
from desktop_app.training.transcript import Transcript


@dataclass(frozen=True)
class Challenges:
    """Vectors have shape (degree, count)."""

    degree: int
    rows: Array
    """One for each row: folds the activations of a step."""
    weights: Array
    """One for each weight: folds the gradient of a step."""
    activation_steps: Array
    gradient_steps: Array
    """One for each step."""
    hidden: Array
    """One for each unit of a hidden layer, and for the output's intercept."""
    range_point: Element
    """Where the sums of the range look-ups are compared."""
    cell_point: Element
    cell_mix: Element
    """The same for activations, and what makes one element of a triple (cell, excess, output)."""

    @staticmethod
    def draw(transcript: Transcript, shape: Shape, degree: int) -> Challenges:
        folded = shape.folded
        none = np.zeros((degree, 0), dtype=np.uint64)
        return Challenges(
            degree,
            transcript.vector("rows", folded.rows, degree),
            transcript.vector("weights", folded.weights, degree),
            transcript.vector("activation steps", folded.steps, degree),
            transcript.vector("gradient steps", folded.steps, degree),
            transcript.vector("hidden units", folded.hidden, degree) if folded.hidden else none,
            transcript.element("range point", degree),
            transcript.element("cell point", degree),
            transcript.element("cell mix", degree),
        )
