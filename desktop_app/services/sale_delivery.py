"""Automatic delivery: what is ordered is delivered, once, while the wallet is open and the fee within its
limit.

A delivery is kept in the journal of transactions before it leaves, and found there again after a crash by the
order that stands in its call. Even two programs that deliver at once pay out once: the contract takes one
delivery.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call
from desktop_app.chain.escrow_terms import OPEN, WINDOW, SaleOrder
from desktop_app.chain.networks import Network
from desktop_app.core.clock import Clock
from desktop_app.core.errors import CancelledError, ColophonError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.networks import PRACTICE, NetworkService
from desktop_app.services.rounds import Listeners, Round, Rounds
from desktop_app.services.sale_orders import SaleOrders, problem_text
from desktop_app.services.sale_packages import SalePackages
from desktop_app.services.sale_terms import last_seconds, order_from_json
from desktop_app.services.sales import SaleService
from desktop_app.services.wallet import DeviceAccount, WalletService
from desktop_app.store.sales import SaleRepository, StoredOffer, StoredOrder

CONFIRMATIONS = 2
"""Blocks on top of an order's before its key is shown: in a block that vanishes nothing was paid."""
CLAIM_SECONDS = 30
"""So long another program of ours leaves an order alone that is being delivered."""
FIRST_PAUSE, LONGEST_PAUSE = 15, 900
_ORDER_BYTES = 4 + 17 * 32
"""Selector and order, with which the call of every delivery begins."""
_POLL = 4.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeliveryStatus:
    """How automatic delivery on one network goes. `problem` is what keeps all of it from working, `waiting`
    counts the orders that want to be delivered, `new` those found in the last round; `seen` changes with
    the state of any."""

    chain_id: int
    running: bool = False
    problem: ColophonError | None = None
    waiting: int = 0
    new: int = 0
    seen: int = 0
    checked_at: int = 0


Listener = Callable[[DeliveryStatus], None]


class SaleDelivery:
    """One thread for each network with offers, or `deliver_once` in the caller's. Thread-safe."""

    def __init__(
        self,
        sales: SaleRepository,
        offers: SaleService,
        orders: SaleOrders,
        packages: SalePackages,
        networks: NetworkService,
        wallet: WalletService,
        clock: Clock,
        poll_seconds: float = _POLL,
    ) -> None:
        self._sales = sales
        self._offers = offers
        self._orders = orders
        self._packages = packages
        self._networks = networks
        self._wallet = wallet
        self._clock = clock
        self._poll = poll_seconds
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._rounds = Rounds("colophon-orders", clock)
        self._statuses: dict[int, DeliveryStatus] = {}
        self._listeners: Listeners[DeliveryStatus] = Listeners()

    # --- Watching ----------------------------------------------------------------------------------------

    def networks_with_offers(self) -> tuple[Network, ...]:
        """Where something is or was on sale."""
        chains = set(self._sales.chains_with_offers())
        return tuple(one for one in self._networks.networks() if one.chain_id in chains)

    def watch(self, network: Network) -> None:
        """Deliver on a network in the background until `stop`."""
        thread = self._rounds.prepare(network, self._round_of(network))
        if thread is not None:
            self._running(network.chain_id)
            thread.start()

    def stop(self, chain_id: int | None = None) -> None:
        """Stop on one network, or on all. Returns within a second; a delivery that was sent stays sent."""
        for stopped in self._rounds.stop(chain_id):
            self._set(replace(self.status(stopped), running=False))

    def wake(self, chain_id: int | None = None) -> None:
        """Look at once, for example after the wallet was opened."""
        self._rounds.wake(chain_id)

    def status(self, chain_id: int) -> DeliveryStatus:
        with self._lock:
            return self._statuses.get(chain_id, DeliveryStatus(chain_id))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(status)` on the thread of the round after every change; the result unsubscribes."""
        return self._listeners.add(listener)

    def close(self) -> None:
        """Idempotent."""
        self.stop()

    # --- One round ---------------------------------------------------------------------------------------

    def deliver_once(self, network: Network, task: Task | None = None) -> DeliveryStatus:
        """Find new orders, and deliver and collect what can be. Never raises but CancelledError: a problem of
        one order is kept with it, one that stops everything is in the answer."""
        task = task or Task()
        before = self.status(network.chain_id)
        problem: ColophonError | None = None
        new = 0
        try:
            with self._one_at_a_time:
                chain = self._networks.chain(network.key)
                self._offers.refresh(chain)
                new = self._orders.sync(chain, task)
                problem = self._work(chain, task)
        except CancelledError:
            raise
        except ColophonError as failure:
            problem = failure
        orders = self._sales.orders(network.chain_id)
        waiting = sum(1 for one in orders if one.state == OPEN)
        seen = hash(tuple((one.order_id, one.state, one.sent_hash, one.problem) for one in orders))
        status = DeliveryStatus(
            network.chain_id, before.running, problem, waiting, new, seen, self._clock.now()
        )
        self._set(status)
        return status

    def _work(self, chain: Chain, task: Task) -> ColophonError | None:
        """Deliver and collect; what stops all of it, such as a locked wallet."""
        chain_id = chain.network.chain_id
        now = self._clock.now()
        head = chain.block_number()
        needed = 0 if chain.network.kind == PRACTICE else CONFIRMATIONS
        for row in reversed(self._sales.moving_orders(chain_id, head)):  # the oldest first
            task.check()
            terms, offer = order_from_json(row.terms), self._orders.offer_of(row)
            due = row.state == OPEN and now <= terms.deadline - last_seconds(chain.network)
            due = due and head - row.block_number >= needed
            over = row.state == WINDOW and now > row.delivered_at + terms.window
            if not offer.automatic or not (due or over) or now < row.next_try_at:
                continue
            problem = self._try(chain, row, terms, offer, task)
            if problem is not None:
                return problem
        return None

    def _try(
        self, chain: Chain, row: StoredOrder, terms: SaleOrder, offer: StoredOffer, task: Task
    ) -> ColophonError | None:
        now = self._clock.now()
        try:
            call = (
                self._orders.delivery(row, terms) if row.state == OPEN else self._orders.pay_out(chain, row)
            )
            self._require_quiet_account(terms.seller)
            sender = self._networks.sender(chain, self._packages.signer(terms.seller))
            on_its_way = sender.waiting_with(call.data[:_ORDER_BYTES])
            if on_its_way is not None:
                sender.resume()
                self._sales.note_sent(row, on_its_way)
                self._orders.look_again(chain, row, chain.block_number())
                return None
            if self._sales.claim(row, now, now + CLAIM_SECONDS):
                try:
                    self._send(chain, row, offer, call, task)
                finally:
                    self._sales.release_claim(row)
        except CancelledError:
            raise
        except ColophonError as failure:
            if failure.code == "wallet.locked":
                return failure
            if isinstance(failure, UnavailableError):
                raise
            pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE)
            self._sales.note_problem(row, problem_text(failure), now + pause)
        return None

    def _send(self, chain: Chain, row: StoredOrder, offer: StoredOffer, call: Call, task: Task) -> None:
        terms = order_from_json(row.terms)
        sender = self._networks.sender(chain, self._packages.signer(terms.seller))
        quote = sender.quote(call)
        if quote.worst_case.units > offer.fee_limit:
            limit = replace(quote.worst_case, units=offer.fee_limit)
            raise RefusedError("selling.fee_above_limit", fee=str(quote.worst_case), limit=str(limit))
        self._sales.note_sent(row, sender.submit(call, quote, task))
        sender.resume()
        self._orders.look_again(chain, row, chain.block_number())

    def _require_quiet_account(self, seller: str) -> None:
        for account in self._wallet.status().accounts:
            if account.address == seller and isinstance(account, DeviceAccount):
                raise RefusedError("selling.device_asks")

    def _round_of(self, network: Network) -> Round:
        """Rounds with pauses, which grow while a node is away."""
        failures = 0

        def one_round(task: Task) -> float:
            nonlocal failures
            try:
                status = self.deliver_once(network, task)
            except CancelledError:
                raise
            except Exception:  # noqa: BLE001 - logged; deliveries of tomorrow must go on
                _log.exception("automatic delivery met an unexpected error")
                failures += 1
            else:
                failures = failures + 1 if isinstance(status.problem, UnavailableError) else 0
            return float(min(self._poll * 2.0 ** min(failures, 5), 60.0))

        return one_round

    # --- Inside ------------------------------------------------------------------------------------------

    def _set(self, status: DeliveryStatus) -> None:
        with self._lock:
            before = self._statuses.get(status.chain_id)
            self._statuses[status.chain_id] = status
        if before is None or status.new or not _same(before, status):
            self._listeners.tell(status)

    def _running(self, chain_id: int) -> None:
        with self._lock:
            known = self._statuses.get(chain_id, DeliveryStatus(chain_id))
            self._statuses[chain_id] = replace(known, running=True)


def _same(one: DeliveryStatus, other: DeliveryStatus) -> bool:
    def told(status: DeliveryStatus) -> tuple[object, ...]:
        problem = status.problem.code if status.problem else ""
        return status.running, problem, status.waiting, status.seen

    return told(one) == told(other)
