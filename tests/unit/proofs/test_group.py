"""The group: public vectors, canonical encodings, the traps of the libraries, two implementations alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point, Scalar

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import group_arkworks
from desktop_app.proofs.group import (
    FIELD,
    ORDER,
    Group,
    decode_scalar,
    decode_scalars,
    default_group,
    encode_scalar,
)
from desktop_app.proofs.group_arkworks import ArkworksGroup
from desktop_app.proofs.group_py_ecc import PyEccGroup

FALSE_IDENTITIES = [b"\xe0" + bytes(47), b"\xc0" + bytes(46) + b"\x01"]
IDENTITY = b"\xc0" + bytes(47)
OFF_SUBGROUP = b"\x80" + bytes(47)  # (0, 2) lies on the curve and has order 3


def vectors(folder: Path, name: str) -> list[dict[str, str]]:
    return json.loads((folder / "eip-2537" / f"{name}.json").read_text())


def from_chain(group: Group[Any], data: bytes) -> Any:
    return group.identity() if data == bytes(128) else group.decode_from_chain(data)


def to_chain(group: Group[Any], point: Any) -> bytes:
    return bytes(128) if group.is_identity(point) else group.encode_for_chain(point)


def test_the_fast_implementation_is_the_default() -> None:
    assert isinstance(default_group(), ArkworksGroup)
    assert default_group() is default_group()


def test_hashing_to_the_curve_gives_the_points_of_rfc_9380(group: Group[Any], shared_vectors: Path) -> None:
    suite = json.loads((shared_vectors / "rfc9380" / "BLS12381G1_XMD:SHA-256_SSWU_RO_.json").read_text())
    for vector in suite["vectors"]:
        point = group.hash_to_curve(vector["msg"].encode(), suite["dst"].encode())
        expected = (int(vector["P"][axis], 16).to_bytes(64, "big") for axis in "xy")
        assert group.encode_for_chain(point) == b"".join(expected)


def test_multiplication_agrees_with_eip_2537(group: Group[Any], shared_vectors: Path) -> None:
    for vector in vectors(shared_vectors, "mul_G1_bls"):
        data = bytes.fromhex(vector["Input"])
        scalar = int.from_bytes(data[128:], "big") % ORDER
        product = group.multiply(from_chain(group, data[:128]), scalar)
        assert to_chain(group, product).hex() == vector["Expected"], vector["Name"]


def test_multi_scalar_multiplication_agrees_with_eip_2537(fast: ArkworksGroup, shared_vectors: Path) -> None:
    for vector in vectors(shared_vectors, "msm_G1_bls")[::3]:
        data = bytes.fromhex(vector["Input"])
        pairs = [data[i : i + 160] for i in range(0, len(data), 160)]
        total = fast.msm(
            [from_chain(fast, pair[:128]) for pair in pairs],
            [int.from_bytes(pair[128:], "big") % ORDER for pair in pairs],
        )
        assert to_chain(fast, total).hex() == vector["Expected"], vector["Name"]


@pytest.mark.parametrize("name", ["fail-mul_G1_bls", "fail-msm_G1_bls"])
def test_points_that_eip_2537_refuses_are_refused(group: Group[Any], shared_vectors: Path, name: str) -> None:
    for vector in vectors(shared_vectors, name):
        data = bytes.fromhex(vector["Input"])
        pairs = [data[i : i + 160] for i in range(0, max(1, len(data)), 160)]
        with pytest.raises(InvalidInputError):
            for pair in pairs:
                group.decode_from_chain(pair[:-32])


@given(st.lists(st.integers(0, 300), max_size=6), st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_sums_shared_between_cores_are_what_each_is_alone(lengths: list[int], cores: int) -> None:
    group, generator = ArkworksGroup(), G1Point()
    points = [generator * Scalar(number + 2) for number in range(max(lengths, default=0))]
    scalars = [(number * 7919 + 3) ** 9 % ORDER for number in range(len(points))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group_arkworks, "_CORES", cores)
        together = group.msms([(points[:length], scalars[:length]) for length in lengths])
    expected = [sum((number + 2) * scalars[number] for number in range(length)) for length in lengths]
    assert all(
        group.equal(found, generator * Scalar(scalar % ORDER))
        for found, scalar in zip(together, expected, strict=True)
    )


def test_wild_scalars_and_unequal_lengths_are_refused_in_every_sum(group: Group[Any]) -> None:
    good = ([group.generator()], [1])
    for bad in (
        ([group.generator()], [ORDER]),
        ([group.generator()], [-1]),
        ([], [1]),
        ([group.generator()], []),
    ):
        with pytest.raises(InvalidInputError):
            group.msms([good, bad])


def test_the_wheel_still_reads_its_two_false_identities_and_we_do_not(group: Group[Any]) -> None:
    for data in [*FALSE_IDENTITIES, IDENTITY]:
        assert G1Point.from_compressed_bytes(data) == G1Point.identity()
        with pytest.raises(InvalidInputError):
            group.decode(data)


def test_the_wheel_still_reads_zeros_as_a_point_and_we_do_not(group: Group[Any]) -> None:
    assert G1Point.from_xy_bytes_be(bytes(96)) == G1Point.identity()
    with pytest.raises(InvalidInputError):
        group.decode_from_chain(bytes(128))


def test_the_wheel_still_drops_surplus_points_and_we_do_not(group: Group[Any]) -> None:
    assert G1Point.multiexp_unchecked([G1Point(), G1Point()], [Scalar(2)]) == G1Point() + G1Point()
    point = group.generator()
    for points, scalars in (([point, point], [2]), ([point], [2, 3]), ([], [1])):
        with pytest.raises(InvalidInputError):
            group.msm(points, scalars)


def test_the_wheel_still_reduces_scalars_and_we_do_not(group: Group[Any]) -> None:
    assert int(Scalar(ORDER + 3)) == 3
    for scalar in (ORDER, ORDER + 3, -1):
        with pytest.raises(InvalidInputError):
            group.multiply(group.generator(), scalar)


def test_the_identity_is_never_encoded(group: Group[Any]) -> None:
    for encode in (group.encode, group.encode_for_chain):
        with pytest.raises(InvalidInputError):
            encode(group.identity())
    assert group.is_identity(group.msm([], []))
    assert group.is_identity(group.multiply(group.generator(), 0))


def test_points_outside_the_subgroup_are_refused(group: Group[Any]) -> None:
    with pytest.raises(InvalidInputError):
        group.decode(OFF_SUBGROUP)
    with pytest.raises(InvalidInputError):
        group.decode_from_chain(bytes(127) + b"\x02")


def test_other_forms_of_a_point_are_refused(group: Group[Any]) -> None:
    good = group.encode(group.generator())
    x = int.from_bytes(bytes([good[0] & 0x1F]) + good[1:], "big")
    lifted = bytearray((x + FIELD).to_bytes(48, "big")) if x + FIELD < 2**381 else bytearray(48)
    lifted[0] |= good[0] & 0xE0
    uncompressed = bytes([good[0] & 0x7F]) + good[1:]
    not_on_curve = b"\x80" + bytes(46) + b"\x01"
    four_plus_p = bytearray((4 + FIELD).to_bytes(48, "big"))
    four_plus_p[0] |= 0x80
    for data in (bytes(lifted), uncompressed, not_on_curve, bytes(four_plus_p), good[:-1], good + b"\0", b""):
        with pytest.raises(InvalidInputError):
            group.decode(data)


def test_scalars_have_one_encoding() -> None:
    assert decode_scalar(encode_scalar(ORDER - 1)) == ORDER - 1
    for data in ((5 + ORDER).to_bytes(32, "big"), ORDER.to_bytes(32, "big"), bytes(31), bytes(33)):
        with pytest.raises(InvalidInputError):
            decode_scalar(data)
    with pytest.raises(InvalidInputError):
        decode_scalars(bytes(33))
    for scalar in (-1, ORDER):
        with pytest.raises(InvalidInputError):
            encode_scalar(scalar)


@given(st.binary(min_size=48, max_size=48))
def test_random_bytes_are_a_point_only_if_they_come_back_equal(data: bytes) -> None:
    group = default_group()
    try:
        point = group.decode(data)
    except InvalidInputError:
        return
    assert group.encode(point) == data


@given(st.integers(1, ORDER - 1), st.integers(0, ORDER - 1))
@settings(max_examples=8)
def test_both_implementations_give_equal_bytes(
    fast: ArkworksGroup, independent: PyEccGroup, first: int, second: int
) -> None:
    results = []
    for group in (fast, independent):
        base = [group.generator(), group.hash_to_curve(b"x", b"COLOPHON-TEST")]
        point = group.add(group.msm(base, [first, second]), group.negate(base[1]))
        encoded, for_chain = group.encode(point), group.encode_for_chain(point)
        assert group.equal(group.decode(encoded), point)
        assert group.equal(group.decode_from_chain(for_chain), point)
        results.append((encoded, for_chain))
    assert results[0] == results[1]
