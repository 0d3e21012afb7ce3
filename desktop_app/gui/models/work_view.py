"""Everything that a work's page shows, read in one go on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.amounts import Amount
from desktop_app.services.app import Services
from desktop_app.services.library import Work, WorkStep
from desktop_app.services.networks import Network
from desktop_app.services.ownership import Certificate
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.registration import Registration
from desktop_app.services.royalties import Token


@dataclass(frozen=True)
class WorkView:
    """`received` is what has been paid to the token, as far as the payouts are read."""

    work: Work
    network: Network
    step: WorkStep
    registration: Registration | None
    certificates: tuple[Certificate, ...]
    token: Token | None
    received: tuple[Amount, ...]

    @property
    def done(self) -> tuple[bool, bool, bool, bool]:
        """Added, registered, proved, earning."""
        return True, self.registration is not None, bool(self.certificates), self.token is not None


def read_work(services: Services, work_id: str) -> WorkView:
    """Raises NotFoundError when the work is gone."""
    work = services.library.get(work_id)
    network = services.networks.active
    tokens = [token for token in services.royalties.tokens(work_id) if token.chain_id == network.chain_id]
    token = tokens[0] if tokens else None
    received: tuple[Amount, ...] = ()
    if token is not None:
        wanted = PayoutFilter(chain_id=network.chain_id, token=token.address, kind="payment")
        sums = {total.currency: total.units for total in services.payouts.totals(wanted)}
        received = tuple(
            Amount(sums[currency.address], currency)
            for currency in token.currencies
            if sums.get(currency.address)
        )
    return WorkView(
        work=work,
        network=network,
        step=services.library.step(work_id, network.chain_id),
        registration=services.registration.current(work_id),
        certificates=services.ownership.certificates(work_id),
        token=token,
        received=received,
    )
