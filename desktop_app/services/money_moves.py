"""What moved in a transaction: from the signed bytes what was sent along, from its events the rest.

ERC-20 money moves by its own contract's `Transfer` events. The coin has none: our contracts themselves tell
what they paid in it. Only those that the signed call names, or that are known here, are listened to, since
anybody can emit an event of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.escrow_terms import ESCROW
from desktop_app.chain.logs import Claimed, Event, Forwarded, Pushed, Transfer, decode_log
from desktop_app.chain.raw_transaction import Signed
from desktop_app.chain.signed_calls import SignedCall
from desktop_app.chain.wire import ZERO_ADDRESS, checksummed
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import UnavailableError
from desktop_app.services.payout_lines import Names
from desktop_app.store.transactions import StoredLog, StoredTransaction, TransactionStatus


@dataclass(frozen=True)
class Move:
    """`amount` went from one address to another. With `shares` it counts shares of the royalty token whose
    address its currency has; `known` is False for a contract of which only its own word is known."""

    sender: str
    receiver: str
    amount: Amount
    shares: bool = False
    known: bool = True


def moves_of(
    stored: StoredTransaction, signed: Signed, call: SignedCall | None, names: Names, native: Currency
) -> tuple[Move, ...] | None:
    """Everything that moved, in order; () where it failed, None where its events were not read."""
    if stored.status is not TransactionStatus.MINED:
        return ()
    found = [Move(stored.from_address, signed.to, Amount(signed.value, native))] if signed.value else []
    if stored.logs is None:
        # Plain money has no events to read.
        return tuple(found) if call is not None and not call.contract else None
    trusted = {one.lower() for one in (signed.to, *(call.addresses() if call else ()))}
    trusted |= {address.lower() for chain_id, address in names.tokens if chain_id == stored.chain_id}
    for log in stored.logs:
        found += _moves(log, stored.chain_id, call, names, native, trusted)
    return tuple(found)


def _moves(
    log: StoredLog, chain_id: int, call: SignedCall | None, names: Names, native: Currency, trusted: set[str]
) -> Iterator[Move]:
    event = _event(log)
    if isinstance(event, Transfer):
        if event.value:
            contract = event.place.contract
            currency, shares, known = _currency(chain_id, contract, names)
            yield Move(event.sender, event.receiver, Amount(event.value, currency), shares, known)
    elif log.address not in trusted:
        return
    elif isinstance(event, Pushed | Claimed | Forwarded):
        if not event.currency and event.amount:
            yield Move(event.place.contract, _receiver(event), Amount(event.amount, native))
    elif event is None:
        yield from _refund(log, call, native)


def _receiver(event: Pushed | Claimed | Forwarded) -> str:
    if isinstance(event, Claimed):
        return event.to
    return event.collaborator if isinstance(event, Pushed) else event.parent


def _refund(log: StoredLog, call: SignedCall | None, native: Currency) -> Iterator[Move]:
    """The escrow tells to whom it gave an order's money back; how much the signed call says."""
    order = call.values.get("order") if call is not None and call.contract == ESCROW else None
    escrow = contract_address(ESCROW)
    ours = log.address == escrow.lower() and len(log.topics) == 2 and len(log.data) == 2 + 128
    if order is None or not ours or order["currency"] != ZERO_ADDRESS:
        return
    yield Move(escrow, checksummed("0x" + log.data[26:66]), Amount(order["amount"], native))


def _event(log: StoredLog) -> Event | None:
    """One of our frequent events; None for another, or for one of another shape."""
    zero = "0x" + "0" * 64
    raw = {
        "address": log.address, "topics": list(log.topics), "data": log.data, "blockNumber": "0x0",
        "blockHash": zero, "transactionHash": zero, "transactionIndex": "0x0", "logIndex": "0x0",
    }  # fmt: skip
    try:
        return decode_log(raw)
    except UnavailableError:
        return None


def _currency(chain_id: int, contract: str, names: Names) -> tuple[Currency, bool, bool]:
    token = names.tokens.get((chain_id, contract))
    if token is not None:
        return Currency(chain_id, token.symbol, 0, contract), True, True
    found = names.currency(chain_id, "", contract)
    return found, False, names.knows(chain_id, contract)


def sums(amounts: Iterable[Amount]) -> tuple[Amount, ...]:
    """Added up, each currency apart, in the order of their first appearance."""
    found: dict[Currency, Amount] = {}
    for one in amounts:
        found[one.currency] = found[one.currency] + one if one.currency in found else one
    return tuple(found.values())
