"""Paying for a work: at once, or as a signed payment that somebody else sends (EIP-3009)."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from secrets import token_bytes

from desktop_app.chain import authorizations, reads
from desktop_app.chain.authorizations import Domain
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call, approve_call, pay_call, pay_signed_call
from desktop_app.chain.logs import Payment, Pushed, PushFailed
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.clock import Clock, iso_utc
from desktop_app.core.errors import BugError, InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.acting import approve_then, events_of, one_transaction, review
from desktop_app.services.actions import Action
from desktop_app.services.networks import NetworkService
from desktop_app.services.payouts import PayoutService
from desktop_app.services.royalty_receipts import PaymentReceipt
from desktop_app.services.signed_payments import SignedPayment
from desktop_app.services.wallet import WalletService
from desktop_app.store.tokens import Token

PAY_GAS_BOUND = 3_000_000
"""Gas that a payment to sixteen collaborators cannot exceed (each push is capped); a test holds it."""
AT_ONCE_SECONDS = 3_600
"""How long the signature of a payment that is sent at once can be used: the network may be busy."""
SIGNED_DAYS = 7
MOST_SIGNED_DAYS = 365
_DAY = 86_400
_NO_SIGNATURE = hashlib.sha512(b"colophon: no signature yet").digest() + b"\x1c"
"""As many bytes as a real one, and as dear to send: they compress as badly."""


class PaymentState(StrEnum):
    """Where a signed payment stands; "royalties.payment_<state>" words the last two."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"


class Payments:
    def __init__(
        self, networks: NetworkService, wallet: WalletService, payouts: PayoutService, clock: Clock
    ) -> None:
        self._networks = networks
        self._wallet = wallet
        self._payouts = payouts
        self._clock = clock

    def prepare_pay(self, token: Token, amount: Amount, memo: str) -> Action[PaymentReceipt]:
        """As RoyaltyService.prepare_pay."""
        chain, currency = self._checked(token, amount)
        sender = self._networks.sender(chain)
        self._require_held(chain, sender.address, amount)
        note = memo_bytes(memo)
        call = pay_call(token.address, amount, note)
        params = {"amount": str(amount), "name": token.name, "symbol": token.symbol}

        def after(receipt: Receipt) -> PaymentReceipt:
            return self._paid(receipt, token, currency, sender.address)

        approved = currency.is_native or (
            reads.allowance(chain, currency, sender.address, token.address).units >= amount.units
        )
        if approved:
            return one_transaction(sender, call, "review.pay", params, after, amount)
        known = authorizations.domain(chain, currency)
        if known is not None:
            return self._at_once(chain, sender, token, amount, note, known)
        return approve_then(sender, call, "review.pay", params, after, amount, PAY_GAS_BOUND)

    def can_sign_only(self, token: Token, currency: Currency) -> bool:
        """As RoyaltyService.can_sign_only."""
        chain = self._networks.chain_by_id(token.chain_id)
        return currency in token.currencies and authorizations.domain(chain, currency) is not None

    def prepare_signed(self, token: Token, amount: Amount, memo: str, days: int) -> Action[SignedPayment]:
        """As RoyaltyService.prepare_signed_payment. Raises InvalidInputError
        `royalties.cannot_be_signed_only`, `royalties.days_out_of_range`."""
        chain, currency = self._checked(token, amount)
        if not 0 < days <= MOST_SIGNED_DAYS:
            raise InvalidInputError("royalties.days_out_of_range", limit=MOST_SIGNED_DAYS)
        known = authorizations.domain(chain, currency)
        if known is None:
            raise InvalidInputError("royalties.cannot_be_signed_only", symbol=currency.symbol)
        # As for every signature over money: not before the wallet would survive the loss of this computer.
        sender = self._networks.sender(chain)
        self._require_held(chain, sender.address, amount)
        draft = self._draft(chain, token, amount, memo_bytes(memo), sender.address, days * _DAY)
        params = {
            "amount": str(amount),
            "name": token.name,
            "symbol": token.symbol,
            "until": _when(draft.valid_before),
        }
        nothing = Amount(0, chain.network.native)
        told = review(
            sender, "review.sign_payment", token.address, params, nothing, amount, transactions=0
        )
        return Action(told, lambda _task: self._signed(chain, draft, currency, known))

    def prepare_send(self, token: Token, payment: SignedPayment) -> Action[PaymentReceipt]:
        """As RoyaltyService.prepare_send_signed. Raises RefusedError `royalties.payment_used`,
        `royalties.payment_expired`, `royalties.payer_has_not_enough`."""
        chain = self._networks.chain_by_id(token.chain_id)
        currency = next((each for each in token.currencies if each.address == payment.currency), None)
        if currency is None:
            symbols = ", ".join(each.symbol for each in token.currencies)
            raise InvalidInputError(
                "royalties.other_currency", symbol=payment.currency, accepted=symbols
            )
        state = self.state(payment)
        if state is not PaymentState.OPEN:
            raise RefusedError(f"royalties.payment_{state.value}", until=_when(payment.valid_before))
        amount = Amount(payment.units, currency)
        held = chain.balance(payment.payer, currency)
        if held.units < amount.units:
            raise RefusedError(
                "royalties.payer_has_not_enough", needed=str(amount), held=str(held), address=payment.payer
            )
        params = {
            "amount": str(amount),
            "name": token.name,
            "symbol": token.symbol,
            "payer": payment.payer,
        }
        return one_transaction(
            self._networks.sender(chain),
            _call(payment, currency),
            "review.send_signed",
            params,
            lambda receipt: self._paid(receipt, token, currency, payment.payer),
        )

    def state(self, payment: SignedPayment) -> PaymentState:
        """As RoyaltyService.signed_payment_state."""
        chain = self._networks.chain_by_id(payment.chain_id)
        currency = Currency(payment.chain_id, payment.currency[:8], 0, payment.currency)
        if authorizations.domain(chain, currency) is None:
            raise InvalidInputError("royalties.cannot_be_signed_only", symbol=payment.currency)
        if authorizations.is_used(chain, currency, payment.payer, payment.nonce):
            return PaymentState.USED
        if self._now(chain) >= payment.valid_before:
            return PaymentState.EXPIRED
        return PaymentState.OPEN

    # --- Inside ------------------------------------------------------------------------------------------

    def _at_once(
        self, chain: Chain, sender: Sender, token: Token, amount: Amount, note: bytes, known: Domain
    ) -> Action[PaymentReceipt]:
        """One signature, one transaction, and no allowance that stays behind.

        The signature is made after the approval only, so that the transaction cannot be tried out before:
        approving and paying, which has the same outcome, is tried out in its place.
        """
        approval = approve_call(token.address, amount)
        quote = sender.quote(approval)
        draft = self._draft(chain, token, amount, note, sender.address, AT_ONCE_SECONDS)
        currency = amount.currency
        worst = sender.highest_fee(_call(draft, currency), PAY_GAS_BOUND, quote)

        def run(task: Task) -> PaymentReceipt:
            task.report(0, 1, "stage.waiting_for_block")
            call = _call(self._signed(chain, draft, currency, known), currency)
            priced = sender.quote(call)
            if priced.worst_case.units > worst.units:
                raise RefusedError("chain.fee_outdated")
            return self._paid(sender.send(call, priced, task), token, currency, sender.address)

        params = {
            "amount": str(amount),
            "name": token.name,
            "symbol": token.symbol,
            "until": _when(draft.valid_before),
        }
        told = review(sender, "review.pay_at_once", token.address, params, worst, amount)
        trial = [approval, pay_call(token.address, amount, note)]
        return Action(told, run, trial=trial, sized=[_call(draft, currency)])

    def _draft(
        self, chain: Chain, token: Token, amount: Amount, note: bytes, payer: str, seconds: int
    ) -> SignedPayment:
        return SignedPayment(
            chain_id=token.chain_id,
            token=token.address,
            currency=amount.currency.address,
            payer=payer,
            units=amount.units,
            memo=note,
            valid_before=self._now(chain) + seconds,
            salt=token_bytes(32),
            signature=_NO_SIGNATURE,
        )

    def _signed(
        self, chain: Chain, draft: SignedPayment, currency: Currency, known: Domain
    ) -> SignedPayment:
        message = authorizations.message(
            chain, currency, known, draft.payer, draft.token, draft.units, draft.valid_before, draft.nonce
        )
        signature = self._wallet.signer(draft.payer).sign_typed_data(message)
        return SignedPayment(**{**vars(draft), "signature": signature})

    def _now(self, chain: Chain) -> int:
        """The later of this computer's time and the newest block's: a network may run ahead."""
        return max(self._clock.now(), chain.head().timestamp)

    def _checked(self, token: Token, amount: Amount) -> tuple[Chain, Currency]:
        currency = accepted(token, amount.currency)
        if amount.units <= 0:
            raise InvalidInputError("royalties.nothing_to_pay")
        return self._networks.chain_by_id(token.chain_id), currency

    @staticmethod
    def _require_held(chain: Chain, payer: str, amount: Amount) -> None:
        held = chain.balance(payer, amount.currency)
        if not amount.currency.is_native and held.units < amount.units:
            raise RefusedError("royalties.not_enough", needed=str(amount), held=str(held), address=payer)

    def _paid(self, receipt: Receipt, token: Token, currency: Currency, payer: str) -> PaymentReceipt:
        paid = [event for event in events_of(receipt, Payment, token.address) if event.payer == payer]
        if len(paid) != 1:
            raise BugError("a payment without its event")
        self._payouts.wake(token.chain_id)
        waiting = tuple(
            (event.collaborator, Amount(event.amount, currency))
            for event in events_of(receipt, PushFailed, token.address)
        )
        pushed, received = pushed_in(receipt, token, currency), Amount(paid[0].amount, currency)
        return PaymentReceipt(receipt.tx_hash, received, pushed, receipt.fee, waiting)


def _when(timestamp: int) -> str:
    """To the minute that is still within."""
    return iso_utc(timestamp)[:16].replace("T", " ") + " UTC"


def _call(payment: SignedPayment, currency: Currency) -> Call:
    amount = Amount(payment.units, currency)
    return pay_signed_call(
        payment.token,
        payment.payer,
        amount,
        payment.memo,
        payment.valid_before,
        payment.salt,
        payment.signature,
    )


def accepted(token: Token, currency: Currency) -> Currency:
    """The same; raises InvalidInputError `royalties.other_currency` for one that the token does not take."""
    if currency in token.currencies:
        return currency
    symbols = ", ".join(each.symbol for each in token.currencies)
    raise InvalidInputError("royalties.other_currency", symbol=currency.symbol, accepted=symbols)


def pushed_in(receipt: Receipt, token: Token, currency: Currency) -> tuple[tuple[str, Amount], ...]:
    """What each collaborator got in a transaction."""
    return tuple(
        (event.collaborator, Amount(event.amount, currency))
        for event in events_of(receipt, Pushed, token.address)
    )


def memo_bytes(text: str) -> bytes:
    """A public note as the contract takes it. Raises InvalidInputError `royalties.memo_too_long`."""
    data = text.strip().encode()
    if len(data) > 32:
        raise InvalidInputError("royalties.memo_too_long")
    return data.ljust(32, b"\0")
