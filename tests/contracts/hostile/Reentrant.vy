# pragma version 0.4.3
# pragma evm-version prague
"""
@title A recipient that calls back as soon as it is paid, and keeps what came of it
"""

target: address
data: Bytes[800]
entered: public(bool)
answer: public(Bytes[64])
calls: public(uint256)


@external
def prepare(target: address, data: Bytes[800]):
    self.target = target
    self.data = data


@external
def run(target: address, data: Bytes[800]):
    raw_call(target, data)


@external
@payable
def __default__():
    if self.target == empty(address):
        return
    success: bool = False
    answer: Bytes[64] = b""
    success, answer = raw_call(self.target, self.data, max_outsize=64, revert_on_failure=False)
    self.calls += 1
    if success:
        self.entered = True
        self.answer = answer
