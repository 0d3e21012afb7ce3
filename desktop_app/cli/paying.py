"""`colophon pay`, `pay-signed`, `pay-practice`: paying at once, by a signature, or only to see it happen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.royalties import CURRENCY_HELP, TokenArgument, token_currency
from desktop_app.cli.session import Session
from desktop_app.core.amounts import Amount, cost_text, parse_amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.royalties import PaymentReceipt, SignedPayment, Token


def add_to(app: typer.Typer, money: str) -> None:
    command(app, "pay", money)(pay)
    command(app, "pay-signed", money)(pay_signed)
    command(app, "pay-practice", money)(pay_practice)


def pay(
    session: Session,
    token: TokenArgument,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much, e.g. 12.50.")],
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help=CURRENCY_HELP)],
    memo: Annotated[
        str, typer.Option("--memo", help="A public note of up to 32 bytes, e.g. an invoice number.")
    ] = "",
    sign_only: Annotated[
        bool,
        typer.Option("--sign-only", help="Send nothing: sign into a file which anyone may send for you."),
    ] = False,
    days: Annotated[
        int, typer.Option("--days", min=1, help="With --sign-only: for how long it can be sent.")
    ] = 7,
    file: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="With --sign-only: where to write it."),
    ] = None,
) -> None:
    """Pay for a work, from your account; its royalty shares split the payment."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    money = parse_amount(amount, token_currency(session, found, currency))
    if sign_only:
        _sign(session, found, money, memo, days, file)
        return
    if file is not None:
        raise InvalidInputError("cli.only_with_sign_only")
    passphrase.unlock(session)
    action = session.run(lambda _: royalties.prepare_pay(found, money, memo))
    _show(session, session.carry_out(action))


def pay_practice(session: Session, token: TokenArgument) -> None:
    """Try a payment on the practice network: from your own practice money, to see it arrive."""
    from desktop_app.services.practice_payment import prepare_practice_payment

    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    passphrase.unlock(session)
    action = session.run(
        lambda task: prepare_practice_payment(
            services.networks, services.wallet, services.royalties, found, task
        )
    )
    _show(session, session.carry_out(action))


def _sign(
    session: Session, token: Token, money: Amount, memo: str, days: int, file: Path | None
) -> None:
    from desktop_app.services.royalties import write_payment

    target = expanded(file or Path(f"{token.symbol}-{money.plain()}.payment.json")).resolve()
    if target.exists():
        raise InvalidInputError("cli.file_exists", path=str(target))
    passphrase.unlock(session)
    royalties = session.services.royalties
    signed = session.carry_out(
        session.run(lambda _: royalties.prepare_signed_payment(token, money, memo, days))
    )
    write_payment(signed, target)
    session.show(
        {"payment": signed, "path": target},
        output.facts(
            [
                ("Signed", money),
                ("For", f"{token.name}  {token.address}"),
                ("Can be sent until", iso_utc(signed.valid_before)),
                ("File", target),
            ]
        ),
    )


def pay_signed(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the payer has signed.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only say what it allows, and whether it still can be sent.")
    ] = False,
) -> None:
    """Send a payment that somebody has signed: the money is theirs, you pay the fee. It counts once."""
    from desktop_app.services.royalties import mark_sent, read_payment

    royalties = session.services.royalties
    path = expanded(file).resolve()
    payment = session.run(lambda _: read_payment(path))
    if check:
        _check(session, payment)
        return
    passphrase.unlock(session)
    receipt = session.carry_out(session.run(lambda _: royalties.prepare_send_signed(payment)))
    mark_sent(path, receipt.tx_hash)
    _show(session, receipt)


def _check(session: Session, payment: SignedPayment) -> None:
    royalties = session.services.royalties
    state = session.run(lambda _: royalties.signed_payment_state(payment))
    token = session.run(lambda _: royalties.token(payment.token))
    money = next(
        (Amount(payment.units, each) for each in token.currencies if each.address == payment.currency), None
    )
    session.show(
        {"payment": payment, "state": state},
        output.facts(
            [
                ("State", words(f"cli.payment_{state.value}")),
                ("Amount", money or payment.units),
                ("From", payment.payer),
                ("To", f"{token.name}  {token.address}"),
                ("Note", payment.memo.rstrip(b"\0").decode(errors="replace")),
                ("Can be sent until", iso_utc(payment.valid_before)),
                ("Sent in", payment.sent_in),
            ]
        ),
    )


def _show(session: Session, receipt: PaymentReceipt) -> None:
    session.show(
        receipt,
        output.facts(
            [
                ("Paid", receipt.received),
                *(("To", f"{who}  {part}") for who, part in receipt.pushed),
                *(("Waits for", f"{who}  {part}") for who, part in receipt.waiting),
                ("Fee", cost_text(receipt.fee)),
                ("Transaction", receipt.tx_hash),
            ]
        ),
    )
