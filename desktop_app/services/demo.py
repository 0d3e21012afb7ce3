"""The whole journey, played by five people with a wallet each, on a practice network of their own.

Everything goes through the same services as in daily use. The data lie in the folder "demo" of the app's
data, apart from the user's own; a second run adds a second song.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop_app.chain.practice import PracticeNode
from desktop_app.core.amounts import Amount, parse_amount, parse_share
from desktop_app.core.clock import Clock, SystemClock
from desktop_app.core.errors import BugError, CorruptError
from desktop_app.core.localised import grouped
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.services.app import Services, build_services
from desktop_app.services.demo_song import write_song
from desktop_app.services.ownership import VerificationReport
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.royalties import Collaborator, Money, Token, TokenOverview
from desktop_app.services.wallet import WalletState

__all__ = ["DemoStep", "DemoSummary", "PersonResult", "run_demo"]

AUDIENCE = "Harbour Records"
SHARES = 1_000
PASSED_ON = 250
PEOPLE = ("ada", "ben", "cleo", "dan", "eve")
"""Creator, two collaborators, two buyers."""


@dataclass(frozen=True)
class DemoStep:
    """One line of progress: "demo.<name>" words it with `params`."""

    number: int
    total: int
    code: str
    params: dict[str, str]


@dataclass(frozen=True)
class PersonResult:
    """What one person has from this song: paid in, received at once or by claiming, still waiting."""

    name: str
    role: str
    address: str
    paid: tuple[Amount, ...]
    received: tuple[Amount, ...]
    pending: tuple[Amount, ...]
    shares: int


@dataclass(frozen=True)
class DemoSummary:
    """What happened. `money` adds up to the unit: received = pushed + claimed + pending + rounding."""

    run: int
    title: str
    work_id: str
    record: str
    registered_at: int
    proved_on_chain: bool
    token: str
    symbol: str
    supply: int
    people: tuple[PersonResult, ...]
    money: tuple[Money, ...]
    adds_up: bool
    files: tuple[Path, ...]
    certificate: Path
    challenge: str
    home: Path
    passphrase_file: Path


def run_demo(
    paths: AppPaths,
    output: Path | None,
    on_step: Callable[[DemoStep], None],
    task: Task | None = None,
    clock: Clock | None = None,
) -> DemoSummary:
    """Play the journey; files go to `output`, by default into the demo's own folder.

    Raises what the services raise; a run that was broken off does no harm to the next one.
    """
    return _Demo(paths.home / "demo", output, on_step, task or Task(), clock or SystemClock()).run()


class _Demo:
    def __init__(
        self,
        home: Path,
        output: Path | None,
        on_step: Callable[[DemoStep], None],
        task: Task,
        clock: Clock,
    ) -> None:
        self._home = home
        self._output = expanded(output or home / "files").absolute()
        self._on_step = on_step
        self._task = task
        self._clock = clock
        self._number = 0
        self._people: dict[str, Services] = {}

    def run(self) -> DemoSummary:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._output.mkdir(parents=True, exist_ok=True)
        node = PracticeNode(AppPaths(self._home / "ada").practice, self._clock)
        try:
            for name in PEOPLE:
                self._people[name] = build_services(AppPaths(self._home / name), self._clock, practice=node)
            return self._journey()
        finally:
            for services in self._people.values():
                services.close()
            node.close()

    def _journey(self) -> DemoSummary:
        ada, dan, eve = self._people["ada"], self._people["dan"], self._people["eve"]
        self._step("wallets")
        for services in self._people.values():
            self._task.check()
            _open_wallet(services, self._passphrase())
        for name in ("ada", "dan", "eve"):
            self._people[name].networks.faucet(self._address(name), self._task)

        run = ada.library.count() + 1
        song = self._output / f"night-train-{run}.wav"
        write_song(song, run)
        self._step("add", title=song.name)
        work = ada.library.add(song, f"Night Train {run}", self._task).work

        self._step("register", title=work.title)
        record = ada.registration.prepare(work.id).execute(self._task)

        self._step("prove", audience=AUDIENCE)
        challenge = "-".join(f"{secrets.randbelow(10_000):04d}" for _ in range(2))
        certificate = ada.ownership.prove(
            work.id, AUDIENCE, challenge, output=self._output, task=self._task
        ).path

        self._step("verify", audience=AUDIENCE)
        report = ada.ownership.verify(certificate, challenge, AUDIENCE, online=True, task=self._task)
        _require(report)

        self._step("mint", shares=grouped(SHARES))
        collaborators = (
            Collaborator(self._address("ben"), parse_share("25"), "Ben"),
            Collaborator(self._address("cleo"), parse_share("12.5"), "Cleo"),
        )
        token = ada.royalties.prepare_mint(
            work.id, work.title, f"NIGHT{run}", SHARES, collaborators
        ).execute(self._task)

        self._step("pay")
        self._pay(dan, token, "25", 1)
        self._pay(eve, token, "0.02", 0)
        self._step("transfer", shares=str(PASSED_ON))
        ada.royalties.prepare_transfer(token, self._address("dan"), PASSED_ON).execute(self._task)
        self._step("pay_again")
        self._pay(eve, token, "9.990001", 1)

        self._step("claim")
        ada.royalties.prepare_claim(token, token.currencies[1]).execute(self._task)

        self._step("payouts")
        network = ada.networks.active
        for services in self._people.values():
            services.royalties.follow(token.address)
            services.payouts.sync_once(network, self._task)

        self._step("add_up")
        overview = ada.royalties.overview(token, self._task)
        return DemoSummary(
            run=run,
            title=work.title,
            work_id=work.id,
            record="0x" + record.commitment_id.hex(),
            registered_at=record.block_time or 0,
            proved_on_chain=record.proved,
            token=token.address,
            symbol=token.symbol,
            supply=token.supply,
            people=tuple(self._result(name, token, overview) for name in PEOPLE),
            money=overview.money,
            adds_up=self._adds_up(token, overview.money),
            files=(song, certificate),
            certificate=certificate,
            challenge=challenge,
            home=self._home / "ada",
            passphrase_file=self._home / "passphrase.txt",
        )

    def _step(self, name: str, **params: str) -> None:
        self._task.check()
        self._number += 1
        self._on_step(DemoStep(self._number, len(STEPS), f"demo.{name}", params))

    def _passphrase(self) -> str:
        """One random passphrase for the five wallets: they hold practice money only."""
        path = self._home / "passphrase.txt"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(18) + "\n", encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()

    def _address(self, name: str) -> str:
        address = self._people[name].wallet.status().active
        if address is None:
            raise BugError("a demo wallet without an account")
        return address

    def _pay(self, buyer: Services, token: Token, text: str, currency: int) -> None:
        amount = parse_amount(text, token.currencies[currency])
        buyer.royalties.prepare_pay(token, amount, "demo").execute(self._task)

    def _result(self, name: str, token: Token, overview: TokenOverview) -> PersonResult:
        """One person's money by his own records of this token, and what the contract owes him."""
        services, address = self._people[name], self._address(name)
        totals = services.payouts.totals(
            PayoutFilter(chain_id=token.chain_id, token=token.address, party=address)
        )

        def sums(*kinds: str) -> tuple[Amount, ...]:
            return tuple(
                Amount(sum(t.units for t in totals if t.currency == c.address and t.kind in kinds), c)
                for c in token.currencies
            )

        holder = next((each for each in overview.holders if each.address == address), None)
        none = tuple(Amount(0, currency) for currency in token.currencies)
        return PersonResult(
            name=name.capitalize(),
            role=ROLES[name],
            address=address,
            paid=sums("payment"),
            received=sums("push", "claim"),
            pending=holder.pending if holder else none,
            shares=holder.shares if holder else 0,
        )

    def _adds_up(self, token: Token, money: tuple[Money, ...]) -> bool:
        """Payments as tracked against what the contract says, in every currency."""
        wanted = PayoutFilter(chain_id=token.chain_id, token=token.address)
        totals = self._people["ada"].payouts.totals(wanted)
        paid = {t.currency: t.units for t in totals if t.kind == "payment"}
        return all(
            each.received.units == paid.get(each.received.currency.address, 0)
            and 0 <= each.rounding.units < len(PEOPLE)
            for each in money
        )


STEPS = (
    "wallets", "add", "register", "prove", "verify", "mint", "pay", "transfer", "pay_again", "claim",
    "payouts", "add_up",
)  # fmt: skip
ROLES = {"ada": "creator", "ben": "collaborator", "cleo": "collaborator", "dan": "buyer", "eve": "buyer"}


def _open_wallet(services: Services, passphrase: str) -> None:
    if services.wallet.status().state is WalletState.ABSENT:
        services.wallet.create("passphrase", passphrase)
    else:
        services.wallet.unlock(passphrase)


def _require(report: VerificationReport) -> None:
    if not report.valid or any(verdict.state.value != "yes" for verdict in report.verdicts):
        raise CorruptError("demo.not_verified")
