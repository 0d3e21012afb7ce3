"""Royalty tokens: knowing them, paying for a work, collecting what is owed, passing shares on.

Making them is `royalty_minting`, licences are `licences`, the books are `royalty_ledger` and `royalty_audit`.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import (
    claim_call,
    claim_to_call,
    forward_call,
    sync_call,
    transfer_call,
)
from desktop_app.chain.log_search import children, creation_block
from desktop_app.chain.logs import Claimed, Forwarded, Payment, Pushed, Transfer
from desktop_app.chain.sender import Receipt
from desktop_app.chain.wire import ZERO_ADDRESS, parse_address
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.clock import Clock
from desktop_app.core.errors import BugError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.services.acting import events_of, one_transaction
from desktop_app.services.actions import Action, Notice, Weight
from desktop_app.services.holder_payouts import pay_everybody
from desktop_app.services.licence_terms import LicenceTerms
from desktop_app.services.networks import NetworkService
from desktop_app.services.payouts import PayoutService
from desktop_app.services.royalty_minting import Minting, usual_currencies
from desktop_app.services.royalty_overview import Holder, Money, ParentPart, TokenOverview, look_at
from desktop_app.services.royalty_payments import (
    MOST_SIGNED_DAYS,
    PAY_GAS_BOUND,
    SIGNED_DAYS,
    Payments,
    PaymentState,
    accepted,
    pushed_in,
)
from desktop_app.services.royalty_receipts import (
    ClaimReceipt,
    ForwardReceipt,
    HoldersReceipt,
    PaymentReceipt,
    SyncReceipt,
    TransferReceipt,
)
from desktop_app.services.royalty_terms import MintTerms, Parent
from desktop_app.services.signed_payments import SignedPayment, mark_sent, read_payment, write_payment
from desktop_app.services.wallet import WalletService
from desktop_app.services.wording import words
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.tokens import Collaborator, Token, TokenRepository
from desktop_app.store.works import WorkRepository

__all__ = [
    "MOST_SIGNED_DAYS",
    "PAY_GAS_BOUND",
    "SIGNED_DAYS",
    "ClaimReceipt",
    "Collaborator",
    "ForwardReceipt",
    "Holder",
    "HoldersReceipt",
    "MintTerms",
    "Money",
    "Parent",
    "ParentPart",
    "PaymentReceipt",
    "PaymentState",
    "RoyaltyService",
    "SignedPayment",
    "SyncReceipt",
    "Token",
    "TokenOverview",
    "TransferReceipt",
    "mark_sent",
    "read_payment",
    "write_payment",
]

_SHOWN_CHILDREN = 5


class RoyaltyService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        tokens: TokenRepository,
        wallet: WalletService,
        networks: NetworkService,
        payouts: PayoutService,
        clock: Clock,
    ) -> None:
        self._works = works
        self._tokens = tokens
        self._wallet = wallet
        self._networks = networks
        self._payouts = payouts
        self._payments = Payments(networks, wallet, payouts, clock)
        self._minting = Minting(works, registrations, networks, self._keep)

    # --- Looking -----------------------------------------------------------------------------------------

    def tokens(self, work_id: str = "") -> tuple[Token, ...]:
        """The tokens known on the active network, newest first; with a work, that work's on any network."""
        if work_id:
            return tuple(self._tokens.for_work(work_id))
        return tuple(self._tokens.on_chain(self._networks.active.chain_id))

    def token(self, reference: str) -> Token:
        """A token on the active network by address, symbol, name, or its work's id or title.

        An address that is not known yet is looked up on the network and followed from then on.
        """
        wanted = reference.strip()
        if wanted.lower().startswith("0x"):
            return self.follow(wanted)
        known = self.tokens()
        found = [token for token in known if wanted.lower() in (token.symbol.lower(), token.name.lower())]
        if not found:
            titles = {work.id: work.title for work in self._works.newest(limit=10_000)}
            found = [
                token
                for token in known
                if token.work_id is not None and wanted in (token.work_id, titles.get(token.work_id))
            ]
        if not found:
            raise NotFoundError(
                "royalties.no_such_token", reference=wanted[:80], network=self._networks.active.name
            )
        if len(found) > 1:
            choices = ", ".join(token.address for token in found[:5])
            raise InvalidInputError("royalties.ambiguous_token", reference=wanted[:80], choices=choices)
        return found[0]

    def follow(self, address: str) -> Token:
        """Any royalty token of this app's factory; its payments are tracked from its beginning."""
        checked = parse_address(address)
        network = self._networks.active
        known = self._tokens.find(network.chain_id, checked)
        if known is not None:
            return known
        chain = self._networks.chain()
        terms = reads.token_terms(chain, checked)
        token = Token(
            chain_id=network.chain_id,
            address=checked,
            work_id=None,
            creator=terms.creator,
            name=terms.name,
            symbol=terms.symbol,
            supply=terms.supply,
            created_block=creation_block(chain, checked),
            tx_hash=None,
            collaborators=tuple(Collaborator(*each) for each in terms.collaborators),
            currencies=self._currencies(chain, terms.currencies),
        )
        self._keep(token)
        return token

    def currencies(self, token: Token) -> tuple[Currency, ...]:
        """What the token accepts, in the contract's order."""
        return token.currencies

    def overview(self, token: Token, task: Task | None = None) -> TokenOverview:
        """Money and holders at the latest block. Brings the token's payouts up to date first."""
        network = self._networks.by_chain_id(token.chain_id)
        self._payouts.sync_once(network, task)
        status = self._wallet.status()
        own = [account.address for account in status.accounts]
        return look_at(self._networks.chain(network.key), token, self._payouts, own, status.active or "")

    # --- Acting ------------------------------------------------------------------------------------------

    def usual_currencies(self) -> tuple[Currency, ...]:
        """What a token takes unless something else is said: the coin, and the dollar where there is one."""
        return usual_currencies(self._networks.active)

    def currency(self, reference: str) -> Currency:
        """A currency of the active network by symbol, or any ERC-20 contract there by address.

        A contract's own idea of its symbol is not trusted: it is called by the beginning of its address.
        Raises NotFoundError `royalties.no_such_currency`, RefusedError `chain.not_a_token`.
        """
        wanted = reference.strip()
        known = self.usual_currencies()
        for currency in known:
            if wanted.casefold() == currency.symbol.casefold():
                return currency
        if not wanted.lower().startswith("0x"):
            choices = ", ".join(each.symbol for each in known)
            raise NotFoundError("royalties.no_such_currency", symbol=wanted[:40], choices=choices)
        return self._currencies(self._networks.chain(), [parse_address(wanted)])[0]

    def prepare_mint(
        self,
        work_id: str,
        name: str,
        symbol: str,
        supply: int,
        collaborators: Sequence[Collaborator] = (),
        *,
        parents: Sequence[Parent] = (),
        currencies: Sequence[Currency] = (),
        resale_share_ppm: int = 0,
        uri: str = "",
        licences: Sequence[LicenceTerms] = (),
    ) -> Action[Token]:
        """Make the royalty token of a registered work. All shares go to the sender.

        Collaborators get their parts of every payment at once, parent works theirs when it is forwarded; what
        is left belongs to the share holders. Licences can be offered together with it.
        """
        terms = MintTerms(
            work_id,
            name,
            symbol,
            supply,
            tuple(collaborators),
            tuple(parents),
            tuple(currencies),
            resale_share_ppm,
            uri,
        )
        return self._minting.prepare(terms, licences)

    def prepare_album(self, album: Sequence[MintTerms]) -> Action[tuple[Token, ...]]:
        """Make the royalty tokens of up to 32 works in one transaction: all, or none."""
        return self._minting.prepare_album(album)

    def prepare_pay(self, token: Token, amount: Amount, memo: str = "") -> Action[PaymentReceipt]:
        """Pay for the work; the contract splits the money in the same transaction.

        `memo` is public. Dollars are paid with one signature in one transaction where the currency knows
        EIP-3009; otherwise it is first approved, for exactly this amount.
        """
        return self._payments.prepare_pay(token, amount, memo)

    def can_sign_only(self, token: Token, currency: Currency) -> bool:
        """Whether a payment in this currency can be signed by one person and sent by another."""
        return self._payments.can_sign_only(token, currency)

    def prepare_signed_payment(
        self, token: Token, amount: Amount, memo: str = "", days: int = SIGNED_DAYS
    ) -> Action[SignedPayment]:
        """Sign a payment that anyone may send within `days`; nothing is sent, and no coin is needed."""
        return self._payments.prepare_signed(token, amount, memo, days)

    def prepare_send_signed(self, payment: SignedPayment) -> Action[PaymentReceipt]:
        """Send a payment that somebody has signed; the sender pays the fee only."""
        network = self._networks.by_chain_id(payment.chain_id)
        if network.chain_id != self._networks.active.chain_id:
            raise InvalidInputError("royalties.payment_elsewhere", network=network.name)
        return self._payments.prepare_send(self.follow(payment.token), payment)

    def signed_payment_state(self, payment: SignedPayment) -> PaymentState:
        """Whether a signed payment can still be sent, as the network says now."""
        return self._payments.state(payment)

    def prepare_pay_holders(
        self, token: Token, currency: Currency, task: Task | None = None
    ) -> Action[HoldersReceipt]:
        """Pay everybody what waits for them in this currency; anyone may, and pays the fee only.

        A hundred people fit into a transaction; whoever cannot be paid is skipped and stays owed.
        """
        chain = self._on(token)
        accepted(token, currency)
        sender = self._networks.sender(chain)
        number = token.currencies.index(currency)
        owed = {one.address: one.pending[number] for one in self.overview(token, task).holders}
        return pay_everybody(sender, token, currency, owed, lambda: self._payouts.wake(token.chain_id))

    def prepare_claim(
        self, token: Token, currency: Currency, holder: str = "", to: str = ""
    ) -> Action[ClaimReceipt]:
        """Collect what a holder is owed, the active account by default; anyone may pay the fee for anyone.

        `to` sends one's own money to another address, as when one's own cannot take it.
        """
        chain = self._on(token)
        sender = self._networks.sender(chain)
        accepted(token, currency)
        account = parse_address(holder) if holder else sender.address
        target = parse_address(to) if to else account
        elsewhere = target != account
        if elsewhere and account != sender.address:
            raise InvalidInputError("royalties.only_your_own_elsewhere")
        owed = reads.pending(chain, token.address, account, currency)
        if owed.units == 0:
            raise RefusedError("royalties.nothing_owed", holder=account, symbol=currency.symbol)

        def after(receipt: Receipt) -> ClaimReceipt:
            # What a collaborator was owed and could now be pushed reaches him as a push.
            claimed = sum(
                event.amount
                for event in events_of(receipt, Claimed, token.address)
                if event.holder == account
            )
            pushed = sum(
                event.amount
                for event in events_of(receipt, Pushed, token.address)
                if event.collaborator == account
            )
            self._payouts.wake(token.chain_id)
            amount = Amount(claimed + pushed, currency)
            return ClaimReceipt(receipt.tx_hash, account, amount, receipt.fee, target)

        if elsewhere:
            params = {"amount": str(owed), "holder": account, "name": token.name, "to": target}
            call = claim_to_call(token.address, currency.address, target)
            return one_transaction(sender, call, "review.claim_to", params, after)
        params = {"amount": str(owed), "holder": account, "name": token.name}
        call = claim_call(token.address, account, currency.address)
        return one_transaction(sender, call, "review.claim", params, after)

    def prepare_sync(self, token: Token, currency: Currency) -> Action[SyncReceipt]:
        """Book money that came by plain transfer, and pay the collaborators; anyone may.

        Raises RefusedError `royalties.nothing_to_book`.
        """
        chain = self._on(token)
        accepted(token, currency)
        waiting = [
            reads.pending(chain, token.address, each.address, currency).units
            for each in token.collaborators
            # Whom no push reaches is paid by a claim, never by sharing out again.
            if not reads.is_paused(chain, token.address, each.address, currency)
        ]
        owed = reads.liabilities(chain, token.address, currency)
        arrived = chain.balance(token.address, currency) - owed
        if arrived.units <= 0 and not any(waiting):
            raise RefusedError("royalties.nothing_to_book", symbol=currency.symbol, name=token.name)

        def after(receipt: Receipt) -> SyncReceipt:
            booked = sum(event.amount for event in events_of(receipt, Payment, token.address))
            self._payouts.wake(token.chain_id)
            pushed = pushed_in(receipt, token, currency)
            return SyncReceipt(receipt.tx_hash, Amount(booked, currency), pushed, receipt.fee)

        found = Amount(max(0, arrived.units), currency)
        params = {"amount": str(found), "name": token.name, "symbol": token.symbol}
        call = sync_call(token.address, currency.address)
        return one_transaction(self._networks.sender(chain), call, "review.sync", params, after)

    def prepare_forward(self, token: Token, currency: Currency) -> Action[ForwardReceipt]:
        """Pay the works that this one builds on what they have earned of its payments; anyone may.

        Raises RefusedError `royalties.nothing_to_forward`.
        """
        chain = self._on(token)
        accepted(token, currency)
        waiting = {
            parent: amount
            for parent, _ in reads.parents(chain, token.address)
            if (amount := reads.forwardable(chain, token.address, parent, currency)).units
        }
        if not waiting:
            raise RefusedError("royalties.nothing_to_forward", symbol=currency.symbol, name=token.name)
        listed = [
            words(
                "review.forward_one",
                amount=str(amount),
                parent=reads.token_name(chain, parent),
                address=parent,
            )
            for parent, amount in waiting.items()
        ]

        def after(receipt: Receipt) -> ForwardReceipt:
            self._payouts.wake(token.chain_id)
            paid = tuple(
                (event.parent, Amount(event.amount, currency))
                for event in events_of(receipt, Forwarded, token.address)
            )
            return ForwardReceipt(receipt.tx_hash, paid, receipt.fee)

        params = {"name": token.name, "symbol": token.symbol, "list": "; ".join(listed)}
        call = forward_call(token.address, list(waiting), currency.address)
        return one_transaction(self._networks.sender(chain), call, "review.forward", params, after)

    def prepare_transfer(self, token: Token, to: str, shares: int) -> Action[TransferReceipt]:
        """Pass on whole shares. Earnings made so far stay with the sender."""
        chain = self._on(token)
        sender = self._networks.sender(chain)
        recipient = parse_address(to)
        if recipient == sender.address:
            raise InvalidInputError("royalties.to_yourself")
        if recipient in (token.address, ZERO_ADDRESS):
            raise InvalidInputError("royalties.to_nobody", address=recipient)
        held = reads.shares_of(chain, token.address, sender.address)
        if not 0 < shares <= held:
            raise RefusedError("royalties.not_so_many_shares", shares=shares, held=held)

        def after(receipt: Receipt) -> TransferReceipt:
            moved = [
                event for event in events_of(receipt, Transfer, token.address) if event.receiver == recipient
            ]
            if sum(event.value for event in moved) != shares:
                raise BugError("a transfer without its event")
            self._payouts.wake(token.chain_id)
            return TransferReceipt(receipt.tx_hash, recipient, shares, receipt.fee)

        params = {"shares": grouped(shares), "name": token.name, "symbol": token.symbol, "to": recipient}
        call = transfer_call(token.address, recipient, shares, 0, token.symbol)
        warnings = self._waiting_elsewhere(chain, token)
        return one_transaction(sender, call, "review.transfer", params, after, warnings=warnings)

    # --- Inside ------------------------------------------------------------------------------------------

    def _on(self, token: Token) -> Chain:
        return self._networks.chain(self._networks.by_chain_id(token.chain_id).key)

    def _waiting_elsewhere(self, chain: Chain, token: Token) -> tuple[Notice, ...]:
        """What works that build on this one have not forwarded yet goes to who holds the shares then."""
        waiting = []
        for child in children(chain, token.address, token.created_block):
            found = reads.token_terms(chain, child)
            for currency in token.currencies:
                if currency.address in found.currencies:
                    amount = reads.forwardable(chain, child, token.address, currency)
                    if amount.units:
                        waiting.append(
                            words("review.waiting_in", amount=str(amount), name=found.name, token=child)
                        )
        if not waiting:
            return ()
        shown = waiting[:_SHOWN_CHILDREN]
        if len(waiting) > len(shown):
            shown.append(words("review.waiting_in_more", count=len(waiting) - len(shown)))
        return (Notice("warning.waiting_in_children", Weight.CAUTION, {"list": "; ".join(shown)}),)

    def _keep(self, token: Token) -> None:
        self._tokens.add(token)
        self._payouts.follow(token.address, token.chain_id, token.created_block)

    def _currencies(self, chain: Chain, addresses: Sequence[str]) -> tuple[Currency, ...]:
        known = [chain.network.currency(address) for address in addresses]
        return tuple(
            currency or Currency(chain.network.chain_id, address[:8], chain.decimals(address), address)
            for currency, address in zip(known, addresses, strict=True)
        )
