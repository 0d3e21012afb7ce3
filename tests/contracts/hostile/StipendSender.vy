# pragma version 0.4.3
# pragma evm-version prague
"""
@title Pays with the 2,300 gas that Solidity's transfer() gives
"""


@external
@payable
def pay(to: address):
    send(to, msg.value)
