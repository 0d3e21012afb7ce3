"""What a maker says about training AI with a work: CAWG training-mining, and PLUS data mining (IPTC)."""

from __future__ import annotations

from enum import StrEnum

from desktop_app.core.errors import InvalidInputError

_VOCABULARY = "http://ns.useplus.org/ldf/vocab/DMI-"


class Training(StrEnum):
    """In the words of the CAWG assertion."""

    FORBIDDEN = "notAllowed"
    LICENSED = "constrained"
    ALLOWED = "allowed"


_TERMS = {
    Training.FORBIDDEN: "PROHIBITED-AIMLTRAINING",
    Training.LICENSED: "PROHIBITED-SEECONSTRAINT",
    Training.ALLOWED: "ALLOWED",
}


def plus_term(rule: Training) -> str:
    """The rule's address in the PLUS vocabulary, as IPTC Photo Metadata 2023.1 uses it."""
    return _VOCABULARY + _TERMS[rule]


def from_plus_term(address: str) -> Training | None:
    """None for any other address."""
    return next((rule for rule in Training if plus_term(rule) == address), None)


def training_from(text: str) -> Training | None:
    """From "forbidden", "licensed" or "allowed"; None from "".

    Raises InvalidInputError("content.training").
    """
    name = text.strip().upper()
    if name and name not in Training.__members__:
        raise InvalidInputError("content.training", given=text[:40])
    return Training[name] if name else None


def training_text(rule: Training | None) -> str:
    """The word that `training_from` reads."""
    return rule.name.lower() if rule else ""
