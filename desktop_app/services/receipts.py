"""Receipts: what was done, when, what it cost and where to look it up, for all that is in a block.

Nothing is written down for a receipt alone: it follows from what was signed, from the outcome that is stored
with it, and from the names that the user gave. A block that vanishes takes its receipt with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import FACTORY, LICENCES, REGISTRY
from desktop_app.chain.escrow_terms import ESCROW
from desktop_app.chain.networks import Network
from desktop_app.chain.outcomes import MOST_LOGS
from desktop_app.chain.raw_transaction import Signed
from desktop_app.chain.rpc import Rpc
from desktop_app.core.amounts import Amount, amount_text
from desktop_app.core.clock import Clock
from desktop_app.core.errors import NotFoundError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.money_moves import Move, sums
from desktop_app.services.networks import NetworkService
from desktop_app.services.payout_files import whole_file
from desktop_app.services.payout_lines import Names, PayoutLine, memo_text
from desktop_app.services.rates import Rates, UserRate
from desktop_app.services.receipt import Became, Doubt, Party, Receipt, ReceiptFilter, Valued
from desktop_app.services.transaction_words import TransactionWords
from desktop_app.services.transactions import TransactionService
from desktop_app.services.wording import words
from desktop_app.store.payouts import PayoutRepository
from desktop_app.store.transactions import (
    Purpose,
    StoredTransaction,
    TransactionRepository,
    TransactionStatus,
)

__all__ = ["Became", "Doubt", "Party", "Receipt", "ReceiptFilter", "ReceiptService", "Valued"]

CONTRACTS = (REGISTRY, FACTORY, LICENCES, ESCROW)
_AT_ONCE = 200
_DATA_FEE_APART = ("op-stack", "mantle", "scroll")
"""Where the cost of data comes on top of gas, so that no signature bounds it."""


class ReceiptService:
    """`accounts` gives the user's own addresses, `names` what is called how, `rpc(chain_id)` a connection
    that price feeds are read from."""

    def __init__(
        self,
        stored: TransactionRepository,
        payouts: PayoutRepository,
        transactions: TransactionService,
        networks: NetworkService,
        accounts: Callable[[], tuple[str, ...]],
        names: Callable[[], Names],
        naming: Callable[[Names], TransactionWords],
        rpc: Callable[[int], Rpc],
        clock: Clock,
        printed: Path,
    ) -> None:
        self._stored = stored
        self._payouts = payouts
        self._transactions = transactions
        self._networks = networks
        self._accounts = accounts
        self._names = names
        self._naming = naming
        self._rpc = rpc
        self._clock = clock
        self._printed = printed

    def all(self, wanted: ReceiptFilter | None = None) -> Iterator[Receipt]:
        """Newest first, of all that was sent and is in a block.

        Raises NotFoundError for a network that there is not.
        """
        wanted = wanted or ReceiptFilter()
        chain_id = self._networks.named(wanted.network_key).chain_id if wanted.network_key else None
        own, names = self._accounts(), self._names()
        naming, offset = self._naming(names), 0
        while part := self._stored.logical(own, _AT_ONCE, offset, chain_id):
            offset += len(part)
            for first in part:
                try:
                    receipt = self._of(first, names, naming)
                except UnavailableError:  # of a network that this version does not know
                    continue
                if receipt is not None and wanted.fits(receipt):
                    yield receipt

    def get(self, reference: str) -> Receipt:
        """By the id of a transaction of ours, in any of its versions, or of a payment to one of the works.

        Raises NotFoundError("onreceipt.unknown"), and "onreceipt.not_yet" while it is in no block.
        """
        asked = reference.strip().lower()
        names = self._names()
        first = self._stored.find(asked)
        if first is None:
            return self._received(asked, names)
        receipt = self._of(first, names, self._naming(names))
        if receipt is None:
            known = self._transactions.get(asked)
            raise NotFoundError("onreceipt.not_yet", what=known.text, state=known.state_text)
        return receipt

    def value(
        self,
        receipts: Sequence[Receipt],
        fiat: str,
        given: Mapping[str, UserRate] | None = None,
        note: str = "",
        task: Task | None = None,
    ) -> dict[str, Valued]:
        """What the real money of these receipts was worth, by their ids. Asks the networks for prices.

        Practice and test money is left out: it has the names of real money, and is worth nothing. Raises
        InvalidInputError for what is no currency, CancelledError.
        """
        rates = Rates(fiat, given or {}, self._rpc)
        real = [one for one in receipts if one.kind == "main" and one.block_time is not None]
        places = [(amount.currency, one.block_number, one.when) for one in real for amount in one.money]
        rates.prepare(places, task or Task())
        return {
            one.id: Valued(
                rates.fiat,
                note,
                tuple((each, rates.worth(each, one.block_number)) for each in one.money),
            )
            for one in real
        }

    def write_pdf(
        self, path: Path, receipts: Sequence[Receipt], values: Mapping[str, Valued], overwrite: bool = False
    ) -> None:
        """Raises RefusedError("earnings.file_exists", "onreceipt.no_type"), UnavailableError."""
        from desktop_app.services.receipt_pdf import receipts_pdf

        with whole_file(path, overwrite) as write:
            write(receipts_pdf(receipts, values, self._clock.now()))

    def write_page(
        self, path: Path, receipts: Sequence[Receipt], values: Mapping[str, Valued], overwrite: bool = False
    ) -> None:
        """A web page of its own. Raises RefusedError("earnings.file_exists"), UnavailableError."""
        from desktop_app.services.receipt_page import receipts_html

        with whole_file(path, overwrite) as write:
            write(receipts_html(receipts, values, self._clock.now()).encode())

    def write_table(
        self,
        path: Path,
        receipts: Sequence[Receipt],
        values: Mapping[str, Valued],
        task: Task | None = None,
        overwrite: bool = False,
    ) -> int:
        """CSV; the number of its rows. Raises RefusedError("earnings.file_exists"), UnavailableError."""
        from desktop_app.services.receipt_files import write_receipts

        return write_receipts(path, receipts, values, task or Task(), overwrite)

    def for_printing(self, receipt: Receipt, values: Mapping[str, Valued]) -> Path:
        """A file for the system's viewer to print: a PDF, or a web page in a language that our fonts lack.

        It lies among the app's own data, where only the user can read it, and goes with the next one.
        """
        self._printed.mkdir(mode=0o700, exist_ok=True)
        for old in self._printed.iterdir():
            with suppress(OSError):  # still open in the viewer, on Windows
                old.unlink()
        path = self._printed / f"receipt-{receipt.id[2:10]}.pdf"
        try:
            self.write_pdf(path, [receipt], values, overwrite=True)
        except RefusedError as refused:
            if refused.code != "onreceipt.no_type":
                raise
            path = path.with_suffix(".html")
            self.write_page(path, [receipt], values, overwrite=True)
        return path

    def newest(self, sender: str, network_key: str) -> str:
        """The id of the newest transaction of an account on a network, "" where there is none."""
        chain_id = self._networks.named(network_key).chain_id
        found = self._stored.logical([sender], 1, 0, chain_id)
        return found[0].tx_hash if found else ""

    # --- Inside ------------------------------------------------------------------------------------------

    def _of(self, first: StoredTransaction, names: Names, naming: TransactionWords) -> Receipt | None:
        versions = self._stored.versions(first.chain_id, first.tx_hash) or [first]
        mined = next((one for one in versions if one.block_number is not None), None)
        if mined is None or mined.block_number is None:
            return None
        network = self._networks.by_chain_id(mined.chain_id)
        told = naming.told(mined, network)
        code, text = told.code, told.done
        if not told.genuine:
            code = "action.unreadable"
            text = words(code)
        elif mined.purpose is Purpose.CANCEL:
            asked = next((one for one in versions if one.purpose is not Purpose.CANCEL), mined)
            code = "action.cancel"
            text = words(code, "done", what=naming.told(asked, network).asked)
        elif mined.status is TransactionStatus.FAILED:
            text = told.asked
        return Receipt(
            id=mined.tx_hash,
            chain_id=mined.chain_id,
            network_key=network.key,
            network_name=network.name,
            kind=network.kind,
            code=code,
            text=text,
            works=told.works,
            became=_became(mined),
            is_final=mined.final,
            sender=Party(mined.from_address, names.person(mined.from_address)),
            recipient=Party(told.recipient, _called(told.recipient, mined.chain_id, names)),
            note=told.note,
            sent_at=versions[0].created_at,
            block_time=mined.block_time,
            block_number=mined.block_number,
            block_hash=mined.block_hash,
            number=mined.nonce,
            moves=told.moves,
            left=None if told.moves is None else told.left,
            reached=None if told.moves is None else told.reached,
            fee=Amount(mined.fee or 0, network.native),
            gas_used=mined.gas_used,
            explorer_url=network.transaction_url(mined.tx_hash),
            other_ids=tuple(one.tx_hash for one in versions if one is not mined),
            sources=mined.sources,
            doubts=tuple(_doubts(mined, told.signed, network)),
            own=frozenset(one.lower() for one in (*self._accounts(), mined.from_address)),
            names=names,
        )

    def _received(self, tx_hash: str, names: Names) -> Receipt:
        """What somebody else paid to a work, as the tracker of payouts saw it."""
        lines = [names.line(one) for one in self._payouts.of_transaction(tx_hash)]
        if not lines:
            raise NotFoundError("onreceipt.unknown", tx_hash=tx_hash[:80])
        chief = next((one for one in lines if one.payout.kind == "payment"), lines[0])
        one = chief.payout
        network = self._networks.by_chain_id(one.chain_id)
        own = frozenset(address.lower() for address in self._accounts())
        moves = tuple(_move(line) for line in lines if line.payout.kind != "push_failed")
        token = words("action.titled", name=chief.work) if chief.work != one.token else one.token
        code = "received" if one.kind == "payment" else "claim"
        who = names.person(one.party) or one.party
        amount = ", ".join(map(amount_text, sums(each.amount for each in lines if _same_thing(each, chief))))
        party = Party(one.party, chief.who) if one.kind == "payment" else Party(one.token, chief.work)
        return Receipt(
            id=one.tx_hash,
            chain_id=one.chain_id,
            network_key=network.key,
            network_name=network.name,
            kind=network.kind,
            code=f"action.{code}",
            text=words(f"action.{code}", "done", token=token, amount=amount, holder=who),
            works=(chief.work,) if chief.work != one.token else (),
            became=Became.FINAL if one.state == "final" else Became.DONE,
            is_final=one.state == "final",
            sender=party,
            recipient=Party(one.token, chief.work if chief.work != one.token else ""),
            note=memo_text(one.memo),
            sent_at=None,
            block_time=one.block_time,
            block_number=one.block_number,
            block_hash=one.block_hash,
            number=None,
            moves=moves,
            left=sums(m.amount for m in moves if m.sender.lower() in own),
            reached=sums(m.amount for m in moves if m.receiver.lower() in own),
            fee=None,
            gas_used=None,
            explorer_url=network.transaction_url(one.tx_hash),
            own=own,
            names=names,
        )


def _called(address: str, chain_id: int, names: Names) -> str:
    """A person, a work, or one of our contracts; "" for a stranger."""
    work = names.work(chain_id, address) if address else ""
    known = names.person(address) or ("" if work == address else work)
    ours = next((one for one in CONTRACTS if contract_address(one).lower() == address.lower()), "")
    return known or (words("onreceipt.contract", name=ours) if ours else "")


def _same_thing(line: PayoutLine, chief: PayoutLine) -> bool:
    return (line.payout.kind, line.payout.token) == (chief.payout.kind, chief.payout.token)


def _move(line: PayoutLine) -> Move:
    one = line.payout
    known = Names.knows(one.chain_id, one.currency)
    if one.kind == "payment":
        return Move(one.party, one.token, line.amount, known=known)
    return Move(one.token, one.recipient or one.party, line.amount, known=known)


def _became(mined: StoredTransaction) -> Became:
    if mined.purpose is Purpose.CANCEL:
        return Became.CANCELLED
    if mined.status is TransactionStatus.FAILED:
        return Became.FAILED
    return Became.FINAL if mined.final else Became.DONE


def _above(mined: StoredTransaction, signed: Signed) -> bool:
    return (mined.fee or 0) > signed.gas_limit * signed.max_fee


def _doubts(mined: StoredTransaction, signed: Signed | None, network: Network) -> Iterator[Doubt]:
    """What the node told, held against what was signed."""
    if signed is None:
        yield Doubt.CHANGED
    if signed is not None and (mined.gas_used or 0) > signed.gas_limit:
        yield Doubt.GAS
    if signed is not None and network.data_fee not in _DATA_FEE_APART and _above(mined, signed):
        yield Doubt.FEE
    if mined.disputed:
        yield Doubt.DISPUTED
    if mined.logs is not None and len(mined.logs) >= MOST_LOGS:
        yield Doubt.MANY
