"""Buying from a checkout page: download, check, pay, wait for the key, open; or have the money back.

The locked file is downloaded and its roots are compared with the offer before anything is paid: otherwise a
seller could withhold the file, or serve one about which nobody could complain.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from desktop_app.chain import escrow, reads
from desktop_app.chain.contracts import Call
from desktop_app.chain.escrow_terms import DELIVERED, NONE, OPEN, PROVED, REFUNDED, WINDOW, SaleOrder
from desktop_app.chain.sender import Receipt
from desktop_app.chain.watch import Watch
from desktop_app.content.package_format import SUFFIX
from desktop_app.content.sale_package import (
    WrongPieceError,
    check_sale_package,
    first_wrong_piece,
    open_sale_package,
    show_piece,
)
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import Clock
from desktop_app.core.errors import CorruptError, InvalidInputError, RefusedError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.proofs.key_delivery import Lock, one_time_key, one_time_secret, open_delivery
from desktop_app.services.acting import approve_then, one_transaction
from desktop_app.services.actions import Action
from desktop_app.services.checkout import Checkout, parse_checkout
from desktop_app.services.networks import NetworkService
from desktop_app.services.package_download import download
from desktop_app.services.sale_records import OrderState
from desktop_app.services.sale_terms import duration_in_words, order_from_json, order_json
from desktop_app.services.sealed_keys import open_sealed, public_key
from desktop_app.services.wallet import Signer, WalletService
from desktop_app.services.wording import words
from desktop_app.store.ids import new_id
from desktop_app.store.purchases import PurchaseRepository, StoredPurchase
from desktop_app.store.transactions import StoredTransaction, TransactionRepository, TransactionStatus
from desktop_app.wallet.content_keys import open_key, seal_key

__all__ = ["Purchase", "PurchaseService", "WrongPieceError"]

ORDER_GAS = 600_000
"""Gas that an order cannot exceed; a test holds a real one against it."""
UNSENT_SECONDS = 1_800
"""After so long a payment that was never signed is not about to be (the approval before it takes time)."""


@dataclass(frozen=True)
class Purchase:
    """One thing bought, as the buyer sees it. Times in Unix seconds; `complain_until` 0 unless he still can.
    """

    id: str
    chain_id: int
    network_name: str
    title: str
    creator: str
    price: Amount
    state: OrderState
    deadline: int
    complain_until: int
    package_path: Path
    content_path: Path | None
    order: str
    mode_in_words: str

    @property
    def state_in_words(self) -> str:
        return words(f"selling.order_{self.state.value}")

    @property
    def not_placed_in_words(self) -> str:
        """The state of an order that no block has; "" for one that was placed."""
        return "" if self.order else self.state_in_words

    @property
    def can_open(self) -> bool:
        """Whether the key is there."""
        return self.state in (OrderState.WINDOW, OrderState.RELEASABLE, OrderState.DELIVERED)


class PurchaseService:
    def __init__(
        self,
        purchases: PurchaseRepository,
        transactions: TransactionRepository,
        wallet: WalletService,
        networks: NetworkService,
        clock: Clock,
    ) -> None:
        self._purchases = purchases
        self._transactions = transactions
        self._wallet = wallet
        self._networks = networks
        self._clock = clock

    # --- Before paying -----------------------------------------------------------------------------------

    def check_open(self, checkout: Checkout) -> None:
        """Raises RefusedError("selling.not_on_sale", "selling.other_network") unless the network sells it
        now, and InvalidInputError("selling.page_changed") where its price is another than the page shows."""
        if checkout.chain_id != self._networks.active.chain_id:
            raise RefusedError("selling.other_network", network=self._networks.name_of(checkout.chain_id))
        chain = self._networks.chain_by_id(checkout.chain_id)
        if not reads.is_token(chain, checkout.offer.token):
            raise RefusedError("selling.not_on_sale", title=checkout.title)
        if escrow.offer_state(chain, checkout.offer_id) != 1:
            raise RefusedError("selling.not_on_sale", title=checkout.title)
        money = checkout.price.currency
        # The offer has units only: of a currency unknown to the app, the page says where the point is.
        unknown = not money.is_native and chain.network.currency(money.address) is None
        if unknown and chain.decimals(money.address) != money.decimals:
            raise InvalidInputError("selling.page_changed")

    @staticmethod
    def package_name(checkout: Checkout) -> str:
        """A file name for the locked file, never that of the unlocked one."""
        name = Path(checkout.file_name).stem + SUFFIX
        return name if name.casefold() != checkout.file_name.casefold() else checkout.file_name + SUFFIX

    @staticmethod
    def content_path(checkout: Checkout, folder: Path) -> Path:
        """Where the unlocked file goes. Raises InvalidInputError("selling.no_folder", "selling.file_exists").
        """
        place = expanded(folder).resolve()
        if not (place.is_dir() and os.access(place, os.W_OK)):
            raise InvalidInputError("selling.no_folder", path=str(place))
        path = place / checkout.file_name
        if os.path.lexists(path):
            raise InvalidInputError("selling.file_exists", path=str(path))
        return path

    @staticmethod
    def fetch(checkout: Checkout, source: str, target: Path, task: Task | None = None) -> Path:
        """The locked file from a file or web address (the page's own where `source` is empty), checked
        against the offer. Raises RefusedError("selling.no_address", "selling.other_file") and what
        downloading raises."""
        task = task or Task()
        path = expanded(target).absolute()
        local = expanded(Path(source)) if source else None
        if local is not None and local.is_file():
            path = local.absolute()
        elif not path.is_file():
            download(checkout, source, path, task)
        check_package(checkout, path, task)
        return path

    # --- Paying ------------------------------------------------------------------------------------------

    def prepare_order(self, checkout: Checkout, package: Path, task: Task | None = None) -> Action[Purchase]:
        """Pay into the escrow. The locked file is checked once more; see `fetch`. Raises
        RefusedError("selling.bought_already") while an earlier payment waits for its key, and others."""
        self.check_open(checkout)
        check_package(checkout, package, task or Task())
        chain = self._networks.chain_by_id(checkout.chain_id)
        sender = self._networks.sender(chain)
        self._refuse_twice(checkout, sender.address)
        offer, price = checkout.offer, checkout.price
        secret = token_bytes(32)
        proved = offer.method == PROVED
        public = one_time_key(one_time_secret(secret)) if proved else public_key(secret)
        row = StoredPurchase(
            id=new_id(),
            chain_id=checkout.chain_id,
            offer_id=checkout.offer_id,
            page=checkout.page,
            buyer=sender.address,
            public_point=public,
            sealed_secret=seal_key(self._wallet.owner_secrets().seed, secret, public),
            package_path=package.absolute(),
            first_block=chain.block_number(),
            created_at=self._clock.now(),
        )

        def after(_receipt: Receipt) -> Purchase:
            return self.status(row.id)

        call = escrow.order_call(offer, public, price)
        params = {
            "title": checkout.title,
            "price": str(price),
            "mode": checkout.mode_in_words,
            "time_limit": duration_in_words(offer.time_limit),
        }
        held = chain.balance(sender.address, price.currency)
        if not price.currency.is_native and held.units < price.units:
            raise RefusedError(
                "royalties.not_enough", needed=str(price), held=str(held), address=sender.address
            )
        allowed = price.currency.is_native or (
            reads.allowance(chain, price.currency, sender.address, call.to).units >= price.units
        )
        code = "review.order_work"
        if allowed:
            action = one_transaction(sender, call, code, params, after, price)
        else:
            action = approve_then(sender, call, code, params, after, price, ORDER_GAS)

        def keep() -> None:
            self._refuse_twice(checkout, sender.address)  # two reviews may have been open at once
            self._purchases.add(row)

        return action.after_keeping(keep, lambda: self._forget_unsigned(row))

    # --- After paying ------------------------------------------------------------------------------------

    def purchases(self) -> tuple[Purchase, ...]:
        """All, newest first, as last seen."""
        return tuple(self._view(one, None) for one in self._purchases.all())

    def current(self, task: Task) -> tuple[Purchase, ...]:
        """As `purchases`, but those on the network in use as it has them now."""
        chain_id = self._networks.active.chain_id
        found = []
        for one in self._purchases.all():
            task.check()
            found.append(self.status(one.id) if one.chain_id == chain_id else self._view(one, None))
        return tuple(found)

    def status(self, purchase_id: str) -> Purchase:
        """One purchase as the network has it now. Raises NotFoundError("selling.no_such_purchase")."""
        row = self._found(self._purchases.get(purchase_id))
        chain = self._networks.chain_by_id(row.chain_id)
        if row.order_id is None:
            Watch(chain, row.buyer, self._transactions).resume()
            return self._view(row, None)
        state = escrow.order_state(chain, row.order_id)
        if state[0] == NONE:
            row = self._searched(row)
            state = escrow.order_state(chain, row.order_id or b"")
        return self._view(row, state)

    def wait(self, purchase_id: str, seconds: float, task: Task) -> Purchase:
        """Until the key is there, the time limit is over, or so many seconds have passed."""
        limit = self._clock.monotonic() + seconds
        while True:
            found = self.status(purchase_id)
            going_on = found.state in (OrderState.SENDING, OrderState.WAITING)
            if not going_on or self._clock.monotonic() >= limit:
                return found
            task.report(0, 0, "stage.waiting_for_key")
            task.wait(min(2.0, max(0.05, limit - self._clock.monotonic())))

    def open(self, purchase_id: str, output: Path | None = None, task: Task | None = None) -> Purchase:
        """Unlock the file; it appears only when every piece of it is what was promised.

        Raises RefusedError("selling.no_key_yet"), WrongPieceError where the seller's promise was false (then
        the buyer can complain in safe mode), CorruptError("selling.sealed_key"). Without an `output` it goes
        beside the locked file, under a name that is free.
        """
        row, order = self._ordered(purchase_id)
        key = self._key(row, order)
        target = expanded(output) if output is not None else _beside(row)
        open_sale_package(row.package_path, target.absolute(), key, task or Task())
        self._purchases.set_content(row.id, target.absolute())
        return self.status(row.id)

    def prepare_refund(self, purchase_id: str) -> Action[Purchase]:
        """Have the money of an order back that was not delivered in time."""
        row, order = self._ordered(purchase_id)
        if self.status(purchase_id).state is not OrderState.OVERDUE:
            raise RefusedError("selling.not_overdue")
        return self._action(row, escrow.refund_call(order), "review.refund_order")

    def prepare_complain(self, purchase_id: str, task: Task | None = None) -> Action[Purchase]:
        """Show the contract the piece that is wrong, and have the money back. This publishes the package's
        key; so nothing is sent about a file that is right. Raises RefusedError("selling.nothing_wrong",
        "selling.no_complaint_now")."""
        task = task or Task()
        row, order = self._ordered(purchase_id)
        chain = self._networks.chain_by_id(row.chain_id)
        state, delivered_at = escrow.order_state(chain, row.order_id or b"")
        if state != WINDOW or chain.head().timestamp > delivered_at + order.window:
            raise RefusedError("selling.no_complaint_now")
        checkout = parse_checkout(row.page)
        check_package(checkout, row.package_path, task)
        index = first_wrong_piece(row.package_path, self._key(row, order), task)
        if index is None:
            raise RefusedError("selling.nothing_wrong")
        shown = show_piece(row.package_path, index, task)
        evidence = escrow.Complaint(
            shown.index, shown.piece, shown.cipher_path, shown.plain_leaf, shown.plain_path
        )
        found = escrow.delivered_key(chain, row.order_id or b"", row.block_number or 0)
        if found is None:
            raise RefusedError("selling.no_key_yet")
        secret = one_time_secret(self._secret(row))
        call = escrow.complain_call(order, checkout.offer, found.point, delivered_at, secret, evidence)
        return self._action(row, call, "review.complain")

    # --- Inside ------------------------------------------------------------------------------------------

    def _refuse_twice(self, checkout: Checkout, buyer: str) -> None:
        asked = (checkout.chain_id, checkout.offer_id, buyer)
        for row in self._purchases.all():
            if (row.chain_id, row.offer_id, row.buyer) != asked:
                continue
            if self.status(row.id).state in (OrderState.SENDING, OrderState.WAITING):
                raise RefusedError("selling.bought_already", title=checkout.title)

    def _action(self, row: StoredPurchase, call: Call, code: str) -> Action[Purchase]:
        chain = self._networks.chain_by_id(row.chain_id)
        sender = self._networks.sender(chain, self._signer(row))
        checkout = parse_checkout(row.page)
        params = {"title": checkout.title, "amount": str(checkout.price)}
        return one_transaction(sender, call, code, params, lambda _receipt: self.status(row.id))

    def _signer(self, row: StoredPurchase) -> Signer:
        if row.buyer not in {account.address for account in self._wallet.status().accounts}:
            raise RefusedError("selling.other_account", seller=row.buyer)
        return self._wallet.signer(row.buyer)

    def _found(self, row: StoredPurchase) -> StoredPurchase:
        """With its order, where that is in a block by now."""
        return row if row.order_id is not None else self._searched(row)

    def _searched(self, row: StoredPurchase) -> StoredPurchase:
        """The same, asking the network; a payment that moved to another block has another order."""
        chain = self._networks.chain_by_id(row.chain_id)
        for one in escrow.orders_of(chain, [row.offer_id], row.first_block):
            # Anybody who saw the key before it was in a block can have ordered with it too.
            mine = one.order.key == row.public_point and one.order.buyer == row.buyer
            if mine and one.order.order_id(row.chain_id) == one.order_id:
                self._purchases.set_order(row.id, one.order_id, order_json(one.order), one.block)
                return self._purchases.get(row.id)
        return row

    def _ordered(self, purchase_id: str) -> tuple[StoredPurchase, SaleOrder]:
        row = self._found(self._purchases.get(purchase_id))
        if not row.terms:
            failed = self._unplaced(row) is OrderState.FAILED
            raise RefusedError("selling.payment_failed" if failed else "selling.not_ordered_yet")
        return row, order_from_json(row.terms)

    def _unplaced(self, row: StoredPurchase) -> OrderState:
        """How it is with the payment of an order that no block has, by the journal."""
        versions = self._payments(row)
        ended = (TransactionStatus.FAILED, TransactionStatus.REPLACED)
        if versions:
            over = all(one.status in ended for one in versions)
        else:
            over = self._clock.now() - row.created_at > UNSENT_SECONDS
        return OrderState.FAILED if over else OrderState.SENDING

    def _payments(self, row: StoredPurchase) -> list[StoredTransaction]:
        """All that was ever signed to pay for it: only that has its one-time key in the call."""
        return self._transactions.with_bytes(row.chain_id, row.buyer, row.public_point)

    def _forget_unsigned(self, row: StoredPurchase) -> None:
        if not self._payments(row):
            self._purchases.delete(row.id)

    def _secret(self, row: StoredPurchase) -> bytes:
        return open_key(self._wallet.owner_secrets().seed, row.sealed_secret, row.public_point)

    def _key(self, row: StoredPurchase, order: SaleOrder) -> bytes:
        """The key of the locked file. Raises RefusedError("selling.no_key_yet")."""
        if row.order_id is None or row.block_number is None:
            raise RefusedError("selling.no_key_yet")
        chain = self._networks.chain_by_id(row.chain_id)
        found = escrow.delivered_key(chain, row.order_id, row.block_number)
        if found is None:
            raise RefusedError("selling.no_key_yet")
        secret = self._secret(row)
        if order.method != PROVED:
            return open_sealed(found.sealed, secret, row.order_id)
        offer = parse_checkout(row.page).offer
        return open_delivery(Lock(offer.a1, offer.a2), found.point, one_time_secret(secret))

    def _view(self, row: StoredPurchase, state: tuple[int, int] | None) -> Purchase:
        checkout = parse_checkout(row.page)
        order = order_from_json(row.terms) if row.terms else None
        code, delivered_at = state or (OPEN if order else 0, 0)
        now = self._clock.now()
        until = delivered_at + (order.window if order else 0)
        return Purchase(
            id=row.id,
            chain_id=row.chain_id,
            network_name=self._networks.name_of(row.chain_id),
            title=checkout.title,
            creator=checkout.creator,
            price=checkout.price,
            state=buyer_state(code, order, until, now) if order else self._unplaced(row),
            deadline=order.deadline if order else 0,
            complain_until=until if code == WINDOW and now <= until else 0,
            package_path=row.package_path,
            content_path=row.content_path,
            order="0x" + row.order_id.hex() if row.order_id else "",
            mode_in_words=checkout.mode_in_words,
        )


def _beside(row: StoredPurchase) -> Path:
    """For the unlocked file: beside the locked one, under another name where that one is taken."""
    path = row.package_path.with_name(parse_checkout(row.page).file_name)
    number, free = 1, path
    while row.content_path is None and os.path.lexists(free):
        number += 1
        free = path.with_stem(f"{path.stem} ({number})")
    return free


def check_package(checkout: Checkout, package: Path, task: Task) -> None:
    """Raises RefusedError("selling.other_file") unless the file is exactly the one that is on offer, and what
    `check_sale_package` raises."""
    try:
        facts = check_sale_package(package, task)
    except (InvalidInputError, CorruptError) as problem:
        raise RefusedError("selling.other_file", path=package.name) from problem
    offer = checkout.offer
    if (facts.size, facts.cipher_root, facts.plain_root) != (offer.size, offer.cipher_root, offer.plain_root):
        raise RefusedError("selling.other_file", path=package.name)


def buyer_state(code: int, order: SaleOrder, until: int, now: int) -> OrderState:
    """Of an order in the contract's state `code`, at a time; `until` is the last second for complaints."""
    if code == OPEN:
        return OrderState.OVERDUE if now > order.deadline else OrderState.WAITING
    if code == WINDOW:
        return OrderState.WINDOW if now <= until else OrderState.RELEASABLE
    return {DELIVERED: OrderState.DELIVERED, REFUNDED: OrderState.REFUNDED}.get(code, OrderState.VANISHED)
