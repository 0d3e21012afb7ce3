"""`colophon network compare` and `colophon network fees`."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.chain.networks import load_networks

NAMES = {one.key for one in load_networks().values() if one.kind == "main"}


def test_a_comparison_works_offline_and_asks_nobody(colophon: Any) -> None:
    found = colophon("network", "compare", "--works", "2", "--payments", "100")
    assert {one["network"] for one in found["networks"]} == NAMES
    assert found["plan"] == {"works": 2, "payments": 100, "claims": 1}
    assert found["asked"] == []
    known = {one["network"]: one for one in found["networks"] if one["cost"]}
    assert set(known) == {"ethereum", "base", "optimism"}
    for one in known.values():
        cost = {name: part for name, part in one["cost"].items() if isinstance(part, dict)}
        units = {name: int(part["units"]) for name, part in cost.items()}
        assert units["total"] == units["yours"] + units["payers"]
        assert units["total"] == units["execution"] + units["data"] + units["operator"]
        assert one["came_with_the_app"] is True
        assert one["prices_from"]
    assert found["recommended"] in {one["network"] for one in found["networks"] if one["usable"]}


def test_people_read_costs_facts_and_reasons(colophon: Any) -> None:
    text = colophon.run("network", "compare", "--works", "1", "--payments", "10").stdout
    for words in ("You pay", "Your payers pay", "Before Dencun", "As blobs", "L2BEAT stage", "For you:"):
        assert words in text, words
    assert "In your money" not in text
    text = colophon.run("network", "compare", "--worth", "ETH=2500").stdout
    assert "In your money" in text


def test_a_bigger_plan_costs_more(colophon: Any) -> None:
    def total(*plan: str) -> int:
        found = colophon("network", "compare", *plan)
        base = next(one for one in found["networks"] if one["network"] == "base")
        return int(base["cost"]["total"]["units"])

    assert total("--works", "0", "--payments", "0", "--claims", "0") == 0
    assert total("--payments", "100") < total("--payments", "101")
    assert total("--works", "1") < total("--works", "3")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--works", "-1"), "compare.plan_out_of_range"),
        (("--payments", "1000001"), "compare.plan_out_of_range"),
        (("--worth", "ETH"), "compare.worth_form"),
        (("--worth", "ETH=much"), "amount.not_a_number"),
    ],
)
def test_what_does_not_fit_is_said(colophon: Any, arguments: tuple[str, str], code: str) -> None:
    assert colophon.error("network", "compare", *arguments) == code


def test_asking_others_needs_a_yes(colophon: Any) -> None:
    assert colophon.error("network", "compare", "--ask") == "cli.approval_needed"
    assert colophon.error("network", "fees", "base") == "cli.approval_needed"


def test_the_network_in_use_is_asked_without_more_ado(colophon: Any) -> None:
    found = colophon("network", "fees")
    assert found["network"] == "practice"
    assert [one["action"] for one in found["fees"]] == ["register", "mint", "pay", "claim"]
    assert found["contracts_there"] is True
    assert found["proof_on_chain"] is True
    assert "Running it" in colophon.run("network", "fees").stdout


def test_what_is_only_compared_cannot_be_used(colophon: Any) -> None:
    assert colophon.error("network", "use", "ethereum", code=1) == "network.only_compared"
