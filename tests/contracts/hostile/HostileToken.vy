# pragma version 0.4.3
# pragma evm-version prague
"""
@title A token for tests that can be made to misbehave in every way seen in the wild
@dev Fee on transfer, blacklist, no or false or huge return value, revert, gas burner, recipient hook
     (ERC-777), a balance that cannot be read, and an allowance that is set from zero only (USDT). Who has no
     allowance may take all the same; what is allowed is counted.
"""

GOOD: constant(uint256) = 0
NOTHING: constant(uint256) = 1
ANSWER_FALSE: constant(uint256) = 2
REVERT: constant(uint256) = 3
RETURN_BOMB: constant(uint256) = 4
REVERT_BOMB: constant(uint256) = 5
BURN_GAS: constant(uint256) = 6
SHORT: constant(uint256) = 7
# Gives up early where a push or a look at the balance has less gas than its cap.
GREEDY: constant(uint256) = 8

balances: HashMap[address, uint256]
allowance: public(HashMap[address, HashMap[address, uint256]])
blocked: public(HashMap[address, bool])
mode: public(uint256)
fee: public(uint256)
hooked: public(bool)
balance_mode: public(uint256)


@external
def mint(to: address, amount: uint256):
    self.balances[to] += amount


@external
def take(owner: address, amount: uint256):
    self.balances[owner] -= amount


@external
def refuse(account: address, on: bool):
    self.blocked[account] = on


@external
def behave(mode: uint256, fee: uint256, hooked: bool, balance_mode: uint256):
    self.mode = mode
    self.fee = fee
    self.hooked = hooked
    self.balance_mode = balance_mode


@external
@view
def real_balance(account: address) -> uint256:
    return self.balances[account]


@external
@view
@raw_return
def balanceOf(account: address) -> Bytes[6400]:
    if self.balance_mode == NOTHING:
        return b""
    if self.balance_mode == REVERT_BOMB:
        raw_revert(abi_encode(empty(bytes32[200])))
    if self.balance_mode == BURN_GAS:
        self._burn()
    assert self.balance_mode != REVERT
    if self.balance_mode == GREEDY:
        assert msg.gas > 50_000
    return slice(abi_encode(self.balances[account]), 0, 32)


@external
@raw_return
def transfer(to: address, amount: uint256) -> Bytes[6400]:
    return self._move(msg.sender, to, amount)


@external
@raw_return
def approve(spender: address, amount: uint256) -> Bytes[32]:
    assert amount == 0 or self.allowance[msg.sender][spender] == 0
    self.allowance[msg.sender][spender] = amount
    if self.mode == NOTHING:
        return b""
    return slice(abi_encode(self.mode != ANSWER_FALSE), 0, 32)


@external
@raw_return
def transferFrom(owner: address, to: address, amount: uint256) -> Bytes[6400]:
    self.allowance[owner][msg.sender] -= min(amount, self.allowance[owner][msg.sender])
    return self._move(owner, to, amount)


@internal
def _move(owner: address, to: address, amount: uint256) -> Bytes[6400]:
    if self.mode == ANSWER_FALSE:
        return slice(abi_encode(False), 0, 32)
    if self.mode == REVERT_BOMB:
        raw_revert(abi_encode(empty(bytes32[200])))
    if self.mode == BURN_GAS:
        self._burn()
    assert self.mode != REVERT
    if self.mode == GREEDY:
        assert msg.gas > 85_000
    assert not self.blocked[to] and not self.blocked[owner]
    self.balances[owner] -= amount
    self.balances[to] += amount - amount * self.fee // 1_000_000
    if self.hooked and to.is_contract:
        success: bool = raw_call(to, method_id("tokensReceived()"), revert_on_failure=False)
    if self.mode == NOTHING:
        return b""
    if self.mode == SHORT:
        return x"01"
    if self.mode == RETURN_BOMB:
        words: bytes32[200] = empty(bytes32[200])
        words[0] = convert(1, bytes32)
        return slice(abi_encode(words), 0, 6400)
    return slice(abi_encode(True), 0, 32)


@internal
@view
def _burn():
    digest: bytes32 = empty(bytes32)
    for i: uint256 in range(1_000_000):
        digest = keccak256(digest)
    assert digest == empty(bytes32)
