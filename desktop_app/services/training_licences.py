"""The licence on a network under which a model is trained: does it name this data, this buyer, this run?

A run under such licences names them as "eip155:CHAIN:CONTRACT/NUMBERS" (the contract as in CAIP-10, then the
numbers of the licences there, smallest first). Any other text is the trainer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from desktop_app.chain import licence_reads
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import LICENCES
from desktop_app.core.clock import Clock
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from desktop_app.services.licence_terms import LicenceKind
from desktop_app.services.networks import NetworkService
from desktop_app.services.wallet import WalletService
from desktop_app.store.training_licences import StoredLicence, TrainingLicenceRepository
from desktop_app.training.certificate import TrainingCertificate
from desktop_app.training.claim import MAX_NAME
from desktop_app.training.consent import NO_DATA
from desktop_app.training.federated import FederatedCertificate

__all__ = ["LicenceFinding", "LicenceState", "Reference", "StoredLicence", "TrainingLicences"]

_NUMBER = "[1-9][0-9]{0,17}"
_FORM = re.compile(
    rf"eip155:([1-9][0-9]{{0,15}}):(0x[0-9a-fA-F]{{40}})/({_NUMBER}(?:,{_NUMBER})*)", re.ASCII
)


@dataclass(frozen=True)
class Reference:
    """Licences of one contract on one network."""

    chain_id: int
    contract: str
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return f"eip155:{self.chain_id}:{self.contract}/{','.join(map(str, self.numbers))}"

    @staticmethod
    def read(text: str) -> Reference | None:
        """None for a text that is no reference, in its one form."""
        match = _FORM.fullmatch(text)
        if match is None:
            return None
        found = Reference(int(match[1]), match[2], tuple(int(each) for each in match[3].split(",")))
        return found if tuple(sorted(set(found.numbers))) == found.numbers else None


class LicenceState(StrEnum):
    """How well a licence is known; "training.licence_<state>" words it."""

    CONFIRMED = "confirmed"
    """Read from the network now."""
    STORED = "stored"
    """As the network told it at `read_at`; it cannot have been taken away since, only have run out."""
    UNCHECKED = "unchecked"
    """Nobody has been asked."""


@dataclass(frozen=True)
class LicenceFinding:
    """One licence that a certificate names. `licence` is None while it is unchecked.

    `buyer_signed`: the licensee signed the run. `seller_signed`: who sold the licence signed as the owner of
    the data; `other_owner`: the address that signed as owner and is not the seller.
    """

    chain_id: int
    number: int
    state: LicenceState
    licence: StoredLicence | None
    buyer_signed: bool = False
    seller_signed: bool = False
    other_owner: str = ""


class TrainingLicences:
    def __init__(
        self,
        records: TrainingLicenceRepository,
        networks: NetworkService,
        wallet: WalletService,
        clock: Clock,
    ) -> None:
        self._records = records
        self._networks = networks
        self._wallet = wallet
        self._clock = clock

    def reference(self, numbers: Sequence[int]) -> Reference:
        """Licences on the active network, by their numbers."""
        chosen = tuple(sorted(set(numbers)))
        if not chosen or chosen[0] < 1:
            raise InvalidInputError("training.licence_number")
        found = Reference(self._networks.active.chain_id, contract_address(LICENCES), chosen)
        if len(str(found)) > MAX_NAME:
            raise InvalidInputError("training.too_many_licences")
        return found

    def find(self, reference: Reference, *, online: bool = True) -> tuple[StoredLicence, ...]:
        """The licences, from the network, or as last read where it does not answer.

        Raises NotFoundError `training.licence_unknown`, UnavailableError where nothing was read before.
        """
        return tuple(self._one(reference, number, online) for number in reference.numbers)

    def require(
        self, reference: Reference, identities: Sequence[str], uses: Mapping[int, int]
    ) -> tuple[StoredLicence, ...]:
        """The licences for a run on these data sets by an account of this wallet, or RefusedError.

        `uses`: how many runs were made here under each licence.
        """
        found = self.find(reference)
        mine = {account.address for account in self._wallet.status().accounts}
        for one in found:
            _require_fit(one, identities)
            if one.licensee not in mine:
                raise RefusedError("training.licence_of_another", id=one.id, licensee=one.licensee)
            if 0 < one.expires_at <= self._clock.now():
                raise RefusedError("training.licence_expired", id=one.id)
            if uses.get(one.id, 0) >= one.quantity:
                raise RefusedError("training.licence_used_up", id=one.id, quantity=one.quantity)
        if len({one.licensee for one in found}) > 1:
            raise RefusedError("training.licences_of_several")
        return found

    def check(self, certificate: TrainingCertificate, *, online: bool) -> tuple[LicenceFinding, ...]:
        """What is known of the licences that a certificate names: from the network, or only from here.

        The certificate must have been verified. Raises RefusedError for a licence that is known and does not
        fit: of another kind, of data that was not used, or of a buyer that is no party.
        """
        if not certificate.segments:
            return ()
        first = certificate.segments[0]
        identities = [header.identity() for header in first.data]
        signers = {each.data: each.signer for each in certificate.consents}
        return self._found(first.licence, identities, first.parties, signers, online)

    def check_federated(
        self, certificate: FederatedCertificate, *, online: bool
    ) -> tuple[LicenceFinding, ...]:
        """The same for a federated run, whose owners each name a licence of their own data.

        Who collects is no party of the proofs, so that the buyer is the buyer of the plan's results at most.
        """
        signers = {each.data: each.signer for each in certificate.consents}
        found: list[LicenceFinding] = []
        for owner in certificate.plan.owners:
            found += self._found(owner.licence, [owner.data.identity()], None, signers, online)
        return tuple(found)

    def _found(
        self,
        licence: str,
        identities: Sequence[str],
        parties: Sequence[str] | None,
        signers: Mapping[str, str],
        online: bool,
    ) -> tuple[LicenceFinding, ...]:
        reference = Reference.read(licence)
        if reference is None:
            if online:
                raise RefusedError("training.licence_is_words")
            return ()
        findings = []
        for number in reference.numbers:
            known = self._known(replace(reference, numbers=(number,)), online)
            if known is None:
                findings.append(LicenceFinding(reference.chain_id, number, LicenceState.UNCHECKED, None))
                continue
            _require_fit(known, identities)
            if parties is not None and known.licensee not in parties:
                raise RefusedError("training.licence_other_buyer", id=number, licensee=known.licensee)
            owner = signers.get(known.data_root.hex(), "")
            findings.append(
                LicenceFinding(
                    reference.chain_id,
                    number,
                    LicenceState.CONFIRMED if online else LicenceState.STORED,
                    known,
                    signers.get(NO_DATA) == known.licensee,
                    owner == known.licensor,
                    owner if owner != known.licensor else "",
                )
            )
        return tuple(findings)

    def _known(self, reference: Reference, online: bool) -> StoredLicence | None:
        if online:
            return self._read(reference, reference.numbers[0])
        return self._records.find(reference.chain_id, reference.contract, reference.numbers[0])

    def _one(self, reference: Reference, number: int, online: bool) -> StoredLicence:
        stored = self._records.find(reference.chain_id, reference.contract, number)
        if not online and stored is not None:
            return stored
        try:
            return self._read(reference, number)
        except UnavailableError:
            if stored is None:
                raise
            return stored

    def _read(self, reference: Reference, number: int) -> StoredLicence:
        network = self._networks.by_chain_id(reference.chain_id)
        if reference.contract != contract_address(LICENCES):
            raise RefusedError("training.licence_other_contract", contract=reference.contract)
        chain = self._networks.chain(network.key)
        chain.check_chain_id()
        found = licence_reads.licence(chain, number)
        if found is None:
            raise NotFoundError("training.licence_unknown", id=number, network=network.name)
        terms = licence_reads.offered_terms(chain, found.token)
        licensor = next((each.licensor for each in terms if each.version == found.version), "")
        read = StoredLicence(
            reference.chain_id, reference.contract, number, found.licensee, licensor, found.token,
            found.version, LicenceKind.of(found.kind).value, found.quantity, found.data_root,
            found.expires_at, self._clock.now(),
        )  # fmt: skip
        self._records.keep(read)
        return read


def _require_fit(licence: StoredLicence, identities: Sequence[str]) -> None:
    if licence.kind != LicenceKind.TRAINING:
        raise RefusedError("training.licence_other_kind", id=licence.id)
    if licence.data_root.hex() not in identities:
        raise RefusedError("training.licence_other_data", id=licence.id, root=licence.data_root.hex())
