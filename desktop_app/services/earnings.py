"""What the user's works earn: lists, sums by work, payer, currency, network and period, and files of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from desktop_app.chain.networks import Network, load_networks
from desktop_app.chain.rpc import Rpc
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import ColophonError, InvalidInputError, NotFoundError
from desktop_app.core.progress import Task
from desktop_app.services.address_book import AddressBookService
from desktop_app.services.expected_income import Comparison, compare
from desktop_app.services.networks import NetworkService
from desktop_app.services.payout_files import write_payouts
from desktop_app.services.payout_lines import Names, PayoutLine, network_name
from desktop_app.services.rates import Rates, UserRate
from desktop_app.services.tax_ledger import BASES, LedgerResult, write_ledger
from desktop_app.services.wallet import WalletService
from desktop_app.store.payouts import GROUPS, PAID_OUT, Payout, PayoutFilter, PayoutRepository
from desktop_app.store.tokens import Token, TokenRepository
from desktop_app.store.works import WorkRepository

__all__ = [
    "BASES",
    "GROUPS",
    "Choices",
    "Comparison",
    "EarningsService",
    "Income",
    "LedgerResult",
    "Names",
    "PayoutLine",
    "WorkChoice",
    "period",
]

_MANY_WORKS, _MANY_PAYERS = 10_000, 100
_DAYS_BY_DAY, _DAYS_BY_MONTH = 92, 365 * 6


@dataclass(frozen=True)
class Income:
    """Sums in one currency under one heading; `key` is what was grouped by, `label` its name for people.

    `received` was paid into works; `pushed` (to collaborators), `claimed` (by holders) and `forwarded` (to
    the works that these were made from) went out of them again. `running` is what was
    received up to and with this group, in the order given.
    """

    key: str
    label: str
    received: Amount
    pushed: Amount
    claimed: Amount
    forwarded: Amount
    payments: int
    running: Amount

    def heading(self, among: Sequence[Income]) -> str:
        """The label, with the network where those beside it are of others."""
        chains = {one.received.currency.chain_id for one in among}
        name = network_name(self.received.currency.chain_id)
        return self.label if len(chains) < 2 or name == self.label else f"{self.label} · {name}"


@dataclass(frozen=True)
class WorkChoice:
    title: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """By what payouts can be narrowed down; payers are (address, name or ""), the most frequent first."""

    networks: tuple[tuple[int, str], ...]
    works: tuple[WorkChoice, ...]
    currencies: tuple[Currency, ...]
    payers: tuple[tuple[str, str], ...]


def period(since: str = "", until: str = "") -> tuple[int | None, int | None]:
    """Block times of two dates (2026-01-31, UTC), both included; "" is open. Raises InvalidInputError."""
    first, last = _day(since), _day(until)
    if first is not None and last is not None and last < first:
        raise InvalidInputError("earnings.period_backwards", since=since, until=until)
    end = last + timedelta(days=1) if last is not None else None
    return (int(first.timestamp()) if first else None, int(end.timestamp()) if end else None)


def _day(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError("earnings.not_a_date", text=text[:40]) from None


class EarningsService:
    """Reads what the tracker has stored. Thread-safe; only `compare` and `tax_ledger` ask a network."""

    def __init__(
        self,
        stored: PayoutRepository,
        tokens: TokenRepository,
        works: WorkRepository,
        networks: NetworkService,
        wallet: WalletService,
        address_book: AddressBookService,
    ) -> None:
        self._stored = stored
        self._tokens = tokens
        self._works = works
        self._networks = networks
        self._wallet = wallet
        self._book = address_book

    # --- Looking -----------------------------------------------------------------------------------------

    def lines(
        self, wanted: PayoutFilter | None = None, *, limit: int = 100, offset: int = 0
    ) -> tuple[PayoutLine, ...]:
        """Payouts with names, newest first."""
        names = self.names()
        return tuple(map(names.line, self._stored.page(wanted or PayoutFilter(), limit, offset)))

    def named(self, payouts: Iterable[Payout]) -> tuple[PayoutLine, ...]:
        """Payouts that the tracker has just announced, with names."""
        return tuple(map(self.names().line, payouts))

    def count(self, wanted: PayoutFilter | None = None) -> int:
        return self._stored.count(wanted or PayoutFilter())

    def totals(self, wanted: PayoutFilter | None = None) -> tuple[Income, ...]:
        """One for each network and currency."""
        return tuple(
            replace(one, running=one.received) for one in self.groups(wanted or PayoutFilter(), "currency")
        )

    def groups(self, wanted: PayoutFilter, by: str) -> tuple[Income, ...]:
        """Sums by one of GROUPS, each network and currency apart; periods in order of time.

        By payer only payments count, since only they have one. Raises InvalidInputError.
        """
        if by not in GROUPS:
            raise InvalidInputError("earnings.no_such_group", by=by[:40], choices=", ".join(GROUPS))
        if by == "payer":
            wanted = replace(wanted, kind="payment")
        names = self.names()
        sums: dict[tuple[str, Currency], dict[str, list[int]]] = {}
        for one in self._stored.groups(wanted, by):
            currency = names.currency(one.chain_id, one.key if by == "work" else "", one.currency)
            kinds = sums.setdefault((one.key, currency), {})
            entry = kinds.setdefault(one.kind, [0, 0])
            entry[0] += one.units
            entry[1] += one.count
        running: dict[Currency, int] = {}
        found = []
        for (key, currency), kinds in sums.items():
            units = {kind: kinds.get(kind, [0, 0])[0] for kind in ("payment", *PAID_OUT)}
            running[currency] = running.get(currency, 0) + units["payment"]
            found.append(
                Income(
                    key,
                    _label(names, by, key, currency),
                    Amount(units["payment"], currency),
                    Amount(units["push"], currency),
                    Amount(units["claim"], currency),
                    Amount(units["forward"], currency),
                    kinds.get("payment", [0, 0])[1],
                    Amount(running[currency], currency),
                )
            )
        return tuple(found)

    def history(self, wanted: PayoutFilter, currency: Currency) -> tuple[str, tuple[Income, ...]]:
        """What came in of one currency over time, for a chart: "day", "month" or "year", and the sums."""
        wanted = replace(wanted, chain_id=currency.chain_id, currency=currency.address, kind="payment")
        days = self.groups(wanted, "day")
        if not days:
            return "day", ()
        span = (_date(days[-1].key) - _date(days[0].key)).days
        if span <= _DAYS_BY_DAY:
            return "day", days
        by = "month" if span <= _DAYS_BY_MONTH else "year"
        return by, self.groups(wanted, by)

    def choices(self) -> Choices:
        names = self.names()
        works: dict[str, list[str]] = {}
        for (chain_id, address), token in names.tokens.items():
            title = names.work(chain_id, address)
            works.setdefault(f"{token.work_id or address}\0{title}", []).append(address)
        totals = self._stored.groups(PayoutFilter(), "currency")
        currencies = {names.currency(one.chain_id, "", one.currency): None for one in totals}
        counts: dict[str, int] = {}
        for one in self._stored.groups(PayoutFilter(kind="payment"), "payer"):
            counts[one.key] = counts.get(one.key, 0) + one.count
        payers = sorted(counts, key=lambda address: (-counts[address], address))[:_MANY_PAYERS]
        return Choices(
            tuple((chain_id, network_name(chain_id)) for chain_id in self._stored.chains()),
            tuple(
                sorted(
                    (WorkChoice(key.split("\0", 1)[1], tuple(found)) for key, found in works.items()),
                    key=lambda one: one.title.casefold(),
                )
            ),
            tuple(currencies),
            tuple((address, names.person(address)) for address in payers),
        )

    def currencies_of(self, symbol: str) -> tuple[str, ...]:
        """The contracts ("" for a coin) that go by a symbol on any network. Raises NotFoundError."""
        names = self.names()
        listed = [c for network in load_networks().values() for c in (network.native, network.dollar) if c]
        listed += [currency for token in names.tokens.values() for currency in token.currencies]
        found = {c.address: None for c in listed if c.symbol.casefold() == symbol.strip().casefold()}
        if not found:
            raise NotFoundError("earnings.no_such_currency", symbol=symbol[:40])
        return tuple(found)

    def tokens_of(self, reference: str, chain_id: int | None = None) -> tuple[str, ...]:
        """The tokens that a person means by an address, a symbol, a name or a work's title, on all networks.

        Raises NotFoundError.
        """
        wanted, names = reference.strip().casefold(), self.names()
        found = tuple(
            address
            for (chain, address), token in names.tokens.items()
            if chain_id in (None, chain)
            and wanted
            in (
                address.casefold(),
                token.symbol.casefold(),
                token.name.casefold(),
                (token.work_id or "").casefold(),
                names.work(chain, address).casefold(),
            )
        )
        if not found or not wanted:
            raise NotFoundError("earnings.no_such_work", reference=reference[:80])
        return found

    def followed_networks(self) -> tuple[Network, ...]:
        """The networks on which a token is followed."""
        return tuple(one for one in load_networks().values() if self._tokens.on_chain(one.chain_id))

    def names(self) -> Names:
        """What is called how, at this moment."""
        tokens: dict[tuple[int, str], Token] = {}
        for network in load_networks().values():
            for token in self._tokens.on_chain(network.chain_id):
                tokens[token.chain_id, token.address] = token
        titles = {work.id: work.title for work in self._works.newest(limit=_MANY_WORKS)}
        return Names(tokens, titles, self._people())

    def own_accounts(self) -> tuple[str, ...]:
        return tuple(account.address for account in self._wallet.status().accounts)

    # --- Asking the contracts ----------------------------------------------------------------------------

    def compare(self, wanted: PayoutFilter | None = None, task: Task | None = None) -> tuple[Comparison, ...]:
        """Expected against received: what each token's contract says, beside what was seen of it here."""
        wanted, task = wanted or PayoutFilter(), task or Task()
        names, own = self.names(), self.own_accounts()
        tokens = [
            token
            for (chain_id, address), token in names.tokens.items()
            if _on(chain_id, wanted.chain_id) and (not wanted.token or address in wanted.token)
        ]
        found: list[Comparison] = []
        for number, token in enumerate(tokens):
            task.report(number, len(tokens), "payouts.comparing")
            chain_id = token.chain_id
            found += compare(
                token,
                names.work(chain_id, token.address),
                network_name(chain_id),
                partial(self._networks.chain_by_id, chain_id),
                self._stored,
                own,
            )
        return tuple(found)

    # --- Files -------------------------------------------------------------------------------------------

    def export_payouts(
        self,
        path: Path,
        wanted: PayoutFilter | None = None,
        task: Task | None = None,
        overwrite: bool = False,
    ) -> int:
        """All payouts as CSV, oldest first, with running totals; the number of rows.

        Raises RefusedError("earnings.file_exists"), UnavailableError.
        """
        wanted = wanted or PayoutFilter()
        with self._stored.oldest_first(wanted) as rows:
            lines = map(self.names().line, rows)
            return write_payouts(path, lines, self._stored.count(wanted), task or Task(), overwrite)

    def tax_ledger(
        self,
        path: Path,
        fiat: str,
        wanted: PayoutFilter | None = None,
        *,
        given: dict[str, UserRate] | None = None,
        basis: str = "received",
        note: str = "",
        task: Task | None = None,
        overwrite: bool = False,
    ) -> LedgerResult:
        """Income with its value in the user's money (a code of ISO 4217), oldest first.

        `basis` "received" is what reached the user's own accounts (parts pushed to him, and claims);
        "payments" is what was paid into his works. Without a network in `wanted`, only real money counts; a
        practice or test network has to be named. `note` says where rates of his own come from.
        Raises InvalidInputError, RefusedError("earnings.file_exists"), UnavailableError.
        """
        if basis not in BASES:
            raise InvalidInputError("earnings.no_such_basis", basis=basis[:40], choices=", ".join(BASES))
        rates = Rates(fiat, given or {}, self._rpc)
        wanted = replace(wanted or PayoutFilter(), orphaned=False, kind="payment")
        if wanted.chain_id is None:
            # Practice and test money has the names of real money, and is worth nothing.
            real = tuple(one.chain_id for one in load_networks().values() if one.is_real)
            wanted = replace(wanted, chain_id=real)
        if basis == "received":
            # Without an account, nothing was received: no address matches "-".
            wanted = replace(wanted, kind=("push", "claim"), party=self.own_accounts() or ("-",))
        with self._stored.oldest_first(wanted) as rows:
            lines: Sequence[PayoutLine] = tuple(map(self.names().line, rows))
        return write_ledger(path, lines, rates, note, task or Task(), overwrite)

    # --- Inside ------------------------------------------------------------------------------------------

    def _rpc(self, chain_id: int) -> Rpc:
        return self._networks.chain_by_id(chain_id).rpc

    def _people(self) -> dict[str, str]:
        try:
            known = self._book.known()
        except ColophonError:
            return {}  # a broken vault must not hide what came in
        return {one.address.lower(): one.name for one in known if one.name}


def _label(names: Names, by: str, key: str, currency: Currency) -> str:
    labels: dict[str, Callable[[], str]] = {
        "work": lambda: names.work(currency.chain_id, key),
        "payer": lambda: names.person(key) or key,
        "network": lambda: network_name(int(key)),
        "currency": lambda: currency.symbol,
    }
    return labels[by]() if by in labels else key


def _on(chain_id: int, wanted: int | tuple[int, ...] | None) -> bool:
    return wanted is None or (chain_id in wanted if isinstance(wanted, tuple) else chain_id == wanted)


def _date(key: str) -> datetime:
    return datetime.strptime(key, "%Y-%m-%d").replace(tzinfo=UTC)
