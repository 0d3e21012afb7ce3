# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
"""
@title Colophon factory of royalty tokens
@license Apache-2.0
@notice Makes one royalty token per registered work, for whoever holds the work's record.
@dev A token is a proxy to one shared implementation, with its fixed terms behind the proxy's own code: they
     cost 6,400 gas a word once instead of a storage slot each, and cannot change. The clone's init code is
     constant and asks this factory for the runtime code, so that a token's address depends on its creator
     and salt alone. Nothing here calls an untrusted contract. A parent is a token that this factory made
     before, so that works and their parents never form a circle. No owner, no upgrade, no fee.
"""


interface Registry:
    def record(registrant: address, commitment_id: bytes32) -> (address, uint64, bool): view


interface RoyaltyToken:
    def initialize(): nonpayable


event TokenCreated:
    token: indexed(address)
    creator: indexed(address)
    work: indexed(bytes32)
    name: String[64]
    symbol: String[16]
    supply: uint256


# With this and the token's own events every entitlement can be computed from events alone.
event TermsFixed:
    token: indexed(address)
    registrant: address
    currencies: DynArray[address, MAX_CURRENCIES]
    collaborators: DynArray[Part, MAX_COLLABORATORS]
    parents: DynArray[Part, MAX_PARENTS]
    resale_share: uint256
    uri: String[256]


# Once for each parent, so that a work's descendants can be found.
event ParentNamed:
    parent: indexed(address)
    token: indexed(address)
    share: uint256


# Of each payment, in parts per million.
struct Part:
    account: address
    share: uint256


struct Terms:
    commitment_id: bytes32  # keccak256 of the work's 128-byte commitment
    registrant: address  # who registered the work
    name: String[64]  # not empty
    symbol: String[16]  # not empty
    supply: uint256  # whole shares, at most 2**96 - 1
    collaborators: DynArray[Part, MAX_COLLABORATORS]  # paid at once from each payment; no address twice
    parents: DynArray[Part, MAX_PARENTS]  # royalty tokens of works registered earlier; none twice
    currencies: DynArray[address, MAX_CURRENCIES]  # zero is the native coin; each parent must accept all
    resale_share: uint256  # of the price of a resale, in parts per million (ERC-2981)
    uri: String[256]  # address of the public description (ERC-7572), may be empty
    salt: bytes32  # fixes the token's address together with the sender


MAX_COLLABORATORS: constant(uint256) = 16
MAX_PARENTS: constant(uint256) = 16
MAX_CURRENCIES: constant(uint256) = 8
MAX_WORKS: constant(uint256) = 32
MAX_SUPPLY: constant(uint256) = 2**96 - 1
SHARE_SCALE: constant(uint256) = 1_000_000
LOW_160: constant(uint256) = 2**160 - 1

# The clone, 51 bytes before its terms:
#   36 6005 57 00            calldatasize; if zero: stop. A plain transfer of the native coin stays within
#                            the 2,300 gas of `transfer` and `send`, as no delegate call is made.
#   5b 36 5f 5f 37           calldatacopy(0, 0, calldatasize)
#   5f 5f 36 5f 73<address> 5a f4   delegatecall(gas, implementation, 0, calldatasize, 0, 0)
#   3d 5f 5f 3e              returndatacopy(0, 0, returndatasize)
#   602f 57 3d 5f fd         unless it succeeded: revert(0, returndatasize)
#   5b 3d 5f f3              return(0, returndatasize)
CLONE_HEAD: constant(Bytes[15]) = x"36600557005b365f5f375f5f365f73"
CLONE_TAIL: constant(Bytes[16]) = x"5af43d5f5f3e602f573d5ffd5b3d5ff3"

# Where a clone's terms start, then words: work; creator | supply << 160; lengths; one word per currency;
# collaborator | share << 160; parent | share << 160; then name, symbol and URI; then one empty word.
# The lengths: collaborators | currencies << 8 | name << 16 | symbol << 24 | URI << 32 | parents << 48
#              | resale share << 64 | holders' share << 96.
TERMS: constant(uint256) = 51

# The clone's init code: return what the creating factory answers to clone_code().
#   63<selector> 5f 52       mstore(0, selector)
#   5f 5f 6004 601c 33 5a fa staticcall(gas, caller, 28, 4, 0, 0)
#   6016 57 5f 5f fd         unless it succeeded: revert(0, 0)
#   5b 3d 5f 5f 3e 3d 5f f3  returndatacopy(0, 0, returndatasize); return(0, returndatasize)
INIT_HEAD: constant(Bytes[1]) = x"63"
INIT_TAIL: constant(Bytes[25]) = x"5f525f5f6004601c335afa6016575f5ffd5b3d5f5f3e3d5ff3"

REGISTRY: immutable(address)
IMPLEMENTATION: immutable(address)

_clone_code: transient(Bytes[1795])
# token -> registrant of its work | registered_at << 160
_origins: HashMap[address, uint256]
# registrant -> commitment id -> token
_token_of: HashMap[address, HashMap[bytes32, address]]


@deploy
def __init__(registry: address, token_init_code: Bytes[36_000]):
    """
    @notice Deploys the implementation that all tokens share; it accepts this factory only.
    @param registry The registry whose records may be turned into tokens.
    @param token_init_code The init code of RoyaltyToken.
    """
    assert registry.is_contract, "no registry"
    REGISTRY = registry
    IMPLEMENTATION = raw_create(token_init_code)


@external
def create(terms: Terms) -> address:
    """
    @notice Make the royalty token of a work. The sender must hold the work's record and gets all shares.
    @param terms All that is fixed for ever; see the struct. What collaborators and parents do not get of a
           payment belongs to the holders.
    @return The token.
    """
    return self._create(terms)


@external
def create_many(works: DynArray[Terms, MAX_WORKS]) -> DynArray[address, MAX_WORKS]:
    """
    @notice `create` for up to 32 works, such as an album: all of them or none.
    @param works The terms of each.
    @return The tokens, in the same order.
    """
    assert len(works) != 0, "no works"
    tokens: DynArray[address, MAX_WORKS] = []
    for terms: Terms in works:
        tokens.append(self._create(terms))
    return tokens


@external
@view
def predict(creator: address, salt: bytes32) -> address:
    """
    @notice The address of the token that `creator` makes with `salt`.
    @param creator Who will send the transaction.
    @param salt The salt that will be given to `create`.
    @return The address.
    """
    return self._predict(creator, salt)


@external
@view
def is_token(token: address) -> bool:
    """
    @notice Whether this factory made `token`.
    @param token Any address.
    @return True if it did.
    """
    return self._origins[token] != 0


@external
@view
def origin(token: address) -> (address, uint64):
    """
    @notice Where to find the registry's record of a token's work; its id is the token's `work`.
    @param token Any address.
    @return Who registered the work, and the Unix time of it in seconds; zeros: this factory did not make it.
    """
    packed: uint256 = self._origins[token]
    return convert(packed & LOW_160, address), convert(packed >> 160, uint64)


@external
@view
def token_of(registrant: address, commitment_id: bytes32) -> address:
    """
    @notice The one token of a registered work.
    @param registrant Who registered the work.
    @param commitment_id keccak256 of the work's commitment.
    @return The token, or zero.
    """
    return self._token_of[registrant][commitment_id]


@external
@view
def registry() -> address:
    """
    @notice The registry whose records may be turned into tokens.
    @return Its address.
    """
    return REGISTRY


@external
@view
def implementation() -> address:
    """
    @notice The code that all tokens share.
    @return Its address.
    """
    return IMPLEMENTATION


@external
@view
@raw_return
def clone_code() -> Bytes[1795]:
    """
    @notice The runtime code of the token being made; empty outside `create`.
    @dev Asked for by the clone's init code; answered without ABI encoding.
    @return Code.
    """
    return self._clone_code


@internal
def _create(terms: Terms) -> address:
    holder: address = empty(address)
    registered_at: uint64 = 0
    proved: bool = False
    holder, registered_at, proved = staticcall Registry(REGISTRY).record(
        terms.registrant, terms.commitment_id
    )
    assert holder == msg.sender, "not the holder"
    assert self._token_of[terms.registrant][terms.commitment_id] == empty(address), "token exists"
    assert len(terms.name) != 0 and len(terms.symbol) != 0, "no name"
    assert terms.supply != 0 and terms.supply <= MAX_SUPPLY, "supply out of range"
    assert terms.resale_share <= SHARE_SCALE, "share out of range"
    assert len(terms.currencies) != 0, "no currency"

    token: address = self._predict(msg.sender, terms.salt)
    # A failing CREATE2 would take all gas.
    assert self._origins[token] == 0, "salt used"
    words: uint256[40] = empty(uint256[40])
    count: uint256 = 0
    for currency: address in terms.currencies:
        assert currency == empty(address) or currency.is_contract, "currency has no code"
        for i: uint256 in range(count, bound=MAX_CURRENCIES):
            assert terms.currencies[i] != currency, "currency twice"
        words[count] = convert(currency, uint256)
        count += 1

    rest: uint256 = SHARE_SCALE
    first: uint256 = count
    for part: Part in terms.collaborators:
        assert part.account != empty(address) and part.account != token, "bad collaborator"
        for i: uint256 in range(first, count, bound=MAX_COLLABORATORS):
            assert words[i] & LOW_160 != convert(part.account, uint256), "collaborator twice"
        rest = self._less(rest, part.share)
        words[count] = convert(part.account, uint256) | (part.share << 160)
        count += 1
    for part: Part in terms.parents:
        parent_registered_at: uint256 = self._origins[part.account] >> 160
        assert parent_registered_at != 0, "bad parent"
        assert parent_registered_at < convert(registered_at, uint256), "parent not earlier"
        for i: uint256 in range(first, count, bound=MAX_COLLABORATORS + MAX_PARENTS):
            assert words[i] & LOW_160 != convert(part.account, uint256), "parent twice"
        self._check_currencies(part.account, terms.currencies)
        rest = self._less(rest, part.share)
        words[count] = convert(part.account, uint256) | (part.share << 160)
        count += 1

    lengths: uint256 = (
        len(terms.collaborators)
        | (len(terms.currencies) << 8)
        | (len(terms.name) << 16)
        | (len(terms.symbol) << 24)
        | (len(terms.uri) << 32)
        | (len(terms.parents) << 48)
        | (terms.resale_share << 64)
        | (rest << 96)
    )
    # The last word is room for the token's reads of whole words.
    self._clone_code = concat(
        CLONE_HEAD,
        convert(IMPLEMENTATION, bytes20),
        CLONE_TAIL,
        terms.commitment_id,
        convert(convert(msg.sender, uint256) | (terms.supply << 160), bytes32),
        convert(lengths, bytes32),
        slice(abi_encode(words), 0, 32 * count),
        convert(concat(terms.name, terms.symbol, terms.uri), Bytes[336]),
        empty(bytes32),
    )
    made: address = raw_create(
        self._init_code(), salt=self._salt(msg.sender, terms.salt), revert_on_failure=False
    )
    assert made == token, "token not made"
    self._clone_code = b""

    self._origins[token] = (
        convert(terms.registrant, uint256) | (convert(registered_at, uint256) << 160)
    )
    self._token_of[terms.registrant][terms.commitment_id] = token
    extcall RoyaltyToken(token).initialize()
    log TokenCreated(
        token=token,
        creator=msg.sender,
        work=terms.commitment_id,
        name=terms.name,
        symbol=terms.symbol,
        supply=terms.supply,
    )
    log TermsFixed(
        token=token,
        registrant=terms.registrant,
        currencies=terms.currencies,
        collaborators=terms.collaborators,
        parents=terms.parents,
        resale_share=terms.resale_share,
        uri=terms.uri,
    )
    for part: Part in terms.parents:
        log ParentNamed(parent=part.account, token=token, share=part.share)
    return token


@internal
@pure
def _less(rest: uint256, share: uint256) -> uint256:
    assert share != 0 and share <= SHARE_SCALE, "share out of range"
    assert share <= rest, "shares over one"
    return rest - share


@internal
@view
def _check_currencies(parent: address, currencies: DynArray[address, MAX_CURRENCIES]):
    """
    @dev A parent must accept whatever is forwarded to it. Its currencies stand in its code.
    """
    accepted: uint256 = (convert(slice(parent.code, TERMS + 64, 32), uint256) >> 8) & 255
    for currency: address in currencies:
        found: bool = False
        for i: uint256 in range(accepted, bound=MAX_CURRENCIES):
            if convert(slice(parent.code, TERMS + 96 + 32 * i, 32), address) == currency:
                found = True
                break
        assert found, "parent lacks currency"


@internal
@pure
def _init_code() -> Bytes[30]:
    return concat(INIT_HEAD, method_id("clone_code()"), INIT_TAIL)


@internal
@pure
def _salt(creator: address, salt: bytes32) -> bytes32:
    return keccak256(abi_encode(creator, salt))


@internal
@view
def _predict(creator: address, salt: bytes32) -> address:
    digest: bytes32 = keccak256(
        concat(
            x"ff", convert(self, bytes20), self._salt(creator, salt), keccak256(self._init_code())
        )
    )
    return convert(convert(digest, uint256) & convert(max_value(uint160), uint256), address)
