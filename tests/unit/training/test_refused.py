"""What must be refused, item by item (training.md). `test_mutants` shows that each constraint is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from unit.training import attacks

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.training import extension, field, masks, matrix, proof_format, reed_solomon, verifier
from desktop_app.training import proof as proof_module
from desktop_app.training.challenges import Challenges
from desktop_app.training.columns import ColumnTree, opened_root
from desktop_app.training.field import P
from desktop_app.training.system import Combination, System, lagrange, vandermonde
from desktop_app.training.verifier import Expected, verify

Patch = pytest.MonkeyPatch


def refused(run: Any, proof: bytes, code: str = r"training\.") -> None:
    with pytest.raises((RefusedError, InvalidInputError), match=code):
        verify(run.statement, proof)


def changed(run: Any, /, **changes: Any) -> Any:
    return replace(run, statement=replace(run.statement, **changes))


def test_wrong_weights(run: Any, finished: bytes) -> None:
    final = run.statement.final
    for wrong in ((final[0] + 1, *final[1:]), final[::-1], (0,) * len(final)):
        refused(changed(run, final=wrong), finished)
    other = changed(run, final=(final[0] + 1, *final[1:]))
    refused(other, other.prove_values(run.values()), "linear_test")
    other = changed(run, initial=(1, *run.statement.initial[1:]))
    refused(other, other.prove_values(run.values()), "linear_test")


@pytest.mark.parametrize(
    "attack",
    [
        attacks.a_swapped_row,
        attacks.a_wrong_activation,
        attacks.a_remainder_out_of_range,
        attacks.a_label_of_two,
        attacks.padding_that_is_not_zero,
    ],
)
def test_a_swapped_row_a_wrong_activation_a_remainder_a_label_or_padding_out_of_range(
    attack: Callable[[Any], attacks.Attack],
) -> None:
    """Sent, refused, and let through by its mutant in `test_mutants`."""
    assert attack in attacks.ATTACKS.values()


def test_another_data_root(run: Any, finished: bytes, new_data: Any) -> None:
    other = new_data(seed=9)
    refused(changed(run, data=(other.header,)), finished)
    swapped = changed(run, data=(replace(run.statement.data[0], root=other.header.root),))
    refused(swapped, swapped.prove_values(run.values()), "wrong_column")


@pytest.mark.parametrize("change", ["rate", "decay", "steps", "model"])
def test_another_learning_rate_step_count_or_model(change: str, run: Any, finished: bytes) -> None:
    recipe = run.statement.recipe
    value = "linear" if change == "model" else getattr(recipe, change) + 1
    other = changed(run, recipe=replace(recipe, **{change: value}))
    refused(other, finished)
    if change in ("rate", "decay"):
        refused(other, other.prove_values(run.values()), "linear_test")


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("hidden", [0, 2], ids=["regression", "network"])
@pytest.mark.parametrize(
    "order", [[1, 2, 3, 3], [0, 1, 1, 2], [1, 0, 2, 3]], ids=["dropped", "repeated", "reordered"]
)
def test_a_dropped_repeated_or_reordered_step(order: list[int], hidden: int, new_run: Any) -> None:
    run = new_run(steps=4, hidden=hidden)
    trace = run.trace
    moved = {name: getattr(trace, name)[order] for name in vars(trace) if name != "weights"}
    weights = np.concatenate([trace.weights[:-1][order], trace.weights[-1:]])
    other = replace(run, trace=replace(trace, weights=weights, **moved))
    refused(other, other.prove_values(other.values()), "linear_test")


@pytest.mark.usefixtures("column_oracle")
def test_batches_in_another_order(new_run: Any, monkeypatch: Patch) -> None:
    run = new_run(steps=4, batches=4)
    turned = [*run.statement.batches()[1:], run.statement.batches()[0]]
    with monkeypatch.context() as patched:
        patched.setattr(type(run.statement), "batches", lambda _: turned)
        patched.setattr(proof_module, "schedule", lambda *_: turned)
        other = new_run(steps=4, batches=4)
        proof = other.prove()
        verify(other.statement, proof)
    refused(other, proof)


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("block", ["narrow_count", "cell_count", "saturated_count"])
def test_forged_multiplicities(block: str, run: Any) -> None:
    values = run.values()
    values[block][0, 40000 if block != "saturated_count" else 7] += np.uint64(1)
    refused(run, run.prove_values(values), "linear_test")


def test_a_pole_at_the_look_up_challenge(run: Any, finished: bytes, monkeypatch: Patch) -> None:
    draw = Challenges.draw

    def unlucky(*arguments: Any) -> Challenges:
        drawn = draw(*arguments)
        return replace(drawn, range_point=extension.constant(40, drawn.degree))

    monkeypatch.setattr(Challenges, "draw", staticmethod(unlucky))
    refused(run, finished, "pole")
    with pytest.raises(ZeroDivisionError):
        run.prove()


@pytest.mark.usefixtures("column_oracle")
def test_a_hidden_value_that_wraps(network: Any) -> None:
    """A unit off by p: its sum and its value are met modulo p, but no magnitude is that large."""
    values, shape = network.values(), network.system.shape
    values["sign"][0, 0], values["value"][0, 0] = 1, P - 5
    values["magnitude"][0, 0] = P - 5
    assert shape.ranged["magnitude"] == len(values["magnitude"][0])
    refused(network, network.prove_values(values), "linear_test")


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("change", ["rate", "decay"])
def test_another_learning_rate_of_a_network(change: str, network: Any) -> None:
    recipe = network.statement.recipe
    other = changed(network, recipe=replace(recipe, **{change: getattr(recipe, change) + (1 << 13)}))
    refused(other, other.prove_values(network.values()), "linear_test")


@pytest.mark.usefixtures("column_oracle")
def test_a_witness_that_wraps(run: Any) -> None:
    """The feature 2^63 + 5 makes every equation hold modulo p, but not in the integers."""
    features = run.data[0].data.features.copy()
    features[3, 1] = 2**62 + 5
    forged = attacks.unchecked(run.data[0].data.schema, features, run.data[0].data.labels)
    other = replace(run, data=[forged], statement=replace(run.statement, data=(forged.header,)))
    values = run.values()
    place = other.system.shape.sections["features"].start + 1 * 14 + 3
    values["narrow_count"][0, int(values["narrow"][0, place])] -= np.uint64(1)
    values["narrow"][0, place] = (int(features[3, 1]) + 2**15) % P
    refused(other, other.prove_values(values), "linear_test")


class ExtraWord:
    """A prover whose row `row` of the tree with `rows` rows has a further word on top of its codeword."""

    def __init__(self, monkeypatch: Patch, tree: str, row: int, word: field.Array) -> None:
        honest_tree, honest_open = proof_module._committed, proof_module._open

        def committed(rows: field.Array, system: System, seed: bytes, task: Any) -> Any:
            made = honest_tree(rows, system, seed, task)
            if not seed.endswith(tree.encode()):
                return made
            code = reed_solomon.encode(reed_solomon.inverse_transform(rows))
            code[row] = field.add(code[row], word)
            columns = ColumnTree(system.columns, seed)
            columns.add_rows(code)
            return replace(made, columns=columns)

        def opened(system: System, trees: Any, positions: list[int]) -> Any:
            found = honest_open(system, trees, positions)
            columns = found[-2 if tree == "first" else -1].columns
            columns[row] = field.add(columns[row], word[positions])
            return found

        monkeypatch.setattr(proof_module, "_committed", committed)
        monkeypatch.setattr(proof_module, "_open", opened)


def power_of_points(system: System, exponent: int) -> field.Array:
    return vandermonde(reed_solomon.points(system.columns), exponent + 1)[-1]


def test_a_row_of_high_degree(run: Any, monkeypatch: Patch) -> None:
    ExtraWord(monkeypatch, "first", 3, power_of_points(run.system, run.system.degree_bound))
    refused(run, run.prove(), "not_a_codeword")


@pytest.mark.parametrize("row", [-14, -12, -1], ids=["closeness", "linear", "quadratic"])
def test_a_mask_that_is_no_codeword(row: int, run: Any, monkeypatch: Patch) -> None:
    ExtraWord(monkeypatch, "second", row, power_of_points(run.system, run.system.degree_bound + 1))
    refused(run, run.prove(), "not_a_codeword")


def test_a_word_that_is_wrong_in_half_of_its_columns(run: Any, monkeypatch: Patch) -> None:
    """The furthest that a word can be from the code and still belong to one codeword only."""
    word = np.zeros(run.system.columns, dtype=np.uint64)
    word[::2] = 1
    ExtraWord(monkeypatch, "first", 3, word)
    refused(run, run.prove(), "not_a_codeword")


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("test", ["linear", "quotient"])
def test_a_mask_that_does_not_cancel(test: str, run: Any, monkeypatch: Patch) -> None:
    """A constant is added to the mask itself: it is a codeword, but does not vanish where it must."""
    pieces = masks._pieces
    calls: list[int] = []

    def shifted(mask: field.Array, middle: field.Array) -> list[field.Array]:
        calls.append(1)
        found = pieces(mask, middle)
        if len(calls) == (1 if test == "linear" else 2):
            found[0][0, 0] = field.add(found[0][0, 0], np.uint64(5))
        return found

    monkeypatch.setattr(masks, "_pieces", shifted)
    refused(run, run.prove(), "linear_test" if test == "linear" else "quadratic_test")


def coset(system: System) -> list[int]:
    """The K columns on which x^K is the same: a polynomial of degree K can vanish on all of them."""
    return list(range(3 * system.degree_bound, 4 * system.degree_bound))


def columns_at(trees: Any, system: System, positions: list[int]) -> list[field.Array]:
    bound = system.degree_bound
    at_positions = lagrange(reed_solomon.points(system.columns)[positions], bound, bound)
    return [matrix.product(tree.rows, at_positions) for tree in trees]


@pytest.mark.usefixtures("column_oracle")
def test_a_linear_test_patched_for_an_eighth_of_the_columns(run: Any, monkeypatch: Patch) -> None:
    """The adaptive prover knows the combination, and mends its polynomial by one that vanishes on a coset."""
    attack = attacks.a_wrong_weight(run)
    honest, prepared = proof_module.run_tests, []

    def patched(
        system: System, combination: Combination, trees: Any, drawn: Any, _: Any
    ) -> proof_format.Tests:
        found = honest(system, combination, trees, drawn)
        bound = system.degree_bound
        here = coset(system)
        constant = pow(int(reed_solomon.points(system.columns)[here[0]]), bound, P)
        is_now = masks.sum_over_subgroup(found.linear, bound)
        missing = extension.add_elements(combination.form.target, extension.scale_element(is_now, -1))
        factor = extension.scale_element(missing, pow(bound * (1 - constant), -1, P))
        linear = found.linear.copy()
        for part, value in enumerate(factor):
            linear[part, bound] = (int(linear[part, bound]) + value) % P
            linear[part, 0] = (int(linear[part, 0]) - value * constant) % P
        mended = proof_format.Tests(found.closeness, linear, found.quotient)
        # On the columns that it was made for, nothing is wrong.
        points = reed_solomon.points(system.columns)[here[:200]]
        verifier.check_tests(system, combination, mended, columns_at(trees, system, here[:200]), points)
        prepared.append(mended)
        return mended

    monkeypatch.setattr(proof_module, "run_tests", patched)
    proof = attacks.send(monkeypatch, attack)
    assert prepared
    refused(attack.run, proof, "linear_test")


@pytest.mark.usefixtures("column_oracle")
def test_a_quotient_interpolated_through_an_eighth_of_the_columns(run: Any, monkeypatch: Patch) -> None:
    """The adaptive prover chooses the quotient that agrees with its false products on a whole coset."""
    attack = attacks.a_wrong_activation_hidden_in_a_product(run)
    honest, prepared = proof_module.run_tests, []

    def patched(
        system: System, combination: Combination, trees: Any, drawn: Any, _: Any
    ) -> proof_format.Tests:
        found = honest(system, combination, trees, drawn)
        bound, here = system.degree_bound, coset(system)
        points = reed_solomon.points(system.columns)[here]
        columns = columns_at(trees, system, here)
        everything = np.concatenate(columns)
        pieces = everything[len(everything) - system.mask_rows + system.degree :]
        pieces = pieces.reshape(2, 3, system.degree, -1)
        products = verifier._quadratic(system, combination, everything, points)
        products = field.add(products, masks.joined(pieces[1], points, bound))
        values = field.mul(products, extension.inverse(system.vanishing(points)[None])[0])
        unshift = field.powers(pow(int(points[0]), -1, P), bound)
        quotient = np.zeros_like(found.quotient)
        quotient[:, :bound] = field.mul(reed_solomon.inverse_transform(values), unshift)
        mended = proof_format.Tests(found.closeness, found.linear, quotient)
        few = [column[:, :200] for column in columns]
        verifier.check_tests(system, combination, mended, few, points[:200])
        prepared.append(mended)
        return mended

    monkeypatch.setattr(proof_module, "run_tests", patched)
    proof = attacks.send(monkeypatch, attack)
    assert prepared
    refused(attack.run, proof, "quadratic_test")


def test_repeated_query_indices(run: Any, finished: bytes, monkeypatch: Patch) -> None:
    from desktop_app.training.transcript import Transcript

    positions = Transcript.positions

    def repeated(self: Transcript, label: str, count: int, size: int) -> list[int]:
        return sorted([*positions(self, label, count, size)[1:], positions(self, label, count, size)[1]])

    system = run.system
    place = [5, 5]
    columns = np.zeros((2, 2), dtype=np.uint64)
    assert opened_root(place, system.columns, columns, [b"", b""], []) is None
    monkeypatch.setattr(Transcript, "positions", repeated)
    refused(run, finished)


def test_values_of_p_or_more(run: Any, finished: bytes) -> None:
    for start in (64, 64 + 8 * 2000):
        raised = int.from_bytes(finished[start : start + 8], "little") + P
        if raised < 2**64:
            again = finished[:start] + raised.to_bytes(8, "little") + finished[start + 8 :]
            refused(run, again, "not_canonical")
        again = finished[:start] + P.to_bytes(8, "little") + finished[start + 8 :]
        refused(run, again, "not_canonical")


@pytest.mark.parametrize("length", [0, 1, 31, 64, 1000])
def test_proofs_cut_short(length: int, run: Any, finished: bytes) -> None:
    refused(run, finished[:length], "proof_length")
    refused(run, finished[: len(finished) - 1 - length])


def test_proofs_extended(run: Any, finished: bytes) -> None:
    for more in (b"\0", finished[-32:], finished):
        refused(run, finished + more, "proof_length")


def test_any_byte_flipped(run: Any, finished: bytes) -> None:
    """Every message (roots, tests, columns, salts, nodes) is bound; places over the whole length."""
    places = {0, 31, 32, 63, 64, len(finished) - 1, *range(65, len(finished), len(finished) // 24)}
    for place in sorted(places):
        flipped = bytearray(finished)
        flipped[place] ^= 1 << place % 8
        refused(run, bytes(flipped))


def test_every_part_of_the_statement_is_bound(run: Any, finished: bytes) -> None:
    header = run.statement.data[0]
    for changes in (
        {"nonce": "00" * 32},
        {"licence": "licence 2"},
        {"run": "run 2"},
        {"parties": ("somebody else",)},
        {"model": (replace(header, rows=1),)},
        {"first_step": 1},
        {"security": 128},
        {"saturation": 512},
        {"data": (replace(header, schema_sha256="00" * 32),)},
        {"data": (replace(header, predecessor="00" * 32),)},
        {"data": (replace(header, rows=15),)},
        {"data": (replace(header, slots=header.slots + 1),)},
        {"data": (header, replace(header, root="00" * 32))},
    ):
        refused(changed(run, **changes), finished)


def test_replay_under_another_verifier_licence_or_run(run: Any, finished: bytes) -> None:
    for expected, code in (
        (Expected(nonce="00" * 32), "other_verifier"),
        (Expected(licence="licence 2"), "other_licence"),
        (Expected(run="run 2"), "other_run"),
        (Expected(data=["00" * 32]), "other_data"),
    ):
        with pytest.raises(RefusedError, match=code):
            verify(run.statement, finished, expected)


def test_splicing_of_two_proofs(run: Any, finished: bytes) -> None:
    other = run.prove()
    verify(run.statement, other)
    length = min(len(other), len(finished))
    for place in (32, 64, 64 + 8 * 100, length // 2, length - 32):
        refused(run, finished[:place] + other[place:])


def test_sizes_that_would_exhaust_the_verifier(run: Any) -> None:
    recipe = run.statement.recipe
    for changes in ({"steps": 1 << 22}, {"steps": 1 << 40}, {"batches": 1 << 30}):
        with pytest.raises(InvalidInputError):
            verify(replace(run.statement, recipe=replace(recipe, **changes)), b"")
    header = run.statement.data[0]
    for changes in ({"rows": 1 << 40}, {"features": 1 << 12}, {"degree_bound": 1 << 30}, {"slots": 1023}):
        with pytest.raises(InvalidInputError):
            verify(replace(run.statement, data=(replace(header, **changes),)), b"")
