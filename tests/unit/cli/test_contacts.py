"""The address book from the command line, above all against addresses that only look like a known one."""

from __future__ import annotations

from unit.cli.conftest import Commands

from desktop_app.chain.wire import checksummed

SHOP = checksummed("0x1234" + "b2" * 16 + "9876")
POISON = checksummed("0x1234" + "c3" * 16 + "9876")
STRANGER = checksummed("0x77" + "d4" * 19)


def test_a_contact_is_named_watched_listed_and_removed(colophon: Commands) -> None:
    assert colophon("contacts", "list") == []
    made = colophon("contacts", "add", SHOP, "Corner Shop", "--note", "by phone", "--watch")
    assert (made["address"], made["name"], made["watched"]) == (SHOP, "Corner Shop", True)
    [row] = colophon("contacts", "list", "--balances")
    assert [amount["units"] for amount in row["balances"]] == ["0", "0"]
    shown = colophon.run("contacts", "list")
    assert "Corner Shop" in shown.stdout
    assert SHOP in shown.stdout
    assert colophon("contacts", "watch", "corner shop", "--off")["watched"] is False
    colophon("contacts", "remove", "CORNER SHOP")
    assert colophon("contacts", "list") == []
    assert colophon.error("contacts", "remove", "Corner Shop") == "store.contact_unknown"


def test_an_address_that_only_looks_like_a_contact_is_told(colophon: Commands) -> None:
    colophon("contacts", "add", SHOP, "Shop")
    found = colophon("contacts", "check", POISON, code=1)
    assert found["warnings"] == [{"code": "warning.look_alike", "weight": "danger"}]
    told = colophon.run("contacts", "check", POISON)
    assert told.exit_code == 1
    assert "only looks like one you know" in told.stdout
    assert colophon("contacts", "check", SHOP)["known"]["name"] == "Shop"
    assert colophon("contacts", "check", STRANGER)["warnings"][0]["code"] == "warning.new_address"


def test_a_look_alike_gets_a_name_only_on_purpose(colophon: Commands) -> None:
    colophon("contacts", "add", SHOP, "Shop")
    assert colophon.error("contacts", "add", POISON, "Shop, new address") == "cli.approval_needed"
    assert len(colophon("contacts", "list")) == 1
    colophon("contacts", "add", POISON, "Shop, new address", "--yes")
    assert len(colophon("contacts", "list")) == 2


def test_what_is_no_address_is_said(colophon: Commands) -> None:
    wrong = SHOP[:-1] + ("1" if SHOP[-1] != "1" else "2")
    for address in ("0x12", "shop", wrong):
        assert colophon.error("contacts", "add", address, "Shop").split(".")[0] in ("chain", "address")
