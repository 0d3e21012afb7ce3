"""Everything that a work's page shows, read in one go on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QImage

from desktop_app.core.amounts import Amount
from desktop_app.gui.widgets.preview_picture import read_picture
from desktop_app.services.app import Services
from desktop_app.services.details import SimilarWork, WorkPortrait
from desktop_app.services.library import Work, WorkStep
from desktop_app.services.networks import PRACTICE, Network
from desktop_app.services.ownership import Certificate
from desktop_app.services.packages import Package
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.practice_payment import practice_amount
from desktop_app.services.registration import Registration
from desktop_app.services.royalties import Token
from desktop_app.services.witnesses import WitnessView

PICTURE_EDGE = 368
"""Twice the size that is shown, for dense screens."""


@dataclass(frozen=True)
class WorkView:
    """`received` is what has been paid to the token, as far as the payouts are read.

    `payment` is what a first payment would be: an amount of practice money, or "sell" where the money is real
    or others have it; None before there can be one, and afterwards.
    """

    work: Work
    network: Network
    step: WorkStep
    registration: Registration | None
    certificates: tuple[Certificate, ...]
    token: Token | None
    received: tuple[Amount, ...]
    payment: Amount | Literal["sell"] | None
    portrait: WorkPortrait
    picture: QImage | None
    similar: tuple[SimilarWork, ...]
    packages: tuple[Package, ...]
    witnesses: tuple[WitnessView, ...]

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
    portrait = services.details.portrait(work_id)
    return WorkView(
        work=work,
        network=network,
        step=services.library.step(work_id, network.chain_id),
        registration=services.registration.current(work_id),
        certificates=services.ownership.certificates(work_id, network.chain_id),
        token=token,
        received=received,
        payment=None if token is None or received else _first_payment(network, token),
        portrait=portrait,
        picture=read_picture(portrait.preview, PICTURE_EDGE),
        similar=services.details.similar(work_id),
        packages=services.packages.for_work(work_id),
        witnesses=services.witnesses.for_work(work_id),
    )


def _first_payment(network: Network, token: Token) -> Amount | Literal["sell"] | None:
    return practice_amount(network, token) if network.kind == PRACTICE else "sell"
