"""Putting a work's sealed record on a network, once, and knowing afterwards how that went."""

from __future__ import annotations

from secrets import token_bytes

from desktop_app.chain import reads
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import REGISTRY, anchor_call, register_call
from desktop_app.chain.logs import REGISTERED, Registered, decode_logs
from desktop_app.chain.sender import Receipt
from desktop_app.core.errors import BugError, ColophonError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import registration as proofs
from desktop_app.proofs.commitment import Opening, blinding, content_scalar, owner_key
from desktop_app.proofs.group import default_group
from desktop_app.services.actions import Action, Review
from desktop_app.services.networks import Network, NetworkService
from desktop_app.services.wallet import OwnerSecrets, WalletService
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import Registration, RegistrationRepository, RegistrationStatus
from desktop_app.store.works import Work, WorkRepository

__all__ = ["Registration", "RegistrationService", "RegistrationStatus", "opening_of"]

SEARCH_BLOCKS = 5_000
NO_URI = bytes(32)
"""Nothing is published about a sealed work."""


def opening_of(
    work: Work, secrets: OwnerSecrets, record_salt: bytes, chain_id: int, registry: str
) -> Opening:
    """The secret inside of a work's commitment on one network."""
    return Opening(
        content_scalar(work.chunk_root, work.size),
        owner_key(secrets.seed),
        blinding(secrets.seed, record_salt, chain_id, bytes.fromhex(registry[2:])),
    )


class RegistrationService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        wallet: WalletService,
        networks: NetworkService,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._wallet = wallet
        self._networks = networks

    def prepare(self, work_id: str, network_key: str = "") -> Action[Registration]:
        """Seal the work and prove, to the contract, that the sender knows what is inside.

        Where a network cannot check the proof, the same record is made without it. Raises RefusedError when
        the work has a record there already, or one on its way.
        """
        work = self._works.get(work_id)
        chain = self._networks.chain(network_key)
        network = chain.network
        self.refresh(network.key)
        for known in self._registrations.for_work(work.id):
            if known.chain_id != network.chain_id or known.status is RegistrationStatus.FAILED:
                continue
            state = "already_registered" if known.status is RegistrationStatus.CONFIRMED else "on_its_way"
            raise RefusedError(f"registration.{state}", title=work.title, network=network.name)
        self._networks.require_contracts(chain)
        sender = self._networks.sender(chain)
        registry = contract_address(REGISTRY)
        salt = token_bytes(32)
        opening = opening_of(work, self._wallet.owner_secrets(), salt, network.chain_id, registry)
        proof = proofs.make(network.chain_id, registry, sender.address, opening)
        proved = chain.has_precompile()
        if proved:
            call = register_call(proof.commitment, proof.challenge, proof.responses, NO_URI)
        else:
            call = anchor_call(proof.commitment, NO_URI)
        quote = sender.quote(call)
        group = default_group()
        row = Registration(
            id=new_id(),
            work_id=work.id,
            chain_id=network.chain_id,
            registry=registry,
            registrant=sender.address,
            commitment=group.encode(group.decode_from_chain(proof.commitment)),
            commitment_id=proof.commitment_id,
            record_salt=salt,
            proved=proved,
        )

        def run(task: Task) -> Registration:
            # The salt must be on disk before the record can exist: without it nobody could open it again.
            self._registrations.add(row)
            task.report(0, 2, "stage.sending")
            try:
                tx_hash = sender.submit(call, quote, task)
            except ColophonError:
                # Not sent, or refused for good: the journal knows of nothing on its way.
                self._registrations.fail(row.id)
                raise
            self._registrations.set_transaction(row.id, tx_hash)
            task.report(1, 2, "stage.waiting_for_block")
            try:
                receipt = sender.wait(tx_hash, task)
            except RefusedError:
                self._registrations.fail(row.id)
                raise
            self._confirm(chain, row, receipt)
            return self._registrations.get(row.id)

        review = Review(
            action="review.register" if proved else "review.anchor",
            network_key=network.key,
            network_name=network.name,
            is_practice=network.kind == "practice",
            sender=sender.address,
            recipient=registry,
            fee_worst_case=quote.worst_case,
            params={"title": work.title},
        )
        return Action(review, run, [call])

    def for_work(self, work_id: str) -> tuple[Registration, ...]:
        """All records of a work, newest first."""
        return tuple(self._registrations.for_work(work_id))

    def current(self, work_id: str) -> Registration | None:
        """The confirmed record of a work on the active network."""
        return self._registrations.confirmed(work_id, self._networks.active.chain_id)

    def elsewhere(self, work_id: str) -> dict[str, str]:
        """Other networks than the active one on which a work is registered: name by key."""
        here = self._networks.active.chain_id
        found = {}
        for row in self._registrations.for_work(work_id):
            network = self.network_of(row)
            confirmed = row.status is RegistrationStatus.CONFIRMED
            if network is not None and confirmed and network.chain_id != here:
                found[network.key] = network.name
        return found

    def network_of(self, registration: Registration) -> Network | None:
        """The network that a record is on, None when the app does not know it."""
        for known in self._networks.networks():
            if known.chain_id == registration.chain_id:
                return known
        return None

    def refresh(self, network_key: str = "") -> None:
        """Find out what became of records that were on their way, as after a restart."""
        chain = self._networks.chain(network_key)
        own = {account.address for account in self._wallet.status().accounts}
        waiting = [
            row for row in self._registrations.pending(chain.network.chain_id) if row.registrant in own
        ]
        if not waiting:
            return
        sender = self._networks.sender(chain)
        on_their_way = set(sender.resume())
        for row in waiting:
            if reads.record(chain, row.registrant, row.commitment_id) is None:
                if row.tx_hash not in on_their_way:
                    self._registrations.fail(row.id)
                continue
            tx_hash = row.tx_hash or _find_transaction(chain, row)
            receipt = None if tx_hash is None else sender.receipt(tx_hash)
            if receipt is not None:
                self._confirm(chain, row, receipt)

    def _confirm(self, chain: Chain, row: Registration, receipt: Receipt) -> None:
        events = [event for event in decode_logs(list(receipt.logs)) if isinstance(event, Registered)]
        ours = [event for event in events if event.commitment_id == row.commitment_id]
        record = reads.record(chain, row.registrant, row.commitment_id)
        if len(ours) != 1 or record is None:
            raise BugError("the transaction succeeded, but the record is not there")
        self._registrations.confirm(
            row.id,
            tx_hash=receipt.tx_hash,
            block_number=receipt.block_number,
            block_time=record.registered_at,
            proved=ours[0].proved,
        )


def _find_transaction(chain: Chain, row: Registration) -> str | None:
    """The transaction of a record whose hash was not noted before a crash, from the last blocks."""
    head = chain.block_number()
    topics = [REGISTERED, "0x" + "0" * 24 + row.registrant[2:].lower(), "0x" + row.commitment_id.hex()]
    for event in decode_logs(chain.logs(max(0, head - SEARCH_BLOCKS), head, [row.registry], topics)):
        return event.place.tx_hash
    return None
