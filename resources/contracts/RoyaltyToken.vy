# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Colophon royalty token
@license Apache-2.0
@notice An ERC-20 with EIP-2612 permit whose holders own a work's income, in up to eight currencies.
        Collaborators are paid in the paying transaction; holders accrue, and claim; the tokens of parent works
        are credited, and anyone may forward their parts to them.
@dev Runs behind the clones of RoyaltyFactory, which keep their fixed terms behind their own code.
     Per currency, R is everything ever received and L what is still owed. New money is balance - L, so
     plain transfers and tokens that take a fee count with what really arrived. Collaborator or parent i has
     earned floor(R * share_i / 10**6), the holders H = floor(R * their share / 10**6). A holder's numerator is
     balance * H + correction; what he may claim is numerator / supply, rounded down. A transfer of x
     shares moves x * H from one correction to the other, so it changes nobody's claim; a claim of a takes
     a * supply off. A transfer first books what has arrived, so that shares cannot be bought just to catch
     money that is already here.
     Bounds: supply < 2**96, R < 2**120, hence |correction| < 2**218: nothing overflows. Beyond that bound
     payments are refused and plain transfers are left unbooked.
     Every function that reads or writes the books shares one transient lock, views included.
     No owner, no upgrade, no fee.
"""


event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256


event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256


# Payer zero: found in the contract, after a plain transfer.
event Payment:
    payer: indexed(address)
    currency: indexed(address)
    amount: uint256
    memo: bytes32


event Pushed:
    collaborator: indexed(address)
    currency: indexed(address)
    amount: uint256


event PushFailed:
    collaborator: indexed(address)
    currency: indexed(address)
    amount: uint256


event Claimed:
    holder: indexed(address)
    currency: indexed(address)
    amount: uint256
    to: address


# The parent's own `Payment` in the same transaction names this token as payer and this work as memo.
event Forwarded:
    parent: indexed(address)
    currency: indexed(address)
    amount: uint256


interface Erc20:
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


interface Parent:
    def pay(currency: address, amount: uint256, memo: bytes32): payable


# Of each payment, in parts per million.
struct Part:
    account: address
    share: uint256


# The fixed terms, as read from the clone's code.
struct Terms:
    supply: uint256
    holders_share: uint256
    collaborators: DynArray[uint256, MAX_COLLABORATORS]  # account | share << 160


# Of one currency; see _books and _pushes.
struct Book:
    income: uint256
    liabilities: uint256
    received: uint256
    pushed: uint256
    paused: uint256


MAX_COLLABORATORS: constant(uint256) = 16
MAX_PARENTS: constant(uint256) = 16
MAX_CURRENCIES: constant(uint256) = 8
MAX_CLAIMS: constant(uint256) = 100
SHARE_SCALE: constant(uint256) = 1_000_000
MAX_RECEIVED: constant(uint256) = 2**120 - 1
LOW_128: constant(uint256) = 2**128 - 1
LOW_160: constant(uint256) = 2**160 - 1

# Where the terms start in a clone's code, and what its words are; see RoyaltyFactory.
TERMS: constant(uint256) = 51
WORK: constant(uint256) = 0
CREATOR: constant(uint256) = 1  # creator | supply << 160
LENGTHS: constant(uint256) = 2  # see RoyaltyFactory
LISTS: constant(uint256) = 3  # currencies, collaborators, parents

# Enough for smart-contract wallets and for known tokens; a recipient can burn no more of a payer's gas.
NATIVE_GAS: constant(uint256) = 50_000
ERC20_GAS: constant(uint256) = 100_000
BALANCE_GAS: constant(uint256) = 60_000
# A call gets at most 63/64 of the gas left after its own price (9,000 for value, 2,600 for a cold account).
RESERVE: constant(uint256) = 15_000

PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)

FACTORY: immutable(address)
IMPLEMENTATION: immutable(address)

_balances: HashMap[address, uint256]
_allowances: HashMap[address, HashMap[address, uint256]]
_nonces: HashMap[address, uint256]

# Per currency: H | L << 128. All that a share transfer needs when nothing new has arrived.
_books: uint256[MAX_CURRENCIES]
# Per currency: R | R when collaborators were last paid << 120 | one bit per paused collaborator << 240.
_pushes: uint256[MAX_CURRENCIES]
# Lifetime amount paid to a paused collaborator. Whoever is not paused has been paid up to the last push.
_paid: uint256[MAX_COLLABORATORS][MAX_CURRENCIES]
# Lifetime amount forwarded to a parent.
_forwarded: uint256[MAX_PARENTS][MAX_CURRENCIES]
# Per holder and currency: signed correction of the numerator.
_corrections: HashMap[address, int256[MAX_CURRENCIES]]


@deploy
def __init__():
    """
    @notice Deploys the shared implementation, which is of no use by itself.
    @dev The deployer is the factory, the only account that may initialize clones.
    """
    FACTORY = msg.sender
    IMPLEMENTATION = self


@external
def initialize():
    """
    @notice Give all shares to the creator. Called by the factory, once, in the transaction that makes the
            clone.
    """
    assert msg.sender == FACTORY, "only the factory"
    word: uint256 = self._word(CREATOR)
    creator: address = convert(word & LOW_160, address)
    self._balances[creator] = word >> 160
    log Transfer(sender=empty(address), receiver=creator, value=word >> 160)


# --- Income ---------------------------------------------------------------------------------------------


@external
@payable
def pay(currency: address, amount: uint256, memo: bytes32):
    """
    @notice Pay for the work. Collaborators get their parts in this transaction.
    @dev What counts is what arrives: a token that takes a fee is booked net.
    @param currency The currency; zero is the native coin, and then the value sent must equal `amount`.
    @param amount In the currency's smallest unit. For tokens, approve this contract first.
    @param memo Free for the payer, such as an order number; published.
    """
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    before: uint256 = 0
    if currency == empty(address):
        assert msg.value == amount, "wrong value"
        before = self.balance - msg.value
    else:
        assert msg.value == 0, "wrong value"
        before = self._known_balance(currency)
        assert extcall Erc20(currency).transferFrom(
            msg.sender, self, amount, default_return_value=True
        ), "transfer refused"
    self._credit(terms, index, currency, before, msg.sender, memo)


@external
def pay_with_authorization(
    currency: address,
    payer: address,
    amount: uint256,
    memo: bytes32,
    valid_after: uint256,
    valid_before: uint256,
    salt: bytes32,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice Pay with an EIP-3009 authorization (ReceiveWithAuthorization to this contract); anyone may send it.
    @dev The authorization's nonce is keccak256(memo, salt), so that the sender cannot change the memo.
    @param currency A token with EIP-3009.
    @param payer Who signed.
    @param amount In the currency's smallest unit.
    @param memo Free for the payer; published.
    @param valid_after Unix time in seconds after which the authorization counts.
    @param valid_before Unix time in seconds before which it counts.
    @param salt 32 bytes chosen by the payer.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    """
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    assert currency != empty(address), "not a token"
    before: uint256 = self._known_balance(currency)
    extcall Erc3009(currency).receiveWithAuthorization(
        payer, self, amount, valid_after, valid_before, keccak256(concat(memo, salt)), v, r, s
    )
    self._credit(terms, index, currency, before, payer, memo)


@external
def sync(currency: address) -> uint256:
    """
    @notice Book money that arrived by plain transfer, and pay the collaborators. Anyone may call.
    @param currency An accepted currency.
    @return The amount booked now.
    """
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    old: uint256 = self._pushes[index] & MAX_RECEIVED
    self._settle(terms, index, currency)
    return (self._pushes[index] & MAX_RECEIVED) - old


@external
def claim(holder: address, currency: address) -> uint256:
    """
    @notice Pay a holder what he has earned, and a collaborator what could not be pushed. Anyone may call;
            the money goes to `holder` only.
    @dev Books new money first. A collaborator paid this way is pushed to again from now on.
    @param holder The holder or collaborator.
    @param currency An accepted currency.
    @return The amount paid now, zero if nothing was owed.
    """
    return self._claim(holder, currency, holder, True)


@external
def claim_to(currency: address, to: address) -> uint256:
    """
    @notice Collect what the sender has earned or is owed, at another address.
    @dev A collaborator whose pushes fail stays paused, as nothing shows that his own address works again.
    @param currency An accepted currency.
    @param to Where the money goes.
    @return The amount paid now, zero if nothing was owed.
    """
    assert to != empty(address) and to != self, "bad recipient"
    return self._claim(msg.sender, currency, to, False)


@external
def claim_many(holders: DynArray[address, MAX_CLAIMS], currency: address) -> uint256:
    """
    @notice `claim` for many holders. Whoever cannot be paid is skipped and blocks nobody.
    @param holders Up to 100 holders or collaborators.
    @param currency An accepted currency.
    @return The sum paid now.
    """
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    self._settle(terms, index, currency)
    total: uint256 = 0
    for holder: address in holders:
        share: uint256 = 0
        debt: uint256 = 0
        share, debt = self._take(terms, index, holder, True)
        if share + debt == 0:
            continue
        if self._push(currency, holder, share + debt):
            total += share + debt
            log Claimed(holder=holder, currency=currency, amount=share + debt, to=holder)
        else:
            self._give_back(terms, index, holder, share, debt)
            log PushFailed(collaborator=holder, currency=currency, amount=share + debt)
    return total


@external
def forward(parents: DynArray[address, MAX_PARENTS], currency: address) -> uint256:
    """
    @notice Pay the tokens of parent works what they have earned. Anyone may call; who is not named waits.
    @dev Books new money first. A parent is paid through its own `pay`, so that it pays its own collaborators
         now; its parents are credited and not forwarded to. A parent that cannot be paid makes the call fail
         and stays owed; name the others.
    @param parents Parents of this token; one named twice is paid once.
    @param currency An accepted currency.
    @return The sum forwarded now, zero if nothing was owed.
    """
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    self._settle(terms, index, currency)
    total: uint256 = 0
    for parent: address in parents:
        position: uint256 = 0
        share: uint256 = 0
        position, share = self._parent(parent)
        book: Book = self._load(index)
        earned: uint256 = book.received * share // SHARE_SCALE
        amount: uint256 = earned - self._forwarded[index][position]
        if amount == 0:
            continue
        self._forwarded[index][position] = earned
        book.liabilities -= amount
        self._store(index, book)
        total += amount
        log Forwarded(parent=parent, currency=currency, amount=amount)
        value: uint256 = amount
        if currency != empty(address):
            value = 0
            assert extcall Erc20(currency).approve(
                parent, amount, default_return_value=True
            ), "transfer refused"
        extcall Parent(parent).pay(
            currency, amount, convert(self._word(WORK), bytes32), value=value
        )
    return total


@external
@view
def forwardable(parent: address, currency: address) -> uint256:
    """
    @notice What `forward` would pay a parent now. Money that arrived and is not booked yet is counted.
    @param parent A parent of this token.
    @param currency An accepted currency.
    @return Amount in the currency's smallest unit.
    """
    index: uint256 = self._index(currency)
    position: uint256 = 0
    share: uint256 = 0
    position, share = self._parent(parent)
    return (
        self._current(index, currency).received * share // SHARE_SCALE
        - self._forwarded[index][position]
    )


@external
@view
def pending(holder: address, currency: address) -> uint256:
    """
    @notice What `holder` would receive if `claim` were called now: his part as a holder, and as a
            collaborator what is still owed. Money that arrived and is not booked yet is counted. What a
            parent waits for is `forwardable`.
    @param holder Any address.
    @param currency An accepted currency.
    @return Amount in the currency's smallest unit.
    """
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    book: Book = self._current(index, currency)
    income: uint256 = self._holders_income(terms, book.received)
    amount: uint256 = self._numerator(index, holder, income) // terms.supply
    position: uint256 = self._position(terms, holder)
    if position < len(terms.collaborators):
        share: uint256 = terms.collaborators[position] >> 160
        paid: uint256 = book.pushed * share // SHARE_SCALE
        if (book.paused >> position) & 1 == 1:
            paid = self._paid[index][position]
        amount += book.received * share // SHARE_SCALE - paid
    return amount


@external
@view
def received(currency: address) -> uint256:
    """
    @notice Everything ever received, including what is not booked yet.
    @param currency An accepted currency.
    @return Amount in the currency's smallest unit.
    """
    return self._current(self._index(currency), currency).received


@external
@view
def liabilities(currency: address) -> uint256:
    """
    @notice What is owed to holders and collaborators out of the booked money.
    @param currency An accepted currency.
    @return Amount in the currency's smallest unit.
    """
    return self._books[self._index(currency)] >> 128


@external
@view
def paused(collaborator: address, currency: address) -> bool:
    """
    @notice Whether pushes to a collaborator are paused since one failed. `claim` pays and resumes.
    @param collaborator Any address.
    @param currency An accepted currency.
    @return True if paused.
    """
    terms: Terms = self._terms()
    position: uint256 = self._position(terms, collaborator)
    if position == len(terms.collaborators):
        return False
    return (self._pushes[self._index(currency)] >> (240 + position)) & 1 == 1


# --- Terms ----------------------------------------------------------------------------------------------


@external
@view
@reentrant
def work() -> bytes32:
    """
    @notice The work whose income this is.
    @return keccak256 of its 128-byte commitment, as in the registry.
    """
    return convert(self._word(WORK), bytes32)


@external
@view
@reentrant
def creator() -> address:
    """
    @notice Who made the token and got all shares.
    @return Address.
    """
    return convert(self._word(CREATOR) & LOW_160, address)


@external
@view
@reentrant
def collaborators() -> DynArray[Part, MAX_COLLABORATORS]:
    """
    @notice Who is paid at once.
    @return Accounts with their parts per million of each payment.
    """
    lengths: uint256 = self._word(LENGTHS)
    return self._parts(LISTS + ((lengths >> 8) & 255), lengths & 255)


@external
@view
@reentrant
def parents() -> DynArray[Part, MAX_PARENTS]:
    """
    @notice The royalty tokens of the works that this one builds on.
    @return Tokens with their parts per million of each payment.
    """
    lengths: uint256 = self._word(LENGTHS)
    return self._parts(LISTS + ((lengths >> 8) & 255) + (lengths & 255), (lengths >> 48) & 255)


@external
@view
@reentrant
def holders_share() -> uint256:
    """
    @notice The holders' part.
    @return Parts per million of each payment.
    """
    return self._word(LENGTHS) >> 96


@external
@view
@reentrant
def royaltyInfo(token_id: uint256, sale_price: uint256) -> (address, uint256):
    """
    @notice The royalty due when a collectible or licence of this work is sold again (ERC-2981). It is paid to
            this contract, which splits it like every payment.
    @param token_id Ignored: all of the work's collectibles pay alike.
    @param sale_price In any unit.
    @return This contract, and the royalty in the unit of the price.
    """
    share: uint256 = (self._word(LENGTHS) >> 64) & (2**32 - 1)
    # In two parts: no price overflows, and no more than the exact royalty is asked.
    return self, sale_price // SHARE_SCALE * share + sale_price % SHARE_SCALE * share // SHARE_SCALE


@external
@view
@reentrant
def currencies() -> DynArray[address, MAX_CURRENCIES]:
    """
    @notice The accepted currencies.
    @return Token addresses; zero is the native coin.
    """
    result: DynArray[address, MAX_CURRENCIES] = []
    for i: uint256 in range(self._currencies(), bound=MAX_CURRENCIES):
        result.append(self._currency(i))
    return result


@external
@view
@reentrant
def name() -> String[64]:
    """
    @notice The token's name.
    @return Text.
    """
    return self._name()


@external
@view
@reentrant
def symbol() -> String[16]:
    """
    @notice The token's symbol.
    @return Text.
    """
    lengths: uint256 = self._word(LENGTHS)
    return convert(
        slice(self._text((lengths >> 16) & 255), 0, (lengths >> 24) & 255), String[16]
    )


@external
@view
@reentrant
def contractURI() -> String[256]:
    """
    @notice Address of the public description (ERC-7572).
    @return Text, may be empty.
    """
    lengths: uint256 = self._word(LENGTHS)
    start: uint256 = ((lengths >> 16) & 255) + ((lengths >> 24) & 255)
    return convert(slice(self._text(start), 0, (lengths >> 32) & 65535), String[256])


@external
@view
@reentrant
def decimals() -> uint8:
    """
    @notice Shares are whole.
    @return Zero.
    """
    return 0


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice ERC-165: ERC-165 itself, ERC-20, EIP-2612, ERC-7572, ERC-2981.
    @param interface_id The interface asked for.
    @return True if supported.
    """
    return interface_id in [0x01ffc9a7, 0x36372b07, 0x9d8ff7da, 0xe8a3d485, 0x2a55205a]


# --- ERC-20 and EIP-2612 --------------------------------------------------------------------------------


@external
@view
@reentrant
def totalSupply() -> uint256:
    """
    @notice All shares; fixed.
    @return Whole shares.
    """
    return self._word(CREATOR) >> 160


@external
@view
@reentrant
def balanceOf(owner: address) -> uint256:
    """
    @notice Shares of an account.
    @param owner Any address.
    @return Whole shares.
    """
    return self._balances[owner]


@external
@view
@reentrant
def allowance(owner: address, spender: address) -> uint256:
    """
    @notice Shares that `spender` may still move for `owner`.
    @param owner Whose shares.
    @param spender Who may move them.
    @return Whole shares.
    """
    return self._allowances[owner][spender]


@external
def transfer(to: address, amount: uint256) -> bool:
    """
    @notice Pass shares on. What everyone has earned so far stays his.
    @param to The new holder.
    @param amount Whole shares.
    @return True.
    """
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    """
    @notice Pass shares of another account on, out of an allowance. The greatest allowance does not shrink.
    @param owner Whose shares.
    @param to The new holder.
    @param amount Whole shares.
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
    @notice Let `spender` move shares of the sender.
    @param spender Who may move them.
    @param amount Whole shares; replaces the former allowance.
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
    @param spender Who may move the shares.
    @param amount Whole shares.
    @param deadline Unix time in seconds until which the signature counts.
    @param v Signature.
    @param r Signature.
    @param s Signature.
    """
    assert block.timestamp <= deadline, "permit expired"
    nonce: uint256 = self._nonces[owner]
    digest: bytes32 = keccak256(
        concat(
            x"1901",
            self._domain_separator(),
            keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, nonce, deadline)),
        )
    )
    assert owner != empty(address) and ecrecover(digest, v, r, s) == owner, "bad signature"
    self._nonces[owner] = nonce + 1
    self._allowances[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)


@external
@view
@reentrant
def nonces(owner: address) -> uint256:
    """
    @notice The nonce of the owner's next permit.
    @param owner Any address.
    @return Nonce.
    """
    return self._nonces[owner]


@external
@view
@reentrant
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice The EIP-712 domain of permits: name, version "1", chain id, this contract.
    @return Hash.
    """
    return self._domain_separator()


# --- Reading the terms ----------------------------------------------------------------------------------


@internal
@view
def _word(index: uint256) -> uint256:
    assert self != IMPLEMENTATION, "not a token"
    # `self.code` would be the implementation's; the address's code is the clone's.
    clone: address = self
    return convert(slice(clone.code, TERMS + 32 * index, 32), uint256)


@internal
@view
def _terms() -> Terms:
    lengths: uint256 = self._word(LENGTHS)
    terms: Terms = Terms(
        supply=self._word(CREATOR) >> 160, holders_share=lengths >> 96, collaborators=[]
    )
    first: uint256 = LISTS + ((lengths >> 8) & 255)
    for i: uint256 in range(lengths & 255, bound=MAX_COLLABORATORS):
        terms.collaborators.append(self._word(first + i))
    return terms


@internal
@view
def _parts(first: uint256, count: uint256) -> DynArray[Part, 16]:
    parts: DynArray[Part, 16] = []
    for i: uint256 in range(count, bound=16):
        word: uint256 = self._word(first + i)
        parts.append(Part(account=convert(word & LOW_160, address), share=word >> 160))
    return parts


@internal
@view
def _parent(parent: address) -> (uint256, uint256):
    """
    @dev A parent's place in the list, and its share.
    """
    lengths: uint256 = self._word(LENGTHS)
    first: uint256 = LISTS + ((lengths >> 8) & 255) + (lengths & 255)
    for i: uint256 in range((lengths >> 48) & 255, bound=MAX_PARENTS):
        word: uint256 = self._word(first + i)
        if convert(word & LOW_160, address) == parent:
            return i, word >> 160
    raise "not a parent"


@internal
@view
def _currencies() -> uint256:
    return (self._word(LENGTHS) >> 8) & 255


@internal
@view
def _currency(index: uint256) -> address:
    return convert(self._word(LISTS + index), address)


@internal
@view
def _index(currency: address) -> uint256:
    for i: uint256 in range(self._currencies(), bound=MAX_CURRENCIES):
        if self._currency(i) == currency:
            return i
    raise "currency not accepted"


@internal
@pure
def _position(terms: Terms, account: address) -> uint256:
    position: uint256 = 0
    for word: uint256 in terms.collaborators:
        if convert(word & LOW_160, address) == account:
            break
        position += 1
    return position


@internal
@view
def _text(start: uint256) -> Bytes[256]:
    """
    @dev Whole words of the text from `start` on, as many as the code has, then zeros.
    """
    lengths: uint256 = self._word(LENGTHS)
    clone: address = self
    count: uint256 = (lengths & 255) + ((lengths >> 8) & 255) + ((lengths >> 48) & 255)
    first: uint256 = TERMS + 32 * (LISTS + count) + start
    words: bytes32[8] = empty(bytes32[8])
    for i: uint256 in range(8):
        if first + 32 * (i + 1) > clone.codesize:
            break
        words[i] = convert(slice(clone.code, first + 32 * i, 32), bytes32)
    return abi_encode(words)


@internal
@view
def _name() -> String[64]:
    return convert(slice(self._text(0), 0, (self._word(LENGTHS) >> 16) & 255), String[64])


@internal
@view
def _domain_separator() -> bytes32:
    return keccak256(
        abi_encode(DOMAIN_TYPE, keccak256(self._name()), keccak256("1"), chain.id, self)
    )


# --- The books ------------------------------------------------------------------------------------------


@internal
@view
def _balance(currency: address) -> (bool, uint256):
    """
    @dev This contract's balance, or False where a token does not tell. Without the check of the gas left,
         a caller could make the token fail, and so keep money unbooked while shares change hands.
    """
    if currency == empty(address):
        return True, self.balance
    assert msg.gas >= BALANCE_GAS + BALANCE_GAS // 63 + RESERVE, "more gas needed"
    success: bool = False
    response: Bytes[32] = b""
    success, response = raw_call(
        currency,
        abi_encode(self, method_id=method_id("balanceOf(address)")),
        max_outsize=32,
        gas=BALANCE_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not success or len(response) < 32:
        return False, 0
    return True, convert(response, uint256)


@internal
@view
def _known_balance(currency: address) -> uint256:
    known: bool = False
    balance: uint256 = 0
    known, balance = self._balance(currency)
    assert known, "balance unknown"
    return balance


@internal
@view
def _load(index: uint256) -> Book:
    books: uint256 = self._books[index]
    pushes: uint256 = self._pushes[index]
    return Book(
        income=books & LOW_128,
        liabilities=books >> 128,
        received=pushes & MAX_RECEIVED,
        pushed=(pushes >> 120) & MAX_RECEIVED,
        paused=pushes >> 240,
    )


@internal
def _store(index: uint256, book: Book):
    self._books[index] = book.income | (book.liabilities << 128)
    self._pushes[index] = book.received | (book.pushed << 120) | (book.paused << 240)


@internal
@pure
def _surplus(book: Book, balance: uint256) -> uint256:
    if balance <= book.liabilities:
        return 0
    return min(balance - book.liabilities, MAX_RECEIVED - book.received)


@internal
@view
def _current(index: uint256, currency: address) -> Book:
    """
    @dev The book with what arrived by plain transfer added; `income` is left as it was. A token that does
         not tell its balance adds nothing.
    """
    book: Book = self._load(index)
    known: bool = False
    balance: uint256 = 0
    known, balance = self._balance(currency)
    if known:
        surplus: uint256 = self._surplus(book, balance)
        book.received += surplus
        book.liabilities += surplus
    return book


@internal
def _settle(terms: Terms, index: uint256, currency: address):
    """
    @dev Book what arrived by plain transfer, and pay the collaborators.
    """
    old: uint256 = self._pushes[index] & MAX_RECEIVED
    book: Book = self._current(index, currency)
    if book.received != old:
        log Payment(
            payer=empty(address), currency=currency, amount=book.received - old, memo=empty(bytes32)
        )
    self._distribute(terms, index, currency, book)


@internal
def _credit(
    terms: Terms, index: uint256, currency: address, before: uint256, payer: address, memo: bytes32
):
    """
    @dev Book a payment that raised the balance from `before`, then pay the collaborators. What was there
         before and not booked is nobody's payment.
    """
    book: Book = self._load(index)
    surplus: uint256 = self._surplus(book, before)
    if surplus != 0:
        book.received += surplus
        book.liabilities += surplus
        log Payment(payer=empty(address), currency=currency, amount=surplus, memo=empty(bytes32))
    balance: uint256 = self._known_balance(currency)
    assert balance > book.liabilities, "nothing received"
    amount: uint256 = balance - book.liabilities
    assert amount <= MAX_RECEIVED - book.received, "too much"
    book.received += amount
    book.liabilities += amount
    log Payment(payer=payer, currency=currency, amount=amount, memo=memo)
    self._distribute(terms, index, currency, book)


@internal
def _distribute(terms: Terms, index: uint256, currency: address, given: Book):
    """
    @dev Store the book, then push to every collaborator what he has earned since the last push. All credits
         are booked before the first push; who cannot be paid is paused, stays owed, and costs no later
         payer anything.
    """
    book: Book = given
    last: uint256 = book.pushed
    if last == book.received:
        return
    book.income = self._holders_income(terms, book.received)
    book.pushed = book.received
    self._store(index, book)

    position: uint256 = 0
    for word: uint256 in terms.collaborators:
        bit: uint256 = 1 << position
        if book.paused & bit == 0:
            share: uint256 = word >> 160
            paid: uint256 = last * share // SHARE_SCALE
            due: uint256 = book.received * share // SHARE_SCALE - paid
            if due != 0:
                collaborator: address = convert(word & LOW_160, address)
                if self._push(currency, collaborator, due):
                    book.liabilities -= due
                    log Pushed(collaborator=collaborator, currency=currency, amount=due)
                else:
                    book.paused |= bit
                    self._paid[index][position] = paid
                    log PushFailed(collaborator=collaborator, currency=currency, amount=due)
        position += 1
    self._store(index, book)


@internal
def _push(currency: address, to: address, amount: uint256) -> bool:
    """
    @dev Send money with bounded gas and bounded return data; never reverts because of the recipient or the
         token. Without the check of the gas left, a payer could make pushes fail.
    """
    if currency == empty(address):
        assert msg.gas >= NATIVE_GAS + NATIVE_GAS // 63 + RESERVE, "more gas needed"
        return raw_call(to, b"", value=amount, gas=NATIVE_GAS, revert_on_failure=False)
    assert msg.gas >= ERC20_GAS + ERC20_GAS // 63 + RESERVE, "more gas needed"
    success: bool = False
    response: Bytes[32] = b""
    success, response = raw_call(
        currency,
        abi_encode(to, amount, method_id=method_id("transfer(address,uint256)")),
        max_outsize=32,
        gas=ERC20_GAS,
        revert_on_failure=False,
    )
    # Some tokens return nothing. That they have code was checked when the token was made.
    return success and (len(response) == 0 or (len(response) == 32 and convert(response, uint256) == 1))


@internal
@pure
def _holders_income(terms: Terms, received: uint256) -> uint256:
    """
    @dev Rounded down by itself, like each collaborator's part: what is left of R after rounded parts could
         fall when R grows, and a fall would take back what was already claimed.
    """
    return received * terms.holders_share // SHARE_SCALE


@internal
@view
def _numerator(index: uint256, holder: address, income: uint256) -> uint256:
    return convert(
        convert(self._balances[holder] * income, int256) + self._corrections[holder][index], uint256
    )


@internal
def _claim(holder: address, currency: address, to: address, resume: bool) -> uint256:
    terms: Terms = self._terms()
    index: uint256 = self._index(currency)
    self._settle(terms, index, currency)
    share: uint256 = 0
    debt: uint256 = 0
    share, debt = self._take(terms, index, holder, resume)
    amount: uint256 = share + debt
    if amount != 0:
        assert self._push(currency, to, amount), "transfer refused"
        log Claimed(holder=holder, currency=currency, amount=amount, to=to)
    return amount


@internal
def _take(terms: Terms, index: uint256, holder: address, resume: bool) -> (uint256, uint256):
    """
    @dev Write off what `holder` is owed: as a holder, and as a paused collaborator. Collaborators have
         just been paid, so that nothing is owed to those who are not paused.
    """
    book: Book = self._load(index)
    share: uint256 = self._numerator(index, holder, book.income) // terms.supply
    if share != 0:
        self._corrections[holder][index] -= convert(share * terms.supply, int256)
    debt: uint256 = 0
    position: uint256 = self._position(terms, holder)
    if position < len(terms.collaborators):
        bit: uint256 = 1 << position
        if book.paused & bit != 0:
            earned: uint256 = book.received * (terms.collaborators[position] >> 160) // SHARE_SCALE
            debt = earned - self._paid[index][position]
            if debt != 0:
                self._paid[index][position] = earned
                if resume:
                    book.paused ^= bit
    if share + debt != 0:
        book.liabilities -= share + debt
        self._store(index, book)
    return share, debt


@internal
def _give_back(terms: Terms, index: uint256, holder: address, share: uint256, debt: uint256):
    """
    @dev Undo `_take(..., True)`.
    """
    book: Book = self._load(index)
    book.liabilities += share + debt
    if share != 0:
        self._corrections[holder][index] += convert(share * terms.supply, int256)
    if debt != 0:
        position: uint256 = self._position(terms, holder)
        self._paid[index][position] -= debt
        book.paused |= 1 << position
    self._store(index, book)


@internal
def _move(owner: address, to: address, amount: uint256):
    assert to != empty(address) and to != self, "bad recipient"
    balance: uint256 = self._balances[owner]
    assert balance >= amount, "balance too low"
    if amount != 0 and owner != to:
        self._shift(owner, to, amount)
        self._balances[owner] = balance - amount
        self._balances[to] += amount
    # After the payments that were booked, which belong to those who held shares before.
    log Transfer(sender=owner, receiver=to, value=amount)


@internal
def _shift(owner: address, to: address, amount: uint256):
    """
    @dev Keep what has been earned on `amount` shares with their owner.
    """
    for i: uint256 in range(self._currencies(), bound=MAX_CURRENCIES):
        income: uint256 = self._income(i, self._currency(i))
        if income != 0:
            moved: int256 = convert(amount * income, int256)
            self._corrections[owner][i] += moved
            self._corrections[to][i] -= moved


@internal
def _income(index: uint256, currency: address) -> uint256:
    """
    @dev The holders' lifetime income, after booking what arrived by plain transfer. No collaborator is paid
         here: a share transfer calls nobody.
    """
    books: uint256 = self._books[index]
    known: bool = False
    balance: uint256 = 0
    known, balance = self._balance(currency)
    if not known or balance <= books >> 128:
        return books & LOW_128
    book: Book = self._load(index)
    surplus: uint256 = self._surplus(book, balance)
    if surplus != 0:
        book.received += surplus
        book.liabilities += surplus
        book.income = book.received * (self._word(LENGTHS) >> 96) // SHARE_SCALE
        self._store(index, book)
        log Payment(payer=empty(address), currency=currency, amount=surplus, memo=empty(bytes32))
    return book.income
