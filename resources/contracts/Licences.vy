# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Colophon licences
@license Apache-2.0
@notice Sells licences of works that have a royalty token: downloads, plays, and AI training on a data set. The
        money goes through the token's `pay` in the same transaction; nothing stays here.
@dev Terms are offered by whoever holds the work's record in the registry. A version of them never changes, so
     that a buyer gets what he read or nothing: kind, highest price and hash of the terms stand in his call.
     A licence belongs to its licensee for ever; there is no transfer. Plays are counted off chain and told with
     cumulative EIP-712 vouchers of the licensee, so that one transaction settles any number of them.
     No owner, no upgrade, no fee.
"""


interface Registry:
    def record(registrant: address, commitment_id: bytes32) -> (address, uint64, bool): view


interface Factory:
    def registry() -> address: view
    def origin(token: address) -> (address, uint64): view


interface RoyaltyToken:
    def work() -> bytes32: view
    def currencies() -> DynArray[address, 8]: view
    def royaltyInfo(token_id: uint256, sale_price: uint256) -> (address, uint256): view
    def pay(currency: address, amount: uint256, memo: bytes32): payable


interface Erc20:
    def balanceOf(owner: address) -> uint256: view
    def transferFrom(owner: address, to: address, amount: uint256) -> bool: nonpayable
    def approve(spender: address, amount: uint256) -> bool: nonpayable


event Offered:
    token: indexed(address)
    version: indexed(uint256)
    kind: indexed(uint256)
    licensor: address
    currency: address
    price: uint256
    duration: uint64
    data_root: bytes32
    document: bytes32
    uri: String[256]


event Withdrawn:
    token: indexed(address)
    version: indexed(uint256)


# The token's `Payment` in the same transaction has the licence's id as memo.
event Bought:
    licence_id: indexed(uint256)
    token: indexed(address)
    licensee: indexed(address)
    buyer: address
    version: uint256
    kind: uint256
    quantity: uint256
    currency: address
    price_paid: uint256
    expires_at: uint64


event Redeemed:
    licence_id: indexed(uint256)
    total: uint256


struct Offer:
    kind: uint256  # DOWNLOAD, PLAYS or TRAINING
    currency: address  # accepted by the token; zero is the native coin
    price: uint256  # of one unit: a copy, a play or a training run
    duration: uint64  # in seconds from the purchase; zero: for ever
    data_root: bytes32  # of the data set that may be trained on; zero for the other kinds
    document: bytes32  # keccak256 of the terms' text


struct Version:
    offer: Offer
    terms_hash: bytes32
    licensor: address
    open: bool


struct Licence:
    licensee: address
    token: address
    version: uint256
    kind: uint256
    quantity: uint256
    used: uint256
    bought_at: uint64
    expires_at: uint64
    data_root: bytes32
    document: bytes32


DOWNLOAD: constant(uint256) = 1
PLAYS: constant(uint256) = 2
TRAINING: constant(uint256) = 3

MAX_PRICE: constant(uint256) = 2**120 - 1
MAX_QUANTITY: constant(uint256) = 2**64 - 1
LOW_160: constant(uint256) = 2**160 - 1
LOW_64: constant(uint256) = 2**64 - 1

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PLAYS_TYPE: constant(bytes32) = keccak256("Plays(uint256 licence,uint256 total)")
# EIP-1271
MAGIC: constant(bytes4) = 0x1626ba7e

FACTORY: immutable(address)
REGISTRY: immutable(address)

_counts: HashMap[address, uint256]
_versions: HashMap[address, HashMap[uint256, Version]]
_licences: uint256
# id -> licensee | bought_at << 160
_licensees: HashMap[uint256, uint256]
# id -> token | version << 160
_sources: HashMap[uint256, uint256]
# id -> quantity | used << 64 | expires_at << 128
_uses: HashMap[uint256, uint256]


@deploy
def __init__(factory: address):
    """
    @notice Licences are sold for the royalty tokens of one factory.
    @param factory The RoyaltyFactory.
    """
    FACTORY = factory
    REGISTRY = staticcall Factory(factory).registry()


# --- Terms ----------------------------------------------------------------------------------------------


@external
def offer(token: address, terms: Offer, replaces: uint256, uri: String[256]) -> uint256:
    """
    @notice Offer licences of a work on new terms. Only for the holder of the work's record.
    @param token The work's royalty token, which will get the money.
    @param terms What is sold, and for how much; fixed for ever under the version's number.
    @param replaces The version that is closed at once; zero: none.
    @param uri Where the text of the terms can be read; published, not kept.
    @return The version, counted from 1 for each token.
    """
    self._check_licensor(token)
    assert terms.kind >= DOWNLOAD and terms.kind <= TRAINING, "unknown kind"
    assert terms.price <= MAX_PRICE, "price out of range"
    if terms.kind == TRAINING:
        assert terms.data_root != empty(bytes32), "data set missing"
    else:
        assert terms.data_root == empty(bytes32), "data set not expected"
    assert terms.currency in staticcall RoyaltyToken(token).currencies(), "currency not accepted"
    if replaces != 0:
        self._close(token, replaces)

    version: uint256 = self._counts[token] + 1
    self._counts[token] = version
    self._versions[token][version] = Version(
        offer=terms,
        terms_hash=keccak256(abi_encode(token, terms)),
        licensor=msg.sender,
        open=True,
    )
    log Offered(
        token=token,
        version=version,
        kind=terms.kind,
        licensor=msg.sender,
        currency=terms.currency,
        price=terms.price,
        duration=terms.duration,
        data_root=terms.data_root,
        document=terms.document,
        uri=uri,
    )
    return version


@external
def withdraw(token: address, version: uint256):
    """
    @notice Sell no more licences on these terms. What was sold stays valid. Only for the holder of the record.
    @param token The work's royalty token.
    @param version The version to close.
    """
    self._check_licensor(token)
    self._close(token, version)


@external
@view
@reentrant
def versions(token: address) -> uint256:
    """
    @notice How many versions of terms a work has; they are numbered from 1.
    @param token The work's royalty token.
    @return Number.
    """
    return self._counts[token]


@external
@view
@reentrant
def terms(token: address, version: uint256) -> (Offer, bool, address):
    """
    @notice A version of terms.
    @param token The work's royalty token.
    @param version Its number.
    @return The terms, whether licences are still sold on them, and who offered them (zero: no such terms).
    """
    found: Version = self._versions[token][version]
    return found.offer, found.open, found.licensor


@external
@view
@reentrant
def terms_hash(token: address, version: uint256) -> bytes32:
    """
    @notice What a buyer names to be sure of the terms.
    @param token The work's royalty token.
    @param version The version's number.
    @return keccak256(abi.encode(token, terms)), or zero.
    """
    return self._versions[token][version].terms_hash


# --- Licences -------------------------------------------------------------------------------------------


@external
@payable
def buy(
    token: address,
    version: uint256,
    kind: uint256,
    quantity: uint256,
    max_price: uint256,
    terms_hash: bytes32,
    licensee: address = msg.sender,
) -> uint256:
    """
    @notice Buy a licence. It costs quantity * price; in the coin, exactly that must be sent along; in a token,
            approve this contract first.
    @param token The work's royalty token.
    @param version The version of the terms.
    @param kind 1 download, 2 plays, 3 AI training; must be that of the terms.
    @param quantity Copies, plays or training runs.
    @param max_price The most that the whole may cost.
    @param terms_hash The hash of the terms that the buyer has read.
    @param licensee Who gets the licence; the sender if left out.
    @return The licence's id, counted from 1.
    """
    found: Version = self._versions[token][version]
    assert found.licensor != empty(address), "no such terms"
    assert found.open, "terms closed"
    assert found.offer.kind == kind, "wrong kind"
    assert found.terms_hash == terms_hash, "terms changed"
    assert quantity != 0 and quantity <= MAX_QUANTITY, "no quantity"
    assert licensee != empty(address), "bad licensee"
    cost: uint256 = quantity * found.offer.price
    assert cost <= max_price, "price too high"

    licence_id: uint256 = self._licences + 1
    self._licences = licence_id
    expires_at: uint256 = 0
    if found.offer.duration != 0:
        expires_at = min(block.timestamp + convert(found.offer.duration, uint256), LOW_64)
    self._licensees[licence_id] = convert(licensee, uint256) | (block.timestamp << 160)
    self._sources[licence_id] = convert(token, uint256) | (version << 160)
    self._uses[licence_id] = quantity | (expires_at << 128)
    log Bought(
        licence_id=licence_id,
        token=token,
        licensee=licensee,
        buyer=msg.sender,
        version=version,
        kind=kind,
        quantity=quantity,
        currency=found.offer.currency,
        price_paid=cost,
        expires_at=convert(expires_at, uint64),
    )
    self._pay(token, found.offer.currency, cost, convert(licence_id, bytes32))
    return licence_id


@external
def redeem(licence_id: uint256, total: uint256, signature: Bytes[512]):
    """
    @notice Write down how many plays of a licence are used up. Anyone may send the licensee's voucher; only the
            newest is needed.
    @param licence_id The licence.
    @param total All plays so far, more than was written down before and at most what was bought.
    @param signature The licensee's EIP-712 signature of `Plays(licence, total)`: 65 bytes r, s, v, or what his
           contract wants (EIP-1271). May be empty if the licensee sends it himself.
    """
    licensee: address = convert(self._licensees[licence_id] & LOW_160, address)
    assert licensee != empty(address), "no such licence"
    source: uint256 = self._sources[licence_id]
    kind: uint256 = self._versions[convert(source & LOW_160, address)][source >> 160].offer.kind
    assert kind == PLAYS, "not plays"
    uses: uint256 = self._uses[licence_id]
    assert total > (uses >> 64) & LOW_64, "not more plays"
    assert total <= uses & LOW_64, "too many plays"
    if msg.sender != licensee or len(signature) != 0:
        self._check_signature(licensee, self._voucher_hash(licence_id, total), signature)
    self._uses[licence_id] = (uses & LOW_64) | (total << 64) | ((uses >> 128) << 128)
    log Redeemed(licence_id=licence_id, total=total)


@external
@view
@reentrant
def licence(licence_id: uint256) -> Licence:
    """
    @notice All about a licence.
    @param licence_id Its id.
    @return The licence; `licensee` zero: no such licence. `expires_at` zero: never.
    """
    buyer: uint256 = self._licensees[licence_id]
    source: uint256 = self._sources[licence_id]
    uses: uint256 = self._uses[licence_id]
    token: address = convert(source & LOW_160, address)
    version: uint256 = source >> 160
    sold: Offer = self._versions[token][version].offer
    return Licence(
        licensee=convert(buyer & LOW_160, address),
        token=token,
        version=version,
        kind=sold.kind,
        quantity=uses & LOW_64,
        used=(uses >> 64) & LOW_64,
        bought_at=convert(buyer >> 160, uint64),
        expires_at=convert(uses >> 128, uint64),
        data_root=sold.data_root,
        document=sold.document,
    )


@external
@view
@reentrant
def licences() -> uint256:
    """
    @notice How many licences were sold; their ids are 1 to this number.
    @return Number.
    """
    return self._licences


@external
@view
@reentrant
def voucher_hash(licence_id: uint256, total: uint256) -> bytes32:
    """
    @notice What the licensee signs to say that `total` plays are used up.
    @param licence_id The licence.
    @param total All plays so far.
    @return EIP-712 hash of `Plays(licence, total)`.
    """
    return self._voucher_hash(licence_id, total)


@external
@view
@reentrant
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice The EIP-712 domain of vouchers: "Colophon Licences", version "1", chain id, this contract.
    @return Hash.
    """
    return self._domain_separator()


@external
@view
@reentrant
def royaltyInfo(licence_id: uint256, sale_price: uint256) -> (address, uint256):
    """
    @notice What ERC-2981 asks of a licence: the work's royalty token, and its royalty on a price.
    @param licence_id The licence.
    @param sale_price In any unit.
    @return The royalty token, and the royalty in the unit of the price; zeros: no such licence.
    """
    token: address = convert(self._sources[licence_id] & LOW_160, address)
    if token == empty(address):
        return empty(address), 0
    return staticcall RoyaltyToken(token).royaltyInfo(licence_id, sale_price)


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice ERC-165: ERC-165 itself, ERC-2981.
    @param interface_id The interface asked for.
    @return True if supported.
    """
    return interface_id in [0x01ffc9a7, 0x2a55205a]


@external
@view
@reentrant
def factory() -> address:
    """
    @notice The factory whose royalty tokens can be licensed here.
    @return Its address.
    """
    return FACTORY


# --- Inside ---------------------------------------------------------------------------------------------


@internal
@view
def _check_licensor(token: address):
    registrant: address = empty(address)
    registered_at: uint64 = 0
    registrant, registered_at = staticcall Factory(FACTORY).origin(token)
    assert registered_at != 0, "not a token"
    work: bytes32 = staticcall RoyaltyToken(token).work()
    holder: address = empty(address)
    proved: bool = False
    holder, registered_at, proved = staticcall Registry(REGISTRY).record(registrant, work)
    assert holder == msg.sender, "not the licensor"


@internal
def _close(token: address, version: uint256):
    assert self._versions[token][version].licensor != empty(address), "no such terms"
    assert self._versions[token][version].open, "terms closed"
    self._versions[token][version].open = False
    log Withdrawn(token=token, version=version)


@internal
@payable
def _pay(token: address, currency: address, cost: uint256, memo: bytes32):
    """
    @dev What arrives is paid on, all of it: this contract never keeps money.
    """
    if currency == empty(address):
        assert msg.value == cost, "wrong value"
        if cost != 0:
            extcall RoyaltyToken(token).pay(currency, cost, memo, value=cost)
        return
    assert msg.value == 0, "wrong value"
    if cost == 0:
        return
    assert extcall Erc20(currency).transferFrom(
        msg.sender, self, cost, default_return_value=True
    ), "transfer refused"
    arrived: uint256 = staticcall Erc20(currency).balanceOf(self)
    assert extcall Erc20(currency).approve(
        token, arrived, default_return_value=True
    ), "transfer refused"
    extcall RoyaltyToken(token).pay(currency, arrived, memo)


@internal
@view
def _check_signature(signer: address, digest: bytes32, signature: Bytes[512]):
    if len(signature) == 65:
        r: bytes32 = extract32(signature, 0)
        s: bytes32 = extract32(signature, 32)
        v: uint8 = convert(slice(signature, 64, 1), uint8)
        if ecrecover(digest, v, r, s) == signer:
            return
    assert signer.is_contract, "bad signature"
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        signer,
        abi_encode(digest, signature, method_id=method_id("isValidSignature(bytes32,bytes)")),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    assert success and len(answer) == 32, "bad signature"
    assert convert(answer, bytes32) == convert(MAGIC, bytes32), "bad signature"


@internal
@view
def _voucher_hash(licence_id: uint256, total: uint256) -> bytes32:
    return keccak256(
        concat(
            x"1901",
            self._domain_separator(),
            keccak256(abi_encode(PLAYS_TYPE, licence_id, total)),
        )
    )


@internal
@view
def _domain_separator() -> bytes32:
    return keccak256(
        abi_encode(DOMAIN_TYPE, keccak256("Colophon Licences"), keccak256("1"), chain.id, self)
    )
