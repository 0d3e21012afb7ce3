"""The KeyEscrow contract: what the app does with it, and what it tells without a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.chain.abi_logs import AbiEvent, decode_abi_log, event_topic
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call, encode_call
from desktop_app.chain.escrow_terms import ESCROW, SaleOffer, SaleOrder, point_words
from desktop_app.chain.log_search import search_raw_logs, topic_of
from desktop_app.chain.reads import read_contract, require_contract
from desktop_app.chain.wire import Json
from desktop_app.core.amounts import Amount


@dataclass(frozen=True)
class Complaint:
    """A wrong piece as `KeyEscrow.complain` takes it: `index` from 0, the ciphertext and both Merkle
    paths."""

    index: int
    piece: bytes
    cipher_path: Sequence[bytes]
    plain_leaf: bytes
    plain_path: Sequence[bytes]


@dataclass(frozen=True)
class PlacedOffer:
    """An offer, and the block where it was made."""

    offer: SaleOffer
    block: int


@dataclass(frozen=True)
class PlacedOrder:
    """An order, its id, and where it was made."""

    order: SaleOrder
    order_id: bytes
    block: int
    tx_hash: str


@dataclass(frozen=True)
class DeliveredKey:
    """What was delivered: the point V (128 bytes), or the sealed key (HPKE); the other is empty."""

    point: bytes
    sealed: bytes
    tx_hash: str


def place_offer_call(offer: SaleOffer, price: Amount) -> Call:
    """Offer a work's package for sale."""
    params = {"token": offer.token, "price": str(price)}
    return _call("place_offer", offer.abi(), code="action.offer_sale", **params)


def withdraw_offer_call(offer: SaleOffer) -> Call:
    """Take no more orders on an offer."""
    return _call("withdraw_offer", offer.abi(), code="action.withdraw_sale", token=offer.token)


def order_call(offer: SaleOffer, key: bytes, price: Amount) -> Call:
    """Order and pay; an ERC-20 price must be approved for the escrow first."""
    params = {"token": offer.token, "price": str(price)}
    call = _call("order", offer.abi(), point_words(key), code="action.order_work", **params)
    return call if offer.currency else Call(call.to, call.data, offer.price, call.code, call.params)


def deliver_call(order: SaleOrder, point: bytes, challenge: int, response: int) -> Call:
    """Deliver the key with its proof."""
    words, params = point_words(point), {"buyer": order.buyer}
    return _call("deliver", order.abi(), words, challenge, response, code="action.deliver_key", **params)


def deliver_sealed_call(order: SaleOrder, sealed: bytes) -> Call:
    """Deliver the key without a proof."""
    return _call("deliver_sealed", order.abi(), sealed, code="action.deliver_key", buyer=order.buyer)


def release_call(order: SaleOrder, point: bytes, delivered_at: int) -> Call:
    """Pay out a delivered order after its window."""
    words = point_words(point)
    return _call("release", order.abi(), words, delivered_at, code="action.release_order", token=order.token)


def refund_call(order: SaleOrder) -> Call:
    """Give the money of an undelivered order back to its buyer."""
    return _call("refund", order.abi(), code="action.refund_order", buyer=order.buyer)


def complain_call(
    order: SaleOrder, offer: SaleOffer, point: bytes, delivered_at: int, secret: int, wrong: Complaint
) -> Call:
    """Show a wrong piece. Publishes the buyer's one-time secret, and so the key of the package."""
    return _call(
        "complain", order.abi(), offer.abi(), point_words(point), delivered_at, secret, wrong.index,
        wrong.piece, list(wrong.cipher_path), wrong.plain_leaf, list(wrong.plain_path),
        code="action.complain", token=order.token,
    )  # fmt: skip


def _call(function: str, *arguments: object, code: str, **params: str | int) -> Call:
    data = encode_call(ESCROW, function, *arguments)
    return Call(contract_address(ESCROW), data, 0, code, params)


def offer_state(chain: Chain, offer_id: bytes) -> int:
    """0 unknown, 1 open, 2 withdrawn."""
    require_contract(chain, ESCROW)
    (found,) = read_contract(chain, contract_address(ESCROW), ESCROW, "offer_state", offer_id)
    return int(found)


def order_state(chain: Chain, order_id: bytes) -> tuple[int, int]:
    """State of an order (`escrow_terms`), and in its window the Unix time of the delivery."""
    require_contract(chain, ESCROW)
    state, at = read_contract(chain, contract_address(ESCROW), ESCROW, "state", order_id)
    return int(state), int(at)


def offers_of(chain: Chain, token: str, first: int = 0) -> list[PlacedOffer]:
    """Every offer that was ever made of a token's work, oldest first, withdrawn ones too."""
    events = _events(chain, first, [event_topic(ESCROW, "Offered"), None, topic_of(token)])
    return [
        PlacedOffer(SaleOffer.from_abi(one.values["offer"]), one.place.block_number) for one in events
    ]


def orders_of(
    chain: Chain, offer_ids: Sequence[bytes], first: int, last: int | None = None
) -> list[PlacedOrder]:
    """The orders on some offers in the blocks from `first`, oldest first."""
    if not offer_ids:
        return []
    topics: list[Json] = [event_topic(ESCROW, "Ordered"), None, ["0x" + one.hex() for one in offer_ids]]
    return [placed_order(one) for one in _events(chain, first, topics, last)]


def placed_order(event: AbiEvent) -> PlacedOrder:
    """The order that an `Ordered` event tells of."""
    order = SaleOrder.from_abi(event.values["order"])
    return PlacedOrder(order, event.values["order_id"], event.place.block_number, event.place.tx_hash)


def delivered_key(chain: Chain, order_id: bytes, first: int) -> DeliveredKey | None:
    """What was delivered to an order, None while nothing was."""
    kinds: list[Json] = [event_topic(ESCROW, "Delivered"), event_topic(ESCROW, "DeliveredSealed")]
    for event in _events(chain, first, [kinds, "0x" + order_id.hex()]):
        point = b"".join(event.values.get("v", ()))
        return DeliveredKey(point, event.values.get("sealed", b""), event.place.tx_hash)
    return None


def escrow_events(logs: Sequence[Json], name: str) -> list[AbiEvent]:
    """The escrow's own events of one kind among the logs of a transaction."""
    found = [decode_abi_log(ESCROW, log) for log in logs]
    address = contract_address(ESCROW)
    return [one for one in found if one and one.name == name and one.place.contract == address]


def _events(chain: Chain, first: int, topics: list[Json], last: int | None = None) -> list[AbiEvent]:
    require_contract(chain, ESCROW)
    address = contract_address(ESCROW)
    until = chain.block_number() if last is None else last
    logs = search_raw_logs(chain, first, until, [address], topics)
    found = [decode_abi_log(ESCROW, log) for log in logs]
    return [event for event in found if event is not None and event.place.contract == address]
