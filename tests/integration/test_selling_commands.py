"""Selling and buying by command line."""

from __future__ import annotations

from pathlib import Path

from integration.test_royalty_commands import Typist, colophon

__all__ = ["colophon"]


def test_a_work_is_offered_bought_delivered_and_opened(colophon: Typist, tmp_path: Path) -> None:
    colophon("mint", "Old", "--symbol", "OLD")
    refused = colophon("sell", "offer", "OLD", "2", "tUSD", "--mode", "slow", code=2)
    assert refused["error"]["code"] == "cli.sale_mode"
    sale = colophon(
        "sell",
        "offer",
        "OLD",
        "2",
        "tUSD",
        "--mode",
        "sealed",
        "--within",
        "24h",
        "--url",
        "https://example.org/a",
    )["sale"]
    assert (sale["state"], sale["time_limit"], sale["automatic"]) == ("open", 86_400, True)
    assert [one["reference"] for one in colophon("sell", "list")["sales"]] == [sale["reference"]]
    page = str(tmp_path / "page.html")
    colophon("sell", "checkout", "OLD", "-o", page)
    assert colophon("buy", "check", page)["offer"]["title"] == "Old"
    bought = colophon(
        "buy",
        "order",
        page,
        "--package",
        sale["package_path"],
        "--output",
        str(tmp_path / "in"),
        "--wait",
        "1s",
    )["purchase"]
    assert bought["state"] == "waiting"
    (order,) = colophon("sell", "orders")["orders"]
    assert (order["state"], order["amount"]["amount"]) == ("waiting", "2")
    assert colophon("sell", "deliver")["waiting"] == 0
    assert colophon("buy", "show", bought["id"])["purchase"]["state"] == "delivered"
    file = tmp_path / "opened.txt"
    colophon("buy", "open", bought["id"], "-o", str(file))
    assert file.read_text() == "Old" * 300
    assert colophon("sell", "withdraw", "OLD")["sale"]["state"] == "withdrawn"
    assert colophon("buy", "check", page, code=1)["error"]["code"] == "selling.not_on_sale"


def test_a_payment_link_names_the_network_and_becomes_a_picture(colophon: Typist, tmp_path: Path) -> None:
    colophon("mint", "Old", "--symbol", "OLD")
    picture = tmp_path / "tip.svg"
    made = colophon("sell", "link", "OLD", "1.5", "tUSD", "--output", str(picture))
    token, dollar = made["link"]["recipient"], made["link"]["currency"]["address"]
    assert made["link"]["uri"] == f"ethereum:{dollar}@6516588/transfer?address={token}&uint256=1500000"
    assert "Practice" in made["caution"]
    assert picture.read_text().startswith("<?xml")
    free = colophon("sell", "link", "OLD")["link"]
    assert (free["uri"], free["amount"]) == (f"ethereum:{token}@6516588", None)
