"""Prepaid plays from one's own server: vouchers are checked, kept, and written down on the network later.

A voucher says how many plays of a licence are used in all, signed by the licensee (EIP-712, `plays_message`).
Only the newest counts, so that one transaction redeems any number of plays.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.actions import Action
from desktop_app.services.licence_records import Licence, Voucher, plays_message
from desktop_app.services.licence_terms import LicenceKind
from desktop_app.services.licences import LicenceService
from desktop_app.services.networks import NetworkService
from desktop_app.services.sale_packages import SalePackages
from desktop_app.store.play_counts import PlayCount, PlayCounts
from desktop_app.store.sales import SalePackage
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.works import WorkRepository

SAME_PLAY_SECONDS = 3_600
"""So long the newest voucher may be shown again: the listener's page was reloaded."""
STREAM_SECONDS = 6 * 3_600
MOST_STREAMS = 1_000


class VoucherRefusedError(RefusedError):
    """Also tells the newest total that is known, from which a listener who lost count can go on."""

    def __init__(self, newest: int, quantity: int) -> None:
        super().__init__("selling.voucher_refused", newest=newest, quantity=quantity)
        self.newest = newest


@dataclass(frozen=True)
class Stream:
    """One play that was paid for, at a secret address."""

    token: str
    size: int
    media_type: str
    left: int


@dataclass(frozen=True)
class _Playing:
    package: SalePackage
    key: bytes
    media_type: str
    until: int
    play: tuple[int, int, int]
    """Chain, licence and total that paid for it: one play has one address."""


class PlaySales:
    """Thread-safe. The wallet has to be open when a work is first played."""

    def __init__(
        self,
        counts: PlayCounts,
        licences: LicenceService,
        packages: SalePackages,
        works: WorkRepository,
        tokens: TokenRepository,
        networks: NetworkService,
        clock: Clock,
    ) -> None:
        self._counts = counts
        self._licences = licences
        self._packages = packages
        self._works = works
        self._tokens = tokens
        self._networks = networks
        self._clock = clock
        self._lock = threading.Lock()
        self._streams: dict[str, _Playing] = {}

    def redeem(self, licence_id: int, total: int, signature: bytes) -> Stream:
        """Take a voucher for one play. Raises NotFoundError("licence.unknown"), InvalidInputError,
        VoucherRefusedError, RefusedError("wallet.locked", "selling.licence_over")."""
        licence = self._licences.licence(licence_id)
        package, media_type = self._package_of(licence)
        if licence.expired:
            raise RefusedError("selling.licence_over")
        if _signer(self._networks.active.chain_id, licence_id, total, signature) != licence.licensee:
            raise InvalidInputError("selling.voucher_forged")
        key = self._packages.key(package)
        chain_id, now = self._networks.active.chain_id, self._clock.now()
        with self._lock:
            known = self._counts.find(chain_id, licence_id)
            newest = max(licence.used, known.total if known else 0)
            again = known is not None and total == known.total and now <= known.used_at + SAME_PLAY_SECONDS
            if not again:
                if total != newest + 1 or total > licence.quantity:
                    raise VoucherRefusedError(newest, licence.quantity)
                self._counts.keep(PlayCount(chain_id, licence_id, total, signature, now))
            token = token_urlsafe(24)
            play = (chain_id, licence_id, total)
            kept = [one for one in self._streams.items() if one[1].until > now and one[1].play != play]
            self._streams = dict(kept)
            while len(self._streams) >= MOST_STREAMS:
                del self._streams[next(iter(self._streams))]
            self._streams[token] = _Playing(package, key, media_type, now + STREAM_SECONDS, play)
        return Stream(token, package.size, media_type, licence.quantity - total)

    def playing(self, token: str) -> tuple[Path, bytes, int, str]:
        """File, key, size of the content in bytes, and media type. Raises NotFoundError("selling.no_stream").
        """
        with self._lock:
            found = self._streams.get(token)
        if found is None or found.until < self._clock.now():
            raise NotFoundError("selling.no_stream")
        return found.package.path, found.key, found.package.size, found.media_type

    def counted(self) -> tuple[PlayCount, ...]:
        """The newest voucher of each licence on the active network."""
        return tuple(self._counts.on_chain(self._networks.active.chain_id))

    def prepare_redeem(self, licence_id: int) -> Action[Licence]:
        """Write down on the network how many plays of a licence are used. Raises NotFoundError."""
        chain_id = self._networks.active.chain_id
        known = self._counts.find(chain_id, licence_id)
        if known is None:
            raise NotFoundError("selling.no_voucher", licence=licence_id)
        from desktop_app.chain.artifacts import contract_address
        from desktop_app.chain.contracts import LICENCES

        voucher = Voucher(chain_id, contract_address(LICENCES), licence_id, known.total, known.signature)
        return self._licences.prepare_redeem(licence_id, known.total, voucher)

    def _package_of(self, licence: Licence) -> tuple[SalePackage, str]:
        token = self._tokens.find(self._networks.active.chain_id, licence.token)
        if licence.kind is not LicenceKind.PLAYS or token is None or token.work_id is None:
            raise NotFoundError("licence.unknown", id=licence.id, network=self._networks.active.name)
        packages = self._packages.of_work(token.work_id)
        if not packages:
            raise NotFoundError("licence.unknown", id=licence.id, network=self._networks.active.name)
        return packages[0], self._works.get(token.work_id).media_type


def _signer(chain_id: int, licence_id: int, total: int, signature: bytes) -> str:
    """The address that signed a voucher; "" for what is no signature."""
    from eth_account import Account
    from eth_account.messages import encode_typed_data

    # eth_account also reads other recovery numbers, with which the contract would refuse the voucher.
    if len(signature) != 65 or signature[64] not in (27, 28):
        return ""
    message = encode_typed_data(full_message=plays_message(chain_id, licence_id, total))
    try:
        return str(Account.recover_message(message, signature=signature))
    except Exception:  # noqa: BLE001 - eth_account raises many kinds for bad signatures
        return ""
