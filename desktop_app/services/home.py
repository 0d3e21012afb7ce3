"""The first page: what needs attention, what came in, what happened; all stored here, nobody is asked."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from desktop_app.core import localised
from desktop_app.core.amounts import amount_text
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError
from desktop_app.services.address_book import short_address
from desktop_app.services.backup import BackupService
from desktop_app.services.earnings import EarningsService, Income, PayoutLine
from desktop_app.services.library import LibraryService, WorkStep
from desktop_app.services.networks import PRACTICE, Network, NetworkService
from desktop_app.services.payouts import PayoutFilter, PayoutService, TrackerState
from desktop_app.services.sale_records import Order, OrderState
from desktop_app.services.transactions import Transaction, TransactionService, TransactionState
from desktop_app.services.wording import message, words

NEWS = 8
EXPIRES_SOON = 24 * 3600
"""Seconds before its end from which an order that waits for its delivery is named."""
_FAILURES = 50
_STEP_ONLY = "action.approve"
"""What is never wanted for itself: the payment after it is what happened."""
_TOLD = {"payment": "home.paid", "claim": "home.claimed"}
_NEXT = {WorkStep.ADDED: "register", WorkStep.REGISTERED: "prove", WorkStep.PROVED: "share"}


@dataclass(frozen=True)
class Attention:
    """Something that waits for the user; `page` is where it is dealt with (library, wallet, payouts, ...)."""

    code: str
    title: str
    text: str
    page: str


@dataclass(frozen=True)
class Happening:
    """`when` in seconds UTC; `kind` is payment, claim or transaction; `page` is where to see more; `receipt`
    is the id of its receipt, "" while it is in no block."""

    when: int
    kind: str
    text: str
    detail: str
    page: str
    receipt: str = ""


@dataclass(frozen=True)
class NextStep:
    """What to do next with the newest work: `code` is register, prove, share, pay (practice), sell or real.

    `page` is where it is done (work, selling, networks), `command` what it is on the command line.
    """

    code: str
    work_id: str
    title: str
    text: str
    command: str
    page: str


@dataclass(frozen=True)
class Home:
    """`month` is what came in since the first of the month (UTC), `total` ever, each currency apart; both of
    the network in use alone. `next` leads on until a first payment has come in on a real network."""

    network: Network
    works: int
    attention: tuple[Attention, ...] = ()
    month: tuple[Income, ...] = ()
    total: tuple[Income, ...] = ()
    news: tuple[Happening, ...] = field(default=())
    next: NextStep | None = None


class HomeService:
    def __init__(
        self,
        library: LibraryService,
        backup: BackupService,
        transactions: TransactionService,
        payouts: PayoutService,
        earnings: EarningsService,
        orders: Callable[[], tuple[Order, ...]],
        networks: NetworkService,
        clock: Clock,
    ) -> None:
        self._library = library
        self._backup = backup
        self._transactions = transactions
        self._payouts = payouts
        self._earnings = earnings
        self._orders = orders
        self._networks = networks
        self._clock = clock

    def look(self) -> Home:
        """Everything at this moment. Raises the store's typed errors."""
        network = self._networks.active
        here = PayoutFilter(chain_id=network.chain_id)
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        first = int(datetime(now.year, now.month, 1, tzinfo=UTC).timestamp())
        total = self._received(here)
        return Home(
            network,
            self._library.count(),
            tuple(self._attention(network)),
            self._received(PayoutFilter(chain_id=network.chain_id, since=first)),
            total,
            self._news(network),
            None if total and network.kind != PRACTICE else self._next(network, practised=bool(total)),
        )

    def _next(self, network: Network, *, practised: bool) -> NextStep | None:
        for work in self._library.page(limit=1):
            step = self._library.step(work.id, network.chain_id)
            after = "sell" if network.kind != PRACTICE else "real" if practised else "pay"
            code = after if practised else _NEXT.get(step, after)
            page = {"sell": "selling", "real": "networks"}.get(code, "work")
            name, reference = f"home.next_{code}", shlex.quote(work.title)
            return NextStep(
                code,
                work.id,
                words(name, "title", work=work.title),
                words(name, network=network.name),
                words(name, "command", work=reference, symbol=(network.dollar or network.native).symbol),
                page,
            )
        return None

    def _received(self, wanted: PayoutFilter) -> tuple[Income, ...]:
        found = (one for one in self._earnings.totals(wanted) if one.received.units)
        return tuple(sorted(found, key=lambda one: -one.payments))

    # --- Attention ---------------------------------------------------------------------------------------

    def _attention(self, network: Network) -> Iterator[Attention]:
        backup = self._backup.status()
        if backup.is_pressing or (backup.remind and network.is_real):
            yield _attention("backup", "wallet", reason=words(f"backup.{backup.state.value}"))
        for one in self._transactions.waiting():
            if one.state is TransactionState.STUCK:
                yield _attention("stuck", "transactions", what=one.text, network=one.network_name)
        status = self._payouts.status(network.chain_id)
        if status.state is TrackerState.NEEDS_USER and status.problem is not None:
            problem = message(status.problem)
            yield Attention("tracker", problem.title, f"{problem.reason} {problem.next_step}", "payouts")
        for order in self._orders():
            yield from self._of_order(order)
        for line in self._not_paid():
            yield _attention(
                "not_paid",
                "payouts",
                who=line.who or line.payout.party,
                amount=str(line.amount),
                work=line.work,
                network=line.network,
            )

    def _of_order(self, order: Order) -> Iterator[Attention]:
        said = {"work": order.title, "amount": str(order.amount), "network": order.network_name}
        if order.state is OrderState.RELEASABLE:
            yield _attention("order_releasable", "selling", **said)
        elif order.state is OrderState.WAITING and order.problem is not None:
            problem = f"{order.problem.reason} {order.problem.next_step}"
            yield _attention("order_troubled", "selling", **said, problem=problem)
        elif order.state is OrderState.WAITING and order.deadline - self._clock.now() < EXPIRES_SOON:
            until = localised.moment(order.deadline)
            yield _attention("order_expires", "selling", **said, until=until)

    def _not_paid(self) -> Iterator[PayoutLine]:
        """Pushes that failed, and after which the recipient has had nothing of that token and currency."""
        seen: set[tuple[int, str, str, str]] = set()
        for line in self._earnings.lines(PayoutFilter(kind="push_failed"), limit=_FAILURES):
            one = line.payout
            key = (one.chain_id, one.token, one.party, one.currency)
            if key in seen:
                continue
            seen.add(key)
            paid = PayoutFilter(
                chain_id=one.chain_id,
                token=one.token,
                party=one.party,
                currency=(one.currency,),
                kind=("push", "claim"),
                since=one.block_time,
            )
            after = self._earnings.lines(paid, limit=1)
            if not after or _place(after[0]) < _place(line):
                yield line

    # --- News --------------------------------------------------------------------------------------------

    def _news(self, network: Network) -> tuple[Happening, ...]:
        wanted = PayoutFilter(chain_id=network.chain_id, kind=tuple(_TOLD))
        sent = self._sent(network)
        found = [_of_transaction(one) for one in sent if one.code != _STEP_ONLY]
        # What the user did himself comes by the tracker as well: it is one thing that happened.
        own = {one.tx_hash.lower() for one in sent}
        lines = self._earnings.lines(wanted, limit=NEWS + len(own))
        found += [_of_payout(line) for line in lines if line.payout.tx_hash.lower() not in own]
        return tuple(sorted(found, key=lambda one: -one.when)[:NEWS])

    def _sent(self, network: Network) -> tuple[Transaction, ...]:
        try:
            return self._transactions.page(limit=2 * NEWS, network_key=network.key)
        except ColophonError:
            return ()  # a broken vault has its own page to say so


def _attention(code: str, page: str, **params: str) -> Attention:
    name = f"home.{code}"
    return Attention(code, words(name, "title", **params), words(name, "text", **params), page)


def _of_payout(line: PayoutLine) -> Happening:
    kind = line.payout.kind
    who = line.who or short_address(line.payout.party)
    text = words(_TOLD[kind], work=line.work, amount=amount_text(line.amount), who=who)
    detail = words("home.from_whom", who=who) if kind == "payment" else who
    return Happening(line.payout.block_time, kind, text, detail, "payouts", line.payout.tx_hash)


def _of_transaction(one: Transaction) -> Happening:
    when = one.created_at if one.block_time is None else one.block_time
    receipt = one.tx_hash if one.has_receipt else ""
    return Happening(when, "transaction", one.text, one.state_text, "transactions", receipt)


def _place(line: PayoutLine) -> tuple[int, int]:
    return line.payout.block_number, line.payout.log_index
