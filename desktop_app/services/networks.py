"""Which network the user is on, how it does, and what its practice form can do besides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import deploy_call, faucet_call
from desktop_app.chain.endpoints import EndpointHealth, EndpointState, FailoverRpc
from desktop_app.chain.fees import Speed
from desktop_app.chain.networks import Network, load_networks, network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.rpc import HttpRpc, Rpc
from desktop_app.chain.sender import Sender
from desktop_app.chain.wire import checksummed
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import Clock
from desktop_app.core.errors import BugError, ColophonError, NotFoundError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.core.settings import FEE_SPEED, NETWORK, Settings
from desktop_app.services.actions import Action, Review
from desktop_app.services.wallet import WalletService
from desktop_app.services.wording import Message, message
from desktop_app.store.transactions import TransactionRepository
from desktop_app.wallet.signer import AccountSigner, Signer

__all__ = ["PRACTICE", "EndpointHealth", "EndpointState", "Network", "NetworkService", "NetworkStatus"]

PRACTICE = "practice"
FAUCET_COINS = 10 * 10**18
FAUCET_DOLLARS = 1_000 * 10**6
COMPARE_AFTER_SECONDS = 300.0
CONTRACTS = ("Registry", "RoyaltyFactory", "Licences", "KeyEscrow")


@dataclass(frozen=True)
class NetworkStatus:
    """How a network looks right now. None: not known, because the node did not answer."""

    network: Network
    reachable: bool
    block_number: int | None = None
    proofs_on_chain: bool | None = None
    contracts_ready: bool | None = None
    problem: Message | None = None


class NetworkService:
    """Holds one connection per network. Thread-safe; everything that asks a node may be slow."""

    def __init__(
        self,
        settings: Settings,
        practice: PracticeNode,
        wallet: WalletService,
        transactions: TransactionRepository,
        forget_chain: Callable[[int], None],
        clock: Clock,
        ready_for_real_money: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings = settings
        self._practice = practice
        self._wallet = wallet
        self._transactions = transactions
        self._forget_chain = forget_chain
        self._clock = clock
        self._ready_for_real_money = ready_for_real_money
        self._chains: dict[str, tuple[tuple[str, ...], Chain, tuple[Rpc, ...]]] = {}
        self._senders: dict[tuple[str, str], Sender] = {}
        self._practice_chain = Chain(network(PRACTICE), practice)
        self._practice_ready = False
        self._compared: dict[str, float] = {}
        self._lock = threading.RLock()

    def networks(self) -> tuple[Network, ...]:
        """All known networks, the practice network first."""
        return tuple(load_networks().values())

    @property
    def active(self) -> Network:
        """The network that actions go to."""
        return network(self._settings.text(NETWORK))

    def select(self, key: str) -> Network:
        """Go to another network; raises NotFoundError, RefusedError for one that is only there to compare."""
        chosen = network(key)
        if not chosen.usable:
            raise RefusedError("network.only_compared", network=chosen.name)
        self._settings.set(NETWORK, chosen.key)
        return chosen

    @staticmethod
    def named(key: str) -> Network:
        """A network by its key; raises NotFoundError."""
        return network(key)

    def name_of(self, chain_id: int) -> str:
        """The name of a network by its chain id, or the id itself when it is not one of ours."""
        for known in load_networks().values():
            if known.chain_id == chain_id:
                return known.name
        return str(chain_id)

    def endpoints(self, key: str = "") -> tuple[Rpc, ...]:
        """All nodes of a network: the user's own where there are some, else the public ones."""
        return self._connect(key)[1]

    def first_host(self, key: str) -> str:
        """The host that is asked first on a network, "" for the practice network; nothing is opened."""
        urls = self._settings.endpoints(network(key).key) or network(key).rpc_urls
        return (urlsplit(urls[0]).hostname or "") if urls else ""

    def chain(self, key: str = "") -> Chain:
        """The connection to a network, the active one by default. The practice network is made ready."""
        return self._connect(key)[0]

    def chain_by_id(self, chain_id: int) -> Chain:
        """Raises UnavailableError("network.unknown_chain") when the app does not know that network."""
        return self.chain(self.by_chain_id(chain_id).key)

    @staticmethod
    def by_chain_id(chain_id: int) -> Network:
        """Raises UnavailableError("network.unknown_chain") when the app does not know that network."""
        for known in load_networks().values():
            if known.chain_id == chain_id:
                return known
        raise UnavailableError("network.unknown_chain", chain_id=chain_id)

    @contextmanager
    def chain_at(self, chain_id: int, node: str = "") -> Iterator[Chain]:
        """A network through one given node, for this time only; through the usual ones when none is given.

        Raises InvalidInputError for an address that is none, RefusedError for a node of another network.
        """
        if not node:
            yield self.chain_by_id(chain_id)
            return
        chain = Chain(self.by_chain_id(chain_id), HttpRpc(node, clock=self._clock))
        try:
            chain.check_chain_id()
            yield chain
        finally:
            chain.close()

    def own_endpoints(self, key: str) -> tuple[str, ...]:
        """The user's own nodes of a network; () where the public ones are used."""
        return self._settings.endpoints(network(key).key)

    def own_hosts(self, key: str) -> tuple[str, ...]:
        """Where the user's own nodes of a network are; () where the public ones are used."""
        return tuple(dict.fromkeys(urlsplit(url).hostname or "" for url in self.own_endpoints(key)))

    def set_endpoints(self, key: str, urls: tuple[str, ...]) -> None:
        """Use these nodes for a network; () returns to the public ones. Raises InvalidInputError."""
        chosen = network(key)
        if chosen.kind == PRACTICE:
            raise RefusedError("network.practice_has_no_nodes")
        for url in urls:
            HttpRpc(url).close()
        self._settings.set_endpoints(key, urls)
        self._compared.pop(key, None)

    def sender(self, chain: Chain, signer: Signer | None = None) -> Sender:
        """Sends for the active account, or for `signer`; raises RefusedError("wallet.locked").

        One per account and network, since it hands out the nonces. Raises RefusedError("backup.first") where
        money is real and the wallet would not survive the loss of this computer.
        """
        if chain.network.is_real and not self._ready_for_real_money():
            raise RefusedError("backup.first", network=chain.network.name)
        chosen = signer or self._wallet.signer()
        key = (chain.network.key, chosen.address)
        with self._lock:
            known = self._senders.get(key)
            if known is None or known.chain is not chain:
                known = Sender(chain, chosen, self._transactions, self._clock, speed=self._speed)
                self._senders[key] = known
            return known

    def _speed(self) -> Speed:
        return Speed(self._settings.text(FEE_SPEED))

    def status(self, key: str = "") -> NetworkStatus:
        """Never raises for a node that does not answer: the problem is part of the answer."""
        chosen = network(key) if key else self.active
        try:
            chain = self.chain(chosen.key)
            chain.check_chain_id()
            number = chain.block_number()
            proofs = chain.has_precompile()
            ready = all(chain.deployed(name) for name in CONTRACTS)
        except ColophonError as error:
            return NetworkStatus(chosen, reachable=False, problem=message(error))
        return NetworkStatus(chosen, True, number, proofs, ready)

    def health(self, key: str = "", check: bool = False) -> tuple[EndpointHealth, ...]:
        """How each node of a network does, in their order; () for the practice network, which has none.

        With `check` all are asked now, and compared with each other about the wallet's own balances.
        """
        chain = self.chain(key)
        if not isinstance(chain.rpc, FailoverRpc):
            return ()
        if not check:
            return chain.rpc.health()
        return chain.rpc.check([account.address for account in self._wallet.status().accounts])

    def suspects(self, key: str = "") -> tuple[str, ...]:
        """Nodes of a network that contradict themselves or others, or serve another network.

        All are asked anew when the last time is some minutes ago; () where there is only one to ask.
        """
        chain = self.chain(key)
        if not isinstance(chain.rpc, FailoverRpc) or len(chain.rpc.health()) < 2:
            return ()
        now, name = self._clock.monotonic(), chain.network.key
        if now - self._compared.get(name, float("-inf")) > COMPARE_AFTER_SECONDS:
            self.health(name, check=True)
            self._compared[name] = now
        wrong = (EndpointState.DOUBTED, EndpointState.WRONG_NETWORK)
        return tuple(one.host for one in chain.rpc.health() if one.state in wrong)

    def chain_has_proofs(self, key: str = "") -> bool:
        """Whether a network can check proofs of registrations and deliveries (EIP-2537)."""
        return self.chain(key).has_precompile()

    def balances(self, address: str, key: str = "") -> tuple[Amount, ...]:
        """What an address holds: the coin, then the dollar where the network has one."""
        chain = self.chain(key)
        known = [chain.network.native, *([chain.network.dollar] if chain.network.dollar else [])]
        return tuple(chain.balance(address, currency) for currency in known)

    @staticmethod
    def require_contracts(chain: Chain, *names: str) -> None:
        """Raises RefusedError when one of these contracts of ours is not on this network yet: a network may
        have some of them from a time when the app had no others."""
        if not all(chain.deployed(name) for name in names):
            raise RefusedError("network.contracts_missing", network=chain.network.name)

    def prepare_deploy(self, key: str = "") -> Action[tuple[str, ...]]:
        """Put our contracts on a network that lacks them. Anyone may; nobody gains rights by it."""
        chain = self.chain(key)
        chain.check_chain_id()
        missing = [name for name in CONTRACTS if not chain.deployed(name)]
        if not missing:
            raise RefusedError("network.contracts_there", network=chain.network.name)
        sender = self.sender(chain)
        # Each constructor looks at the contract before, so it can be tried out only once that is there.
        first = sender.quote(deploy_call(missing[0]))
        later = [
            sender.highest_fee(deploy_call(name), DEPLOY_GAS_BOUNDS[name], first) for name in missing[1:]
        ]
        worst = first.worst_case + Amount(sum(one.units for one in later), chain.network.native)

        def run(task: Task) -> tuple[str, ...]:
            for number, name in enumerate(missing):
                task.report(number, len(missing), "stage.deploying")
                call = deploy_call(name)
                quote = sender.quote(call) if number else first
                if number and quote.worst_case.units > later[number - 1].units:
                    raise RefusedError("chain.fee_outdated")
                sender.send(call, quote, task)
            return tuple(contract_address(name) for name in missing)

        review = Review(
            action="review.deploy",
            network_key=chain.network.key,
            network_name=chain.network.name,
            is_practice=chain.network.kind == PRACTICE,
            sender=sender.address,
            fee_worst_case=worst,
            transactions=len(missing),
            params={"contracts": ", ".join(missing)},
        )
        return Action(review, run, [deploy_call(name) for name in missing])

    def faucet(self, address: str, task: Task | None = None) -> tuple[Amount, ...]:
        """Give 10 practice coins and 1,000 practice dollars; returns what the address then holds."""
        chain = self.chain(PRACTICE)
        self._practice.faucet(checksummed(address), FAUCET_COINS)
        dollar = chain.network.dollar
        if dollar is None:
            raise BugError("the practice network has its dollar")
        call = faucet_call(checksummed(address), Amount(FAUCET_DOLLARS, dollar))
        bank = self.sender(chain, _faucet_signer())
        bank.send(call, bank.quote(call), task or Task())
        return self.balances(address, PRACTICE)

    def reset_practice(self) -> None:
        """Begin the practice network anew. Its records, tokens and payouts are forgotten; works stay."""
        with self._lock:
            self._practice.reset()
            self._practice_ready = False
            self._forget_chain(network(PRACTICE).chain_id)

    def close(self) -> None:
        with self._lock:
            for _, _, endpoints in self._chains.values():
                for rpc in endpoints:
                    rpc.close()
            self._chains.clear()
            self._practice.close()

    def _connect(self, key: str) -> tuple[Chain, tuple[Rpc, ...]]:
        chosen = network(key) if key else self.active
        if chosen.kind == PRACTICE:
            self._make_practice_ready()
            return self._practice_chain, (self._practice,)
        urls = self._settings.endpoints(chosen.key) or chosen.rpc_urls
        if not urls:
            raise NotFoundError("network.no_node", network=chosen.name)
        with self._lock:
            known = self._chains.get(chosen.key)
            if known is None or known[0] != urls:
                if known is not None:
                    for rpc in known[2]:
                        rpc.close()
                endpoints = tuple(HttpRpc(url, clock=self._clock) for url in urls)
                together = FailoverRpc(chosen, endpoints, self._clock)
                known = (urls, Chain(chosen, together), endpoints)
                self._chains[chosen.key] = known
            return known[1], known[2]

    def _make_practice_ready(self) -> None:
        """Put our contracts on a new practice network, at the faucet's expense."""
        with self._lock:
            if self._practice_ready:
                return
            chain = self._practice_chain
            bank = self.sender(chain, _faucet_signer())
            for name in (*CONTRACTS, "TestDollar"):
                if not chain.deployed(name):
                    call = deploy_call(name)
                    bank.send(call, bank.quote(call), Task())
            self._practice_ready = True


DEPLOY_GAS_BOUNDS = {"RoyaltyFactory": 8_000_000, "Licences": 4_000_000, "KeyEscrow": 6_000_000}
"""Gas that putting a contract on a network cannot exceed, with room for the network to ask for more."""


def _faucet_signer() -> Signer:
    """Signs for the practice faucet, whose key is public by design."""
    from desktop_app.chain.practice_evm import FAUCET_KEY
    from desktop_app.wallet.accounts import address_of

    return AccountSigner(address_of(FAUCET_KEY), lambda: FAUCET_KEY)
