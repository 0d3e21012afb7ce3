# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Colophon key escrow
@license Apache-2.0
@notice Sells the key of an encrypted work: the money waits here until the key is delivered to the buyer, with a
        proof that it is the right one, and goes to the work's royalty token in that transaction. Without a
        delivery the buyer has it back after the time limit.
@dev The seller publishes A1 = a*G and A2 = S + a*H of BLS12-381 G1; the key of the package is SHA-256(tag, S).
     The buyer posts a one-time key B = b*G. The delivery is V = a*(H + B), with a proof that V and A1 have the
     same discrete logarithm a to H + B and G (Chaum and Pedersen, CRYPTO '92): it holds exactly if
     S = A2 - V + b*A1, which the buyer alone can compute. This is ElGamal encryption with one randomness for
     all buyers (Kurosawa, PKC 2002).
     In safe mode the money waits for a complaint (after Dziembowski, Eckey, Faust, "FairSwap", CCS 2018): the
     buyer shows b, one piece of the ciphertext and the hash that was promised of its plaintext, with their
     Merkle paths (RFC 9162); the piece is decrypted here, and a wrong one gives the money back.
     Offers and orders are kept as hashes; their fields come with each call, and all of them in the events.
     No owner, no upgrade, no fee.
"""

import aes_counter


interface Registry:
    def record(registrant: address, commitment_id: bytes32) -> (address, uint64, bool): view


interface Factory:
    def registry() -> address: view
    def origin(token: address) -> (address, uint64): view


interface RoyaltyToken:
    def work() -> bytes32: view
    def currencies() -> DynArray[address, 8]: view
    def pay(currency: address, amount: uint256, memo: bytes32): payable


interface Erc20:
    def balanceOf(owner: address) -> uint256: view
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def transferFrom(owner: address, to: address, amount: uint256) -> bool: nonpayable
    def approve(spender: address, amount: uint256) -> bool: nonpayable


interface Erc3009:
    def receiveWithAuthorization(
        payer: address,
        to: address,
        amount: uint256,
        valid_after: uint256,
        valid_before: uint256,
        nonce: bytes32,
        v: uint8,
        r: bytes32,
        s: bytes32,
    ): nonpayable


struct Offer:
    token: address  # the work's royalty token, which gets the money
    seller: address
    currency: address  # accepted by the token; zero is the native coin
    price: uint256
    method: uint256  # PROVED or SEALED
    time_limit: uint256  # seconds for the delivery
    window: uint256  # seconds for a complaint after it; zero: fast mode, without
    size: uint256  # of the content, in bytes
    cipher_root: bytes32  # over the pieces of the ciphertext
    plain_root: bytes32  # over the salted pieces of the content
    a1: bytes32[4]  # A1 and A2 in the encoding of EIP-2537; zero if sealed
    a2: bytes32[4]
    document: bytes32  # keccak256 of the licence's text


struct Order:
    offer_id: bytes32
    seller: address
    buyer: address
    token: address
    currency: address
    amount: uint256
    method: uint256
    deadline: uint256  # the last second for the delivery
    window: uint256
    a1: bytes32[4]
    key: bytes32[4]  # B; if sealed, an X25519 public key and zeros


event Offered:
    offer_id: indexed(bytes32)
    token: indexed(address)
    seller: indexed(address)
    offer: Offer


event OfferWithdrawn:
    offer_id: indexed(bytes32)


event Ordered:
    order_id: indexed(bytes32)
    offer_id: indexed(bytes32)
    buyer: indexed(address)
    order: Order


# Paid out in the same transaction if `release_at` is its time.
event Delivered:
    order_id: indexed(bytes32)
    offer_id: indexed(bytes32)
    v: bytes32[4]
    release_at: uint256


event DeliveredSealed:
    order_id: indexed(bytes32)
    offer_id: indexed(bytes32)
    sealed: Bytes[160]


event Released:
    order_id: indexed(bytes32)


event Refunded:
    order_id: indexed(bytes32)
    to: address
    reason: uint256


PROVED: constant(uint256) = 1
SEALED: constant(uint256) = 2

# States of an order. The window's state has the time of delivery << 8 and a hash of the delivered point above.
OPEN: constant(uint256) = 1
WINDOW: constant(uint256) = 2
DELIVERED: constant(uint256) = 3
REFUNDED: constant(uint256) = 4
TIME_BITS: constant(uint256) = 2**40 - 1
HASH_BITS: constant(uint256) = (2**208 - 1) << 48

OFFERED: constant(uint256) = 1
WITHDRAWN: constant(uint256) = 2

OVERDUE: constant(uint256) = 1
DECLINED: constant(uint256) = 2
COMPLAINT: constant(uint256) = 3

MAX_PRICE: constant(uint256) = 2**120 - 1
MIN_TIME: constant(uint256) = 60
MAX_TIME: constant(uint256) = 366 * 86_400
MAX_SIZE: constant(uint256) = 2**48
MAX_PATH: constant(uint256) = 48
PIECE: constant(uint256) = 1024
BLOCKS_IN_PIECE: constant(uint256) = 64

# A refund may wake a contract wallet, which can burn no more than this of another's gas.
PUSH_GAS: constant(uint256) = 50_000

SUITE: constant(bytes32) = keccak256("colophon/v1/deliver/keccak256/bls12381")

# The standard base point of BLS12-381 G1.
G: constant(Bytes[128]) = x"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"
# RFC 9380 hash-to-curve, BLS12381G1_XMD:SHA-256_SSWU_RO_, message "KeyEscrow H",
# DST "COLOPHON-V01-GENERATORS-BLS12381G1_XMD:SHA-256_SSWU_RO_": nobody knows its logarithm to G.
H: constant(Bytes[128]) = x"00000000000000000000000000000000067cc7ffbfbcd0064a80ca7de57f0ad5815be6f24bf171c8f14a8d32f5c8010c0d1e4d0c930e940cd2b616da1e6f835c0000000000000000000000000000000011767be915e5409a0682abefe7191a48aa765830fd75da41c7f1482c5d6b3bdece8b2bdc88e28f151bd90dd9380982fd"

# Order of the group G1.
ORDER: constant(uint256) = 52435875175126190479447740508185965837690552500527637822603658699938581184513

# The field prime in two words, as EIP-2537 writes a coordinate.
PRIME_HIGH: constant(uint256) = 34565483545414906068789196026815425751
PRIME_LOW: constant(uint256) = 45442060874369865957053122457065728162598490762543039060009208264153100167851

# EIP-2537. G1ADD only checks that its points are on the curve; G1MSM, that they are in the group G1 too.
G1ADD: constant(address) = 0x000000000000000000000000000000000000000b
G1MSM: constant(address) = 0x000000000000000000000000000000000000000C

FACTORY: immutable(address)
REGISTRY: immutable(address)

_offers: HashMap[bytes32, uint256]
_orders: HashMap[bytes32, uint256]


@deploy
def __init__(factory: address):
    """
    @notice Sells works that have a royalty token of one factory.
    @param factory The RoyaltyFactory.
    """
    FACTORY = factory
    REGISTRY = staticcall Factory(factory).registry()


# --- Offers ---------------------------------------------------------------------------------------------


@external
def place_offer(offer: Offer) -> bytes32:
    """
    @notice Offer a work's package for sale. Only for the holder of the work's record, who is the seller.
    @param offer The terms, which never change; see the struct.
    @return The offer's id, keccak256(abi.encode(offer)).
    """
    assert offer.seller == msg.sender, "not the seller"
    self._check_holder(offer.token)
    assert offer.price != 0 and offer.price <= MAX_PRICE, "price out of range"
    assert offer.time_limit >= MIN_TIME and offer.time_limit <= MAX_TIME, "time limit out of range"
    assert offer.window <= MAX_TIME, "window out of range"
    assert offer.size != 0 and offer.size <= MAX_SIZE, "no content"
    assert offer.currency in staticcall RoyaltyToken(offer.token).currencies(), "currency not accepted"
    if offer.method == SEALED:
        assert offer.window == 0, "no window if sealed"
        assert self._is_zero(offer.a1) and self._is_zero(offer.a2), "no points if sealed"
    else:
        assert offer.method == PROVED, "unknown method"
        self._check_element(offer.a1)
        self._check_element(offer.a2)
    offer_id: bytes32 = self._offer_id(offer)
    assert self._offers[offer_id] == 0, "offer exists"
    self._offers[offer_id] = OFFERED
    log Offered(offer_id=offer_id, token=offer.token, seller=offer.seller, offer=offer)
    return offer_id


@external
def withdraw_offer(offer: Offer):
    """
    @notice Take no more orders. Open orders stay. For the seller, and for the holder of the record now.
    @param offer The offer.
    """
    offer_id: bytes32 = self._offer_id(offer)
    assert self._offers[offer_id] == OFFERED, "offer closed"
    if msg.sender != offer.seller:
        self._check_holder(offer.token)
    self._offers[offer_id] = WITHDRAWN
    log OfferWithdrawn(offer_id=offer_id)


@external
@view
@reentrant
def offer_state(offer_id: bytes32) -> uint256:
    """
    @notice Whether orders are taken on an offer.
    @param offer_id Its id.
    @return 0 unknown, 1 open, 2 withdrawn.
    """
    return self._offers[offer_id]


@external
@pure
@reentrant
def offer_id(offer: Offer) -> bytes32:
    """
    @notice The id of an offer, which names all its terms.
    @param offer The offer.
    @return keccak256(abi.encode(offer)).
    """
    return self._offer_id(offer)


# --- Orders ---------------------------------------------------------------------------------------------


@external
@payable
def order(offer: Offer, key: bytes32[4]) -> bytes32:
    """
    @notice Order, and pay into the escrow: the coin is sent along, a token approved for this contract before.
    @param offer The offer as the buyer has read it; any other word in it makes another offer.
    @param key The buyer's one-time key B, never used before; if sealed, an X25519 key and zeros.
    @return The order's id.
    """
    if offer.currency == empty(address):
        assert msg.value == offer.price, "wrong value"
    else:
        assert msg.value == 0, "wrong value"
        before: uint256 = staticcall Erc20(offer.currency).balanceOf(self)
        assert extcall Erc20(offer.currency).transferFrom(
            msg.sender, self, offer.price, default_return_value=True
        ), "transfer refused"
        self._check_arrived(offer, before)
    return self._place(offer, key, msg.sender)


@external
def order_with_authorization(
    offer: Offer,
    key: bytes32[4],
    buyer: address,
    valid_after: uint256,
    valid_before: uint256,
    salt: bytes32,
    v: uint8,
    r: bytes32,
    s: bytes32,
) -> bytes32:
    """
    @notice Order with an EIP-3009 authorization (ReceiveWithAuthorization to this contract); anyone may send it.
    @dev Its nonce is keccak256(keccak256(abi.encode(offer id, key)), salt), so that the sender can change nothing.
    @param offer The offer.
    @param key The buyer's one-time key.
    @param buyer Who signed.
    @param valid_after Unix time in seconds after which the authorization counts.
    @param valid_before Unix time in seconds before which it counts.
    @param salt 32 bytes chosen by the buyer.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    @return The order's id.
    """
    assert offer.currency != empty(address), "not a token"
    nonce: bytes32 = keccak256(concat(keccak256(abi_encode(self._offer_id(offer), key)), salt))
    before: uint256 = staticcall Erc20(offer.currency).balanceOf(self)
    extcall Erc3009(offer.currency).receiveWithAuthorization(
        buyer, self, offer.price, valid_after, valid_before, nonce, v, r, s
    )
    self._check_arrived(offer, before)
    return self._place(offer, key, buyer)


@external
@view
@reentrant
def state(order_id: bytes32) -> (uint256, uint256):
    """
    @notice How far an order is.
    @param order_id Its id.
    @return 0 unknown, 1 open, 2 delivered and open to complaint, 3 delivered and paid out, 4 refunded; and in state 2
            the Unix time of the delivery, else zero.
    """
    packed: uint256 = self._orders[order_id]
    return packed & 255, (packed >> 8) & TIME_BITS


@external
@view
@reentrant
def order_id(order: Order) -> bytes32:
    """
    @notice The id of an order.
    @param order The order.
    @return keccak256(abi.encode(chain id, this contract, order)).
    """
    return self._order_id(order)


# --- Delivery -------------------------------------------------------------------------------------------


@external
def deliver(order: Order, v: bytes32[4], challenge: uint256, response: uint256):
    """
    @notice Deliver the key and have the money paid out: at once in fast mode, after the window in safe mode.
    @dev Checks T1 = z*G - c*A1, T2 = z*(H + B) - c*V and c = keccak256(suite, chain id, this contract, sender,
         order id, A1, H + B, V, T1, T2) mod the group order.
    @param order An open order by proof.
    @param v The point V = a*(H + B).
    @param challenge c, 0 < c < group order.
    @param response z, below the group order.
    """
    order_id: bytes32 = self._order_id(order)
    assert self._orders[order_id] == OPEN, "not open"
    assert order.method == PROVED, "wrong method"
    assert block.timestamp <= order.deadline, "too late"
    assert challenge != 0 and challenge < ORDER and response < ORDER, "scalar out of range"
    self._check_canonical(v)

    a1: Bytes[128] = abi_encode(order.a1)
    point: Bytes[128] = abi_encode(v)
    base: Bytes[128] = self._sum(H, abi_encode(order.key))
    z: bytes32 = convert(response, bytes32)
    c: bytes32 = convert(ORDER - challenge, bytes32)
    first: Bytes[128] = self._multiples(concat(G, z, a1, c))
    second: Bytes[128] = self._multiples(concat(base, z, point, c))
    digest: bytes32 = keccak256(
        concat(
            SUITE,
            convert(chain.id, bytes32),
            convert(self, bytes20),
            convert(msg.sender, bytes20),
            order_id,
            a1, base, point, first, second,
        )
    )
    assert convert(digest, uint256) % ORDER == challenge, "proof refused"

    log Delivered(
        order_id=order_id, offer_id=order.offer_id, v=v, release_at=block.timestamp + order.window
    )
    if order.window == 0:
        self._pay_out(order, order_id)
    else:
        self._orders[order_id] = (
            WINDOW | (block.timestamp << 8) | (convert(keccak256(point), uint256) & HASH_BITS)
        )


@external
def deliver_sealed(order: Order, sealed: Bytes[160]):
    """
    @notice Deliver the key encrypted to the buyer's X25519 key, without any proof, for networks that cannot check
            one. Only for the seller.
    @param order An open order by sealed delivery.
    @param sealed RFC 9180 (HPKE): encapsulated key and ciphertext. Nothing of it is checked.
    """
    order_id: bytes32 = self._order_id(order)
    assert self._orders[order_id] == OPEN, "not open"
    assert order.method == SEALED, "wrong method"
    assert msg.sender == order.seller, "not the seller"
    assert block.timestamp <= order.deadline, "too late"
    log DeliveredSealed(order_id=order_id, offer_id=order.offer_id, sealed=sealed)
    self._pay_out(order, order_id)


@external
def release(order: Order, v: bytes32[4], delivered_at: uint256):
    """
    @notice Pay out a delivered order after its complaint window. Anyone may call.
    @param order The order.
    @param v The point that was delivered.
    @param delivered_at Unix time of the delivery in seconds.
    """
    order_id: bytes32 = self._delivered(order, v, delivered_at)
    assert block.timestamp > delivered_at + order.window, "too early"
    self._pay_out(order, order_id)


# --- Money back -----------------------------------------------------------------------------------------


@external
def refund(order: Order, to: address = empty(address)):
    """
    @notice Give the money of an undelivered order back: after its time limit anyone may call, before that the
            seller.
    @param order An open order.
    @param to Where the money goes, if the buyer himself calls; the buyer if left out.
    """
    order_id: bytes32 = self._order_id(order)
    assert self._orders[order_id] == OPEN, "not open"
    receiver: address = order.buyer
    if to != empty(address):
        assert msg.sender == order.buyer, "not the buyer"
        receiver = to
    reason: uint256 = OVERDUE
    if block.timestamp <= order.deadline:
        assert msg.sender == order.seller, "too early"
        reason = DECLINED
    self._pay_back(order, order_id, receiver, reason)


@external
def complain(
    order: Order,
    offer: Offer,
    v: bytes32[4],
    delivered_at: uint256,
    secret: uint256,
    index: uint256,
    piece: Bytes[PIECE],
    cipher_path: DynArray[bytes32, MAX_PATH],
    plain_leaf: bytes32,
    plain_path: DynArray[bytes32, MAX_PATH],
):
    """
    @notice Show that a piece of the package does not decrypt to what was promised, and have the money back. Only
            for the buyer, within the window. The call publishes the key of the package.
    @param order A delivered order in its window.
    @param offer Its offer.
    @param v The point that was delivered.
    @param delivered_at Unix time of the delivery in seconds.
    @param secret b, where B = b*G is the order's one-time key.
    @param index Number of the piece, from 0.
    @param piece Its ciphertext.
    @param cipher_path From the piece's leaf to `cipher_root`, the lowest hash first.
    @param plain_leaf The promised hash of its plaintext.
    @param plain_path From that leaf to `plain_root`.
    """
    order_id: bytes32 = self._delivered(order, v, delivered_at)
    assert block.timestamp <= delivered_at + order.window, "too late"
    assert msg.sender == order.buyer, "not the buyer"
    assert self._offer_id(offer) == order.offer_id, "other offer"
    assert secret != 0 and secret < ORDER, "scalar out of range"
    b: bytes32 = convert(secret, bytes32)
    one_time: Bytes[128] = abi_encode(order.key)
    assert keccak256(self._multiples(concat(G, b))) == keccak256(one_time), "wrong key"

    pieces: uint256 = (offer.size + PIECE - 1) // PIECE
    assert index < pieces, "bad piece"
    assert len(piece) == min(PIECE, offer.size - index * PIECE), "bad piece"
    assert self._root(sha256(concat(x"00", piece)), index, pieces, cipher_path) == offer.cipher_root, "not in the tree"
    assert self._root(plain_leaf, index, pieces, plain_path) == offer.plain_root, "not in the tree"

    # S = A2 - V + b*A1
    shared: Bytes[128] = self._multiples(
        concat(
            abi_encode(offer.a2), convert(1, bytes32),
            abi_encode(v), convert(ORDER - 1, bytes32),
            abi_encode(offer.a1), b,
        )
    )
    key: bytes32 = sha256(concat(b"colophon/v1/sale-key", shared))
    salt: bytes32 = sha256(concat(b"colophon/v1/sale-salt", key))
    plain: Bytes[PIECE] = aes_counter.crypt(key, index * BLOCKS_IN_PIECE, piece)
    found: bytes32 = sha256(concat(x"00", salt, convert(convert(index, uint64), bytes8), plain))
    assert found != plain_leaf, "piece is good"
    self._pay_back(order, order_id, order.buyer, COMPLAINT)


@external
@view
@reentrant
def factory() -> address:
    """
    @notice The factory whose royalty tokens can be sold for here.
    @return Its address.
    """
    return FACTORY


# --- Inside ---------------------------------------------------------------------------------------------


@internal
@view
def _check_holder(token: address):
    registrant: address = empty(address)
    registered_at: uint64 = 0
    registrant, registered_at = staticcall Factory(FACTORY).origin(token)
    assert registered_at != 0, "not a token"
    work: bytes32 = staticcall RoyaltyToken(token).work()
    holder: address = empty(address)
    proved: bool = False
    holder, registered_at, proved = staticcall Registry(REGISTRY).record(registrant, work)
    assert holder == msg.sender, "not the holder"


@internal
@pure
def _offer_id(offer: Offer) -> bytes32:
    return keccak256(abi_encode(offer))


@internal
@view
def _order_id(order: Order) -> bytes32:
    return keccak256(abi_encode(chain.id, self, order))


@internal
@view
def _check_arrived(offer: Offer, before: uint256):
    """
    @dev A token that takes a fee, or lies, must not be paid out or back from what other buyers brought.
    """
    after: uint256 = staticcall Erc20(offer.currency).balanceOf(self)
    assert after >= before and after - before == offer.price, "wrong amount"


@internal
def _place(offer: Offer, key: bytes32[4], buyer: address) -> bytes32:
    offer_id: bytes32 = self._offer_id(offer)
    assert self._offers[offer_id] == OFFERED, "offer closed"
    if offer.method == PROVED:
        self._check_element(key)
    else:
        assert key[0] != empty(bytes32), "identity element"
        assert key[1] == empty(bytes32) and key[2] == empty(bytes32) and key[3] == empty(bytes32), "bad key"
    placed: Order = Order(
        offer_id=offer_id,
        seller=offer.seller,
        buyer=buyer,
        token=offer.token,
        currency=offer.currency,
        amount=offer.price,
        method=offer.method,
        deadline=block.timestamp + offer.time_limit,
        window=offer.window,
        a1=offer.a1,
        key=key,
    )
    order_id: bytes32 = self._order_id(placed)
    assert self._orders[order_id] == 0, "order exists"
    self._orders[order_id] = OPEN
    log Ordered(order_id=order_id, offer_id=offer_id, buyer=buyer, order=placed)
    return order_id


@internal
@view
def _delivered(order: Order, v: bytes32[4], delivered_at: uint256) -> bytes32:
    """
    @dev The id of an order that waits in its window, if this is what was delivered, and when.
    """
    order_id: bytes32 = self._order_id(order)
    packed: uint256 = self._orders[order_id]
    assert packed & 255 == WINDOW, "not in the window"
    # Each part by itself: a time with bits beyond its own would otherwise hide among those of the hash.
    assert delivered_at == (packed >> 8) & TIME_BITS, "other delivery"
    point: uint256 = convert(keccak256(abi_encode(v)), uint256)
    assert packed & HASH_BITS == point & HASH_BITS, "other delivery"
    return order_id


@internal
def _pay_out(order: Order, order_id: bytes32):
    self._orders[order_id] = DELIVERED
    log Released(order_id=order_id)
    value: uint256 = order.amount
    if order.currency != empty(address):
        value = 0
        assert extcall Erc20(order.currency).approve(
            order.token, order.amount, default_return_value=True
        ), "transfer refused"
    extcall RoyaltyToken(order.token).pay(order.currency, order.amount, order_id, value=value)


@internal
def _pay_back(order: Order, order_id: bytes32, to: address, reason: uint256):
    self._orders[order_id] = REFUNDED
    log Refunded(order_id=order_id, to=to, reason=reason)
    if order.currency != empty(address):
        assert extcall Erc20(order.currency).transfer(
            to, order.amount, default_return_value=True
        ), "transfer refused"
        return
    success: bool = raw_call(
        to, b"", value=order.amount, gas=PUSH_GAS, revert_on_failure=False
    )
    assert success, "transfer refused"


@internal
@pure
def _is_zero(point: bytes32[4]) -> bool:
    return (
        point[0] == empty(bytes32)
        and point[1] == empty(bytes32)
        and point[2] == empty(bytes32)
        and point[3] == empty(bytes32)
    )


@internal
@pure
def _check_canonical(point: bytes32[4]):
    """
    @dev Both coordinates below the field prime, not the identity. One point then has exactly one encoding.
    """
    assert not self._is_zero(point), "identity element"
    for i: uint256 in range(2):
        high: uint256 = convert(point[2 * i], uint256)
        low: uint256 = convert(point[2 * i + 1], uint256)
        assert high < PRIME_HIGH or (high == PRIME_HIGH and low < PRIME_LOW), "coordinate out of range"


@internal
@view
def _check_element(point: bytes32[4]):
    self._check_canonical(point)
    self._multiples(concat(abi_encode(point), convert(1, bytes32)))


@internal
@view
def _sum(left: Bytes[128], right: Bytes[128]) -> Bytes[128]:
    success: bool = False
    answer: Bytes[128] = b""
    success, answer = raw_call(
        G1ADD, concat(left, right), max_outsize=128, is_static_call=True, revert_on_failure=False
    )
    assert success, "not a group element"
    assert len(answer) == 128, "no BLS12-381 precompile"
    return answer


@internal
@view
def _multiples(terms: Bytes[480]) -> Bytes[128]:
    """
    @dev The sum of scalar * point. Where the precompile is missing the call succeeds and returns nothing.
    """
    success: bool = False
    answer: Bytes[128] = b""
    success, answer = raw_call(
        G1MSM, terms, max_outsize=128, is_static_call=True, revert_on_failure=False
    )
    assert success, "not a group element"
    assert len(answer) == 128, "no BLS12-381 precompile"
    return answer


@internal
@view
def _root(
    leaf: bytes32, index: uint256, size: uint256, path: DynArray[bytes32, MAX_PATH]
) -> bytes32:
    """
    @dev RFC 9162, 2.1.3.2: the root to which the path leads from leaf `index` of `size`, with no hash too many.
    """
    root: bytes32 = leaf
    place: uint256 = index
    last: uint256 = size - 1
    for node: bytes32 in path:
        assert last != 0, "bad path"
        if place & 1 == 1 or place == last:
            root = sha256(concat(x"01", node, root))
            # A node without a partner has risen to here.
            for level: uint256 in range(MAX_PATH):
                if place & 1 == 1 or place == 0:
                    break
                place = place >> 1
                last = last >> 1
        else:
            root = sha256(concat(x"01", root, node))
        place = place >> 1
        last = last >> 1
    assert last == 0, "bad path"
    return root
