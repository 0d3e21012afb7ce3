"""What our contracts tell without a transaction: records, tokens and what is owed to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.chain import wire
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import FACTORY, REGISTRY, ROYALTY, decode_answer, encode_call
from desktop_app.chain.reverts import revert_reason
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import NotFoundError, RefusedError

_LAST_TIME = 253_402_300_799
"""The end of the year 9999: no block is that late."""


@dataclass(frozen=True)
class Record:
    """A registration: its holder, Unix time in seconds, and whether the proof was checked on chain."""

    holder: str
    registered_at: int
    proved: bool


@dataclass(frozen=True)
class Origin:
    """Who registered the work of a royalty token, and when (Unix time in seconds)."""

    registrant: str
    registered_at: int


@dataclass(frozen=True)
class TokenTerms:
    """The fixed terms of a royalty token. Shares in parts per million; currencies with "" for the coin.

    `parents` are the royalty tokens of works that this one builds on.
    """

    address: str
    work: bytes
    creator: str
    name: str
    symbol: str
    supply: int
    collaborators: tuple[tuple[str, int], ...]
    holders_share: int
    currencies: tuple[str, ...]
    uri: str
    parents: tuple[tuple[str, int], ...] = ()


def record(chain: Chain, registrant: str, commitment_id: bytes) -> Record | None:
    """The record of a commitment under a registrant's name, or None."""
    require_contract(chain, REGISTRY)
    holder, at, proved = read_contract(
        chain, contract_address(REGISTRY), REGISTRY, "record", registrant, commitment_id
    )
    if holder == ZERO_ADDRESS:
        return None
    if at > _LAST_TIME:
        raise wire.bad_answer("record.registered_at")
    return Record(wire.address(holder), at, proved)


def token_of(chain: Chain, registrant: str, commitment_id: bytes) -> str | None:
    """The royalty token of a registered work, or None."""
    require_contract(chain, FACTORY)
    (token,) = read_contract(chain, contract_address(FACTORY), FACTORY, "token_of", registrant, commitment_id)
    return None if token == ZERO_ADDRESS else wire.address(token)


def is_token(chain: Chain, address: str) -> bool:
    """Whether our factory made this contract; only then do its answers deserve trust."""
    if not chain.deployed(FACTORY):
        return False
    (made,) = read_contract(chain, contract_address(FACTORY), FACTORY, "is_token", address)
    return bool(made)


def origin(chain: Chain, token: str) -> Origin | None:
    """Who registered the work of a royalty token of our factory, and when; None for any other contract."""
    require_contract(chain, FACTORY)
    registrant, at = read_contract(chain, contract_address(FACTORY), FACTORY, "origin", token)
    if registrant == ZERO_ADDRESS:
        return None
    if at > _LAST_TIME:
        raise wire.bad_answer("origin.registered_at")
    return Origin(wire.address(registrant), at)


def token_terms(chain: Chain, token: str) -> TokenTerms:
    """The terms of a royalty token. Raises NotFoundError `chain.not_our_token` for any other contract."""
    if not is_token(chain, token):
        raise NotFoundError("chain.not_our_token", address=token, network=chain.network.name)
    names = (
        "work", "creator", "name", "symbol", "totalSupply", "collaborators", "holders_share", "currencies",
        "contractURI", "parents",
    )  # fmt: skip
    work, creator, name, symbol, supply, collaborators, holders_share, currencies, uri, parents = (
        read_contract(chain, token, ROYALTY, function)[0] for function in names
    )
    return TokenTerms(
        address=token,
        work=work,
        creator=wire.address(creator),
        name=name,
        symbol=symbol,
        supply=supply,
        collaborators=tuple((wire.address(account), share) for account, share in collaborators),
        holders_share=holders_share,
        currencies=tuple("" if c == ZERO_ADDRESS else wire.address(c) for c in currencies),
        uri=uri,
        parents=tuple((wire.address(parent), share) for parent, share in parents),
    )


def parents(chain: Chain, token: str) -> tuple[tuple[str, int], ...]:
    """The royalty tokens of works that a token's work builds on, with their parts per million."""
    (found,) = read_contract(chain, token, ROYALTY, "parents")
    return tuple((wire.address(parent), share) for parent, share in found)


def token_name(chain: Chain, token: str) -> str:
    """The name of a royalty token, a stranger's free text."""
    (name,) = read_contract(chain, token, ROYALTY, "name")
    return str(name)


def pending(chain: Chain, token: str, holder: str, currency: Currency, block: int | None = None) -> Amount:
    """What `claim` would pay the holder now, or would have paid after `block`."""
    coin = currency.address or ZERO_ADDRESS
    (units,) = read_contract(chain, token, ROYALTY, "pending", holder, coin, block=block)
    return Amount(units, currency)


def is_paused(chain: Chain, token: str, collaborator: str, currency: Currency) -> bool:
    """Whether pushes to a collaborator wait for his claim, since one failed."""
    coin = currency.address or ZERO_ADDRESS
    (found,) = read_contract(chain, token, ROYALTY, "paused", collaborator, coin)
    return bool(found)


def would_pay(chain: Chain, token: str, holders: Sequence[str], currency: Currency) -> Amount:
    """What `claim_many` would pay these holders together now; whoever cannot be paid is left out."""
    coin = currency.address or ZERO_ADDRESS
    (units,) = read_contract(chain, token, ROYALTY, "claim_many", list(holders), coin)
    return Amount(units, currency)


def received(chain: Chain, token: str, currency: Currency, block: int | None = None) -> Amount:
    """Everything that a token ever received, what is not booked yet included."""
    coin = currency.address or ZERO_ADDRESS
    (units,) = read_contract(chain, token, ROYALTY, "received", coin, block=block)
    return Amount(units, currency)


def liabilities(chain: Chain, token: str, currency: Currency, block: int | None = None) -> Amount:
    """What a token owes out of the money that it has booked."""
    coin = currency.address or ZERO_ADDRESS
    (units,) = read_contract(chain, token, ROYALTY, "liabilities", coin, block=block)
    return Amount(units, currency)


def forwardable(
    chain: Chain, token: str, parent: str, currency: Currency, block: int | None = None
) -> Amount:
    """What `forward` would pay a parent work now, or would have paid after `block`."""
    coin = currency.address or ZERO_ADDRESS
    (units,) = read_contract(chain, token, ROYALTY, "forwardable", parent, coin, block=block)
    return Amount(units, currency)


def shares_of(chain: Chain, token: str, holder: str, block: int | None = None) -> int:
    """How many whole shares of a royalty token an address holds."""
    (units,) = read_contract(chain, token, ROYALTY, "balanceOf", holder, block=block)
    return int(units)


def allowance(chain: Chain, currency: Currency, owner: str, spender: str) -> Amount:
    """How much of an ERC-20 currency `spender` may take from `owner`."""
    (units,) = read_contract(chain, currency.address, ROYALTY, "allowance", owner, spender)
    return Amount(units, currency)


def require_contract(chain: Chain, name: str) -> None:
    """Raises RefusedError `chain.not_deployed` where one of our contracts is not."""
    if not chain.deployed(name):
        raise RefusedError("chain.not_deployed", name=name, network=chain.network.name)


def read_contract(
    chain: Chain, to: str, contract: str, function: str, *arguments: Any, block: int | None = None
) -> tuple[Any, ...]:
    """What a function of one of our contracts answers, at the latest block by default.

    Raises RefusedError `chain.reverted`, UnavailableError.
    """
    from eth_abi.exceptions import DecodingError

    try:
        answer = chain.read(to, encode_call(contract, function, *arguments), block=block)
        return decode_answer(contract, function, len(arguments), answer)
    except RpcError as refused:
        if refused.revert_data is None:
            raise
        raise RefusedError("chain.reverted", reason=revert_reason(refused.revert_data)) from refused
    except DecodingError as malformed:
        raise wire.bad_answer(f"{contract}.{function}") from malformed
