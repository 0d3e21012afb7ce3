"""Changes of the list of accounts in a vault's header; names and addresses stay unique."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.wallet.accounts import address_of, private_key
from desktop_app.wallet.vault import Account, DeviceAccount, Header, name_is_usable, path_is_usable

AnyAccount = Account | DeviceAccount
A = TypeVar("A", Account, DeviceAccount)


def account_of(header: Header, address: str) -> AnyAccount:
    """Raises NotFoundError("wallet.unknown_account")."""
    account = header.account(address)
    if account is None:
        raise NotFoundError("wallet.unknown_account", address=address[:60])
    return account


def check_name(name: str) -> None:
    """Raises InvalidInputError("wallet.account_name")."""
    if not name_is_usable(name):
        raise InvalidInputError("wallet.account_name")


def with_next(header: Header, seed: bytes, name: str) -> tuple[Header, Account]:
    """With the next unused account of the phrase."""
    _check_unused(name, header)
    index = max(account.index for account in header.accounts) + 1
    account = Account(index, name, address_of(private_key(seed, index)))
    return replace(header, accounts=(*header.accounts, account)), account


def with_device(header: Header, name: str, address: str, path: str) -> tuple[Header, DeviceAccount]:
    """With an account of a hardware wallet."""
    check_name(name)
    if not path_is_usable(path):
        raise InvalidInputError("wallet.device_path", path=path[:60])
    _check_unused(name, header)
    known = header.account(address)
    if known is not None:
        raise RefusedError("wallet.device_known", name=known.name)
    device = DeviceAccount(name, address, path)
    return replace(header, devices=(*header.devices, device)), device


def without_device(header: Header, address: str) -> Header:
    """Without an account of a hardware wallet; raises RefusedError for one of the phrase."""
    gone = account_of(header, address)
    if isinstance(gone, Account):
        raise RefusedError("wallet.not_a_device", name=gone.name)
    devices = tuple(one for one in header.devices if one != gone)
    active = header.accounts[0].address if header.active == gone.address else header.active
    return replace(header, devices=devices, active=active)


def renamed(header: Header, address: str, name: str) -> tuple[Header, AnyAccount]:
    check_name(name)
    old = account_of(header, address)
    _check_unused(name, header, besides=old)
    accounts = tuple(_named(each, old, name) for each in header.accounts)
    devices = tuple(_named(each, old, name) for each in header.devices)
    changed = replace(header, accounts=accounts, devices=devices)
    return changed, account_of(changed, address)


def _named(account: A, old: AnyAccount, name: str) -> A:
    return replace(account, name=name) if account == old else account


def _check_unused(name: str, header: Header, besides: AnyAccount | None = None) -> None:
    known: tuple[AnyAccount, ...] = (*header.accounts, *header.devices)
    if any(one.name.casefold() == name.casefold() for one in known if one != besides):
        raise RefusedError("wallet.account_name_taken", name=name)
