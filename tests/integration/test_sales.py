"""Selling and buying on the practice network, without a browser: everything through the services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes

import pytest
from integration.journey import BEN, CLEO, mint, register
from integration.killed_delivery import deliver_and_die
from integration.people import PASSPHRASE, active, services_of

from desktop_app.chain import escrow
from desktop_app.chain.networks import Network
from desktop_app.content import sale_package
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services import purchases, sale_terms
from desktop_app.services.acting import approve_then
from desktop_app.services.app import Services
from desktop_app.services.checkout import Checkout, parse_checkout, read_checkout
from desktop_app.services.purchases import UNSENT_SECONDS, Purchase, WrongPieceError
from desktop_app.services.royalties import Token
from desktop_app.services.sale_records import OrderState, Sale
from desktop_app.services.sale_terms import LAST_SECONDS, SaleMode, SaleTerms, last_seconds
from desktop_app.services.sealed_keys import public_key
from desktop_app.store.ids import new_id
from desktop_app.store.purchases import PurchaseRepository

PRICE = 5_000_000


class LaterClock(SystemClock):
    """The system's clock, moved on by `skipped` seconds."""

    skipped = 0

    def now(self) -> int:
        return super().now() + self.skipped


class Market:
    """A seller with a token, and a buyer in the same wallet; both have money."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, LaterClock()
        self.services = self._open()
        self.services.wallet.create("passphrase", PASSPHRASE)
        self.seller = active(self.services)
        self.services.networks.faucet(self.seller)
        self.work = register(self.services, folder / "works")
        self.token: Token = mint(self.services, self.work)
        self.buyer = self.services.wallet.add_account("Buyer").address
        self.services.networks.faucet(self.buyer)

    def _open(self) -> Services:
        return services_of(self.folder / "home", clock=self.clock)

    def reopen(self) -> Services:
        """As after a restart of the app."""
        self.services.close()
        self.services = self._open()
        self.services.wallet.unlock(PASSPHRASE)
        return self.services

    def offer(self, price: int = PRICE, currency: int = 1, **terms: object) -> Sale:
        selling = self.services.selling
        self.services.wallet.select_account(self.seller)
        package = selling.packages.make(self.work)
        wanted = replace(SaleTerms(Amount(price, self.token.currencies[currency])), **terms)  # type: ignore[arg-type]
        return selling.sales.prepare_offer(self.token, wanted, package).execute()

    def page(self, sale: Sale) -> Checkout:
        return read_checkout(self.services.selling.checkout.write(sale, self.folder / "page.html"))

    def buy(self, sale: Sale) -> Purchase:
        purchases = self.services.selling.purchases
        checkout = self.page(sale)
        self.services.wallet.select_account(self.buyer)
        package = purchases.fetch(checkout, str(sale.package_path), self.folder / "unused")
        try:
            return purchases.prepare_order(checkout, package).execute()
        finally:
            self.services.wallet.select_account(self.seller)

    def deliver(self) -> None:
        status = self.services.selling.delivery.deliver_once(self.services.networks.active)
        assert status.problem is None, status.problem

    def deliveries(self) -> list[str]:
        """Hashes of all deliveries that were ever signed."""
        return [one.tx_hash for one in self.services.transactions.page(limit=1000) if "key" in one.text]

    def dollars(self, address: str) -> int:
        return self.services.networks.chain().balance(address, self.token.currencies[1]).units

    def state(self, purchase: Purchase) -> OrderState:
        return self.services.selling.purchases.status(purchase.id).state


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    made = Market(tmp_path_factory.mktemp("market"))
    yield made
    made.services.close()


def test_a_whole_sale_splits_the_money_in_the_delivering_transaction(market: Market) -> None:
    sale = market.offer()
    purchase = market.buy(sale)
    assert purchase.state is OrderState.WAITING
    with pytest.raises(RefusedError, match="no_key_yet"):
        market.services.selling.purchases.open(purchase.id)
    ben, cleo = market.dollars(BEN), market.dollars(CLEO)
    market.deliver()
    market.deliver()
    assert market.dollars(BEN) - ben == PRICE * 333_333 // 1_000_000
    assert market.dollars(CLEO) - cleo == PRICE * 125_000 // 1_000_000
    assert len(market.deliveries()) == 1
    opened = market.services.selling.purchases.open(purchase.id, market.folder / "bought.txt")
    assert opened.state is OrderState.DELIVERED
    assert (market.folder / "bought.txt").read_bytes() == (market.folder / "works" / "la.txt").read_bytes()
    (order,) = [one for one in market.services.selling.orders.orders() if one.sale == sale.reference]
    assert (order.state, order.buyer, order.amount.units) == (OrderState.DELIVERED, market.buyer, PRICE)


def test_a_delivery_that_is_killed_at_any_point_happens_once(market: Market) -> None:
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_000)
    before = len(market.deliveries())
    for number, point in enumerate(("claimed", "stored", "sent"), start=1):
        purchase = market.buy(sale)
        market.services.close()
        deliver_and_die(market.folder / "home", point)
        market.reopen()
        if point == "claimed":
            market.clock.skipped += 60  # another program might be at it
        market.deliver()
        market.deliver()
        assert market.state(purchase) is OrderState.DELIVERED, point
        assert len(market.deliveries()) == before + number, point
        opened = market.services.selling.purchases.open(purchase.id, market.folder / f"{point}.txt")
        assert opened.content_path is not None
        assert opened.content_path.read_bytes() == (market.folder / "works" / "la.txt").read_bytes()


def test_two_reviews_of_one_purchase_are_open_and_only_one_pays(market: Market) -> None:
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_015)
    checkout, purchases = market.page(sale), market.services.selling.purchases
    market.services.wallet.select_account(market.buyer)
    first, second = (purchases.prepare_order(checkout, sale.package_path) for _ in range(2))
    market.services.wallet.select_account(market.seller)
    bought, held = first.execute(), market.dollars(market.buyer)
    known = purchases.purchases()
    with pytest.raises(RefusedError, match="bought_already"):
        second.execute()
    assert (market.dollars(market.buyer), purchases.purchases()) == (held, known)
    market.deliver()

    # The name beside the locked file is taken by something else: it stays, and what was paid for opens.
    taken = sale.package_path.with_name(checkout.file_name)
    assert taken.is_file(), "the seller's own"
    opened = purchases.open(bought.id)
    assert opened.content_path == taken.with_name(f"{taken.stem} (2){taken.suffix}")
    assert opened.content_path.read_bytes() == taken.read_bytes()


def test_a_locked_wallet_delivers_nothing_and_says_so(market: Market) -> None:
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_001)
    purchase = market.buy(sale)
    market.services.wallet.lock()
    network = market.services.networks.active
    status = market.services.selling.delivery.deliver_once(network)
    assert status.problem is not None
    assert (status.problem.code, status.waiting) == ("wallet.locked", 1)
    market.services.wallet.unlock(PASSPHRASE)
    market.deliver()
    assert market.state(purchase) is OrderState.DELIVERED


def test_a_fee_above_the_limit_waits_and_is_delivered_by_hand(market: Market) -> None:
    coin = market.services.networks.active.native
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_002, fee_limit=Amount(1, coin))
    purchase = market.buy(sale)
    market.deliver()
    (order,) = [one for one in market.services.selling.orders.orders() if one.sale == sale.reference]
    assert order.state is OrderState.WAITING
    assert order.problem is not None
    assert "0.000000000000000001 ETH" in order.problem.reason
    done = market.services.selling.orders.prepare_deliver(order).execute()
    assert done.state is OrderState.DELIVERED
    assert market.state(purchase) is OrderState.DELIVERED


def test_an_order_is_declined_or_refunded_after_its_time_limit(market: Market) -> None:
    selling = market.services.selling
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_003, automatic=False, time_limit=3_600)
    held = market.dollars(market.buyer)
    declined = market.buy(sale)
    market.deliver()  # not automatic: nothing happens
    with pytest.raises(RefusedError, match="bought_already"):
        market.buy(sale)
    first = selling.orders.order(declined.order)
    assert selling.orders.prepare_decline(first).execute().state is OrderState.REFUNDED
    late = market.buy(sale)
    market.deliver()
    (newest, _) = [one for one in selling.orders.orders() if one.sale == sale.reference]
    assert newest.reference == late.order
    with pytest.raises(RefusedError, match="not_overdue"):
        selling.purchases.prepare_refund(late.id)
    market.clock.skipped += 3_700
    assert market.state(late) is OrderState.OVERDUE
    assert selling.purchases.prepare_refund(late.id).execute().state is OrderState.REFUNDED
    assert market.dollars(market.buyer) == held
    market.deliver()
    with pytest.raises(RefusedError, match="not_open"):
        selling.orders.prepare_deliver(newest)


def test_safe_mode_pays_out_after_the_window_and_a_good_piece_cannot_be_complained_about(
    market: Market,
) -> None:
    selling = market.services.selling
    sale = market.offer(mode=SaleMode.SAFE, price=1_000_004, window=3_600)
    purchase = market.buy(sale)
    ben = market.dollars(BEN)
    market.deliver()
    assert market.state(purchase) is OrderState.WINDOW
    selling.purchases.open(purchase.id, market.folder / "safe.txt")
    with pytest.raises(RefusedError, match="nothing_wrong"):
        selling.purchases.prepare_complain(purchase.id)
    order = selling.orders.order(purchase.order)
    with pytest.raises(RefusedError, match="window_not_over"):
        selling.orders.prepare_release(order)
    assert market.dollars(BEN) == ben
    market.clock.skipped += 3_700
    market.services.networks.faucet(market.seller)  # a block with the new time
    market.deliver()
    assert market.state(purchase) is OrderState.DELIVERED
    assert market.dollars(BEN) - ben - 1_000_004 * 333_333 // 1_000_000 in (0, 1)  # what was left before


def test_a_sealed_key_opens_the_work_and_is_delivered_once(market: Market) -> None:
    """The mode for networks that check no proof, with its label on both sides."""
    selling = market.services.selling
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_006)
    assert "proof" in sale.mode_in_words
    purchase = market.buy(sale)
    assert purchase.mode_in_words == sale.mode_in_words
    ben = market.dollars(BEN)
    market.deliver()
    market.deliver()
    assert market.state(purchase) is OrderState.DELIVERED
    assert market.dollars(BEN) > ben
    opened = selling.purchases.open(purchase.id, market.folder / "sealed.txt")
    assert opened.content_path is not None
    original = market.services.library.get(market.work).path
    assert opened.content_path.read_bytes() == original.read_bytes()


def test_a_buyer_of_garbage_complains_and_has_the_money_back(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seller's program is a crook's: it promises another second piece than it encrypts."""
    honest = sale_package.PieceLeaves.of

    def crooked(self: sale_package.PieceLeaves, first: int, content: memoryview) -> list[bytes]:
        leaves = honest(self, first, content)
        return [leaves[0], bytes(32), *leaves[2:]]

    selling = market.services.selling
    monkeypatch.setattr(sale_package.PieceLeaves, "of", crooked)
    garbage = selling.packages.make(market.work, market.folder / "garbage.colophon-package")
    monkeypatch.undo()
    sale = market.offer(mode=SaleMode.SAFE, price=1_000_005, window=3_600)
    assert sale.package_path == garbage.path
    held = market.dollars(market.buyer)
    purchase = market.buy(sale)
    market.deliver()
    with pytest.raises(WrongPieceError):
        selling.purchases.open(purchase.id, market.folder / "garbage.txt")
    assert not (market.folder / "garbage.txt").exists()
    assert selling.purchases.prepare_complain(purchase.id).execute().state is OrderState.REFUNDED
    assert market.dollars(market.buyer) == held


def test_who_copies_a_one_time_key_on_its_way_hides_no_order(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief who sees the buyer's order before it is in a block orders with the same key first."""
    selling, wallet, secret = market.services.selling, market.services.wallet, bytes(range(32))
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_007)
    checkout, networks = market.page(sale), market.services.networks
    monkeypatch.setattr(purchases, "token_bytes", lambda _size: secret)
    wallet.select_account(market.buyer)
    ordering = selling.purchases.prepare_order(checkout, sale.package_path)
    wallet.select_account(market.seller)
    call = escrow.order_call(checkout.offer, public_key(secret), checkout.price)
    thief = networks.sender(networks.chain())
    params = {"title": "x", "price": "x", "mode": "x", "time_limit": "x"}
    approve_then(
        thief, call, "review.order_work", params, lambda _receipt: None, checkout.price, purchases.ORDER_GAS
    ).execute()
    purchase = ordering.execute()
    selling.orders.sync(networks.chain())
    buyers = {one.reference: one.buyer for one in selling.orders.orders() if one.sale == sale.reference}
    assert set(buyers.values()) == {market.buyer, market.seller}
    assert buyers[purchase.order] == market.buyer

    # The block of an order was taken back, and the order stands in another one, with another id.
    repository = selling.purchases._purchases
    repository.set_order(purchase.id, bytes(32), repository.get(purchase.id).terms, 1)
    assert selling.purchases.status(purchase.id).order == purchase.order


def test_a_file_that_is_not_on_offer_is_refused_before_paying(market: Market) -> None:
    purchases = market.services.selling.purchases
    sale = market.services.selling.sales.sales()[-1]
    checkout = market.page(sale)
    other = market.folder / "other.colophon-package"
    data = bytearray(sale.package_path.read_bytes())
    data[-1] ^= 1
    other.write_bytes(data)
    with pytest.raises(RefusedError, match="other_file"):
        purchases.fetch(checkout, str(other), market.folder / "unused")
    with pytest.raises(RefusedError, match="other_file"):
        purchases.prepare_order(checkout, other, Task())


def test_a_page_that_moves_the_point_of_an_unknown_currency_is_refused(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5 of them would be shown as 0.000000000005."""
    page = json.loads(market.page(market.offer(mode=SaleMode.SEALED, price=1_000_016)).page)
    monkeypatch.setattr(Network, "currency", lambda _network, _address: None)
    purchases = market.services.selling.purchases
    purchases.check_open(parse_checkout(json.dumps(page)))
    page["price"]["currency"]["decimals"] = 18
    with pytest.raises(InvalidInputError, match="page_changed"):
        purchases.check_open(parse_checkout(json.dumps(page)))


def test_a_withdrawn_sale_takes_no_order(market: Market) -> None:
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_006)
    checkout = market.page(sale)
    market.services.selling.sales.prepare_withdraw(sale).execute()
    with pytest.raises(RefusedError, match="not_on_sale"):
        market.services.selling.purchases.check_open(checkout)
    with pytest.raises(RefusedError, match="already_offered"):
        market.offer(mode=SaleMode.SEALED, price=1_000_006)


def test_a_payment_that_failed_is_told_and_the_work_can_be_ordered_again(market: Market) -> None:
    """The offer is withdrawn while the buyer looks at the review: the network undoes the payment."""
    selling = market.services.selling
    sale = market.offer(mode=SaleMode.SEALED, price=1_000, currency=0)
    checkout = market.page(sale)
    market.services.wallet.select_account(market.buyer)
    order = selling.purchases.prepare_order(checkout, sale.package_path)
    market.services.wallet.select_account(market.seller)
    selling.sales.prepare_withdraw(sale).execute()
    with pytest.raises(RefusedError, match="mined_reverted"):
        order.execute()
    (failed, *_) = selling.purchases.purchases()
    assert (failed.title, failed.state, failed.order) == (sale.title, OrderState.FAILED, "")
    assert "order again" in failed.not_placed_in_words
    assert market.state(failed) is OrderState.FAILED
    assert selling.purchases.wait(failed.id, 60, Task()).state is OrderState.FAILED
    with pytest.raises(RefusedError, match="payment_failed"):
        selling.purchases.prepare_refund(failed.id)
    again = market.buy(market.offer(mode=SaleMode.SEALED, price=1_001, currency=0))
    market.deliver()
    assert market.state(again) is OrderState.DELIVERED
    assert again.not_placed_in_words == ""


def test_an_order_that_is_refused_before_it_was_signed_leaves_nothing(market: Market) -> None:
    selling = market.services.selling
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_011)
    checkout = market.page(sale)
    before = selling.purchases.purchases()
    market.services.wallet.select_account(market.buyer)
    order = selling.purchases.prepare_order(checkout, sale.package_path)  # approves first
    market.services.wallet.select_account(market.seller)
    selling.sales.prepare_withdraw(sale).execute()
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        order.execute()
    assert selling.purchases.purchases() == before


def test_a_payment_that_a_crash_kept_from_being_signed_is_given_up(market: Market) -> None:
    purchase = market.buy(market.offer(mode=SaleMode.SEALED, price=1_000_012))
    stored = PurchaseRepository(market.services.database)
    unsigned = replace(
        stored.get(purchase.id), id=new_id(), public_point=token_bytes(128), order_id=None, terms="",
        block_number=None, created_at=market.clock.now(),
    )  # fmt: skip
    stored.add(unsigned)
    purchases = market.services.selling.purchases
    assert purchases.status(unsigned.id).state is OrderState.SENDING
    market.clock.skipped += UNSENT_SECONDS + 1
    assert purchases.status(unsigned.id).state is OrderState.FAILED


def test_an_order_that_moved_to_another_block_is_found_again(market: Market) -> None:
    """Its id follows from its deadline, and so from the time of its block."""
    purchase = market.buy(market.offer(mode=SaleMode.SEALED, price=1_000_013))
    stored = PurchaseRepository(market.services.database)
    row = stored.get(purchase.id)
    assert row.block_number is not None
    stored.set_order(purchase.id, token_bytes(32), row.terms, row.block_number)
    market.deliver()
    found = market.services.selling.purchases.status(purchase.id)
    assert (found.order, found.state) == (purchase.order, OrderState.DELIVERED)


def test_nothing_is_delivered_shortly_before_the_time_limit(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could come too late, and would show the key for nothing."""
    selling = market.services.selling
    sale = market.offer(mode=SaleMode.SEALED, price=1_000_014, time_limit=600)
    purchase = market.buy(sale)
    signed = len(market.deliveries())
    selling.orders.sync(market.services.networks.chain())
    order = selling.orders.order(purchase.order)
    networks = market.services.networks.networks()
    assert {last_seconds(one) for one in networks if one.kind != "practice"} == {LAST_SECONDS} == {90}
    monkeypatch.setattr(sale_terms, "LAST_PRACTICE_SECONDS", LAST_SECONDS)  # as on a real network
    # Blocks follow each other quicker than seconds here: the clock of the network may be ahead.
    market.clock.skipped += order.deadline - market.clock.now() - LAST_SECONDS + 1
    market.deliver()
    with pytest.raises(RefusedError, match="too_late"):
        selling.orders.prepare_deliver(order)
    assert len(market.deliveries()) == signed
    with pytest.raises(InvalidInputError, match="time_limit_too_short"):
        market.offer(mode=SaleMode.SEALED, price=1_000_015, time_limit=179)
