"""What all kinds of statements have in common: public, canonical, bound before the first challenge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training.dataset import DataHeader, is_digest
from desktop_app.training.model import is_model_for
from desktop_app.training.recipe import WEIGHT_LIMIT
from desktop_app.training.shape import Shape
from desktop_app.training.soundness import SoundnessError, extension_degree, query_bound, soundness_error

VERSION = 1
MAX_OWNERS = 64
MAX_SATURATION = 1 << 20
MAX_NAME = 256
_JOINERS = "\u200c\u200d"
"""Signs of no width inside words of Persian and Indic languages."""


@dataclass(frozen=True)
class Claim(ABC):
    """Base of the statements; each is a frozen dataclass, read and written as canonical JSON."""

    kind: str
    version: int
    security: int
    """100 or 128 bits."""

    @property
    @abstractmethod
    def committed(self) -> tuple[DataHeader, ...]:
        """The commitments that the claim is about, each a tree of its own, made before."""

    @abstractmethod
    def shape(self) -> Shape:
        """The sizes of the witness."""

    @abstractmethod
    def check(self) -> None:
        """Raises InvalidInputError unless every part is well formed and all fit together."""

    def encode(self) -> bytes:
        """The canonical bytes that the transcript absorbs."""
        return canonical_json.write(self.to_json())

    def to_json(self) -> dict[str, Json]:
        return canonical_json.write_dataclass(self)

    @property
    def degree_bound(self) -> int:
        return self.committed[0].degree_bound

    @property
    def queries(self) -> int:
        return query_bound(self.degree_bound, self.security)

    def soundness(self) -> SoundnessError:
        """The exact probability, per attempt, that a false statement passes."""
        shape = self.shape()
        return soundness_error(
            self.degree_bound,
            self.security,
            sum(shape.ranged.values()),
            shape.activations,
            shape.saturation,
            shape.fold_degree,
        )

    def check_commitments(self, kind: str, model: DataHeader | None = None) -> None:
        """The part of `check` that all kinds share; comes first. `model`: the one that is no data set."""
        if self.kind != kind or self.version != VERSION:
            raise InvalidInputError("training.unknown_version")
        extension_degree(self.security)
        data = [header for header in self.committed if header is not model]
        if len(data) > MAX_OWNERS or not self.committed:
            raise InvalidInputError("training.wrong_shape")
        for header in self.committed:
            header.check()
            if header.capacity < self.queries:
                raise InvalidInputError("training.wrong_code")
        if len({_form(header) for header in data}) > 1:
            raise InvalidInputError("training.data_sets_differ")
        if model is not None and data and not is_model_for(model, data[0]):
            raise InvalidInputError("training.wrong_shape")
        if len({header.root for header in self.committed}) != len(self.committed):
            raise InvalidInputError("training.data_set_twice")

    def check_size(self) -> None:
        """Whether the error is what the security promises; comes last."""
        if self.soundness().total > Fraction(1, 1 << self.security):
            raise InvalidInputError("training.too_large_for_security", bits=self.security)


def _form(header: DataHeader) -> tuple[int, str, str, int]:
    """What data sets of one claim have in common."""
    return header.features, header.model, header.schema_sha256, header.degree_bound


def check_weights(weights: tuple[int, ...], count: int) -> None:
    """Raises InvalidInputError unless there are so many weights, all in range."""
    if len(weights) != count:
        raise InvalidInputError("training.wrong_shape")
    if not all(-WEIGHT_LIMIT <= weight < WEIGHT_LIMIT for weight in weights):
        raise InvalidInputError("training.weight_out_of_range")


def check_saturation(room: int) -> None:
    if not 1 <= room <= MAX_SATURATION:
        raise InvalidInputError("training.too_large")


def check_context(names: tuple[str, ...], nonce: str) -> None:
    """A few names of a sane length, and a nonce of 32 bytes."""
    if not is_digest(nonce):
        raise InvalidInputError("training.wrong_digest")
    if len(names) > MAX_OWNERS + 4 or any(len(name) > MAX_NAME for name in names):
        raise InvalidInputError("training.too_large")
    if not all(sign.isprintable() or sign in _JOINERS for name in names for sign in name):
        raise InvalidInputError("training.unprintable_name")
