"""`colophon wallet`: make, restore, look at, lock and unlock the wallet, and its accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.protection import Protection, ProtectionOption, chosen_protection
from desktop_app.cli.session import Session
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.core.amounts import Amount
    from desktop_app.services.wallet import WalletStatus

app = new_app(f"The wallet: your recovery phrase, accounts and keys.\n\n{passphrase.HELP}")


AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account's address or name.")]


def _protection(session: Session, chosen: Protection | None) -> tuple[str, str | None]:
    def usable() -> bool:
        return session.run(lambda _: session.services.wallet.keyring_status()).usable

    return chosen_protection(session, chosen, usable)


def _refuse_second(session: Session) -> None:
    """A wallet is never replaced; better said before any question."""
    if session.services.wallet.status().active is not None:
        raise RefusedError("wallet.exists", path=str(session.paths.vault))


def _existing(session: Session) -> WalletStatus:
    status = session.services.wallet.status()
    if status.active is None:
        raise NotFoundError("wallet.absent")
    return status


def _facts(status: WalletStatus) -> list[tuple[str, object]]:
    return [
        ("State", words(f"cli.wallet_{status.state.name.lower()}")),
        ("Protected by", status.protection),
        (words("cli.address" if status.verified else "cli.unchecked_address"), status.active or ""),
        (
            "Phrase kept safe",
            words("cli.yes" if status.backup_confirmed else "cli.not_confirmed") if status.active else "",
        ),
    ]


@command(app, "create")
def create(
    session: Session,
    words_option: Annotated[
        int, typer.Option("--words", metavar="12|24", help="Length of the recovery phrase.")
    ] = 12,
    protection: ProtectionOption = None,
) -> None:
    """Make a new wallet and print its recovery phrase, once."""
    wallet = session.services.wallet
    _refuse_second(session)
    kind, secret = _protection(session, protection)
    phrase = session.run(lambda _: wallet.create(kind, secret, words_option))
    status = wallet.status()
    session.show(
        {"phrase": phrase, "address": status.active, "protection": status.protection},
        Text(words("cli.phrase_intro"), style="bold"),
        "",
        output.listing(
            ["", "", "", ""],
            [[f"{n + 1:2} {word}" for n, word in row] for row in _rows(phrase)],
        ),
        "",
        words("cli.phrase_outro"),
        output.facts(_facts(status)),
    )


def _rows(phrase: str) -> list[list[tuple[int, str]]]:
    numbered = list(enumerate(phrase.split()))
    return [numbered[start : start + 4] for start in range(0, len(numbered), 4)]


@command(app, "restore")
def restore(session: Session, protection: ProtectionOption = None) -> None:
    """Make the wallet of a recovery phrase that you have: typed when asked, or piped in."""
    wallet = session.services.wallet
    _refuse_second(session)
    phrase = passphrase.phrase(session)
    wallet.check_phrase(phrase)
    kind, secret = _protection(session, protection)
    session.run(lambda _: wallet.restore(phrase, kind, secret))
    _show(session)


def _to_show(session: Session) -> WalletStatus:
    """The status, its addresses checked with the wallet's key where it is open; a remark where it is not.

    Whoever can write to the data folder could have put addresses of his own there.
    """
    wallet = session.services.wallet
    status = session.run(lambda _: wallet.status_to_show()) if wallet.status().active else wallet.status()
    if status.active and not status.verified:
        session.note("cli.not_verified")
    return status


def _show(session: Session, balances: bool = False) -> None:
    services = session.services
    status = _to_show(session)
    owned: tuple[Amount, ...] = ()
    if balances and status.active:
        address = status.active
        owned = session.run(lambda _: services.networks.balances(address))
    accounts = [
        (("* " if one.address == status.active else "  ") + one.name, one.address) for one in status.accounts
    ]
    due = services.backup.status()
    if due.remind:
        session.note("cli.backup_due", state=words(f"backup.{due.state.value}"))
    session.show(
        {"wallet": status, "balances": owned} if balances else {"wallet": status},
        output.facts(_facts(status) + [("Balance", amount) for amount in owned]),
        *([output.listing(["Accounts", ""], accounts)] if len(accounts) > 1 else []),
    )


@command(app, "show")
def show(
    session: Session,
    balances: Annotated[
        bool, typer.Option("--balances", help="Also what the account has on the network.")
    ] = False,
) -> None:
    """Show the state of the wallet and its accounts. Needs no passphrase."""
    _show(session, balances)


@command(app, "receive")
def receive(
    session: Session,
    account: Annotated[
        str, typer.Argument(metavar="[ACCOUNT]", help="An account; without this, the active one.")
    ] = "",
    qr: Annotated[bool, typer.Option("--qr", help="Also draw a code that a phone can read.")] = False,
) -> None:
    """Show an address to be paid at, after checking with the wallet's key that it is yours."""
    services = session.services
    _existing(session)
    passphrase.unlock(session)
    status = session.run(lambda _: services.wallet.verified_status())
    address = _address(session, account) if account else status.active
    own = next((one for one in status.accounts if one.address == address), None)
    if own is None:
        raise NotFoundError("wallet.unknown_account", address=account[:60])
    network = services.networks.active
    session.show(
        {"account": own, "network": network.key, "verified": status.verified},
        words("cli.receive", network=network.name),
        own.address,
        *([output.qr_code(own.address)] if qr else []),
    )


@command(app, "lock")
def lock(session: Session) -> None:
    """Lock the wallet for every program until it is unlocked."""
    wallet = session.services.wallet
    _existing(session)
    session.run(lambda _: wallet.lock())
    _show(session)


@command(app, "unlock")
def unlock(session: Session) -> None:
    """Unlock the wallet. With a passphrase each command asks anew; this checks that it is right."""
    wallet = session.services.wallet
    status = _existing(session)
    secret = passphrase.present(session) if status.protection == "passphrase" else None
    session.run(lambda _: wallet.unlock(secret))
    _show(session)


@command(app, "phrase")
def phrase(session: Session) -> None:
    """Print the recovery phrase again, for a backup."""
    wallet = session.services.wallet
    status = _existing(session)
    session.approve("cli.reveal_phrase")
    secret = passphrase.present(session) if status.protection == "passphrase" else None
    if secret is not None:
        session.run(lambda _: wallet.unlock(secret))
    revealed = session.run(lambda _: wallet.reveal_phrase(secret))
    session.show({"phrase": revealed}, revealed)


@command(app, "confirm")
def confirm(session: Session) -> None:
    """Confirm that you have the recovery phrase, by typing it (or piping it in)."""
    _existing(session)
    passphrase.unlock(session)
    typed = passphrase.phrase(session)
    session.run(lambda _: session.services.wallet.confirm_backup(typed))
    _show(session)


@command(app, "accounts")
def accounts(session: Session) -> None:
    """List the accounts; the star marks the active one."""
    _existing(session)
    status = _to_show(session)
    rows = [("*" if one.address == status.active else "", one.name, one.address) for one in status.accounts]
    session.show(
        [
            {
                "name": one.name,
                "address": one.address,
                "active": one.address == status.active,
                "verified": status.verified,
            }
            for one in status.accounts
        ],
        output.listing(
            ["", "Name", words("cli.address" if status.verified else "cli.unchecked_address")], rows
        ),
    )


@command(app, "add-account")
def add_account(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")]
) -> None:
    """Add the next account of the recovery phrase."""
    passphrase.unlock(session)
    session.run(lambda _: session.services.wallet.add_account(name))
    _show(session)


@command(app, "use-account")
def use_account(session: Session, account: AccountArgument) -> None:
    """Make an account the active one: actions are signed by it."""
    address = _address(session, account)
    passphrase.unlock(session)
    session.run(lambda _: session.services.wallet.select_account(address))
    _show(session)


@command(app, "rename-account")
def rename_account(
    session: Session,
    account: AccountArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its new name.")],
) -> None:
    """Give an account another name."""
    address = _address(session, account)
    passphrase.unlock(session)
    session.run(lambda _: session.services.wallet.rename_account(address, name))
    _show(session)


def _address(session: Session, account: str) -> str:
    """The address behind an account's name; anything else is taken for an address."""
    for one in session.services.wallet.status().accounts:
        if account.casefold() == one.name.casefold():
            return one.address
    return account


@command(app, "protect")
def protect(
    session: Session,
    protection: Annotated[
        Protection, typer.Argument(metavar="keyring|passphrase", help="What is to protect the wallet.")
    ],
) -> None:
    """Move the wallet to the system keyring, or to a passphrase."""
    wallet = session.services.wallet
    _existing(session)
    secret = passphrase.new(session) if protection is Protection.passphrase else passphrase.present(session)
    session.run(lambda _: wallet.change_protection(protection.value, secret))
    _show(session)


@command(app, "change-passphrase")
def change_passphrase(session: Session) -> None:
    """Replace the passphrase. The new one is always typed."""
    wallet = session.services.wallet
    current = passphrase.present(session)
    if not session.can_ask:
        raise InvalidInputError("cli.passphrase_needed")
    fresh = passphrase.new(session, variable_holds_it=False)
    session.run(lambda _: wallet.change_passphrase(current, fresh))
    _show(session)


@command(app, "ledger-accounts")
def ledger_accounts(
    session: Session,
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="How many accounts to list.")] = 5,
) -> None:
    """List the first accounts of the Ledger that is plugged in."""
    session.note("cli.device_note")
    found = session.run(lambda _: session.services.wallet.device_accounts(count))
    rows = [(number, address, path) for number, (path, address) in enumerate(found, start=1)]
    session.show(
        [{"number": number, "address": address, "path": path} for number, address, path in rows],
        output.listing([">Number", "Address", "Path"], rows),
    )


@command(app, "add-ledger")
def add_ledger(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the account.")],
    number: Annotated[
        int, typer.Option("--number", min=1, max=50, help="Which account of the device, from 1.")
    ] = 1,
) -> None:
    """Add an account of a Ledger: the key stays in the device, which then signs for it."""
    wallet = session.services.wallet
    _existing(session)
    session.note("cli.device_note")
    path, address = session.run(lambda _: wallet.device_accounts(number))[-1]
    passphrase.unlock(session)
    session.run(lambda _: wallet.add_device(name, address, path))
    _show(session)


@command(app, "remove-ledger")
def remove_ledger(session: Session, account: AccountArgument) -> None:
    """Take an account of a Ledger out of the list. Its money stays where it is."""
    address = _address(session, account)
    passphrase.unlock(session)
    session.run(lambda _: session.services.wallet.remove_device(address))
    _show(session)
