"""Instances: the draft's ten checks, one at a time, and the serialization that binds everything."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.group import ORDER, Group, default_group
from desktop_app.proofs.linear_relation import Equation, LinearRelation, RelationBuilder


def point(group: Group[Any], number: int) -> Any:
    return group.multiply(group.generator(), number)


def relation(group: Group[Any], elements: tuple[Any, ...], *equations: Equation) -> LinearRelation[Any]:
    return LinearRelation(group, (group.generator(), *elements), equations)


def equation(image: list[tuple[int, int]], terms: list[tuple[int, int, int]]) -> Equation:
    return Equation(tuple(image), tuple(terms))


def failed_check(instance: LinearRelation[Any]) -> int:
    with pytest.raises(InvalidInputError) as caught:
        instance.check()
    assert caught.value.code == "proofs.invalid_relation"
    return int(caught.value.params["check"])


def test_a_schnorr_relation_passes_every_check(group: Group[Any]) -> None:
    good = relation(group, (point(group, 5),), equation([(1, 1)], [(0, 0, 1)]))
    good.check()
    assert all(map(group.equal, good.map([5]), good.image()))


def test_the_ten_checks_of_the_draft_each_refuse(fast: Group[Any]) -> None:
    five, minus = point(fast, 5), fast.negate(point(fast, 5))
    schnorr = equation([(1, 1)], [(0, 0, 1)])
    assert failed_check(relation(fast, ())) == 1
    assert failed_check(relation(fast, (five,), equation([(1, 1)], []))) == 2
    assert failed_check(relation(fast, (five,), equation([], [(0, 1, 1)]))) == 2
    assert failed_check(relation(fast, (five,), equation([(1, 1)], [(0, 2**32, 1)]))) == 3
    assert failed_check(relation(fast, (five,), equation([(-1, 1)], [(0, 1, 1)]))) == 3
    assert failed_check(relation(fast, (five,), equation([(2, 1)], [(0, 1, 1)]))) == 4
    assert failed_check(relation(fast, (five, five), schnorr)) == 5
    assert failed_check(relation(fast, (five,), equation([(1, 1)], [(1, 0, 1)]))) == 6
    swapped = dataclasses.replace(relation(fast, (five,), schnorr), elements=(five, five))
    assert failed_check(swapped) == 7
    assert failed_check(relation(fast, (fast.identity(),), schnorr)) == 8
    assert failed_check(relation(fast, (five, minus), equation([(1, 1), (2, 1)], [(0, 0, 1)]))) == 9
    assert failed_check(relation(fast, (five,), equation([(1, 0)], [(0, 0, 1)]))) == 9
    assert failed_check(relation(fast, (five,), equation([(1, 1)], [(0, 0, 0)]))) == 10
    cancelling = equation([(1, 1)], [(0, 0, 1), (1, 1, 1), (1, 2, 1)])
    assert failed_check(relation(fast, (five, minus), cancelling)) == 10


def test_a_column_that_vanishes_in_one_equation_only_is_fine(fast: Group[Any]) -> None:
    five, minus = point(fast, 5), fast.negate(point(fast, 5))
    both = relation(
        fast,
        (five, minus),
        equation([(1, 1)], [(0, 0, 1), (1, 1, 1), (1, 2, 1)]),
        equation([(2, 1)], [(1, 0, 1)]),
    )
    both.check()


def test_every_part_of_an_instance_changes_its_bytes(fast: Group[Any]) -> None:
    five, six = point(fast, 5), point(fast, 6)
    variants = [
        relation(fast, (five, six), equation([(2, 1)], [(0, 0, 1), (1, 1, 1)])),
        relation(fast, (six, five), equation([(2, 1)], [(0, 0, 1), (1, 1, 1)])),
        relation(fast, (five, six), equation([(2, 2)], [(0, 0, 1), (1, 1, 1)])),
        relation(fast, (five, six), equation([(2, 1)], [(0, 0, 2), (1, 1, 1)])),
        relation(fast, (five, six), equation([(2, 1)], [(1, 0, 1), (0, 1, 1)])),
        relation(fast, (five, six), equation([(2, 1)], [(0, 1, 1), (1, 0, 1)])),
        relation(fast, (five, six), equation([(1, 1)], [(0, 0, 1), (1, 2, 1)])),
        relation(fast, (five, six), equation([(2, 1), (0, 1)], [(0, 0, 1), (1, 1, 1)])),
    ]
    assert len({variant.serialize() for variant in variants}) == len(variants)
    for variant in variants:
        again = LinearRelation.parse(fast, variant.serialize())
        assert again.equations == variant.equations
        assert again.serialize() == variant.serialize()


def test_truncated_or_prolonged_instances_are_refused(fast: Group[Any]) -> None:
    data = relation(fast, (point(fast, 5),), equation([(1, 1)], [(0, 0, 1)])).serialize()
    for bad in [*(data[:i] for i in range(len(data))), data + b"\0", data + data[-48:]]:
        with pytest.raises(InvalidInputError):
            LinearRelation.parse(fast, bad)


@given(st.binary(max_size=200))
def test_parsing_random_bytes_never_crashes(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        LinearRelation.parse(default_group(), data)


def test_a_witness_of_another_length_is_refused(fast: Group[Any]) -> None:
    instance = relation(fast, (point(fast, 5),), equation([(1, 1)], [(0, 0, 1)]))
    for witness in ([], [1, 2]):
        with pytest.raises(InvalidInputError):
            instance.map(witness)
        with pytest.raises(InvalidInputError):
            instance.simulate_commitment(witness, 1)


def test_the_builder_compiles_in_the_order_of_declaration(fast: Group[Any]) -> None:
    builder = RelationBuilder(fast)
    (x,), (h, y) = builder.scalars(1), builder.elements(point(fast, 3), point(fast, 15))
    builder.equation([y], [(x, h)])
    builder.equation([(y, -1)], [(x, h, -1)])
    built = builder.build()
    assert built.equations == (
        equation([(2, 1)], [(0, 1, 1)]),
        equation([(2, ORDER - 1)], [(0, 1, ORDER - 1)]),
    )
    assert all(map(fast.equal, built.map([5]), built.image()))
