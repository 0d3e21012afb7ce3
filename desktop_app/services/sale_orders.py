"""The orders on one's own offers: finding them on the network, delivering, declining and having them paid
out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from desktop_app.chain import escrow
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call
from desktop_app.chain.escrow_terms import DELIVERED, ESCROW, NONE, OPEN, REFUNDED, SEALED, WINDOW, SaleOrder
from desktop_app.chain.sender import Receipt
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs.key_delivery import SaleSecret, content_key, lock, make
from desktop_app.services.acting import one_transaction
from desktop_app.services.actions import Action
from desktop_app.services.networks import NetworkService
from desktop_app.services.payouts import PayoutService
from desktop_app.services.sale_packages import SalePackages
from desktop_app.services.sale_records import Order, OrderState
from desktop_app.services.sale_terms import last_seconds, offer_from_json, order_from_json, order_json
from desktop_app.services.sales import currency_of
from desktop_app.services.sealed_keys import seal_to_buyer
from desktop_app.services.wording import message
from desktop_app.store.sales import SaleRepository, StoredOffer, StoredOrder
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.works import WorkRepository

RESCAN = 64
"""Blocks that are read again each time, since a reorganisation may have changed them."""
SETTLED_DEPTH = 200
"""Blocks after which the end of an order is not looked at any more."""
_MANY = 100
_SHORTEST = 6


class SaleOrders:
    def __init__(
        self,
        sales: SaleRepository,
        packages: SalePackages,
        works: WorkRepository,
        tokens: TokenRepository,
        networks: NetworkService,
        payouts: PayoutService,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._packages = packages
        self._works = works
        self._tokens = tokens
        self._networks = networks
        self._payouts = payouts
        self._clock = clock

    # --- Looking -----------------------------------------------------------------------------------------

    def orders(self, chain_id: int | None = None) -> tuple[Order, ...]:
        """All orders as last seen, newest first; on the active network by default."""
        chosen = self._networks.active.chain_id if chain_id is None else chain_id
        return tuple(self.view(one) for one in self._sales.orders(chosen))

    def order(self, reference: str) -> Order:
        """By the beginning of its id. Raises NotFoundError("selling.no_such_order"), InvalidInputError."""
        wanted = reference.strip().lower()
        found = [
            one for one in self.orders() if len(wanted) >= _SHORTEST and one.reference.startswith(wanted)
        ]
        if len(found) > 1:
            raise InvalidInputError("selling.ambiguous", reference=reference[:80])
        if not found:
            raise NotFoundError("selling.no_such_order", reference=reference[:80])
        return found[0]

    def sync(self, chain: Chain, task: Task | None = None) -> int:
        """Find new orders and what became of the known ones; how many are new. Asks the network only.

        Raises UnavailableError, RefusedError("chain.wrong_network").
        """
        task = task or Task()
        chain.check_chain_id()
        chain_id = chain.network.chain_id
        offers = self._sales.offers(chain_id)
        head, new = chain.block_number(), 0
        for start in range(0, len(offers), _MANY):
            task.check()
            new += self._find(chain, offers[start : start + _MANY], head)
        for order in self._sales.moving_orders(chain_id, head - SETTLED_DEPTH):
            task.check()
            self.look_again(chain, order, head)
        return new

    def look_again(self, chain: Chain, order: StoredOrder, head: int) -> StoredOrder:
        """One order as the network has it now."""
        state, at = escrow.order_state(chain, order.order_id)
        if (state, at) != (order.state, order.delivered_at) or (
            order.settled_block is None and state > WINDOW
        ):
            self._sales.set_order_state(order, state, at, head)
            if state == DELIVERED and order.state != DELIVERED:
                self._payouts.wake(order.chain_id)
        return self._sales.order(order.chain_id, order.order_id) or order

    # --- Acting ------------------------------------------------------------------------------------------

    def prepare_deliver(self, order: Order) -> Action[Order]:
        """Deliver the key now, whatever the fee limit of automatic deliveries is."""
        row, terms = self._pair(order)
        if row.state != OPEN:
            raise RefusedError("selling.not_open")
        if self._clock.now() > terms.deadline - last_seconds(self._networks.by_chain_id(row.chain_id)):
            raise RefusedError("selling.too_late")
        return self._action(row, self.delivery(row, terms), "review.deliver_key")

    def prepare_decline(self, order: Order) -> Action[Order]:
        """Give the buyer the money back instead of delivering."""
        row, terms = self._pair(order)
        if row.state != OPEN:
            raise RefusedError("selling.not_open")
        return self._action(row, escrow.refund_call(terms), "review.decline_order")

    def prepare_release(self, order: Order) -> Action[Order]:
        """Have the money of a delivered order paid out after the time for complaints."""
        row, _ = self._pair(order)
        if row.state != WINDOW:
            raise RefusedError("selling.nothing_to_release")
        if order.state is not OrderState.RELEASABLE:
            raise RefusedError("selling.window_not_over")
        chain = self._networks.chain_by_id(order.chain_id)
        return self._action(row, self.pay_out(chain, row), "review.release_order")

    def delivery(self, row: StoredOrder, terms: SaleOrder) -> Call:
        """The transaction that delivers an order's key. Raises RefusedError("wallet.locked")."""
        offer = self.offer_of(row)
        package = self._sales.package(offer.package_id)
        secret = SaleSecret.from_seed(self._packages.seed(package))
        if terms.method == SEALED:
            return escrow.deliver_sealed_call(
                terms, seal_to_buyer(content_key(secret), terms.key, row.order_id)
            )
        if lock(secret).a1 != terms.a1:
            raise RefusedError("selling.other_secret")
        made = make(row.chain_id, contract_address(ESCROW), terms.seller, row.order_id, secret, terms.key)
        return escrow.deliver_call(terms, made.point, made.challenge, made.response)

    @staticmethod
    def pay_out(chain: Chain, row: StoredOrder) -> Call:
        """The transaction that pays out an order after its window."""
        found = escrow.delivered_key(chain, row.order_id, row.block_number)
        if found is None or not found.point:
            raise RefusedError("selling.nothing_to_release")
        return escrow.release_call(order_from_json(row.terms), found.point, row.delivered_at)

    def offer_of(self, row: StoredOrder) -> StoredOffer:
        """The offer that was ordered. Raises NotFoundError."""
        offer = self._sales.offer(row.chain_id, row.offer_id)
        if offer is None:
            raise NotFoundError("selling.no_such_sale", reference="0x" + row.offer_id.hex())
        return offer

    # --- Inside ------------------------------------------------------------------------------------------

    def _find(self, chain: Chain, offers: Sequence[StoredOffer], head: int) -> int:
        first = min(max(one.block_number or 0, one.synced_to - RESCAN) for one in offers)
        placed = escrow.orders_of(chain, [one.offer_id for one in offers], first, head)
        chain_id, new = chain.network.chain_id, 0
        for one in placed:
            if one.order.order_id(chain_id) != one.order_id:
                continue  # a node's invention: the contract's ids follow from the order
            row = StoredOrder(
                chain_id,
                one.order_id,
                one.order.offer_id,
                order_json(one.order),
                one.block,
                one.tx_hash,
                OPEN,
            )
            new += self._sales.keep_order(row)
        self._sales.set_synced(chain_id, [one.offer_id for one in offers], head)
        return new

    def _pair(self, order: Order) -> tuple[StoredOrder, SaleOrder]:
        chain = self._networks.chain_by_id(order.chain_id)
        row = self._sales.order(order.chain_id, bytes.fromhex(order.reference[2:]))
        if row is None:
            raise NotFoundError("selling.no_such_order", reference=order.reference)
        row = self.look_again(chain, row, chain.block_number())
        return row, order_from_json(row.terms)

    def _action(self, row: StoredOrder, call: Call, code: str) -> Action[Order]:
        chain = self._networks.chain_by_id(row.chain_id)
        told = self.view(row)
        signer = self._packages.signer(order_from_json(row.terms).seller)
        params = {"title": told.title, "buyer": told.buyer, "amount": str(told.amount)}

        def after(receipt: Receipt) -> Order:
            self._sales.note_sent(row, receipt.tx_hash)
            return self.view(self.look_again(chain, row, receipt.block_number))

        return one_transaction(self._networks.sender(chain, signer), call, code, params, after)

    def view(self, row: StoredOrder) -> Order:
        """A stored order for people."""
        terms, offer = order_from_json(row.terms), self.offer_of(row)
        package = self._sales.package(offer.package_id)
        token = self._tokens.get(row.chain_id, offer.token)
        limit = offer_from_json(json.loads(offer.terms)).time_limit
        return Order(
            chain_id=row.chain_id,
            network_name=self._networks.name_of(row.chain_id),
            reference="0x" + row.order_id.hex(),
            sale="0x" + row.offer_id.hex(),
            title=self._works.get(package.work_id).title,
            buyer=terms.buyer,
            amount=Amount(terms.amount, currency_of(token, terms.currency)),
            state=state_of(row, terms, self._clock.now()),
            placed_at=terms.deadline - limit,
            deadline=terms.deadline,
            release_at=row.delivered_at + terms.window if row.state == WINDOW else 0,
            tx_hash=row.sent_hash,
            problem=message(problem_from(row.problem)) if row.problem else None,
        )


def state_of(row: StoredOrder, terms: SaleOrder, now: int) -> OrderState:
    """In words for people, at a time (Unix seconds)."""
    if row.state == OPEN:
        if now > terms.deadline:
            return OrderState.OVERDUE
        return OrderState.DELIVERING if row.sent_hash else OrderState.WAITING
    if row.state == WINDOW:
        return OrderState.RELEASABLE if now > row.delivered_at + terms.window else OrderState.WINDOW
    ends = {NONE: OrderState.VANISHED, DELIVERED: OrderState.DELIVERED, REFUNDED: OrderState.REFUNDED}
    return ends[row.state]


def problem_text(error: ColophonError) -> str:
    """An error as it is kept with an order."""
    return json.dumps({"code": error.code, "params": error.params})


def problem_from(text: str) -> ColophonError:
    found = json.loads(text)
    return ColophonError(found["code"], **found["params"])
