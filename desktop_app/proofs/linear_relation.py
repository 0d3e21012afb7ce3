"""Linear relations over a group as data: what a sigma proof proves (draft-irtf-cfrg-sigma-protocols-03).

An equation says: sum of coefficient * element (its image) = sum of coefficient * secret scalar * element
(its terms). Element 0 is always the group's generator. Elements enter one by one, never summed beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.group import SCALAR_SIZE, Group, P, Sum, decode_scalar, encode_scalar

_LIMIT = 2**32

ImageTerm = tuple[int, int]
"""(element index, coefficient)"""
Term = tuple[int, int, int]
"""(scalar index, element index, coefficient)"""


@dataclass(frozen=True)
class Equation:
    image: tuple[ImageTerm, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class LinearRelation(Generic[P]):
    """An instance. Elements are points of `group`, `elements[0]` its generator."""

    group: Group[P]
    elements: tuple[P, ...]
    equations: tuple[Equation, ...]

    @property
    def num_scalars(self) -> int:
        return 1 + max((scalar for eq in self.equations for scalar, _, _ in eq.terms), default=-1)

    def map(self, scalars: Sequence[int]) -> list[P]:
        """The right-hand side of each equation for these scalars."""
        if len(scalars) != self.num_scalars:
            raise InvalidInputError("proofs.lengths_differ", left=len(scalars), right=self.num_scalars)
        return [
            self._sum((element, coeff * scalars[scalar]) for scalar, element, coeff in equation.terms)
            for equation in self.equations
        ]

    def image(self) -> list[P]:
        """The left-hand side of each equation."""
        return [self._sum(equation.image) for equation in self.equations]

    def simulate_commitment(self, scalars: Sequence[int], challenge: int) -> list[P]:
        """map(scalars) - challenge * image, as one multiplication per equation."""
        return self.group.msms(self.commitment_sums(scalars, challenge))

    def commitment_sums(self, scalars: Sequence[int], challenge: int) -> list[Sum[P]]:
        """The sums that `simulate_commitment` adds up."""
        if len(scalars) != self.num_scalars:
            raise InvalidInputError("proofs.lengths_differ", left=len(scalars), right=self.num_scalars)
        return [
            self._collect(self.commitment_terms(equation, scalars, challenge)) for equation in self.equations
        ]

    @staticmethod
    def commitment_terms(equation: Equation, scalars: Sequence[int], challenge: int) -> list[ImageTerm]:
        return [
            *((element, coeff * scalars[scalar]) for scalar, element, coeff in equation.terms),
            *((element, -coeff * challenge) for element, coeff in equation.image),
        ]

    def _sum(self, terms: Iterable[ImageTerm]) -> P:
        return self.group.msm(*self._collect(terms))

    def _collect(self, terms: Iterable[ImageTerm]) -> Sum[P]:
        weights: dict[int, int] = defaultdict(int)
        for element, weight in terms:
            weights[element] += weight
        order = self.group.order
        return [self.elements[i] for i in weights], [w % order for w in weights.values()]

    def serialize(self) -> bytes:
        """SerializeLinearRelation of the draft: counts and indices little-endian, generator left out."""
        out, order = [_count(len(self.equations))], self.group.order
        for equation in self.equations:
            out.append(_count(len(equation.image)))
            out += [_count(element) + encode_scalar(coeff, order) for element, coeff in equation.image]
            out.append(_count(len(equation.terms)))
            out += [_count(s) + _count(e) + encode_scalar(coeff, order) for s, e, coeff in equation.terms]
        return b"".join(out) + b"".join(self.group.encode(element) for element in self.elements[1:])

    def check(self) -> None:
        """ValidateInstance of the draft; raises InvalidInputError with the number of the failed check."""
        self._require(len(self.equations) > 0, 1)
        self._require(all(eq.terms and eq.image for eq in self.equations), 2)
        indices = [i for eq in self.equations for s, e, _ in eq.terms for i in (s, e)]
        indices += [e for eq in self.equations for e, _ in eq.image]
        counts = [n for eq in self.equations for n in (len(eq.terms), len(eq.image))]
        self._require(all(0 <= n < _LIMIT for n in (*indices, *counts, len(self.equations))), 3)
        used = {e for eq in self.equations for e, _ in eq.image}
        used |= {e for eq in self.equations for _, e, _ in eq.terms}
        self._require(max(used) < len(self.elements), 4)
        self._require(used >= set(range(1, len(self.elements))), 5)
        scalars = {s for eq in self.equations for s, _, _ in eq.terms}
        self._require(len(scalars) == self.num_scalars, 6)
        self._require(self.group.equal(self.elements[0], self.group.generator()), 7)
        self._require(not any(self.group.is_identity(element) for element in self.elements), 8)
        self._require(not any(self._is_zero(eq.image) for eq in self.equations), 9)
        columns: dict[int, list[list[ImageTerm]]] = defaultdict(list)
        for equation in self.equations:
            row: dict[int, list[ImageTerm]] = defaultdict(list)
            for scalar, element, coeff in equation.terms:
                row[scalar].append((element, coeff))
            for scalar, terms in row.items():
                columns[scalar].append(terms)
        self._require(all(not all(map(self._is_zero, rows)) for rows in columns.values()), 10)

    def _is_zero(self, terms: Sequence[ImageTerm]) -> bool:
        if len(terms) == 1:  # no element is the identity, so no multiplication is needed
            return terms[0][1] % self.group.order == 0
        return self.group.is_identity(self._sum(terms))

    @staticmethod
    def _require(condition: bool, number: int) -> None:
        if not condition:
            raise InvalidInputError("proofs.invalid_relation", check=number)

    @classmethod
    def parse(cls, group: Group[P], data: bytes) -> LinearRelation[P]:
        """The inverse of `serialize`; raises InvalidInputError."""
        reader = _Reader(data, group.order)
        equations = []
        for _ in range(reader.count()):
            image = tuple((reader.count(), reader.scalar()) for _ in range(reader.count()))
            terms = tuple((reader.count(), reader.count(), reader.scalar()) for _ in range(reader.count()))
            equations.append(Equation(image, terms))
        elements = [group.decode(chunk) for chunk in reader.rest(group.point_size)]
        relation = cls(group, (group.generator(), *elements), tuple(equations))
        relation.check()
        return relation


@dataclass
class RelationBuilder(Generic[P]):
    """Compiles a relation in declaration order: elements and scalars get their indices as they come."""

    group: Group[P]
    _elements: list[P] = field(default_factory=list)
    _equations: list[Equation] = field(default_factory=list)
    _scalars: int = 0

    def elements(self, *points: P) -> list[int]:
        start = len(self._elements) + 1
        self._elements += points
        return list(range(start, start + len(points)))

    def scalars(self, count: int) -> list[int]:
        self._scalars += count
        return list(range(self._scalars - count, self._scalars))

    def equation(self, image: Sequence[ImageTerm | int], terms: Sequence[Term | tuple[int, int]]) -> None:
        """`image`: element indices or (element, coefficient); `terms`: (scalar, element[, coefficient])."""
        order = self.group.order
        self._equations.append(
            Equation(
                tuple(
                    (entry, 1) if isinstance(entry, int) else (entry[0], entry[1] % order) for entry in image
                ),
                tuple((term[0], term[1], term[2] % order if len(term) == 3 else 1) for term in terms),
            )
        )

    def build(self) -> LinearRelation[P]:
        """Raises InvalidInputError where the draft's instance checks fail."""
        relation = LinearRelation(
            self.group, (self.group.generator(), *self._elements), tuple(self._equations)
        )
        relation.check()
        return relation


class _Reader:
    def __init__(self, data: bytes, order: int) -> None:
        self._data = data
        self._order = order
        self._at = 0

    def _take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise InvalidInputError("proofs.encoding")
        self._at += size
        return piece

    def count(self) -> int:
        return int.from_bytes(self._take(4), "little")

    def scalar(self) -> int:
        return decode_scalar(self._take(SCALAR_SIZE), self._order)

    def rest(self, size: int) -> list[bytes]:
        left = len(self._data) - self._at
        if left % size:
            raise InvalidInputError("proofs.encoding")
        return [self._take(size) for _ in range(left // size)]


def _count(number: int) -> bytes:
    return number.to_bytes(4, "little")
