"""Looking into a token's books: its statement, and an audit of the contract. Nothing here signs or pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.chain.royalty_history import RoyaltyHistory, read_history
from desktop_app.chain.rpc import RpcError
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import CorruptError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.networks import NetworkService
from desktop_app.services.royalty_audit import (
    Audit,
    Audited,
    ContractWord,
    CurrencyWord,
    Finding,
    Severity,
    audit,
    people,
)
from desktop_app.services.royalty_ledger import Account, Entry, Ledger, Role
from desktop_app.services.royalty_statement import Statement, make_statement, statement_csv
from desktop_app.services.royalty_statement_page import statement_html
from desktop_app.services.wording import words
from desktop_app.store.tokens import Token

__all__ = [
    "Account",
    "AuditReport",
    "Audited",
    "Entry",
    "Finding",
    "Ledger",
    "Role",
    "RoyaltyBooks",
    "Severity",
    "Statement",
    "StatementFiles",
    "finding_words",
    "statement_csv",
    "statement_html",
]


@dataclass(frozen=True)
class AuditReport:
    """The audit of one token at one block (number and Unix time in seconds)."""

    token: Token
    block: int
    time: int
    audit: Audit
    currencies: dict[str, Currency]
    events: int


def finding_words(finding: Finding, currencies: Mapping[str, Currency]) -> tuple[str, str]:
    """What a finding is, and what to do about it."""
    amounts: dict[str, str] = {}
    if finding.currency is not None:
        currency = currencies[finding.currency]
        amounts = {name: str(Amount(units, currency)) for name, units in finding.units.items()}
    return words(finding.code, "text", **finding.params, **amounts), words(finding.code, "next")


@dataclass(frozen=True)
class StatementFiles:
    page: Path
    table: Path


class RoyaltyBooks:
    def __init__(self, networks: NetworkService) -> None:
        self._networks = networks

    def statement(self, token: Token, until: int | None = None, task: Task | None = None) -> Statement:
        """The open ledger up to block `until`, the newest by default.

        What the events add up to is compared with the contract's own sums and shares at that block, as far as
        the node still knows them. Raises InvalidInputError `chain.no_such_block`, CorruptError
        `royalties.impossible_history` and `royalties.events_missing`, UnavailableError.
        """
        chain = self._chain(token)
        history = read_history(chain, token.address, token.created_block, until, task)
        network = chain.network
        if {each.address for each in token.currencies} != set(history.terms.currencies):
            raise CorruptError("royalties.events_missing", name=token.name)
        made = make_statement(history, token.currencies, network.name, network.chain_id)
        try:
            whole = _is_whole(chain, made)
        except RpcError:
            # Few nodes know the state of old blocks.
            if until is None:
                raise
            whole = True
        if not whole:
            raise CorruptError("royalties.events_missing", name=token.name)
        return made

    def write(self, statement: Statement, folder: Path, *, replace: bool = False) -> StatementFiles:
        """Write page and table into `folder`, making it.

        Raises RefusedError `royalties.file_exists`, `royalties.cannot_write`.
        """
        terms = statement.terms
        sign = "".join(letter for letter in terms.symbol if letter.isascii() and letter.isalnum()) or "token"
        name = f"{sign}-{terms.address[2:10].lower()}-{statement.history.head.number}"
        files = StatementFiles(folder / f"{name}.html", folder / f"{name}.csv")
        contents = {files.page: statement_html(statement), files.table: statement_csv(statement)}
        try:
            for path, text in contents.items():
                # The same statement again changes nothing.
                if path.exists() and not replace and path.read_bytes() != text.encode():
                    raise RefusedError("royalties.file_exists", path=str(path))
            folder.mkdir(parents=True, exist_ok=True)
            for path, text in contents.items():
                path.write_bytes(text.encode())
        except OSError as problem:
            raise RefusedError("royalties.cannot_write", path=str(files.page)) from problem
        return files

    def audit(self, token: Token, task: Task | None = None) -> AuditReport:
        """Recompute everyone's entitlement from the events, and compare it with the contract at one block."""
        chain = self._chain(token)
        task = task or Task()
        history = read_history(chain, token.address, token.created_block, None, task)
        task.report(2, 3, "stage.asking_contract")
        word = self._word(chain, history, token.currencies)
        found = audit(history.terms, history.events, history.times, word)
        task.report(3, 3, "stage.asking_contract")
        return AuditReport(
            token=token,
            block=history.head.number,
            time=history.head.timestamp,
            audit=found,
            currencies={each.address: each for each in token.currencies},
            events=len(history.events),
        )

    def _word(self, chain: Chain, history: RoyaltyHistory, currencies: Sequence[Currency]) -> ContractWord:
        address, block = history.terms.address, history.head.number
        named = people(history.terms, history.events)
        parents = [parent for parent, _ in history.terms.parents]
        words = {
            each.address: CurrencyWord(
                balance=chain.balance(address, each, block).units,
                received=reads.received(chain, address, each, block).units,
                liabilities=reads.liabilities(chain, address, each, block).units,
                pending={who: _answer(reads.pending, chain, address, who, each, block) for who in named},
                forwardable={
                    who: _answer(reads.forwardable, chain, address, who, each, block) for who in parents
                },
            )
            for each in currencies
        }
        return ContractWord({who: reads.shares_of(chain, address, who, block) for who in named}, words)

    def _chain(self, token: Token) -> Chain:
        return self._networks.chain(self._networks.by_chain_id(token.chain_id).key)


def _is_whole(chain: Chain, made: Statement) -> bool:
    """Whether the contract has booked, owes and divides what the events say."""
    token, block = made.terms.address, made.history.head.number
    for currency in made.currencies.values():
        booked = made.ledger.received[currency.address]
        gone = sum(one.paid for one in made.ledger.accounts if one.currency == currency.address)
        owed = reads.liabilities(chain, token, currency, block).units
        arrived = reads.received(chain, token, currency, block).units - booked
        if owed != booked - gone:
            return False
        # What came by plain transfer and is not booked yet is no event yet.
        if arrived and arrived != chain.balance(token, currency, block).units - owed:
            return False
    return all(
        reads.shares_of(chain, token, who, block) == held for who, held in made.ledger.shares.items()
    )


def _answer(
    ask: Callable[[Chain, str, str, Currency, int], Amount],
    chain: Chain,
    token: str,
    who: str,
    currency: Currency,
    block: int,
) -> int | None:
    """None where the contract refuses: books that contradict themselves make its arithmetic fail."""
    try:
        return ask(chain, token, who, currency, block).units
    except RefusedError as refused:
        if refused.code != "chain.reverted":
            raise
        return None
