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
     and salt alone. Nothing here calls an untrusted contract. No owner, no upgrade, no fee.
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


MAX_COLLABORATORS: constant(uint256) = 16
MAX_CURRENCIES: constant(uint256) = 8
MAX_SUPPLY: constant(uint256) = 2**96 - 1
SHARE_SCALE: constant(uint256) = 1_000_000

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

# The clone's init code: return what the creating factory answers to clone_code().
#   63<selector> 5f 52       mstore(0, selector)
#   5f 5f 6004 601c 33 5a fa staticcall(gas, caller, 28, 4, 0, 0)
#   6016 57 5f 5f fd         unless it succeeded: revert(0, 0)
#   5b 3d 5f 5f 3e 3d 5f f3  returndatacopy(0, 0, returndatasize); return(0, returndatasize)
INIT_HEAD: constant(Bytes[1]) = x"63"
INIT_TAIL: constant(Bytes[25]) = x"5f525f5f6004601c335afa6016575f5ffd5b3d5f5f3e3d5ff3"

REGISTRY: immutable(address)
IMPLEMENTATION: immutable(address)

_clone_code: transient(Bytes[1283])
_is_token: HashMap[address, bool]
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
def create(
    commitment_id: bytes32,
    name: String[64],
    symbol: String[16],
    supply: uint256,
    collaborators: DynArray[address, MAX_COLLABORATORS],
    shares: DynArray[uint256, MAX_COLLABORATORS],
    currencies: DynArray[address, MAX_CURRENCIES],
    uri: String[256],
    salt: bytes32,
    registrant: address = msg.sender,
) -> address:
    """
    @notice Make the royalty token of a work. The sender must hold the work's record and gets all shares.
    @param commitment_id keccak256 of the work's 128-byte commitment.
    @param name The token's name, not empty.
    @param symbol The token's symbol, not empty.
    @param supply Whole shares, at most 2**96 - 1; fixed for ever.
    @param collaborators Who is paid at once from each payment; no address twice.
    @param shares Their parts per million of each payment; the rest belongs to the holders of the token.
    @param currencies Currencies that the token accepts; the zero address is the native coin.
    @param uri Address of the public description (ERC-7572), may be empty.
    @param salt Chosen by the sender; fixes the token's address together with the sender.
    @param registrant Who registered the work; the sender if left out.
    @return The token.
    """
    assert self._holder(registrant, commitment_id) == msg.sender, "not the holder"
    assert self._token_of[registrant][commitment_id] == empty(address), "token exists"
    assert len(name) != 0 and len(symbol) != 0, "no name"
    assert supply != 0 and supply <= MAX_SUPPLY, "supply out of range"
    assert len(collaborators) == len(shares), "lengths differ"
    assert len(currencies) != 0, "no currency"

    token: address = self._predict(msg.sender, salt)

    # One word each: the currencies, then collaborator | share << 160.
    words: uint256[24] = empty(uint256[24])
    count: uint256 = 0
    for currency: address in currencies:
        assert currency == empty(address) or currency.is_contract, "currency has no code"
        for i: uint256 in range(count, bound=MAX_CURRENCIES):
            assert currencies[i] != currency, "currency twice"
        words[count] = convert(currency, uint256)
        count += 1

    known: uint256 = 0
    total: uint256 = 0
    for collaborator: address in collaborators:
        assert collaborator != empty(address) and collaborator != token, "bad collaborator"
        for i: uint256 in range(known, bound=MAX_COLLABORATORS):
            assert collaborators[i] != collaborator, "collaborator twice"
        assert shares[known] != 0 and shares[known] <= SHARE_SCALE, "share out of range"
        total += shares[known]
        words[count] = convert(collaborator, uint256) | (shares[known] << 160)
        known += 1
        count += 1
    assert total <= SHARE_SCALE, "shares over one"

    lengths: uint256 = (
        len(collaborators)
        | (len(currencies) << 8)
        | (len(name) << 16)
        | (len(symbol) << 24)
        | (len(uri) << 32)
    )
    # The last word is room for the token's reads of whole words.
    self._clone_code = concat(
        CLONE_HEAD,
        convert(IMPLEMENTATION, bytes20),
        CLONE_TAIL,
        commitment_id,
        convert(convert(msg.sender, uint256) | (supply << 160), bytes32),
        convert(lengths, bytes32),
        slice(abi_encode(words), 0, 32 * count),
        convert(concat(name, symbol, uri), Bytes[336]),
        empty(bytes32),
    )
    made: address = raw_create(
        self._init_code(), salt=self._salt(msg.sender, salt), revert_on_failure=False
    )
    assert made == token, "salt used"
    self._clone_code = b""

    self._is_token[token] = True
    self._token_of[registrant][commitment_id] = token
    extcall RoyaltyToken(token).initialize()
    log TokenCreated(
        token=token, creator=msg.sender, work=commitment_id, name=name, symbol=symbol, supply=supply
    )
    return token


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
    return self._is_token[token]


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
def clone_code() -> Bytes[1283]:
    """
    @notice The runtime code of the token being made; empty outside `create`.
    @dev Asked for by the clone's init code; answered without ABI encoding.
    @return Code.
    """
    return self._clone_code


@internal
@view
def _holder(registrant: address, commitment_id: bytes32) -> address:
    holder: address = empty(address)
    registered_at: uint64 = 0
    proved: bool = False
    holder, registered_at, proved = staticcall Registry(REGISTRY).record(registrant, commitment_id)
    return holder


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
