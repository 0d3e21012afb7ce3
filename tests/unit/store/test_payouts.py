"""Payouts in the database: exact at any size, in order, changed with the checkpoint or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import BugError
from desktop_app.store.database import Database
from desktop_app.store.migrations import v002_payouts
from desktop_app.store.payout_checkpoints import (
    BlockRef,
    Change,
    Checkpoint,
    PayoutCheckpoints,
    PayoutRow,
    StaleCheckpointError,
)
from desktop_app.store.payouts import PayoutFilter, PayoutRepository

CHAIN = 31_337
TOKEN, OTHER = "0x" + "aA" * 20, "0x" + "bB" * 20
ANN, BEN = "0x" + "A1" * 20, "0x" + "B1" * 20
NOW = 1_800_000_000


def block(number: int, fork: str = "a") -> BlockRef:
    return BlockRef(number, f"0x{fork}{number:063x}")


def row(number: int, index: int = 0, amount: int = 1, **changes: object) -> PayoutRow:
    found = PayoutRow(
        TOKEN, f"0x{number:032x}{index:032x}", 0, index, number, block(number).hash, 1_000 + number,
        "payment", ANN, "", str(amount), "", "",
    )  # fmt: skip
    return found._replace(**changes)  # type: ignore[arg-type]


class Store:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.checkpoints = PayoutCheckpoints(database, CHAIN, FixedClock(NOW))
        self.payouts = PayoutRepository(database)

    def commit(self, end: BlockRef, *rows: PayoutRow, confirmed: int = -1) -> Change:
        now = self.checkpoints.load()
        return self.checkpoints.commit(now, now.tokens, end, [end], rows, confirmed=confirmed)

    def amounts(self, wanted: PayoutFilter | None = None) -> list[int]:
        return [one.amount for one in self.payouts.page(wanted or PayoutFilter(), limit=100)]


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    found = Store(database)
    found.checkpoints.follow([(TOKEN, 1), (OTHER, 1)])
    yield found


def test_an_amount_of_256_bits_survives_to_the_unit(store: Store) -> None:
    store.commit(block(3), row(3, amount=2**256 - 1))
    assert store.amounts() == [2**256 - 1]


@given(amounts=st.lists(st.integers(0, 2**256 - 1), min_size=1, max_size=20))
def test_totals_are_exact_at_any_size(tmp_path_factory: pytest.TempPathFactory, amounts: list[int]) -> None:
    folder = tmp_path_factory.mktemp("totals")
    database = Database(folder / "c.db", folder / "backups", FixedClock(NOW))
    try:
        store = Store(database)
        store.checkpoints.follow([(TOKEN, 1)])
        store.commit(block(3), *(row(3, index, amount) for index, amount in enumerate(amounts)))
        (total,) = store.payouts.totals(PayoutFilter())
        assert (total.units, total.count) == (sum(amounts), len(amounts))
    finally:
        database.close()


def test_totals_are_kept_apart_by_token_currency_and_kind(store: Store) -> None:
    store.commit(
        block(3),
        row(3, 0, 5),
        row(3, 1, 6),
        row(3, 2, 7, token=OTHER),
        row(3, 3, 8, currency=BEN),
        row(3, 4, 9, kind="claim", recipient=BEN),
    )
    found = {(t.token, t.currency, t.kind): (t.units, t.count) for t in store.payouts.totals(PayoutFilter())}
    assert found == {
        (TOKEN, "", "payment"): (11, 2),
        (OTHER, "", "payment"): (7, 1),
        (TOKEN, BEN, "payment"): (8, 1),
        (TOKEN, "", "claim"): (9, 1),
    }


def test_newest_come_first_and_pages_neither_overlap_nor_miss(store: Store) -> None:
    store.commit(block(9), *(row(number, index) for number in range(1, 10) for index in range(4)))
    pages = [store.payouts.page(PayoutFilter(), limit=7, offset=offset) for offset in range(0, 42, 7)]
    places = [(one.block_number, one.log_index) for page in pages for one in page]
    assert places == sorted(places, reverse=True)
    assert len(set(places)) == 36 == store.payouts.count(PayoutFilter())


def test_filters_compare_addresses_without_regard_to_case(store: Store) -> None:
    store.commit(block(3), row(3, 0, 1), row(3, 1, 2, token=OTHER), row(3, 2, 3, party=BEN, kind="push"))
    assert store.amounts(PayoutFilter(token=TOKEN.lower())) == [3, 1]
    assert store.amounts(PayoutFilter(party=BEN.upper().replace("0X", "0x"))) == [3]
    assert store.amounts(PayoutFilter(kind="push")) == [3]
    assert store.amounts(PayoutFilter(chain_id=1)) == []
    assert store.amounts(PayoutFilter(currency="")) == [3, 2, 1]
    assert store.amounts(PayoutFilter(currency=BEN)) == []


def test_the_same_event_in_another_block_moves_and_is_not_new(store: Store) -> None:
    assert len(store.commit(block(3), row(3)).new) == 1
    moved = row(3)._replace(block_number=4, block_hash=block(4).hash, log_index=7)
    assert store.commit(block(4), moved) == Change(changed=1)
    assert store.commit(block(5), moved) == Change()
    (found,) = store.payouts.page(PayoutFilter(), limit=9)
    assert (found.block_number, found.log_index, found.first_seen_at) == (4, 7, NOW)


@given(
    known=st.sets(st.integers(0, 9)),
    told=st.lists(st.integers(0, 12), max_size=20),
    big=st.integers(0, 2**256 - 1),
)
def test_what_is_announced_is_what_is_stored_each_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, known: set[int], told: list[int], big: int
) -> None:
    folder = tmp_path_factory.mktemp("announced")
    database = Database(folder / "c.db", folder / "backups", FixedClock(NOW))
    try:
        store = Store(database)
        store.checkpoints.follow([(TOKEN, 1)])
        store.commit(block(3), *(row(3, index, big) for index in known))
        change = store.commit(block(4), *(row(3, index, big) for index in told))
        assert [one.log_index for one in change.new] == sorted(set(told) - known)
        stored = {one.id: one for one in store.payouts.page(PayoutFilter(), limit=100)}
        assert all(stored[one.id] == one for one in change.new)
    finally:
        database.close()


def test_the_same_transaction_on_two_networks_is_two_payouts(store: Store) -> None:
    other = PayoutCheckpoints(store.database, 10, FixedClock(NOW))
    other.follow([(TOKEN, 1)])
    store.commit(block(3), row(3))
    other.commit(other.load(), other.load().tokens, block(3), [], [row(3)], confirmed=-1)
    assert store.payouts.count(PayoutFilter()) == 2
    store.checkpoints.forget()
    assert store.payouts.count(PayoutFilter()) == 1


def test_undo_takes_back_rows_positions_and_headers_above_the_ancestor(store: Store) -> None:
    for number in (3, 4, 5):
        store.commit(block(number), row(number, amount=number))
    store.checkpoints.set_tags(4, None)
    assert store.checkpoints.undo(store.checkpoints.load(), block(3)) == 2
    now = store.checkpoints.load()
    assert now.cursor == block(3)
    assert {following.synced_to for following in now.tokens} == {3}
    assert store.checkpoints.headers_below(99, 9) == [block(3)]
    assert store.amounts() == [3]
    assert store.amounts(PayoutFilter(orphaned=True)) == [5, 4]
    assert store.amounts(PayoutFilter(orphaned=None)) == [5, 4, 3]
    assert {one.state for one in store.payouts.page(PayoutFilter(orphaned=True), 9)} == {"seen"}
    assert [total.units for total in store.payouts.totals(PayoutFilter(orphaned=None))] == [3]


def test_a_stale_checkpoint_stores_nothing(store: Store) -> None:
    before = store.checkpoints.load()
    store.commit(block(3), row(3))
    stale = before
    for write in (
        lambda: store.checkpoints.commit(stale, stale.tokens, block(4), [], [row(4)], confirmed=-1),
        lambda: store.checkpoints.undo(stale, block(1)),
        lambda: store.checkpoints.confirm(stale, stale.tokens, 3),
    ):
        with pytest.raises(StaleCheckpointError):
            write()
    assert store.amounts() == [1]
    assert store.checkpoints.load().cursor == block(3)


def test_rows_headers_and_cursor_are_stored_together_or_not_at_all(store: Store) -> None:
    bad = row(4, kind="gift")
    before = store.checkpoints.load()
    with pytest.raises(BugError):
        store.commit(block(4), row(4, 1), bad)
    assert store.checkpoints.load() == before
    assert store.amounts() == []
    assert store.checkpoints.headers([4]) == {}


def test_following_twice_changes_nothing(store: Store) -> None:
    store.commit(block(9))
    assert not store.checkpoints.follow([(TOKEN.lower(), 5)])
    assert {following.synced_to for following in store.checkpoints.load().tokens} == {9}


def test_a_later_token_starts_before_its_creation_and_never_beyond_the_cursor(store: Store) -> None:
    store.commit(block(9))
    old, new = "0x" + "0c" * 20, "0x" + "0d" * 20
    assert store.checkpoints.follow([(old, 4), (new, 70)])
    found = {following.token: following.synced_to for following in store.checkpoints.load().tokens}
    assert (found[old], found[new]) == (3, 9)


def test_rows_become_safe_and_final_and_stay_so(store: Store) -> None:
    for number in (3, 4, 5):
        store.commit(block(number), row(number))
    assert store.checkpoints.set_tags(4, block(3)) == 2
    store.checkpoints.confirm(store.checkpoints.load(), store.checkpoints.load().tokens, 3)
    states = [one.state for one in store.payouts.page(PayoutFilter(), 9)]
    assert states == ["seen", "safe", "final"]
    store.checkpoints.set_tags(9, block(2))
    assert store.checkpoints.load().final == block(3)


def test_confirming_adds_what_was_missing_and_takes_back_what_never_was(store: Store) -> None:
    store.commit(block(3), row(3, 0, 5), row(3, 1, 6))
    now = store.checkpoints.load()
    change = store.checkpoints.confirm(now, now.tokens, 3, missing=[row(3, 2, 7)], surplus=[row(3, 1, 6)])
    assert [one.amount for one in change.new] == [7]
    assert store.amounts() == [7, 5]
    assert store.amounts(PayoutFilter(orphaned=True)) == [6]
    assert {one.state for one in store.payouts.page(PayoutFilter(), 9)} == {"final"}


def test_starting_over_keeps_the_tokens_and_forgetting_does_not(store: Store) -> None:
    store.commit(block(9), row(3))
    store.checkpoints.set_tags(5, block(4))
    store.checkpoints.start_over()
    now = store.checkpoints.load()
    assert replace(now, tokens=()) == Checkpoint(None, -1, None, ())
    assert {following.synced_to for following in now.tokens} == {0}
    assert store.amounts() == []
    store.checkpoints.forget()
    assert store.checkpoints.load().tokens == ()


def test_old_headers_are_dropped_but_never_those_at_a_position(store: Store) -> None:
    for number in (3, 4, 400):
        store.commit(block(number))
    store.checkpoints.follow([("0x" + "0c" * 20, 5)])
    store.checkpoints.set_tags(390, block(390))
    assert [ref.number for ref in store.checkpoints.headers_below(999, 9)] == [400, 390, 4]


@pytest.mark.parametrize(("column", "value"), [("kind", "gift"), ("kind", ""), ("state", "certain")])
def test_a_kind_or_state_that_does_not_exist_is_not_stored(store: Store, column: str, value: str) -> None:
    with pytest.raises((BugError, sqlite3.IntegrityError)):
        store.commit(block(3), row(3, **{column: value}))
    assert store.amounts() == []


def test_the_migration_adds_tables_to_a_database_of_version_one() -> None:
    with sqlite3.connect(":memory:") as connection:
        v002_payouts.upgrade(connection)
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
    connection.close()
    assert names == {"payouts", "payout_cursors", "payout_tokens", "payout_headers"}
