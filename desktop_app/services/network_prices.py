"""What each network last said its fees are: kept, dated, and asked anew only when the user wants it.

Asking tells the node of that network the user's IP address and that somebody prices Colophon's actions; no
address, no work and no amount of the user's is part of the question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desktop_app.chain.contracts import FACTORY, REGISTRY
from desktop_app.chain.endpoints import FailoverRpc
from desktop_app.chain.known_prices import known_prices
from desktop_app.chain.networks import Network
from desktop_app.chain.own_actions import OwnAction
from desktop_app.chain.prices import ActionFee, PriceReading, read_prices
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError
from desktop_app.core.progress import Task
from desktop_app.services.networks import NetworkService
from desktop_app.services.wording import Message, message
from desktop_app.store.network_prices import NetworkPriceRepository, StoredFee, StoredPrices

__all__ = ["ActionFee", "Asked", "NetworkPriceService", "OwnAction", "PriceReading", "Prices"]


@dataclass(frozen=True)
class Prices:
    """The last known prices of a network. `source` is the node asked, or where shipped ones were read."""

    reading: PriceReading
    taken_at: int
    source: str
    shipped: bool


@dataclass(frozen=True)
class Asked:
    """How asking one network went."""

    network: Network
    problem: Message | None = None


class NetworkPriceService:
    def __init__(
        self, networks: NetworkService, repository: NetworkPriceRepository, clock: Clock
    ) -> None:
        self._networks = networks
        self._repository = repository
        self._clock = clock

    def comparable(self) -> tuple[Network, ...]:
        """The real networks, which is what a comparison is about."""
        return tuple(one for one in self._networks.networks() if one.kind == "main")

    def nodes(self, networks: Iterable[Network]) -> tuple[str, ...]:
        """The hosts that `ask` would turn to, for the words before it."""
        return tuple(dict.fromkeys(self._networks.first_host(one.key) for one in networks))

    def last(self) -> dict[str, Prices]:
        """The last known prices by network key; asks nobody."""
        stored = self._repository.all()
        shipped = known_prices()
        found = {}
        for network in self._networks.networks():
            if network.chain_id in stored:
                found[network.key] = _told(stored[network.chain_id])
            elif network.key in shipped:
                known = shipped[network.key]
                found[network.key] = Prices(known.reading, known.taken_at, known.source, shipped=True)
        return found

    def ask_one(self, key: str = "") -> Prices:
        """Ask one network, the one in use by default, and keep its answer.

        Raises UnavailableError, RefusedError (`chain.prices_absurd`, `chain.wrong_network`).
        """
        chain = self._networks.chain(key)
        reading = read_prices(chain, (REGISTRY, FACTORY))  # what OwnAction uses
        source = self._networks.first_host(chain.network.key)
        if isinstance(chain.rpc, FailoverRpc):
            answered = [one.host for one in chain.rpc.health() if one.answers]
            source = answered[0] if answered else source
        prices = Prices(reading, self._clock.now(), source, shipped=False)
        self._repository.save(_stored(chain.network, prices))
        return prices

    def ask(self, keys: Iterable[str] = (), task: Task | None = None) -> tuple[Asked, ...]:
        """Ask these networks, all that are compared by default. What one does not tell stays as it was."""
        task = task or Task()
        wanted = [self._networks.named(key) for key in keys] or list(self.comparable())
        rounds = []
        for number, network in enumerate(wanted):
            task.report(number, len(wanted), "stage.asking_prices")
            try:
                self.ask_one(network.key)
            except ColophonError as error:
                rounds.append(Asked(network, message(error)))
            else:
                rounds.append(Asked(network))
        task.report(len(wanted), len(wanted), "stage.asking_prices")
        return tuple(rounds)


def _told(stored: StoredPrices) -> Prices:
    known = {action.value for action in OwnAction}
    fees = tuple(
        ActionFee(OwnAction(fee.action), fee.gas, fee.execution, fee.data, fee.operator, fee.posted)
        for fee in stored.fees
        if fee.action in known
    )
    reading = PriceReading(
        gas_price=stored.gas_price,
        fees=fees,
        l1_base_fee=stored.l1_base_fee,
        blob_base_fee=stored.blob_base_fee,
        proof_on_chain=stored.proof_on_chain,
        contracts_there=stored.contracts_there,
        doubtful=stored.doubtful,
    )
    return Prices(reading, stored.taken_at, stored.source, shipped=False)


def _stored(network: Network, prices: Prices) -> StoredPrices:
    reading = prices.reading
    return StoredPrices(
        chain_id=network.chain_id,
        taken_at=prices.taken_at,
        source=prices.source,
        gas_price=reading.gas_price,
        l1_base_fee=reading.l1_base_fee,
        blob_base_fee=reading.blob_base_fee,
        proof_on_chain=reading.proof_on_chain,
        contracts_there=reading.contracts_there,
        doubtful=reading.doubtful,
        fees=tuple(
            StoredFee(fee.action.value, fee.gas, fee.execution, fee.data, fee.operator, fee.posted)
            for fee in reading.fees
        ),
    )
