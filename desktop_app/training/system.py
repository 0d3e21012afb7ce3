"""What prover and verifier derive alike from a statement: layouts, constraints, the order of messages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.training import extension, field, reed_solomon
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import Claim
from desktop_app.training.dataset import data_layout
from desktop_app.training.field import Array
from desktop_app.training.layout import Block, Layout
from desktop_app.training.linear_constraints import Context, committed_block
from desktop_app.training.linear_form import LinearForm
from desktop_app.training.quadratic_constraints import Quadratic
from desktop_app.training.reed_solomon import BLOW_UP
from desktop_app.training.relation import Relation, relation_of
from desktop_app.training.shape import Shape
from desktop_app.training.soundness import extension_degree
from desktop_app.training.transcript import Transcript

MASK_PIECES = 3
"""A mask of degree < 2K is three rows m0 + x^(K/2) m1 + x^K m2: so it, too, is proved to be a codeword, and
what the opened columns show of the pieces is random even to who knows the mask."""


@dataclass(frozen=True)
class Combination:
    """The verifier's second challenges."""

    closeness: Array
    """(degree, rows): the weight of each row but the first mask, all trees one after another."""
    form: LinearForm
    constraints: list[Quadratic]
    quadratic: dict[str, Array]
    """For each constraint (degree, rows)."""


@dataclass(frozen=True)
class System:
    statement: Claim
    relation: Relation
    degree: int
    trees: tuple[Layout, ...]
    """The data trees, what is committed first, what is committed second (its masks come after its blocks)."""

    @staticmethod
    def of(statement: Claim) -> System:
        relation, degree = relation_of(statement), extension_degree(statement.security)
        slots = statement.degree_bound - statement.queries
        data = []
        for owner, header in enumerate(statement.committed):
            block = data_layout(header).blocks[0]
            data.append(Layout((Block(committed_block(owner), block.size, 1),), header.slots))
        first, second = relation.shape.first_blocks(), relation.shape.second_blocks(degree)
        return System(statement, relation, degree, (*data, Layout(first, slots), Layout(second, slots)))

    @property
    def shape(self) -> Shape:
        return self.relation.shape

    @property
    def degree_bound(self) -> int:
        return self.statement.degree_bound

    @property
    def columns(self) -> int:
        return self.degree_bound * BLOW_UP

    @property
    def slots(self) -> int:
        """Values in a row of the trees of this proof."""
        return self.degree_bound - self.statement.queries

    @property
    def mask_rows(self) -> int:
        return (1 + 2 * MASK_PIECES) * self.degree

    @property
    def heights(self) -> list[int]:
        """Rows of each tree."""
        return [*(tree.row_count for tree in self.trees[:-1]), self.trees[-1].row_count + self.mask_rows]

    def places(self) -> dict[str, slice]:
        """The rows of each block when all trees lie one after another."""
        found, start = {}, 0
        for tree, height in zip(self.trees, self.heights, strict=True):
            for name, place in tree.places().items():
                found[name] = slice(start + place.start, start + place.stop)
            start += height
        return found

    def transcript(self) -> Transcript:
        """A transcript that has absorbed the statement, the roots of the data with it."""
        transcript = Transcript()
        transcript.absorb("statement", self.statement.encode())
        return transcript

    def combine(self, transcript: Transcript, challenges: Challenges) -> Combination:
        """Draw the second challenges and build the combined constraints from them."""
        rows = sum(self.heights) - self.degree
        closeness = transcript.vector("closeness", rows, self.degree)
        form = LinearForm(self.trees, self.degree)
        context = Context(self.statement, self.shape, challenges, form, self.trees, transcript)
        for add_constraint in self.relation.linear.values():
            add_constraint(context)
        constraints = self.relation.quadratic(self.shape, challenges)
        weights = {
            item.name: transcript.vector(item.name, -(-item.size // self.slots), self.degree)
            for item in constraints
        }
        return Combination(closeness, form, constraints, weights)

    def as_elements(self, name: str, rows: Array) -> Array:
        """The values of a block's rows (parts * height, points) as elements (degree, height, points)."""
        height = self._heights_of_blocks()[name]
        parts = rows.reshape(-1, height, rows.shape[1])
        if len(parts) == 1:
            return extension.embed(parts[0], self.degree)
        return np.asarray(parts)

    def head_slots(self, count: int) -> Array:
        """The rows that are 1 in the first `count` cells, as values on H, shape (height, K)."""
        height = -(-count // self.slots)
        cells = np.zeros(height * self.slots, dtype=np.uint64)
        cells[:count] = 1
        rows = np.zeros((height, self.degree_bound), dtype=np.uint64)
        rows[:, : self.slots] = cells.reshape(height, self.slots)
        return rows

    def vanishing(self, points: Array) -> Array:
        """At each point the product of (x - h) over the places h of the values in H."""
        return field.mul(self._at_subgroup(points), self._random_places(points))

    def _at_subgroup(self, points: Array) -> Array:
        power = points
        for _ in range(self.degree_bound.bit_length() - 1):
            power = field.mul(power, power)
        return field.sub(power, np.uint64(1))

    def _random_places(self, points: Array) -> Array:
        result = np.ones_like(points)
        for place in reed_solomon.subgroup(self.degree_bound)[self.slots :]:
            result = field.mul(result, field.sub(points, place))
        inverted: Array = extension.inverse(result[None])[0]
        return inverted

    def _heights_of_blocks(self) -> dict[str, int]:
        return {block.name: tree.height(block) for tree in self.trees for block in tree.blocks}


def lagrange(points: Array, degree_bound: int, slots: int) -> Array:
    """Values on the first places of H to values at the points, as a matrix (slots, points).

    L_h(x) = h (x^K - 1) / (K (x - h)) for h in H and x outside.
    """
    places = reed_solomon.subgroup(degree_bound)[:slots]
    power = points
    for _ in range(degree_bound.bit_length() - 1):
        power = field.mul(power, power)
    scale = field.mul(field.sub(power, np.uint64(1)), np.uint64(pow(degree_bound, -1, field.P)))
    differences = field.sub(points[None, :], places[:, None])
    inverses = extension.inverse(differences.reshape(1, -1)).reshape(differences.shape)
    return field.mul(field.mul(inverses, places[:, None]), scale[None, :])


def vandermonde(points: Array, count: int) -> Array:
    """Coefficients to values at the points, as a matrix (count, points)."""
    result = np.ones((1, len(points)), dtype=np.uint64)
    power = points
    while len(result) < count:
        result = np.concatenate([result, field.mul(result, power[None, :])])
        power = field.mul(power, power)
    return result[:count]
