from __future__ import annotations

import dataclasses

import pytest

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database
from desktop_app.store.transactions import (
    Outcome,
    Purpose,
    StoredLog,
    StoredTransaction,
    TransactionRepository,
    TransactionStatus,
)

CHAIN = 6516588
ALICE = "0x" + "aB" * 20
BOB = "0x" + "b0" * 20
SOMEBODY = "0x" + "c0" * 20


def transaction(nonce: int, mark: int = 0, sender: str = ALICE, chain_id: int = CHAIN) -> StoredTransaction:
    """Those with a `mark` are later versions."""
    return StoredTransaction(
        chain_id=chain_id,
        tx_hash=f"0x{nonce:062x}{mark:02X}",
        from_address=sender,
        nonce=nonce,
        raw=b"\x02raw",
        code="action.pay",
        params={"amount": "1 ETH", "count": 2},
        created_at=1_800_000_000,
        purpose=Purpose.SPEED_UP if mark else Purpose.SEND,
    )


@pytest.fixture
def journal(database: Database) -> TransactionRepository:
    return TransactionRepository(database)


def test_a_transaction_comes_back_as_it_was(journal: TransactionRepository) -> None:
    added = transaction(0)
    journal.add(added)
    assert journal.get(CHAIN, added.tx_hash.lower()) == added
    assert "raw" not in repr(added)


def test_what_is_on_its_way_or_in_a_block_is_not_stored_again(journal: TransactionRepository) -> None:
    """Two programs that pay the same at once have the same bytes: one payment must not pass for two."""
    added = transaction(0)
    journal.add(added)
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            journal.add(added)
        assert refused.value.code == "store.number_taken"
        journal.mark_mined(CHAIN, added.tx_hash, Outcome(block_number=7, gas_used=1, fee=1))


def test_what_a_node_refused_may_be_tried_again(journal: TransactionRepository) -> None:
    added = transaction(0)
    journal.add(added)
    journal.mark_failed(CHAIN, added.tx_hash)
    journal.add(added)
    assert journal.pending(CHAIN, ALICE) == [added]
    assert len(journal.newest()) == 1


def test_prepared_and_sent_are_pending_lowest_nonce_first(journal: TransactionRepository) -> None:
    added = [transaction(nonce) for nonce in (2, 0, 1)]
    for item in added:
        journal.add(item)
    journal.add(transaction(5, sender=BOB))
    journal.add(transaction(6, chain_id=1))
    journal.mark_sent(CHAIN, added[0].tx_hash)
    assert [item.nonce for item in journal.pending(CHAIN, ALICE.lower())] == [0, 1, 2]


def test_a_mined_transaction_keeps_its_exact_fee_and_replaces_its_rivals(
    journal: TransactionRepository,
) -> None:
    first, rival, later = transaction(0), transaction(0, mark=1), transaction(1)
    for item in (first, rival, later):
        journal.add(item)
    journal.mark_mined(CHAIN, rival.tx_hash, Outcome(block_number=9, gas_used=21_000, fee=10**30))
    assert journal.get(CHAIN, rival.tx_hash) == dataclasses.replace(
        rival, status=TransactionStatus.MINED, block_number=9, gas_used=21_000, fee=10**30
    )
    assert journal.get(CHAIN, first.tx_hash).status is TransactionStatus.REPLACED
    assert journal.pending(CHAIN, ALICE) == [later]


def test_a_late_answer_does_not_undo_mined(journal: TransactionRepository) -> None:
    added = transaction(0)
    journal.add(added)
    journal.mark_mined(CHAIN, added.tx_hash, Outcome(block_number=1, gas_used=1, fee=1))
    journal.mark_sent(CHAIN, added.tx_hash)
    assert journal.get(CHAIN, added.tx_hash).status is TransactionStatus.MINED


def test_the_nonce_floor_counts_all_that_may_have_used_one(journal: TransactionRepository) -> None:
    assert journal.next_nonce_floor(CHAIN, ALICE) == 0
    journal.add(transaction(0))
    assert journal.next_nonce_floor(CHAIN, ALICE) == 1
    journal.add(transaction(1))
    journal.mark_failed(CHAIN, transaction(1).tx_hash)
    assert journal.next_nonce_floor(CHAIN, ALICE) == 1
    journal.mark_failed(CHAIN, transaction(1).tx_hash, Outcome(block_number=5, gas_used=3, fee=2))
    assert journal.next_nonce_floor(CHAIN, ALICE) == 2
    assert journal.next_nonce_floor(CHAIN, BOB) == 0
    assert journal.next_nonce_floor(1, ALICE) == 0


def test_a_replaced_transaction_is_no_longer_pending(journal: TransactionRepository) -> None:
    journal.add(transaction(0))
    journal.mark_replaced(CHAIN, transaction(0).tx_hash)
    assert journal.pending(CHAIN, ALICE) == []


def test_the_journal_is_listed_newest_first(journal: TransactionRepository) -> None:
    for nonce in range(3):
        journal.add(transaction(nonce))
    journal.add(transaction(9, chain_id=1))
    assert [item.nonce for item in journal.newest()] == [9, 2, 1, 0]
    assert [item.nonce for item in journal.newest(limit=1, offset=1, chain_id=CHAIN)] == [1]


def test_a_reset_chain_starts_from_nonce_zero(journal: TransactionRepository) -> None:
    journal.add(transaction(0))
    journal.add(transaction(0, chain_id=1))
    journal.forget_chain(CHAIN)
    assert journal.next_nonce_floor(CHAIN, ALICE) == 0
    assert journal.next_nonce_floor(1, ALICE) == 1


def test_an_unknown_transaction_is_not_found(journal: TransactionRepository) -> None:
    for call in (journal.get, journal.mark_sent, journal.mark_failed, journal.mark_replaced):
        with pytest.raises(NotFoundError, match=r"store\.transaction_unknown"):
            call(CHAIN, "0x00")


def test_a_vanished_block_brings_all_versions_back_but_none_that_was_refused(
    journal: TransactionRepository,
) -> None:
    refused, first, second = transaction(0), transaction(0, mark=1), transaction(0, mark=2)
    journal.add(refused)
    journal.mark_failed(CHAIN, refused.tx_hash)
    journal.add(first)
    journal.add(second)
    journal.mark_mined(CHAIN, second.tx_hash, Outcome(block_number=9, gas_used=1, fee=1, block_hash="0x09"))
    assert [one.tx_hash for one in journal.unsettled(CHAIN, ALICE)] == [second.tx_hash]
    assert journal.get(CHAIN, first.tx_hash).status is TransactionStatus.REPLACED
    journal.mark_vanished(CHAIN, second.tx_hash)
    assert [one.tx_hash for one in journal.pending(CHAIN, ALICE)] == [first.tx_hash, second.tx_hash]
    assert journal.get(CHAIN, second.tx_hash) == dataclasses.replace(second, status=TransactionStatus.SENT)
    assert journal.get(CHAIN, refused.tx_hash).status is TransactionStatus.FAILED
    assert journal.unsettled(CHAIN, ALICE) == []


def test_versions_share_sender_and_number(journal: TransactionRepository) -> None:
    ours, faster = transaction(0), transaction(0, mark=1)
    for item in (ours, faster, transaction(1), transaction(0, sender=BOB), transaction(0, chain_id=1)):
        journal.add(item if item.chain_id == CHAIN and item.from_address == ALICE else dataclasses.replace(
            item, tx_hash="0x" + item.from_address[2:4] * 30 + f"{item.chain_id:04x}"))  # fmt: skip
    assert journal.versions(CHAIN, ours.tx_hash) == journal.versions(CHAIN, faster.tx_hash) == [ours, faster]
    assert journal.versions(CHAIN, "0x00") == []


def test_a_final_transaction_is_watched_no_longer(journal: TransactionRepository) -> None:
    journal.add(transaction(0))
    journal.mark_final(CHAIN, transaction(0).tx_hash)
    assert not journal.get(CHAIN, transaction(0).tx_hash).final, "only what is in a block can be final"
    assert journal.senders(CHAIN) == [ALICE]
    journal.mark_mined(CHAIN, transaction(0).tx_hash, Outcome(1, gas_used=1, fee=1, block_hash="0x01"))
    assert journal.senders(CHAIN) == [ALICE]
    journal.mark_final(CHAIN, transaction(0).tx_hash)
    assert journal.senders(CHAIN) == []
    assert journal.unsettled(CHAIN, ALICE) == []


def test_recipients_are_those_whom_something_reached(journal: TransactionRepository) -> None:
    for nonce, recipient in enumerate([BOB, BOB.upper().replace("X", "x"), SOMEBODY, None]):
        journal.add(dataclasses.replace(transaction(nonce), recipient=recipient))
        if nonce != 2:
            journal.mark_mined(CHAIN, transaction(nonce).tx_hash, Outcome(block_number=1, gas_used=1, fee=1))
    assert [one.lower() for one in journal.recipients([ALICE])] == [BOB.lower()]
    assert journal.recipients([BOB]) == journal.recipients([]) == []


def test_two_that_are_on_their_way_never_share_a_number(journal: TransactionRepository) -> None:
    first, second = transaction(0), dataclasses.replace(transaction(0, mark=1), purpose=Purpose.SEND)
    journal.add(first)
    with pytest.raises(RefusedError) as refused:
        journal.add(second)
    assert refused.value.code == "store.number_taken"
    journal.mark_failed(CHAIN, first.tx_hash)
    journal.add(second)
    assert journal.pending(CHAIN, ALICE) == [second]


def test_what_was_given_up_is_remembered_until_its_number_is_in_a_block(
    journal: TransactionRepository,
) -> None:
    refused, replaced, other = transaction(0), transaction(1), transaction(0, mark=1)
    for one in (refused, replaced):
        journal.add(one)
    journal.mark_failed(CHAIN, refused.tx_hash)
    journal.mark_replaced(CHAIN, replaced.tx_hash)
    assert [one.tx_hash for one in journal.given_up(CHAIN, ALICE)] == [
        refused.tx_hash.lower(),
        replaced.tx_hash.lower(),
    ]
    journal.add(other)
    journal.mark_mined(CHAIN, other.tx_hash, Outcome(block_number=7, gas_used=1, fee=1))
    assert [one.nonce for one in journal.given_up(CHAIN, ALICE)] == [1]


PAID = StoredLog("0x" + "70" * 20, ("0x" + "dd" * 32,), "0x01")


def test_time_and_events_are_kept_once_and_go_with_their_block(journal: TransactionRepository) -> None:
    sent = transaction(0)
    journal.add(sent)
    journal.mark_mined(CHAIN, sent.tx_hash, Outcome(7, 1, 1, "0x07"))
    assert [one.tx_hash for one in journal.untold(CHAIN, 9)] == [sent.tx_hash]
    journal.tell(CHAIN, sent.tx_hash, Outcome(7, 1, 1, "0x08", 1_800_000_012, (PAID,)))
    assert journal.get(CHAIN, sent.tx_hash).block_time is None, "that is another block"
    journal.tell(CHAIN, sent.tx_hash, Outcome(7, 1, 1, "0x07", 1_800_000_012, (PAID,)))
    journal.mark_final(CHAIN, sent.tx_hash)
    assert [one.tx_hash for one in journal.unconfirmed(CHAIN, 9)] == [sent.tx_hash]
    journal.mark_confirmed(CHAIN, sent.tx_hash, 2, disputed=False)
    told = journal.get(CHAIN, sent.tx_hash)
    assert (told.block_time, told.logs, told.sources, told.disputed) == (1_800_000_012, (PAID,), 2, False)
    assert journal.untold(CHAIN, 9) == journal.unconfirmed(CHAIN, 9) == []
    journal.mark_confirmed(CHAIN, sent.tx_hash, 0, disputed=True)
    journal.mark_confirmed(CHAIN, sent.tx_hash, 1, disputed=False)
    assert journal.get(CHAIN, sent.tx_hash).disputed, "who told the first outcome only told it again"
    journal.mark_vanished(CHAIN, sent.tx_hash)
    gone = journal.get(CHAIN, sent.tx_hash)
    assert (gone.block_time, gone.logs, gone.sources, gone.fee, gone.final) == (None, None, 0, None, False)
    assert not gone.disputed
