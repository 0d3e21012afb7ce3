"""Home: what waits for the user is named until it is dealt with; what came in is added up exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.core.amounts import Amount
from desktop_app.core.clock import FixedClock
from desktop_app.core.paths import AppPaths
from desktop_app.services.app import Services, build_services
from desktop_app.services.home import HomeService
from desktop_app.services.library import WorkStep
from desktop_app.services.sale_records import Order, OrderState
from desktop_app.services.wording import Message
from desktop_app.store.tokens import Collaborator, Token

NOVEMBER_26 = 1_795_651_200
NOVEMBER_1 = NOVEMBER_26 - 25 * 86_400
TOKEN, BEN, CLEO = "0x" + "0A" * 20, "0x" + "B1" * 20, "0x" + "C1" * 20


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Services]:
    services = build_services(AppPaths(tmp_path / "home"), FixedClock(NOVEMBER_26))
    network = services.networks.active
    services.royalties._tokens.add(
        Token(
            network.chain_id, TOKEN, None, "0x" + "aa" * 20, "Night Train", "NT", 1000, 0, None,
            (Collaborator(BEN, 250_000),), (network.native, network.dollar),
        )
    )
    yield services
    services.close()


def stored(app: Services, *rows: tuple[str, str, int, int]) -> None:
    """(kind, party, block, units) in the network's coin, block by block from the first of November on."""
    chain_id = app.networks.active.chain_id
    with app.database.transaction() as connection:
        connection.execute("DELETE FROM payouts")
        connection.executemany(
            "INSERT INTO payouts (chain_id, token, tx_hash, block_number, block_hash, block_time, currency,"
            " ordinal, log_index, kind, party, amount, memo, state, recipient, first_seen_at)"
            " VALUES (?, ?, ?, ?, '0xbb', ?, '', ?, ?, ?, ?, ?, '', 'final', '', 0)",
            [
                (chain_id, TOKEN, f"0x{n:064x}", block, NOVEMBER_1 + block, 0, n, kind, party, str(units))
                for n, (kind, party, block, units) in enumerate(rows)
            ],
        )


def codes(app: Services) -> list[str]:
    return [one.code for one in app.home.look().attention]


def test_before_there_is_anything_nothing_waits(app: Services) -> None:
    home = app.home.look()
    assert (home.works, home.attention, home.month, home.total, home.news) == (0, (), (), (), ())


def test_a_collaborator_who_could_not_be_paid_is_named_once(app: Services) -> None:
    stored(app, ("push_failed", BEN, 1, 10), ("push_failed", BEN, 2, 10), ("push", CLEO, 3, 10))
    (one,) = app.home.look().attention
    assert one.code == "not_paid" and one.page == "payouts"
    assert BEN in one.text and "Night Train" in one.text


@pytest.mark.parametrize("kind", ["push", "claim"])
def test_who_was_paid_afterwards_waits_for_nothing(app: Services, kind: str) -> None:
    stored(app, ("push_failed", BEN, 1, 10), (kind, BEN, 1, 10))
    assert codes(app) == []
    stored(app, (kind, BEN, 1, 10), ("push_failed", BEN, 1, 10))
    assert codes(app) == ["not_paid"]


def test_a_newcomer_is_led_on_from_the_first_file_to_the_first_payment(app: Services, tmp_path: Path) -> None:
    assert app.home.look().next is None
    song = tmp_path / "Ada's Song.txt"
    song.write_text("la " * 400)
    work = app.library.add(song).work
    found = app.home.look().next
    assert found is not None and (found.code, found.page, found.work_id) == ("register", "work", work.id)
    assert "Ada's Song" in found.title and found.command == """colophon register 'Ada'"'"'s Song'"""
    for step, code in ((WorkStep.REGISTERED, "prove"), (WorkStep.PROVED, "share"), (WorkStep.MINTED, "pay")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app.library, "step", lambda *_, step=step: step)
            following = app.home.look().next
        assert following is not None and following.code == code
    stored(app, ("payment", CLEO, 1, 10**18))
    practised = app.home.look().next
    assert practised is not None and (practised.code, practised.page) == ("real", "networks")
    app.networks.select("base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.library, "step", lambda *_: WorkStep.MINTED)
        selling = app.home.look().next
    assert selling is not None and selling.code == "sell"
    assert selling.command.endswith(" 5 USDC"), "practice dollars are of no use there"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-3 * 86_400, 20 * 86_400), st.integers(1, 10**24)), max_size=12))
def test_the_month_and_all_are_exact_sums_of_payments(app: Services, paid: list[tuple[int, int]]) -> None:
    stored(app, *(("payment", CLEO, block, units) for block, units in paid))
    home = app.home.look()
    for shown, since in ((home.month, 0), (home.total, -(10**9))):
        units = [units for block, units in paid if block >= since]
        assert sum(one.received.units for one in shown) == sum(units)
        assert len(shown) == bool(units)


@pytest.mark.parametrize(
    ("state", "hours_left", "problem", "expected"),
    [
        (OrderState.WAITING, 48, None, []),
        (OrderState.WAITING, 23, None, ["order_expires"]),
        (OrderState.WAITING, 48, Message("Locked", "It is locked.", "Unlock it."), ["order_troubled"]),
        (OrderState.RELEASABLE, -10, None, ["order_releasable"]),
        (OrderState.DELIVERING, 1, None, []),
        (OrderState.DELIVERED, 1, None, []),
        (OrderState.REFUNDED, -1, None, []),
    ],
)
def test_orders_are_named_while_something_has_to_be_done(
    app: Services, state: OrderState, hours_left: int, problem: Message | None, expected: list[str]
) -> None:
    network = app.networks.active
    order = Order(
        network.chain_id, network.name, "0xaa", "0xbb", "Night Train", CLEO, Amount(10**18, network.native),
        state, NOVEMBER_1, NOVEMBER_26 + hours_left * 3600, 0, "", problem,
    )  # fmt: skip
    home = HomeService(
        app.library, app.backup, app.transactions, app.payouts, app.earnings, lambda: (order,), app.networks,
        FixedClock(NOVEMBER_26),
    )  # fmt: skip
    found = home.look().attention
    assert [one.code for one in found] == expected
    assert all("Night Train" in one.text and one.page == "selling" for one in found)


def test_the_newest_comes_first_and_the_list_stays_short(app: Services) -> None:
    stored(app, *(("payment", CLEO, block, 10**18) for block in range(20)))
    news = app.home.look().news
    assert [one.when for one in news] == [NOVEMBER_1 + block for block in range(19, 11, -1)]
    assert news[0].text == "“Night Train” received 1 ETH"
