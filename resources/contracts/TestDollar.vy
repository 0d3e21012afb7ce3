# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
"""
@title Colophon test dollar
@license Apache-2.0
@notice Play money of the practice network, shaped like USDC: 6 decimals, EIP-2612 and EIP-3009. Anyone may
        make as much of it as they like, so it must never be listed on a real network.
"""


event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256


event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256


event AuthorizationUsed:
    authorizer: indexed(address)
    nonce: indexed(bytes32)


event AuthorizationCanceled:
    authorizer: indexed(address)
    nonce: indexed(bytes32)


DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
TRANSFER_TYPE: constant(bytes32) = keccak256(
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
RECEIVE_TYPE: constant(bytes32) = keccak256(
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
CANCEL_TYPE: constant(bytes32) = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)")

# Keeps every sum of balances far from overflow.
MAX_FAUCET: constant(uint256) = 10**18

_total: uint256
_balances: HashMap[address, uint256]
_allowances: HashMap[address, HashMap[address, uint256]]
_nonces: HashMap[address, uint256]
_used: HashMap[address, HashMap[bytes32, bool]]


@external
def faucet(to: address, amount: uint256):
    """
    @notice Make play money.
    @param to Who gets it.
    @param amount In millionths of a test dollar, at most 10**18 at a time.
    """
    assert to != empty(address), "zero address"
    assert amount <= MAX_FAUCET, "too much"
    self._total += amount
    self._balances[to] += amount
    log Transfer(sender=empty(address), receiver=to, value=amount)


@external
@pure
def name() -> String[11]:
    """
    @notice The token's name.
    @return Text.
    """
    return "Test Dollar"


@external
@pure
def symbol() -> String[4]:
    """
    @notice The token's symbol.
    @return Text.
    """
    return "tUSD"


@external
@pure
def decimals() -> uint8:
    """
    @notice Digits after the point.
    @return Six.
    """
    return 6


@external
@pure
def version() -> String[1]:
    """
    @notice Version in the EIP-712 domain.
    @return Text.
    """
    return "1"


@external
@view
def totalSupply() -> uint256:
    """
    @notice Everything made so far.
    @return Millionths.
    """
    return self._total


@external
@view
def balanceOf(owner: address) -> uint256:
    """
    @notice Balance of an account.
    @param owner Any address.
    @return Millionths.
    """
    return self._balances[owner]


@external
@view
def allowance(owner: address, spender: address) -> uint256:
    """
    @notice What `spender` may still move for `owner`.
    @param owner Whose money.
    @param spender Who may move it.
    @return Millionths.
    """
    return self._allowances[owner][spender]


@external
@view
def nonces(owner: address) -> uint256:
    """
    @notice The nonce of the owner's next permit.
    @param owner Any address.
    @return Nonce.
    """
    return self._nonces[owner]


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice The EIP-712 domain.
    @return Hash.
    """
    return self._domain_separator()


@external
@view
def authorizationState(authorizer: address, nonce: bytes32) -> bool:
    """
    @notice Whether an EIP-3009 authorization was used or cancelled.
    @param authorizer Who signed.
    @param nonce Its nonce.
    @return True if so.
    """
    return self._used[authorizer][nonce]


@external
def transfer(to: address, amount: uint256) -> bool:
    """
    @notice Send money.
    @param to Who gets it.
    @param amount Millionths.
    @return True.
    """
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    """
    @notice Send money of another account, out of an allowance. The greatest allowance does not shrink.
    @param owner Whose money.
    @param to Who gets it.
    @param amount Millionths.
    @return True.
    """
    allowed: uint256 = self._allowances[owner][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "allowance too low"
        self._allowances[owner][msg.sender] = allowed - amount
    self._move(owner, to, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let `spender` move money of the sender.
    @param spender Who may move it.
    @param amount Millionths; replaces the former allowance.
    @return True.
    """
    self._allowances[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@external
def permit(
    owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
):
    """
    @notice Set an allowance with the owner's signature (EIP-2612).
    @param owner Who signed.
    @param spender Who may move the money.
    @param amount Millionths.
    @param deadline Unix time in seconds until which the signature counts.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    """
    assert block.timestamp <= deadline, "permit expired"
    nonce: uint256 = self._nonces[owner]
    self._nonces[owner] = nonce + 1
    struct_hash: bytes32 = keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, nonce, deadline))
    self._check_signature(owner, struct_hash, v, r, s)
    self._allowances[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)


@external
def transferWithAuthorization(
    payer: address,
    to: address,
    amount: uint256,
    valid_after: uint256,
    valid_before: uint256,
    nonce: bytes32,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice Move money with the payer's signature (EIP-3009); anyone may send it.
    @param payer Who signed.
    @param to Who gets the money.
    @param amount Millionths.
    @param valid_after Unix time in seconds after which the signature counts.
    @param valid_before Unix time in seconds before which it counts.
    @param nonce 32 bytes chosen by the payer, good once.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    """
    self._authorized(TRANSFER_TYPE, payer, to, amount, valid_after, valid_before, nonce, v, r, s)


@external
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
):
    """
    @notice Move money with the payer's signature (EIP-3009); only the recipient may send it.
    @param payer Who signed.
    @param to Who gets the money; must be the sender.
    @param amount Millionths.
    @param valid_after Unix time in seconds after which the signature counts.
    @param valid_before Unix time in seconds before which it counts.
    @param nonce 32 bytes chosen by the payer, good once.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    """
    assert to == msg.sender, "not the recipient"
    self._authorized(RECEIVE_TYPE, payer, to, amount, valid_after, valid_before, nonce, v, r, s)


@external
def cancelAuthorization(authorizer: address, nonce: bytes32, v: uint8, r: bytes32, s: bytes32):
    """
    @notice Take an unused EIP-3009 authorization back.
    @param authorizer Who signed.
    @param nonce Its nonce.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    """
    assert not self._used[authorizer][nonce], "authorization used"
    self._check_signature(authorizer, keccak256(abi_encode(CANCEL_TYPE, authorizer, nonce)), v, r, s)
    self._used[authorizer][nonce] = True
    log AuthorizationCanceled(authorizer=authorizer, nonce=nonce)


@internal
@view
def _domain_separator() -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPE, keccak256("Test Dollar"), keccak256("1"), chain.id, self))


@internal
@view
def _check_signature(signer: address, struct_hash: bytes32, v: uint8, r: bytes32, s: bytes32):
    digest: bytes32 = keccak256(concat(x"1901", self._domain_separator(), struct_hash))
    assert signer != empty(address) and ecrecover(digest, v, r, s) == signer, "bad signature"


@internal
def _authorized(
    kind: bytes32,
    payer: address,
    to: address,
    amount: uint256,
    valid_after: uint256,
    valid_before: uint256,
    nonce: bytes32,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    assert block.timestamp > valid_after, "not valid yet"
    assert block.timestamp < valid_before, "no longer valid"
    assert not self._used[payer][nonce], "authorization used"
    struct_hash: bytes32 = keccak256(
        abi_encode(kind, payer, to, amount, valid_after, valid_before, nonce)
    )
    self._check_signature(payer, struct_hash, v, r, s)
    self._used[payer][nonce] = True
    log AuthorizationUsed(authorizer=payer, nonce=nonce)
    self._move(payer, to, amount)


@internal
def _move(owner: address, to: address, amount: uint256):
    assert to != empty(address), "zero address"
    balance: uint256 = self._balances[owner]
    assert balance >= amount, "balance too low"
    self._balances[owner] = balance - amount
    self._balances[to] += amount
    log Transfer(sender=owner, receiver=to, value=amount)
