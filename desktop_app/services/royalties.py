"""Royalty tokens: making one for a work, paying for it, collecting what is owed, passing shares on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import TypeVar

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import (
    Call,
    approve_call,
    claim_call,
    create_token_call,
    pay_call,
    transfer_call,
)
from desktop_app.chain.log_search import creation_block
from desktop_app.chain.logs import Claimed, Payment, Pushed, TokenCreated, Transfer, decode_logs
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import SHARE_SCALE, Amount, Currency, format_share
from desktop_app.core.errors import BugError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.actions import Action, Review
from desktop_app.services.networks import NetworkService
from desktop_app.services.payouts import PayoutService
from desktop_app.services.royalty_overview import Holder, Money, TokenOverview, look_at
from desktop_app.services.wallet import WalletService
from desktop_app.services.wording import words
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.tokens import Collaborator, Token, TokenRepository
from desktop_app.store.works import WorkRepository

__all__ = [
    "ClaimReceipt",
    "Collaborator",
    "Holder",
    "Money",
    "PaymentReceipt",
    "RoyaltyService",
    "Token",
    "TokenOverview",
    "TransferReceipt",
]

R = TypeVar("R")
E = TypeVar("E", Claimed, Payment, Pushed, TokenCreated, Transfer)

MAX_SUPPLY = 2**96 - 1
MAX_COLLABORATORS = 16
PAY_GAS_BOUND = 3_000_000
"""Gas that a payment to sixteen collaborators cannot exceed (each push is capped); a test holds it."""


@dataclass(frozen=True)
class PaymentReceipt:
    """`received` is what arrived at the token, `pushed` what each collaborator got at once."""

    tx_hash: str
    received: Amount
    pushed: tuple[tuple[str, Amount], ...]
    fee: Amount


@dataclass(frozen=True)
class ClaimReceipt:
    tx_hash: str
    holder: str
    amount: Amount
    fee: Amount


@dataclass(frozen=True)
class TransferReceipt:
    tx_hash: str
    to: str
    shares: int
    fee: Amount


class RoyaltyService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        tokens: TokenRepository,
        wallet: WalletService,
        networks: NetworkService,
        payouts: PayoutService,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._tokens = tokens
        self._wallet = wallet
        self._networks = networks
        self._payouts = payouts

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

    def prepare_mint(
        self,
        work_id: str,
        name: str,
        symbol: str,
        supply: int,
        collaborators: Sequence[Collaborator] = (),
    ) -> Action[Token]:
        """Make the royalty token of a registered work. All shares go to the sender.

        Collaborators get their parts of every payment at once; what is left belongs to the share holders.
        """
        work = self._works.get(work_id)
        chain = self._networks.chain()
        network = chain.network
        record = self._registrations.confirmed(work.id, network.chain_id)
        if record is None:
            raise RefusedError("ownership.not_registered", title=work.title, network=network.name)
        name, symbol = _checked_text("name", name, 64), _checked_text("symbol", symbol, 16)
        if not 0 < supply <= MAX_SUPPLY:
            raise InvalidInputError("royalties.supply_out_of_range", maximum=MAX_SUPPLY)
        people = _checked_collaborators(collaborators)
        sender = self._networks.sender(chain)
        if reads.token_of(chain, record.registrant, record.commitment_id) is not None:
            raise RefusedError("royalties.already_minted", title=work.title, network=network.name)
        currencies = [network.native, *([network.dollar] if network.dollar else [])]
        salt = token_bytes(32)
        call = create_token_call(
            commitment_id=record.commitment_id,
            name=name,
            symbol=symbol,
            supply=supply,
            collaborators=[(each.address, each.share_ppm) for each in people],
            currencies=[currency.address for currency in currencies],
            uri="",
            salt=salt,
            registrant=record.registrant,
        )

        def after(receipt: Receipt) -> Token:
            made = next(event for event in decode_logs(list(receipt.logs)) if isinstance(event, TokenCreated))
            token = Token(
                chain_id=network.chain_id,
                address=made.token,
                work_id=work.id,
                creator=made.creator,
                name=name,
                symbol=symbol,
                supply=made.supply,
                created_block=receipt.block_number,
                tx_hash=receipt.tx_hash,
                collaborators=people,
                currencies=tuple(currencies),
            )
            self._keep(token)
            return token

        params = {
            "title": work.title,
            "name": name,
            "symbol": symbol,
            "supply": f"{supply:,}",
            "terms": _terms_in_words(people),
        }
        return self._action(sender, call, "review.mint", params, after)

    def prepare_pay(self, token: Token, amount: Amount, memo: str = "") -> Action[PaymentReceipt]:
        """Pay for the work; the contract splits the money in the same transaction.

        `memo` is public. A currency other than the coin is first approved, for exactly this amount.
        """
        chain = self._on(token)
        currency = amount.currency
        if currency not in token.currencies:
            raise InvalidInputError(
                "royalties.other_currency",
                symbol=currency.symbol,
                accepted=", ".join(each.symbol for each in token.currencies),
            )
        if amount.units <= 0:
            raise InvalidInputError("royalties.nothing_to_pay")
        sender = self._networks.sender(chain)
        held = chain.balance(sender.address, currency)
        if not currency.is_native and held.units < amount.units:
            raise RefusedError(
                "royalties.not_enough", needed=str(amount), held=str(held), address=sender.address
            )
        call = pay_call(token.address, amount, _memo(memo))

        def after(receipt: Receipt) -> PaymentReceipt:
            paid = [event for event in _events(receipt, Payment, token) if event.payer == sender.address]
            if len(paid) != 1:
                raise BugError("a payment without its event")
            pushed = tuple(
                (event.collaborator, Amount(event.amount, currency))
                for event in _events(receipt, Pushed, token)
            )
            self._payouts.wake(token.chain_id)
            return PaymentReceipt(receipt.tx_hash, Amount(paid[0].amount, currency), pushed, receipt.fee)

        params = {"amount": str(amount), "name": token.name, "symbol": token.symbol}
        approved = currency.is_native or (
            reads.allowance(chain, currency, sender.address, token.address).units >= amount.units
        )
        if approved:
            return self._action(sender, call, "review.pay", params, after, amount)
        return self._approve_then(sender, token, amount, call, params, after)

    def prepare_claim(self, token: Token, currency: Currency, holder: str = "") -> Action[ClaimReceipt]:
        """Collect what a holder is owed, the active account by default; anyone may pay the fee for anyone."""
        chain = self._on(token)
        sender = self._networks.sender(chain)
        account = parse_address(holder) if holder else sender.address
        owed = reads.pending(chain, token.address, account, currency)
        if owed.units == 0:
            raise RefusedError("royalties.nothing_owed", holder=account, symbol=currency.symbol)

        def after(receipt: Receipt) -> ClaimReceipt:
            # What a collaborator was owed and could now be pushed reaches him as a push.
            claimed = sum(
                event.amount for event in _events(receipt, Claimed, token) if event.holder == account
            )
            pushed = sum(
                event.amount for event in _events(receipt, Pushed, token) if event.collaborator == account
            )
            self._payouts.wake(token.chain_id)
            return ClaimReceipt(receipt.tx_hash, account, Amount(claimed + pushed, currency), receipt.fee)

        params = {"amount": str(owed), "holder": account, "name": token.name}
        call = claim_call(token.address, account, currency.address)
        return self._action(sender, call, "review.claim", params, after)

    def prepare_transfer(self, token: Token, to: str, shares: int) -> Action[TransferReceipt]:
        """Pass on whole shares. Earnings made so far stay with the sender."""
        chain = self._on(token)
        sender = self._networks.sender(chain)
        recipient = parse_address(to)
        if recipient == sender.address:
            raise InvalidInputError("royalties.to_yourself")
        held = reads.shares_of(chain, token.address, sender.address)
        if not 0 < shares <= held:
            raise RefusedError("royalties.not_so_many_shares", shares=shares, held=held)

        def after(receipt: Receipt) -> TransferReceipt:
            moved = [event for event in _events(receipt, Transfer, token) if event.receiver == recipient]
            if sum(event.value for event in moved) != shares:
                raise BugError("a transfer without its event")
            self._payouts.wake(token.chain_id)
            return TransferReceipt(receipt.tx_hash, recipient, shares, receipt.fee)

        params = {"shares": f"{shares:,}", "name": token.name, "symbol": token.symbol, "to": recipient}
        call = transfer_call(token.address, recipient, shares, 0, token.symbol)
        return self._action(sender, call, "review.transfer", params, after)

    # --- Inside ------------------------------------------------------------------------------------------

    def _on(self, token: Token) -> Chain:
        return self._networks.chain(self._networks.by_chain_id(token.chain_id).key)

    def _keep(self, token: Token) -> None:
        self._tokens.add(token)
        self._payouts.follow(token.address, token.chain_id, token.created_block)

    def _currencies(self, chain: Chain, addresses: Sequence[str]) -> tuple[Currency, ...]:
        known = [chain.network.currency(address) for address in addresses]
        return tuple(
            currency or Currency(chain.network.chain_id, address[:8], chain.decimals(address), address)
            for currency, address in zip(known, addresses, strict=True)
        )

    def _action(
        self,
        sender: Sender,
        call: Call,
        code: str,
        params: Mapping[str, str],
        after: Callable[[Receipt], R],
        amount: Amount | None = None,
    ) -> Action[R]:
        """One transaction, tried out and priced now, sent when approved."""
        quote = sender.quote(call)
        review = _review(sender, code, call.to, params, quote.worst_case, amount)

        def run(task: Task) -> R:
            task.report(0, 1, "stage.waiting_for_block")
            return after(sender.send(call, quote, task))

        return Action(review, run, [call])

    def _approve_then(
        self,
        sender: Sender,
        token: Token,
        amount: Amount,
        call: Call,
        params: Mapping[str, str],
        after: Callable[[Receipt], R],
    ) -> Action[R]:
        """Two transactions: the second can be tried out only once the first is in a block."""
        approval = approve_call(token.address, amount)
        quote = sender.quote(approval)
        worst = quote.worst_case + Amount(PAY_GAS_BOUND * quote.max_fee, quote.worst_case.currency)
        review = _review(sender, "review.pay", token.address, params, worst, amount, transactions=2)

        def run(task: Task) -> R:
            task.report(0, 2, "stage.approving")
            sender.send(approval, quote, task)
            task.report(1, 2, "stage.waiting_for_block")
            second = sender.quote(call)
            if second.worst_case.units > worst.units - quote.worst_case.units:
                raise RefusedError("chain.fee_outdated")
            return after(sender.send(call, second, task))

        return Action(review, run, [approval, call])


def _review(
    sender: Sender,
    code: str,
    recipient: str,
    params: Mapping[str, str],
    worst: Amount,
    amount: Amount | None = None,
    transactions: int = 1,
) -> Review:
    network = sender.chain.network
    return Review(
        action=code,
        network_key=network.key,
        network_name=network.name,
        is_practice=network.kind == "practice",
        sender=sender.address,
        fee_worst_case=worst,
        transactions=transactions,
        recipient=recipient,
        amount=amount,
        params=dict(params),
    )


def _events(receipt: Receipt, kind: type[E], token: Token) -> list[E]:
    """The events of one kind that this token's contract emitted."""
    found = decode_logs(list(receipt.logs))
    return [event for event in found if isinstance(event, kind) and event.place.contract == token.address]


def _terms_in_words(people: Sequence[Collaborator]) -> str:
    """Who gets which part of every payment: what the user approves for ever."""
    parts = []
    for each in people:
        who = f"{each.name} ({each.address})" if each.name else each.address
        parts.append(words("review.mint_part", share=format_share(each.share_ppm), who=who))
    rest = SHARE_SCALE - sum(each.share_ppm for each in people)
    if rest:
        parts.append(words("review.mint_rest", share=format_share(rest)))
    return "; ".join(parts)


def _memo(text: str) -> bytes:
    data = text.strip().encode()
    if len(data) > 32:
        raise InvalidInputError("royalties.memo_too_long")
    return data.ljust(32, b"\0")


def _checked_text(field: str, text: str, limit: int) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned.encode()) > limit or not cleaned.isprintable():
        raise InvalidInputError(f"royalties.{field}_unusable", limit=limit)
    return cleaned


def _checked_collaborators(given: Sequence[Collaborator]) -> tuple[Collaborator, ...]:
    people = tuple(Collaborator(parse_address(each.address), each.share_ppm, each.name) for each in given)
    if len(people) > MAX_COLLABORATORS:
        raise InvalidInputError("royalties.too_many_collaborators", limit=MAX_COLLABORATORS)
    if len({each.address for each in people}) != len(people):
        raise InvalidInputError("royalties.collaborator_twice")
    if any(not 0 < each.share_ppm <= SHARE_SCALE for each in people):
        raise InvalidInputError("amount.share_out_of_range", text="0")
    total = sum(each.share_ppm for each in people)
    if total > SHARE_SCALE:
        raise InvalidInputError("royalties.shares_over_one", total=format_share(total))
    return people
