"""What the user has sent, what became of it, and what can be done about what is stuck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import send_call
from desktop_app.chain.fees import Speed, price_table, quote_fee
from desktop_app.chain.journal import read_receipt
from desktop_app.chain.networks import Network
from desktop_app.chain.outcomes import outcome_of, second_opinions
from desktop_app.chain.own_actions import SAMPLE_SENDER
from desktop_app.chain.sender import Sender
from desktop_app.chain.watch import Watch
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import Clock
from desktop_app.core.errors import (
    ColophonError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.core.progress import Task
from desktop_app.core.settings import FEE_SPEED, Settings
from desktop_app.services.actions import Action, Review
from desktop_app.services.address_book import AddressBookService
from desktop_app.services.networks import NetworkService
from desktop_app.services.transaction_words import TransactionWords
from desktop_app.services.wallet import WalletService
from desktop_app.services.wording import Message, message, words
from desktop_app.store.transactions import (
    Purpose,
    StoredTransaction,
    TransactionRepository,
    TransactionStatus,
)

__all__ = ["FeeChoice", "Resumed", "Speed", "Transaction", "TransactionService", "TransactionState"]

STUCK_AFTER_SECONDS = 120
PLAIN_TRANSFER_GAS = 21_000
_AT_ONCE = 20


class TransactionState(StrEnum):
    """Where a transaction stands; "transaction.<state>" words it."""

    WAITING = "waiting"
    STUCK = "stuck"
    """Waiting longer than is usual: speed it up or cancel it."""
    CANCELLING = "cancelling"
    DONE = "done"
    """In a block, which could still vanish."""
    FINAL = "final"
    REVERTED = "reverted"
    """In a block, but the contract said no: only the fee was paid."""
    REFUSED = "refused"
    """The network did not take it: it will never happen."""
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    """Another wallet with the same phrase used its number."""


_ON_ITS_WAY = (TransactionState.WAITING, TransactionState.STUCK, TransactionState.CANCELLING)


@dataclass(frozen=True)
class Transaction:
    """One logical transaction, in however many versions it was signed.

    `tx_hash` is the version that counts: the one in a block, or else the newest. `first_hash` never changes.
    `text` and `state_text` are in plain words, `code` is the action ("action.pay"); `fee` is what was paid,
    None while nothing was; `block_time` in Unix seconds.
    """

    chain_id: int
    network_name: str
    tx_hash: str
    first_hash: str
    sender: str
    nonce: int
    text: str
    recipient: str
    recipient_name: str
    state: TransactionState
    state_text: str
    created_at: int
    versions: int
    block_number: int | None
    fee: Amount | None
    explorer_url: str | None
    code: str = ""
    block_time: int | None = None

    @property
    def has_receipt(self) -> bool:
        """Whether it is in a block: what happened there, or failed there, has a receipt."""
        return self.block_number is not None

    @property
    def is_waiting(self) -> bool:
        """Whether it can be sped up or cancelled."""
        return self.state in _ON_ITS_WAY


@dataclass(frozen=True)
class FeeChoice:
    """What a speed costs: probably, and at most."""

    speed: Speed
    expected: Amount
    worst_case: Amount


@dataclass(frozen=True)
class Resumed:
    """What a round of looking after one network found; `problem` when its node did not answer."""

    network_name: str
    waiting: int
    problem: Message | None = None


class TransactionService:
    def __init__(
        self,
        transactions: TransactionRepository,
        networks: NetworkService,
        wallet: WalletService,
        address_book: AddressBookService,
        settings: Settings,
        clock: Clock,
        naming: Callable[[], TransactionWords],
    ) -> None:
        self._transactions = transactions
        self._naming = naming
        self._networks = networks
        self._wallet = wallet
        self._book = address_book
        self._settings = settings
        self._clock = clock
        self._asked: set[tuple[int, str]] = set()

    # --- Looking -----------------------------------------------------------------------------------------

    def page(self, offset: int = 0, limit: int = 100, network_key: str = "") -> tuple[Transaction, ...]:
        """Newest first, on one network or on all. Reads the journal only; `resume` brings it up to date."""
        chain_id = self._networks.named(network_key).chain_id if network_key else None
        own = [account.address for account in self._wallet.status().accounts]
        found = self._transactions.logical(own, limit, offset, chain_id)
        naming = self._naming() if found else None
        return tuple(self._view(one, naming) for one in found)

    def count(self) -> int:
        """How many there are, on all networks."""
        return self._transactions.count([account.address for account in self._wallet.status().accounts])

    def get(self, tx_hash: str) -> Transaction:
        """By the hash of any version. Raises NotFoundError."""
        return self._view(self._stored(tx_hash))

    def waiting(self) -> tuple[Transaction, ...]:
        """Everything that is still on its way, on every network."""
        own = [account.address for account in self._wallet.status().accounts]
        open_ones = [
            one
            for one in self._transactions.logical(own, 1000)
            if one.status in (TransactionStatus.PREPARED, TransactionStatus.SENT)
        ]
        return tuple(view for one in open_ones if (view := self._view(one)).is_waiting)

    def resume(self, task: Task | None = None) -> tuple[Resumed, ...]:
        """Look after all that is not settled, as at every start and now and then. Needs no open wallet.

        Settles what is in a block, sends again what was dropped, takes back what is in a block that vanished.
        Never raises for a network that does not answer.
        """
        task = task or Task()
        rounds = []
        for network in self._networks.networks():
            senders = self._transactions.senders(network.chain_id)
            if not senders and not self._incomplete(network):
                continue
            task.check()
            try:
                chain = self._networks.chain(network.key)
                chain.check_chain_id()
                waiting = sum(len(Watch(chain, sender, self._transactions).resume()) for sender in senders)
                self._complete(chain, task)
            except ColophonError as error:
                rounds.append(Resumed(network.name, 0, message(error)))
            else:
                rounds.append(Resumed(network.name, waiting))
        return tuple(rounds)

    # --- Fees --------------------------------------------------------------------------------------------

    @property
    def speed(self) -> Speed:
        """How soon transactions should be in a block, unless said otherwise."""
        return Speed(self._settings.text(FEE_SPEED))

    def set_speed(self, speed: Speed) -> None:
        self._settings.set(FEE_SPEED, speed.value)

    def transfer_fees(self, network_key: str = "") -> tuple[FeeChoice, ...]:
        """What sending the network's coin costs now at each speed. Needs neither a wallet nor money."""
        chain = self._networks.chain(network_key)
        chain.check_chain_id()
        prices = price_table(chain)
        call = send_call(SAMPLE_SENDER, Amount(0, chain.network.native))
        quotes = [
            quote_fee(chain, PLAIN_TRANSFER_GAS, call, SAMPLE_SENDER, prices[speed], speed) for speed in Speed
        ]
        return tuple(FeeChoice(quote.speed, quote.expected, quote.worst_case) for quote in quotes)

    def fee_choices(self, action: Action[object]) -> tuple[FeeChoice, ...]:
        """What the action's first transaction costs at each speed; () where its calls are not known."""
        if not action.calls:
            return ()
        chain = self._networks.chain(action.review.network_key)
        sender = self._networks.sender(chain, self._wallet.signer(action.review.sender))
        quotes = [sender.quote(action.calls[0], speed) for speed in Speed]
        return tuple(FeeChoice(quote.speed, quote.expected, quote.worst_case) for quote in quotes)

    # --- Acting ------------------------------------------------------------------------------------------

    def prepare_send(self, to: str, amount: Amount, speed: Speed | None = None) -> Action[Transaction]:
        """Send money on the active network to an address, or to a name in the address book."""
        chain = self._networks.chain()
        recipient = self._book.resolve(to)
        if amount.units <= 0:
            raise InvalidInputError("transaction.nothing_to_send")
        if amount.currency.chain_id != chain.network.chain_id:
            raise InvalidInputError("transaction.other_network", network=chain.network.name)
        sender = self._networks.sender(chain)
        if recipient == sender.address:
            raise InvalidInputError("transaction.to_yourself")
        held = chain.balance(sender.address, amount.currency)
        if not amount.currency.is_native and held.units < amount.units:
            raise RefusedError("transaction.not_enough", needed=str(amount), held=str(held))
        if chain.network.currency(recipient) is not None:
            # Currencies sent to their own contract are gone; nobody ever means it.
            raise RefusedError("transaction.to_the_currency", address=recipient)
        call = send_call(recipient, amount)
        quote = sender.quote(call, speed)
        review = Review(
            action="review.send",
            network_key=chain.network.key,
            network_name=chain.network.name,
            is_practice=chain.network.kind == "practice",
            sender=sender.address,
            recipient=recipient,
            amount=amount,
            fee_worst_case=quote.worst_case,
            params={"amount": str(amount), "to": recipient},
        )

        def run(task: Task) -> Transaction:
            task.report(0, 1, "stage.waiting_for_block")
            return self.get(sender.send(call, quote, task).tx_hash)

        return Action(review, run, [call])

    def speed_up(self, tx_hash: str, speed: Speed = Speed.FAST) -> Action[Transaction]:
        """Sign the same transaction again at a higher price. One of the two can happen, never both."""
        return self._replace(tx_hash, Purpose.SPEED_UP, speed)

    def cancel(self, tx_hash: str, speed: Speed = Speed.FAST) -> Action[Transaction]:
        """Put an empty transaction in its place. The first one may still win: the outcome tells which."""
        return self._replace(tx_hash, Purpose.CANCEL, speed)

    def _replace(self, tx_hash: str, purpose: Purpose, speed: Speed) -> Action[Transaction]:
        stored = self._stored(tx_hash)
        known = self._view(stored)
        chain = self._networks.chain_by_id(stored.chain_id)
        sender = self._networks.sender(chain, self._wallet.signer(stored.from_address))
        new = sender.replacement(stored.tx_hash, purpose, speed)

        def run(task: Task) -> Transaction:
            task.report(0, 1, "stage.sending")
            sender.replace(new, task)
            task.report(0, 1, "stage.waiting_for_block")
            return self._outcome(sender, stored, task)

        network, cancels = chain.network, new.purpose is Purpose.CANCEL
        value = Amount(new.call.value, network.native)
        review = Review(
            action="review.cancel" if cancels else "review.speed_up",
            network_key=network.key,
            network_name=network.name,
            is_practice=network.kind == "practice",
            sender=sender.address,
            recipient="" if cancels else known.recipient,
            amount=None if cancels or not value.units else value,
            fee_worst_case=new.quote.worst_case,
            params={"what": known.text},
        )
        return Action(review, run, [new.call])

    def _outcome(self, sender: Sender, stored: StoredTransaction, task: Task) -> Transaction:
        try:
            sender.wait(stored.tx_hash, task)
        except (RefusedError, UnavailableError) as error:
            # What became of it is the answer, whichever version won.
            if error.code not in _OUTCOMES:
                raise
        return self.get(stored.tx_hash)

    # --- Inside ------------------------------------------------------------------------------------------

    def _incomplete(self, network: Network) -> list[StoredTransaction]:
        """What receipts still lack: a block's time, events, another node's word. Each is asked for once in
        a run of the app, since a node may have forgotten it."""
        found = self._transactions.untold(network.chain_id, _AT_ONCE)
        if network.kind != "practice":
            found += self._transactions.unconfirmed(network.chain_id, _AT_ONCE)
        return [one for one in found if (one.chain_id, one.tx_hash) not in self._asked]

    def _complete(self, chain: Chain, task: Task) -> None:
        for found in self._incomplete(chain.network):
            task.check()
            self._asked.add((found.chain_id, found.tx_hash))
            if found.block_time is None or found.logs is None:
                receipt = read_receipt(chain, found.tx_hash)
                if receipt is not None:
                    self._transactions.tell(found.chain_id, found.tx_hash, outcome_of(chain, receipt))
            one = self._transactions.get(found.chain_id, found.tx_hash)
            if one.final and chain.network.kind != "practice":
                agreed, disputed = second_opinions(chain, self._networks.endpoints(chain.network.key), one)
                if agreed or disputed:
                    self._transactions.mark_confirmed(one.chain_id, one.tx_hash, agreed, disputed)

    def _stored(self, tx_hash: str) -> StoredTransaction:
        found = self._transactions.find(tx_hash)
        if found is None:
            raise NotFoundError("store.transaction_unknown", tx_hash=tx_hash[:80])
        return found

    def _view(self, stored: StoredTransaction, naming: TransactionWords | None = None) -> Transaction:
        versions = self._transactions.versions(stored.chain_id, stored.tx_hash) or [stored]
        asked = next((one for one in versions if one.purpose is not Purpose.CANCEL), versions[0])
        counts = next((one for one in versions if one.block_number is not None), versions[-1])
        network = self._network(stored.chain_id)
        state = self._state(versions, counts)
        happened = state in (TransactionState.DONE, TransactionState.FINAL)
        naming = naming or self._naming()
        told = naming.told(counts if happened else asked, network)
        return Transaction(
            chain_id=stored.chain_id,
            network_name=network.name if network else str(stored.chain_id),
            tx_hash=counts.tx_hash,
            first_hash=versions[0].tx_hash,
            sender=asked.from_address,
            nonce=asked.nonce,
            text=told.done if happened else told.asked,
            recipient=told.recipient,
            recipient_name=naming.person(told.recipient),
            state=state,
            state_text=words(f"transaction.{state.value}"),
            created_at=versions[0].created_at,
            versions=len(versions),
            block_number=counts.block_number,
            fee=Amount(counts.fee, network.native) if network and counts.fee is not None else None,
            explorer_url=network.transaction_url(counts.tx_hash) if network else None,
            code=told.code,
            block_time=counts.block_time,
        )

    def _state(self, versions: Sequence[StoredTransaction], counts: StoredTransaction) -> TransactionState:
        cancels = counts.purpose is Purpose.CANCEL
        if counts.block_number is not None:
            return TransactionState.CANCELLED if cancels else _in_a_block(counts)
        if counts.status is TransactionStatus.FAILED:
            return TransactionState.REFUSED
        if counts.status is TransactionStatus.REPLACED:
            return TransactionState.REPLACED
        if cancels:
            return TransactionState.CANCELLING
        waited = self._clock.now() - versions[-1].created_at
        return TransactionState.STUCK if waited > STUCK_AFTER_SECONDS else TransactionState.WAITING

    def _network(self, chain_id: int) -> Network | None:
        return next((one for one in self._networks.networks() if one.chain_id == chain_id), None)


def _in_a_block(stored: StoredTransaction) -> TransactionState:
    if stored.status is TransactionStatus.FAILED:
        return TransactionState.REVERTED
    return TransactionState.FINAL if stored.final else TransactionState.DONE


_OUTCOMES = ("chain.cancelled", "chain.replaced", "chain.mined_reverted", "chain.still_waiting")
