"""Receipts say what was signed and what the chain did with it, and nobody else puts words into them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.chain.test_escrow import OFFER, ORDER
from unit.services.receipt_world import (
    BEN,
    GAS_LIMIT,
    MAX_FEE,
    ME,
    NOW,
    STRANGER,
    TOKEN,
    World,
    coin_log,
    node,
    transfer_log,
)

from desktop_app.chain import contracts, escrow
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call, LicenceOffer
from desktop_app.chain.logs import CLAIMED, PUSHED
from desktop_app.chain.outcomes import second_opinions
from desktop_app.chain.wire import to_quantity
from desktop_app.core import translations
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.core.translations import namespace
from desktop_app.services.rates import UserRate
from desktop_app.services.receipt_text import both_times, doubts, sections
from desktop_app.services.receipts import Became, Doubt, ReceiptFilter
from desktop_app.store.transactions import Outcome, Purpose

INJECTION = "<script>alert(1)</script>\u202e=1+1"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "home")
    yield made
    made.services.close()


def every_action(world: World) -> list[tuple[Call, str]]:
    """Each call that the app can send, with what its receipt has to say."""
    five, memo = Amount(5_000_000, world.dollar), b"invoice 7".ljust(32, b"\0")
    commitment, mine = b"\x04" * 128, replace(ORDER, token=TOKEN, buyer=ME)
    terms = LicenceOffer(1, five, b"\x01" * 32)
    new = contracts.NewToken(
        b"\x01" * 32, ME, "New Song", "NEW", 1000, [(BEN, 250_000)], [""], "", b"\x02" * 32
    )
    offer = replace(OFFER, token=TOKEN, currency=world.dollar.address)
    order = replace(ORDER, token=TOKEN, currency=world.dollar.address)
    wrong = escrow.Complaint(0, b"x" * 16, [b"\x01" * 32], b"\x02" * 32, [b"\x03" * 32])
    return [
        (contracts.deploy_call("Registry"), "Put the contract Registry on this network"),
        (contracts.register_call(commitment, 1, (1, 2, 3), bytes(32)), "Registered a work, with proof"),
        (contracts.anchor_call(commitment, bytes(32)), "Registered a work"),
        (contracts.register_many_call([(commitment, 1, (1, 2, 3), bytes(32))]), "Registered 1 works, with"),
        (contracts.anchor_many_call([(commitment, bytes(32))] * 2), "Registered 2 works: a work, a work"),
        (contracts.transfer_record_call(bytes(32), BEN, ME), "Passed the registration of a work on to Ben"),
        (contracts.create_token_call(**vars(new)), "Made 1,000 shares of “New Song” (NEW); 25 %"),
        (contracts.create_tokens_call([new]), "Made the shares of 1 works: “New Song”"),
        (contracts.pay_call(TOKEN, five, memo), "Paid 5.00 tUSD to “Night Train”"),
        (
            contracts.pay_signed_call(TOKEN, ME, five, memo, NOW, bytes(32), bytes(65)),
            "Paid 5.00 tUSD to “Night Train”",
        ),
        (
            contracts.pay_signed_call(TOKEN, BEN, five, memo, NOW, bytes(32), bytes(65)),
            "Passed on a payment of 5.00 tUSD to “Night Train”, signed by Ben",
        ),
        (contracts.approve_call(TOKEN, five), "Allowed “Night Train” to take up to 5.00 tUSD"),
        (contracts.claim_call(TOKEN, ME, ""), "Collected Nothing from “Night Train”"),
        (contracts.claim_call(TOKEN, BEN, ""), "Paid out Nothing from “Night Train” to Ben"),
        (contracts.claim_many_call(TOKEN, [BEN, ME], ""), "Paid out Nothing from “Night Train” to 2 holders"),
        (contracts.claim_to_call(TOKEN, "", BEN), "Collected Nothing from “Night Train” at Ben"),
        (contracts.sync_call(TOKEN, ""), "Shared out money that had reached “Night Train” directly"),
        (contracts.forward_call(TOKEN, [BEN], ""), "Paid 1 parent works what they had earned"),
        (contracts.send_call(BEN, five), "Sent 5.00 tUSD to Ben"),
        (contracts.send_call(STRANGER, Amount(1, world.coin)), "Sent <0.000001 ETH to 0xfB69…d359"),
        (contracts.transfer_call(TOKEN, BEN, 250), "Passed on 250 shares of “Night Train” to Ben"),
        (contracts.offer_licence_call(TOKEN, terms, ""), "Offered licences of “Night Train” for 5.00 tUSD"),
        (contracts.withdraw_licence_call(TOKEN, 3), "Withdrew the licences of “Night Train” on terms 3"),
        (
            contracts.buy_licence_call(TOKEN, 1, 1, 1, five, bytes(32), BEN),
            "Bought a licence of “Night Train” for its price, for Ben",
        ),
        (contracts.redeem_plays_call(4, 9), "Wrote down that 9 plays of licence 4 are used"),
        (contracts.faucet_call(ME, five), "Got 5.00 tUSD of practice money for"),
        (escrow.place_offer_call(offer, five), "Put “Night Train” on sale for 5.00 tUSD"),
        (escrow.withdraw_offer_call(offer), "Took “Night Train” off sale"),
        (escrow.order_call(offer, ORDER.key, five), "Ordered “Night Train” for 5.00 tUSD"),
        (escrow.deliver_call(order, ORDER.key, 1, 2), "Delivered the key of “Night Train” to Ben"),
        (escrow.deliver_sealed_call(order, b"x"), "Delivered the key of “Night Train” to Ben"),
        (escrow.release_call(order, ORDER.key, NOW), "Had 5.00 tUSD for “Night Train” paid out"),
        (escrow.refund_call(order), "Gave 5.00 tUSD for “Night Train” back to Ben"),
        (
            escrow.refund_call(replace(mine, currency=world.dollar.address)),
            "Got 5.00 tUSD for “Night Train” back",
        ),
        (
            escrow.complain_call(order, offer, ORDER.key, NOW, 5, wrong),
            "Showed that “Night Train” is not what was promised, and had 5.00 tUSD back",
        ),
    ]


def test_every_action_has_words_which_follow_from_the_signed_bytes_alone(world: World) -> None:
    world.services.address_book.add(BEN, "Ben")
    told = set()
    for nonce, (call, expected) in enumerate(every_action(world)):
        # What is written beside the signature may be anybody's.
        lie = replace(call, code="action.faucet", params={"amount": "999", "to": "x"})
        receipt = world.receipt_of(lie, nonce=nonce)
        assert receipt.text.startswith(expected), receipt.text
        assert not receipt.doubts
        told.add(receipt.code.removeprefix("action."))
    parts = {"titled", "a_work", "the_price", "unreadable", "received", "cancel"}
    assert told == namespace("action").keys() - parts


def test_a_failed_one_has_a_receipt_too_for_it_has_cost_its_fee(world: World) -> None:
    receipt = world.receipt_of(contracts.send_call(BEN, Amount(10**18, world.coin)), status="0x0")
    assert (receipt.became, receipt.left, receipt.reached) == (Became.FAILED, (), ())
    assert receipt.fee == Amount(21_000 * 10**9, world.coin)
    assert receipt.text == "Send 1 ETH to 0xdbF0…C6FB", "not that it was sent"


def test_while_it_is_in_no_block_there_is_no_receipt(world: World) -> None:
    sent = world.sign(contracts.send_call(BEN, Amount(10**18, world.coin)))
    with pytest.raises(NotFoundError) as error:
        world.services.receipts.get(sent.tx_hash)
    assert error.value.code == "onreceipt.not_yet"
    with pytest.raises(NotFoundError) as error:
        world.services.receipts.get("0x12")
    assert error.value.code == "onreceipt.unknown"
    assert not list(world.services.receipts.all())


def test_a_receipt_goes_with_the_block_that_vanished(world: World) -> None:
    sent = world.sign(contracts.send_call(BEN, Amount(10**18, world.coin)))
    world.mine(sent, final=False)
    found = world.services.receipts.get(sent.tx_hash)
    assert (found.became, found.is_final) == (Became.DONE, False)
    assert "not final" in sections(found)[0].lines[0].value
    world.journal.mark_vanished(sent.chain_id, sent.tx_hash)
    with pytest.raises(NotFoundError):
        world.services.receipts.get(sent.tx_hash)


@pytest.mark.parametrize("purpose", [Purpose.SPEED_UP, Purpose.CANCEL])
def test_two_versions_are_one_receipt_under_either_id(world: World, purpose: Purpose) -> None:
    call = contracts.send_call(BEN, Amount(10**18, world.coin))
    first = world.sign(call)
    other = call if purpose is Purpose.SPEED_UP else Call(ME, b"", 0, "action.cancel")
    second = world.sign(other, purpose=purpose, bump=1)
    world.mine(second)
    receipt = world.services.receipts.get(first.tx_hash)
    assert receipt == world.services.receipts.get(second.tx_hash)
    assert (receipt.id, receipt.other_ids) == (second.tx_hash, (first.tx_hash,))
    assert list(world.services.receipts.all()) == [receipt]
    cancelled = purpose is Purpose.CANCEL
    assert receipt.left == (() if cancelled else (Amount(10**18, world.coin),))
    assert receipt.became is (Became.CANCELLED if cancelled else Became.FINAL)
    assert ("Cancelled before it happened: Send 1 ETH" in receipt.text) is cancelled


def test_what_an_older_version_did_not_read_is_read_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = world.sign(contracts.pay_call(TOKEN, Amount(5, world.dollar), bytes(32)))
    world.journal.mark_mined(sent.chain_id, sent.tx_hash, Outcome(7, 21_000, 21_000 * 10**9))
    world.journal.mark_final(sent.chain_id, sent.tx_hash)
    before = world.services.receipts.get(sent.tx_hash)
    assert (before.block_time, before.left, before.when) == (None, None, NOW)
    assert "Not read yet" in " ".join(line.value for part in sections(before) for line in part.lines)
    told = node(sent, [transfer_log(world.dollar.address, ME, TOKEN, 5)])
    told.answers["eth_chainId"] = to_quantity(world.network.chain_id)
    chain = Chain(world.network, told)  # type: ignore[arg-type]
    monkeypatch.setattr(world.services.networks, "chain", lambda _key="": chain)
    world.services.transactions.resume()
    after = world.services.receipts.get(sent.tx_hash)
    assert (after.block_time, after.left) == (NOW - 60, (Amount(5, world.dollar),))
    assert before.text.startswith("Pay ") and after.text.startswith("Paid ")


def test_a_payment_that_came_has_a_receipt_without_a_fee(world: World) -> None:
    row = (world.network.chain_id, TOKEN, "0x" + "5e" * 32, "0xbb", NOW - 60, world.dollar.address)
    with world.services.database.transaction() as connection:
        came = (("payment", STRANGER, 8), ("push", ME, 2), ("push", BEN, 1))
        for n, (kind, party, count) in enumerate(came):
            connection.execute(
                "INSERT INTO payouts (chain_id, token, tx_hash, block_number, block_hash, block_time,"
                " currency, ordinal, log_index, kind, party, amount, memo, state, recipient, first_seen_at)"
                " VALUES (?, ?, ?, 7, ?, ?, ?, ?, ?, ?, ?, ?, '', 'final', '', 0)",
                (*row, n, n, kind, party, str(count)),
            )
    receipt = world.services.receipts.get("0x" + "5e" * 32)
    assert receipt.text.startswith("“Night Train” received ")
    assert (receipt.fee, receipt.left, receipt.reached) == (None, (), (Amount(2, world.dollar),))
    assert receipt.sender.address == STRANGER and not receipt.sender.name
    told = " ".join(line.value for part in sections(receipt) for line in part.lines)
    assert "whoever sent it paid it" in told


units = st.integers(1, 10**30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    gas=st.integers(21_000, GAS_LIMIT), price=st.integers(1, MAX_FEE), data_fee=st.integers(0, 10**16),
    value=st.integers(0, 10**24), out=st.lists(units, max_size=3), back=st.lists(units, max_size=3),
    coins=st.lists(units, max_size=3), others=st.lists(units, max_size=2),
)  # fmt: skip
def test_the_sums_of_a_receipt_are_those_of_the_chain(
    world: World, tmp_path: Path, gas: int, price: int, data_fee: int, value: int,
    out: list[int], back: list[int], coins: list[int], others: list[int],
) -> None:  # fmt: skip
    dollar = world.dollar.address
    logs = [transfer_log(dollar, ME, TOKEN, one) for one in out]
    logs += [transfer_log(dollar, TOKEN, ME, one) for one in back]
    logs += [coin_log(PUSHED, TOKEN, ME, one) for one in coins]
    logs += [transfer_log(dollar, TOKEN, BEN, one) for one in others]
    call = contracts.pay_call(TOKEN, Amount(value, world.coin), bytes(32))
    says = {"gasUsed": gas, "effectiveGasPrice": price, "l1Fee": data_fee}
    nonce = world.journal.next_nonce_floor(world.network.chain_id, ME)
    told = {name: to_quantity(one) for name, one in says.items()}
    receipt = world.receipt_of(call, logs, nonce, **told)
    assert receipt.fee == Amount(gas * price + data_fee, world.coin)
    assert receipt.left is not None and receipt.reached is not None
    left = {one.currency: one.units for one in receipt.left}
    reached = {one.currency: one.units for one in receipt.reached}
    assert (left.get(world.coin, 0), left.get(world.dollar, 0)) == (value, sum(out))
    assert (reached.get(world.coin, 0), reached.get(world.dollar, 0)) == (sum(coins), sum(back))
    path = tmp_path / "all.csv"
    world.services.receipts.write_table(path, [receipt], {}, overwrite=True)
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    signs = {"left": -1, "reached": 1, "fee": -1}
    for currency, expected in (
        (world.coin, sum(coins) - value - gas * price - data_fee), (world.dollar, sum(back) - sum(out))
    ):  # fmt: skip
        of = [one for one in rows if one["currency"] == currency.symbol]
        assert sum(signs[one["line"]] * int(one["smallest_units"]) for one in of) == expected


# --- As a thief ------------------------------------------------------------------------------------------


def test_a_contract_that_nobody_called_cannot_pretend_that_coins_came(world: World) -> None:
    logs = [coin_log(CLAIMED, STRANGER, ME, 10**21, ME), transfer_log(STRANGER, BEN, ME, 10**21)]
    receipt = world.receipt_of(contracts.sync_call(TOKEN, ""), logs)
    assert world.coin not in {one.currency for one in receipt.reached or ()}
    (made_up,) = receipt.reached or ()
    assert made_up.currency.symbol == STRANGER[:8], "its own name for itself is not believed"
    assert "0xfB69…d359" in doubts(receipt)[0]
    assert STRANGER in [line.value for part in sections(receipt) for line in part.lines]


def test_a_node_that_tells_more_than_was_signed_for_is_doubted(world: World) -> None:
    call = contracts.send_call(BEN, Amount(1, world.coin))
    assert world.receipt_of(call, gasUsed=to_quantity(GAS_LIMIT)).doubts == ()
    greedy = world.receipt_of(call, nonce=1, gasUsed=to_quantity(GAS_LIMIT + 1))
    assert greedy.doubts == (Doubt.GAS,)
    price = to_quantity(MAX_FEE + 1)
    dear = world.receipt_of(call, nonce=2, gasUsed=to_quantity(GAS_LIMIT), effectiveGasPrice=price)
    assert dear.doubts == (Doubt.FEE,)
    assert all(text for text in (*doubts(greedy), *doubts(dear)))


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ({}, (2, False)), ({"gasUsed": "0x5209"}, (1, True)), ({"status": "0x0"}, (1, True)),
        ({"blockHash": "0x" + "0c" * 32}, (1, True)), ({"logs": []}, (1, True)),
    ],
)  # fmt: skip
def test_a_node_that_tells_otherwise_is_heard(
    world: World, says: dict[str, object], expected: tuple[int, bool]
) -> None:
    logs = [transfer_log(world.dollar.address, ME, TOKEN, 5)]
    stored = world.sign(contracts.pay_call(TOKEN, Amount(5, world.dollar), bytes(32)))
    world.mine(stored, logs)
    stored = world.journal.get(stored.chain_id, stored.tx_hash)
    honest, other = node(stored, logs), node(stored, logs)
    other.answers["eth_getTransactionReceipt"].update(says)
    away = node(stored, logs)
    away.answers.clear()
    chain = Chain(world.network, honest)  # type: ignore[arg-type]
    found = second_opinions(chain, [honest, other, away], stored)  # type: ignore[list-item]
    assert found == expected
    world.journal.mark_confirmed(stored.chain_id, stored.tx_hash, *found)
    receipt = world.services.receipts.get(stored.tx_hash)
    assert (receipt.sources, Doubt.DISPUTED in receipt.doubts) == expected


def test_what_was_changed_on_the_disk_is_not_passed_off_as_signed(world: World) -> None:
    mine = world.sign(contracts.send_call(BEN, Amount(1, world.coin)))
    theirs = world.sign(contracts.send_call(STRANGER, Amount(1, world.coin)), nonce=1)
    world.mine(mine)
    with world.services.database.transaction() as connection:
        connection.execute("UPDATE transactions SET raw = ? WHERE tx_hash = ?", (theirs.raw, mine.tx_hash))
    receipt = world.services.receipts.get(mine.tx_hash)
    assert receipt.doubts == (Doubt.CHANGED,)
    assert receipt.code == "action.unreadable" and receipt.moves is None


def test_a_title_writes_no_html_no_formula_and_no_backward_text(tmp_path: Path) -> None:
    world = World(tmp_path / "home", INJECTION, "=CMD()")
    try:
        world.services.address_book.add(BEN, "=Ben")
        logs = [transfer_log(TOKEN, ME, BEN, 250)]
        receipt = world.receipt_of(contracts.transfer_call(TOKEN, BEN, 250), logs)
        receipts = world.services.receipts
        page, table, paper = (tmp_path / f"all.{ending}" for ending in ("html", "csv", "pdf"))
        receipts.write_page(page, [receipt], {})
        receipts.write_table(table, [receipt], {})
        receipts.write_pdf(paper, [receipt], {})
        html = page.read_text()
        assert "<script" not in html and "&lt;script&gt;" in html and "\u202e" not in html
        assert "default-src 'none'" in html
        (row,) = csv.DictReader(table.read_text("utf-8-sig").splitlines())
        assert row["to_name"] == "'=Ben" and "\u202e" not in row["what"]
        assert paper.read_bytes().startswith(b"%PDF")
        for path in (page, table, paper):
            assert path.stat().st_mode & 0o77 == 0
            with pytest.raises(RefusedError):
                receipts.write_page(path, [receipt], {})
    finally:
        world.services.close()


def test_a_language_that_the_fonts_lack_is_printed_by_a_browser(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = world.receipt_of(contracts.send_call(BEN, Amount(1, world.coin)))
    first = world.services.receipts.for_printing(receipt, {})
    assert first.suffix == ".pdf" and first.parent.stat().st_mode & 0o77 == 0
    monkeypatch.setattr(translations, "_language", "zh")
    with pytest.raises(RefusedError) as refused:
        world.services.receipts.write_pdf(tmp_path / "a.pdf", [receipt], {})
    assert refused.value.code == "onreceipt.no_type" and not (tmp_path / "a.pdf").exists()
    second = world.services.receipts.for_printing(receipt, {})
    assert second.suffix == ".html" and list(second.parent.iterdir()) == [second], "the last one only"


# --- As a tax adviser ------------------------------------------------------------------------------------


def test_it_says_what_kind_of_money_which_time_and_which_exact_fee(world: World) -> None:
    call = contracts.pay_call(TOKEN, Amount(5_000_000, world.dollar), b"invoice 7".ljust(32, b"\0"))
    logs = [transfer_log(world.dollar.address, ME, TOKEN, 5_000_000)]
    receipt = world.receipt_of(call, logs, effectiveGasPrice=to_quantity(1_234_567_891))
    told = {line.name: line.value for part in sections(receipt) for line in part.lines if line.name}
    assert told["Kind of money"] == "Practice: no real money moved"
    assert told["When"] == both_times(NOW - 60) and "Z" in told["When"]
    assert told["Network fee"] == "0.000026 ETH, exactly 0.000025925925711 ETH"
    assert told["Left your accounts"] == "5 tUSD"
    assert told["Note"] == "invoice 7"
    assert told["Contract of tUSD"] == world.dollar.address
    assert "practice network exists inside this app" in told["Look it up"]
    assert world.services.receipts.value([receipt], "EUR") == {}, "practice money is worth nothing"


def test_real_money_is_valued_by_the_rate_that_is_named(world: World, tmp_path: Path) -> None:
    world.network = world.services.networks.named("base")
    coin = world.network.native
    receipt = world.receipt_of(contracts.send_call(BEN, Amount(15 * 10**17, coin)))
    assert (receipt.kind, receipt.explorer_url) == ("main", f"https://basescan.org/tx/{receipt.id}")
    rates = {"ETH": UserRate(Fraction(2000))}
    values = world.services.receipts.value([receipt], "EUR", rates, "my bank")
    told = [line.value for part in sections(receipt, values[receipt.id]) for line in part.lines]
    assert "3000.00 EUR" in told and "0.04 EUR" in told
    assert sum("1 ETH = 2000 EUR" in one and "my bank" in one for one in told) == 2
    assert "Real money" in told
    world.services.receipts.write_table(tmp_path / "a.csv", [receipt], values)
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text("utf-8-sig").splitlines()))
    assert [(one["line"], one["money"], one["value"]) for one in rows] == [
        ("left", "real", "3000.00"), ("fee", "real", "0.04"),
    ]  # fmt: skip


def test_receipts_are_chosen_by_time_kind_and_work(world: World) -> None:
    paid = world.receipt_of(contracts.pay_call(TOKEN, Amount(5, world.dollar), bytes(32)))
    sent = world.receipt_of(contracts.send_call(BEN, Amount(5, world.coin)), nonce=1)
    chosen = world.services.receipts.all
    assert list(chosen()) == [sent, paid]
    assert list(chosen(ReceiptFilter(kind="pay"))) == [paid]
    assert list(chosen(ReceiptFilter(work="night train"))) == [paid]
    when = paid.when
    for nothing in (ReceiptFilter("base"), ReceiptFilter(since=when + 1), ReceiptFilter(until=when)):
        assert list(chosen(nothing)) == []
